/* textview_priv.h - between textview.c (lines), textview_scroll.c (the window) and textview_find.c
 * (the search). "Shown" indexes count the lines that show: all, or the kept ones. */
#ifndef APP_TEXTVIEW_PRIV_H
#define APP_TEXTVIEW_PRIV_H

#include "textview.h"

struct text_line *textview_at(const struct textview *v, size_t index);
uint64_t textview_shown_seq(const struct textview *v, size_t shown);
/* The first shown index at or after `seq`; textview_len when there is none. */
size_t textview_shown_index(const struct textview *v, uint64_t seq);
/* puts the window inside the text again, and follows the end */
void textview_settle(struct textview *v);
void textview_show(struct textview *v, uint64_t seq); /* scrolls so that this line shows */

bool textview_line_matches(const struct textview *v, const struct text_line *l);
void textview_keep_seq(struct textview *v, uint64_t seq);
void textview_rematch(struct textview *v); /* counts the matches and the kept lines anew */
#endif
