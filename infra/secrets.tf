# The database URL for the container. Terraform makes the place, never the value: a value in a
# variable would stand in the state file. Put it in with `aws secretsmanager put-secret-value`.

resource "aws_secretsmanager_secret" "database" {
  count                   = var.database_secret ? 1 : 0
  name                    = "${var.name}/founderdash-database-url"
  description             = "FOUNDERDASH_DATABASE_URL of the pipeline's container"
  recovery_window_in_days = var.ephemeral ? 0 : 30
  kms_key_id              = local.key
}
