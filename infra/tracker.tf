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

# What an event says, with everything in its place: a path to what is not there would end the execution.
locals {
  tracker_reading_states = {
    Defaults = {
      Type = "Pass"
      Result = {
        detail     = { statusReason = "", parameters = {}, container = {}, attempts = [], startedAt = 0, stoppedAt = 0 }
        parameters = { JOB_ID = "", jobId = "" }
        attempt    = { container = {} }
        container  = { exitCode = null, reason = "", environment = [] }
      }
      ResultPath = "$.default"
      Next       = "Detail"
    }
    Detail = {
      Type = "Pass"
      Parameters = {
        "default.$" = "$.default"
        "time.$"    = "$.time"
        "detail.$"  = "States.JsonMerge($.default.detail, $.detail, false)"
      }
      Next = "HasAttempts"
    }
    # The exit code and the container's reason are the last attempt's, and in most events the container's
    # own as well: which wins.
    HasAttempts = {
      Type    = "Choice"
      Choices = [{ Variable = "$.detail.attempts[0]", IsPresent = true, Next = "LastAttempt" }]
      Default = "Facts"
    }
    LastAttempt = {
      Type = "Pass"
      Parameters = {
        "container.$" = "States.ArrayGetItem($.detail.attempts, States.MathAdd(States.ArrayLength($.detail.attempts), -1))"
      }
      ResultPath = "$.last"
      Next       = "AttemptContainer"
    }
    AttemptContainer = {
      Type       = "Pass"
      Parameters = { "attempt.$" = "States.JsonMerge($.default.attempt, $.last.container, false)" }
      ResultPath = "$.default.last"
      Next       = "AttemptDefaults"
    }
    AttemptDefaults = {
      Type       = "Pass"
      Parameters = { "container.$" = "States.JsonMerge($.default.container, $.default.last.attempt.container, false)" }
      ResultPath = "$.merged"
      Next       = "TakeDefaults"
    }
    TakeDefaults = {
      Type       = "Pass"
      InputPath  = "$.merged.container"
      ResultPath = "$.default.container"
      Next       = "Facts"
    }
    Facts = {
      Type = "Pass"
      Parameters = {
        "time.$"       = "$.time"
        "batchJobId.$" = "$.detail.jobId"
        "status.$"     = "$.detail.status"
        "reason.$"     = "$.detail.statusReason"
        "startedAt.$"  = "$.detail.startedAt"
        "stoppedAt.$"  = "$.detail.stoppedAt"
        "container.$"  = "States.JsonMerge($.default.container, $.detail.container, false)"
        "parameters.$" = "States.JsonMerge($.default.parameters, $.detail.parameters, false)"
      }
      Next = "Ids"
    }
    # Where our job id may stand, in this order: in the environment of the container, in the parameters.
    # The rule writes both.
    Ids = {
      Type = "Pass"
      Parameters = {
        "environment.$" = "$.container.environment"
        parameters = [
          { name = "JOB_ID", "value.$" = "$.parameters.JOB_ID" },
          { name = "JOB_ID", "value.$" = "$.parameters.jobId" },
        ]
      }
      ResultPath = "$.named"
      Next       = "FindIds"
    }
    FindIds = {
      Type       = "Pass"
      Parameters = { "ids.$" = "$.named.*[?(@.name=='JOB_ID')].value" }
      ResultPath = "$.found"
      Next       = "WhichId"
    }
    WhichId = {
      Type = "Choice"
      Choices = [for n in local.tracker_places : {
        And = [
          { Variable = "$.found.ids[${n}]", IsPresent = true },
          { Not = { Variable = "$.found.ids[${n}]", StringEquals = "" } },
        ]
        Next = "TakeId${n}"
      }]
      Default = "Done"
    }
  }
  tracker_places = [0, 1, 2]
  tracker_take_states = { for n in local.tracker_places : "TakeId${n}" => {
    Type       = "Pass"
    InputPath  = "$.found.ids[${n}]"
    ResultPath = "$.jobId"
    Next       = "HasExit"
  } }

  # Attribute values: NULL is what is not known.
  tracker_fact_states = {
    HasExit = {
      Type    = "Choice"
      Choices = [{ Variable = "$.container.exitCode", IsNumeric = true, Next = "TakeExit" }]
      Default = "NoExit"
    }
    TakeExit = {
      Type       = "Pass"
      Parameters = { "N.$" = "States.Format('{}', $.container.exitCode)" }
      ResultPath = "$.exit"
      Next       = "HasWhy"
    }
    NoExit = {
      Type       = "Pass"
      Result     = { NULL = true }
      ResultPath = "$.exit"
      Next       = "HasWhy"
    }
    HasWhy = {
      Type = "Choice"
      Choices = [
        { Variable = "$.container.reason", StringEquals = "", Next = "NoWhy" },
        # Batch's own words say nothing that the state does not.
        { Variable = "$.reason", StringMatches = "Essential container in task exited*", Next = "OnlyWhy" },
        { Variable = "$.reason", StringEquals = "", Next = "OnlyWhy" },
      ]
      Default = "BothReasons"
    }
    NoWhy = {
      Type       = "Pass"
      Result     = { NULL = true }
      ResultPath = "$.why"
      Next       = "WhichState"
    }
    OnlyWhy = {
      Type       = "Pass"
      InputPath  = "$.container.reason"
      ResultPath = "$.reason"
      Next       = "TakeWhy"
    }
    BothReasons = {
      Type       = "Pass"
      Parameters = { "text.$" = "States.Format('{}: {}', $.reason, $.container.reason)" }
      ResultPath = "$.both"
      Next       = "TakeBoth"
    }
    TakeBoth = {
      Type       = "Pass"
      InputPath  = "$.both.text"
      ResultPath = "$.reason"
      Next       = "TakeWhy"
    }
    TakeWhy = {
      Type       = "Pass"
      Parameters = { "S.$" = "$.container.reason" }
      ResultPath = "$.why"
      Next       = "WhichState"
    }
  }

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
