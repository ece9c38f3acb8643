/* profiles.h - the names of the profiles in the shared files of AWS's tools. Any thread. */
#ifndef AWS_PROFILES_H
#define AWS_PROFILES_H

#include "core/env.h"

/* The names, one a line, those of ~/.aws/config first; "": there are none. `env` says where the
 * files are, as for the client. Reads the files only. Owned. */
char *aws_profile_names(const struct env *env);
#endif
