/* The list of all faults of one input. */
#include "core/faults.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"

/* The bytes of a field's name that are shown, so that the sentence has room for the fault
 * itself. */
enum { FIELD_SHOWN = 160 };

/* Makes a text safe to show, as err_set does. */
static char *safe(const char *text)
{
    struct err e;

    (void)err_set(&e, E_INVALID, "%s", text);
    return xstrdup(e.msg);
}

void faults_add(struct faults *f, const char *field, const char *reason)
{
    if (f->len == FAULTS_MAX) {
        f->more++;
        return;
    }
    int n = text_cut(field, FIELD_SHOWN);
    char *shown = xasprintf("%.*s%s", n, field, field[n] == '\0' ? "" : "...");
    f->items[f->len++] = (struct fault){.field = safe(shown), .reason = safe(reason)};
    free(shown);
}

const char *fault_joint(const char *reason)
{
    static const char *const verbs[] = {"is ", "has ", "makes ", "must ", "was ", "belongs "};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strncmp(reason, verbs[i], strlen(verbs[i])) == 0) {
            return " ";
        }
    }
    return ": ";
}

const char *fault_reason(const char *field, const char *msg)
{
    const char *dot = strrchr(field, '.');
    const char *names[] = {field, dot == NULL ? field : dot + 1};

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(names[i]);
        if (n > 0 && strncmp(msg, names[i], n) == 0 && msg[n] == ' ') {
            return msg + n + 1;
        }
    }
    const char *colon = strstr(msg, ": ");
    return colon != NULL && colon < strchr(msg, ' ') ? colon + 2 : msg;
}

void faults_take(struct faults *f, const char *field, const struct err *e)
{
    faults_add(f, field, fault_reason(field, e->msg));
}

bool faults_of(const struct faults *f, const char *field)
{
    size_t len = strlen(field);

    for (size_t i = 0; i < f->len; i++) {
        if (strncmp(f->items[i].field, field, len) == 0 &&
            /* strchr finds the NUL at the end, too: a field of exactly this name counts */
            strchr(".[", f->items[i].field[len]) != NULL) {
            return true;
        }
    }
    return false;
}

void faults_clear(struct faults *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->items[i].field);
        free(f->items[i].reason);
    }
    *f = (struct faults){.len = 0};
}

enum err_code faults_err(const struct faults *f, struct err *e)
{
    if (f->len == 0) {
        return E_OK;
    }
    const char *field = f->items[0].field;
    const char *reason = f->items[0].reason;
    return err_set(e, E_INVALID, "%s%s%s", field[0] == '\0' ? "\"\"" : field, fault_joint(reason),
                   reason);
}
