/* A menu over the screen: its rows and its keys. */
#include "menu.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "screen.h"

struct menu_row *menu_add(struct menu *menu, int id, char key, bool on, const char *text)
{
    struct menu_row *r = &menu->items[menu->rows.len];

    menu->rows.len += menu->rows.len + 1 < MENU_ROWS_MAX;
    *r = (struct menu_row){.id = id, .key = key, .on = on};
    (void)snprintf(r->text, sizeof r->text, "%.*s", text_cut(text, 120), text);
    return r;
}

static void fill(struct menu *menu)
{
    menu->rows.len = 0;
    menu->def->fill(menu->owner, menu);
    rows_settle(&menu->rows, menu->rows.len, menu->rows.page);
}

/* Moves the cursor to the row that stands for this, wherever the row is by now. */
static void to_row(struct menu *menu, int id)
{
    for (size_t i = 0; i < menu->rows.len; i++) {
        if (menu->items[i].id == id) {
            rows_step(&menu->rows, (long)i - (long)menu->rows.at);
            return;
        }
    }
}

void menu_open(struct menu *menu, const struct menu_def *def, void *owner)
{
    menu->open = true;
    menu->def = def;
    menu->owner = owner;
    menu->rows = (struct rows){.page = menu->rows.page};
    fill(menu);
}

static void take(struct menu *menu, struct desk *d, const struct menu_row *row, bool last,
                 struct effects *out)
{
    struct menu_row copy = *row;

    if (row->off) {
        desk_note(d, NOTE_WARN, "%s", row->more == NULL ? row->text : row->more);
        return;
    }
    menu->open = row->stays || (!last && !menu->def->once);
    menu->def->take(menu->owner, &copy, last, out);
    if (menu->open) {
        fill(menu);
        to_row(menu, copy.id);
    }
}

static bool shortcut(struct menu *menu, struct desk *d, const char *key, struct effects *out)
{
    for (size_t i = 0; i < menu->rows.len; i++) {
        if (menu->items[i].key != 0 && menu->items[i].key == key[0] && key[1] == '\0') {
            take(menu, d, &menu->items[i], true, out);
            return true;
        }
    }
    return false;
}

static void move(struct menu *menu, int by)
{
    if (menu->def->move != NULL && menu->def->move(menu->owner, menu->rows.at, by)) {
        rows_step(&menu->rows, by);
        fill(menu);
    }
}

static enum action on_key(void *self, struct desk *d, const char *key, struct effects *out)
{
    enum action a = keymap_find(d->keys, SCOPE_PICK, key);
    struct menu *menu = self;

    if (a == ACT_REDRAW || a == ACT_SUSPEND || a == ACT_SAVE_SCREEN || a == ACT_QUIT) {
        return a;
    }
    if (shortcut(menu, d, key, out) || rows_action(&menu->rows, a)) {
        return ACT_NONE;
    }
    switch (a) {
    case ACT_ACCEPT:
    case ACT_TOGGLE:
        take(menu, d, &menu->items[menu->rows.at], a == ACT_ACCEPT, out);
        break;
    case ACT_MOVE_UP:
    case ACT_MOVE_DOWN:
        move(menu, a == ACT_MOVE_UP ? -1 : 1);
        break;
    case ACT_RESET:
        if (menu->def->reset != NULL) {
            menu->def->reset(menu->owner);
            fill(menu);
        }
        break;
    case ACT_CLOSE:
    case ACT_BACK:
        menu->open = false;
        if (menu->def->left != NULL) {
            menu->def->left(menu->owner, out);
        }
        break;
    default:
        break;
    }
    return ACT_NONE;
}

/* ---- the footer ---- */

/* The first key of an action in a menu; false: it has none. */
static bool key_of(const struct keymap *keys, enum action a, char key[KEY_NAME_SIZE])
{
    static const enum scope scopes[] = {SCOPE_PICK, SCOPE_ALL};

    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < key_bindings_len; i++) {
            const struct binding *b = &key_bindings[i];
            if (b->action == a && (b->scopes & 1U << scopes[s]) != 0 &&
                keymap_first(keys, b, SCOPE_PICK, key) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static bool has_letters(const struct menu *menu)
{
    for (size_t i = 0; i < menu->rows.len; i++) {
        if (menu->items[i].key != 0) {
            return true;
        }
    }
    return false;
}

size_t menu_hints(const struct menu *menu, const struct keymap *keys, struct hint *out, size_t max)
{
    const struct menu_def *def = menu->def;
    const struct {
        bool works;
        enum action action, other; /* ACT_NONE: only one key */
        const char *text;
    } all[] = {
        {true,               ACT_ACCEPT,    ACT_NONE,    def->choose == NULL ? "choose" : def->choose},
        {!def->once,         ACT_TOGGLE,    ACT_NONE,    "on/off"                                    },
        {true,               ACT_CLOSE,     ACT_NONE,    "close"                                     },
        {true,               ACT_DOWN,      ACT_UP,      "down/up"                                   },
        {def->move != NULL,  ACT_MOVE_DOWN, ACT_MOVE_UP, "move it down/up"                           },
        {def->reset != NULL, ACT_RESET,     ACT_NONE,    "reset"                                     },
    };
    char key[KEY_NAME_SIZE];
    size_t n = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all && n < max; i++) {
        out[n] = (struct hint){.text = all[i].text};
        if (!all[i].works || !key_of(keys, all[i].action, out[n].key)) {
            continue;
        }
        if (all[i].other != ACT_NONE && key_of(keys, all[i].other, key)) {
            size_t len = strlen(out[n].key);
            (void)snprintf(out[n].key + len, sizeof out[n].key - len, " %s", key);
        }
        n++;
    }
    if (n < max && has_letters(menu)) {
        out[n] = (struct hint){.key = "a-z", .text = "the row of the letter"};
        n++;
    }
    return n;
}

static bool is_open(const void *self)
{
    const struct menu *menu = self;

    return menu->open;
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_PICK;
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct menu *menu = self;

    (void)desk;
    menu->rows.page = room.rows > 3 ? (size_t)room.rows - 2 : 1;
}

const struct screen screen_menu = {
    .name = "menu",
    .size = sizeof(struct menu),
    .open = is_open,
    .scope = scope,
    .key = on_key,
    .settle = settle,
    .draw = menu_draw,
};
