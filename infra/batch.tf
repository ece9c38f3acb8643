# Where the work happens: Fargate, a queue, and the job's definition.

resource "aws_ecr_repository" "pipeline" {
  name         = "${var.name}-pipeline"
  force_delete = var.ephemeral

  image_scanning_configuration {
    scan_on_push = true
  }

  # A tag stands for one git revision, for ever: what ran can be run again.
  image_tag_mutability = "IMMUTABLE"
}

# Old images go, so many that a way back is kept. Batch starts what the job definition names: an image
# in use is lost only after 50 newer ones.
resource "aws_ecr_lifecycle_policy" "pipeline" {
  repository = aws_ecr_repository.pipeline.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What has no tag and belongs to no image of several machines"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "All but the newest 50"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
    ]
  })
}

locals {
  image = coalesce(var.image, "${aws_ecr_repository.pipeline.repository_url}:${var.image_tag}")

  # Of an image in another repository of this account, the repository's name.
  other_repository = try(regex("^${local.account}[.]dkr[.]ecr[.]${var.region}[.][a-z.]+/([^:@]+)", local.image)[0], null)

  # The memory in MiB that Fargate offers for each size: least, most, step.
  fargate_memory = {
    "0.25" = [512, 2048, 512]
    "0.5"  = [1024, 4096, 1024]
    "1"    = [2048, 8192, 1024]
    "2"    = [4096, 16384, 1024]
    "4"    = [8192, 30720, 1024]
    "8"    = [16384, 61440, 4096]
    "16"   = [32768, 122880, 8192]
  }
  job_memory_range = local.fargate_memory[var.job_vcpus]
}

# Both kinds are always there, and `spot` is only their order in the queue: a switch takes no environment
# away from the jobs that run in it. A job goes to the second when the first is full or has no capacity.
locals {
  kinds = {
    on_demand = { type = "FARGATE", name = "${var.name}-pipeline-compute" }
    spot      = { type = "FARGATE_SPOT", name = "${var.name}-pipeline-spot" }
  }
  kinds_in_order = var.spot ? ["spot", "on_demand"] : ["on_demand", "spot"]
}

resource "aws_batch_compute_environment" "this" {
  for_each                 = local.kinds
  compute_environment_name = each.value.name
  type                     = "MANAGED"
  state                    = var.overflow || each.key == local.kinds_in_order[0] ? "ENABLED" : "DISABLED"
  service_role             = aws_iam_role.batch.arn

  compute_resources {
    type               = each.value.type
    max_vcpus          = var.max_vcpus
    subnets            = local.subnet_ids
    security_group_ids = [aws_security_group.job.id]
  }

  lifecycle {
    precondition {
      condition     = length(local.subnet_ids) > 0
      error_message = "subnet_ids: name at least one subnet of the existing VPC."
    }
    precondition {
      condition     = var.vpc_id != null || length(var.subnet_ids) == 0
      error_message = "vpc_id: name the VPC that subnet_ids belong to."
    }
    precondition {
      condition     = var.max_vcpus >= tonumber(var.job_vcpus)
      error_message = "max_vcpus: less than job_vcpus, so that no job could ever start."
    }
  }

  # Batch needs its role's permissions until the environment is gone.
  depends_on = [aws_iam_role_policy_attachment.batch]
}

# An earlier version had one environment. One that was made with spot = true is moved by hand (assets/aws.md).
moved {
  from = aws_batch_compute_environment.this
  to   = aws_batch_compute_environment.this["on_demand"]
}

resource "aws_batch_job_queue" "this" {
  name     = local.queue
  state    = "ENABLED"
  priority = 1

  dynamic "compute_environment_order" {
    for_each = local.kinds_in_order
    content {
      order               = compute_environment_order.key + 1
      compute_environment = aws_batch_compute_environment.this[compute_environment_order.value].arn
    }
  }

  # A job that can never start holds up all behind it: Batch ends it, with this reason in the record. The
  # first two do not go away by waiting (ten minutes are the least that Batch takes); the third may.
  dynamic "job_state_time_limit_action" {
    for_each = [
      ["MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", 600],
      ["MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", 600],
      ["CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", var.capacity_wait_s],
    ]
    content {
      action           = "CANCEL"
      state            = "RUNNABLE"
      reason           = job_state_time_limit_action.value[0]
      max_time_seconds = job_state_time_limit_action.value[1]
    }
  }
}

resource "aws_batch_job_definition" "pipeline" {
  name                       = local.definition
  type                       = "container"
  platform_capabilities      = ["FARGATE"]
  propagate_tags             = true
  deregister_on_new_revision = true

  retry_strategy {
    attempts = var.job_attempts

    # A container that was refused its claim (the job was cancelled, is over, or is another's) did
    # nothing: never again, whatever a later row may say.
    evaluate_on_exit {
      action       = "EXIT"
      on_exit_code = "75"
    }
    # Only a host that was taken away, or a container that never started, is worth another try: a
    # pipeline that failed would fail again. Batch takes five rows at most.
    evaluate_on_exit {
      action           = "RETRY"
      on_status_reason = "Your Spot Task was interrupted*"
    }
    evaluate_on_exit {
      action           = "RETRY"
      on_status_reason = "Task failed to start*"
    }
    evaluate_on_exit {
      action       = "EXIT"
      on_exit_code = "*"
    }
    evaluate_on_exit {
      action    = "EXIT"
      on_reason = "*"
    }
  }

  timeout {
    attempt_duration_seconds = var.job_timeout_s
  }

  container_properties = jsonencode(merge({
    image            = local.image
    jobRoleArn       = aws_iam_role.job.arn
    executionRoleArn = aws_iam_role.execution.arn
    resourceRequirements = [
      { type = "VCPU", value = var.job_vcpus },
      { type = "MEMORY", value = tostring(var.job_memory) },
    ]
    networkConfiguration         = { assignPublicIp = "DISABLED" }
    fargatePlatformConfiguration = { platformVersion = "LATEST" }
    runtimePlatform              = { cpuArchitecture = var.cpu_architecture, operatingSystemFamily = "LINUX" }
    # The one folder to write to is a volume of the task's own disk (without `host`, which Fargate does not
    # take). Fargate makes it root's, unless the image declares it (VOLUME): then it has the owner that it
    # has there.
    readonlyRootFilesystem = true
    volumes                = [{ name = "work" }]
    mountPoints            = [{ containerPath = "/work", sourceVolume = "work", readOnly = false }]
    # The first process of the container then passes signals on and reaps what stages leave behind.
    linuxParameters = { initProcessEnabled = true }
    environment = concat(
      [
        { name = "AWS_REGION", value = var.region },
        { name = "DYNAMODB_TABLE_NAME", value = local.table },
        { name = "MVP_STAGE_TIMEOUT_S", value = tostring(var.stage_timeout_s) },
      ],
      var.publish_bucket == null ? [] : [{ name = "MVP_PUBLISH_BUCKET", value = var.publish_bucket }],
      var.publish_url == null ? [] : [{ name = "MVP_PUBLISH_URL", value = var.publish_url }],
    )
    secrets = var.database_secret ? [
      { name = "FOUNDERDASH_DATABASE_URL", valueFrom = aws_secretsmanager_secret.database[0].arn },
    ] : []
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = local.job_logs
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = local.definition
        # CloudWatch in trouble stops no work: with "blocking" a stage would stand still at its next line,
        # and the entrypoint before its report. The price is lines that are lost when more than this waits;
        # what must not be lost is in the record.
        "mode"            = "non-blocking"
        "max-buffer-size" = "25m"
      }
    }
    },
    var.job_disk_gib == null ? {} : { ephemeralStorage = { sizeInGiB = var.job_disk_gib } },
  ))

  lifecycle {
    precondition {
      condition = (
        var.job_memory >= local.job_memory_range[0] && var.job_memory <= local.job_memory_range[1] &&
        (var.job_memory % local.job_memory_range[2] == 0 || var.job_memory == local.job_memory_range[0])
      )
      error_message = "job_memory: with ${var.job_vcpus} vCPU Fargate offers ${local.job_memory_range[0]} to ${local.job_memory_range[1]} MiB in steps of ${local.job_memory_range[2]}."
    }
  }
}
