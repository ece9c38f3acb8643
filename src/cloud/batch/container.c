/* docker or podman: finding it, asking it, and the words of its command line. */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argv.h"
#include "core/alloc.h"
#include "core/hex.h"
#include "core/sha256.h"
#include "core/strbuf.h"
#include "runner.h"

enum { ASK_MS = 60000, SAID_MAX = 65536, LABEL_BYTES = 8 };

#define LABEL "mvpdash.cloud"

extern char **environ;

struct cloud_batch_container {
    char *program, *image; /* owned */
    bool podman;
    char label[sizeof LABEL + 1 + 2 * LABEL_BYTES]; /* "mvpdash.cloud=0123456789abcdef" */
};

/* ---- asking ------------------------------------------------------------------------------- */

static void on_line(void *arg, const char *text, size_t len)
{
    struct strbuf *said = arg;

    strbuf_add(said, text, len);
    strbuf_addc(said, '\n');
}

static void no_process(void *arg, pid_t pid)
{
    (void)arg;
    (void)pid;
}

/* Runs a command of the runtime to its end; `said` gets its output. True when it ended well. Wipes
 * `words`. */
static bool ask(struct cloud_batch_argv *words, struct strbuf *said)
{
    const struct cloud_batch_runner_options o = {.argv = (const char *const *)words->items,
                                                 .envp = (const char *const *)environ,
                                                 .cwd = "/",
                                                 .timeout_ms = ASK_MS,
                                                 .line = on_line,
                                                 .started = no_process,
                                                 .arg = said,
                                                 .leaves_others = true};
    struct cloud_batch_runner_result res = {.exit_code = 126};
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);
    bool ran = r != NULL && cloud_batch_runner_run(r, &res, NULL) == E_OK;

    cloud_batch_runner_free(r);
    cloud_batch_argv_clear(words);
    return ran && res.started && !res.timed_out && res.exit_code == 0;
}

static struct cloud_batch_argv words_of(const struct cloud_batch_container *c,
                                        const char *const *words)
{
    struct cloud_batch_argv list = {0};

    cloud_batch_argv_add(&list, c->program);
    for (; *words != NULL; words++) {
        cloud_batch_argv_add(&list, *words);
    }
    return list;
}

/* ---- finding ------------------------------------------------------------------------------ */

/* The absolute path of a program in PATH; owned, NULL when there is none. */
static char *in_path(const char *name)
{
    const char *path = getenv("PATH");

    for (const char *p = path != NULL ? path : "/usr/local/bin:/usr/bin:/bin"; *p != '\0';) {
        size_t n = strcspn(p, ":");
        char *at = xasprintf("%.*s/%s", (int)n, p, name);
        if (at[0] == '/' && access(at, X_OK) == 0) {
            return at;
        }
        free(at);
        p += n + (p[n] == ':');
    }
    return NULL;
}

static bool answers(const struct cloud_batch_container *c)
{
    struct strbuf said = STRBUF_LIMIT(SAID_MAX);
    const char *const words[] = {"info", NULL};
    struct cloud_batch_argv list = words_of(c, words);
    bool good = ask(&list, &said);

    /* Under the name of docker there may be podman, which is better called by its own. */
    good = good && (c->podman || strstr(strbuf_str(&said), "buildahVersion") == NULL);
    strbuf_clear(&said);
    return good;
}

static bool has_image(const struct cloud_batch_container *c)
{
    struct strbuf said = STRBUF_LIMIT(SAID_MAX);
    const char *const words[] = {"image", "inspect", "--format", "{{.Id}}", c->image, NULL};
    struct cloud_batch_argv list = words_of(c, words);
    bool good = ask(&list, &said);

    strbuf_clear(&said);
    return good;
}

static void name_label(struct cloud_batch_container *c, const char *data_dir)
{
    unsigned char sum[SHA256_SIZE];
    char digits[2 * LABEL_BYTES + 1];

    sha256(data_dir, strlen(data_dir), sum);
    hex_text(sum, LABEL_BYTES, digits);
    (void)snprintf(c->label, sizeof c->label, "%s=%s", LABEL, digits);
}

static enum err_code not_found(const char *image, const char *answered, struct err *e)
{
    if (*answered == '\0') {
        (void)err_set(e, E_CONFIG,
                      "--container: there is no container runtime here: neither docker's daemon "
                      "nor podman answers");
        return err_hint_set(e, "install podman, or start docker and be allowed to use it "
                               "(`docker info` tells)");
    }
    (void)err_set(e, E_NOT_FOUND, "--container: there is no image %.200s for %s", image, answered);
    return err_hint_set(e, "build one with `make container`, or pull it; its last line says how "
                           "podman finds an image that was built without docker");
}

struct cloud_batch_container *cloud_batch_container_find(const char *image, const char *data_dir,
                                                         struct err *e)
{
    static const char *const names[] = {"docker", "podman"};
    struct strbuf answered = STRBUF_INIT;
    struct cloud_batch_container *c = NULL;

    for (size_t i = 0; c == NULL && i < sizeof names / sizeof *names; i++) {
        struct cloud_batch_container one = {.program = in_path(names[i]),
                                            .image = xstrdup(image),
                                            .podman = strcmp(names[i], "podman") == 0};
        bool here = one.program != NULL && answers(&one);
        if (here && has_image(&one)) {
            c = xcalloc(1, sizeof *c);
            *c = one;
            name_label(c, data_dir);
            continue;
        }
        if (here) {
            strbuf_addf(&answered, "%s%s", answered.len > 0 ? " or " : "", one.program);
        }
        free(one.program);
        free(one.image);
    }
    if (c == NULL) {
        (void)not_found(image, strbuf_str(&answered), e);
    }
    strbuf_clear(&answered);
    return c;
}

void cloud_batch_container_free(struct cloud_batch_container *c)
{
    if (c != NULL) {
        free(c->program);
        free(c->image);
        free(c);
    }
}

const char *cloud_batch_container_program(const struct cloud_batch_container *c)
{
    return c->program;
}

const char *cloud_batch_container_image(const struct cloud_batch_container *c)
{
    return c->image;
}

/* ---- what a cloud left behind ------------------------------------------------------------- */

enum err_code cloud_batch_container_sweep(const struct cloud_batch_container *c, struct err *e)
{
    struct strbuf said = STRBUF_LIMIT(SAID_MAX);
    char *filter = xasprintf("label=%s", c->label);
    const char *const words[] = {"ps", "--all", "--quiet", "--no-trunc", "--filter", filter, NULL};
    struct cloud_batch_argv list = words_of(c, words);
    bool good = ask(&list, &said);

    free(filter);
    for (char *id = said.data, *end = NULL; good && id != NULL && *id != '\0'; id = end) {
        end = id + strcspn(id, "\n");
        if (*end != '\0') {
            *end++ = '\0';
        }
        if (strchr(id, ' ') != NULL) {
            continue; /* a warning of the runtime, on stderr */
        }
        struct strbuf why = STRBUF_LIMIT(SAID_MAX);
        cloud_batch_container_end_words(c, id, &list);
        good = ask(&list, &why);
        strbuf_clear(&why);
    }
    strbuf_clear(&said);
    return good ? E_OK
                : err_set(e, E_IO, "%s cannot remove what an earlier local cloud left running",
                          c->program);
}

/* ---- the words of a command ---------------------------------------------------------------- */

void cloud_batch_container_run_words(const struct cloud_batch_container *c, const char *image,
                                     const char *name, const char *env_file,
                                     struct cloud_batch_argv *out)
{
    /* The limits are given because a runtime that may not raise its own cannot start otherwise. */
    const char *const common[] = {c->program,
                                  "run",
                                  "--name",
                                  name,
                                  "--label",
                                  c->label,
                                  "--pull",
                                  "never",
                                  "--network",
                                  "host",
                                  "--read-only",
                                  "--volume",
                                  "/work",
                                  "--cap-drop",
                                  "all",
                                  "--security-opt",
                                  "no-new-privileges",
                                  "--ulimit",
                                  "nofile=1024:4096",
                                  "--ulimit",
                                  "nproc=1024:2048",
                                  "--log-driver",
                                  "none",
                                  "--env-file",
                                  env_file,
                                  NULL};

    for (const char *const *word = common; *word != NULL; word++) {
        cloud_batch_argv_add(out, *word);
    }
    if (c->podman) { /* it would make /tmp and /run writable, and hand on proxies, by itself */
        cloud_batch_argv_add(out, "--read-only-tmpfs=false");
        cloud_batch_argv_add(out, "--http-proxy=false");
    }
    cloud_batch_argv_add(out, image);
}

void cloud_batch_container_end_words(const struct cloud_batch_container *c, const char *name,
                                     struct cloud_batch_argv *out)
{
    cloud_batch_argv_add(out, c->program);
    cloud_batch_argv_add(out, "rm");
    cloud_batch_argv_add(out, "--force");
    cloud_batch_argv_add(out, "--volumes"); /* else the folder /work of the image stays */
    if (c->podman) {                        /* docker sends SIGKILL at once by itself */
        cloud_batch_argv_add(out, "--time=0");
        cloud_batch_argv_add(out, "--ignore");
    }
    cloud_batch_argv_add(out, name);
}

bool cloud_batch_container_is_refusal(int exit_code, const char *last_line)
{
    return exit_code >= 125 && exit_code <= 127 &&
           (strncmp(last_line, "Error: ", 7) == 0 || strncmp(last_line, "docker: ", 8) == 0);
}
