/* What the routes of assets and posts have in common: what a request says. On the loop's thread. */
#ifndef DRILLD_API_INVENTORY_REQUEST_H
#define DRILLD_API_INVENTORY_REQUEST_H

#include "api/inventory_view.h"
#include "api/query.h"

/* ?department=ID, ?retired=true|false (false unless given) of a list. */
struct inventory_filter {
	const char *department, *retired;
	int team; /* -1: all that may be seen */
	bool retired_is;
};
enum err inventory_filter_read(struct request *req, struct inventory_filter *f) MUST_CHECK;

/* "department" of a body: a department's own may be left out. *id is the configuration's. */
enum err inventory_department_of(
    struct request *req, const struct json_t *body, int *team, const char **id) MUST_CHECK;

/* A text of a body, "" where it is not there: one line without control characters. */
enum err inventory_line(struct request *req, const struct json_t *body, const char *key,
    size_t max_bytes, const char **out) MUST_CHECK;

#endif
