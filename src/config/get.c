/* Reading what is in force. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "src/config/settings_priv.h"

const char *settings_get(const struct settings *s, enum setting_id id)
{
    return s->values[id].text;
}

const char *settings_flag(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin == ORIGIN_FLAG ? s->values[id].text : NULL;
}

char *setting_shown(enum setting_id id, const char *text)
{
    struct strbuf b = STRBUF_INIT;

    if (text == NULL) {
        return NULL;
    }
    if (setting_rows[id].secret || setting_rows[id].kind == KIND_URL) {
        struct strbuf masked = STRBUF_INIT;
        secret_mask_url(&masked, text);
        text_clean(&b, strbuf_str(&masked), masked.len, TEXT_ONE_LINE);
        strbuf_wipe(&masked);
    } else {
        text_clean(&b, text, strlen(text), TEXT_ONE_LINE);
    }
    return strbuf_take(&b);
}

char *settings_shown(const struct settings *s, enum setting_id id)
{
    return setting_shown(id, s->values[id].text);
}

bool settings_bool(const struct settings *s, enum setting_id id)
{
    bool value = false;

    return s->values[id].text != NULL && setting_parse_bool(s->values[id].text, &value) && value;
}

int settings_int(const struct settings *s, enum setting_id id, int fallback)
{
    const char *text = s->values[id].text;
    char *end = NULL;

    if (text == NULL || text[0] == '\0') {
        return fallback;
    }
    errno = 0;
    long n = strtol(text, &end, 10);
    return errno != 0 || *end != '\0' || n < -1000000 || n > 1000000 ? fallback : (int)n;
}

double settings_price(const struct settings *s, enum setting_id id)
{
    double price = 0;

    return s->values[id].text != NULL && setting_parse_price(s->values[id].text, &price) ? price
                                                                                         : 0;
}

enum setting_origin settings_origin(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin;
}

const char *settings_origin_text(const struct settings *s, enum setting_id id)
{
    return s->values[id].origin_text;
}

const char *settings_env_file(const struct settings *s)
{
    return s->env_path;
}

const char *settings_config_file(const struct settings *s)
{
    return s->ini_path;
}

size_t settings_warnings_len(const struct settings *s)
{
    return s->warnings_len;
}

const char *settings_warning(const struct settings *s, size_t i)
{
    return i < s->warnings_len ? s->warnings[i] : "";
}

size_t settings_keys(const struct settings *s, const struct setting_key **out)
{
    *out = s->keys;
    return s->keys_len;
}
