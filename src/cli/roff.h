/* roff.h - writing man pages: texts, tagged paragraphs and examples as troff. */
#ifndef CLI_ROFF_H
#define CLI_ROFF_H

#include <stdio.h>

/* The text as it stands. */
void roff_text(FILE *out, const char *text);
/* Paragraphs with an empty line between them; what stands in backticks is bold. Ends the line. */
void roff_paragraphs(FILE *out, const char *text);
/* Lines as they stand, indented. */
void roff_example(FILE *out, const char *text);
void roff_section(FILE *out, const char *title);    /* .SH */
void roff_subsection(FILE *out, const char *title); /* .SS */
/* A paragraph with its tag before it. */
void roff_tagged(FILE *out, const char *tag, const char *text);
/* The first line of a page, and its NAME. */
void roff_head(FILE *out, const char *name, int section, const char *manual, const char *what);
#endif
