/* Recognising what kind of text a file of deploys is, and cells that a spreadsheet spoiled. */
#include "deploy_text.h"

#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "deploy_rules.h"

static size_t skip_space(const char *text, size_t len, size_t at)
{
    while (at < len && text[at] != '\0' && strchr(" \t\r\n", text[at]) != NULL) {
        at++;
    }
    return at;
}

/* The place after the object or list that begins at `at`; `len` when it does not end. */
static size_t document_end(const char *text, size_t len, size_t at, bool *lines)
{
    size_t depth = 0;
    bool quoted = false;

    for (; at < len; at++) {
        char c = text[at];
        if (quoted) {
            at += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (--depth == 0) {
                return at + 1;
            }
        } else if (c == '\n' || c == '\r') {
            *lines = true;
        }
    }
    return len;
}

bool deploy_text_documents(const char *text, size_t len, struct deploy_documents *out)
{
    size_t at = skip_space(text, len, 0);

    *out = (struct deploy_documents){0};
    while (at < len) {
        if (text[at] != '{' && text[at] != '[') {
            return false;
        }
        size_t end = document_end(text, len, at, &out->lines);
        cJSON *doc = json_parse(text + at, end - at, "", NULL);
        if (doc == NULL) {
            return false;
        }
        cJSON_Delete(doc);
        out->len++;
        at = skip_space(text, len, end);
    }
    return out->len > 0;
}

/* Is this the error of a formula, as Excel writes it in English, German, French and Spanish, or
 * LibreOffice, Google Sheets or Numbers? */
static bool is_formula_error(const char *s, size_t len)
{
    /* clang-format off */
    static const char *const errors[] = {
        "#N/A", "#N/D", "#NV", "#REF!", "#BEZUG!", "#VALUE!", "#WERT!", "#VALOR!", "#VALEUR!",
        "#DIV/0!", "#NAME?", "#NOM?", "#\xc2\xbfNOMBRE?", "#NUM!", "#ZAHL!", "#NOMBRE!", "#NULL!",
        "#NUL!", "#\xc2\xa1NULO!", "#SPILL!", "#CALC!", "#ERROR!", "#GETTING_DATA",
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (strlen(errors[i]) == len && strncmp(s, errors[i], len) == 0) {
            return true;
        }
    }
    size_t digits = strspn(s + (len > 4 ? 4 : 0), "0123456789");
    return (len > 4 && strncmp(s, "Err:", 4) == 0 && digits + 4 == len) ||
           /* what a column shows that is too narrow for its number */
           (len > 4 && strspn(s, "#") == len);
}

/* Is this a number that a spreadsheet shortened: "1.23E+11" or "1,23E+11"? */
static bool is_shortened_number(const char *s, size_t len)
{
    size_t n = strspn(s, "0123456789");

    if (n != 1) {
        return false;
    }
    if (s[n] == '.' || s[n] == ',') {
        n += 1 + strspn(s + n + 1, "0123456789");
    }
    if (strncmp(s + n, "E+", 2) != 0) {
        return false;
    }
    size_t digits = strspn(s + n + 2, "0123456789");
    return digits >= 2 && n + 2 + digits == len;
}

enum err_code deploy_text_check_cell(const char *name, bool id, const char *cell, struct err *e)
{
    size_t len = text_trim(&cell, strlen(cell));

    if (is_formula_error(cell, len)) {
        return err_set(e, E_INVALID, "%s: %.*s is the error of a formula in the sheet, not a value",
                       rule_shown(name).text, (int)len, cell);
    }
    if (id && is_shortened_number(cell, len)) {
        return err_set(e, E_INVALID,
                       "%s: %.*s is a number that the sheet shortened: format its column as text, "
                       "and type the number again",
                       rule_shown(name).text, (int)len, cell);
    }
    return E_OK;
}
