# One role a service, each with the least it needs; then two policies for people.

data "aws_iam_policy_document" "trust" {
  for_each = {
    events    = "events.amazonaws.com"
    batch     = "batch.amazonaws.com"
    execution = "ecs-tasks.amazonaws.com"
    job       = "ecs-tasks.amazonaws.com"
    tracker   = "states.amazonaws.com"
    flow      = "vpc-flow-logs.amazonaws.com"
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [each.value]
    }
    # Nobody else's account may make these services act with our roles.
    dynamic "condition" {
      for_each = contains(["batch"], each.key) ? [] : [1]
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account]
      }
    }
  }
}

# EventBridge starts the job and the tracker.
resource "aws_iam_role" "events" {
  name               = "${local.account_wide}-events"
  assume_role_policy = data.aws_iam_policy_document.trust["events"].json
}

data "aws_iam_policy_document" "events" {
  statement {
    actions = ["batch:SubmitJob"]
    resources = [
      local.queue_arn,
      "${local.batch_arn}:job-definition/${local.definition}",
      "${local.batch_arn}:job-definition/${local.definition}:*",
      "${local.batch_arn}:job/*",
    ]
  }
  statement {
    actions   = ["states:StartExecution"]
    resources = [aws_sfn_state_machine.tracker.arn]
  }
}

resource "aws_iam_role_policy" "events" {
  name   = "start"
  role   = aws_iam_role.events.id
  policy = data.aws_iam_policy_document.events.json
}

# Batch runs Fargate tasks.
resource "aws_iam_role" "batch" {
  name               = "${local.account_wide}-batch"
  assume_role_policy = data.aws_iam_policy_document.trust["batch"].json

  # An environment whose role is gone is invalid: another role is there first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy_attachment" "batch" {
  role       = aws_iam_role.batch.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSBatchServiceRole"
}

# ECS pulls the image, opens the log and reads the secret, before the container runs.
resource "aws_iam_role" "execution" {
  name               = "${local.account_wide}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust["execution"].json
}

data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = distinct(concat(
      [aws_ecr_repository.pipeline.arn],
      local.other_repository == null ? [] : ["arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${local.other_repository}"],
    ))
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.job_logs_arn}:*"]
  }
  dynamic "statement" {
    for_each = aws_secretsmanager_secret.database[*].arn
    content {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# The container reads and reports its own record, and publishes when a bucket is given.
resource "aws_iam_role" "job" {
  name               = "${local.account_wide}-job"
  assume_role_policy = data.aws_iam_policy_document.trust["job"].json
}

data "aws_iam_policy_document" "job" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.jobs.arn]
  }
  dynamic "statement" {
    for_each = var.publish_bucket == null ? [] : [var.publish_bucket]
    content {
      actions   = ["s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::${statement.value}/*"]
    }
  }
}

resource "aws_iam_role_policy" "job" {
  name   = "report"
  role   = aws_iam_role.job.id
  policy = data.aws_iam_policy_document.job.json
}

# The tracker writes the record, counts failures and announces the end.
resource "aws_iam_role" "tracker" {
  name               = "${local.account_wide}-tracker"
  assume_role_policy = data.aws_iam_policy_document.trust["tracker"].json
}

data "aws_iam_policy_document" "tracker" {
  statement {
    actions   = ["dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.jobs.arn]
  }
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.finished.arn, aws_sns_topic.failed.arn]
  }
  statement {
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["MVPDash"]
    }
  }
  # Log delivery of Step Functions has no resource-level permissions.
  statement {
    actions = [
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "tracker" {
  name   = "track"
  role   = aws_iam_role.tracker.id
  policy = data.aws_iam_policy_document.tracker.json
}
