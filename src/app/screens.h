/* screens.h - the tables of everything on the screen: the screens that fill the body, between
 * summary and status row, and the layers that stand over it. UI thread only.
 *
 * To add a screen: NAME.c (its state, what it does with events) and NAME_draw.c (its cells), which
 * export one struct screen (screen.h); a row here; and in the tables of keys (app/keymap.h,
 * key_table.c) its scope, the action that shows it, and its own keys. Nothing else knows it:
 * replies come by the kinds of task that it names. */
#ifndef APP_SCREENS_H
#define APP_SCREENS_H

/* One row for each screen: its name here, and its struct screen. */
#define SCREENS(X)                                                                                 \
    X(VIEW_JOBS, screen_jobs)                                                                      \
    X(VIEW_DLQ, screen_dlq)                                                                        \
    X(VIEW_EVENTS, screen_events)                                                                  \
    X(VIEW_BULK, screen_bulk)                                                                      \
    X(VIEW_DOCTOR, screen_doctor)                                                                  \
    X(VIEW_CHILDREN, screen_children)                                                              \
    X(VIEW_STATS, screen_stats)                                                                    \
    X(VIEW_GREP, screen_grep)                                                                      \
    X(VIEW_BUS, screen_bus)                                                                        \
    X(VIEW_QUEUE, screen_queue)                                                                    \
    X(VIEW_COMPARE, screen_compare)                                                                \
    X(VIEW_WELCOME, screen_welcome)

#define SCREEN_ENUM(view, screen) view,
enum view { SCREENS(SCREEN_ENUM) VIEW_COUNT };
#undef SCREEN_ENUM

/* One row for each layer, the lowest first: its struct screen, its state in the desk, its room in
 * the layout. */
#define LAYERS(X)                                                                                  \
    X(screen_window, window, window)                                                               \
    X(screen_menu, menu, menu)                                                                     \
    X(screen_line, line, line)                                                                     \
    X(screen_dialog, dialog, dialog)

#define LAYER_COUNT_ONE(screen, state, room) +1
enum { LAYER_COUNT = 0 LAYERS(LAYER_COUNT_ONE) };
#undef LAYER_COUNT_ONE

struct screen;
#define SCREEN_EXTERN(view, name) extern const struct screen name;
SCREENS(SCREEN_EXTERN)
#undef SCREEN_EXTERN
#define LAYER_EXTERN(name, state, room) extern const struct screen name;
LAYERS(LAYER_EXTERN)
#undef LAYER_EXTERN
#endif
