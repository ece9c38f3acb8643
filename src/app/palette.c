/* The command line `:` - parsing, matching, completing, its history. */
#include "palette.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "jobs/filter.h"

/* The commands that take an argument; all others are the actions of the key table. */
static const struct {
    const char *name;
    const char *help;
    enum command_id id;
} with_argument[] = {
    {"filter",  "Filter the list: `:filter status:failed user:ann`",                 CMD_FILTER  },
    {"sort",    "Sort by a column: `:sort -duration`",                               CMD_SORT    },
    {"columns", "Columns in this order: `:columns status,name,age`",                 CMD_COLUMNS },
    {"job",     "Open a job by its id: `:job job_...`",                              CMD_OPEN_JOB},
    {"view",    "A saved view: `:view NAME`, save NAME, delete NAME; alone: a menu", CMD_VIEW    },
};
enum { WITH_ARGUMENT = sizeof with_argument / sizeof *with_argument };

/* The actions that may have an argument, and are another command then. */
static const struct {
    enum action action;
    enum command_id id;
} may_have_argument[] = {
    {ACT_READ_WRITE, CMD_READ_WRITE},
    {ACT_CONTEXT,    CMD_CONTEXT   },
    {ACT_VIEW_STATS, CMD_STATS     },
    {ACT_VIEW_GREP,  CMD_GREP      },
    {ACT_COPIED,     CMD_COPIED    },
};
enum { MAY_HAVE_ARGUMENT = sizeof may_have_argument / sizeof *may_have_argument };

/* Commands that people type by habit, and what they mean here. */
static const struct {
    const char *typed, *name;
} aliases[] = {
    {"q",        "quit"   },
    {"q!",       "quit"   },
    {"qa",       "quit"   },
    {"exit",     "quit"   },
    {"h",        "help"   },
    {"log",      "logs"   },
    {"error",    "errors" },
    {"reload",   "refresh"},
    {"rules",    "bus"    },
    {"context",  "ctx"    },
    {"contexts", "ctx"    },
};

static bool word_is(const char *line, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(line, name, len) == 0;
}

struct command palette_parse(const char *line)
{
    struct command c = {.id = CMD_UNKNOWN, .argument = ""};

    while (*line == ' ' || *line == ':') {
        line++;
    }
    size_t len = strcspn(line, " ");
    const char *rest = line + len + strspn(line + len, " ");
    for (size_t i = 0; i < WITH_ARGUMENT; i++) {
        if (word_is(line, len, with_argument[i].name)) {
            c.id = with_argument[i].id;
            c.argument = rest;
            return c;
        }
    }
    for (size_t i = 0; i < MAY_HAVE_ARGUMENT && *rest != '\0'; i++) {
        if (word_is(line, len, binding_of(may_have_argument[i].action)->name)) {
            c.id = may_have_argument[i].id;
            c.argument = rest;
            return c;
        }
    }
    if (*rest != '\0') {
        return c; /* no other action takes an argument */
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (word_is(line, len, aliases[i].typed)) {
            c.id = CMD_ACTION;
            c.action = binding_named(aliases[i].name)->action;
            return c;
        }
    }
    for (size_t i = 0; i < key_bindings_len; i++) {
        if (key_bindings[i].palette && word_is(line, len, key_bindings[i].name)) {
            c.id = CMD_ACTION;
            c.action = key_bindings[i].action;
            return c;
        }
    }
    return c;
}

/* How well a name matches. 0: it begins with the typed text; 1: a word in it does; 2: it holds the
 * text; -1: none of these. */
static int rank(const char *name, const char *typed, size_t len)
{
    const char *hit;

    if (strncasecmp(name, typed, len) == 0) {
        return 0;
    }
    char *word = xstrndup(typed, len);
    hit = strcasestr(name, word);
    free(word);
    if (hit == NULL) {
        return -1;
    }
    return hit[-1] == '-' ? 1 : 2;
}

static void add_row(struct palette *p, const char *name, const char *help, const struct binding *b,
                    enum command_id id)
{
    if (p->len < PALETTE_ROWS_MAX) {
        p->rows[p->len++] =
            (struct palette_row){.name = name, .help = help, .binding = b, .id = id};
    }
}

/* Adds the lines of a person: those of one word, or those with an argument, which show only while
 * the argument is typed. */
static void add_lines(struct palette *p, const char *typed, size_t len, int want, bool argument)
{
    for (size_t i = 0; i < p->lines_len; i++) {
        const struct palette_line *l = &p->lines[i];
        if ((strchr(l->text, ' ') != NULL) == argument && rank(l->text, typed, len) == want) {
            add_row(p, l->text, l->help, NULL, CMD_ACTION);
        }
    }
}

static void add_rank(struct palette *p, const char *typed, size_t len, int want)
{
    for (size_t i = 0; i < WITH_ARGUMENT; i++) {
        if (rank(with_argument[i].name, typed, len) == want) {
            add_row(p, with_argument[i].name, with_argument[i].help, NULL, with_argument[i].id);
        }
    }
    for (size_t i = 0; i < key_bindings_len; i++) {
        const struct binding *b = &key_bindings[i];
        if (b->palette && rank(b->name, typed, len) == want) {
            add_row(p, b->name, b->help, b, CMD_ACTION);
        }
    }
    add_lines(p, typed, len, want, false);
}

/* Adds the words that may follow the command and begin as `typed` does. */
static void add_words(struct palette *p, enum command_id id, const char *typed)
{
    struct palette_row row = {.id = id, .word = true};

    for (size_t i = 0; p->words != NULL && p->words(p->words_arg, id, i, &row); i++) {
        if (strncmp(row.name, typed, strlen(typed)) == 0 && p->len < PALETTE_ROWS_MAX) {
            p->rows[p->len++] = row;
        }
    }
}

/* Shows, while an argument is typed, the words that it may be, else only its command. */
static void add_argument(struct palette *p, const char *line, size_t len)
{
    const char *typed = line + len + strspn(line + len, " ");

    for (size_t i = 0; i < WITH_ARGUMENT; i++) {
        if (word_is(line, len, with_argument[i].name)) {
            add_words(p, with_argument[i].id, typed);
            if (p->len == 0) {
                add_row(p, with_argument[i].name, with_argument[i].help, NULL, with_argument[i].id);
            }
        }
    }
    for (size_t i = 0; i < MAY_HAVE_ARGUMENT; i++) {
        const struct binding *b = binding_of(may_have_argument[i].action);
        if (word_is(line, len, b->name)) {
            add_words(p, may_have_argument[i].id, typed);
            if (p->len == 0) {
                add_row(p, b->name, b->help, b, may_have_argument[i].id);
            }
        }
    }
}

void palette_update(struct palette *p)
{
    const char *line = edit_text(&p->edit);
    size_t len;

    while (*line == ' ' || *line == ':') {
        line++;
    }
    len = strcspn(line, " ");
    p->len = 0;
    p->selected = 0;
    p->moved = false;
    if (line[len] != '\0') {
        add_lines(p, line, strlen(line), 0, true);
        add_argument(p, line, len);
        return;
    }
    for (int want = 0; want <= 2; want++) {
        add_rank(p, line, len, want);
    }
}

void palette_open(struct palette *p)
{
    edit_set(&p->edit, NULL);
    p->history.at = 0;
    palette_update(p);
}

void palette_done(struct palette *p)
{
    edit_done(&p->edit);
    palette_set_lines(p, NULL, 0);
    line_history_clear(&p->history);
    memset(p, 0, sizeof *p);
}

void palette_set_lines(struct palette *p, struct palette_line *lines, size_t len)
{
    for (size_t i = 0; i < p->lines_len; i++) {
        free(p->lines[i].text);
        free(p->lines[i].help);
    }
    free(p->lines);
    p->lines = lines;
    p->lines_len = len;
}

/* Where the word that is typed begins: the argument when there is one. */
static const char *typed_word(const struct palette *p)
{
    const char *line = edit_text(&p->edit);
    const char *blank = strchr(line + strspn(line, " :"), ' ');

    return blank == NULL ? line : blank + strspn(blank, " ");
}

/* Completes the word to the longest beginning that all rows share which begin with it; to the whole
 * row when it is the only one, or was chosen. */
void palette_complete(struct palette *p)
{
    const char *line = edit_text(&p->edit);
    const char *typed = typed_word(p);
    size_t common = 0, rows = 0;
    const char *first = NULL;

    if (typed > line && palette_parse(line).id == CMD_FILTER) {
        char *text = filter_complete(line, p->jobs, p->jobs_arg, NULL);
        if (text != NULL) {
            edit_set(&p->edit, text);
            free(text);
        }
        return;
    }
    if (p->len == 0) {
        return;
    }
    if (typed > line && !p->rows[0].word) { /* the rows are whole lines of a person, or none */
        if (p->rows[p->selected].id != CMD_ACTION) {
            return;
        }
        typed = line;
    }
    size_t before = (size_t)(typed - line);
    size_t typed_len = strlen(typed);
    for (size_t i = 0; i < p->len; i++) {
        if (rank(p->rows[i].name, typed, typed_len) != 0) {
            continue;
        }
        if (first == NULL) {
            first = p->rows[i].name;
            common = strlen(first);
        }
        size_t same = 0;
        while (same < common && p->rows[i].name[same] == first[same]) {
            same++;
        }
        common = same;
        rows++;
    }
    char *text = NULL;
    if (!p->moved && rows > 1 && common > typed_len) {
        text = xasprintf("%.*s%.*s", (int)before, line, (int)common, first);
    } else {
        const struct palette_row *row = &p->rows[p->selected];
        text = xasprintf("%.*s%s%s", (int)before, line, row->name,
                         row->id == CMD_ACTION || row->word ? "" : " ");
    }
    edit_set(&p->edit, text);
    free(text);
    palette_update(p);
}

void palette_history(struct palette *p, int step)
{
    edit_set(&p->edit, line_history_step(&p->history, step));
    palette_update(p);
}
