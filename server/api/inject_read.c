#include "api/inject_read.h"

#include <string.h>

static const char members[] = "\"number\", \"title\", \"from\", \"text\", and \"offset_ms\", "
			      "\"manual\" or \"after\"";

/* ---- texts ---- */

enum err
inject_read_text(
    struct request *req, const struct json_t *body, const char *key, size_t max, const char **out)
{
	enum err e = jr_want_str(body, key, max, out, &req->why);

	return e != ERR_OK ? e : request_check_text(req, key, *out, TEXT_LINES);
}

/* One language of a pair; *out stays NULL where it is not there. */
static enum err
read_language(struct request *req, const struct json_t *pair, const char *key, const char *language,
    size_t max, enum text_kind kind, const char **out)
{
	enum err e;

	if (jr_get(pair, language) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(pair, language, max, out, &req->why)) != ERR_OK)
		return e;
	return request_check_text(req, key, *out, kind);
}

/* A text, or {"zh", "en"}: one that is missing repeats the other. */
static enum err
read_pair(struct request *req, const struct json_t *o, const char *key, bool required, size_t max,
    enum text_kind kind, struct i18n *out)
{
	static const char *const languages[] = {"en", "zh", NULL};
	const struct json_t *j = jr_get(o, key);
	enum err e;

	*out = (struct i18n){"", ""};
	if (j == NULL && !required)
		return ERR_OK;
	if (jr_is_string(j)) {
		if ((e = jr_want_str(o, key, max, &out->zh, &req->why)) != ERR_OK)
			return e;
		out->en = out->zh;
		return request_check_text(req, key, out->zh, kind);
	}
	if (!jr_is_object(j) || jr_count(j) == 0)
		return why_set(
		    &req->why, ERR_INVALID, "\"%s\" must be a text or {\"zh\", \"en\"}", key);
	*out = (struct i18n){NULL, NULL};
	if ((e = jr_only_keys(j, languages, &req->why)) != ERR_OK ||
	    (e = read_language(req, j, key, "zh", max, kind, &out->zh)) != ERR_OK ||
	    (e = read_language(req, j, key, "en", max, kind, &out->en)) != ERR_OK)
		return e;
	out->zh = out->zh != NULL ? out->zh : out->en;
	out->en = out->en != NULL ? out->en : out->zh;
	return ERR_OK;
}

/* ---- small members ---- */

static enum err
read_id(struct request *req, const struct json_t *o, const char *key, const char **out)
{
	*out = "";
	return jr_get(o, key) == NULL ? ERR_OK : jr_want_str(o, key, ID_MAX_BYTES, out, &req->why);
}

static enum err
read_int(struct request *req, const struct json_t *o, const char *key, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out)
{
	*out = otherwise;
	return jr_get(o, key) == NULL ? ERR_OK : jr_want_int(o, key, min, max, out, &req->why);
}

static enum err
read_term(struct request *req, const struct json_t *o, const char *key, const struct terms *terms,
    int *out)
{
	const char *word;
	struct why why;
	enum err e;

	if (jr_get(o, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, key, ID_MAX_BYTES, &word, &req->why)) != ERR_OK)
		return e;
	return term_want(terms, word, out, &why) == ERR_OK
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "\"%s\": %s", key, why.text);
}

/* ---- lists ---- */

/* Departments' ids, joined; "blue", which is all of them, when there is none. */
static enum err
read_to(struct request *req, const struct json_t *o, const char **out)
{
	const struct json_t *list = jr_get(o, "to");
	struct buf text;
	enum err e = ERR_OK;

	*out = "blue";
	if (list == NULL)
		return ERR_OK;
	if (!jr_is_array(list) || jr_count(list) == 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"to\" must be a list of departments' ids; without it an inject is to all");
	buf_init(&text, ADDRESSEES_MAX_BYTES);
	for (size_t i = 0; i < jr_count(list) && e == ERR_OK; i++) {
		const char *word = jr_string(jr_at(list, i), NULL);

		if (word == NULL || strchr(word, ',') != NULL)
			e = why_set(&req->why, ERR_INVALID,
			    "\"to\": element %zu is not a department's id", i);
		else
			buf_printf(&text, "%s%s", i > 0 ? "," : "", word);
	}
	if (e == ERR_OK && buf_err(&text) != ERR_OK)
		e = why_set(
		    &req->why, ERR_LIMIT, "\"to\" has more names than there are departments");
	if (e == ERR_OK)
		*out = arena_strndup(req->x->arena, text.data, text.len);
	buf_free(&text);
	return e;
}

static enum err
read_channels(struct request *req, const struct json_t *o, unsigned *out)
{
	const struct json_t *list = jr_get(o, "channels");

	*out = list == NULL ? INJECT_IN_APP : 0;
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *word = jr_string(jr_at(list, i), NULL);

		if (word != NULL && strcmp(word, "app") == 0)
			*out |= INJECT_IN_APP;
		else if (word != NULL && strcmp(word, "mail") == 0)
			*out |= INJECT_BY_MAIL;
		else
			return why_set(&req->why, ERR_INVALID,
			    "\"channels\": element %zu is neither \"app\" nor \"mail\"", i);
	}
	return *out != 0 && (list == NULL || jr_is_array(list))
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "\"channels\" must be a list of \"app\" and \"mail\"");
}

static enum err
read_item(struct request *req, const struct json_t *o, struct inject_item *out)
{
	static const char *const keys[] = {"guidance", "id", "marks", "title", NULL};
	int64_t marks;
	enum err e;

	if (!jr_is_object(o))
		return why_set(&req->why, ERR_INVALID,
		    "\"rubric\" must be a list of {\"id\", \"marks\", \"title\"}");
	if ((e = jr_only_keys(o, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(o, "id", ID_MAX_BYTES, &out->id, &req->why)) != ERR_OK ||
	    (e = jr_want_int(o, "marks", 1, INJECT_MARKS_MAX, &marks, &req->why)) != ERR_OK ||
	    (e = read_pair(req, o, "title", true, INJECT_LINE_MAX_BYTES, TEXT_LINE, &out->title)) !=
		ERR_OK)
		return e;
	out->marks = (int32_t)marks;
	return read_pair(
	    req, o, "guidance", false, INJECT_NOTE_MAX_BYTES, TEXT_LINES, &out->guidance);
}

static enum err
read_rubric(struct request *req, const struct json_t *o, struct inject_plan *p)
{
	const struct json_t *list = jr_get(o, "rubric");
	enum err e = ERR_OK;

	if (list == NULL)
		return ERR_OK;
	if (!jr_is_array(list))
		return why_set(&req->why, ERR_INVALID, "\"rubric\" must be a list");
	if (jr_count(list) > INJECT_ITEMS_MAX)
		return why_set(
		    &req->why, ERR_LIMIT, "\"rubric\" has at most %d items", INJECT_ITEMS_MAX);
	p->item_count = jr_count(list);
	p->items = arena_array(req->x->arena, p->item_count + 1, sizeof *p->items);
	for (size_t i = 0; i < p->item_count && e == ERR_OK; i++)
		e = read_item(req, jr_at(list, i), &p->items[i]);
	return e;
}

/* ---- when ---- */

static enum err
read_after(struct request *req, const struct json_t *after, struct inject_plan *p)
{
	static const char *const keys[] = {"inject", "on", NULL};
	int on = -1;
	enum err e;

	if (!jr_is_object(after))
		return why_set(&req->why, ERR_INVALID, "\"after\" must be {\"inject\", \"on\"}");
	if ((e = jr_only_keys(after, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(after, "inject", ID_MAX_BYTES, &p->after, &req->why)) != ERR_OK ||
	    (e = read_term(req, after, "on", &terms_inject_outcomes, &on)) != ERR_OK)
		return e;
	if (on < 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"on\" is missing: success, failure or expiry of the other inject");
	p->when = INJECT_AFTER;
	p->on = (enum inject_outcome)on;
	return ERR_OK;
}

/* Exactly one of the three. */
static enum err
read_when(struct request *req, const struct json_t *o, struct inject_plan *p)
{
	const struct json_t *after = jr_get(o, "after");
	bool by_clock = jr_get(o, "offset_ms") != NULL, manual;
	enum err e = request_bool(req, o, "manual", &manual);

	p->after = "";
	if (e != ERR_OK)
		return e;
	if (by_clock + manual + (after != NULL) != 1)
		return why_set(&req->why, ERR_INVALID,
		    "one of \"offset_ms\", \"manual\": true and \"after\" says when it comes");
	if (after != NULL)
		return read_after(req, after, p);
	p->when = manual ? INJECT_MANUAL : INJECT_AT;
	return read_int(req, o, "offset_ms", 0, INJECT_OFFSET_MS_MAX, 0, &p->offset_ms);
}

/* ---- the whole ---- */

static enum err
read_numbers(struct request *req, const struct json_t *o, struct inject_plan *p)
{
	int64_t pass;
	enum err e;

	if ((e = read_int(req, o, "allowed_ms", 1000, INJECT_OFFSET_MS_MAX, 0, &p->allowed_ms)) !=
		ERR_OK ||
	    (e = read_int(req, o, "pass", 1, 100, INJECT_PASS_DEFAULT, &pass)) != ERR_OK)
		return e;
	p->pass = (int32_t)pass;
	p->phase = -1;
	return read_term(req, o, "phase", &terms_phases, &p->phase);
}

static enum err
read_texts(struct request *req, const struct json_t *o, struct inject_plan *p)
{
	enum err e;

	if ((e = read_pair(req, o, "title", true, INJECT_LINE_MAX_BYTES, TEXT_LINE, &p->title)) !=
		ERR_OK ||
	    (e = read_pair(req, o, "from", true, INJECT_LINE_MAX_BYTES, TEXT_LINE, &p->from)) !=
		ERR_OK ||
	    (e = read_pair(req, o, "text", true, INJECT_TEXT_MAX_BYTES, TEXT_LINES, &p->text)) !=
		ERR_OK ||
	    (e = read_pair(req, o, "objective", false, INJECT_NOTE_MAX_BYTES, TEXT_LINES,
		 &p->objective)) != ERR_OK)
		return e;
	return read_pair(
	    req, o, "expected", false, INJECT_NOTE_MAX_BYTES, TEXT_LINES, &p->expected);
}

enum err
inject_read_plan(struct request *req, struct inject_plan *p)
{
	static const char *const keys[] = {"after", "allowed_ms", "channels", "common",
	    "controller", "evaluator", "expected", "from", "manual", "number", "objective",
	    "offset_ms", "pass", "phase", "rubric", "text", "title", "to", NULL};
	const struct json_t *o;
	enum err e;

	*p = (struct inject_plan){.number = NULL};
	if ((e = request_object(req, members, &o)) != ERR_OK ||
	    (e = jr_only_keys(o, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(o, "number", ID_MAX_BYTES, &p->number, &req->why)) != ERR_OK ||
	    (e = read_texts(req, o, p)) != ERR_OK || (e = read_when(req, o, p)) != ERR_OK ||
	    (e = read_to(req, o, &p->to)) != ERR_OK ||
	    (e = request_bool(req, o, "common", &p->common)) != ERR_OK ||
	    (e = read_channels(req, o, &p->channels)) != ERR_OK ||
	    (e = read_numbers(req, o, p)) != ERR_OK ||
	    (e = read_id(req, o, "controller", &p->controller)) != ERR_OK ||
	    (e = read_id(req, o, "evaluator", &p->evaluator)) != ERR_OK)
		return e;
	return read_rubric(req, o, p);
}
