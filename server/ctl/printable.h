/*
 * Texts that come from a defended system or a team, on a terminal.
 */
#ifndef DRILLD_CTL_PRINTABLE_H
#define DRILLD_CTL_PRINTABLE_H

#include "base/buf.h"

/* Appends len bytes of s with a question mark for each control character, the two-byte C1 ones of UTF-8 included. */
void printable_put(struct buf *out, const char *s, size_t len);

/* How many columns a terminal gives the text: two for East Asian wide characters (UAX 11), one for others. */
size_t printable_width(const char *s);

#endif
