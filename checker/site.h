/*
 * Whether a URL of a page leads to the page's own site, read as browsers read one (WHATWG URL, section 4.4): spaces
 * around it, line breaks in it, backslashes, //HOST, user names before the host. No I/O; the checker's one thread.
 */
#ifndef DRILLD_CHECKER_SITE_H
#define DRILLD_CHECKER_SITE_H

#include "checker/html.h"
#include <stdbool.h>
#include <stddef.h>

#define SITE_HOST_MAX_BYTES 256
#define SITE_OWN_MAX 3
#define SITE_URL_MAX_BYTES (16 * 1024) /* of a URL, what follows is not looked at */

struct site {
	const char *
	    own[SITE_OWN_MAX]; /* hosts, "" and NULL are none: the system's and the Host header's */
	const char *const *allow; /* HOST, or *.HOST for all below it; NULL at the end, or NULL */
	char base[SITE_HOST_MAX_BYTES]; /* the host that <base href> names, or "" */
};

enum url_kind {
	URL_OWN,
	URL_FOREIGN,
	URL_CODE, /* javascript:, vbscript: */
	URL_DATA, /* data: */
	URL_NONE  /* mailto:, tel:, about:, ...: nothing of a site */
};

/* url: as in the page, its character references resolved already. */
enum url_kind site_url(const struct site *s, struct html_span url);

/* Takes the host of <base href>; a relative one changes nothing. */
void site_base(struct site *s, struct html_span url);

#endif
