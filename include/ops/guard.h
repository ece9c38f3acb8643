/* guard.h - nothing is written to another place than the one that the configuration names.
 *
 * As long as a line that was to say where something is written cannot be used (settings_unsafe),
 * nothing is written at all.
 *
 * A context with `account` may only be written to with that account's credentials. Whose the keys
 * in use are is asked once for each key (GetCallerIdentity) and remembered for the life of the
 * process; as long as that is not known, nothing is written either. The client asks before each
 * operation that writes (aws/client.h), so that no way leads around it; operations that keep
 * something on disk first, and front ends, ask with ops_may_write. Any thread; a check may make one
 * request, and threads that need the same answer wait for it. */
#ifndef OPS_GUARD_H
#define OPS_GUARD_H

#include "aws/client.h"
#include "config/settings.h"
#include "core/err.h"

struct ops;
struct write_guard; /* opaque: src/ops/guard.c */

/* NULL when the configuration can be used and the context in force names no account: then all may
 * be written to. */
struct write_guard *write_guard_new(const struct settings *s);
void write_guard_free(struct write_guard *g); /* NULL allowed */
/* The client that the question is asked with; before the first check. NULL guard allowed. */
void write_guard_bind(struct write_guard *g, struct aws_client *aws);
/* `may_write` of struct aws_options; `arg` is the guard, NULL allows all. */
MUST_CHECK enum err_code write_guard_check(void *arg, const char *key_id, struct err *e);

/* E_CONFIG when a line that was to say where something is written cannot be used. Asks nobody. */
MUST_CHECK enum err_code ops_config_safe(const struct settings *s, struct err *e);
/* May anything be written with the credentials in use? E_CONFIG: they are of another account, or
 * settings_unsafe; any other error: whose they are is not known, for that reason. */
MUST_CHECK enum err_code ops_may_write(const struct ops *o, struct err *e);
/* For operations that only read: E_OK, or why the credentials are not of the account that the
 * context names, or may not be. Asks for a few seconds at most, and only when what is remembered
 * does not confirm it. */
enum err_code ops_account_check(const struct ops *o, struct err *e);
#endif
