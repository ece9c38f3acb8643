/* The parser of options and arguments. */
#include "src/cli/args.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/suggest.h"
#include "core/text.h"

static const struct cli_option *find_in(const struct cli_option *list, const char *name, size_t len)
{
    for (const struct cli_option *o = list; o != NULL && o->name != NULL; o++) {
        if (strlen(o->name) == len && strncmp(o->name, name, len) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool is_number(const char *s)
{
    s += s[0] == '-';
    return isdigit((unsigned char)s[0]) || (s[0] == '.' && isdigit((unsigned char)s[1]));
}

static bool is_option(const char *s)
{
    return s[0] == '-' && s[1] != '\0' && !is_number(s);
}

/* The part of "--name=value" that is the name, without its dashes. "-h" is the only short
 * option. */
static const char *option_name(const char *arg, size_t *len)
{
    if (strcmp(arg, "-h") == 0) {
        *len = 4;
        return "help";
    }
    const char *name = arg[1] == '-' ? arg + 2 : arg + 1;
    *len = strcspn(name, "=");
    return name;
}

static enum err_code unknown(const char *arg, const struct cli_option *own,
                             const struct cli_option *common, struct err *e)
{
    size_t len;
    const char *from = option_name(arg, &len);
    char *name = xstrndup(from, len);
    struct suggest near = suggest_for(name);
    const struct cli_option *lists[] = {own, common};

    for (size_t i = 0; i < 2; i++) {
        for (const struct cli_option *o = lists[i]; o != NULL && o->name != NULL; o++) {
            suggest_offer(&near, o->hidden ? NULL : o->name);
        }
    }
    const char *dashes = arg[1] == '-' ? "--" : "-";
    enum err_code rc = suggest_best(&near) != NULL
                           ? err_set(e, E_USAGE, "unknown option %s%s; did you mean --%s?", dashes,
                                     name, suggest_best(&near))
                           : err_set(e, E_USAGE, "unknown option %s%s", dashes, name);
    free(name);
    return rc;
}

static enum err_code add_value(struct cli_args *a, const struct cli_option *o, char *raw,
                               bool common, struct err *e)
{
    if (!o->repeat && !common && o->value != NULL && args_has(a, o->name)) {
        return err_set(e, E_USAGE, "--%s is given twice: give it once", o->name);
    }
    a->values = xgrow(a->values, a->len, &a->cap, sizeof *a->values);
    a->values[a->len++] = (struct cli_value){o, xstrdup(raw), raw};
    return E_OK;
}

/* Takes one option at argv[*i]; moves *i when the option's value is the next argument. */
static enum err_code take_option(int argc, char **argv, int *i, const struct cli_option *own,
                                 const struct cli_option *common, struct cli_args *a, struct err *e)
{
    char *arg = argv[*i];
    size_t len;
    const char *name = option_name(arg, &len);
    bool dashes = arg[1] == '-' || strcmp(arg, "-h") == 0;
    const struct cli_option *mine = dashes ? find_in(own, name, len) : NULL;
    const struct cli_option *o = mine != NULL ? mine : dashes ? find_in(common, name, len) : NULL;
    char *equals = strcmp(arg, "-h") == 0 ? NULL : strchr(arg, '=');

    if (o == NULL) {
        return unknown(arg, own, common, e);
    }
    if (o->value == NULL) {
        return equals != NULL ? err_set(e, E_USAGE, "--%s takes no value", o->name)
                              : add_value(a, o, NULL, mine == NULL, e);
    }
    char *raw = equals == NULL ? NULL : equals + 1;
    if (raw == NULL) {
        /* When a value is missing, the option after it must not be taken for the value. */
        if (*i + 1 >= argc || (strncmp(argv[*i + 1], "--", 2) == 0)) {
            return err_set(e, E_USAGE, "--%s needs a value: --%s %s", o->name, o->name, o->value);
        }
        raw = argv[++*i];
    }
    return add_value(a, o, raw, mine == NULL, e);
}

enum err_code args_parse(int argc, char **argv, const struct cli_option *own,
                         const struct cli_option *common, struct cli_args *out, struct err *e)
{
    bool only_words = false;

    *out = (struct cli_args){0};
    for (int i = 0; i < argc; i++) {
        enum err_code rc = E_OK;
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && is_option(argv[i])) {
            rc = take_option(argc, argv, &i, own, common, out, e);
        } else {
            out->words = xgrow(out->words, out->words_len, &out->words_cap, sizeof *out->words);
            out->words[out->words_len++] = argv[i];
        }
        if (rc != E_OK) {
            args_clear(out);
            return rc;
        }
    }
    return E_OK;
}

void args_clear(struct cli_args *a)
{
    for (size_t i = 0; i < a->len; i++) {
        secret_free(a->values[i].text);
    }
    free(a->values);
    free(a->words);
    *a = (struct cli_args){0};
}

bool args_has(const struct cli_args *a, const char *name)
{
    for (size_t i = 0; i < a->len; i++) {
        if (strcmp(a->values[i].option->name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *args_get(const struct cli_args *a, const char *name)
{
    for (size_t i = a->len; i > 0; i--) {
        if (strcmp(a->values[i - 1].option->name, name) == 0) {
            return a->values[i - 1].text;
        }
    }
    return NULL;
}

const char *args_next(const struct cli_args *a, const char *name, size_t *at)
{
    while (*at < a->len) {
        const struct cli_value *v = &a->values[(*at)++];
        if (strcmp(v->option->name, name) == 0) {
            return v->text;
        }
    }
    return NULL;
}

int args_find_command(int argc, char **argv, const struct cli_option *common,
                      const struct cli_option *own)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            return argc;
        }
        if (!is_option(argv[i])) {
            return i;
        }
        size_t len;
        const char *name = option_name(argv[i], &len);
        const struct cli_option *o = find_in(common, name, len);
        o = o != NULL ? o : find_in(own, name, len);
        if (o != NULL && o->value != NULL && strchr(argv[i], '=') == NULL) {
            i++;
        }
    }
    return argc;
}
