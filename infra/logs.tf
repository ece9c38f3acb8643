locals {
  job_logs = var.job_log_group == null ? aws_cloudwatch_log_group.pipeline.name : data.aws_cloudwatch_log_group.shared[0].name
}

# The jobs' own group, and never Batch's default one: that belongs to all who use Batch in this account
# and region. Whoever reads or destroys this system's logs has nothing to do with theirs.
resource "aws_cloudwatch_log_group" "pipeline" {
  name              = "/aws/batch/${local.definition}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

# A group that somebody else keeps is only used: not made, not changed, not deleted.
data "aws_cloudwatch_log_group" "shared" {
  count = var.job_log_group == null ? 0 : 1
  name  = var.job_log_group
}

# An earlier version owned Batch's default group: it is let go of, with all that is in it.
removed {
  from = aws_cloudwatch_log_group.jobs

  lifecycle {
    destroy = false
  }
}

resource "aws_cloudwatch_log_group" "rule" {
  name              = local.rule_logs
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
}

resource "aws_cloudwatch_log_group" "tracker" {
  name              = "/aws/vendedlogs/states/${var.name}-tracker"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key
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
