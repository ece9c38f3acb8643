locals {
  # What mvpdash is told, by `env_file` here and by the API's tasks.
  settings = merge({
    AWS_REGION              = var.region
    EVENTBRIDGE_BUS_NAME    = local.bus
    EVENTBRIDGE_SOURCE      = var.event_source
    EVENTBRIDGE_DETAIL_TYPE = var.event_detail_type
    EVENTBRIDGE_RULE_NAME   = local.rule
    EVENTBRIDGE_LOG_GROUP   = local.rule_logs
    EVENTBRIDGE_DLQ_NAME    = local.dlq
    DYNAMODB_TABLE_NAME     = local.table
    BATCH_JOB_QUEUE         = local.queue
    BATCH_JOB_DEFINITION    = local.definition
    BATCH_LOG_GROUP         = local.job_logs
  }, var.api ? { DYNAMODB_STATE_TABLE_NAME = local.state_table } : {})
}

output "env_file" {
  description = "What mvpdash needs to know: terraform output -raw env_file > .env.eventbridge"
  value       = <<-EOT
    # Written by `terraform output -raw env_file`; read by mvpdash from ./.env.eventbridge or --env-file.
    ${join("\n", [for k, v in local.settings : "${k}=${v}"])}
  EOT
}

output "ecr_repository_url" {
  description = "Push the pipeline's image here."
  value       = aws_ecr_repository.pipeline.repository_url
}

output "database_secret_arn" {
  description = "Put FOUNDERDASH_DATABASE_URL here with `aws secretsmanager put-secret-value`."
  value       = one(aws_secretsmanager_secret.database[*].arn)
}

output "policies" {
  description = "IAM policies for people, by role."
  value       = { for k, p in aws_iam_policy.people : k => p.arn }
}

output "alarm_topic_arn" {
  description = "Alarms are published here."
  value       = aws_sns_topic.alarms.arn
}

output "finished_topic_arn" {
  description = "Jobs that completed or were cancelled are announced here."
  value       = aws_sns_topic.finished.arn
}

output "failed_topic_arn" {
  description = "Jobs that failed are announced here."
  value       = aws_sns_topic.failed.arn
}

output "bus_arn" {
  description = "The event bus; the destination of a replay."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "archive_arn" {
  description = "The archive of deploy events; the source of a replay."
  value       = aws_cloudwatch_event_archive.this.arn
}
