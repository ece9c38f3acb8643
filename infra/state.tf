# What the replicas of the REST API share: accepted deploys that are on their way (outbox), and a day's
# Idempotency-Keys. It holds the deploys that were answered 202, so it is kept as the records are.

locals {
  state_table = "${var.name}-development-state"
}

resource "aws_dynamodb_table" "state" {
  count                       = var.api ? 1 : 0
  name                        = local.state_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = !var.ephemeral
  tags                        = { Name = local.state_table }

  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key
  }
}
