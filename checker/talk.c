#include "checker/talk.h"

#include <string.h>

static size_t
begin(const struct talk_place *p)
{
	return p->consumed > p->searched ? p->consumed : p->searched;
}

static enum talk_found
find_bytes(struct talk_place *p, const struct buf *body, const char *text, size_t len)
{
	size_t from = begin(p);
	const char *at = NULL;

	if (body->len > from)
		at = memmem(body->data + from, body->len - from, text, len);
	if (at != NULL) {
		p->consumed = (size_t)(at - body->data) + len;
		return TALK_FOUND;
	}
	if (body->len >= len && body->len - len + 1 > from)
		p->searched = body->len - len + 1;
	return TALK_NOT_YET;
}

static enum talk_found
find_text(
    struct talk_place *p, const struct talk *line, const struct answer *a, const struct vars *vars)
{
	enum talk_found found = TALK_NOT_YET;
	struct buf text;

	buf_init(&text, TALK_TEXT_MAX_BYTES);
	if (template_render(&line->text, vars, ESCAPE_NONE, &text, NULL) == ERR_OK)
		found = text.len == 0 ? TALK_FOUND : find_bytes(p, &a->body, text.data, text.len);
	buf_free(&text);
	return found;
}

/* Lines that are complete and do not match need no second look. */
static enum talk_found
find_pattern(struct talk_place *p, const struct talk *line, struct answer *a)
{
	size_t from = begin(p);
	const char *text = a->body.len > 0 ? a->body.data + from : "", *last;
	regmatch_t match[2];

	switch (pattern_find(line->pattern, text, a->body.len - from, &a->regex_ms, match)) {
	case PATTERN_FOUND:
		p->consumed = from + (size_t)match[0].rm_eo;
		return TALK_FOUND;
	case PATTERN_TOO_COSTLY:
		return TALK_TOO_COSTLY;
	case PATTERN_ABSENT:
		break;
	}
	last = memrchr(text, '\n', a->body.len - from);
	if (last != NULL)
		p->searched = from + (size_t)(last - text) + 1;
	return TALK_NOT_YET;
}

enum talk_found
talk_find(struct talk_place *p, const struct talk *line, struct answer *a, const struct vars *vars)
{
	enum talk_found found =
	    line->kind == TALK_EXPECT ? find_text(p, line, a, vars) : find_pattern(p, line, a);

	if (found == TALK_FOUND)
		p->searched = 0;
	return found;
}

void
talk_skip(struct talk_place *p, const struct answer *a)
{
	p->consumed = a->body.len;
	p->searched = 0;
}
