/* What the shells' completions ask the program for: `mvpdash config --complete KIND`. It prints
 * names, one a line, asks no network, and says nothing where it has nothing. */
#include <stdlib.h>
#include <string.h>

#include "aws/profiles.h"
#include "core/text.h"
#include "ops/snapshot.h"
#include "src/cli/cli_priv.h"

enum { IDS_MAX = 500, PIECE = 100 };

static void print_name(struct cli *c, const char *name)
{
    cli_print(c, name);
    (void)fputc('\n', c->out);
}

static void print_contexts(struct cli *c)
{
    for (size_t i = 0; i < settings_contexts_len(c->settings); i++) {
        struct setting_context x = settings_context_at(c->settings, i);
        if (x.mistake == NULL) {
            print_name(c, x.name);
        }
    }
}

static void print_profiles(struct cli *c)
{
    char *names = aws_profile_names(settings_environment(c->settings));
    char *save = NULL;

    for (char *s = strtok_r(names, "\n", &save); s != NULL; s = strtok_r(NULL, "\n", &save)) {
        print_name(c, s);
    }
    free(names);
}

/* The jobs of the list that the dashboard kept for this place, those first that it showed first. */
static void print_jobs(struct cli *c)
{
    struct ops *o = ops_new(c->settings, NULL, NULL, NULL);
    struct snapshot *s = o == NULL ? NULL : snapshot_open(o, NULL);
    struct job *jobs[PIECE];
    size_t n = 0;

    for (size_t all = 0; s != NULL && all < IDS_MAX && (n = snapshot_next(s, jobs, PIECE)) > 0;
         all += n) {
        for (size_t i = 0; i < n; i++) {
            print_name(c, jobs[i]->id);
            job_free(jobs[i]);
        }
    }
    snapshot_close(s);
    ops_free(o);
}

enum err_code cli_complete(struct cli *c, const char *kind, struct err *e)
{
    static const struct {
        const char *kind;
        void (*print)(struct cli *c);
    } kinds[] = {
        {"contexts", print_contexts},
        {"profiles", print_profiles},
        {"jobs",     print_jobs    },
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            kinds[i].print(c);
            return E_OK;
        }
    }
    return err_set(e, E_USAGE,
                   "--complete: \"%.*s\" is not accepted; expected contexts, profiles or jobs",
                   text_cut(kind, 40), kind);
}
