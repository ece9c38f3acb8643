/* The screen of the rules of the bus. It asks when it is opened, and again when `r` is pressed. */
#include "ops/bus.h"

#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "listing_draw.h"
#include "screen.h"
#include "text_keys.h"

enum { LABEL = 18 };

static void init(void *self)
{
    struct listing *r = self;

    listing_init(r);
    r->text.wrap = true;
}

static void done(void *self)
{
    listing_done(self);
}

static void add_line(void *arg, int indent, const char *label, const char *text)
{
    struct textview *v = arg;
    char name[40];

    if (indent == 0) {
        textview_add(v, text, ST_STRONG);
        return;
    }
    bool bad = strncmp(text, "none: ", 6) == 0 || strncmp(text, "not known", 9) == 0;
    (void)snprintf(name, sizeof name, "%*s%s", indent, "", label);
    textview_add_label(v, name, LABEL, text, bad ? ST_WARN : ST_TEXT);
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct listing *r = self;
    struct textview fresh;

    (void)out;
    if (!listing_answered(r, desk, msg, "Bus") || msg_as(msg, bus) == NULL) {
        return TAKEN_SHOWS;
    }
    textview_init(&fresh);
    bus_lines(msg_as(msg, bus), add_line, &fresh);
    r->len = msg_as(msg, bus)->len;
    textview_replace(&r->text, &fresh);
    textview_done(&fresh);
    return TAKEN_SHOWS;
}

static void ask(void *self, struct desk *desk, struct effects *out)
{
    struct listing *r = self;

    listing_load(&r->request, desk, TASK_BUS, out);
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct listing *r = self;

    if (a == ACT_REFRESH) {
        ask(r, desk, out);
        return true;
    }
    return text_action(desk, &(struct text_on){&r->text, NULL, "text", screen_bus.name}, a, out);
}

static void draw(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    static const struct listing_words words = {
        "Rules of the bus", SET_BUS, "The bus has no rules: no event on it does anything."};

    listing_draw(s, self, desk, body, &words);
}

const struct screen screen_bus = {
    .name = "bus",
    .title = "Rules of the bus",
    .shows = ACT_VIEW_BUS,
    .size = sizeof(struct listing),
    .init = init,
    .done = done,
    .scope = listing_scope,
    .enter = ask,
    .action = action,
    .back = listing_back,
    .tasks = TASK_BIT(TASK_BUS),
    .take = take,
    .settle = listing_settle,
    .text = listing_text,
    .draw = draw,
};
