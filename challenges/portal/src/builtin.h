/*
 * The files of challenges/portal/site, as the build puts them into the program (builtin.sh).
 */
#ifndef PORTAL_BUILTIN_H
#define PORTAL_BUILTIN_H

#include <stddef.h>

struct builtin {
	const char *name; /* below DIR/site, e.g. "zh/front.html" */
	const char *start;
	const char *end;
};

extern const struct builtin builtins[];
extern const size_t builtin_count;

#endif
