/* Documents for readers: as a value, and what differs between two. */
#include "base/mem.h"
#include "base/rfc3339.h"
#include "core/document_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- as a value ---- */

static void
write_objects(const struct document_field *f, const struct json_t *j,
    const struct document_view *view, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < jr_count(j); i++)
		document_write(f->fields, jr_at(j, i), view, w);
	jw_array_end(w);
}

static void
write_lines(const struct json_t *j, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < jr_count(j); i++)
		jw_str(w, jr_string(jr_at(j, i), NULL));
	jw_array_end(w);
}

static void
write_ints(const struct json_t *j, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < jr_count(j); i++)
		jw_int(w, jr_integer(jr_at(j, i), 0));
	jw_array_end(w);
}

static void
write_moment(int64_t ms, int offset_minutes, struct json_writer *w)
{
	char text[RFC3339_BYTES];

	rfc3339_format(ms, offset_minutes, text);
	jw_str(w, text);
}

static void
write_value(const struct document_field *f, const struct json_t *j,
    const struct document_view *view, struct json_writer *w)
{
	switch (f->kind) {
	case DOCUMENT_INT:
		jw_int(w, jr_integer(j, 0));
		break;
	case DOCUMENT_BOOL:
		jw_bool(w, jr_boolean(j, false));
		break;
	case DOCUMENT_TIME:
		write_moment(jr_integer(j, 0), view->offset_minutes, w);
		break;
	case DOCUMENT_LINES:
		write_lines(j, w);
		break;
	case DOCUMENT_INTS:
		write_ints(j, w);
		break;
	case DOCUMENT_OBJECT:
		document_write(f->fields, j, view, w);
		break;
	case DOCUMENT_OBJECTS:
		write_objects(f, j, view, w);
		break;
	default:
		jw_str(w, jr_string(j, NULL));
		break;
	}
}

static bool
shown(const struct document_field *f, const struct document_view *view)
{
	return view->personal || !f->personal;
}

void
document_write(const struct document_field *fields, const struct json_t *stored,
    const struct document_view *view, struct json_writer *w)
{
	jw_object(w);
	for (; fields->key != NULL; fields++) {
		const struct json_t *j = jr_get(stored, fields->key);

		if (j == NULL || !shown(fields, view))
			continue;
		jw_key(w, fields->key);
		write_value(fields, j, view, w);
	}
	jw_object_end(w);
}

/* ---- what differs ---- */

struct comparison {
	const struct document_view *view;
	struct json_writer *w;
};

static void compare_objects(struct comparison *c, const struct document_field *fields,
    const struct json_t *before, const struct json_t *after, const struct document_step *at);

/* One item of a list, or a value; null where there was none. */
static void
write_side(struct comparison *c, const char *key, const struct document_field *f,
    const struct json_t *j, bool item)
{
	jw_key(c->w, key);
	if (j == NULL)
		jw_null(c->w);
	else if (item && f->kind == DOCUMENT_OBJECTS)
		document_write(f->fields, j, c->view, c->w);
	else if (item && f->kind == DOCUMENT_INTS)
		jw_int(c->w, jr_integer(j, 0));
	else if (item)
		jw_str(c->w, jr_string(j, NULL));
	else
		write_value(f, j, c->view, c->w);
}

static void
tell(struct comparison *c, const struct document_field *f, const struct json_t *before,
    const struct json_t *after, bool item, const struct document_step *at)
{
	struct buf path;

	buf_init(&path, DOCUMENT_PATH_MAX_BYTES);
	document_path(at, &path);
	jw_object(c->w);
	jw_kv_str(c->w, "path", path.data);
	write_side(c, "before", f, before, item);
	write_side(c, "after", f, after, item);
	jw_object_end(c->w);
	buf_free(&path);
}

/* Two lists, and the longest common run of their items: common[i][j] of what begins at i and j. */
struct alignment {
	const struct json_t *before, *after;
	size_t n, m;
	uint16_t *common; /* (n + 1) * (m + 1) */
};

static uint16_t *
common_at(const struct alignment *a, size_t i, size_t j)
{
	return &a->common[i * (a->m + 1) + j];
}

static bool
same(const struct alignment *a, size_t i, size_t j)
{
	return jr_equal(jr_at(a->before, i), jr_at(a->after, j));
}

static struct alignment
align(const struct json_t *before, const struct json_t *after)
{
	struct alignment a = {before, after, jr_count(before), jr_count(after), NULL};

	a.common = mem_array((a.n + 1) * (a.m + 1), sizeof *a.common);
	for (size_t i = a.n; i-- > 0;)
		for (size_t j = a.m; j-- > 0;) {
			uint16_t down = *common_at(&a, i + 1, j), right = *common_at(&a, i, j + 1);

			if (same(&a, i, j))
				*common_at(&a, i, j) = (uint16_t)(*common_at(&a, i + 1, j + 1) + 1);
			else
				*common_at(&a, i, j) = down > right ? down : right;
		}
	return a;
}

/* From i, j on: how many items of each list come before the next one that both have. */
static void
gap(const struct alignment *a, size_t i, size_t j, size_t *gone, size_t *come)
{
	size_t i0 = i, j0 = j;

	while (i < a->n && j < a->m && !same(a, i, j)) {
		if (*common_at(a, i + 1, j) >= *common_at(a, i, j + 1))
			i++;
		else
			j++;
	}
	if (i == a->n || j == a->m) { /* the rest of both */
		i = a->n;
		j = a->m;
	}
	*gone = i - i0;
	*come = j - j0;
}

/* What is between two common items: pairs are changes, the rest is gone or has come. */
static void
compare_gap(struct comparison *c, const struct document_field *f, const struct alignment *a,
    size_t i, size_t j, size_t gone, size_t come, const struct document_step *list)
{
	for (size_t k = 0; k < gone || k < come; k++) {
		const struct json_t *before = k < gone ? jr_at(a->before, i + k) : NULL;
		const struct json_t *after = k < come ? jr_at(a->after, j + k) : NULL;
		const struct document_step at = {
		    .up = list, .index = after != NULL ? j + k : i + k};

		if (f->kind == DOCUMENT_OBJECTS && before != NULL && after != NULL)
			compare_objects(c, f->fields, before, after, &at);
		else
			tell(c, f, before, after, true, &at);
	}
}

static void
compare_lists(struct comparison *c, const struct document_field *f, const struct json_t *before,
    const struct json_t *after, const struct document_step *at)
{
	struct alignment a = align(before, after);
	size_t i = 0, j = 0, gone, come;

	while (i < a.n || j < a.m) {
		gap(&a, i, j, &gone, &come);
		compare_gap(c, f, &a, i, j, gone, come, at);
		i += gone + 1;
		j += come + 1;
	}
	free(a.common);
}

static void
compare(struct comparison *c, const struct document_field *f, const struct json_t *before,
    const struct json_t *after, const struct document_step *at)
{
	if (jr_equal(before, after))
		return;
	if (f->kind == DOCUMENT_OBJECTS || f->kind == DOCUMENT_LINES || f->kind == DOCUMENT_INTS)
		compare_lists(c, f, before, after, at);
	else if (f->kind == DOCUMENT_OBJECT)
		compare_objects(c, f->fields, before, after, at);
	else
		tell(c, f, before, after, false, at);
}

static void
compare_objects(struct comparison *c, const struct document_field *fields,
    const struct json_t *before, const struct json_t *after, const struct document_step *up)
{
	for (; fields->key != NULL; fields++) {
		const struct document_step at = {.up = up, .key = fields->key};

		if (shown(fields, c->view))
			compare(c, fields, jr_get(before, fields->key), jr_get(after, fields->key),
			    &at);
	}
}

void
document_diff(const struct document_field *fields, const struct json_t *before,
    const struct json_t *after, const struct document_view *view, struct json_writer *w)
{
	struct comparison c = {view, w};

	jw_array(w);
	compare_objects(&c, fields, before, after, NULL);
	jw_array_end(w);
}
