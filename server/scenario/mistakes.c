/*
 * Mistakes with their places, and the words that help a person out of them.
 */
#include "scenario/mistakes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX_BYTES 1024
#define QUOTED_MAX_BYTES 60
#define CHOICES_MAX 32 /* names listed before "and N more" */
#define CHOICES_MAX_BYTES 700
#define WORD_MAX_BYTES 64 /* longer words are no slip of the pen */

void
mistakes_init(struct mistakes *m, const char *file)
{
	*m = (struct mistakes){.file = file};
}

void
mistakes_free(struct mistakes *m)
{
	arena_free(&m->arena);
}

bool
mistakes_full(struct mistakes *m)
{
	m->more = m->more || m->count == MISTAKES_MAX;
	return m->count == MISTAKES_MAX;
}

void
mistake_add(struct mistakes *m, struct place at, const char *fmt, ...)
{
	char text[MESSAGE_MAX_BYTES];
	va_list ap;

	if (mistakes_full(m))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->list[m->count] =
	    (struct mistake){.at = at, .order = m->count, .text = arena_strdup(&m->arena, text)};
	m->count++;
}

static int
by_place(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;

	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
mistakes_write(struct mistakes *m, struct buf *out)
{
	qsort(m->list, m->count, sizeof(m->list[0]), by_place);
	for (size_t i = 0; i < m->count; i++)
		buf_printf(out, "%s:%d:%d: %s\n", m->file, m->list[i].at.line, m->list[i].at.column,
		    m->list[i].text);
	if (m->more)
		buf_printf(out, "%s: there may be more mistakes; mend these %d first\n", m->file,
		    MISTAKES_MAX);
}

/* Bytes of the UTF-8 character that starts with c; the text is known to be UTF-8. */
static size_t
character_bytes(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

const char *
quoted(struct mistakes *m, const char *text)
{
	struct buf b;
	const char *s;

	buf_init(&b, QUOTED_MAX_BYTES * 4 + 16);
	buf_putc(&b, '"');
	for (s = text; *s != '\0' && (size_t)(s - text) < QUOTED_MAX_BYTES;) {
		size_t n = character_bytes((unsigned char)*s);

		if (*s == '"' || *s == '\\')
			buf_putc(&b, '\\');
		if (*s == '\n')
			buf_puts(&b, "\\n");
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			buf_printf(&b, "\\x%02x", (unsigned char)*s);
		else
			buf_put(&b, s, n);
		s += n;
	}
	buf_puts(&b, *s == '\0' ? "\"" : "...\"");
	text = arena_strndup(&m->arena, b.data, b.len);
	buf_free(&b);
	return text;
}

/* Levenshtein's distance of two short words, counting a swap of neighbours as one slip. */
static int
word_distance(const char *a, const char *b)
{
	int row[3][WORD_MAX_BYTES + 1];
	size_t la = strlen(a), lb = strlen(b);

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		int *now = row[i % 3];
		const int *up = row[(i + 2) % 3], *upup = row[(i + 1) % 3];

		now[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			int d = up[j - 1] + (a[i - 1] != b[j - 1]);

			if (up[j] + 1 < d)
				d = up[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    upup[j - 2] + 1 < d)
				d = upup[j - 2] + 1;
			now[j] = d;
		}
	}
	return row[la % 3][lb];
}

const char *
nearest(const char *wrong, const char *const *names, size_t count)
{
	size_t len = strlen(wrong);
	const char *best = NULL;
	int limit = (int)(len / 3) + 1, best_distance = limit + 1;

	if (len == 0 || len > WORD_MAX_BYTES)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(names[i]);
		int d;

		if (n > WORD_MAX_BYTES || n > len + (size_t)limit || len > n + (size_t)limit)
			continue;
		/* A word half of whose letters differ is another word. */
		if ((d = word_distance(wrong, names[i])) < best_distance && (size_t)d * 2 < n + 1) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

const char *
choices(struct mistakes *m, const char *wrong, const char *const *names, size_t count)
{
	const char *near = nearest(wrong, names, count), *text;
	struct buf b;
	size_t i;

	if (count == 0)
		return "there is none";
	buf_init(&b, CHOICES_MAX_BYTES + 256);
	if (near != NULL)
		buf_printf(&b, "did you mean \"%s\"? There are: ", near);
	else
		buf_puts(&b, "there are: ");
	for (i = 0; i < count && i < CHOICES_MAX && b.len + strlen(names[i]) < CHOICES_MAX_BYTES;
	     i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : ", ", names[i]);
	if (i < count)
		buf_printf(&b, " and %zu more", count - i);
	text = arena_strndup(&m->arena, b.data, b.len);
	buf_free(&b);
	return text;
}
