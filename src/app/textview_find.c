/* Lines of text that scroll: the search. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/regex_why.h"
#include "textview_priv.h"

/* Is the pattern plain words? These are looked for without the engine of regular expressions,
 * because a log has 50,000 lines. */
static bool literal(const char *pattern)
{
    return strpbrk(pattern, ".[]()*+?{}|^$\\") == NULL;
}

bool textview_match(const struct textview *v, const struct text_line *line, size_t from,
                    size_t *start, size_t *end)
{
    if (v->pattern == NULL || from > line->len) {
        return false;
    }
    if (!v->compiled) {
        if (v->pattern_err.code != E_OK) {
            return false;
        }
        const char *hit = v->ignore_case ? strcasestr(line->text + from, v->pattern)
                                         : strstr(line->text + from, v->pattern);
        if (hit == NULL) {
            return false;
        }
        *start = (size_t)(hit - line->text);
        *end = *start + strlen(v->pattern);
        return true;
    }
    for (int tries = 0; tries < 64 && from <= line->len; tries++) {
        regmatch_t m;
        if (regexec(&v->re, line->text + from, 1, &m, from > 0 ? REG_NOTBOL : 0) != 0) {
            return false;
        }
        if (m.rm_eo > m.rm_so) {
            *start = from + (size_t)m.rm_so;
            *end = from + (size_t)m.rm_eo;
            return true;
        }
        from += (size_t)m.rm_so + 1; /* an empty match shows nothing */
    }
    return false;
}

bool textview_line_matches(const struct textview *v, const struct text_line *l)
{
    size_t start = 0, end = 0;

    return textview_match(v, l, 0, &start, &end);
}

void textview_keep_seq(struct textview *v, uint64_t seq)
{
    v->kept = xgrow(v->kept, v->kept_len, &v->kept_cap, sizeof *v->kept);
    v->kept[v->kept_len++] = seq;
}

void textview_rematch(struct textview *v)
{
    v->match_count = 0;
    v->kept_len = 0;
    v->matched = false;
    if (v->pattern == NULL) {
        v->keep = false;
        return;
    }
    for (size_t i = 0; i < v->len; i++) {
        if (textview_line_matches(v, textview_at(v, i))) {
            v->match_count++;
            if (v->keep) {
                textview_keep_seq(v, v->dropped + i);
            }
        }
    }
}

static void compile(struct textview *v)
{
    if (v->compiled) {
        regfree(&v->re);
        v->compiled = false;
    }
    v->pattern_err = (struct err){0};
    if (v->pattern == NULL || literal(v->pattern)) {
        return;
    }
    int rc = regcomp(&v->re, v->pattern, REG_EXTENDED | (v->ignore_case ? REG_ICASE : 0));
    if (rc != 0) {
        (void)err_set(&v->pattern_err, E_INVALID, "regular expression: %s",
                      regex_why(rc, v->pattern));
        return;
    }
    v->compiled = true;
}

/* How many lines match, up to and including this one. */
static size_t matches_up_to(const struct textview *v, uint64_t seq)
{
    size_t n = 0;

    for (size_t i = 0; i < v->len && v->dropped + i <= seq; i++) {
        n += textview_line_matches(v, textview_at(v, i));
    }
    return n;
}

/* Finds the first match at or after shown index `i`; goes on at the other end of the text. */
static bool find_from(struct textview *v, size_t i, int direction)
{
    size_t n = textview_len(v);
    /* the match is a neighbour of the last one, so nothing is counted from the start */
    bool step = v->matched;

    for (size_t tries = 0; tries < n; tries++) {
        uint64_t seq = textview_shown_seq(v, i % n);
        if (textview_line_matches(v, textview_line(v, seq))) {
            size_t count = v->match_count, at = v->match_at;
            v->match_at = !step           ? matches_up_to(v, seq)
                          : direction > 0 ? at % count + 1
                                          : (at + count - 2) % count + 1;
            v->match_line = seq;
            v->matched = true;
            v->cursor = v->has_cursor ? seq : v->cursor;
            textview_show(v, seq);
            return true;
        }
        i = direction > 0 ? (i + 1) % n : (i % n + n - 1) % n;
    }
    v->matched = false;
    return false;
}

void textview_search(struct textview *v, const char *pattern)
{
    free(v->pattern);
    v->pattern = pattern == NULL || pattern[0] == '\0' ? NULL : xstrdup(pattern);
    compile(v);
    textview_rematch(v);
    if (v->pattern != NULL && v->match_count > 0 && !v->keep) {
        size_t top = textview_shown_index(v, v->top);
        (void)find_from(v, top < textview_len(v) ? top : 0, 1);
    }
    textview_settle(v);
}

bool textview_next(struct textview *v, int direction)
{
    size_t n = textview_len(v);

    if (v->pattern == NULL || v->match_count == 0 || n == 0) {
        return false;
    }
    size_t i = textview_shown_index(v, v->matched ? v->match_line : v->top);
    if (i >= n) {
        i = n - 1;
    }
    if (v->matched) {
        i = direction > 0 ? (i + 1) % n : (i + n - 1) % n;
    }
    return find_from(v, i, direction);
}

void textview_set_case(struct textview *v, bool ignore)
{
    v->ignore_case = ignore;
    compile(v);
    textview_rematch(v);
    textview_settle(v);
}

void textview_set_keep(struct textview *v, bool on)
{
    v->keep = on && v->pattern != NULL;
    textview_rematch(v);
    textview_settle(v);
}
