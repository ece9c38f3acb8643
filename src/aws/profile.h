/* profile.h - the shared files of AWS's tools.
 *
 * Read once into a value that is then read-only: any thread. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include <stdbool.h>

#include "awsini.h"
#include "core/env.h"
#include "core/err.h"

struct profiles {
    const struct env *env;      /* borrowed: where the variables are that name files and profile */
    struct awsini *config;      /* NULL when the file is missing */
    struct awsini *credentials; /* NULL when the file is missing */
    char *config_path;
    char *credentials_path;
    char *name; /* the profile in force; never NULL */
    /* the profile was chosen by --profile: the environment's keys are out of the chain */
    bool explicit;
};

/* `env` must outlive `p`. `profile` NULL: AWS_PROFILE, AWS_DEFAULT_PROFILE or "default". E_CONFIG
 * when a named profile does not exist (the message lists those that do) or a file cannot be read.
 */
MUST_CHECK enum err_code profiles_load(struct profiles *p, const struct env *env,
                                       const char *profile, struct err *e);
void profiles_clear(struct profiles *p);

/* The i-th line that was not understood, "line 7 of /home/u/.aws/config is neither ...", or a file
 * that a variable names and that does not exist. Owned; NULL past the end. */
char *profiles_note(const struct profiles *p, size_t i);

bool profiles_has(const struct profiles *p, const char *profile);
/* The value of a key of a profile; the credentials file comes first. NULL when it is absent or
 * empty. */
const char *profiles_get(const struct profiles *p, const char *profile, const char *key);
/* The same from ~/.aws/credentials only, or from ~/.aws/config only. */
const char *profiles_get_credentials(const struct profiles *p, const char *profile,
                                     const char *key);
const char *profiles_get_config(const struct profiles *p, const char *profile, const char *key);
/* The section "[sso-session name]" or "[services name]": is there one, and the value of its key. */
bool profiles_has_section(const struct profiles *p, const char *kind, const char *name);
const char *profiles_get_section(const struct profiles *p, const char *kind, const char *name,
                                 const char *key);
#endif
