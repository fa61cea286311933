#include "net/static.h"

#include <string.h>

/* Programs that are linked without the page (tests, fuzzers) have no table: then nothing is found. */
#pragma weak assets
#pragma weak asset_count

static const struct asset *
lookup(const char *path)
{
	if (&asset_count == NULL)
		return NULL;
	for (size_t i = 0; i < asset_count; i++)
		if (strcmp(assets[i].path, path) == 0)
			return &assets[i];
	return NULL;
}

/* A page of the app that the browser's router knows: nothing under /api, nothing that names a file. */
static bool
is_page(const char *path)
{
	if (path[0] != '/' || strchr(path, '.') != NULL)
		return false;
	return strncmp(path, "/api", 4) != 0 || (path[4] != '/' && path[4] != '\0');
}

const struct asset *
asset_find(const char *path)
{
	const struct asset *a = lookup(path);

	return a == NULL && is_page(path) ? lookup("/index.html") : a;
}
