/* What a command owes to the context in force: the right account, and its values or a warning. */
#include "src/cli/context.h"

#include "core/deadline.h"
#include "ops/guard.h"

/* How long a command that reads waits to be told whose the credentials are. */
enum { ACCOUNT_MS = 3000 };

enum err_code context_check_account(struct cli *c, struct err *e)
{
    struct err why = {0};

    if (c->writes) {
        return ops_may_write(c->ops, e);
    }
    if ((c->command->flags & (CLI_OWN_VOICE | CLI_SILENT | CLI_ABOUT)) != 0 ||
        !ops_account_doubtful(c->ops)) {
        return E_OK;
    }
    int64_t begun = deadline_within(ACCOUNT_MS);
    if (ops_may_write(c->ops, &why) != E_OK) {
        cli_warn(c, "%s", why.msg);
    }
    (void)deadline_set(begun);
    return E_OK;
}

void context_tell_hidden(struct cli *c)
{
    const struct setting_hidden *hidden = NULL;
    size_t len = settings_hidden(c->settings, &hidden);

    for (size_t i = 0; i < len && c->json && (c->command->flags & (CLI_ABOUT | CLI_SILENT)) == 0;
         i++) {
        cli_warn(c, "%s", hidden[i].text);
    }
}
