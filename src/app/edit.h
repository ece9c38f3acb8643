/* edit.h - one line that is being typed, with readline's keys. Pure. UI thread. */
#ifndef APP_EDIT_H
#define APP_EDIT_H

#include <stdbool.h>
#include <stddef.h>

struct edit {
    char *text; /* owned, NUL-terminated UTF-8; NULL until something was typed: use edit_text */
    size_t len, cap;
    size_t cursor; /* byte offset, on a character boundary */
    size_t max;    /* bytes; 0 means 4096 */
    char *killed;  /* owned: what C-k, C-u or C-w removed, for C-y */
    bool secret;   /* wiped when freed, never copied into `killed` */
};

/* the cursor goes to the end; NULL empties the line */
void edit_set(struct edit *e, const char *text);
/* frees and wipes the text; leaves the flags as they are */
void edit_done(struct edit *e);
const char *edit_text(const struct edit *e); /* never NULL */
/* Carries out an editing key (a printable character, Left, Right, Home, End, Backspace, Delete, C-a
 * C-e C-b C-f C-d C-h C-k C-u C-w C-y M-b M-f M-d M-Backspace, Space). False: the key does not
 * edit. */
bool edit_key(struct edit *e, const char *key);
/* Adds pasted text at the cursor: newlines and tabs become blanks; other control characters and
 * malformed bytes are left out; the text is cut at max. Returns how many characters were left
 * out. */
size_t edit_paste(struct edit *e, const char *text, size_t len);

/* The part of the line to show in `cells` cells, with the cursor inside: returns owned clean text
 * (secret: one '*' for each character) and the cursor's cell in *cursor. */
char *edit_view(const struct edit *e, int cells, int *cursor);
#endif
