/* view.h - the screens that fill the body, between summary and status row: the job panes, or one
 * other thing over the whole width. UI thread only. */
#ifndef APP_VIEW_H
#define APP_VIEW_H

/* One row a screen: its name here, and its struct screen (app/screen.h). */
#define SCREENS(X)                                                                                 \
    X(VIEW_JOBS, screen_jobs)                                                                      \
    X(VIEW_DLQ, screen_dlq)                                                                        \
    X(VIEW_EVENTS, screen_events)                                                                  \
    X(VIEW_BULK, screen_bulk)                                                                      \
    X(VIEW_DOCTOR, screen_doctor)                                                                  \
    X(VIEW_CHILDREN, screen_children)                                                              \
    X(VIEW_BUS, screen_bus)                                                                        \
    X(VIEW_QUEUE, screen_queue)

#define SCREEN_ENUM(view, screen) view,
enum view { SCREENS(SCREEN_ENUM) VIEW_COUNT };
#undef SCREEN_ENUM

struct screen;
#define SCREEN_EXTERN(view, name) extern const struct screen name;
SCREENS(SCREEN_EXTERN)
#undef SCREEN_EXTERN
#endif
