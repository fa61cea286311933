#include "checker/greeting.h"
#include "checker/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct greeting_kind *const kinds[] = {
    &greeting_mysql,
    &greeting_postgresql,
    &greeting_rdp,
    &greeting_ssh,
    &greeting_vnc,
};

const struct greeting_kind *
greeting_nth(size_t n)
{
	return n < sizeof kinds / sizeof kinds[0] ? kinds[n] : NULL;
}

const struct greeting_kind *
greeting_find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

enum greeting_next
greeting_run(
    const struct greeting_kind *kind, struct greeting *g, const struct buf *data, size_t *at)
{
	enum greeting_next next = GREETING_AGAIN;

	while (next == GREETING_AGAIN) {
		const char *rest = data->len > *at ? data->data + *at : "";

		g->used = 0;
		next = kind->look(g, (const uint8_t *)rest, data->len - *at);
		*at += g->used;
	}
	return next;
}

void
fact_put(struct greeting *g, const char *key, const void *value, size_t len)
{
	struct buf *facts = g->facts;
	size_t from;

	buf_puts(facts, key);
	buf_putc(facts, '=');
	from = facts->len;
	buf_put(facts, value, len < FACT_MAX_BYTES ? len : FACT_MAX_BYTES);
	if (!facts->failed)
		protocol_make_plain(facts->data + from, facts->len - from);
	buf_putc(facts, '\n');
}

void
fact_puts(struct greeting *g, const char *key, const char *value)
{
	fact_put(g, key, value, strlen(value));
}

void
fact_int(struct greeting *g, const char *key, int64_t value)
{
	buf_printf(g->facts, "%s=%lld\n", key, (long long)value);
}

enum greeting_next
greeting_wrong(struct greeting *g, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(g->why.text, sizeof g->why.text, fmt, args);
	va_end(args);
	return GREETING_WRONG;
}
