#include "base/err.h"

#include "base/json.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[ERR_COUNT] = {
    [ERR_OK] = "ok",
    [ERR_INVALID] = "invalid",
    [ERR_LIMIT] = "limit",
    [ERR_NOT_FOUND] = "not-found",
    [ERR_METHOD] = "method",
    [ERR_CONFLICT] = "conflict",
    [ERR_UNAUTHORIZED] = "unauthorized",
    [ERR_FORBIDDEN] = "forbidden",
    [ERR_RATE] = "rate",
    [ERR_BUSY] = "busy",
    [ERR_IO] = "io",
    [ERR_CORRUPT] = "corrupt",
    [ERR_CLOSED] = "closed",
    [ERR_UNSUPPORTED] = "unsupported",
};

const char *
err_name(enum err e)
{
	if ((unsigned)e >= ERR_COUNT || names[e] == NULL)
		return "unknown";
	return names[e];
}

/* Cuts a text that filled its buffer back to the last whole UTF-8 sequence. */
static void
cut_at_sequence(char *text, size_t len)
{
	size_t i = len;

	while (i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0xc0) {
		unsigned char lead = (unsigned char)text[i - 1];
		size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (len - (i - 1) < need)
			text[i - 1] = '\0';
	}
}

enum err
why_set(struct why *why, enum err e, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (why == NULL)
		return e;
	va_start(ap, fmt);
	n = vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	if (n < 0)
		why->text[0] = '\0';
	else if ((size_t)n >= sizeof why->text)
		cut_at_sequence(why->text, sizeof why->text - 1);
	utf8_repair(why->text, strlen(why->text));
	return e;
}
