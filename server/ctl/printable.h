/*
 * Texts that come from a defended system or a team, on a terminal.
 */
#ifndef DRILLD_CTL_PRINTABLE_H
#define DRILLD_CTL_PRINTABLE_H

#include "base/buf.h"

/* Appends len bytes of s with a question mark for each character that base/text.h refuses, tabs and line breaks too. */
void printable_put(struct buf *out, const char *s, size_t len);

/* How many columns a terminal gives the text: two for East Asian wide characters (UAX 11), one for others. */
size_t printable_width(const char *s);

#endif
