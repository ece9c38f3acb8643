# Only what was run is claimed: Terraform 1.11.4 with provider 5.100. assets/aws.md has what provider 6 needs.
terraform {
  required_version = ">= 1.11.4, < 2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ Project = var.name, ManagedBy = "terraform" }, var.tags)
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # What is named so must be unique in the account and not only in the region: roles and policies.
  account_wide = "${var.name}-${var.region}"

  # The names that mvpdash expects without any configuration (assets/config.md).
  bus        = "${var.name}-development"
  rule       = "${var.name}-development-rule"
  dlq        = "${var.name}-development-dlq"
  table      = "${var.name}-development-jobs"
  queue      = "${var.name}-pipeline-queue"
  definition = "${var.name}-pipeline-job"
  rule_logs  = "/aws/events/rule/${local.rule}"

  # ARNs written out where a reference would make a cycle between a resource and its own policy, or would
  # make a plan write the policy again because the resource changes.
  batch_arn      = "arn:${local.partition}:batch:${var.region}:${local.account}"
  queue_arn      = "${local.batch_arn}:job-queue/${local.queue}"
  dlq_arn        = "arn:${local.partition}:sqs:${var.region}:${local.account}:${local.dlq}"
  rule_arn       = "arn:${local.partition}:events:${var.region}:${local.account}:rule/${local.bus}/${local.rule}"
  state_rule_arn = "arn:${local.partition}:events:${var.region}:${local.account}:rule/${local.rule}-state"
  job_logs_arn   = "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:${local.job_logs}"
}
