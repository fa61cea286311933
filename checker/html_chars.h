/* Classes of characters as HTML and URLs define them: ASCII, whatever the locale. */
#ifndef DRILLD_CHECKER_HTML_CHARS_H
#define DRILLD_CHECKER_HTML_CHARS_H

#include <stdbool.h>

static inline char
html_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline bool
html_letter(char c)
{
	c = html_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool
html_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
html_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

#endif
