# The REST API: not there unless asked for, internal unless told otherwise, and what is refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  api = true
}

run "nothing_without_it" {
  command = plan
  variables {
    api = false
  }
  assert {
    condition     = length(aws_lb.api) + length(aws_ecs_service.api) + length(aws_dynamodb_table.state) + length(aws_secretsmanager_secret.api_token) + length(aws_cloudwatch_metric_alarm.api) + length(aws_subnet.api) + length(aws_iam_role.api) == 0
    error_message = "Without api there is nothing of it."
  }
  assert {
    condition     = length(setintersection(keys(aws_vpc_endpoint.interface), ["batch", "events", "secretsmanager", "sts"])) == 0 && !strcontains(output.env_file, "DYNAMODB_STATE_TABLE_NAME")
    error_message = "Without api, nothing is made or told for it."
  }
}

run "internal" {
  command = plan
  assert {
    condition     = aws_lb.api[0].internal && aws_lb_listener.api[0].port == 80 && aws_lb_listener.api[0].protocol == "HTTP"
    error_message = "Without a certificate it is internal, in plain HTTP."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.api_clients) == ["10.42.0.0/16"]
    error_message = "It is for the VPC alone."
  }
  assert {
    condition     = length(aws_internet_gateway.this) + length(aws_route.api) == 0
    error_message = "No internet leads to it."
  }
  assert {
    condition     = aws_dynamodb_table.state[0].deletion_protection_enabled && aws_lb.api[0].enable_deletion_protection && aws_secretsmanager_secret.api_token[0].recovery_window_in_days == 30
    error_message = "It keeps its data by default."
  }
}

run "internal_with_tls" {
  command = plan
  variables {
    api_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    api_allowed_cidrs   = ["10.0.0.0/8", "192.168.0.0/16"]
    ephemeral           = true
  }
  assert {
    condition     = aws_lb.api[0].internal && aws_lb_listener.api[0].port == 443 && length(aws_route.api) == 0
    error_message = "A certificate alone opens nothing."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.api_clients) == ["10.0.0.0/8", "192.168.0.0/16"]
    error_message = "Only who is named reaches it."
  }
  assert {
    condition     = !aws_dynamodb_table.state[0].deletion_protection_enabled && !aws_lb.api[0].enable_deletion_protection && aws_secretsmanager_secret.api_token[0].recovery_window_in_days == 0
    error_message = "For trying out, all of it goes at once."
  }
}

run "smallest" {
  command = plan
  variables {
    vpc_cidr      = "10.9.0.0/24"
    nat_gateway   = true
    api_tasks_min = 1
    api_tasks_max = 1
    api_image     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1"
  }
  assert {
    condition     = [for s in aws_subnet.api : s.cidr_block] == ["10.9.0.128/27", "10.9.0.160/27"]
    error_message = "A load balancer needs /27, also in the smallest VPC."
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) + length(aws_vpc_security_group_ingress_rule.endpoint_api) == 0
    error_message = "NAT needs no endpoints."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.api[0].container_definitions)[0].image == "123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1" && local.api_repository == "api"
    error_message = "An image of its own is used, and ECS may pull it."
  }
}

run "existing_network" {
  command = plan
  variables {
    vpc_id         = "vpc-0123456789abcdef0"
    subnet_ids     = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    api_subnet_ids = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
  }
  assert {
    condition     = aws_lb.api[0].subnets == toset(["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]) && aws_ecs_service.api[0].network_configuration[0].subnets == toset(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    error_message = "Load balancer and tasks are in the subnets that are named."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.api_clients) == ["10.7.0.0/16"] && contains(local.api_command, "10.7.1.0/24")
    error_message = "The VPC may ask, and the load balancer's subnets are believed."
  }
}

run "refused_values" {
  command = plan
  variables {
    name                  = "internal"
    api_certificate_arn   = "mine"
    api_allowed_cidrs     = ["all"]
    api_subnet_ids        = ["10.0.0.0/24"]
    api_image             = "my image"
    api_cpu               = 300
    api_memory            = 512.5
    api_tasks_min         = 1.5
    api_tasks_max         = 0
    api_requests_per_task = 0.5
    api_rate              = -1
    api_latency_alarm_s   = 0
  }
  expect_failures = [
    var.api, var.api_certificate_arn, var.api_allowed_cidrs, var.api_subnet_ids, var.api_image, var.api_cpu,
    var.api_memory, var.api_tasks_min, var.api_tasks_max, var.api_requests_per_task, var.api_rate,
    var.api_latency_alarm_s,
  ]
}

run "refused_nobody" {
  command = plan
  variables {
    api_allowed_cidrs = []
  }
  expect_failures = [var.api_allowed_cidrs]
}

run "refused_open_and_clear" {
  command = plan
  variables {
    api_internet_facing = true
  }
  expect_failures = [aws_lb.api]
}

run "refused_one_subnet" {
  command = plan
  variables {
    vpc_id         = "vpc-0123456789abcdef0"
    subnet_ids     = ["subnet-0123456789abcdef0"]
    api_subnet_ids = ["subnet-0123456789abcdef2"]
  }
  expect_failures = [aws_lb.api]
}

run "refused_memory" {
  command = plan
  variables {
    api_memory = 4096
  }
  expect_failures = [aws_ecs_task_definition.api]
}

run "refused_fewer_at_most" {
  command = plan
  variables {
    api_tasks_max = 1
  }
  expect_failures = [aws_appautoscaling_target.api]
}
