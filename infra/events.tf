# The bus, its archive, and the rule that turns a deploy event into a Batch job and a log line.

resource "aws_cloudwatch_event_bus" "this" {
  name = local.bus
}

resource "aws_cloudwatch_event_archive" "this" {
  name             = local.bus
  description      = "Deploy events, for a replay after an outage"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive_days
  event_pattern    = jsonencode({ source = [var.event_source], "detail-type" = [var.event_detail_type] })
}

resource "aws_cloudwatch_event_rule" "deploy" {
  name           = local.rule
  description    = "A deploy request starts a pipeline job"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ source = [var.event_source], "detail-type" = [var.event_detail_type] })
}

resource "aws_cloudwatch_event_target" "batch" {
  rule           = aws_cloudwatch_event_rule.deploy.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = "batch"
  arn            = aws_batch_job_queue.this.arn
  role_arn       = aws_iam_role.events.arn

  # Only a name: a pinned revision goes stale with the next one, and the role's permission with it.
  batch_target {
    job_definition = aws_batch_job_definition.pipeline.name
    job_name       = local.definition
  }

  # What a Batch job sees of the event is only what stands here, with AWS's capitalisation. This is
  # text and not jsonencode(): that would write <jobId> as \u003cjobId\u003e, which EventBridge never
  # fills in. A string in JSON value position is inserted with its quotes.
  input_transformer {
    input_paths    = { jobId = "$.detail.jobId" }
    input_template = <<-EOT
      {"Parameters": {"jobId": <jobId>}, "ContainerOverrides": {"Environment": [{"Name": "JOB_ID", "Value": <jobId>}]}}
    EOT
  }

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 86400
  }

  dead_letter_config {
    arn = aws_sqs_queue.dlq.arn
  }
}

# The log line leaves out founderdashDbUrl: a log is no place for a database password.
resource "aws_cloudwatch_event_target" "log" {
  rule           = aws_cloudwatch_event_rule.deploy.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = "log"
  arn            = aws_cloudwatch_log_group.rule.arn

  input_transformer {
    input_paths = {
      time     = "$.time"
      id       = "$.id"
      source   = "$.source"
      jobId    = "$.detail.jobId"
      userId   = "$.detail.userId"
      product  = "$.detail.productId"
      priority = "$.detail.priority"
    }
    input_template = <<-EOT
      {"timestamp": <time>, "message": "event <id> from <source>: jobId=<jobId> userId=<userId> productId=<product> priority=<priority>"}
    EOT
  }

  depends_on = [aws_cloudwatch_log_resource_policy.rule]
}

# EventBridge puts here what it could not deliver. Without the queue policy it could not do that
# either, and the event would be gone without a trace; so the queue never exists without it.
resource "aws_sqs_queue" "dlq" {
  name                      = local.dlq
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.customer_key ? null : true
  kms_master_key_id         = local.key
  policy                    = data.aws_iam_policy_document.dlq.json
}

data "aws_iam_policy_document" "dlq" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [local.dlq_arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.rule_arn, local.state_rule_arn]
    }
  }
}
