/* profile.h - the shared files of AWS's tools, and what of the environment the client reads.
 *
 * Read once into a value that is then read-only: any thread. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include <stdbool.h>

#include "awsini.h"
#include "core/err.h"

struct profiles {
    struct awsini *config;      /* NULL when the file is missing */
    struct awsini *credentials; /* NULL when the file is missing */
    char *config_path;
    char *credentials_path;
    char *name;    /* the profile in force; never NULL */
    bool explicit; /* chosen by --profile: the environment's keys are out of the chain */
};

/* `profile` NULL: AWS_PROFILE, AWS_DEFAULT_PROFILE or "default". E_CONFIG when a named profile does
 * not exist (the message lists those that do) or a file cannot be read. */
MUST_CHECK enum err_code profiles_load(struct profiles *p, const char *profile, struct err *e);
void profiles_clear(struct profiles *p);

/* "line 7 of /home/u/.aws/config is neither ...": the i-th line that was not understood, or a file
 * that a variable names and that does not exist. Owned; NULL past the end. */
char *profiles_note(const struct profiles *p, size_t i);

bool profiles_has(const struct profiles *p, const char *profile);
/* Value of a key of a profile; the credentials file's comes first. NULL when absent or empty. */
const char *profiles_get(const struct profiles *p, const char *profile, const char *key);
/* Only from ~/.aws/credentials, or only from ~/.aws/config. */
const char *profiles_get_credentials(const struct profiles *p, const char *profile,
                                     const char *key);
const char *profiles_get_config(const struct profiles *p, const char *profile, const char *key);
/* Of "[sso-session name]" or "[services name]". */
bool profiles_has_section(const struct profiles *p, const char *kind, const char *name);
const char *profiles_get_section(const struct profiles *p, const char *kind, const char *name,
                                 const char *key);

/* An environment variable that is set and not empty, or NULL. Borrowed. */
const char *env_get(const char *name);
bool env_true(const char *name); /* "true" or "1" in any case */
#endif
