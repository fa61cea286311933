/*
 * Text with {{NAME}} or {{NAME|FILTER|...}} in it, cut once when a program is read and rendered for each step.
 * `{{` that no name, known filters and `}}` follow stands for itself. Pieces live in the program's arena.
 */
#ifndef DRILLD_CHECKER_TEMPLATE_H
#define DRILLD_CHECKER_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "checker/filter.h"
#include "checker/vars.h"
#include <stddef.h>

/* How a variable's value is written; the text around it stays as it is but for ESCAPE_FORM. */
enum escape {
	ESCAPE_NONE,
	ESCAPE_URL,         /* RFC 3986 percent-encoding of all but unreserved characters */
	ESCAPE_FORM,        /* the same for the text around, too: a form's name or value  */
	ESCAPE_JSON,        /* inside a JSON string                                       */
	ESCAPE_HEADER,      /* control characters left out: a value may not add a header  */
	ESCAPE_LDAP_FILTER, /* RFC 4515 section 3 */
	ESCAPE_LDAP_DN,     /* RFC 4514 section 2.4 */
};

#define FILTERS_MAX 4 /* of a variable at one place */

struct template_piece {
	const char *text; /* literal text, or a variable's name */
	size_t len;
	bool is_var;
	bool raw; /* one of the filters is raw */
	enum filter filters[FILTERS_MAX];
	size_t filter_count;
};

struct template
{
	const char *source;
	struct template_piece *pieces;
	size_t count;
};

void template_parse(struct template *t, struct arena *arena, const char *source);

/* ERR_NOT_FOUND with why names the variable that has no value; ERR_LIMIT past the buffer's maximum. */
enum err template_render(const struct template *t, const struct vars *vars, enum escape escape,
    struct buf *out, struct why *why) MUST_CHECK;

#endif
