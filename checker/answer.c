#include "checker/answer.h"
#include "base/json.h"

#include <stdio.h>
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
	answer_drop_json(a);
	buf_free(&a->headers);
	buf_free(&a->body);
}

/* A body of the largest kind is given back, so that a round does not hold it through its later steps. */
void
answer_reset(struct answer *a)
{
	answer_drop_json(a);
	if (a->body.cap > BODY_MAX_BYTES / 16)
		buf_free(&a->body);
	buf_reset(&a->headers);
	buf_reset(&a->body);
	a->status = 0;
	a->ms = 0;
	a->regex_ms = ANSWER_REGEX_MS;
}

void
answer_begin(struct answer *a)
{
	answer_reset(a);
	a->site[0] = '\0';
}

const struct json_t *
answer_json(struct answer *a)
{
	if (!a->json_tried && a->body.len > 0 &&
	    jr_parse(a->body.data, a->body.len, &a->json, NULL) != ERR_OK)
		a->json = NULL;
	a->json_tried = true;
	return a->json;
}

void
answer_drop_json(struct answer *a)
{
	jr_free(a->json);
	a->json = NULL;
	a->json_tried = false;
}

void
answer_set_site(struct answer *a, const char *host_header)
{
	bool bracket = host_header[0] == '[';
	size_t len;

	host_header += bracket;
	len = strcspn(host_header, bracket ? "]" : ":");
	snprintf(a->site, sizeof a->site, "%.*s", (int)len, host_header);
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
