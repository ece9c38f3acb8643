/* What the program reads of AWS's files, and the hosts that it computes, for a comparison with
 * botocore (aws_files.py, aws_endpoints.py).
 *
 * usage: aws_read files PROFILE KEY...      a JSON object of the keys that have a value
 *        aws_read notes PROFILE             the lines that were not understood, one a line
 *        aws_read endpoints                 reads "SERVICE REGION FIPS DUAL" lines, answers each
 * with "URL SIGNING-REGION" or "error MESSAGE" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "src/aws/endpoint.h"
#include "src/aws/profile.h"

/* "KEY" of the profile, "+KEY" of its services, "@KEY" of its sso-session. */
static const char *value_of(const struct profiles *p, const char *key)
{
    if (key[0] != '+' && key[0] != '@') {
        return profiles_get(p, p->name, key);
    }
    const char *name = profiles_get(p, p->name, key[0] == '+' ? "services" : "sso_session");
    return name == NULL
               ? NULL
               : profiles_get_section(p, key[0] == '+' ? "services" : "sso-session", name, key + 1);
}

static int files(bool notes, int argc, char **argv)
{
    struct profiles p;
    struct err e = {0};
    cJSON *doc = json_new_object();

    if (profiles_load(&p, NULL, argv[0], &e) != E_OK) {
        json_set_str(doc, "error", e.msg);
    } else {
        for (int i = 1; i < argc; i++) {
            const char *v = value_of(&p, argv[i]);
            if (v != NULL) {
                json_set_str(doc, argv[i], v);
            }
        }
        char *note;
        for (size_t i = 0; notes && (note = profiles_note(&p, i)) != NULL; i++) {
            (void)puts(note);
            free(note);
        }
        profiles_clear(&p);
    }
    if (!notes) {
        char *text = cJSON_PrintUnformatted(doc);
        (void)puts(text);
        free(text);
    }
    cJSON_Delete(doc);
    return 0;
}

static int endpoints(void)
{
    struct profiles p = {.name = (char *)"default"};
    char service[64], region[64], fips[8], dual[8];

    while (scanf("%63s %63s %7s %7s", service, region, fips, dual) == 4) {
        struct endpoint_options o = {.profiles = &p, .region = region};
        struct endpoint got;
        struct err e = {0};
        (void)setenv("AWS_USE_FIPS_ENDPOINT", fips, 1);
        (void)setenv("AWS_USE_DUALSTACK_ENDPOINT", dual, 1);
        if (endpoint_resolve_named(&o, service, "NONE", &got, &e) == E_OK) {
            (void)printf("%s %s\n", got.url, got.signing_region);
        } else {
            (void)printf("error %s\n", e.msg);
        }
        endpoint_clear(&got);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "endpoints") == 0) {
        return endpoints();
    }
    if (argc > 2 && (strcmp(what, "files") == 0 || strcmp(what, "notes") == 0)) {
        return files(strcmp(what, "notes") == 0, argc - 2, argv + 2);
    }
    (void)fputs("usage: aws_read files|notes PROFILE [KEY...] | endpoints\n", stderr);
    return 2;
}
