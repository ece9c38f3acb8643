# The way to the REST API: a load balancer in subnets of its own, which alone reaches the tasks. The
# subnets lead to the internet only when it is internet-facing.

locals {
  api_new_vpc = var.api && local.new_vpc
  api_public  = var.api && var.api_internet_facing
  api_tls     = var.api_certificate_arn != null
  api_port    = 8080

  api_lb_subnet_ids = local.new_vpc ? aws_subnet.api[*].id : var.api_subnet_ids
  # The load balancer's addresses are in its subnets: `serve` believes what these say of their client.
  api_lb_cidrs = local.new_vpc ? aws_subnet.api[*].cidr_block : [for s in data.aws_subnet.api : s.cidr_block]
  api_clients = coalesce(
    var.api_allowed_cidrs,
    local.api_public ? ["0.0.0.0/0"] : [local.new_vpc ? var.vpc_cidr : try(data.aws_vpc.api[0].cidr_block, null)]
  )

  # What a task calls and a gateway endpoint does not reach. SQS, CloudWatch and IAM are left out: only
  # POST /test-connection asks them, and IAM has no endpoint in a VPC anyway.
  api_endpoints = var.api ? ["batch", "events", "secretsmanager", "sts"] : []
}

data "aws_vpc" "api" {
  count = var.api && !local.new_vpc ? 1 : 0
  id    = var.vpc_id
}

data "aws_subnet" "api" {
  for_each = var.api && !local.new_vpc ? toset(var.api_subnet_ids) : toset([])
  id       = each.key
}

# A load balancer wants /27 at least: eighths of the VPC, behind the private subnets.
resource "aws_subnet" "api" {
  count             = local.api_new_vpc ? 2 : 0
  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(var.vpc_cidr, 3, 4 + count.index)
  availability_zone = local.zones[count.index]
  tags              = { Name = "${var.name}-api-${local.zones[count.index]}" }
}

resource "aws_route_table" "api" {
  count  = local.api_new_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-api" }
}

resource "aws_route_table_association" "api" {
  count          = local.api_new_vpc ? 2 : 0
  subnet_id      = aws_subnet.api[count.index].id
  route_table_id = aws_route_table.api[0].id
}

resource "aws_route" "api" {
  count                  = local.api_new_vpc && local.api_public ? 1 : 0
  route_table_id         = aws_route_table.api[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

# ---- who may speak to whom ----

resource "aws_security_group" "api_lb" {
  count       = var.api ? 1 : 0
  name        = "${var.name}-api-lb"
  description = "Load balancer of the REST API: clients in, tasks out"
  vpc_id      = local.vpc_id
  tags        = { Name = "${var.name}-api-lb" }
}

resource "aws_vpc_security_group_ingress_rule" "api_clients" {
  for_each          = var.api ? toset(local.api_clients) : toset([])
  security_group_id = aws_security_group.api_lb[0].id
  description       = "Clients"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = local.api_tls ? 443 : 80
  to_port           = local.api_tls ? 443 : 80
}

resource "aws_vpc_security_group_egress_rule" "api_lb" {
  count                        = var.api ? 1 : 0
  security_group_id            = aws_security_group.api_lb[0].id
  description                  = "To the tasks"
  referenced_security_group_id = aws_security_group.api[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.api_port
  to_port                      = local.api_port
}

resource "aws_security_group" "api" {
  count       = var.api ? 1 : 0
  name        = "${var.name}-api"
  description = "Tasks of the REST API: the load balancer in, HTTPS out"
  vpc_id      = local.vpc_id
  tags        = { Name = "${var.name}-api" }
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  count                        = var.api ? 1 : 0
  security_group_id            = aws_security_group.api[0].id
  description                  = "From the load balancer"
  referenced_security_group_id = aws_security_group.api_lb[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.api_port
  to_port                      = local.api_port
}

resource "aws_vpc_security_group_egress_rule" "api_https" {
  count             = var.api ? 1 : 0
  security_group_id = aws_security_group.api[0].id
  description       = "AWS endpoints"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "endpoint_api" {
  count                        = var.api && length(local.interface_endpoints) > 0 ? 1 : 0
  security_group_id            = aws_security_group.endpoint[0].id
  description                  = "From the API's tasks"
  referenced_security_group_id = aws_security_group.api[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# ---- the load balancer ----

resource "aws_lb" "api" {
  count              = var.api ? 1 : 0
  name               = "${var.name}-api"
  load_balancer_type = "application"
  internal           = !local.api_public
  subnets            = local.api_lb_subnet_ids
  security_groups    = [aws_security_group.api_lb[0].id]
  # `serve` closes a connection that was idle for 30 s. The load balancer must be the first to, or it
  # sends a request into one that is being closed, and answers 502. No request takes more than 10 s.
  idle_timeout = 20
  # The server takes no header field in doubt either; refused here, it costs no task anything.
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  # It holds no data, but its address is what clients know.
  enable_deletion_protection = !var.ephemeral

  lifecycle {
    precondition {
      condition     = !var.api_internet_facing || local.api_tls
      error_message = "api_internet_facing: needs api_certificate_arn. Tokens do not cross the internet in clear."
    }
    precondition {
      condition     = local.new_vpc || length(var.api_subnet_ids) >= 2
      error_message = "api_subnet_ids: name two subnets or more of the existing VPC, in as many zones."
    }
  }
}

resource "aws_lb_target_group" "api" {
  count       = var.api ? 1 : 0
  name        = "${var.name}-api"
  vpc_id      = local.vpc_id
  target_type = "ip"
  protocol    = "HTTP"
  port        = local.api_port
  # A task that waits for a slow AWS has more requests under way: others are asked then.
  load_balancing_algorithm_type = "least_outstanding_requests"
  # No request takes longer than 10 s; the rest is for connections that still bring some.
  deregistration_delay = 30

  # Needs no token, and says what was found of late about table and bus within 2 s.
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 6
  }
}

# Nothing listens on port 80 beside TLS: a redirect would come after the token was sent in clear.
resource "aws_lb_listener" "api" {
  count             = var.api ? 1 : 0
  load_balancer_arn = aws_lb.api[0].arn
  protocol          = local.api_tls ? "HTTPS" : "HTTP"
  port              = local.api_tls ? 443 : 80
  certificate_arn   = var.api_certificate_arn
  ssl_policy        = local.api_tls ? "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" : null

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api[0].arn
  }
}
