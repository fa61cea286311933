/*
 * The web page's files, built into the program (scripts/embed.sh makes the table).
 */
#ifndef DRILLD_NET_STATIC_H
#define DRILLD_NET_STATIC_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
	const char *path; /* "/index.html", "/assets/app-1a2b.js", "/api/v1/openapi.json" */
	const char *type;
	const unsigned char *data;
	const unsigned char *end;
	const char *etag; /* with its quotes */
	bool immutable;   /* the name carries a hash of the content */
};

extern const struct asset assets[];
extern const size_t asset_count;

/* By path; "/" and every page route of the app ("/login", ...) give /index.html. NULL if there is
 * none. */
const struct asset *asset_find(const char *path);

#endif
