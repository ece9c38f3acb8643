# What somebody must hear of: deliveries that failed, dead letters, failed jobs, a broken tracker.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = local.key
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each  = toset(var.alarm_emails)
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

locals {
  alarms = {
    failed-invocations = {
      text       = "EventBridge could not deliver a deploy event for good: run `mvpdash doctor`"
      namespace  = "AWS/Events"
      metric     = "FailedInvocations"
      statistic  = "Sum"
      dimensions = { EventBusName = local.bus, RuleName = local.rule }
    }
    # A dead letter that could not be put into the queue either: it is gone, and only this tells.
    lost-dead-letters = {
      text       = "EventBridge could not put a failed event into the dead-letter queue: see the queue's policy and key"
      namespace  = "AWS/Events"
      metric     = "InvocationsFailedToBeSentToDlq"
      statistic  = "Sum"
      dimensions = { EventBusName = local.bus, RuleName = local.rule }
    }
    lost-state-changes = {
      text       = "EventBridge could not put a failed state change into the dead-letter queue: see the queue's policy and key"
      namespace  = "AWS/Events"
      metric     = "InvocationsFailedToBeSentToDlq"
      statistic  = "Sum"
      dimensions = { RuleName = aws_cloudwatch_event_rule.state.name }
    }
    dead-letters = {
      text       = "The dead-letter queue is not empty: run `mvpdash dlq list`"
      namespace  = "AWS/SQS"
      metric     = "ApproximateNumberOfMessagesVisible"
      statistic  = "Maximum"
      dimensions = { QueueName = local.dlq }
    }
    # Counted by the tracker, which leaves out a container that was refused its claim (exit code 75).
    failed-jobs = {
      text       = "A pipeline job failed: run `mvpdash list --status failed`"
      namespace  = "MVPDash"
      metric     = "FailedJobs"
      statistic  = "Sum"
      dimensions = { JobQueue = local.queue }
    }
    tracker-failed = {
      text       = "State changes do not reach the job records: see the tracker's log group"
      namespace  = "AWS/States"
      metric     = "ExecutionsFailed"
      statistic  = "Sum"
      dimensions = { StateMachineArn = aws_sfn_state_machine.tracker.arn }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  # These metrics are published only when they are not zero: no data is good news.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.alarms.arn]
  ok_actions         = [aws_sns_topic.alarms.arn]
}
