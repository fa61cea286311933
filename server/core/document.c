#include "base/rfc3339.h"
#include "base/text.h"
#include "core/document_private.h"

#include <string.h>

#define TIME_MAX_MS INT64_C(32503680000000) /* 3000-01-01 */
#define CHOICES_MAX_BYTES 320               /* of a sentence: struct why cuts what is longer */

/* One reading of a document. */
struct reading {
	unsigned how;
	struct json_writer w;
	struct why *why;
};

static enum err check_object(struct reading *r, const struct document_field *fields,
    const struct json_t *j, const struct document_step *at);

/* ---- where, and what would be right ---- */

void
document_path(const struct document_step *at, struct buf *out)
{
	if (at == NULL)
		return;
	document_path(at->up, out);
	if (at->key == NULL)
		buf_printf(out, "[%zu]", at->index);
	else
		buf_printf(out, "%s%.64s", at->up != NULL ? "." : "", at->key);
}

static void
expect_words(const struct terms *words, struct buf *out)
{
	buf_puts(out, "one of ");
	for (int i = 0; i < words->count; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", words->list[i].id);
}

static void
expect_list(const struct document_field *f, bool list, struct buf *out)
{
	if (list)
		buf_printf(out, "a list of at most %zu of which each is ", f->count);
}

static void
expect(const struct document_field *f, struct buf *out)
{
	long long min = (long long)f->min, max = (long long)f->max;

	switch (f->kind) {
	case DOCUMENT_LINE:
	case DOCUMENT_LINES:
		expect_list(f, f->kind == DOCUMENT_LINES, out);
		if (f->expected != NULL)
			buf_puts(out, f->expected);
		else
			buf_printf(out, "one line of text of at most %lld bytes", max);
		break;
	case DOCUMENT_TEXT:
		if (f->expected != NULL)
			buf_puts(out, f->expected);
		else
			buf_printf(out, "text of at most %lld bytes", max);
		break;
	case DOCUMENT_INT:
	case DOCUMENT_INTS:
		expect_list(f, f->kind == DOCUMENT_INTS, out);
		buf_printf(out, "an integer from %lld to %lld", min, max);
		break;
	case DOCUMENT_BOOL:
		buf_puts(out, "true or false");
		break;
	case DOCUMENT_WORD:
		expect_words(f->words, out);
		break;
	case DOCUMENT_TIME:
		buf_puts(out, "a time such as 2027-06-20T17:30:00+08:00");
		break;
	case DOCUMENT_OBJECT:
		buf_puts(out, "an object");
		break;
	case DOCUMENT_OBJECTS:
		buf_printf(out, "a list of at most %zu objects", f->count);
		break;
	}
}

/* "assets[2].state: PROBLEM; EXPECTED is expected" */
static enum err
wrong(struct reading *r, enum err e, const struct document_step *at, const char *problem,
    const struct document_field *f)
{
	struct buf path, right;

	buf_init(&path, DOCUMENT_PATH_MAX_BYTES);
	buf_init(&right, CHOICES_MAX_BYTES);
	document_path(at, &path);
	expect(f, &right);
	why_set(r->why, e, "\"%s\" %s; %s is expected", path.data != NULL ? path.data : "", problem,
	    right.data != NULL ? right.data : "another value");
	buf_free(&path);
	buf_free(&right);
	return e;
}

/* ---- single values ---- */

static bool
blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

static enum err
check_string(struct reading *r, const struct document_field *f, const struct json_t *j, bool filled,
    const struct document_step *at)
{
	struct why says;
	size_t len;
	const char *s = jr_string(j, &len);
	enum err e;

	if (s == NULL)
		return wrong(r, ERR_INVALID, at, "is not text", f);
	if (len > (size_t)f->max)
		return wrong(r, ERR_LIMIT, at, "is too long", f);
	if ((e = text_check(s, len, f->kind == DOCUMENT_TEXT ? TEXT_LINES : TEXT_LINE, &says)) !=
	    ERR_OK)
		return wrong(r, e, at, says.text, f);
	if (filled && blank(s))
		return wrong(r, ERR_INVALID, at, "is empty", f);
	/* As one types, what is there so far may be half a code. */
	if (f->valid != NULL && s[0] != '\0' && !(r->how & DOCUMENT_DRAFT) && !f->valid(s))
		return wrong(r, ERR_INVALID, at, "is not valid", f);
	jw_strn(&r->w, s, len);
	return ERR_OK;
}

static enum err
check_int(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	int64_t v = jr_integer(j, 0);

	if (!jr_is_int(j) || v < f->min || v > f->max)
		return wrong(r, ERR_INVALID, at, "is no such integer", f);
	jw_int(&r->w, v);
	return ERR_OK;
}

static enum err
check_bool(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	if (!jr_is_bool(j))
		return wrong(r, ERR_INVALID, at, "is neither", f);
	jw_bool(&r->w, jr_boolean(j, false));
	return ERR_OK;
}

static enum err
check_word(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	const char *s = jr_string(j, NULL);
	int value;

	if (s == NULL || !term_parse(f->words, s, &value))
		return wrong(r, ERR_INVALID, at, "is none of the words", f);
	jw_str(&r->w, s);
	return ERR_OK;
}

static enum err
check_time(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	const char *s = jr_string(j, NULL);
	int64_t ms = jr_integer(j, 0);

	if (!(r->how & DOCUMENT_STORED) && (s == NULL || !rfc3339_parse(s, &ms, NULL)))
		return wrong(r, ERR_INVALID, at, "is no time", f);
	if (ms <= 0 || ms >= TIME_MAX_MS)
		return wrong(r, ERR_INVALID, at, "is no time between 1970 and 3000", f);
	jw_int(&r->w, ms);
	return ERR_OK;
}

/* ---- lists and objects ---- */

static enum err
check_item(struct reading *r, const struct document_field *f, const struct json_t *item,
    const struct document_step *at)
{
	if (f->kind == DOCUMENT_INTS)
		return check_int(r, f, item, at);
	return f->kind == DOCUMENT_LINES ? check_string(r, f, item, true, at)
					 : check_object(r, f->fields, item, at);
}

/* null within a list takes nothing away: a patch replaces a list whole. */
static enum err
check_list(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	unsigned how = r->how;
	enum err e = ERR_OK;

	if (!jr_is_array(j))
		return wrong(r, ERR_INVALID, at, "is no list", f);
	if (jr_count(j) > f->count)
		return wrong(r, ERR_LIMIT, at, "has too many items", f);
	if (f->required && !(how & DOCUMENT_DRAFT) && jr_count(j) == 0)
		return wrong(r, ERR_INVALID, at, "is empty", f);
	r->how &= ~(unsigned)DOCUMENT_PATCH;
	jw_array(&r->w);
	for (size_t i = 0; e == ERR_OK && i < jr_count(j); i++) {
		const struct document_step item = {.up = at, .index = i};

		e = check_item(r, f, jr_at(j, i), &item);
	}
	jw_array_end(&r->w);
	r->how = how;
	return e;
}

static enum err
ask_rule(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	struct why says = {""};
	struct buf path;
	enum err e;

	if (f->rule == NULL || (r->how & DOCUMENT_DRAFT))
		return ERR_OK;
	if ((e = f->rule(j, &says)) == ERR_OK)
		return ERR_OK;
	buf_init(&path, DOCUMENT_PATH_MAX_BYTES);
	document_path(at, &path);
	why_set(r->why, e, "\"%s\": %.300s", path.data != NULL ? path.data : "", says.text);
	buf_free(&path);
	return e;
}

/* Objects of a list have their rule asked one by one. */
static enum err
ask_rules(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	enum err e = ERR_OK;

	if (f->kind == DOCUMENT_OBJECT)
		return ask_rule(r, f, j, at);
	for (size_t i = 0; f->rule != NULL && e == ERR_OK && i < jr_count(j); i++)
		e = ask_rule(r, f, jr_at(j, i), &(struct document_step){.up = at, .index = i});
	return e;
}

static enum err
check_value(struct reading *r, const struct document_field *f, const struct json_t *j,
    const struct document_step *at)
{
	enum err e;

	switch (f->kind) {
	case DOCUMENT_LINE:
	case DOCUMENT_TEXT:
		return check_string(r, f, j, f->required && !(r->how & DOCUMENT_DRAFT), at);
	case DOCUMENT_INT:
		return check_int(r, f, j, at);
	case DOCUMENT_BOOL:
		return check_bool(r, f, j, at);
	case DOCUMENT_WORD:
		return check_word(r, f, j, at);
	case DOCUMENT_TIME:
		return check_time(r, f, j, at);
	case DOCUMENT_OBJECT:
		e = check_object(r, f->fields, j, at);
		return e == ERR_OK ? ask_rules(r, f, j, at) : e;
	default:
		e = check_list(r, f, j, at);
		return e == ERR_OK ? ask_rules(r, f, j, at) : e;
	}
}

struct strangers {
	struct reading *r;
	const struct document_field *fields;
	const struct document_step *at;
};

static enum err
refuse_stranger(void *ctx, const char *key, const struct json_t *value)
{
	const struct strangers *s = ctx;
	const struct document_step at = {.up = s->at, .key = key};
	struct buf path, known;

	(void)value;
	for (const struct document_field *f = s->fields; f->key != NULL; f++)
		if (strcmp(f->key, key) == 0)
			return ERR_OK;
	buf_init(&path, DOCUMENT_PATH_MAX_BYTES);
	buf_init(&known, CHOICES_MAX_BYTES);
	document_path(&at, &path);
	for (const struct document_field *f = s->fields; f->key != NULL; f++)
		buf_printf(&known, "%s%s", f != s->fields ? ", " : "", f->key);
	why_set(s->r->why, ERR_INVALID, "unknown member \"%s\"; known: %s",
	    path.data != NULL ? path.data : "", known.data != NULL ? known.data : "none");
	buf_free(&path);
	buf_free(&known);
	return ERR_INVALID;
}

static enum err
check_member(struct reading *r, const struct document_field *f, const struct json_t *object,
    const struct document_step *up)
{
	const struct document_step at = {.up = up, .key = f->key};
	const struct json_t *j = jr_get(object, f->key);

	if (jr_is_null(j) && (r->how & DOCUMENT_PATCH)) {
		jw_key(&r->w, f->key);
		jw_null(&r->w);
		return ERR_OK;
	}
	if (j == NULL || jr_is_null(j))
		return f->required && !(r->how & DOCUMENT_DRAFT)
			   ? wrong(r, ERR_INVALID, &at, "is missing", f)
			   : ERR_OK;
	jw_key(&r->w, f->key);
	return check_value(r, f, j, &at);
}

static enum err
check_object(struct reading *r, const struct document_field *fields, const struct json_t *j,
    const struct document_step *at)
{
	static const struct document_field object = {.kind = DOCUMENT_OBJECT};
	struct strangers strangers = {r, fields, at};
	enum err e;

	if (!jr_is_object(j))
		return wrong(r, ERR_INVALID, at, "is no object", &object);
	if ((e = jr_each(j, refuse_stranger, &strangers)) != ERR_OK)
		return e;
	jw_object(&r->w);
	for (; e == ERR_OK && fields->key != NULL; fields++)
		e = check_member(r, fields, j, at);
	jw_object_end(&r->w);
	return e;
}

enum err
document_check(const struct document_field *fields, const struct json_t *j, unsigned how,
    struct buf *out, struct why *why)
{
	struct reading r = {.how = how & DOCUMENT_PATCH ? how | DOCUMENT_DRAFT : how, .why = why};
	enum err e;

	if (!jr_is_object(j))
		return why_set(why, ERR_INVALID, "a JSON object is expected");
	jw_begin(&r.w, out);
	if ((e = check_object(&r, fields, j, NULL)) != ERR_OK)
		return e;
	return buf_err(out) == ERR_OK
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT, "it is too long; at most %zu bytes in all are taken",
			 out->max_bytes);
}

/* ---- tables ---- */

static bool
list_valid(const struct document_field *f)
{
	return f->count >= 1 && f->count <= DOCUMENT_LIST_MAX;
}

static bool
field_valid(const struct document_field *f)
{
	switch (f->kind) {
	case DOCUMENT_LINE:
	case DOCUMENT_TEXT:
		return f->max >= 1 && (f->valid == NULL) == (f->expected == NULL);
	case DOCUMENT_LINES:
		return f->max >= 1 && list_valid(f) && (f->valid == NULL) == (f->expected == NULL);
	case DOCUMENT_INT:
		return f->min < f->max;
	case DOCUMENT_INTS:
		return f->min < f->max && list_valid(f);
	case DOCUMENT_WORD:
		return f->words != NULL;
	case DOCUMENT_OBJECT:
		return f->fields != NULL && document_table_valid(f->fields);
	case DOCUMENT_OBJECTS:
		return f->fields != NULL && list_valid(f) && document_table_valid(f->fields);
	default:
		return true;
	}
}

bool
document_table_valid(const struct document_field *fields)
{
	for (size_t i = 0; fields[i].key != NULL; i++)
		if (i >= DOCUMENT_FIELDS_MAX || !field_valid(&fields[i]) ||
		    (i > 0 && strcmp(fields[i - 1].key, fields[i].key) >= 0))
			return false;
	return true;
}
