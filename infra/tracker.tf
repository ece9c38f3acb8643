# Keeps the record true without the container's help: Batch's own state changes go through a small
# Express workflow into the table. Batch publishes them on the *default* bus only.

resource "aws_cloudwatch_event_rule" "state" {
  name        = "${local.rule}-state"
  description = "State changes of the pipeline's Batch jobs"
  event_pattern = jsonencode({
    source        = ["aws.batch"]
    "detail-type" = ["Batch Job State Change"]
    detail        = { jobQueue = [aws_batch_job_queue.this.arn] }
  })
}

resource "aws_cloudwatch_event_target" "tracker" {
  rule      = aws_cloudwatch_event_rule.state.name
  target_id = "tracker"
  arn       = aws_sfn_state_machine.tracker.arn
  role_arn  = aws_iam_role.events.arn

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 86400
  }

  dead_letter_config {
    arn = aws_sqs_queue.dlq.arn
  }
}

resource "aws_sns_topic" "finished" {
  name = "${var.name}-job-finished"
}

resource "aws_sns_topic_subscription" "finished" {
  for_each  = toset(var.alarm_emails)
  topic_arn = aws_sns_topic.finished.arn
  protocol  = "email"
  endpoint  = each.key
}

locals {
  # A condition that does not hold is an answer: without the first row it would count as a failed task
  # and be tried again for half a minute before it is caught.
  tracker_retry = [
    { ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts = 0 },
    {
      ErrorEquals     = ["States.TaskFailed"]
      IntervalSeconds = 1
      MaxAttempts     = 5
      BackoffRate     = 2
      JitterStrategy  = "FULL"
    },
  ]

  # A record only moves on: an event that comes late or twice, or for a job that was cancelled or has
  # reported its end itself, fails the condition and is dropped. So does one of another Batch job than
  # the record's: that is a duplicate, whose container was refused its claim and ended with 75.
  tracker_ours      = "attribute_exists(jobId) AND (attribute_not_exists(batchJobId) OR attribute_type(batchJobId, :null) OR batchJobId IN (:none, :batch))"
  tracker_not_final = "NOT (#s IN (:completed, :failed, :cancelled))"
  tracker_final_values = {
    ":completed" = { S = "COMPLETED" }
    ":failed"    = { S = "FAILED" }
    ":cancelled" = { S = "CANCELLED" }
  }
  tracker_values = {
    ":batch"  = { "S.$" = "$.batchJobId" }
    ":now"    = { "S.$" = "$.time" }
    ":reason" = { "S.$" = "$.reason" }
    ":none"   = { S = "" }
    ":null"   = { S = "NULL" }
  }

  # One row a Batch state: what it writes, on what condition, and what comes then.
  tracker_updates = {
    Queued = {
      update    = "SET #s = :to, batchJobId = :batch, updatedAt = :now, statusReason = :reason"
      condition = "#s IN (:pending, :to)"
      values    = merge(local.tracker_values, { ":to" = { S = "QUEUED" }, ":pending" = { S = "PENDING" } })
      next      = null
    }
    Running = {
      update    = "SET #s = :to, batchJobId = :batch, updatedAt = :now, statusReason = :reason, startedAt = if_not_exists(startedAt, :now)"
      condition = local.tracker_not_final
      values    = merge(local.tracker_values, local.tracker_final_values, { ":to" = { S = "IN_PROGRESS" } })
      next      = null
    }
    Succeeded = {
      update    = "SET #s = :completed, batchJobId = :batch, updatedAt = :now, statusReason = :reason, completedAt = :now, progress = :all"
      condition = local.tracker_not_final
      values    = merge(local.tracker_values, local.tracker_final_values, { ":all" = { N = "100" } })
      next      = "Announce"
    }
    Failed = {
      update    = "SET #s = :failed, batchJobId = :batch, updatedAt = :now, statusReason = :reason, completedAt = :now"
      condition = local.tracker_not_final
      values    = merge(local.tracker_values, local.tracker_final_values)
      next      = "CountFailure"
    }
    # Exit code 75: a container that was refused its claim did nothing, so the record stays as it is,
    # nothing is counted and nothing announced. A record that names this very Batch job and is not over
    # had nothing to refuse: then it was the program that ended with this code, and failed.
    Refused = {
      update    = "SET #s = :failed, batchJobId = :batch, updatedAt = :now, statusReason = :reason, completedAt = :now"
      condition = "batchJobId = :batch AND ${local.tracker_not_final}"
      values    = merge(local.tracker_values, local.tracker_final_values)
      next      = "CountFailure"
      otherwise = "Done"
    }
  }

  tracker_update_states = {
    for name, u in local.tracker_updates : name => merge(
      {
        Type     = "Task"
        Resource = "arn:${local.partition}:states:::dynamodb:updateItem"
        Parameters = {
          TableName                 = local.table
          Key                       = { jobId = { "S.$" = "$.jobId" } }
          UpdateExpression          = u.update
          ConditionExpression       = "${local.tracker_ours} AND ${u.condition}"
          ExpressionAttributeNames  = { "#s" = "status" }
          ExpressionAttributeValues = u.values
        }
        ResultPath = null
        Retry      = local.tracker_retry
        Catch = [{
          ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"]
          ResultPath  = null
          Next        = try(u.otherwise, u.next == null ? "Done" : "WhoseEnd")
        }]
      },
      u.next == null ? { End = true } : { Next = u.next }
    )
  }

  tracker_states = merge(local.tracker_update_states, {
    # Our job id is in the parameters that the rule gives; in the environment for jobs started by hand.
    WhichJob = {
      Type = "Choice"
      Choices = [
        { Variable = "$.detail.parameters.jobId", IsPresent = true, Next = "FromParameters" },
        { Variable = "$.detail.container.environment[0]", IsPresent = true, Next = "FromEnvironment" },
      ]
      Default = "Done"
    }
    FromParameters = {
      Type = "Pass"
      Parameters = {
        "jobId.$"      = "$.detail.parameters.jobId"
        "batchJobId.$" = "$.detail.jobId"
        "status.$"     = "$.detail.status"
        "time.$"       = "$.time"
        "detail.$"     = "$.detail"
      }
      Next = "HasReason"
    }
    FromEnvironment = {
      Type = "Pass"
      Parameters = {
        "ids.$"        = "$.detail.container.environment[?(@.name=='JOB_ID')].value"
        "batchJobId.$" = "$.detail.jobId"
        "status.$"     = "$.detail.status"
        "time.$"       = "$.time"
        "detail.$"     = "$.detail"
      }
      Next = "HasId"
    }
    HasId = {
      Type    = "Choice"
      Choices = [{ Variable = "$.ids[0]", IsPresent = true, Next = "TakeId" }]
      Default = "Done"
    }
    TakeId = {
      Type       = "Pass"
      InputPath  = "$.ids[0]"
      ResultPath = "$.jobId"
      Next       = "HasReason"
    }
    HasReason = {
      Type    = "Choice"
      Choices = [{ Variable = "$.detail.statusReason", IsPresent = true, Next = "TakeReason" }]
      Default = "NoReason"
    }
    TakeReason = {
      Type       = "Pass"
      InputPath  = "$.detail.statusReason"
      ResultPath = "$.reason"
      Next       = "WhichState"
    }
    NoReason = {
      Type       = "Pass"
      Result     = ""
      ResultPath = "$.reason"
      Next       = "WhichState"
    }
    WhichState = {
      Type = "Choice"
      Choices = concat(
        [for s in ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING"] : { Variable = "$.status", StringEquals = s, Next = "Queued" }],
        [
          { Variable = "$.status", StringEquals = "RUNNING", Next = "Running" },
          { Variable = "$.status", StringEquals = "SUCCEEDED", Next = "Succeeded" },
          {
            And = [
              { Variable = "$.status", StringEquals = "FAILED" },
              { Variable = "$.detail.container.exitCode", IsPresent = true },
              { Variable = "$.detail.container.exitCode", NumericEquals = 75 },
            ]
            Next = "Refused"
          },
          { Variable = "$.status", StringEquals = "FAILED", Next = "Failed" },
        ]
      )
      Default = "Done"
    }
    # The record was final already, or is another Batch job's: announced is only the end of its own.
    WhoseEnd = {
      Type     = "Task"
      Resource = "arn:${local.partition}:states:::dynamodb:getItem"
      Parameters = {
        TableName                = local.table
        Key                      = { jobId = { "S.$" = "$.jobId" } }
        ConsistentRead           = true
        ProjectionExpression     = "batchJobId, #s"
        ExpressionAttributeNames = { "#s" = "status" }
      }
      ResultPath = "$.record"
      Retry      = local.tracker_retry
      Next       = "WhichEnd"
    }
    # A cancelled job ends as FAILED in Batch: that is no failure to count.
    WhichEnd = {
      Type = "Choice"
      Choices = [
        {
          Not  = { And = [{ Variable = "$.record.Item.batchJobId.S", IsPresent = true }, { Variable = "$.record.Item.batchJobId.S", StringEqualsPath = "$.batchJobId" }] }
          Next = "Done"
        },
        { Variable = "$.record.Item.status.S", StringEquals = "FAILED", Next = "CountFailure" },
      ]
      Default = "Announce"
    }
    CountFailure = {
      Type     = "Task"
      Resource = "arn:${local.partition}:states:::aws-sdk:cloudwatch:putMetricData"
      Parameters = {
        Namespace  = "MVPDash"
        MetricData = [{ MetricName = "FailedJobs", Value = 1, Unit = "Count", Dimensions = [{ Name = "JobQueue", Value = local.queue }] }]
      }
      ResultPath = null
      Next       = "Announce"
    }
    Announce = {
      Type     = "Task"
      Resource = "arn:${local.partition}:states:::sns:publish"
      Parameters = {
        TopicArn = aws_sns_topic.finished.arn
        "Message" = {
          "jobId.$"       = "$.jobId"
          "batchJobId.$"  = "$.batchJobId"
          "batchStatus.$" = "$.status"
          "reason.$"      = "$.reason"
          "time.$"        = "$.time"
        }
      }
      ResultPath = null
      End        = true
    }
    Done = { Type = "Succeed" }
  })
}

resource "aws_sfn_state_machine" "tracker" {
  name     = "${var.name}-development-tracker"
  type     = "EXPRESS"
  role_arn = aws_iam_role.tracker.arn
  definition = jsonencode({
    Comment = "Batch state changes into the job records; never backwards"
    StartAt = "WhichJob"
    States  = local.tracker_states
  })

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.tracker.arn}:*"
    include_execution_data = false
    level                  = "ERROR"
  }

  depends_on = [aws_iam_role_policy.tracker]
}
