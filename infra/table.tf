# The job records. Both indexes and the stream are what mvpdash watches by; it finds out by itself
# which of them exist.

resource "aws_dynamodb_table" "jobs" {
  name                        = local.table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "jobId"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = !var.ephemeral
  tags                        = { Name = local.table }

  attribute {
    name = "jobId"
    type = "S"
  }
  attribute {
    name = "userId"
    type = "S"
  }
  attribute {
    name = "createdAt"
    type = "S"
  }
  attribute {
    name = "status"
    type = "S"
  }
  attribute {
    name = "updatedAt"
    type = "S"
  }

  global_secondary_index {
    name            = "user-jobs-index"
    hash_key        = "userId"
    range_key       = "createdAt"
    projection_type = "ALL"
  }

  global_secondary_index {
    name            = "status-updatedAt-index"
    hash_key        = "status"
    range_key       = "updatedAt"
    projection_type = "ALL"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key
  }
}
