/* outbox_priv.h - private to ops: what the parts of the outbox share (the files outbox*.c). */
#ifndef OPS_OUTBOX_PRIV_H
#define OPS_OUTBOX_PRIV_H

#include <stdbool.h>

#include "core/strbuf.h"
#include "ops/outbox.h"

/* ---- the text: a head, whose bytes are overwritten when the stage changes, then the rest of one
 * JSON object ---- */

enum { OUTBOX_HEAD_SIZE = 160 };

/* The head has the same length for every stage, time and boot. */
void outbox_head_text(const struct outbox_entry *x, char out[OUTBOX_HEAD_SIZE]);
/* Appends the text of the whole file: wipe it. Fails only when nobody could tell whose the entry
 * is: E_CREDS and similar codes. */
MUST_CHECK enum err_code outbox_text(const struct ops *o, const struct outbox_entry *x,
                                     struct strbuf *out, struct err *e);
/* Fills the entry from its document, whatever place it belongs to. E_PARSE. */
MUST_CHECK enum err_code outbox_parse(const cJSON *doc, struct outbox_entry *x, struct err *e);

/* The entry's request and ids as JSON, without stage, place and reason; owned. It holds the
 * database URL. */
cJSON *outbox_request_json(const struct outbox_entry *x);
/* The word of a stage, and back; false when the word is none. */
const char *outbox_stage_word(enum outbox_stage stage);
bool outbox_stage_parse(const char *word, enum outbox_stage *stage);

/* ---- what keeps entries ---- */

/* The steps of an open entry, as ops/outbox.h describes them: outbox_store.c calls these. */
struct outbox_store {
    enum err_code (*sync)(struct outbox_entry *x, struct err *e);
    enum err_code (*mark_sent)(struct outbox_entry *x, int64_t now_ms, struct err *e);
    enum err_code (*mark_kept)(struct outbox_entry *x, struct err *e);
    enum err_code (*mark_dead)(const struct ops *o, struct outbox_entry *x, const char *why,
                               struct err *e);
    int64_t (*waited_ms)(struct outbox_entry *x);
    void (*done)(struct outbox_entry *x);
    void (*undo)(struct outbox_entry *x);
    void (*leave)(struct outbox_entry *x);
};
extern const struct outbox_store outbox_files; /* outbox_steps.c */

MUST_CHECK enum err_code outbox_file_add(const struct ops *o, const struct deploy_request *r,
                                         struct outbox_entry *out, struct err *e);
MUST_CHECK enum err_code outbox_file_open(const struct ops *o, const char *job_id,
                                          struct outbox_entry *out, struct err *e);
MUST_CHECK enum err_code outbox_file_drop(const struct ops *o, const char *job_id, struct err *e);
MUST_CHECK enum err_code outbox_file_dead(const struct ops *o, struct outbox_entry *x,
                                          const char *why, struct err *e);
MUST_CHECK enum err_code outbox_file_replace(const struct ops *o, const struct deploy_request *r,
                                             int64_t sent_ms, struct err *e);
size_t outbox_file_scan(const struct ops *o, struct outbox_item **items);

/* Makes an entry without a request of its own: no file, no lock. */
void outbox_entry_init(const struct ops *o, struct outbox_entry *x);
/* Gives a new entry its request and its ids. */
void outbox_entry_fill(struct outbox_entry *x, const struct deploy_request *r);
int outbox_by_age(const void *a, const void *b); /* two struct outbox_item, for qsort */

/* ---- the steps ---- */

/* Gives the lock back and empties the entry, whatever became of its file. */
void outbox_entry_clear(struct outbox_entry *x);
/* Makes an entry that a log holds safe without the log, before another process may take it over. */
void outbox_settle(struct outbox_entry *x);
/* Syncs the folder that the file is in. */
bool outbox_sync_folder(const char *path);
enum err_code outbox_fail_io(struct err *e, const char *what, const char *path);
void outbox_fault(const struct ops *o, const char *step);
#endif
