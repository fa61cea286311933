#include "scenario/folder.h"
#include "scenario/readfile.h"
#include "scenario/values.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Down from the folder, never out of it. */
static bool
path_stays(const char *path)
{
	if (path[0] == '/')
		return false;
	for (const char *part = path; part != NULL; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return false;
	}
	return true;
}

const char *
folder_text(struct section *s, const char *what, const struct text *file, size_t max)
{
	struct mistakes *m = s->r->mistakes;
	const char *out = NULL;
	char path[PATH_MAX];
	struct buf text;
	struct why why;
	enum err e;

	if (!path_stays(file->s)) {
		mistake_add(m, file->at,
		    "%s: %s leads out of the challenge's folder; name a file in it", what,
		    quoted(m, file->s));
		return NULL;
	}
	if (s->dir == NULL)
		return file->s;
	if (snprintf(path, sizeof(path), "%s/%s", s->dir, file->s) >= (int)sizeof(path)) {
		mistake_add(m, file->at, "%s: the path is too long", what);
		return NULL;
	}
	buf_init(&text, max);
	if ((e = file_read(path, &text, &why)) != ERR_OK)
		mistake_add(m, file->at, "%s: the file %s %s", what, quoted(m, file->s),
		    e == ERR_NOT_FOUND ? "is not in the challenge's folder" : why.text);
	else
		out = arena_strndup(s->r->arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return out;
}
