# On demand and Spot: both there, one queue, and `spot` is the order.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan

  override_resource {
    target = aws_batch_compute_environment.this["on_demand"]
    values = { arn = "arn:aws:batch:us-east-1:123456789012:compute-environment/on-demand" }
  }
  override_resource {
    target = aws_batch_compute_environment.this["spot"]
    values = { arn = "arn:aws:batch:us-east-1:123456789012:compute-environment/spot" }
  }
}

run "on_demand_first" {
  command = plan
  assert {
    condition     = [for o in aws_batch_job_queue.this.compute_environment_order : element(split("/", o.compute_environment), 1)] == ["on-demand", "spot"]
    error_message = "On demand comes first."
  }
  assert {
    condition     = { for k, e in aws_batch_compute_environment.this : k => [e.compute_resources[0].type, e.state] } == { on_demand = ["FARGATE", "ENABLED"], spot = ["FARGATE_SPOT", "ENABLED"] }
    error_message = "Both kinds must be there and take jobs."
  }
}

run "spot_first" {
  command = plan
  variables {
    spot = true
  }
  assert {
    condition     = [for o in aws_batch_job_queue.this.compute_environment_order : element(split("/", o.compute_environment), 1)] == ["spot", "on-demand"]
    error_message = "Spot comes first."
  }
  assert {
    condition     = { for k, e in aws_batch_compute_environment.this : k => [e.compute_environment_name, e.state] } == { on_demand = ["mvp-pipeline-compute", "ENABLED"], spot = ["mvp-pipeline-spot", "ENABLED"] }
    error_message = "The environments themselves must not change."
  }
}

run "no_overflow" {
  command = plan
  variables {
    overflow = false
  }
  assert {
    condition     = { for k, e in aws_batch_compute_environment.this : k => e.state } == { on_demand = "ENABLED", spot = "DISABLED" }
    error_message = "Only the first may take jobs."
  }
}

run "jobs_that_cannot_start" {
  command = plan
  variables {
    capacity_wait_s = 3600
  }
  assert {
    condition = { for a in aws_batch_job_queue.this.job_state_time_limit_action : a.reason => [a.action, a.state, tostring(a.max_time_seconds)] } == {
      "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE" = ["CANCEL", "RUNNABLE", "600"]
      "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"         = ["CANCEL", "RUNNABLE", "600"]
      "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"           = ["CANCEL", "RUNNABLE", "3600"]
    }
    error_message = "Batch must end them."
  }
  assert {
    condition     = [for r in aws_batch_job_definition.pipeline.retry_strategy[0].evaluate_on_exit : "${r.action} ${coalesce(r.on_exit_code, "-")} ${coalesce(r.on_status_reason, "-")} ${coalesce(r.on_reason, "-")}"] == ["EXIT 75 - -", "RETRY - Your Spot Task was interrupted* -", "RETRY - Task failed to start* -", "EXIT * - -", "EXIT - - *"]
    error_message = "Tried again is what never ran or lost its host, and nothing else."
  }
  assert {
    condition     = jsondecode(aws_batch_job_definition.pipeline.container_properties).logConfiguration.options["mode"] == "non-blocking"
    error_message = "A log that cannot be written must not stop the work."
  }
}

run "too_small_for_a_job" {
  command = plan
  variables {
    job_vcpus  = "4"
    job_memory = 8192
    max_vcpus  = 2
  }
  expect_failures = [aws_batch_compute_environment.this]
}

run "memory_that_fargate_does_not_have" {
  command = plan
  variables {
    job_vcpus  = "4"
    job_memory = 2048
  }
  expect_failures = [aws_batch_job_definition.pipeline]
}

run "a_network_without_subnets" {
  command = plan
  variables {
    vpc_id = "vpc-0123456789abcdef0"
  }
  expect_failures = [aws_batch_compute_environment.this]
}

run "a_log_group_of_others_is_only_used" {
  command = plan
  variables {
    job_log_group = "/aws/batch/job"
  }
  override_data {
    target = data.aws_cloudwatch_log_group.shared[0]
    values = { name = "/aws/batch/job", arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/batch/job" }
  }
  assert {
    condition     = aws_cloudwatch_log_group.pipeline.name == "/aws/batch/mvp-pipeline-job"
    error_message = "Made is the jobs' own group only."
  }
  assert {
    condition     = jsondecode(aws_batch_job_definition.pipeline.container_properties).logConfiguration.options["awslogs-group"] == "/aws/batch/job"
    error_message = "The jobs must log to the named group."
  }
  assert {
    condition     = strcontains(output.env_file, "BATCH_LOG_GROUP=/aws/batch/job\n")
    error_message = "mvpdash must be told."
  }
}

run "another_image_and_its_machine" {
  command = plan
  variables {
    image            = "example.com/pipeline@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    cpu_architecture = "ARM64"
    job_disk_gib     = 40
    publish_bucket   = "sites-of-ours"
  }
  assert {
    condition = [for p in [jsondecode(aws_batch_job_definition.pipeline.container_properties)] :
      [p.image, p.runtimePlatform.cpuArchitecture, tostring(p.ephemeralStorage.sizeInGiB)]
    ] == [["example.com/pipeline@sha256:0000000000000000000000000000000000000000000000000000000000000000", "ARM64", "40"]]
    error_message = "The job must have the image, its machine and the disk."
  }
  assert {
    condition     = one([for e in jsondecode(aws_batch_job_definition.pipeline.container_properties).environment : e.value if e.name == "MVP_PUBLISH_BUCKET"]) == "sites-of-ours"
    error_message = "The container must be told the bucket."
  }
  assert {
    condition     = length(aws_secretsmanager_secret.database) == 0 && length(jsondecode(aws_batch_job_definition.pipeline.container_properties).secrets) == 0
    error_message = "Without database_secret there is no secret."
  }
}

run "subnets_of_no_network" {
  command = plan
  variables {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }
  expect_failures = [aws_batch_compute_environment.this]
}
