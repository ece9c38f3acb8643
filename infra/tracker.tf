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

# Who wants to know of every end subscribes to both topics; who only wants to be woken, to `failed`.
resource "aws_sns_topic" "finished" {
  name              = "${var.name}-job-finished"
  kms_master_key_id = local.key
}

resource "aws_sns_topic" "failed" {
  name              = "${var.name}-job-failed"
  kms_master_key_id = local.key
}

resource "aws_sns_topic_subscription" "finished" {
  for_each  = toset(var.alarm_emails)
  topic_arn = aws_sns_topic.finished.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_subscription" "failed" {
  for_each  = toset(var.alarm_emails)
  topic_arn = aws_sns_topic.failed.arn
  protocol  = "email"
  endpoint  = each.key
}

# The conditions under which a record may be written. DynamoDB evaluates them at the write, so that no
# reader stands between.
locals {
  # The words of a record's status, each in its spellings. Programs write them in any letter case, and a
  # condition knows no other comparison than byte by byte: a word is known by its length and its letters.
  tracker_words = {
    PENDING   = ["PENDING"]
    QUEUED    = ["QUEUED"]
    COMPLETED = ["COMPLETED"]
    FAILED    = ["FAILED"]
    CANCELLED = ["CANCELLED", "CANCELED"]
  }
  tracker_is = { for word, spellings in local.tracker_words : word => format("((%s) AND %s)",
    join(" OR ", [for s in spellings : "size(#s) = :n${length(s)}"]),
    join(" AND ", [for l in distinct(split("", word)) : "(contains(#s, :u${l}) OR contains(#s, :l${l}))"]),
  ) }
  tracker_not_final = "NOT (${join(" OR ", [for w in ["COMPLETED", "FAILED", "CANCELLED"] : local.tracker_is[w]])})"

  # A record only moves on: an event that comes late or twice, or for a job that was cancelled or has
  # reported its end itself, fails the condition and is dropped. So does one of another Batch job than
  # the record's: that is a duplicate, whose container was refused its claim and ended with 75. A record
  # names its Batch job in one of two places, or in both.
  tracker_ours = format("attribute_exists(jobId) AND %s", join(" AND ", [
    for path in ["batchJobId", "#r.batchJobId"] :
    "(attribute_not_exists(${path}) OR attribute_type(${path}, :null) OR ${path} = :none OR ${path} = :batch)"
  ]))
  tracker_named = "${local.tracker_ours} AND (batchJobId = :batch OR #r.batchJobId = :batch)"

  # Every value that an expression may use: a row takes those that its expressions name, for DynamoDB
  # refuses one that is not used.
  tracker_letters = distinct(flatten([for word in keys(local.tracker_words) : split("", word)]))
  tracker_values = merge(
    { for l in local.tracker_letters : ":u${l}" => { S = l } },
    { for l in local.tracker_letters : ":l${l}" => { S = lower(l) } },
    { for n in distinct([for s in flatten(values(local.tracker_words)) : length(s)]) : ":n${n}" => { N = tostring(n) } },
    {
      ":batch"     = { "S.$" = "$.batchJobId" }
      ":now"       = { "S.$" = "$.time" }
      ":reason"    = { "S.$" = "$.reason" }
      ":exit.$"    = "$.exit"
      ":why.$"     = "$.why"
      ":none"      = { S = "" }
      ":null"      = { S = "NULL" }
      ":all"       = { N = "100" }
      ":queued"    = { S = "QUEUED" }
      ":running"   = { S = "IN_PROGRESS" }
      ":completed" = { S = "COMPLETED" }
      ":failed"    = { S = "FAILED" }
    }
  )
}

# What is written, row by row.
locals {
  # A condition that does not hold is an answer: without the first row it would count as a failed task
  # and be tried again for half a minute before it is caught.
  tracker_retry = [
    { ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts = 0 },
    {
      ErrorEquals     = ["States.ALL"]
      IntervalSeconds = 1
      MaxAttempts     = 5
      BackoffRate     = 2
      JitterStrategy  = "FULL"
    },
  ]

  # Why an attempt ended goes when a later one completes, whoever reported that.
  tracker_end  = "exitCode = :exit, containerReason = :why, updatedAt = :now"
  tracker_well = "exitCode = :exit, updatedAt = :now REMOVE statusReason, containerReason"
  tracker_updates = {
    Queued = {
      update    = "SET #s = :queued, batchJobId = :batch, updatedAt = :now, statusReason = :reason"
      condition = "${local.tracker_ours} AND (${local.tracker_is.PENDING} OR ${local.tracker_is.QUEUED})"
      next      = "Done"
      otherwise = "Done"
    }
    Running = {
      update    = "SET #s = :running, batchJobId = :batch, updatedAt = :now, statusReason = :reason, startedAt = if_not_exists(startedAt, :now)"
      condition = "${local.tracker_ours} AND ${local.tracker_not_final}"
      next      = "Done"
      otherwise = "Done"
    }
    Succeeded = {
      update    = "SET #s = :completed, batchJobId = :batch, completedAt = :now, progress = :all, ${local.tracker_well}"
      condition = "${local.tracker_ours} AND ${local.tracker_not_final}"
      next      = "CountCompleted"
      otherwise = "EndedCompleted"
    }
    Failed = {
      update    = "SET #s = :failed, batchJobId = :batch, completedAt = :now, statusReason = :reason, ${local.tracker_end}"
      condition = "${local.tracker_ours} AND ${local.tracker_not_final}"
      next      = "CountFailed"
      otherwise = "EndedFailed"
    }
    # Exit code 75: a container that was refused its claim did nothing, so the record stays as it is,
    # nothing is counted and nothing announced. A record that names this very Batch job and is not over
    # had nothing to refuse: then it was the program that ended with this code, and failed.
    Refused = {
      update    = "SET #s = :failed, batchJobId = :batch, completedAt = :now, statusReason = :reason, ${local.tracker_end}"
      condition = "${local.tracker_named} AND ${local.tracker_not_final}"
      next      = "CountFailed"
      otherwise = "Done"
    }
    # The record is over already, told by the container or by who cancelled the job: it gets what only
    # Batch knows, and is announced as what it says. None of the three: it is another Batch job's.
    EndedFailed = {
      update    = "SET statusReason = :reason, ${local.tracker_end}"
      condition = "${local.tracker_named} AND ${local.tracker_is.FAILED}"
      next      = "CountFailed"
      otherwise = "EndedCancelled"
    }
    EndedCancelled = {
      update    = "SET ${local.tracker_end}"
      condition = "${local.tracker_named} AND ${local.tracker_is.CANCELLED}"
      next      = "CountCancelled"
      otherwise = "EndedCompletedToo"
    }
    EndedCompletedToo = {
      update    = "SET ${local.tracker_well}"
      condition = "${local.tracker_named} AND ${local.tracker_is.COMPLETED}"
      next      = "CountCompleted"
      otherwise = "Done"
    }
    EndedCompleted = {
      update    = "SET ${local.tracker_well}"
      condition = "${local.tracker_named} AND ${local.tracker_is.COMPLETED}"
      next      = "CountCompleted"
      otherwise = "EndedFailed"
    }
  }

  tracker_update_states = {
    for name, u in local.tracker_updates : name => {
      Type     = "Task"
      Resource = "arn:${local.partition}:states:::dynamodb:updateItem"
      Parameters = {
        TableName           = local.table
        Key                 = { jobId = { "S.$" = "$.jobId" } }
        UpdateExpression    = u.update
        ConditionExpression = u.condition
        ExpressionAttributeNames = {
          "#r" = "resources"
          "#s" = "status"
        }
        ExpressionAttributeValues = {
          for label, value in local.tracker_values : label => value
          if can(regex("${trimsuffix(label, ".$")}\\b", "${u.update} ${u.condition}"))
        }
      }
      ResultPath = null
      Retry      = local.tracker_retry
      Catch = [{
        ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"]
        ResultPath  = null
        Next        = u.otherwise
      }]
      Next = u.next
    }
  }

  # How a job ended: who is told, and what is counted. A cancelled job ends as FAILED in Batch: that is
  # no failure.
  tracker_ends = {
    Completed = { topic = aws_sns_topic.finished.arn, failures = 0 }
    Failed    = { topic = aws_sns_topic.failed.arn, failures = 1 }
    Cancelled = { topic = aws_sns_topic.finished.arn, failures = 0 }
  }
  tracker_count_states = { for end, e in local.tracker_ends : "Count${end}" => {
    Type     = "Task"
    Resource = "arn:${local.partition}:states:::aws-sdk:cloudwatch:putMetricData"
    Parameters = {
      Namespace = "MVPDash"
      MetricData = [
        { MetricName = "FailedJobs", Value = e.failures, Unit = "Count", Dimensions = local.tracker_dimensions },
        { MetricName = "${end}", Value = 1, Unit = "Count", Dimensions = local.tracker_dimensions },
      ]
    }
    ResultPath = null
    Retry      = local.tracker_retry
    Next       = "Announce${end}"
  } }
  tracker_announce_states = { for end, e in local.tracker_ends : "Announce${end}" => {
    Type     = "Task"
    Resource = "arn:${local.partition}:states:::sns:publish"
    Parameters = {
      TopicArn = e.topic
      Message = {
        "jobId.$"           = "$.jobId"
        "batchJobId.$"      = "$.batchJobId"
        status              = upper(end)
        "batchStatus.$"     = "$.status"
        "exitCode.$"        = "$.container.exitCode"
        "reason.$"          = "$.reason"
        "containerReason.$" = "$.container.reason"
        "time.$"            = "$.time"
      }
    }
    ResultPath = null
    Retry      = local.tracker_retry
    Next       = "HasRun"
  } }
  tracker_dimensions = [{ Name = "JobQueue", Value = local.queue }]
}

# The machine: how it reads an event is in tracker_reading.tf.
locals {
  tracker_states = merge(
    local.tracker_reading_states, local.tracker_take_states, local.tracker_fact_states,
    local.tracker_update_states, local.tracker_count_states, local.tracker_announce_states,
    {
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
                { Variable = "$.container.exitCode", IsNumeric = true },
                { Variable = "$.container.exitCode", NumericEquals = 75 },
              ]
              Next = "Refused"
            },
            { Variable = "$.status", StringEquals = "FAILED", Next = "Failed" },
          ]
        )
        Default = "Done"
      }
      # How long jobs take is the difference of the means of two metrics: no intrinsic function of Step
      # Functions subtracts numbers of this size.
      HasRun = {
        Type = "Choice"
        Choices = [{
          And = [
            { Variable = "$.startedAt", NumericGreaterThan = 0 },
            { Variable = "$.stoppedAt", NumericGreaterThan = 0 },
          ]
          Next = "CountTimes"
        }]
        Default = "Done"
      }
      CountTimes = {
        Type     = "Task"
        Resource = "arn:${local.partition}:states:::aws-sdk:cloudwatch:putMetricData"
        Parameters = {
          Namespace = "MVPDash"
          MetricData = [
            { MetricName = "StartedAt", "Value.$" = "$.startedAt", Unit = "Milliseconds", Dimensions = local.tracker_dimensions },
            { MetricName = "StoppedAt", "Value.$" = "$.stoppedAt", Unit = "Milliseconds", Dimensions = local.tracker_dimensions },
          ]
        }
        ResultPath = null
        Retry      = local.tracker_retry
        Next       = "Done"
      }
      Done = { Type = "Succeed" }
    }
  )
}

resource "aws_sfn_state_machine" "tracker" {
  name     = "${var.name}-development-tracker"
  type     = "EXPRESS"
  role_arn = aws_iam_role.tracker.arn
  definition = jsonencode({
    Comment = "Batch state changes into the job records; never backwards"
    StartAt = "Defaults"
    States  = local.tracker_states
  })

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.tracker.arn}:*"
    include_execution_data = false
    level                  = "ERROR"
  }

  depends_on = [aws_iam_role_policy.tracker]
}
