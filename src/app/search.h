/* search.h - the line in which a search is typed, for the text that shows (desk.h). UI thread
 * only. */
#ifndef APP_SEARCH_H
#define APP_SEARCH_H

#include <stdbool.h>

#include "edit.h"

struct desk;

struct search {
    struct edit edit;
    bool keeps; /* the search keeps the lines that match, and hides the others */
};

void search_open(struct desk *d, bool keeps); /* opens the line when a text shows */
#endif
