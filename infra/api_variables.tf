# What the REST API on AWS can be told; without `api` none of it counts.

variable "api" {
  description = "Make the REST API: `mvpdash serve` on Fargate behind a load balancer, and the state table that its replicas share."
  type        = bool
  default     = false

  validation {
    condition     = !var.api || !startswith("${var.name}-", "internal-")
    error_message = "api: a load balancer's name may not begin with 'internal-', and it begins with `name`."
  }
}

variable "api_certificate_arn" {
  description = "Certificate of ACM for the API's load balancer, in this region; null serves plain HTTP, which is for inside the VPC only."
  type        = string
  default     = null

  validation {
    condition     = var.api_certificate_arn == null || can(regex("^arn:[a-z-]+:(acm:[a-z0-9-]+:[0-9]{12}:certificate|iam::[0-9]{12}:server-certificate)/.+$", var.api_certificate_arn))
    error_message = "api_certificate_arn: the ARN of a certificate, like arn:aws:acm:us-east-1:111122223333:certificate/..."
  }
}

variable "api_internet_facing" {
  description = "Give the API's load balancer public addresses. It needs a certificate."
  type        = bool
  default     = false
}

variable "api_allowed_cidrs" {
  description = "Who may reach the API; null is the new VPC when it is internal, and everybody when it is internet-facing."
  type        = list(string)
  default     = null

  validation {
    condition     = var.api_allowed_cidrs == null || (try(length(var.api_allowed_cidrs), 0) > 0 && alltrue([for c in coalesce(var.api_allowed_cidrs, []) : can(cidrnetmask(c))]))
    error_message = "api_allowed_cidrs: IPv4 networks like 10.0.0.0/8, one at least."
  }
}

variable "api_subnet_ids" {
  description = "In an existing VPC: two subnets or more for the load balancer, in as many zones, public ones when it is internet-facing. Nothing else should be in them: who asks from there may say whom it asks for. The tasks run in subnet_ids."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.api_subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", s))]) && length(distinct(var.api_subnet_ids)) == length(var.api_subnet_ids)
    error_message = "api_subnet_ids: ids like subnet-0123456789abcdef0, each once."
  }
}

variable "api_image" {
  description = "Container image with /usr/local/bin/mvpdash and curl; null is the pipeline's."
  type        = string
  default     = null

  validation {
    condition     = var.api_image == null || can(regex("^[^[:space:]]{1,255}$", var.api_image))
    error_message = "api_image: REPOSITORY:TAG or REPOSITORY@DIGEST, without spaces."
  }
}

variable "api_cpu" {
  description = "CPU of one task in units of 1/1024 vCPU (a Fargate size)."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.api_cpu)
    error_message = "api_cpu: one of 256, 512, 1024, 2048, 4096."
  }
}

variable "api_memory" {
  description = "Memory of one task in MiB; it must fit the CPU (256: 512, 1024 or 2048)."
  type        = number
  default     = 512

  validation {
    condition     = var.api_memory >= 512 && floor(var.api_memory) == var.api_memory
    error_message = "api_memory: whole MiB that Fargate offers for api_cpu."
  }
}

variable "api_tasks_min" {
  description = "Tasks that always run; two are in two zones."
  type        = number
  default     = 2

  validation {
    condition     = var.api_tasks_min >= 1 && var.api_tasks_min <= 100 && floor(var.api_tasks_min) == var.api_tasks_min
    error_message = "api_tasks_min: a whole number from 1 to 100."
  }
}

variable "api_tasks_max" {
  description = "The most tasks that autoscaling starts."
  type        = number
  default     = 6

  validation {
    condition     = var.api_tasks_max >= 1 && var.api_tasks_max <= 100 && floor(var.api_tasks_max) == var.api_tasks_max
    error_message = "api_tasks_max: a whole number from 1 to 100."
  }
}

variable "api_requests_per_task" {
  description = "Requests a minute that one task shall have at most, before autoscaling starts another."
  type        = number
  default     = 3000

  validation {
    condition     = var.api_requests_per_task >= 1 && floor(var.api_requests_per_task) == var.api_requests_per_task
    error_message = "api_requests_per_task: a whole number, at least 1."
  }
}

variable "api_rate" {
  description = "Requests a second that each task takes of one token (`serve --rate`); 0 is any. With N tasks a client may send N times as many."
  type        = number
  default     = 100

  validation {
    condition     = var.api_rate >= 0 && var.api_rate <= 1000000 && floor(var.api_rate) == var.api_rate
    error_message = "api_rate: a whole number from 0 to 1000000."
  }
}

variable "api_latency_alarm_s" {
  description = "Seconds that the slowest hundredth of the requests may take before there is an alarm."
  type        = number
  default     = 5

  validation {
    condition     = var.api_latency_alarm_s > 0
    error_message = "api_latency_alarm_s: more than 0."
  }
}
