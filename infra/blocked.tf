# A queue whose first job cannot start stands still for all: Batch says so on the *default* bus, with the
# reason, and the alarm topic passes it on.

resource "aws_cloudwatch_event_rule" "blocked" {
  name        = "${local.rule}-blocked"
  description = "The job at the head of the pipeline's queue cannot start"
  event_pattern = jsonencode({
    source        = ["aws.batch"]
    "detail-type" = ["Batch Job Queue Blocked"]
    detail        = { jobQueue = [aws_batch_job_queue.this.arn] }
  })
}

resource "aws_cloudwatch_event_target" "blocked" {
  rule      = aws_cloudwatch_event_rule.blocked.name
  target_id = "alarms"
  arn       = aws_sns_topic.alarms.arn

  input_transformer {
    input_paths = {
      job    = "$.detail.jobId"
      reason = "$.detail.statusReason"
      time   = "$.time"
    }
    input_template = "\"The queue ${local.queue} is blocked since <time> by Batch job <job>: <reason>. See `mvpdash jobs --state runnable`.\""
  }

  depends_on = [aws_sns_topic_policy.alarms]
}

# A policy replaces the one that a topic has by default: so it names the alarms too.
data "aws_iam_policy_document" "alarms" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.blocked.arn]
    }
  }
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}
