#include "api/kinds.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "/api/v1"

static void
resource_name(const char *path, char out[KIND_NAME_BYTES])
{
	if (strncmp(path, PREFIX "/", sizeof PREFIX) == 0)
		path += sizeof PREFIX - 1;
	snprintf(out, KIND_NAME_BYTES, "%.*s", (int)strcspn(path + 1, "/"), path + 1);
}

/* The kind of this name, made if it is new; KIND_NONE once there are too many. */
static unsigned
kind_of(struct kinds *k, const char *name)
{
	for (unsigned i = 0; i < k->count; i++)
		if (strcmp(k->names[i], name) == 0)
			return i;
	if (k->count == HTTP_KINDS_MAX)
		return KIND_NONE;
	snprintf(k->names[k->count], KIND_NAME_BYTES, "%s", name);
	return k->count++;
}

void
kinds_open(struct kinds *k, const struct route *const *table)
{
	char name[KIND_NAME_BYTES];
	size_t n = 0;

	*k = (struct kinds){
	    .names = {[KIND_NONE] = "none", [KIND_PAGE] = "page", [KIND_LIVE] = "live"},
	    .count = KIND_ROUTES};
	while (table[n] != NULL)
		n++;
	k->of_route = mem_array(n, sizeof *k->of_route);
	for (size_t i = 0; i < n; i++) {
		resource_name(table[i]->path, name);
		k->of_route[i] = kind_of(k, name);
	}
}

void
kinds_close(struct kinds *k)
{
	free(k->of_route);
	k->of_route = NULL;
}
