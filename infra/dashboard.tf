# One page for who has the console open: how jobs end and how long they take, what waits, what is lost,
# how fast the services answer.

locals {
  # The queue's metrics by the name of the metric, as the tracker publishes them.
  queue_metrics = { for m in ["Completed", "Failed", "Cancelled", "StartedAt", "StoppedAt"] : m => ["MVPDash", m, "JobQueue", local.queue] }

  dashboard_rows = [
    [
      { title = "Jobs that ended, by state", stat = "Sum", stacked = true,
      metrics = [for m in ["Completed", "Failed", "Cancelled"] : local.queue_metrics[m]] },
      { title = "Mean duration of the jobs that ended, minutes", stat = "Average", stacked = false,
        metrics = [
          [{ expression = "(stopped - started) / 60000", label = "duration", id = "duration" }],
          concat(local.queue_metrics.StartedAt, [{ id = "started", visible = false }]),
          concat(local.queue_metrics.StoppedAt, [{ id = "stopped", visible = false }]),
      ] },
    ],
    [
      { title = "Deploy events, and those that started a job", stat = "Sum", stacked = false,
        metrics = [for m in ["MatchedEvents", "Invocations", "FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"] :
      ["AWS/Events", m, "EventBusName", local.bus, "RuleName", local.rule]] },
      { title = "Dead letters", stat = "Maximum", stacked = false,
        metrics = [for m in ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateAgeOfOldestMessage"] :
      ["AWS/SQS", m, "QueueName", local.dlq]] },
    ],
    [
      { title = "Table: latency p99, milliseconds", stat = "p99", stacked = false,
      metrics = [for op in ["GetItem", "PutItem", "UpdateItem", "Query"] : ["AWS/DynamoDB", "SuccessfulRequestLatency", "TableName", local.table, "Operation", op]] },
      { title = "Table: throttled and failed requests", stat = "Sum", stacked = false,
      metrics = [for m in ["ReadThrottleEvents", "WriteThrottleEvents"] : ["AWS/DynamoDB", m, "TableName", local.table]] },
    ],
    concat([
      { title = "Tracker: state changes, and those that failed", stat = "Sum", stacked = false,
      metrics = [for m in ["ExecutionsSucceeded", "ExecutionsFailed"] : ["AWS/States", m, "StateMachineArn", aws_sfn_state_machine.tracker.arn]] },
      ], [for lb in aws_lb.api[*].arn_suffix :
      { title = "REST API: latency p50 and p99, seconds", stat = "p99", stacked = false,
      metrics = [for p in ["p50", "p99"] : ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", lb, { stat = p, label = p }]] }
    ]),
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.account_wide
  dashboard_body = jsonencode({
    widgets = flatten([for y, row in local.dashboard_rows : [for x, w in row : {
      type   = "metric"
      x      = x * 12
      y      = y * 6
      width  = 12
      height = 6
      properties = {
        title   = w.title
        region  = var.region
        view    = "timeSeries"
        stacked = w.stacked
        stat    = w.stat
        period  = 300
        metrics = w.metrics
      }
    }]])
  })
}
