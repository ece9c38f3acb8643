/* What a command owes to the context in force: the right account, and its values or a warning. */
#include "src/cli/context.h"

#include "ops/guard.h"
#include "src/cli/notice.h"

/* so many warnings of the configuration stand above what a command prints */
enum { TOLD_MAX = 5 };

enum err_code context_check_account(struct cli *c, struct err *e)
{
    struct err why = {0};

    if (c->writes) {
        return ops_may_write(c->ops, e);
    }
    if ((c->command->flags & (CLI_OWN_VOICE | CLI_SILENT | CLI_ABOUT)) == 0 &&
        ops_account_check(c->ops, &why) != E_OK) {
        cli_warn(c, "%s", why.msg);
    }
    return E_OK;
}

void context_tell_warnings(struct cli *c, const struct settings *s)
{
    const struct setting_hidden *hidden = NULL;
    size_t len = settings_hidden(s, &hidden);

    size_t warnings = (c->command->flags & CLI_SILENT) == 0 ? settings_warnings_len(s) : 0;
    size_t told =
        (c->command->flags & CLI_ABOUT) != 0 || warnings <= TOLD_MAX ? warnings : TOLD_MAX;

    for (size_t i = 0; i < told; i++) {
        cli_note(c, "mvpdash: warning: %s", settings_warning(s, i));
    }
    if (told < warnings) {
        cli_note(c, "mvpdash: warning: %zu more: `mvpdash config` shows all", warnings - told);
    }
    for (size_t i = 0; i < len && c->json && (c->command->flags & (CLI_ABOUT | CLI_SILENT)) == 0;
         i++) {
        cli_warn(c, "%s", hidden[i].text);
    }
}

/* ---- all contexts ---- */

bool context_all(const struct cli *c)
{
    return args_has(&c->args, "all-contexts");
}

enum err_code context_check_all(const struct cli *c, struct err *e)
{
    static const struct {
        const char *option, *why;
    } others[] = {
        {"local",        "the embedded cloud has no contexts"                       },
        {"context",      "one context, or all of them"                              },
        {"profile",      "every context would be read with the keys of this profile"},
        {"region",       "every context would be read in this region"               },
        {"endpoint-url", "every context would be read from this endpoint"           },
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (args_has(&c->args, others[i].option)) {
            (void)err_set(e, E_USAGE, "give only one of --all-contexts and --%s: %s",
                          others[i].option, others[i].why);
            return err_hint_set(e, "leave one out; `mvpdash config --contexts` lists the contexts");
        }
    }
    return E_OK;
}

enum err_code context_open_all(struct cli *c, struct err *e)
{
    if (contexts_open(c->settings, NULL, c->log, &c->all, e) != E_OK) {
        return e->code;
    }
    for (size_t i = 0; i < c->all.len; i++) {
        if (c->all.items[i].settings != NULL) {
            context_tell_warnings(c, c->all.items[i].settings);
        }
    }
    notice_start(c);
    return E_OK;
}
