/*
 * A growing text with a maximum, HTML escaping, and the check that what came in is UTF-8.
 * Used by every file here, on the server's one thread.
 */
#ifndef PORTAL_TEXT_H
#define PORTAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Start with {.max_bytes = N}; end with text_free. Past the maximum, or out of memory, failed is
 * set and stays, and nothing more is added. */
struct text {
	char *p; /* NUL-terminated once anything was added */
	size_t len;
	size_t size;
	size_t max_bytes;
	bool failed;
};

void text_free(struct text *t);
void text_add(struct text *t, const char *bytes, size_t len);
void text_add_string(struct text *t, const char *s);
void text_add_number(struct text *t, long long n);
/* With & < > " ' escaped: right inside an element and inside a quoted attribute. */
void text_add_html(struct text *t, const char *s);

/* UTF-8 as RFC 3629 has it, and no NUL. */
bool utf8_valid(const char *bytes, size_t len);
/* The longest prefix of at most max_bytes that ends between two characters. */
size_t utf8_cut(const char *s, size_t max_bytes);

#endif
