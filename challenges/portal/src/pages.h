/*
 * The site's pages: finds the one for a request and runs it.
 * Called by server.c with a complete request, on the server's one thread.
 */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include "request.h"

/* A page's record: a path that ends in '/' and has an id takes a number after it. */
struct page {
	const char *method; /* "GET" (HEAD too) or "POST" */
	const char *path;
	bool has_id;
	const char *after_id; /* what follows the number, or "" */
	bool staff;           /* for those who have signed in */
	enum MHD_Result (*run)(struct request *r);
};

enum MHD_Result pages_run(struct request *r);

extern const struct page public_pages[];
extern const struct page staff_pages[];

#endif
