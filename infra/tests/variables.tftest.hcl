# Values that would fail later are refused at once. A run has one bad value for each variable: all of them
# must be refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "fractions_and_forms" {
  command = plan
  variables {
    name               = "mvp-"
    region             = "us-east"
    tags               = { "aws:owner" = "me" }
    event_source       = "aws.batch"
    event_detail_type  = ""
    archive_days       = 1.5
    vpc_id             = "10.0.0.0"
    subnet_ids         = ["eni-0123456789abcdef0"]
    vpc_cidr           = "10.42.7.0/16"
    capacity_wait_s    = 600.5
    max_vcpus          = 1.5
    job_vcpus          = "3"
    job_memory         = 2048.5
    job_attempts       = 1.5
    job_timeout_s      = 60.5
    image              = "my image"
    image_tag          = "a/b"
    cpu_architecture   = "arm"
    job_disk_gib       = 30.5
    publish_bucket     = "My-Bucket"
    publish_url        = "sites.example.com"
    stage_timeout_s    = 0.5
    job_log_group      = "/aws/batch/my jobs"
    log_retention_days = 8
    alarm_emails       = ["nobody"]
  }
  expect_failures = [
    var.name, var.region, var.tags, var.event_source, var.event_detail_type, var.archive_days, var.vpc_id,
    var.subnet_ids, var.vpc_cidr, var.capacity_wait_s, var.max_vcpus, var.job_vcpus, var.job_memory,
    var.job_attempts, var.job_timeout_s, var.image, var.image_tag, var.cpu_architecture, var.job_disk_gib,
    var.publish_bucket, var.publish_url, var.stage_timeout_s, var.job_log_group, var.log_retention_days, var.alarm_emails,
  ]
}

run "too_little" {
  command = plan
  variables {
    name            = "m"
    event_source    = ""
    archive_days    = -1
    vpc_cidr        = "10.42.0.0/25"
    capacity_wait_s = 599
    max_vcpus       = 0
    job_memory      = 0
    job_attempts    = 0
    job_timeout_s   = 59
    image           = ""
    image_tag       = ""
    job_disk_gib    = 20
    publish_bucket  = "ab"
    stage_timeout_s = 0
    job_log_group   = ""
  }
  expect_failures = [
    var.name, var.event_source, var.archive_days, var.vpc_cidr, var.capacity_wait_s, var.max_vcpus, var.job_memory,
    var.job_attempts, var.job_timeout_s, var.image, var.image_tag, var.job_disk_gib, var.publish_bucket,
    var.stage_timeout_s, var.job_log_group,
  ]
}

# The entrypoint takes six digits for MVP_STAGE_TIMEOUT_S.
run "too_much" {
  command = plan
  variables {
    name            = "abcdefghijklmnopqrstuvwxy"
    subnet_ids      = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"]
    vpc_cidr        = "10.0.0.0/15"
    capacity_wait_s = 86401
    job_attempts    = 11
    job_timeout_s   = 1209601
    job_disk_gib    = 201
    publish_bucket  = "a-bucket--x-s3"
    stage_timeout_s = 1000000
  }
  expect_failures = [
    var.name, var.subnet_ids, var.vpc_cidr, var.capacity_wait_s, var.job_attempts, var.job_timeout_s,
    var.job_disk_gib, var.publish_bucket, var.stage_timeout_s,
  ]
}

run "names_with_two_hyphens" {
  command = plan
  variables {
    name           = "mvp--two"
    publish_bucket = "two..dots"
  }
  expect_failures = [var.name, var.publish_bucket]
}

run "names_that_are_something_else" {
  command = plan
  variables {
    name           = "sg-mvp"
    publish_bucket = "192.168.0.1"
  }
  expect_failures = [var.name, var.publish_bucket]
}

run "what_is_at_the_limits_is_taken" {
  command = plan
  variables {
    name            = "abcdefghijklmnopqrstuvwx"
    archive_days    = 0
    vpc_cidr        = "10.42.7.0/24"
    capacity_wait_s = 86400
    max_vcpus       = 1
    job_attempts    = 10
    job_timeout_s   = 1209600
    job_disk_gib    = 200
    publish_bucket  = "sites.of-ours.example"
    stage_timeout_s = 999999
    tags            = { Owner = "us" }
  }
  # 64 characters is what IAM takes.
  assert {
    condition     = length(aws_iam_role.execution.name) <= 64 && length("${var.name}-ap-southeast-1-execution") <= 64
    error_message = "A role's name is too long."
  }
  assert {
    condition     = can(regex("[{]\"name\":\"MVP_STAGE_TIMEOUT_S\",\"value\":\"999999\"[}]", aws_batch_job_definition.pipeline.container_properties))
    error_message = "The entrypoint must be given the limit in plain digits."
  }
}
