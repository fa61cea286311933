#include "checker/html.h"
#include "checker/html_chars.h"

#include <string.h>
#include <strings.h>

static const char *const attr_names[HTML_ATTR_COUNT] = {[HTML_ACTION] = "action",
    [HTML_BACKGROUND] = "background",
    [HTML_CONTENT] = "content",
    [HTML_DATA] = "data",
    [HTML_FORMACTION] = "formaction",
    [HTML_HEIGHT] = "height",
    [HTML_HIDDEN] = "hidden",
    [HTML_HREF] = "href",
    [HTML_HTTP_EQUIV] = "http-equiv",
    [HTML_IMAGESRCSET] = "imagesrcset",
    [HTML_NAME] = "name",
    [HTML_POSTER] = "poster",
    [HTML_REL] = "rel",
    [HTML_SRC] = "src",
    [HTML_SRCDOC] = "srcdoc",
    [HTML_SRCSET] = "srcset",
    [HTML_STYLE] = "style",
    [HTML_TYPE] = "type",
    [HTML_VALUE] = "value",
    [HTML_WIDTH] = "width",
    [HTML_XLINK_HREF] = "xlink:href",
    [HTML_HANDLER] = "on..."};

const char *
html_attr_name(enum html_attr a)
{
	return attr_names[a];
}

void
html_begin(struct html *h, const char *text, size_t len)
{
	*h = (struct html){.s = text, .len = len};
}

bool
html_is(const struct html *h, const char *tag)
{
	return strcmp(h->name, tag) == 0;
}

bool
span_is(struct html_span a, const char *word)
{
	return a.s != NULL && a.len == strlen(word) && strncasecmp(a.s, word, a.len) == 0;
}

bool
span_has(struct html_span a, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; a.s != NULL && i + n <= a.len; i++)
		if (html_lower(a.s[i]) == word[0] && strncasecmp(a.s + i, word, n) == 0)
			return true;
	return false;
}

/* Not strchr alone, which finds a NUL in every set. */
static bool
among(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* ---- attributes ---- */

static size_t
skip_spaces(const struct html *h, size_t at)
{
	while (at < h->len && html_space(h->s[at]))
		at++;
	return at;
}

static void
keep_attr(struct html *h, struct html_span name, struct html_span value)
{
	if (name.len > 2 && html_lower(name.s[0]) == 'o' && html_lower(name.s[1]) == 'n') {
		if (h->attr[HTML_HANDLER].s != NULL || name.len >= sizeof h->handler)
			return;
		for (size_t i = 0; i < name.len; i++)
			h->handler[i] = html_lower(name.s[i]);
		h->handler[name.len] = '\0';
		h->attr[HTML_HANDLER] = value;
		return;
	}
	for (int a = 0; a < HTML_HANDLER; a++) {
		if (attr_names[a][0] != html_lower(name.s[0]) || !span_is(name, attr_names[a]))
			continue;
		if (h->attr[a].s == NULL)
			h->attr[a] = value;
		return;
	}
}

/* The value that begins at `at`, past the = and spaces; returns where it is over, len if the page ends in it. */
static size_t
read_value(const struct html *h, size_t at, struct html_span *out)
{
	char quote = at < h->len ? h->s[at] : '\0';
	const char *end;
	size_t from = at;

	if (quote == '"' || quote == '\'') {
		end = memchr(h->s + at + 1, quote, h->len - at - 1);
		if (end == NULL)
			return h->len;
		*out = (struct html_span){h->s + at + 1, (size_t)(end - h->s) - at - 1};
		return (size_t)(end - h->s) + 1;
	}
	while (at < h->len && !html_space(h->s[at]) && h->s[at] != '>')
		at++;
	*out = (struct html_span){h->s + from, at - from};
	return at;
}

/* One attribute that begins at `at`; returns where it is over. */
static size_t
read_attr(struct html *h, size_t at)
{
	size_t from = at, past;
	struct html_span name, value;

	do /* a = that begins a name is part of it */
		at++;
	while (at < h->len && !html_space(h->s[at]) && !among(h->s[at], "/>="));
	name = (struct html_span){h->s + from, at - from};
	value = (struct html_span){h->s + at, 0};
	past = skip_spaces(h, at);
	if (past < h->len && h->s[past] == '=')
		at = read_value(h, skip_spaces(h, past + 1), &value);
	keep_attr(h, name, value);
	return at;
}

/* To the end of the tag. False if the page ends in it: browsers drop such a tag. */
static bool
read_attrs(struct html *h)
{
	bool slash = false;

	memset(h->attr, 0, sizeof h->attr);
	while (h->at < h->len) {
		char c = h->s[h->at];

		if (c == '>') {
			h->at++;
			h->void_tag = slash && h->foreign > 0;
			return true;
		}
		slash = c == '/';
		if (slash || html_space(c))
			h->at++;
		else
			h->at = read_attr(h, h->at);
	}
	return false;
}

/* ---- tags ---- */

static void
read_name(struct html *h)
{
	size_t from = h->at, n;

	while (h->at < h->len && !html_space(h->s[h->at]) && !among(h->s[h->at], "/>"))
		h->at++;
	n = h->at - from;
	if (n >= sizeof h->name)
		n = 0;
	for (size_t i = 0; i < n; i++)
		h->name[i] = html_lower(h->s[from + i]);
	h->name[n] = '\0';
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static enum html_kind
open_tag(struct html *h)
{
	static const char *const voids[] = {"area", "base", "br", "col", "embed", "hr", "img",
	    "input", "link", "meta", "source", "track", "wbr", "frame", "param", NULL};
	static const char *const raws[] = {"script", "style", "textarea", "title", "xmp", "iframe",
	    "noembed", "noframes", "plaintext", NULL};

	read_name(h);
	if (html_is(h, "svg") || html_is(h, "math"))
		h->foreign++;
	if (!read_attrs(h))
		return HTML_END;
	if (h->void_tag && (html_is(h, "svg") || html_is(h, "math")))
		h->foreign--;
	h->void_tag = h->void_tag || is_one_of(h->name, voids);
	h->raw = h->foreign == 0 && is_one_of(h->name, raws);
	return HTML_OPEN;
}

static enum html_kind
close_tag(struct html *h)
{
	read_name(h);
	if (!read_attrs(h))
		return HTML_END;
	if (h->foreign > 0 && (html_is(h, "svg") || html_is(h, "math")))
		h->foreign--;
	return HTML_CLOSE;
}

/* ---- what is no tag ---- */

static bool
starts(const struct html *h, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at + n <= h->len && memcmp(h->s + at, word, n) == 0;
}

/* Just past the next `mark`, or the end. */
static size_t
past_mark(const struct html *h, size_t at, const char *mark)
{
	const char *found;

	while (at < h->len && (found = memchr(h->s + at, mark[0], h->len - at)) != NULL) {
		at = (size_t)(found - h->s);
		if (starts(h, at, mark))
			return at + strlen(mark);
		at++;
	}
	return h->len;
}

/* From past <!--. Browsers end it at --> and --!>, and at once after <!--> and <!--->. */
static size_t
past_comment(const struct html *h, size_t at)
{
	if (starts(h, at, ">"))
		return at + 1;
	if (starts(h, at, "->"))
		return at + 2;
	for (;;) {
		at = past_mark(h, at, "--");
		if (at == h->len || h->s[at] == '>')
			return at == h->len ? at : at + 1;
		if (starts(h, at, "!>"))
			return at + 2;
		at--; /* of --- the second - may begin the end */
	}
}

/* <!DOCTYPE ...>, <!-- -->, <![CDATA[ ]]>, <? ...>, </1...>: from the < to past its end. */
static void
skip_bogus(struct html *h)
{
	if (starts(h, h->at, "<!--"))
		h->at = past_comment(h, h->at + 4);
	else if (h->foreign > 0 && starts(h, h->at, "<![CDATA["))
		h->at = past_mark(h, h->at + 9, "]]>");
	else
		h->at = past_mark(h, h->at + 2, ">");
}

/* From behind the tag to before its end tag, or to the end of the page. */
static enum html_kind
read_raw(struct html *h)
{
	size_t from = h->at, n = strlen(h->name), at = h->at;
	bool plain = html_is(h, "plaintext");

	h->raw = false;
	for (h->at = h->len; !plain && at < h->len; at += 2) {
		at = past_mark(h, at, "</") - 2;
		if (at + 2 + n >= h->len || !starts(h, at, "</"))
			break;
		if (strncasecmp(h->s + at + 2, h->name, n) == 0 &&
		    (html_space(h->s[at + 2 + n]) || among(h->s[at + 2 + n], "/>"))) {
			h->at = at;
			break;
		}
	}
	h->text = (struct html_span){h->s + from, h->at - from};
	return HTML_RAW;
}

enum html_kind
html_next(struct html *h)
{
	const char *less;
	char c;

	if (h->raw)
		return read_raw(h);
	while (h->at < h->len && (less = memchr(h->s + h->at, '<', h->len - h->at)) != NULL) {
		h->at = (size_t)(less - h->s);
		if (h->at + 1 >= h->len)
			break;
		c = less[1];
		if (html_letter(c)) {
			h->at++;
			return open_tag(h);
		}
		if (c == '/' && h->at + 2 < h->len && html_letter(less[2])) {
			h->at += 2;
			return close_tag(h);
		}
		if (c == '!' || c == '?' || c == '/')
			skip_bogus(h);
		else
			h->at++;
	}
	h->at = h->len;
	return HTML_END;
}
