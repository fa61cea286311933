#include "checker/page_hidden.h"
#include "checker/html_chars.h"

#include <stdlib.h>
#include <string.h>

#define STYLE_MAX_BYTES 2048
#define FAR_PX 200 /* moved that far out of the page, a text is not to be read */

/* ---- what hides ---- */

/* Lower case, without blanks and comments: "display:none;left:-999px". */
static void
normalize(struct html_span style, char *out)
{
	struct buf text;
	size_t n = 0;

	if (style.len > STYLE_MAX_BYTES)
		style.len = STYLE_MAX_BYTES;
	buf_init(&text, 4 * STYLE_MAX_BYTES);
	html_decode(style, &text);
	for (size_t i = 0; i < text.len && n < STYLE_MAX_BYTES; i++) {
		const char *end;

		if (i + 1 < text.len && text.data[i] == '/' && text.data[i + 1] == '*') {
			end = memmem(text.data + i + 2, text.len - i - 2, "*/", 2);
			if (end == NULL)
				break;
			i = (size_t)(end - text.data) + 1;
		} else if (text.data[i] != '\0' && !html_space(text.data[i])) {
			out[n++] = html_lower(text.data[i]);
		}
	}
	out[n] = '\0';
	buf_free(&text);
}

/* The value of the last declaration of this property, or NULL. */
static const char *
value_of(const char *style, const char *property)
{
	size_t n = strlen(property);
	const char *found = NULL;

	for (const char *s = style; (s = strstr(s, property)) != NULL; s += n)
		if ((s == style || s[-1] == ';') && s[n] == ':')
			found = s + n + 1;
	return found;
}

static bool
starts(const char *value, const char *word)
{
	return value != NULL && strncmp(value, word, strlen(word)) == 0;
}

static bool
is_zero(const char *value)
{
	char *end;

	return value != NULL && strtod(value, &end) == 0 && end != value;
}

static bool
is_far(const char *value)
{
	return value != NULL && strtod(value, NULL) <= -FAR_PX;
}

static bool
style_hides(struct html_span span)
{
	char style[STYLE_MAX_BYTES + 1];
	const char *position;

	if (span.s == NULL)
		return false;
	normalize(span, style);
	position = value_of(style, "position");
	return starts(value_of(style, "display"), "none") ||
	       starts(value_of(style, "visibility"), "hidden") ||
	       starts(value_of(style, "visibility"), "collapse") ||
	       is_zero(value_of(style, "opacity")) || is_zero(value_of(style, "font-size")) ||
	       is_far(value_of(style, "text-indent")) || is_far(value_of(style, "margin-left")) ||
	       is_far(value_of(style, "margin-top")) ||
	       (position != NULL &&
		   (is_far(value_of(style, "left")) || is_far(value_of(style, "top")))) ||
	       (starts(value_of(style, "overflow"), "hidden") &&
		   (is_zero(value_of(style, "height")) || is_zero(value_of(style, "width"))));
}

/* width or height of at most this many pixels. */
static bool
narrow(const struct html *h, double px)
{
	static const enum html_attr sides[] = {HTML_WIDTH, HTML_HEIGHT};

	for (size_t i = 0; i < 2; i++) {
		struct html_span a = h->attr[sides[i]];
		char text[16] = "", *end;

		if (a.s == NULL || a.len == 0 || a.len >= sizeof text || a.s[a.len - 1] == '%')
			continue;
		memcpy(text, a.s, a.len);
		if (strtod(text, &end) <= px && end != text)
			return true;
	}
	return false;
}

static bool
tag_hides(const struct html *h)
{
	if (h->attr[HTML_HIDDEN].s != NULL || style_hides(h->attr[HTML_STYLE]))
		return true;
	if (html_is(h, "iframe") || html_is(h, "frame"))
		return narrow(h, 1);
	return html_is(h, "marquee") && narrow(h, 10);
}

bool
elements_hide(const struct open_elements *e, const struct html *h)
{
	return e->all || e->hiding > 0 || tag_hides(h);
}

/* ---- what is open ---- */

static uint32_t
hash_of(const char *name)
{
	uint32_t v = 2166136261u; /* FNV-1a */

	for (; *name != '\0'; name++)
		v = (v ^ (unsigned char)*name) * 16777619u;
	return v;
}

static void
pop(struct open_elements *e)
{
	e->depth--;
	e->hiding -= e->stack[e->depth].hides;
	e->by_hash[e->stack[e->depth].hash & 255]--;
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* <li> ends the <li> before it, and a block the paragraph before it: few people write their end tags. */
static void
close_implied(struct open_elements *e, const char *name)
{
	static const char *const items[] = {
	    "li", "dt", "dd", "tr", "td", "th", "option", "p", NULL};
	static const char *const blocks[] = {"address", "article", "aside", "blockquote", "div",
	    "dl", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main",
	    "nav", "ol", "pre", "section", "table", "ul", NULL};
	uint32_t top;

	if (e->depth == 0 || e->deeper > 0)
		return;
	top = e->stack[e->depth - 1].hash;
	if ((top == hash_of(name) && is_one_of(name, items)) ||
	    (top == hash_of("p") && is_one_of(name, blocks)))
		pop(e);
}

void
elements_open(struct open_elements *e, const struct html *h)
{
	uint32_t hash = hash_of(h->name);

	close_implied(e, h->name);
	if (h->void_tag)
		return;
	if (e->depth == OPEN_MAX || e->deeper > 0) {
		e->deeper++;
		return;
	}
	e->stack[e->depth].hash = hash;
	e->stack[e->depth].hides = tag_hides(h);
	e->hiding += e->stack[e->depth].hides;
	e->by_hash[hash & 255]++;
	e->depth++;
}

/* Ends the element of this name with all that is open within it; an end of nothing is passed over. */
void
elements_close(struct open_elements *e, const struct html *h)
{
	uint32_t hash = hash_of(h->name);
	int at = e->depth;

	/* What follows these is still within what was open before, as browsers see it. */
	if (html_is(h, "body") || html_is(h, "html"))
		return;
	if (e->deeper > 0) {
		e->deeper--;
		return;
	}
	if (e->by_hash[hash & 255] == 0)
		return;
	while (at > 0 && e->stack[at - 1].hash != hash)
		at--;
	while (at > 0 && e->depth >= at)
		pop(e);
}
