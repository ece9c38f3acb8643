# How the tracker reads an event, and the facts that it writes.
#
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
}
