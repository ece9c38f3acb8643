# The REST API, `mvpdash serve`, on Fargate: tasks in two zones that keep what they share in DynamoDB, so
# that any of them may go at any time. Only with `-var api=true`.

locals {
  api_image = coalesce(var.api_image, local.image)
  # Of an image in another repository of this account's ECR, the repository's name.
  api_repository = try(regex("^${local.account}[.]dkr[.]ecr[.]${var.region}[.][a-z.]+/([^:@]+)", local.api_image)[0], null)

  # The memory in MiB that Fargate offers for each size: least, most, step.
  api_memory_range = {
    256  = [512, 2048, 512]
    512  = [1024, 4096, 1024]
    1024 = [2048, 8192, 1024]
    2048 = [4096, 16384, 1024]
    4096 = [8192, 30720, 1024]
  }[var.api_cpu]

  api_command = concat(
    ["serve", "--listen", "0.0.0.0:${local.api_port}", "--state", "table", "--rate", tostring(var.api_rate)],
    flatten([for c in local.api_lb_cidrs : ["--trusted-proxy", c]]),
  )
}

# MVPDASH_API_TOKEN. Terraform makes the place, never the value: a value in a variable would stand in the
# state file. No task starts before the value is there (assets/aws.md, "The API on AWS").
resource "aws_secretsmanager_secret" "api_token" {
  count                   = var.api ? 1 : 0
  name                    = "${var.name}/api-token"
  description             = "MVPDASH_API_TOKEN of the REST API: one token, or lines of `name token`"
  recovery_window_in_days = var.ephemeral ? 0 : 30
  kms_key_id              = local.key
}

resource "aws_cloudwatch_log_group" "api" {
  count             = var.api ? 1 : 0
  name              = "/ecs/${var.name}-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

resource "aws_ecs_cluster" "api" {
  count = var.api ? 1 : 0
  name  = "${var.name}-api"
}

resource "aws_ecs_task_definition" "api" {
  count                    = var.api ? 1 : 0
  family                   = "${var.name}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.api_cpu
  memory                   = var.api_memory
  task_role_arn            = aws_iam_role.api[0].arn
  execution_role_arn       = aws_iam_role.api_execution[0].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  # For what a task keeps for itself, such as how long jobs took. It goes with the task.
  volume {
    name = "work"
  }

  container_definitions = jsonencode([{
    name                   = "api"
    image                  = local.api_image
    essential              = true
    entryPoint             = ["/usr/local/bin/mvpdash"]
    command                = local.api_command
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    # SIGTERM: `serve` answers what is under way for 25 s at most, then tells its log what is left.
    stopTimeout     = 40
    linuxParameters = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    ulimits         = [{ name = "nofile", softLimit = 4096, hardLimit = 4096 }]
    mountPoints     = [{ sourceVolume = "work", containerPath = "/work", readOnly = false }]
    portMappings    = [{ containerPort = local.api_port, protocol = "tcp" }]
    environment = [
      for k, v in merge(local.settings, { MVPDASH_STATE = "table" }) : { name = k, value = v }
    ]
    secrets = [{ name = "MVPDASH_API_TOKEN", valueFrom = aws_secretsmanager_secret.api_token[0].arn }]
    healthCheck = {
      command     = ["CMD", "curl", "-fsS", "-m", "4", "-o", "/dev/null", "http://127.0.0.1:${local.api_port}/healthz"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 15
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.api[0].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "api"
        "mode"                  = "non-blocking"
        "max-buffer-size"       = "4m"
      }
    }
  }])

  lifecycle {
    precondition {
      condition = (
        var.api_memory >= local.api_memory_range[0] && var.api_memory <= local.api_memory_range[1] &&
        (var.api_memory % local.api_memory_range[2] == 0 || var.api_memory == local.api_memory_range[0])
      )
      error_message = "api_memory: with ${var.api_cpu} CPU units Fargate offers ${local.api_memory_range[0]} to ${local.api_memory_range[1]} MiB in steps of ${local.api_memory_range[2]}."
    }
  }
}

resource "aws_ecs_service" "api" {
  count                             = var.api ? 1 : 0
  name                              = "${var.name}-api"
  cluster                           = aws_ecs_cluster.api[0].arn
  task_definition                   = aws_ecs_task_definition.api[0].arn
  launch_type                       = "FARGATE"
  desired_count                     = var.api_tasks_min
  availability_zone_rebalancing     = "ENABLED"
  propagate_tags                    = "SERVICE"
  health_check_grace_period_seconds = 60
  # A new task must be well before an old one goes.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.subnet_ids
    security_groups  = [aws_security_group.api[0].id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.api[0].arn
    container_name   = "api"
    container_port   = local.api_port
  }

  lifecycle {
    # The number is autoscaling's.
    ignore_changes = [desired_count]
  }

  # Without the listener the target group belongs to no load balancer, and ECS refuses it.
  depends_on = [aws_lb_listener.api, aws_iam_role_policy.api, aws_iam_role_policy.api_execution]
}

# ---- how many tasks ----

resource "aws_appautoscaling_target" "api" {
  count              = var.api ? 1 : 0
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.api[0].name}/${aws_ecs_service.api[0].name}"
  min_capacity       = var.api_tasks_min
  max_capacity       = var.api_tasks_max

  lifecycle {
    precondition {
      condition     = var.api_tasks_max >= var.api_tasks_min
      error_message = "api_tasks_max: less than api_tasks_min."
    }
  }
}

locals {
  api_scaling = var.api ? {
    cpu      = { metric = "ECSServiceAverageCPUUtilization", target = 60, label = null }
    requests = { metric = "ALBRequestCountPerTarget", target = var.api_requests_per_task, label = "${aws_lb.api[0].arn_suffix}/${aws_lb_target_group.api[0].arn_suffix}" }
  } : {}
}

resource "aws_appautoscaling_policy" "api" {
  for_each           = local.api_scaling
  name               = "${var.name}-api-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.api[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.api[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.api[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}

# ---- for people ----

output "api_url" {
  description = "Where the load balancer answers. With a certificate, have a DNS name of it point here."
  value       = var.api ? "${local.api_tls ? "https" : "http"}://${aws_lb.api[0].dns_name}" : null
}

output "api_token_secret" {
  description = "Put MVPDASH_API_TOKEN here with `aws secretsmanager put-secret-value`."
  value       = one(aws_secretsmanager_secret.api_token[*].name)
}

output "api_service" {
  description = "Cluster and service of the API, for `aws ecs update-service`."
  value       = one(aws_ecs_service.api[*].name)
}
