resource "aws_cloudwatch_log_group" "jobs" {
  name              = local.job_logs
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "rule" {
  name              = local.rule_logs
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "tracker" {
  name              = "/aws/vendedlogs/states/${var.name}-tracker"
  retention_in_days = var.log_retention_days
}

# EventBridge writes to a log group by a resource policy, not by a role.
data "aws_iam_policy_document" "rule_logs" {
  # Opening a stream is allowed without naming the rule, as in the example of the AWS provider.
  statement {
    actions   = ["logs:CreateLogStream"]
    resources = ["${aws_cloudwatch_log_group.rule.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }
  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.rule.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.deploy.arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "rule" {
  policy_name     = "${local.rule}-logs"
  policy_document = data.aws_iam_policy_document.rule_logs.json
}
