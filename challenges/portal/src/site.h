/*
 * The pages' templates and the style sheet: files under DIR/site that the department may edit, read
 * anew for every request. At the start, missing ones are written from those built in.
 */
#ifndef PORTAL_SITE_H
#define PORTAL_SITE_H

#include "store.h"
#include "text.h"

#include <stdbool.h>

#define SITE_FILE_MAX_BYTES (64 * 1024)

struct site;

/* {{key}} in a template becomes the value; escaped unless it is HTML already. */
struct slot {
	const char *key;
	const char *value;
	bool html;
};

/* NULL when DIR/site cannot be made or written; says why on stderr. */
struct site *site_open(const char *dir);
void site_close(struct site *s);

/* The file as it is, e.g. "style.css" or "zh/front.html". False, logged, if it is missing or too
 * long. */
bool site_read(struct site *s, const char *name, struct text *out);
/* The template with its slots filled; an unknown {{key}} becomes nothing. slots end with a NULL
 * key. */
bool site_render(
    struct site *s, enum lang lang, const char *page, const struct slot *slots, struct text *out);

#endif
