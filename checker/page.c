#include "checker/page.h"
#include "base/mem.h"
#include "checker/html_chars.h"
#include "checker/page_hidden.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One look through a page. */
struct look {
	const struct page_rule *rule;
	struct site site;
	struct html h;
	struct open_elements open;
	int frames; /* srcdocs around it */
	struct page_finding *out;
	bool found;
};

static const struct {
	const char *name;
	enum page_part part;
} parts[] = {{"scripts", PAGE_SCRIPTS}, {"frames", PAGE_FRAMES}, {"links", PAGE_LINKS},
    {"images", PAGE_IMAGES}, {"styles", PAGE_STYLES}, {"forms", PAGE_FORMS},
    {"objects", PAGE_OBJECTS}, {"redirects", PAGE_REDIRECTS}, {"handlers", PAGE_HANDLERS},
    {"urls", PAGE_URLS}};

unsigned
page_part(const char *name)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strcmp(parts[i].name, name) == 0)
			return parts[i].part;
	return 0;
}

static void
found(struct look *l, const char *what, const char *attr, struct html_span shown)
{
	struct page_finding *f = l->out;
	size_t n = shown.len < PAGE_URL_SHOWN_BYTES ? shown.len : PAGE_URL_SHOWN_BYTES;

	*f = (struct page_finding){.what = what};
	strcpy(f->tag, l->h.name);
	strcpy(f->attr, attr);
	for (size_t i = 0; i < n; i++)
		f->url[i] = shown.s[i] != '\0' ? shown.s[i] : '?';
	l->found = true;
}

/* ---- where URLs lead ---- */

/* url: with its character references resolved. */
static void
judge_url(struct look *l, unsigned part, const char *attr, struct html_span url)
{
	enum url_kind kind = site_url(&l->site, url);
	/* What data: holds is run or shown as if it were the site's. */
	bool data = kind == URL_DATA &&
		    (part & (PAGE_SCRIPTS | PAGE_FRAMES | PAGE_OBJECTS | PAGE_REDIRECTS)) != 0;

	if (l->found)
		return;
	if ((kind == URL_FOREIGN || data) && (l->rule->foreign & part) != 0)
		found(l, "foreign", attr, url);
	else if (kind == URL_CODE && (l->rule->code & PAGE_URLS) != 0)
		found(l, "code", attr, url);
}

static struct html_span
span_of(const struct buf *b)
{
	return (struct html_span){b->len > 0 ? b->data : "", b->len};
}

/* Its text with references resolved, cut to what is looked at. */
static void
decode(struct html_span from, struct buf *out)
{
	buf_init(out, 4 * SITE_URL_MAX_BYTES);
	if (from.len > SITE_URL_MAX_BYTES)
		from.len = SITE_URL_MAX_BYTES;
	html_decode(from, out);
}

/* "a.png 1x, b.png 2x": a URL may hold commas, but for its last characters. */
static void
judge_set(struct look *l, unsigned part, const char *attr, struct html_span set)
{
	size_t at = 0, from, end;

	while (at < set.len && !l->found) {
		while (at < set.len && (html_space(set.s[at]) || set.s[at] == ','))
			at++;
		from = at;
		while (at < set.len && !html_space(set.s[at]))
			at++;
		for (end = at; end > from && set.s[end - 1] == ','; end--)
			;
		if (end > from)
			judge_url(l, part, attr, (struct html_span){set.s + from, end - from});
		if (end < at) /* a comma ended it: no descriptor follows */
			continue;
		while (at < set.len && set.s[at] != ',')
			at++;
	}
}

/* "5; url=/there" */
static void
judge_refresh(struct look *l, struct html_span content)
{
	size_t at = 0;

	while (at < content.len && content.s[at] != ';' && content.s[at] != ',')
		at++;
	while (at < content.len && (html_space(content.s[at]) || strchr(";,", content.s[at])))
		at++;
	if (content.len - at > 3 && strncasecmp(content.s + at, "url", 3) == 0) {
		at += 3;
		while (at < content.len && (html_space(content.s[at]) || content.s[at] == '='))
			at++;
	}
	while (at < content.len && (content.s[at] == '"' || content.s[at] == '\''))
		at++;
	if (at < content.len)
		judge_url(l, PAGE_REDIRECTS, "content",
		    (struct html_span){content.s + at, content.len - at});
}

/* url(...) and @import "..." in a style sheet's text. Escapes in it are not resolved. */
static void
judge_css(struct look *l, const char *attr, struct html_span css)
{
	for (size_t at = 0; at + 4 < css.len && !l->found; at++) {
		size_t from, n = 0;

		if (!strchr("uU@", css.s[at]) || css.s[at] == '\0')
			continue;
		if (strncasecmp(css.s + at, "url(", 4) == 0)
			from = at + 4;
		else if (css.len - at > 8 && strncasecmp(css.s + at, "@import", 7) == 0)
			from = at + 7;
		else
			continue;
		while (from < css.len &&
		       (html_space(css.s[from]) || css.s[from] == '"' || css.s[from] == '\''))
			from++;
		while (from + n < css.len && n < SITE_URL_MAX_BYTES && css.s[from + n] != '\0' &&
		       !html_space(css.s[from + n]) && !strchr("\"'()", css.s[from + n]))
			n++;
		if (from + n < css.len && css.s[from + n] == '(') {
			at = from - 1; /* @import url(...), or one url( within another */
			continue;
		}
		judge_url(l, PAGE_STYLES, attr, (struct html_span){css.s + from, n});
		at = from + n - 1;
	}
}

/* ---- tags ---- */

/* tag NULL: any. */
static const struct place {
	const char *tag;
	enum html_attr attr;
	enum page_part part;
} places[] = {
    {"script", HTML_SRC, PAGE_SCRIPTS},
    {"script", HTML_HREF, PAGE_SCRIPTS},
    {"script", HTML_XLINK_HREF, PAGE_SCRIPTS},
    {"iframe", HTML_SRC, PAGE_FRAMES},
    {"frame", HTML_SRC, PAGE_FRAMES},
    {"a", HTML_HREF, PAGE_LINKS},
    {"a", HTML_XLINK_HREF, PAGE_LINKS},
    {"area", HTML_HREF, PAGE_LINKS},
    {"img", HTML_SRC, PAGE_IMAGES},
    {"img", HTML_SRCSET, PAGE_IMAGES},
    {"source", HTML_SRC, PAGE_IMAGES},
    {"source", HTML_SRCSET, PAGE_IMAGES},
    {"video", HTML_SRC, PAGE_IMAGES},
    {"video", HTML_POSTER, PAGE_IMAGES},
    {"audio", HTML_SRC, PAGE_IMAGES},
    {"track", HTML_SRC, PAGE_IMAGES},
    {"input", HTML_SRC, PAGE_IMAGES},
    {"image", HTML_SRC, PAGE_IMAGES},
    {"image", HTML_HREF, PAGE_IMAGES},
    {"image", HTML_XLINK_HREF, PAGE_IMAGES},
    {"use", HTML_HREF, PAGE_IMAGES},
    {"use", HTML_XLINK_HREF, PAGE_IMAGES},
    {NULL, HTML_BACKGROUND, PAGE_IMAGES},
    {"form", HTML_ACTION, PAGE_FORMS},
    {"button", HTML_FORMACTION, PAGE_FORMS},
    {"input", HTML_FORMACTION, PAGE_FORMS},
    {"object", HTML_DATA, PAGE_OBJECTS},
    {"embed", HTML_SRC, PAGE_OBJECTS},
};

static void
judge_attr(struct look *l, unsigned part, enum html_attr a)
{
	struct buf url;

	if (l->h.attr[a].s == NULL || l->found)
		return;
	decode(l->h.attr[a], &url);
	if (a == HTML_SRCSET || a == HTML_IMAGESRCSET)
		judge_set(l, part, html_attr_name(a), span_of(&url));
	else if (a == HTML_STYLE)
		judge_css(l, html_attr_name(a), span_of(&url));
	else if (a == HTML_CONTENT)
		judge_refresh(l, span_of(&url));
	else
		judge_url(l, part, html_attr_name(a), span_of(&url));
	buf_free(&url);
}

/* A <link> that the browser loads, or one that only tells where something is. */
static unsigned
link_part(const struct html *h)
{
	static const char *const loaded[] = {
	    "stylesheet", "preload", "icon", "prefetch", "manifest", "import"};

	for (size_t i = 0; i < sizeof loaded / sizeof loaded[0]; i++)
		if (span_has(h->attr[HTML_REL], loaded[i]))
			return PAGE_STYLES;
	return PAGE_LINKS;
}

static void
judge_places(struct look *l)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (l->h.attr[places[i].attr].s != NULL &&
		    (places[i].tag == NULL || html_is(&l->h, places[i].tag)))
			judge_attr(l, places[i].part, places[i].attr);
	judge_attr(l, PAGE_STYLES, HTML_STYLE);
	if (html_is(&l->h, "link")) {
		judge_attr(l, link_part(&l->h), HTML_HREF);
		judge_attr(l, PAGE_STYLES, HTML_IMAGESRCSET);
	}
	if (html_is(&l->h, "meta") && span_is(l->h.attr[HTML_HTTP_EQUIV], "refresh"))
		judge_attr(l, PAGE_REDIRECTS, HTML_CONTENT);
}

/* Whether the text of a <script> of this type runs; others hold data. */
static bool
runs(struct html_span type)
{
	static const char *const kinds[] = {
	    "script", "ecma", "module", "importmap", "speculationrules"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_has(type, kinds[i]))
			return true;
	return type.s == NULL || type.len == 0;
}

static bool
blank(struct html_span text)
{
	size_t i = 0;

	while (i < text.len && html_space(text.s[i]))
		i++;
	return i == text.len;
}

static bool
inline_script(const struct html *h)
{
	return html_is(h, "script") && h->attr[HTML_SRC].s == NULL &&
	       h->attr[HTML_HREF].s == NULL && h->attr[HTML_XLINK_HREF].s == NULL &&
	       runs(h->attr[HTML_TYPE]);
}

static void
judge_code(struct look *l)
{
	struct html_span handler = l->h.attr[HTML_HANDLER];

	if (l->found)
		return;
	if ((l->rule->code & PAGE_HANDLERS) != 0 && handler.s != NULL && !blank(handler))
		found(l, "code", l->h.handler, handler);
	else if ((l->rule->code & PAGE_SCRIPTS) != 0 && l->h.foreign > 0 && inline_script(&l->h))
		found(l, "code", "", (struct html_span){"", 0});
}

static void
judge_hidden(struct look *l)
{
	bool link =
	    (html_is(&l->h, "a") || html_is(&l->h, "area")) && l->h.attr[HTML_HREF].s != NULL;
	bool frame = html_is(&l->h, "iframe") || html_is(&l->h, "frame");
	unsigned part = link ? PAGE_LINKS : frame ? PAGE_FRAMES : 0;
	enum html_attr a = link ? HTML_HREF : HTML_SRC;

	if (!l->found && (l->rule->hidden & part) != 0 && elements_hide(&l->open, &l->h))
		found(l, "hidden", html_attr_name(a), l->h.attr[a]);
}

static void look_through(struct look *l, const char *text, size_t len);

/* A frame whose page stands in an attribute is looked through like the page around it. */
static void
judge_srcdoc(struct look *l)
{
	struct html_span doc = l->h.attr[HTML_SRCDOC];
	struct look *inner;
	struct buf text;

	if (l->found || doc.s == NULL || !html_is(&l->h, "iframe"))
		return;
	if (l->frames == PAGE_FRAMES_DEEP_MAX) {
		found(l, "foreign", "srcdoc", doc);
		return;
	}
	buf_init(&text, 4 * doc.len + 4);
	html_decode(doc, &text);
	inner = mem_alloc(sizeof *inner);
	*inner =
	    (struct look){.rule = l->rule, .site = l->site, .frames = l->frames + 1, .out = l->out};
	inner->open.all = l->rule->hidden != 0 && elements_hide(&l->open, &l->h);
	look_through(inner, text.len > 0 ? text.data : "", text.len);
	l->found = inner->found;
	free(inner);
	buf_free(&text);
}

static void
open_tag(struct look *l)
{
	judge_places(l);
	judge_code(l);
	judge_hidden(l);
	judge_srcdoc(l);
	if (l->rule->hidden != 0)
		elements_open(&l->open, &l->h);
}

static void
raw_text(struct look *l)
{
	if (html_is(&l->h, "style"))
		judge_css(l, "", l->h.text);
	else if ((l->rule->code & PAGE_SCRIPTS) != 0 && inline_script(&l->h) && !blank(l->h.text))
		found(l, "code", "", l->h.text);
}

/* The first <base href> counts for the whole page, also for what stands before it. */
static void
find_base(struct look *l, const char *text, size_t len)
{
	enum html_kind kind;
	struct buf url;

	html_begin(&l->h, text, len);
	while ((kind = html_next(&l->h)) != HTML_END) {
		if (kind != HTML_OPEN || !html_is(&l->h, "base") || l->h.attr[HTML_HREF].s == NULL)
			continue;
		decode(l->h.attr[HTML_HREF], &url);
		site_base(&l->site, span_of(&url));
		buf_free(&url);
		return;
	}
}

static void
look_through(struct look *l, const char *text, size_t len)
{
	enum html_kind kind;

	find_base(l, text, len);
	html_begin(&l->h, text, len);
	while (!l->found && (kind = html_next(&l->h)) != HTML_END) {
		if (kind == HTML_OPEN)
			open_tag(l);
		else if (kind == HTML_CLOSE && l->rule->hidden != 0)
			elements_close(&l->open, &l->h);
		else if (kind == HTML_RAW)
			raw_text(l);
	}
}

bool
page_holds(const struct page_rule *rule, const struct site *site, const char *text, size_t len,
    struct page_finding *out)
{
	struct look l = {.rule = rule, .site = *site, .out = out};

	l.site.allow = rule->allow;
	look_through(&l, text, len);
	return !l.found;
}

/* ---- fields of forms ---- */

static bool
named(const struct html *h, const char *name)
{
	struct buf text;
	bool same;

	if (h->attr[HTML_NAME].s == NULL || h->attr[HTML_NAME].len > 1024)
		return false;
	buf_init(&text, 4096);
	html_decode(h->attr[HTML_NAME], &text);
	same = strcmp(text.data != NULL ? text.data : "", name) == 0;
	buf_free(&text);
	return same;
}

static bool
hand_over(struct html_span from, size_t max_bytes,
    bool (*take)(void *ctx, const char *value, size_t value_len), void *ctx)
{
	struct buf text;
	bool more;

	/* a reference of up to 10 bytes stands for one */
	if (from.len > 10 * (max_bytes + 1))
		from.len = 10 * (max_bytes + 1);
	buf_init(&text, 2 * from.len + 4);
	html_decode(from, &text);
	more = take(ctx, text.len > 0 ? text.data : "",
	    text.len < max_bytes + 1 ? text.len : max_bytes + 1);
	buf_free(&text);
	return more;
}

void
page_fields(const char *text, size_t len, const char *name, size_t max_bytes,
    bool (*take)(void *ctx, const char *value, size_t value_len), void *ctx)
{
	struct html h;
	enum html_kind kind;
	bool area = false, more = true;

	html_begin(&h, text, len);
	while (more && (kind = html_next(&h)) != HTML_END) {
		if (kind == HTML_OPEN) {
			area = html_is(&h, "textarea") && named(&h, name);
			if ((html_is(&h, "input") || html_is(&h, "button")) && named(&h, name))
				more = hand_over(h.attr[HTML_VALUE], max_bytes, take, ctx);
		} else if (kind == HTML_RAW && area) {
			/* the line break after the tag is not the text's */
			if (h.text.len > 0 && h.text.s[0] == '\n')
				h.text = (struct html_span){h.text.s + 1, h.text.len - 1};
			more = hand_over(h.text, max_bytes, take, ctx);
		}
	}
}
