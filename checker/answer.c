#include "checker/answer.h"

#include <string.h>
#include <strings.h>

void
answer_init(struct answer *a)
{
	memset(a, 0, sizeof *a);
	buf_init(&a->headers, HEADERS_MAX_BYTES);
	buf_init(&a->body, BODY_MAX_BYTES);
	a->regex_ms = ANSWER_REGEX_MS;
}

void
answer_free(struct answer *a)
{
	buf_free(&a->headers);
	buf_free(&a->body);
}

/* A body of the largest kind is given back, so that a round does not hold it through its later steps. */
void
answer_reset(struct answer *a)
{
	if (a->body.cap > BODY_MAX_BYTES / 16)
		buf_free(&a->body);
	buf_reset(&a->headers);
	buf_reset(&a->body);
	a->status = 0;
	a->ms = 0;
	a->regex_ms = ANSWER_REGEX_MS;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool
header_next(
    const struct buf *headers, const char *name, size_t *from, const char **value, size_t *len)
{
	size_t name_len = strlen(name);

	while (*from < headers->len) {
		const char *line = headers->data + *from, *end = headers->data + headers->len;
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (newline != NULL)
			end = newline;
		*from = (size_t)(end - headers->data) + 1;
		if ((size_t)(end - line) <= name_len || line[name_len] != ':' ||
		    strncasecmp(line, name, name_len) != 0)
			continue;
		line += name_len + 1;
		while (line < end && is_space(*line))
			line++;
		while (end > line && is_space(end[-1]))
			end--;
		*value = line;
		*len = (size_t)(end - line);
		return true;
	}
	return false;
}
