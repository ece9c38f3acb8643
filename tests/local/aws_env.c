/* A clean environment for the AWS client: a home folder, keys, and a clock that tests set. */
#include "tests/local/aws_env.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"

extern char **environ;

static char home[64];
static atomic_int_fast64_t wall = 1767323045000; /* 2026-01-02T03:04:05Z */
static atomic_int_fast64_t mono = 1000000;

static int64_t read_wall(void *arg)
{
    (void)arg;
    return atomic_load(&wall);
}

static int64_t read_mono(void *arg)
{
    (void)arg;
    return atomic_load(&mono);
}

const struct clock aws_env_clock = {.wall_ms = read_wall, .mono_ms = read_mono};

void aws_env_clock_set(int64_t wall_ms)
{
    atomic_store(&wall, wall_ms);
}

void aws_env_clock_advance(int64_t ms)
{
    (void)atomic_fetch_add(&wall, ms);
    (void)atomic_fetch_add(&mono, ms);
}

static void unset_matching(const char *part)
{
    for (size_t i = 0; environ[i] != NULL;) {
        char name[128];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(environ[i], "="), environ[i]);
        if (strstr(name, part) != NULL) {
            (void)unsetenv(name);
        } else {
            i++;
        }
    }
}

const char *aws_env_begin(void)
{
    unset_matching("AWS_");
    unset_matching("_proxy");
    unset_matching("_PROXY");
    unset_matching("CA_BUNDLE");
    unset_matching("SSL_CERT_");
    (void)snprintf(home, sizeof home, "/tmp/mvpdash-aws-XXXXXX");
    if (mkdtemp(home) == NULL) {
        abort();
    }
    (void)setenv("HOME", home, 1);
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    return home;
}

void aws_env_end(void)
{
    if (path_remove_tree(home, NULL) != E_OK) {
        abort();
    }
}

void aws_env_keys(void)
{
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
}

void aws_env_file(const char *name, const char *text)
{
    char *path = xasprintf("%s/.aws/%s", home, name);
    char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));

    if (path_mkdirs(dir, 0700, NULL) != E_OK ||
        path_write_atomic(path, text, strlen(text), 0600, NULL) != E_OK) {
        abort();
    }
    free(dir);
    free(path);
}
