variable "name" {
  description = "Prefix of every name. The default gives the names that mvpdash expects by itself."
  type        = string
  default     = "mvp"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}$", var.name))
    error_message = "name: 2 to 24 of a-z, 0-9 and '-', beginning with a letter."
  }
}

variable "region" {
  description = "AWS region of the whole system. An EventBridge rule cannot reach a queue in another one."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: the name of an AWS region, like us-east-1."
  }
}

variable "tags" {
  description = "Further tags for everything."
  type        = map(string)
  default     = {}
}

variable "event_source" {
  description = "`source` of the deploy events that the rule matches."
  type        = string
  default     = "founderdash.web"

  validation {
    condition     = var.event_source != "" && !startswith(var.event_source, "aws.")
    error_message = "event_source: a name; those that begin with 'aws.' belong to AWS."
  }
}

variable "event_detail_type" {
  description = "`detail-type` of the deploy events that the rule matches."
  type        = string
  default     = "MVP Development Request"

  validation {
    condition     = length(var.event_detail_type) >= 1 && length(var.event_detail_type) <= 128
    error_message = "event_detail_type: 1 to 128 characters."
  }
}

variable "archive_days" {
  description = "How long the bus archives deploy events for a replay; 0 keeps them for ever."
  type        = number
  default     = 30

  validation {
    condition     = var.archive_days >= 0 && floor(var.archive_days) == var.archive_days
    error_message = "archive_days: a whole number of days, 0 or more."
  }
}

variable "vpc_id" {
  description = "An existing VPC; null makes a new one with private subnets and the endpoints they need."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of that VPC for the containers. They need a way to ECR, CloudWatch Logs and DynamoDB."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.subnet_ids : startswith(s, "subnet-")])
    error_message = "subnet_ids: ids like subnet-0123456789abcdef0."
  }
}

variable "vpc_cidr" {
  description = "Address range of the new VPC."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(regex("^[0-9.]+/(1[6-9]|2[0-4])$", var.vpc_cidr)) && can(cidrsubnet(var.vpc_cidr, 4, 1))
    error_message = "vpc_cidr: an IPv4 range from /16 to /24, like 10.42.0.0/16."
  }
}

variable "nat_gateway" {
  description = "Gives the new VPC's private subnets a way to the internet (about 35 USD a month). Needed when stages fetch packages or push to a git host."
  type        = bool
  default     = false
}

variable "spot" {
  description = "Run on Fargate Spot: about 70 % cheaper, and a job may be stopped and tried again."
  type        = bool
  default     = false
}

variable "max_vcpus" {
  description = "The most vCPUs that run at once; further jobs wait in RUNNABLE."
  type        = number
  default     = 16

  validation {
    condition     = var.max_vcpus >= 1
    error_message = "max_vcpus: at least 1."
  }
}

variable "job_vcpus" {
  description = "vCPUs of one job (a Fargate size)."
  type        = string
  default     = "1"

  validation {
    condition     = contains(["0.25", "0.5", "1", "2", "4", "8", "16"], var.job_vcpus)
    error_message = "job_vcpus: one of 0.25, 0.5, 1, 2, 4, 8, 16."
  }
}

variable "job_memory" {
  description = "Memory of one job in MiB; it must fit the vCPUs (1 vCPU: 2048 to 8192)."
  type        = number
  default     = 2048

  validation {
    condition     = var.job_memory >= 512 && var.job_memory % 512 == 0
    error_message = "job_memory: MiB, a multiple of 512 that Fargate offers for job_vcpus."
  }
}

variable "job_attempts" {
  description = "How often Batch tries a job whose host was lost. A pipeline's own failure is not tried again."
  type        = number
  default     = 2

  validation {
    condition     = var.job_attempts >= 1 && var.job_attempts <= 10
    error_message = "job_attempts: 1 to 10."
  }
}

variable "job_timeout_s" {
  description = "Seconds after which Batch ends an attempt."
  type        = number
  default     = 21600

  validation {
    condition     = var.job_timeout_s >= 60
    error_message = "job_timeout_s: at least 60 (Batch's own minimum)."
  }
}

variable "image" {
  description = "Container image; null uses the `latest` tag of the ECR repository that is made here. One of another private registry than this account's ECR needs more permissions than are given here."
  type        = string
  default     = null
}

variable "publish_bucket" {
  description = "S3 bucket that the pipeline publishes sites to; null publishes nowhere, the result ends with the container."
  type        = string
  default     = null
}

variable "publish_url" {
  description = "Where readers find that bucket, like https://sites.example.com (a CloudFront distribution); null reports the bucket's own address, which is private unless you open it."
  type        = string
  default     = null

  validation {
    condition     = var.publish_url == null || can(regex("^https?://[^ ]+$", var.publish_url))
    error_message = "publish_url: begins with https:// or http://."
  }
}

variable "stage_timeout_s" {
  description = "Seconds that one stage of the pipeline may take, unless a file NN-STEP.timeout says otherwise."
  type        = number
  default     = 3600

  validation {
    condition     = var.stage_timeout_s >= 1 && floor(var.stage_timeout_s) == var.stage_timeout_s
    error_message = "stage_timeout_s: a whole number of seconds, 1 or more."
  }
}

variable "job_log_group" {
  description = "An existing log group for the containers, which others may use too; null makes one of their own, /aws/batch/NAME-pipeline-job."
  type        = string
  default     = null

  validation {
    condition     = var.job_log_group == null || can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.job_log_group))
    error_message = "job_log_group: 1 to 512 of letters, digits and _ - / . #."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: one of CloudWatch's own steps (7, 14, 30, 60, 90, ...)."
  }
}

variable "database_secret" {
  description = "Make a Secrets Manager secret for FOUNDERDASH_DATABASE_URL and hand it to the container. Its value is put in by hand, never by Terraform, and no container starts before that."
  type        = bool
  default     = false
}

variable "alarm_emails" {
  description = "Addresses that are told of alarms and of finished jobs (each must confirm)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", a))])
    error_message = "alarm_emails: e-mail addresses."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the table. Set it to false, apply, then destroy."
  type        = bool
  default     = false
}
