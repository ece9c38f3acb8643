# What keeps the data of a system in use, before anything is touched: AWS's own protections (the table's
# deletion_protection_enabled, images, the secret's recovery window) stop a destroy only half way.

# Which system this state holds, as it was when it was made: the value never changes again.
resource "terraform_data" "identity" {
  input = "${var.name} in ${var.region} of account ${local.account}"

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == "${var.name} in ${var.region} of account ${local.account}"
      error_message = "This state holds the system ${self.output}, and not ${var.name} in ${var.region} of account ${local.account}: with another name, region or account all of it would be made anew, without its records. Give the other system a state of its own (assets/aws.md, \"State and environments\")."
    }
  }
}

# It depends on everything, so that it is the first thing that a destroy removes, and ends it there. Named
# is what nothing else depends on; tests/lint/terraform.sh says what is missing.
resource "terraform_data" "keep" {
  input = var.ephemeral

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = self.output ? "exit 0" : "echo This system keeps its data. Nothing of it was touched but its outputs, which the next apply brings back. To take it down, apply it with -var ephemeral=true first. && exit 1"
  }

  depends_on = [
    terraform_data.identity,
    aws_appautoscaling_policy.api,
    aws_cloudwatch_dashboard.this,
    aws_cloudwatch_event_archive.this,
    aws_cloudwatch_event_target.batch,
    aws_cloudwatch_event_target.blocked,
    aws_cloudwatch_event_target.log,
    aws_cloudwatch_event_target.tracker,
    aws_cloudwatch_metric_alarm.api,
    aws_cloudwatch_metric_alarm.this,
    aws_default_security_group.this,
    aws_ecr_lifecycle_policy.pipeline,
    aws_flow_log.this,
    aws_iam_policy.people,
    aws_iam_role_policy.events,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.flow,
    aws_iam_role_policy.job,
    aws_kms_alias.this,
    aws_route.api,
    aws_route.private,
    aws_route.public,
    aws_route_table_association.api,
    aws_route_table_association.private,
    aws_route_table_association.public,
    aws_sns_topic_subscription.alarms,
    aws_sns_topic_subscription.failed,
    aws_sns_topic_subscription.finished,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_egress_rule.api_https,
    aws_vpc_security_group_egress_rule.api_lb,
    aws_vpc_security_group_egress_rule.job_https,
    aws_vpc_security_group_ingress_rule.api,
    aws_vpc_security_group_ingress_rule.api_clients,
    aws_vpc_security_group_ingress_rule.endpoint,
    aws_vpc_security_group_ingress_rule.endpoint_api,
  ]
}
