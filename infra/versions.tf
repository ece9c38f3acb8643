terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
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

  # The names that mvpdash expects without any configuration (README, "Configuration").
  bus        = "${var.name}-development"
  rule       = "${var.name}-development-rule"
  dlq        = "${var.name}-development-dlq"
  table      = "${var.name}-development-jobs"
  queue      = "${var.name}-pipeline-queue"
  definition = "${var.name}-pipeline-job"
  rule_logs  = "/aws/events/rule/${local.rule}"
  job_logs   = var.job_log_group

  # ARNs written out where a reference would make a cycle between a resource and its own policy.
  batch_arn      = "arn:${local.partition}:batch:${var.region}:${local.account}"
  dlq_arn        = "arn:${local.partition}:sqs:${var.region}:${local.account}:${local.dlq}"
  rule_arn       = "arn:${local.partition}:events:${var.region}:${local.account}:rule/${local.bus}/${local.rule}"
  state_rule_arn = "arn:${local.partition}:events:${var.region}:${local.account}:rule/${local.rule}-state"
}
