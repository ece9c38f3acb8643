# Two policies for people: attach `viewer` to who watches, `operator` to who deploys and cancels.

locals {
  viewer_statements = [
    {
      actions   = ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"]
      resources = [aws_dynamodb_table.jobs.arn, "${aws_dynamodb_table.jobs.arn}/index/*"]
    },
    {
      actions   = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
      resources = ["${aws_dynamodb_table.jobs.arn}/stream/*"]
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
      actions = ["logs:FilterLogEvents", "logs:GetLogEvents"]
      resources = [
        "${local.job_logs_arn}:*", "${aws_cloudwatch_log_group.rule.arn}:*",
      ]
    },
    {
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = [aws_sqs_queue.dlq.arn]
    },
    {
      # For the doctor: may this system's roles, and may I? Of one's own roles IAM offers no such name.
      actions = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
      resources = [
        "arn:${local.partition}:iam::${local.account}:role/${local.account_wide}-*",
        "arn:${local.partition}:iam::${local.account}:user/$${aws:username}",
      ]
    },
    {
      actions   = ["ecr:DescribeImages"]
      resources = [aws_ecr_repository.pipeline.arn]
    },
  ]
  operator_statements = [
    { actions = ["events:PutEvents"], resources = [aws_cloudwatch_event_bus.this.arn] },
    {
      # IAM knows a job by its id alone, not by its queue or name, and by its tags. A job that EventBridge
      # starts has none (its target takes no tags); those that carry another system's are out of reach.
      actions   = ["batch:TerminateJob"]
      resources = ["${local.batch_arn}:job/*"]
      tag       = { Project = var.name }
    },
    { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [aws_dynamodb_table.jobs.arn] },
    {
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
      resources = [aws_sqs_queue.dlq.arn]
    },
  ]
  people = {
    viewer   = { description = "Watch the pipeline with mvpdash", statements = local.viewer_statements }
    operator = { description = "Watch, deploy, cancel and redrive with mvpdash", statements = concat(local.viewer_statements, local.operator_statements) }
  }
}

data "aws_iam_policy_document" "people" {
  for_each = local.people

  dynamic "statement" {
    for_each = each.value.statements
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

resource "aws_iam_policy" "people" {
  for_each    = local.people
  name        = "${local.account_wide}-${each.key}"
  description = each.value.description
  policy      = data.aws_iam_policy_document.people[each.key].json
}
