/*
 * What requests are counted as: one kind for each resource of the API ("flags", "accounts", ...), one for the
 * page's files, one for the live socket, and one for what no route took. So many and no more, whatever
 * clients ask for.
 */
#ifndef DRILLD_API_KINDS_H
#define DRILLD_API_KINDS_H

#include "api/route.h"

enum { KIND_NONE, KIND_PAGE, KIND_LIVE, KIND_ROUTES };

#define KIND_NAME_BYTES 32

struct kinds {
	char names[HTTP_KINDS_MAX][KIND_NAME_BYTES];
	unsigned count;
	unsigned *of_route; /* parallel to the table */
};

/* A route's resource is the first segment of its path, after /api/v1 if it has that. */
void kinds_open(struct kinds *k, const struct route *const *table);
void kinds_close(struct kinds *k);

#endif
