/* The table of all checks of the doctor. */
#include "doctor_priv.h"

/* The rows stand in the order in which checks are printed and blamed: the first failure is the
 * headline. */
const struct doctor_check doctor_checks[] = {
    {"A1",          "configuration",              "",               "",                                                     check_config,         false},
    {"A2",          "terminal",                   "",               "",                                                     check_terminal,       false},
    {"A3.sts",      "STS reachable",              "",               "",                                                     check_reach_sts,      false},
    {"A3.dynamodb", "DynamoDB reachable",         "",               "",                                                     check_reach_dynamodb, false},
    {"A3.events",   "EventBridge reachable",      "",               "",                                                     check_reach_events,   false},
    {"A3.batch",    "Batch reachable",            "",               "",                                                     check_reach_batch,    false},
    {"A3.logs",     "CloudWatch Logs reachable",  "",               "",                                                     check_reach_logs,     false},
    {"A3.sqs",      "SQS reachable",              "",               "",                                                     check_reach_sqs,      false},
    {"A4",          "clock",                      "",               "A3.sts A3.dynamodb A3.events A3.batch A3.logs A3.sqs", check_clock,          false},
    {"B1",          "credentials",                "",               "",                                                     check_credentials,    false},
    {"B2",          "identity",                   "B1",             "A3.sts",                                               check_identity,       false},
    {"B3",          "region and account",         "B2",             "C1 D1 F1",                                             check_place,          false},
    {"B4",          "own rights",                 "B2",             "",                                                     check_rights,         false},
    {"C1",          "table",                      "A3.dynamodb B2", "",                                                     check_table,          false},
    {"C2",          "records",                    "C1",             "",                                                     check_records,        false},
    {"D1",          "event bus",                  "A3.events B2",   "",                                                     check_bus,            false},
    {"D2",          "bus policy and log",         "D1",             "",                                                     check_bus_policy,     false},
    {"D3",          "rule's state",               "D1",             "",                                                     check_rule,           false},
    {"D4",          "event pattern",              "D3",             "",                                                     check_pattern,        false},
    {"D5",          "other rules",                "D3",             "",                                                     check_other_rules,    false},
    {"D6",          "target",                     "D3",             "",                                                     check_targets,        false},
    {"D7",          "target's role",              "D6",             "H2",                                                   check_role,           false},
    {"D8",          "role may start jobs",        "D7",             "F3 H2",                                                check_role_rights,    false},
    {"D9",          "target's retries and DLQ",   "D6",             "",                                                     check_target_safety,  false},
    {"E1",          "dead letter queue",          "A3.sqs B2",      "D6",                                                   check_dlq,            false},
    {"E2",          "dead letter queue's policy", "E1 D3",          "",                                                     check_dlq_policy,     false},
    {"E4",          "dead letters",               "E1",             "",                                                     check_dlq_depth,      false},
    {"F1",          "job queue",                  "A3.batch B2",    "",                                                     check_queue,          false},
    {"F2",          "compute environments",       "F1",             "",                                                     check_environments,   false},
    {"F3",          "job definition",             "A3.batch B2",    "D6",                                                   check_definition,     false},
    {"F4",          "size",                       "F2 F3",          "",                                                     check_fit,            false},
    {"F5",          "image",                      "F3",             "H2",                                                   check_image,          false},
    {"F6",          "waiting jobs",               "F1",             "F2",                                                   check_head,           false},
    {"F7",          "timeout",                    "F3",             "",                                                     check_limits,         false},
    {"G1",          "log group",                  "A3.logs F3",     "",                                                     check_log_group,      false},
    {"G2",          "log of a finished job",      "G1 H2",          "",                                                     check_log_stream,     false},
    {"H1",          "state changes come back",    "A3.events B2",   "F1",                                                   check_state_rule,     false},
    {"H2",          "records agree with Batch",   "C1 F1",          "",                                                     check_drift,          false},
    {"I1",          "rule's metrics",             "D3",             "C2 H2",                                                check_metrics,        false},
    {"K1",          "this job",                   "C1",             "D1 D3 D4 D6 D7 D8 E1 E4 F1 F3 F6 H2",                  check_job,            true },
};
const size_t doctor_checks_len = sizeof doctor_checks / sizeof *doctor_checks;

const char doctor_way[] = "D1 D3 D4 D6 E4 D7 D8 F1 F3 F6 H2 K1";
