/*
 * What a text from outside may consist of, beyond being UTF-8: no control characters, none that turn the reading
 * direction round (they make a text look like another); for the names of files there is filename.h. Pure, thread safe.
 *
 * A refusal is a predicate, so that the caller puts the field's name before it: "has the control character ...".
 */
#ifndef DRILLD_BASE_TEXT_H
#define DRILLD_BASE_TEXT_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum text_kind {
	TEXT_LINE,  /* one line: tabs are taken, line breaks are not */
	TEXT_LINES, /* LF, CR LF too */
};

/*
 * Refuses what is not UTF-8, C0 and C1 controls, DEL, U+2028 and U+2029, the direction marks of UAX #9 (U+200E,
 * U+200F, U+061C, U+202A to U+202E, U+2066 to U+2069), U+FEFF and the noncharacters U+FFFE and U+FFFF. ERR_INVALID
 * with the byte it stands at, counted from 1.
 */
enum err text_check(const char *s, size_t len, enum text_kind kind, struct why *why) MUST_CHECK;

/*
 * The bytes of the character at s, 1 to 4, of len >= 1 there are. *harmless: text_check would take it in a text of many
 * lines. A byte that is no UTF-8 is a harmful character of its own.
 */
size_t text_character(const char *s, size_t len, bool *harmless);

/* For what was not checked: in place, each byte of what text_check would refuse becomes a space; in one line a tab, too. */
void text_tame(char *s, size_t len, enum text_kind kind);

/* How many of len bytes of UTF-8 are at most max and end with a whole character. */
size_t text_cut(const char *s, size_t len, size_t max);

#endif
