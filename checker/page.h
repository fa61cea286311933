/*
 * What has been planted in a page: scripts, frames, links, images, ... from elsewhere, code within the page, links that
 * nobody is meant to see; and the value of a form's field. On html.h's tags: what scripts make of the page, and what
 * style sheets hide, is not seen. Linear in the page; no I/O; the checker's one thread.
 */
#ifndef DRILLD_CHECKER_PAGE_H
#define DRILLD_CHECKER_PAGE_H

#include "checker/html.h"
#include "checker/site.h"

#define PAGE_URL_SHOWN_BYTES 160
#define PAGE_FRAMES_DEEP_MAX 3 /* srcdoc in srcdoc */

/* Kinds of content, as bits: what each covers is in docs/challenge.md. */
enum page_part {
	PAGE_SCRIPTS = 1 << 0,
	PAGE_FRAMES = 1 << 1,
	PAGE_LINKS = 1 << 2,
	PAGE_IMAGES = 1 << 3,
	PAGE_STYLES = 1 << 4,
	PAGE_FORMS = 1 << 5,
	PAGE_OBJECTS = 1 << 6,
	PAGE_REDIRECTS = 1 << 7,
	PAGE_HANDLERS = 1 << 8,
	PAGE_URLS = 1 << 9
};

/* What must not be there. */
struct page_rule {
	unsigned foreign;         /* parts that lead elsewhere                             */
	unsigned code;            /* PAGE_SCRIPTS, PAGE_HANDLERS, PAGE_URLS in the page itself */
	unsigned hidden;          /* PAGE_LINKS, PAGE_FRAMES that are not to be seen          */
	const char *const *allow; /* site.h */
};

struct page_finding {
	const char *what; /* "foreign", "code", "hidden" */
	char tag[HTML_NAME_MAX_BYTES];
	char attr[HTML_NAME_MAX_BYTES];     /* "" for the text of a tag */
	char url[PAGE_URL_SHOWN_BYTES + 1]; /* its beginning: any bytes but NUL */
};

/* The bits of this name ("scripts"), 0 if it is none. */
unsigned page_part(const char *name);

/* False with what was found first. site: its allow is taken from the rule. */
bool page_holds(const struct page_rule *rule, const struct site *site, const char *text, size_t len,
    struct page_finding *out);

/*
 * Hands over the values of the page's input, button and textarea fields of this name, in their order, until take
 * returns false. A value is cut to max_bytes + 1, so that it is seen to be too long.
 */
void page_fields(const char *text, size_t len, const char *name, size_t max_bytes,
    bool (*take)(void *ctx, const char *value, size_t value_len), void *ctx);

#endif
