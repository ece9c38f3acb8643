/* What a log line looked like on a terminal: its colours, and the last state of a line that wrote
 * over itself. */
#include "core/logtext.h"

#include <string.h>

enum { PARAMS_MAX = 32, SEQUENCE_MAX = 128, OSC_MAX = 4096 };

enum log_color log_look_color(const struct log_look *k)
{
    uint8_t fg = k->reverse ? k->bg : k->fg;
    uint8_t bg = k->reverse ? k->fg : k->bg;

    if (fg != LOG_PLAIN && fg != LOG_BLACK && fg != LOG_WHITE) {
        return (enum log_color)fg;
    }
    return bg == LOG_BLACK || bg == LOG_WHITE ? LOG_PLAIN : (enum log_color)bg;
}

/* The nearest of the eight colours, found by which of the three lights are more on than off. */
static uint8_t nearest(int r, int g, int b, bool *grey)
{
    int most = r > g ? r : g;
    int least = r < g ? r : g;

    most = most > b ? most : b;
    least = least < b ? least : b;
    *grey = false;
    if (most - least < 40) {
        *grey = most >= 80 && most < 190;
        return most < 80 ? LOG_BLACK : LOG_WHITE;
    }
    int half = (most + least) / 2;
    return (uint8_t)(LOG_BLACK + (r > half ? 1 : 0) + (g > half ? 2 : 0) + (b > half ? 4 : 0));
}

static uint8_t from_256(int n, bool *grey)
{
    static const int level[] = {0, 95, 135, 175, 215, 255};

    *grey = n == 8;
    if (n < 16) {
        return (uint8_t)(LOG_BLACK + n % 8);
    }
    if (n < 232) {
        return nearest(level[(n - 16) / 36], level[(n - 16) / 6 % 6], level[(n - 16) % 6], grey);
    }
    int v = 8 + 10 * (n - 232);
    return nearest(v, v, v, grey);
}

struct params {
    int v[PARAMS_MAX];    /* -1: the parameter is empty */
    bool sub[PARAMS_MAX]; /* the parameter stands after a colon */
    size_t len;
};

static void read_params(const char *s, size_t len, struct params *p)
{
    *p = (struct params){.v = {-1}, .len = 1};
    for (size_t i = 0; i < len; i++) {
        if (s[i] == ';' || s[i] == ':') {
            if (p->len == PARAMS_MAX) {
                return;
            }
            p->sub[p->len] = s[i] == ':';
            p->v[p->len++] = -1;
        } else {
            int *v = &p->v[p->len - 1];
            *v = (*v < 0 ? 0 : *v > 9999 ? 9999 : *v) * 10 + (s[i] - '0');
        }
    }
}

/* Reads a colour of the form "38;5;n", "38;2;r;g;b", "38:5:n" or "38:2:[space]:r:g:b" from
 * parameter `at` (the 38) on. Returns the last parameter that belongs to the colour. */
static size_t extended(const struct params *p, size_t at, uint8_t *color, bool *grey)
{
    size_t end = at + 1; /* the place after the last parameter of this group */
    bool colons = end < p->len && p->sub[end];
    int kind = end < p->len ? p->v[end] : -1;

    if (colons) {
        while (end < p->len && p->sub[end]) {
            end++;
        }
    } else {
        end = at + (kind == 5 ? 3 : kind == 2 ? 5 : 2);
        end = end > p->len ? p->len : end;
    }
    /* the parameters that are given, the kind among them */
    size_t have = end - at - 1;
    /* when the kind is the last parameter, no value may be read after it */
    const int *v = p->v + (have >= 2 ? at + 2 : at);
    if (kind == 5 && have >= 2 && v[0] >= 0 && v[0] < 256) {
        *color = from_256(v[0], grey);
    } else if (kind == 2 && have >= 4) {
        v += colons && have >= 5 ? 1 : 0; /* the colour space, which this program does not need */
        *color = nearest(v[0] > 255 ? 255 : v[0], v[1] > 255 ? 255 : v[1], v[2] > 255 ? 255 : v[2],
                         grey);
    }
    return end - 1;
}

static void apply(const struct params *p, struct log_look *k)
{
    for (size_t i = 0; i < p->len; i++) {
        int n = p->v[i] < 0 ? 0 : p->v[i];
        bool grey = false;

        if (p->sub[i]) {
            continue; /* "4:3" is a kind of underline */
        }
        if (n == 0) {
            *k = (struct log_look){0};
        } else if (n == 1 || n == 2) {
            k->bold = n == 1 || k->bold;
            k->dim = n == 2 || k->dim;
        } else if (n == 22) {
            k->bold = k->dim = false;
        } else if (n == 4 || n == 24) {
            k->underline = n == 4 && !(i + 1 < p->len && p->sub[i + 1] && p->v[i + 1] == 0);
        } else if (n == 7 || n == 27) {
            k->reverse = n == 7;
        } else if ((n >= 30 && n <= 37) || (n >= 90 && n <= 97)) {
            k->fg = (uint8_t)(LOG_BLACK + n % 10);
            k->dim = n == 90 || k->dim; /* most tools use bright black as their grey */
        } else if ((n >= 40 && n <= 47) || (n >= 100 && n <= 107)) {
            k->bg = (uint8_t)(LOG_BLACK + n % 10);
        } else if (n == 38) {
            i = extended(p, i, &k->fg, &grey);
            k->dim = grey || k->dim;
        } else if (n == 48 || n == 58) { /* 58 sets the colour of the underline */
            uint8_t underline;
            i = extended(p, i, n == 48 ? &k->bg : &underline, &grey);
        } else if (n == 39) {
            k->fg = LOG_PLAIN;
        } else if (n == 49) {
            k->bg = LOG_PLAIN;
        }
    }
}

/* Does the sequence place the cursor at the start of a line? `params` are those of CUP
 * ("row;column") or of CHA. */
static bool first_column(const char *params, size_t len, bool rows)
{
    const char *semicolon = rows ? memchr(params, ';', len) : NULL;

    if (rows && semicolon == NULL) {
        return true; /* only the row is given */
    }
    if (semicolon != NULL) {
        len -= (size_t)(semicolon + 1 - params);
        params = semicolon + 1;
    }
    return len == 0 || (len == 1 && (params[0] == '0' || params[0] == '1'));
}

/* Do parameters that begin with this character have a meaning of a terminal's own, as in "ESC [ ?
 * 25 h"? */
static bool private_use(char c)
{
    return c >= '<' && c <= '?';
}

/* The length of a control sequence that draws nothing: colours, erasing, moves of the cursor up,
 * down or to the start of a line, modes. 0: it is no such sequence, or is not complete. */
static size_t silent_csi(const char *s, size_t len)
{
    size_t n = 2;

    n += n < len && private_use(s[n]) ? 1 : 0;
    /* digits, colons and semicolons */
    while (n < len && n < SEQUENCE_MAX && s[n] >= '0' && s[n] <= ';') {
        n++;
    }
    if (n >= len || s[n] < '@' || s[n] > '~') {
        return 0;
    }
    bool silent = private_use(s[2]) ? strchr("hlmnurs", s[n]) != NULL
                  : s[n] == 'H' || s[n] == 'f' || s[n] == 'G'
                      ? first_column(s + 2, n - 2, s[n] != 'G')
                      : strchr("mKJABEFhlsurST", s[n]) != NULL;
    return silent ? n + 1 : 0;
}

/* The length of the sequence that begins or ends a link (OSC 8), or that tells of a progress which
 * the terminal shows elsewhere (OSC 9;4). */
static size_t silent_osc(const char *s, size_t len)
{
    size_t n = 4;

    if (len < 5 || s[3] != ';' || (s[2] != '8' && (s[2] != '9' || s[4] != '4'))) {
        return 0;
    }
    while (n < len && n < OSC_MAX && (unsigned char)s[n] >= 0x20) {
        n++;
    }
    if (n < len && s[n] == '\a') {
        return n + 1;
    }
    return n + 1 < len && s[n] == '\033' && s[n + 1] == '\\' ? n + 2 : 0;
}

/* The length of the sequence at `s` for which a terminal draws nothing; 0 when no known sequence is
 * there. In a text that is no log, only colours and erasing to the end of the line are known. */
static size_t known_sequence(const char *s, size_t len, bool log)
{
    size_t n = 0;

    if (!log) {
        n = len > 2 && s[0] == '\033' && s[1] == '[' && !private_use(s[2]) ? silent_csi(s, len) : 0;
        return n > 0 && (s[n - 1] == 'm' || s[n - 1] == 'K') ? n : 0;
    }
    if (len > 0 && s[0] == '\017') {
        return 1; /* a switch to the usual letters, as `tput sgr0` sends it */
    }
    if (len < 2 || s[0] != '\033') {
        return 0;
    }
    switch (s[1]) {
    case '[':
        return silent_csi(s, len);
    case ']':
        return silent_osc(s, len);
    case '(':
    case ')':
        return len > 2 && s[2] == 'B' ? 3 : 0; /* the same switch as other terminals take it */
    case '7':
    case '8':
        return 2; /* these keep the cursor's place and go back to it */
    default:
        return 0;
    }
}

/* The length of the sequence or character that goes back to the start of the line. */
static size_t back_to_start(const char *s, size_t len)
{
    size_t n = len > 0 && s[0] == '\033' ? known_sequence(s, len, true) : 0;

    return len > 0 && s[0] == '\r' ? 1 : n > 0 && s[n - 1] == 'G' ? n : 0;
}

bool log_run_next(const char *s, size_t len, size_t *at, struct log_look *look, bool log,
                  struct log_run *out)
{
    struct params p;
    size_t n;

    while (*at < len && (n = known_sequence(s + *at, len - *at, log)) > 0) {
        if (s[*at + n - 1] == 'm' && !private_use(s[*at + 2])) {
            read_params(s + *at + 2, n - 3, &p);
            apply(&p, look);
        }
        *at += n;
    }
    if (*at >= len) {
        return false;
    }
    size_t from = *at;
    do {
        (*at)++;
        while (*at < len && s[*at] != '\033' && s[*at] != '\017') {
            (*at)++;
        }
    } while (*at < len && known_sequence(s + *at, len - *at, log) == 0);
    *out = (struct log_run){s + from, *at - from, *look};
    return true;
}

/* Does this part of the line hold anything that can be seen? */
static bool has_text(const char *s, size_t len)
{
    struct log_look look = {0};
    struct log_run run;
    size_t at = 0;

    while (log_run_next(s, len, &at, &look, true, &run)) {
        for (size_t i = 0; i < run.len; i++) {
            if (run.text[i] != '\r' && run.text[i] != ' ') {
                return true;
            }
        }
    }
    return false;
}

size_t log_last_state(const char *line, size_t *len, struct log_look *look)
{
    struct log_run run;
    size_t from = 0, end = *len, at = 0;
    size_t part = 0; /* the place after the last return to the start of the line */
    bool back = false, seen = false;

    for (size_t i = 0, n = 0; i <= *len; i += n > 0 ? n : 1) {
        n = back_to_start(line + i, *len - i);
        if (n == 0 && i < *len) {
            continue;
        }
        /* without a text after it, the return wrote over nothing */
        if (has_text(line + part, i - part)) {
            from = part;
            end = i;
            seen = true;
        }
        back = back || n > 0;
        part = i + n;
    }
    if (!back) {
        return 0;
    }
    *len = seen ? end : 0;
    while (log_run_next(line, from, &at, look, true, &run)) {
        /* this part is read only for the colours that it leaves in force */
    }
    return from;
}
