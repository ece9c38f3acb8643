/* hook.h - the program that [alerts] of config.ini names, run when a watched job ends or gets
 * stuck. */
#ifndef OPS_HOOK_H
#define OPS_HOOK_H

#include "ops/ops.h"

bool ops_has_hook(const struct ops *o);
/* Runs the program in a session of its own, without a shell and without the terminal: `facts`
 * ("NAME=value") are added to its environment, from which the keys of AWS and the database URL are
 * removed; `input` is its stdin. What it prints goes to the log. Waits for its end: E_TIMEOUT when
 * it took longer than hook_timeout (it is killed, with what it started), E_IO when it cannot be run
 * or ends with another status than 0. E_CANCELLED after ops_stop: the program then goes on by
 * itself, no longer than hook_timeout. What it leaves in its process group is killed at
 * hook_timeout in any case. */
MUST_CHECK enum err_code ops_hook(const struct ops *o, char *const *facts, size_t facts_len,
                                  const char *input, struct err *e);
#endif
