# A key of this system's own, where `customer_key` asks for one; without it AWS's keys encrypt the same.
# Whoever may use the table, the queue or a topic may use the key through it, as with AWS's own keys: the
# policies for people and roles need no word about it.

locals {
  key = one(aws_kms_key.this[*].arn)

  key_uses = ["kms:Decrypt", "kms:GenerateDataKey*"]
}

resource "aws_kms_key" "this" {
  count                   = var.customer_key ? 1 : 0
  description             = "Records, what the API shares, dead letters, topics, logs and secrets of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.ephemeral ? 7 : 30
  policy                  = data.aws_iam_policy_document.key[0].json
}

resource "aws_kms_alias" "this" {
  count         = var.customer_key ? 1 : 0
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this[0].key_id
}

data "aws_iam_policy_document" "key" {
  count = var.customer_key ? 1 : 0

  # Without this nobody could ever change the key again.
  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
  statement {
    actions   = concat(local.key_uses, ["kms:Encrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:CreateGrant"])
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for s in ["dynamodb", "sqs", "sns", "secretsmanager"] : "${s}.${var.region}.amazonaws.com"]
    }
  }
  # Dead letters into the queue; alarms, and a queue that is blocked, into the topic.
  statement {
    actions   = local.key_uses
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
  statement {
    actions   = concat(local.key_uses, ["kms:Encrypt", "kms:ReEncrypt*", "kms:DescribeKey"])
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${var.region}:${local.account}:log-group:*"]
    }
  }
}
