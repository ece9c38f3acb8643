/* The rules for single values of a deploy request. */
#include "deploy_rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"

static const char job_id_accepted[] =
    "1 to 128 letters, digits and . _ -, beginning with a letter or digit";

struct shown rule_shown(const char *value)
{
    struct shown s;
    struct strbuf b = STRBUF_INIT;

    text_clean(&b, value, strnlen(value, 160), TEXT_ONE_LINE);
    const char *clean = strbuf_str(&b);
    size_t n = text_fit(clean, 40, NULL);
    (void)snprintf(s.text, sizeof s.text, "\"%.*s%s\"", n > 160 ? 160 : (int)n, clean,
                   clean[n] == '\0' ? "" : "...");
    strbuf_clear(&b);
    return s;
}

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool job_id_valid(const char *id)
{
    size_t n = id == NULL ? 0 : strnlen(id, JOB_ID_SIZE);

    if (n < 1 || n >= JOB_ID_SIZE || !alnum(id[0])) {
        return false;
    }
    for (size_t i = 1; i < n; i++) {
        if (!alnum(id[i]) && strchr("._-", id[i]) == NULL) {
            return false;
        }
    }
    return true;
}

enum err_code rule_job_id(const char *field, const char *s, struct err *e)
{
    if (job_id_valid(s)) {
        return E_OK;
    }
    return err_set(e, E_INVALID, "%s: %s is not a job id: give %s", field, rule_shown(s).text,
                   job_id_accepted);
}

enum err_code rule_id(const struct deploy_field *f, const char *s, struct err *e)
{
    size_t most = (size_t)f->most;
    size_t n = strnlen(s, most + 1);

    if (n == 0) {
        return err_set(e, E_INVALID, "%s is empty: give %s", f->name, f->help);
    }
    if (n > most) {
        return err_set(e, E_INVALID, "%s: %s is longer than %zu characters: give %s", f->name,
                       rule_shown(s).text, most, f->help);
    }
    for (size_t i = 0; i < n; i++) {
        if (!alnum(s[i]) && strchr(RULE_ID_MORE, s[i]) == NULL) {
            return err_set(e, E_INVALID, "%s: %s has a character that is not allowed: give %s",
                           f->name, rule_shown(s).text, f->help);
        }
    }
    return E_OK;
}

enum err_code rule_text(const char *field, const char *s, size_t least, size_t most, struct err *e)
{
    size_t len = strlen(s);
    size_t count = 0;
    bool blank = true;

    for (size_t i = 0; i < len; count++) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            return err_set(e, E_INVALID,
                           "%s is not UTF-8 text at byte %zu: give 1 to %zu characters of UTF-8",
                           field, i + 1, most);
        }
        if (text_is_dangerous(cp)) {
            return err_set(e, E_INVALID,
                           "%s has the control character U+%04X at character %zu: give 1 to %zu "
                           "printable characters",
                           field, (unsigned)cp, count + 1, most);
        }
#define IS_BLANK(c) cp == (c) ||
        blank = blank && (RULE_BLANKS(IS_BLANK) false);
#undef IS_BLANK
        i += n;
    }
    if (least > 0 && blank) {
        return err_set(e, E_INVALID, "%s is empty: give 1 to %zu characters", field, most);
    }
    if (count > most) {
        return err_set(e, E_INVALID, "%s has %zu characters: give at most %zu", field, count, most);
    }
    return E_OK;
}

static size_t characters(const char *s, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return count;
}

/* Is this a domain: two or more labels of letters, digits and inner hyphens, with dots between
 * them? Characters outside ASCII are accepted. */
static bool domain_ok(const char *s)
{
    size_t label = 0;
    size_t dots = 0;
    char last = '.';

    for (; *s != '\0'; s++) {
        if (*s == '.') {
            if (label == 0 || last == '-') {
                return false;
            }
            dots++;
            label = 0;
        } else {
            bool inside = alnum(*s) || (unsigned char)*s >= 0x80 || (*s == '-' && label > 0);
            label += characters(s, 1);
            if (!inside || label > RULE_LABEL_MAX) {
                return false;
            }
        }
        last = *s;
    }
    return label > 0 && dots > 0 && last != '-';
}

enum err_code rule_email(const struct deploy_field *f, const char *s, struct err *e)
{
    enum err_code rc = rule_text(f->name, s, 1, (size_t)f->most, e);
    const char *at = strrchr(s, '@');

    if (rc != E_OK) {
        return rc;
    }
    size_t local = at == NULL ? 0 : (size_t)(at - s);
    const char *dots = strstr(s, "..");
    if (local < 1 || characters(s, local) > RULE_EMAIL_NAME_MAX ||
        strcspn(s, RULE_EMAIL_NOT) != local || s[0] == '.' || at[-1] == '.' ||
        (dots != NULL && dots < at) || !domain_ok(at + 1)) {
        return err_set(e, E_INVALID, "%s: %s is not an email address: give one like %s", f->name,
                       rule_shown(s).text, "user@example.com");
    }
    return E_OK;
}

enum err_code rule_choice(const char *field, const char *choices, const char *s, char **out,
                          struct err *e)
{
    struct strbuf all = STRBUF_INIT;
    const char *at;
    size_t n;

    for (size_t i = 0; (at = deploy_choice_at(choices, i, &n)) != NULL; i++) {
        if (strlen(s) == n && strncasecmp(at, s, n) == 0) {
            if (out != NULL) {
                *out = xstrndup(at, n);
            }
            strbuf_clear(&all);
            return E_OK;
        }
        strbuf_addf(&all, "%s%.*s", i == 0 ? "" : ", ", (int)n, at);
    }
    enum err_code rc = err_set(e, E_INVALID, "%s: %s is not one of %s", field, rule_shown(s).text,
                               strbuf_str(&all));
    strbuf_clear(&all);
    return rc;
}

enum err_code rule_database_url(const struct deploy_field *f, const char *s, struct err *e)
{
    static const char accepted[] = "give a URL like postgresql://user:password@host:5432/name";
    size_t scheme = strspn(s, RULE_SCHEME);
    size_t len = strlen(s);

    if (text_characters(s) > (size_t)f->most) {
        return err_set(e, E_INVALID, "%s is longer than %d characters: %s", f->name, (int)f->most,
                       accepted);
    }
    if (scheme == 0 || strncmp(s + scheme, "://", 3) != 0 || s[scheme + 3] == '\0') {
        return err_set(e, E_INVALID, "%s is not a URL: %s", f->name, accepted);
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] == 0x7f) {
            return err_set(e, E_INVALID, "%s has a space or a control character: %s", f->name,
                           accepted);
        }
    }
    if (!text_utf8_valid(s, len)) {
        return err_set(e, E_INVALID, "%s is not UTF-8 text: %s", f->name, accepted);
    }
    return E_OK;
}
