/* search.h - the line in which a search is typed, for the text that shows (desk.h). UI thread
 * only. */
#ifndef APP_SEARCH_H
#define APP_SEARCH_H

#include <stdbool.h>

#include "edit.h"

struct desk;

struct search {
    struct edit edit;
    bool keeps; /* it is to keep the lines that match, and hide the others */
};

void search_open(struct desk *d, bool keeps); /* a text shows */
#endif
