#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_free(struct text *t)
{
	free(t->p);
	t->p = NULL;
	t->len = t->size = 0;
}

static bool
text_reserve(struct text *t, size_t more)
{
	size_t size = t->size != 0 ? t->size : 1024;
	char *p;

	if (t->failed || more > t->max_bytes || t->len > t->max_bytes - more) {
		t->failed = true;
		return false;
	}
	while (size < t->len + more + 1)
		size *= 2;
	if (size == t->size)
		return true;
	if ((p = realloc(t->p, size)) == NULL) {
		t->failed = true;
		return false;
	}
	t->p = p;
	t->size = size;
	return true;
}

void
text_add(struct text *t, const char *bytes, size_t len)
{
	if (!text_reserve(t, len))
		return;
	if (len > 0)
		memcpy(t->p + t->len, bytes, len);
	t->len += len;
	t->p[t->len] = '\0';
}

void
text_add_string(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void
text_add_number(struct text *t, long long n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld", n);
	text_add_string(t, digits);
}

static const char *
html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
text_add_html(struct text *t, const char *s)
{
	while (*s != '\0') {
		size_t plain = strcspn(s, "&<>\"'");

		text_add(t, s, plain);
		s += plain;
		if (*s != '\0')
			text_add_string(t, html_entity(*s++));
	}
}

/* The length of the character at s, 0 if it is none. */
static size_t
utf8_char(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > len || s[0] == 0)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, past U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

bool
utf8_valid(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;

	while (len > 0) {
		size_t n = utf8_char(s, len);

		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

size_t
utf8_cut(const char *s, size_t max_bytes)
{
	size_t n = strnlen(s, max_bytes + 1);

	if (n <= max_bytes)
		return n;
	for (n = max_bytes; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
		n--;
	return n;
}
