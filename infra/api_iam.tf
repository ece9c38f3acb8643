# What the API's tasks may: what `mvpdash iam --api` prints, for this account and this system's names.
# tests/lint/iam.sh compares the actions, tests/conformance/terraform_api.py the resources too.

locals {
  api_statements = [
    {
      actions   = ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"]
      resources = [aws_dynamodb_table.jobs.arn, "${aws_dynamodb_table.jobs.arn}/index/*"]
    },
    {
      actions   = ["events:DescribeEventBus"]
      resources = [aws_cloudwatch_event_bus.this.arn, "arn:${local.partition}:events:${var.region}:${local.account}:event-bus/default"]
    },
    {
      actions   = ["events:DescribeRule", "events:ListTargetsByRule"]
      resources = ["arn:${local.partition}:events:${var.region}:${local.account}:rule/*"]
    },
    {
      # None of these knows resource-level permissions.
      actions = [
        "batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions", "batch:DescribeJobQueues",
        "batch:DescribeJobs", "batch:ListJobs", "cloudwatch:GetMetricData", "events:ListRules",
        "events:TestEventPattern", "logs:DescribeLogGroups",
      ]
      resources = ["*"]
    },
    {
      # For POST /test-connection: has a finished job left a log?
      actions   = ["logs:GetLogEvents"]
      resources = ["${local.job_logs_arn}:*"]
    },
    {
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = [aws_sqs_queue.dlq.arn]
    },
    {
      # For POST /test-connection: may EventBridge's role, and may the task itself? It is a role, so that it
      # needs no user's name.
      actions   = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
      resources = ["arn:${local.partition}:iam::${local.account}:role/${local.account_wide}-*"]
    },
    {
      actions   = ["ecr:DescribeImages"]
      resources = [aws_ecr_repository.pipeline.arn]
    },
    {
      actions   = ["events:PutEvents"]
      resources = [aws_cloudwatch_event_bus.this.arn]
    },
    {
      # No job that carries another system's tag (people.tf).
      actions   = ["batch:TerminateJob"]
      resources = ["${local.batch_arn}:job/*"]
      tag       = { Project = var.name }
    },
    {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = [aws_dynamodb_table.jobs.arn]
    },
    {
      actions = [
        "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
      ]
      resources = aws_dynamodb_table.state[*].arn
    },
  ]
}

data "aws_iam_policy_document" "api_trust" {
  count = var.api ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    # Nobody else's account, and no other service of ours, may have ECS act with these roles.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${var.region}:${local.account}:*"]
    }
  }
}

resource "aws_iam_role" "api" {
  count              = var.api ? 1 : 0
  name               = "${local.account_wide}-api"
  assume_role_policy = data.aws_iam_policy_document.api_trust[0].json
}

data "aws_iam_policy_document" "api" {
  count = var.api ? 1 : 0

  dynamic "statement" {
    for_each = local.api_statements
    content {
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = try(statement.value.tag, {})
        content {
          test     = "StringEqualsIfExists"
          variable = "aws:ResourceTag/${condition.key}"
          values   = [condition.value]
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "api" {
  count  = var.api ? 1 : 0
  name   = "serve"
  role   = aws_iam_role.api[0].id
  policy = data.aws_iam_policy_document.api[0].json
}

# ECS pulls the image, opens the log and reads the token, before the container runs.
resource "aws_iam_role" "api_execution" {
  count              = var.api ? 1 : 0
  name               = "${local.account_wide}-api-execution"
  assume_role_policy = data.aws_iam_policy_document.api_trust[0].json
}

data "aws_iam_policy_document" "api_execution" {
  count = var.api ? 1 : 0

  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = local.api_repository == null ? [] : [local.api_repository]
    content {
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = ["arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${statement.value}"]
    }
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.api[0].arn}:*"]
  }
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.api_token[0].arn]
  }
}

resource "aws_iam_role_policy" "api_execution" {
  count  = var.api ? 1 : 0
  name   = "start"
  role   = aws_iam_role.api_execution[0].id
  policy = data.aws_iam_policy_document.api_execution[0].json
}
