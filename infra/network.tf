# A VPC of our own, unless an existing one is named: private subnets in two zones, with the endpoints
# that a container needs to start, log and report. No way to the internet unless nat_gateway.

locals {
  new_vpc    = var.vpc_id == null
  vpc_id     = local.new_vpc ? aws_vpc.this[0].id : var.vpc_id
  subnet_ids = local.new_vpc ? aws_subnet.private[*].id : var.subnet_ids
  zones      = local.new_vpc ? slice(data.aws_availability_zones.here[0].names, 0, 2) : []

  # ECR's layers come from S3 and the records go to DynamoDB: both by gateway endpoints, which are free.
  gateway_endpoints = local.new_vpc ? toset(["s3", "dynamodb"]) : toset([])
  interface_endpoints = local.new_vpc && !var.nat_gateway ? toset(concat(
    ["ecr.api", "ecr.dkr", "logs"], var.database_secret ? ["secretsmanager"] : [], local.api_endpoints
  )) : toset([])
}

# Local Zones that the account has opted into come first by name, and have no Fargate.
data "aws_availability_zones" "here" {
  count = local.new_vpc ? 1 : 0
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_vpc" "this" {
  count                = local.new_vpc ? 1 : 0
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# What a VPC begins with lets its members talk to each other and to everybody; nothing here uses it.
resource "aws_default_security_group" "this" {
  count  = local.new_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-default-locked" }
}

resource "aws_flow_log" "this" {
  count                = local.new_vpc && var.flow_logs ? 1 : 0
  vpc_id               = aws_vpc.this[0].id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn         = aws_iam_role.flow[0].arn
  tags                 = { Name = var.name }
}

resource "aws_cloudwatch_log_group" "flow" {
  count             = local.new_vpc && var.flow_logs ? 1 : 0
  name              = "/aws/vpc/${var.name}-flow"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

resource "aws_iam_role" "flow" {
  count              = local.new_vpc && var.flow_logs ? 1 : 0
  name               = "${local.account_wide}-flow"
  assume_role_policy = data.aws_iam_policy_document.trust["flow"].json
}

data "aws_iam_policy_document" "flow" {
  count = local.new_vpc && var.flow_logs ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
  }
  statement {
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "flow" {
  count  = local.new_vpc && var.flow_logs ? 1 : 0
  name   = "write"
  role   = aws_iam_role.flow[0].id
  policy = data.aws_iam_policy_document.flow[0].json
}

resource "aws_subnet" "private" {
  count             = local.new_vpc ? 2 : 0
  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index)
  availability_zone = local.zones[count.index]
  tags              = { Name = "${var.name}-private-${local.zones[count.index]}" }
}

resource "aws_route_table" "private" {
  count  = local.new_vpc ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  count          = local.new_vpc ? 2 : 0
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_security_group" "job" {
  name        = "${var.name}-job"
  description = "Containers of the pipeline: nothing in, HTTPS out"
  vpc_id      = local.vpc_id
  tags        = { Name = "${var.name}-job" }
}

resource "aws_vpc_security_group_egress_rule" "job_https" {
  security_group_id = aws_security_group.job.id
  description       = "AWS endpoints, package registries and git hosts"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "endpoint" {
  count       = length(local.interface_endpoints) > 0 ? 1 : 0
  name        = "${var.name}-endpoint"
  description = "Interface endpoints: HTTPS from the containers"
  vpc_id      = local.vpc_id
  tags        = { Name = "${var.name}-endpoint" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  count                        = length(local.interface_endpoints) > 0 ? 1 : 0
  security_group_id            = aws_security_group.endpoint[0].id
  description                  = "From the containers"
  referenced_security_group_id = aws_security_group.job.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# Through the endpoint for S3: the layers of ECR's images, which live in a bucket of AWS's, and the bucket
# that sites are published to. A container that was taken over can carry nothing to a bucket of its own,
# unless there is a NAT gateway: then stages need S3 as it is (package mirrors), and no policy is set.
data "aws_iam_policy_document" "s3_endpoint" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.publish_bucket == null ? [] : [var.publish_bucket]
    content {
      actions   = ["s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::${statement.value}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = [local.account]
      }
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each          = local.gateway_endpoints
  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private[0].id]
  policy            = each.key == "s3" && !var.nat_gateway ? data.aws_iam_policy_document.s3_endpoint.json : null
  tags              = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each            = local.interface_endpoints
  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoint[0].id]
  tags                = { Name = "${var.name}-${each.key}" }
}

resource "aws_internet_gateway" "this" {
  count  = local.new_vpc && (var.nat_gateway || local.api_public) ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = var.name }
}

resource "aws_subnet" "public" {
  count             = local.new_vpc && var.nat_gateway ? 1 : 0
  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, 15)
  availability_zone = local.zones[0]
  tags              = { Name = "${var.name}-public" }
}

resource "aws_route_table" "public" {
  count  = local.new_vpc && var.nat_gateway ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "public" {
  count                  = local.new_vpc && var.nat_gateway ? 1 : 0
  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count          = local.new_vpc && var.nat_gateway ? 1 : 0
  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count  = local.new_vpc && var.nat_gateway ? 1 : 0
  domain = "vpc"
  tags   = { Name = "${var.name}-nat" }
}

resource "aws_nat_gateway" "this" {
  count         = local.new_vpc && var.nat_gateway ? 1 : 0
  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id
  tags          = { Name = var.name }
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route" "private" {
  count                  = local.new_vpc && var.nat_gateway ? 1 : 0
  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}
