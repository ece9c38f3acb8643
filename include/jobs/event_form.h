/* event_form.h - an event that a person typed: which form it has, and what it tells.
 *
 * Pure; any thread. */
#ifndef JOBS_EVENT_FORM_H
#define JOBS_EVENT_FORM_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/err.h"

enum event_form {
    EVENT_FORM_WHOLE, /* as a rule's target gets it: {"source","detail-type","detail",...} */
    EVENT_FORM_ENTRY, /* as PutEvents takes it: {"Source","DetailType","Detail":"{...}",...} */
    EVENT_FORM_DETAIL /* only the detail (SPEC 1.1) */
};

/* Reads `text` into a whole event, as far as the text gives one; owned. `source` and `detail_type`
 * are taken where the text names none. E_INVALID names the member that is wrong and what it must
 * be. */
MUST_CHECK enum err_code event_form_read(const char *text, size_t len, const char *source,
                                         const char *detail_type, cJSON **event,
                                         enum event_form *form, struct err *e);
#endif
