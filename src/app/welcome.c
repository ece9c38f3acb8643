/* The screen of a first start without credentials. It asks nothing itself: the model shows it when
 * the first answer says that there are no credentials, and leaves it when some appear. */
#include "welcome.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "draw.h"
#include "screen.h"
#include "text_keys.h"

static void init(void *self)
{
    struct welcome *w = self;

    textview_init(&w->text);
    w->text.wrap = true;
    w->text.words = true;
}

static void done(void *self)
{
    struct welcome *w = self;

    textview_done(&w->text);
}

/* Adds one line for each source of credentials: the error lists them behind "Tried: ". */
static void add_tried(struct textview *v, const char *msg)
{
    static const char begin[] = "Tried: ";
    const char *at = strstr(msg, begin);

    if (at == NULL) {
        return;
    }
    for (at += sizeof begin - 1; *at != '\0';) {
        const char *end = strstr(at, "; ");
        int n = end == NULL ? (int)strlen(at) : (int)(end - at);
        char *one = xstrndup(at, (size_t)n);
        textview_add_label(v, "    -", 6, one, ST_TEXT);
        free(one);
        at += n + (end == NULL ? 0 : 2);
    }
}

static void key_line(struct textview *v, const char *key, const char *text)
{
    textview_addf(v, ST_STRONG, "  %s  %s", key, text);
}

void welcome_set(struct welcome *w, const struct err *why)
{
    struct textview fresh;

    w->why = *why;
    textview_init(&fresh);
    textview_add(&fresh,
                 "mvpdash shows, starts and explains the MVP deploys that run on AWS Batch.",
                 ST_TEXT);
    textview_add(&fresh, "", ST_TEXT);
    key_line(&fresh, "l",
             "Try it on the local cloud: no account, and nothing leaves this machine.");
    textview_add(&fresh, "", ST_TEXT);
    key_line(&fresh, "r",
             "Connect to AWS: set credentials, here or in another window, then press r.");
    textview_add(&fresh, "     `aws configure sso`, `aws sso login`, or keys: `aws configure`",
                 ST_TEXT);
    textview_add(&fresh, "     a profile: q, then AWS_PROFILE=NAME mvpdash", ST_TEXT);
    textview_add(&fresh, "     keys: q, then export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                 ST_TEXT);
    textview_add(&fresh, "", ST_TEXT);
    textview_add(&fresh, "  No credentials were found. mvpdash looked in:", ST_WARN);
    add_tried(&fresh, why->msg);
    textview_replace(&w->text, &fresh);
    textview_done(&fresh);
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_WELCOME;
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct welcome *w = self;

    switch (a) {
    case ACT_TRY_LOCAL:
        effects_add(out, EFF_RESTART)->local = true;
        return true;
    case ACT_TRY_AGAIN:
        (void)effects_add(out, EFF_RESTART);
        return true;
    default:
        return text_action(desk, &(struct text_on){&w->text, NULL, "text", screen_welcome.name}, a,
                           out);
    }
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct welcome *w = self;

    (void)out;
    if (a != ACT_CLOSE || !text_close(&w->text)) {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct welcome *w = self;
    struct rect room = layout_text(body);

    (void)desk;
    textview_resize(&w->text, room.rows, room.cols);
}

static const struct textview *text(const void *self)
{
    return &((const struct welcome *)self)->text;
}

static void draw(struct surface *s, const void *self, const struct desk *desk, struct rect body)
{
    const struct welcome *w = self;

    (void)desk;
    if (body.rows > 0) {
        struct text_draw d = {.view = &w->text, .focus = true};
        draw_title(s, body, &(struct pane_title){"Welcome", "", true});
        draw_text(s, layout_text(body), &d);
    }
}

const struct screen screen_welcome = {
    .name = "welcome",
    .title = "Welcome",
    .shows = ACT_NONE,
    .size = sizeof(struct welcome),
    .init = init,
    .done = done,
    .scope = scope,
    .action = action,
    .back = back,
    .settle = settle,
    .text = text,
    .draw = draw,
};
