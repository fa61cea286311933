/*
 * A page of HTML cut into its tags, the way a browser cuts it (WHATWG HTML, section 13.2.5), for pages that were not
 * written to please: nothing is malformed, everything ends. One pass, no memory but the caller's; every byte is looked
 * at a bounded number of times. Only the attributes named below are kept, of each its first, as browsers do.
 *
 * What this does not do: build a tree, run scripts, read style sheets. The checker's one thread; no I/O.
 */
#ifndef DRILLD_CHECKER_HTML_H
#define DRILLD_CHECKER_HTML_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

#define HTML_NAME_MAX_BYTES 32 /* of a tag; longer names are no tag that means anything */

enum html_attr {
	HTML_ACTION,
	HTML_BACKGROUND,
	HTML_CONTENT,
	HTML_DATA,
	HTML_FORMACTION,
	HTML_HEIGHT,
	HTML_HIDDEN,
	HTML_HREF,
	HTML_HTTP_EQUIV,
	HTML_IMAGESRCSET,
	HTML_NAME,
	HTML_POSTER,
	HTML_REL,
	HTML_SRC,
	HTML_SRCDOC,
	HTML_SRCSET,
	HTML_STYLE,
	HTML_TYPE,
	HTML_VALUE,
	HTML_WIDTH,
	HTML_XLINK_HREF,
	HTML_HANDLER, /* the first whose name begins with "on" */
	HTML_ATTR_COUNT
};

/* A part of the page, as it stands there; s NULL: there is none. */
struct html_span {
	const char *s;
	size_t len;
};

enum html_kind {
	HTML_END,
	HTML_OPEN,
	HTML_CLOSE,
	HTML_RAW /* the text of the script, style, textarea, ... whose tag came before */
};

struct html {
	const char *s;
	size_t len;
	size_t at;
	int foreign; /* inside svg or math, where other rules for text hold */
	bool raw;    /* the tag that came last has text without tags in it */

	char name[HTML_NAME_MAX_BYTES]; /* of the present tag, in lower case; "" if longer */
	bool void_tag;                  /* it has no end: <br>, <svg/> */
	struct html_span attr[HTML_ATTR_COUNT];
	char handler[HTML_NAME_MAX_BYTES]; /* the name of attr[HTML_HANDLER] */
	struct html_span text;             /* HTML_RAW */
};

void html_begin(struct html *h, const char *text, size_t len);
enum html_kind html_next(struct html *h);
bool html_is(const struct html *h, const char *tag);

/* "href"; of HTML_HANDLER "on...". */
const char *html_attr_name(enum html_attr a);

/*
 * Appends the text of an attribute (or of a textarea) with its character references resolved. All numeric ones are; of
 * the named ones those that a URL or a word may hide behind.
 */
void html_decode(struct html_span from, struct buf *out);

bool span_is(struct html_span a, const char *word); /* ignoring case */
/* word is somewhere in it, ignoring case; word in lower case. */
bool span_has(struct html_span a, const char *word);

#endif
