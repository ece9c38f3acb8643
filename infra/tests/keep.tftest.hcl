# What keeps a system's data, and what is let go of in one for trying out.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  database_secret = true
}

run "a_system_in_use" {
  assert {
    condition     = aws_dynamodb_table.jobs.deletion_protection_enabled
    error_message = "The table must be protected."
  }
  assert {
    condition     = aws_secretsmanager_secret.database[0].recovery_window_in_days == 30
    error_message = "The secret must be recoverable."
  }
  assert {
    condition     = !aws_ecr_repository.pipeline.force_delete
    error_message = "Images must not go with the repository."
  }
  assert {
    condition     = terraform_data.identity.output == "mvp in us-east-1 of account 123456789012"
    error_message = "The state must know whose it is."
  }
}

run "the_same_again" {
  command = plan
}

run "another_name_is_refused" {
  command = plan
  variables {
    name = "other"
  }
  expect_failures = [terraform_data.identity]
}

run "another_region_is_refused" {
  command = plan
  variables {
    region = "eu-west-1"
  }
  expect_failures = [terraform_data.identity]
}

run "another_account_is_refused" {
  command = plan
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "210987654321" }
  }
  expect_failures = [terraform_data.identity]
}

run "another_name_is_refused_for_trying_out_too" {
  command = plan
  variables {
    name      = "other"
    ephemeral = true
  }
  expect_failures = [terraform_data.identity]
}

# The last one: what is made here could not be destroyed otherwise.
run "for_trying_out" {
  variables {
    ephemeral = true
  }
  assert {
    condition = (
      !aws_dynamodb_table.jobs.deletion_protection_enabled && aws_ecr_repository.pipeline.force_delete &&
      aws_secretsmanager_secret.database[0].recovery_window_in_days == 0
    )
    error_message = "Nothing may be kept."
  }
}
