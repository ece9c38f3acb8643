variable "name" {
  description = "Prefix of every name. The default gives the names that mvpdash expects by itself."
  type        = string
  default     = "mvp"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 24
    error_message = "name: 2 to 24 of a-z, 0-9 and single '-' between them, beginning with a letter (ECR takes no other)."
  }
  validation {
    condition     = !startswith(var.name, "sg-")
    error_message = "name: 'sg-' at the beginning is reserved for the ids of security groups."
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

  validation {
    condition = length(var.tags) <= 48 && alltrue([
      for k, v in var.tags : length(k) >= 1 && length(k) <= 128 && length(v) <= 256 && !startswith(lower(k), "aws:")
    ])
    error_message = "tags: at most 48, keys of 1 to 128 characters that do not begin with 'aws:', values of at most 256."
  }
}

variable "event_source" {
  description = "`source` of the deploy events that the rule matches."
  type        = string
  default     = "founderdash.web"

  validation {
    condition     = length(var.event_source) >= 1 && length(var.event_source) <= 256 && !startswith(var.event_source, "aws.")
    error_message = "event_source: a name of 1 to 256 characters; those that begin with 'aws.' belong to AWS."
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
    condition     = var.archive_days >= 0 && var.archive_days <= 2147483647 && floor(var.archive_days) == var.archive_days
    error_message = "archive_days: a whole number of days, 0 or more."
  }
}

variable "vpc_id" {
  description = "An existing VPC; null makes a new one with private subnets and the endpoints they need."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id: an id like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Subnets of that VPC for the containers. They need a way to ECR, CloudWatch Logs and DynamoDB."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", s))]) && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "subnet_ids: ids like subnet-0123456789abcdef0, each once."
  }
}

variable "vpc_cidr" {
  description = "Address range of the new VPC."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(regex("^[0-9.]+/(1[6-9]|2[0-4])$", var.vpc_cidr)) && can(cidrsubnet(var.vpc_cidr, 4, 1)) && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr: an IPv4 range from /16 to /24, like 10.42.0.0/16."
  }
}

variable "nat_gateway" {
  description = "Gives the new VPC's private subnets a way to the internet (about 37 USD a month with its public IPv4 address, and what flows through it). Needed when stages fetch packages or push to a git host."
  type        = bool
  default     = false
}

variable "flow_logs" {
  description = "Log who talks to whom in the new VPC (0.50 USD for each GB of log)."
  type        = bool
  default     = false
}

variable "customer_key" {
  description = "Encrypt the tables, the dead-letter queue, the topics, the logs and the secrets with a KMS key of this system's own, whose use CloudTrail tells (1 USD a month, and 0.03 USD for 10,000 uses)."
  type        = bool
  default     = false
}

variable "spot" {
  description = "Try Fargate Spot first: about 70 % cheaper, and a job may be stopped and tried again. Switching it changes the order only: jobs that run stay where they are."
  type        = bool
  default     = false
}

variable "overflow" {
  description = "A job goes to the other kind (Spot or on demand) when the first is full or has no capacity. false: it waits, and the other environment stays there disabled."
  type        = bool
  default     = true
}

variable "capacity_wait_s" {
  description = "Seconds that a job at the head of the queue waits for capacity of AWS (not of max_vcpus) before it is given up."
  type        = number
  default     = 14400

  validation {
    condition     = var.capacity_wait_s >= 600 && var.capacity_wait_s <= 86400 && floor(var.capacity_wait_s) == var.capacity_wait_s
    error_message = "capacity_wait_s: a whole number of seconds, 600 to 86400 (Batch's own limits)."
  }
}

variable "max_vcpus" {
  description = "The most vCPUs that run at once in each of the two environments, on demand and Spot; further jobs wait in RUNNABLE. The account's Fargate quotas count too."
  type        = number
  default     = 16

  validation {
    condition     = var.max_vcpus >= 1 && floor(var.max_vcpus) == var.max_vcpus
    error_message = "max_vcpus: a whole number, at least 1."
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
  description = "How often Batch tries a job whose host was taken away or whose container never started. A pipeline's own failure is not tried again."
  type        = number
  default     = 2

  validation {
    condition     = var.job_attempts >= 1 && var.job_attempts <= 10 && floor(var.job_attempts) == var.job_attempts
    error_message = "job_attempts: a whole number from 1 to 10."
  }
}

variable "job_timeout_s" {
  description = "Seconds after which Batch ends an attempt."
  type        = number
  default     = 21600

  validation {
    condition     = var.job_timeout_s >= 60 && var.job_timeout_s <= 1209600 && floor(var.job_timeout_s) == var.job_timeout_s
    error_message = "job_timeout_s: a whole number of seconds, 60 (Batch's own minimum) to 1209600 (Fargate ends what runs for 14 days)."
  }
}

variable "image" {
  description = "Container image, by tag or by digest (REPOSITORY@sha256:...); null uses `image_tag` of the ECR repository that is made here. One of another private registry than this account's ECR needs more permissions than are given here."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[^[:space:]]{1,255}$", var.image))
    error_message = "image: REPOSITORY:TAG or REPOSITORY@DIGEST, without spaces."
  }
}

variable "image_tag" {
  description = "Tag of the image in the ECR repository that is made here: the git revision that it was built of. A tag is pushed once."
  type        = string
  default     = "first"

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag))
    error_message = "image_tag: 1 to 128 of A-Z, a-z, 0-9, '_', '.' and '-'."
  }
}

variable "cpu_architecture" {
  description = "What the images were built for, the jobs' and the API's: X86_64, or ARM64 (Graviton, about 20 % cheaper). Not every region has Spot for ARM64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture: X86_64 or ARM64."
  }
}

variable "job_disk_gib" {
  description = "GiB of disk for /work and the image; null: Fargate's own 20, which cost nothing more."
  type        = number
  default     = null

  validation {
    condition     = var.job_disk_gib == null ? true : var.job_disk_gib >= 21 && var.job_disk_gib <= 200 && floor(var.job_disk_gib) == var.job_disk_gib
    error_message = "job_disk_gib: a whole number, 21 to 200, or null."
  }
}

variable "publish_bucket" {
  description = "S3 bucket that the pipeline publishes sites to; null publishes nowhere, the result ends with the container."
  type        = string
  default     = null

  validation {
    condition = var.publish_bucket == null || (
      can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.publish_bucket)) &&
      !can(regex("[.][.]|^[0-9.]+$|^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|[.]mrap|--x-s3|--table-s3)$", var.publish_bucket))
    )
    error_message = "publish_bucket: the name of an S3 bucket: 3 to 63 of a-z, 0-9, '-' and single '.', no address, no reserved beginning or end."
  }
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
    condition     = var.stage_timeout_s >= 1 && var.stage_timeout_s <= 999999 && floor(var.stage_timeout_s) == var.stage_timeout_s
    error_message = "stage_timeout_s: a whole number of seconds, 1 to 999999 (the entrypoint refuses more digits)."
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

variable "ephemeral" {
  description = "For trying out: no deletion protection, images and secrets go at once, a key in a week, and `terraform destroy` is allowed. To take down a system that was made without it, apply it with ephemeral = true first."
  type        = bool
  default     = false
}
