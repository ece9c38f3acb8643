/* The texts that the man pages and the pages of assets/ share. */
#include "src/cli/manual.h"

#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"

enum { LINE_MAX_BYTES = 110 };

char *manual_lines(const char *text)
{
    char *out = xstrdup(text);
    char *begin = out, *blank = NULL; /* of the line, and the last place where it may end */
    bool typed = false;

    for (char *s = out; *s != '\0'; s++) {
        typed ^= *s == '`';
        if (*s == '\n') {
            begin = s + 1;
            blank = NULL;
        } else if (*s == ' ' && !typed) {
            blank = s;
        }
        if (s - begin > LINE_MAX_BYTES && blank != NULL) {
            *blank = '\n';
            begin = blank + 1;
            blank = NULL;
        }
    }
    return out;
}

const char manual_precedence[] =
    "The first of these that names a setting counts: an option of the command line; the "
    "environment; the file of `--env-file`, else `./.env.eventbridge`; the context in force; the "
    "plain sections of `$XDG_CONFIG_HOME/mvpdash/config.ini`; the default. `mvpdash config` prints "
    "every setting in force with the place that it comes from. Secrets are masked.\n"
    "\n"
    "`./.env.eventbridge` is read because it lies in the working directory, and somebody else may "
    "have filled that folder. So it never says where credentials come from or go: endpoints of "
    "STS, SSO and sign-in, metadata addresses, proxies, CA bundles, paths of AWS's files and all "
    "other variables of AWS are ignored in it, with a warning. Keys, profile and region count, and "
    "so does an endpoint on this machine, as `mvpdash local` has. The endpoint of another "
    "machine, and a bus, table or queue given by its ARN, count after `mvpdash config --trust`, "
    "until such a line of the file changes; `--untrust` takes that back. A file that is named with "
    "`--env-file` counts as a whole.";

const char manual_credentials[] =
    "Credentials come from wherever the AWS SDKs take them: environment, profiles with roles, SSO, "
    "sign-in or a process, web identity, container and instance. `~/.aws/config` and "
    "`~/.aws/credentials` are read as the AWS CLI's library botocore reads them. Where botocore "
    "and "
    "the common reference of AWS's SDKs differ, the reference holds: ` # ...` and ` ; ...` after a "
    "value are comments (botocore keeps them in the value), the names of sections are trimmed, "
    "`[profile default]` stands in for all of `[default]`, a section or key that comes again adds "
    "to or replaces the earlier one, and a byte order mark is skipped (botocore refuses such "
    "files). A line that is not understood is reported, with its number, by `mvpdash doctor` (A1) "
    "and with `--debug`; the rest of the file counts. Hosts come from the rule sets of AWS's SDKs, "
    "FIPS and dual stack in every partition included.\n"
    "\n"
    "Proxies are those of https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY (for plain http of "
    "http_proxy), but for the hosts of no_proxy or NO_PROXY. Nothing on this machine is asked "
    "through a proxy. Certificate authorities are those of AWS_CA_BUNDLE, the profile's ca_bundle, "
    "REQUESTS_CA_BUNDLE, SSL_CERT_FILE or SSL_CERT_DIR, in this order, else the system's, where "
    "Debian, RHEL, Amazon Linux, Alpine and SUSE keep them. An error names the proxy, the endpoint "
    "or the file that is to blame, and the variable that it comes from.";

const char manual_mistakes[] =
    "A line that cannot be used counts as if it were not there: the next source is asked, then the "
    "default. Every other line counts. A warning with file and line says so at the start of each "
    "command (at most 5 lines), in the dashboard's status row and under `!`, in the doctor's A1 "
    "and, "
    "in full, in `mvpdash config`, which always runs: its exit status is 4 when something is wrong "
    "that makes commands refuse. A mistake in a `[context NAME]` spoils that context alone.\n"
    "\n"
    "A line that says where something is written is not silently replaced: region, profile, "
    "endpoint, account, default_context, bus, source, detail type, rule, table, state table, "
    "queue, "
    "job definition, dead letter queue, database URL, the API's token and state, and read_only. "
    "While such a line cannot be used and nothing that comes before it says the same, commands "
    "that "
    "write are refused with file and line (exit status 4), the dashboard refuses each write with "
    "the "
    "same words, and `mvpdash serve` starts only with `--read-only`. What reads goes on, with the "
    "warning. A misspelled name, a setting in the wrong section, a section that does not exist and "
    "a "
    "line of the env file that is not understood are such lines, too. A bad value in the "
    "environment "
    "itself is refused by every command but `config` and `help`.";

const char manual_changing_keys[] =
    "Any key can be changed in `config.ini`, by the name of its action: `cancel = x, M-x` in the "
    "section [keys]. Several keys have blanks or commas between them; the comma itself is `comma`, "
    "or stands alone. No value takes all keys away. A key that is taken from another action is "
    "reported, with the keys that the other action still has.\n"
    "\n"
    "A key is a character or Enter, Tab, Esc, Space, Backspace, Insert, Delete, Up, Down, Left, "
    "Right, Home, End, PgUp, PgDn, F1 to F12, with `C-` (Ctrl), `M-` (Alt) or `S-` (Shift) before "
    "it: `C-x`, `M-x`, `C-Left`, `S-F5`. `ctrl-x`, `Ctrl+X`, `^x`, `alt-x`, `shift-F3`, `pagedown` "
    "and the like mean the same, in any letter case. Ctrl-I is Tab, Ctrl-M is Enter and Ctrl-[ is "
    "Esc, because a terminal sends the same for both.\n"
    "\n"
    "An Esc that nothing follows for 50 ms is the key; the variable ESCDELAY is another number of "
    "milliseconds. A question is answered yes only by a key that comes alone, not by one in the "
    "middle of a paste.";

const char manual_filter[] =
    "`/`, or `:filter`, narrows the list as it is typed. All terms must hold. Letter case does not "
    "matter. A heading of the list names its field, too (`prio:high`, `upd<10m`). Tab completes "
    "fields, words, and values that the jobs have; when several fit, it shows them at the right. "
    "Up "
    "and Down in an empty line go through earlier filters (32, kept for the next run); once "
    "something is typed they move among the jobs.\n"
    "\n"
    "A comparison with a value that is not known (no exit code yet, not started) does not hold "
    "either way: neither `took>10m` nor `!took>10m` finds a job that has not started, and "
    "`!exit:0` finds the jobs with another exit code.";

const char manual_mouse[] = "click\tPut the cursor on the row\n"
                            "double click\tOpen the row\n"
                            "wheel\tMove by three rows\n"
                            "drag, with Shift\tSelect text, as the terminal does\n";

const char manual_kept[] =
    "outbox\tdeploys that the event bus has not taken yet: the next mvpdash sends them\n"
    "sync\tlogs by which deploys that wait together share one sync of the disk\n"
    "batch\tjournals of files of deploys, for 90 days, so that nothing is sent twice by mistake; "
    "which Batch job is whose\n"
    "idempotency\tkeys of the REST API's requests with their answers, for a day\n"
    "snapshot\tthe last list, so that the dashboard shows it at once\n"
    "history\thow long completed jobs took\n"
    "reasons\twhy jobs failed, as Batch forgets it after a week\n"
    "watched\tthe watched jobs\n"
    "copies\ttexts that were copied to a file\n"
    "view.json\tcolumns, order and saved views of the dashboard\n"
    "accounts\twhich account a key is of\n"
    "trusted\tfolders whose ./.env.eventbridge was confirmed\n"
    "mvpdash.log\tthe log\n"
    "local\tthe data of the local cloud\n";

const char manual_exit[] = "0\tdone\n"
                           "1\tthe service refused, or the job failed\n"
                           "2\twrong usage or input\n"
                           "3\tnot found\n"
                           "4\tno usable configuration or credentials\n"
                           "5\tthe network or the service could not be reached in time\n"
                           "130\t`batch` or `logs --grep` was stopped by Ctrl-C\n";
