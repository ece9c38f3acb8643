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
      actions   = ["events:ListRules", "events:DescribeRule", "events:ListTargetsByRule"]
      resources = ["arn:${local.partition}:events:${var.region}:${local.account}:rule/*"]
    },
    {
      # None of these knows resource-level permissions.
      actions = [
        "batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions", "batch:DescribeJobQueues",
        "batch:DescribeJobs", "batch:ListJobs", "cloudwatch:GetMetricData", "dynamodb:ListStreams",
        "events:TestEventPattern", "logs:DescribeLogGroups",
      ]
      resources = ["*"]
    },
    {
      actions = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
      resources = [
        "${local.job_logs_arn}:*", "${aws_cloudwatch_log_group.rule.arn}:*",
      ]
    },
    {
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = [aws_sqs_queue.dlq.arn]
    },
    {
      # For the doctor: may EventBridge's role, and may I? Whose role the person has is not known here.
      actions   = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
      resources = ["arn:${local.partition}:iam::${local.account}:role/*", "arn:${local.partition}:iam::${local.account}:user/*"]
    },
    {
      actions   = ["ecr:DescribeImages"]
      resources = [aws_ecr_repository.pipeline.arn]
    },
  ]
  operator_statements = [
    { actions = ["events:PutEvents"], resources = [aws_cloudwatch_event_bus.this.arn] },
    { actions = ["batch:CancelJob", "batch:TerminateJob"], resources = ["${local.batch_arn}:job/*"] },
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
    }
  }
}

resource "aws_iam_policy" "people" {
  for_each    = local.people
  name        = "${local.account_wide}-${each.key}"
  description = each.value.description
  policy      = data.aws_iam_policy_document.people[each.key].json
}
