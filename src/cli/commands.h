/* commands.h - the rows of the command table, one for each cmd_<name>.c; cli.c lists them. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cmd_dashboard;
extern const struct cli_command cmd_send;
extern const struct cli_command cmd_bulk;
extern const struct cli_command cmd_list;
extern const struct cli_command cmd_stats;
extern const struct cli_command cmd_status;
extern const struct cli_command cmd_cancel;
extern const struct cli_command cmd_retry;
extern const struct cli_command cmd_logs;
extern const struct cli_command cmd_jobs;
extern const struct cli_command cmd_bus;
extern const struct cli_command cmd_dlq;
extern const struct cli_command cmd_outbox;
extern const struct cli_command cmd_event;
extern const struct cli_command cmd_report;
extern const struct cli_command cmd_test;
extern const struct cli_command cmd_doctor;
extern const struct cli_command cmd_config;
extern const struct cli_command cmd_iam;
extern const struct cli_command cmd_serve;
extern const struct cli_command cmd_local;
extern const struct cli_command cmd_help;
#endif
