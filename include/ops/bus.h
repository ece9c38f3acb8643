/* bus.h - the rules of the event bus with their targets, and what an event would come to at each of
 * them. */
#ifndef OPS_BUS_H
#define OPS_BUS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "ops/ops.h"

enum bus_match {
    BUS_MATCH_NOT_ASKED, /* no event was given */
    BUS_MATCH_NOT_KNOWN, /* EventBridge could not be asked: `match_err` */
    BUS_MATCH_NO,        /* `why` */
    BUS_MATCH_YES
};

/* What a target of a matching rule would get of the event. */
struct bus_gift {
    /* owned text; NULL: the target gets nothing of the event (a job without Input), or `err` says
     * why */
    char *input;
    cJSON *job;     /* owned: SubmitJob's document, for a target that is a Batch queue; else NULL */
    struct err err; /* E_INVALID: the event would go to the dead letters, or would be lost */
};

struct bus_rule {
    const cJSON *doc;       /* as ListRules gave it */
    cJSON *targets;         /* owned array; NULL: they are not known, see targets_err */
    struct err targets_err; /* why the targets are not known; E_OK */
    enum bus_match match;
    struct err match_err;
    char why[600]; /* which part of the pattern the event does not match */
    /* owned, one for each target; NULL unless the rule matches and its targets are known */
    struct bus_gift *gifts;
};

struct bus_report {
    cJSON *bus;           /* owned: the reply of DescribeEventBus; NULL: see bus_err */
    struct err bus_err;   /* E_OK */
    cJSON *rules;         /* owned */
    struct bus_rule *row; /* owned, one for each rule */
    size_t len;
    cJSON *event;     /* owned: the whole event that was asked about; NULL without one */
    size_t matching;  /* how many rules match and are enabled */
    size_t not_known; /* how many rules have targets or a match that is not known */
};
void bus_report_clear(struct bus_report *r);

/* Called with what the report says, line by line, for people: with `indent` 0 a heading or an empty
 * line (no label), else a label and its text. Secrets are masked; clean the text before a
 * screen. */
typedef void (*bus_line_fn)(void *arg, int indent, const char *label, const char *text);
void bus_lines(const struct bus_report *r, bus_line_fn line_fn, void *arg);

/* Is the rule enabled? */
bool bus_rule_enabled(const cJSON *rule);

/* Reads all rules of the bus and the targets of each, and asks EventBridge which of them match
 * `event` (a whole event as far as it is given, event_form.h; taken; NULL: none). A question about
 * one rule that fails does not hide the other rules. E_NOT_FOUND when there is no such bus. */
MUST_CHECK enum err_code ops_bus(const struct ops *o, cJSON *event, struct bus_report *out,
                                 struct err *e);
#endif
