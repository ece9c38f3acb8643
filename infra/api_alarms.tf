# What somebody must hear of about the REST API. Told by the topic of the other alarms.

locals {
  api_lb_dimensions = { LoadBalancer = one(aws_lb.api[*].arn_suffix) }
  api_tg_dimensions = merge(local.api_lb_dimensions, { TargetGroup = one(aws_lb_target_group.api[*].arn_suffix) })

  # `beyond`: above this, or below it when the operator says so, for `periods` of `seconds`. Errors are
  # counted only when there are some, so no data is good news; of healthy tasks it is bad news.
  api_alarms = {
    api-errors = {
      text       = "The API answered with 5xx: see its log group, and run `mvpdash doctor`"
      metric     = "HTTPCode_Target_5XX_Count"
      statistic  = "Sum"
      beyond     = 5
      seconds    = 300
      periods    = 1
      dimensions = local.api_tg_dimensions
    }
    api-unreached = {
      text       = "The load balancer itself answered with 5xx: it got no answer from a task of the API"
      metric     = "HTTPCode_ELB_5XX_Count"
      statistic  = "Sum"
      beyond     = 5
      seconds    = 300
      periods    = 1
      dimensions = local.api_lb_dimensions
    }
    api-slow = {
      text       = "One in a hundred requests takes the API long: AWS is slow, or there are too few tasks"
      metric     = "TargetResponseTime"
      statistic  = "p99"
      beyond     = var.api_latency_alarm_s
      seconds    = 300
      periods    = 3
      dimensions = local.api_tg_dimensions
    }
    api-unhealthy = {
      text       = "A task of the API does not answer, or cannot reach table or bus (GET /readyz)"
      metric     = "UnHealthyHostCount"
      statistic  = "Maximum"
      beyond     = 0
      seconds    = 60
      periods    = 5
      dimensions = local.api_tg_dimensions
    }
    api-down = {
      text       = "No task of the API is well"
      metric     = "HealthyHostCount"
      statistic  = "Maximum"
      operator   = "LessThanThreshold"
      beyond     = 1
      seconds    = 60
      periods    = 3
      missing    = "breaching"
      dimensions = local.api_tg_dimensions
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "api" {
  for_each            = { for k, a in local.api_alarms : k => a if var.api }
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  dimensions          = each.value.dimensions
  period              = each.value.seconds
  evaluation_periods  = each.value.periods
  threshold           = each.value.beyond
  comparison_operator = try(each.value.operator, "GreaterThanThreshold")
  treat_missing_data  = try(each.value.missing, "notBreaching")
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
