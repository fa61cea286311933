#include "pages.h"

#include <stdlib.h>
#include <string.h>

#define ID_DIGITS_MAX 15

/* The number after the page's path, and nothing but after_id behind it. */
static bool
id_parse(const struct page *p, const char *rest, int64_t *id)
{
	size_t digits = strspn(rest, "0123456789");

	if (digits == 0 || digits > ID_DIGITS_MAX || strcmp(rest + digits, p->after_id) != 0)
		return false;
	*id = strtoll(rest, NULL, 10);
	return true;
}

static bool
page_matches(const struct page *p, const char *path, int64_t *id)
{
	if (!p->has_id)
		return strcmp(p->path, path) == 0;
	return strncmp(p->path, path, strlen(p->path)) == 0 &&
	       id_parse(p, path + strlen(p->path), id);
}

static const struct page *
page_find(const struct page *table, struct request *r, bool *other_method)
{
	const char *method = strcmp(r->method, "HEAD") == 0 ? "GET" : r->method;

	for (const struct page *p = table; p->path != NULL; p++) {
		if (!page_matches(p, r->path, &r->id))
			continue;
		if (strcmp(p->method, method) == 0)
			return p;
		*other_method = true;
	}
	return NULL;
}

enum MHD_Result
pages_run(struct request *r)
{
	bool other_method = false;
	const struct page *p = page_find(public_pages, r, &other_method);

	request_identify(r);
	if (p == NULL)
		p = page_find(staff_pages, r, &other_method);
	if (p == NULL)
		return reply_message(r, other_method ? MSG_BAD_METHOD : MSG_NOT_FOUND);
	if (strcmp(p->method, "POST") == 0 && !request_same_origin(r))
		return reply_message(r, MSG_FORBIDDEN);
	if (p->staff && !r->signed_in)
		return reply_redirect(r, "/login", NULL);
	return p->run(r);
}
