/* The rules that look into a JSON answer, or count what is in any: json and count. */
#include "base/json.h"
#include "checker/answer.h"
#include "checker/pointer.h"

#include <string.h>

#define WANTED_MAX_BYTES (64 * 1024)
#define SHOWN_BYTES 100

/* ---- count ---- */

static bool
count_one(void *ctx, const struct json_t *value)
{
	size_t *n = ctx;

	(void)value;
	return ++*n < COUNT_MAX;
}

/* False if there is no such list. */
static bool
count_json(struct rule_look *l, size_t *n)
{
	const struct json_t *root = answer_json(l->answer);

	return root != NULL && pointer_each(root, l->rule->name, count_one, n);
}

/* False if it costs too much. */
static bool
count_regex(struct rule_look *l, size_t *n)
{
	const struct buf *body = &l->answer->body;
	enum pattern_result r = PATTERN_ABSENT;
	regmatch_t match[2];
	size_t from = 0;

	while (
	    *n < COUNT_MAX && (r = pattern_next(l->rule->pattern, body->len > 0 ? body->data : "",
				   body->len, &from, &l->answer->regex_ms, match)) == PATTERN_FOUND)
		++*n;
	return r != PATTERN_TOO_COSTLY;
}

bool
count_holds(struct rule_look *l)
{
	const char *what = l->rule->pattern != NULL ? l->rule->pattern->source : l->rule->name;
	size_t n = 0;
	bool done = l->rule->pattern != NULL ? count_regex(l, &n) : count_json(l, &n);

	if (done && (int64_t)n >= l->rule->min && (int64_t)n <= l->rule->max)
		return true;
	(void)why_set(l->said, ERR_OK, "the answer does not have as many entries as expected");
	if (done)
		(void)why_set(l->detail, ERR_OK, "count %zu of \"%.200s\", %lld to %lld expected",
		    n, what, (long long)l->rule->min, (long long)l->rule->max);
	else
		(void)why_set(l->detail, ERR_OK, "%s \"%.200s\"",
		    l->rule->pattern != NULL ? "too costly to search for" : "count: no list at",
		    what);
	return false;
}

/* ---- json ---- */

/* The wanted value as canonical text. */
static enum err
wanted_text(const struct json_member *m, const struct vars *vars, struct buf *out, struct why *why)
{
	struct json_t *value;
	struct buf text;
	enum err e;

	buf_init(&text, WANTED_MAX_BYTES);
	e = template_render(&m->value, vars, ESCAPE_JSON, &text, why);
	if (e == ERR_OK && (e = jr_parse(text.data, text.len, &value, why)) == ERR_OK) {
		e = jr_canonical(value, out);
		jr_free(value);
	}
	buf_free(&text);
	return e;
}

static bool
member_holds(struct rule_look *l, const struct json_member *m)
{
	const struct json_t *root = answer_json(l->answer), *found;
	struct buf wanted, there;
	struct why why;
	bool same = false;

	buf_init(&wanted, WANTED_MAX_BYTES);
	buf_init(&there, WANTED_MAX_BYTES);
	found = root != NULL ? pointer_follow(root, m->pointer) : NULL;
	if (wanted_text(m, l->vars, &wanted, &why) != ERR_OK) {
		(void)why_set(l->said, ERR_OK, "a value of an earlier step is missing");
		(void)why_set(l->detail, ERR_OK, "%s", why.text);
	} else {
		same = found != NULL && jr_canonical(found, &there) == ERR_OK &&
		       strcmp(wanted.data, there.data) == 0;
		if (!same)
			(void)why_set(l->said, ERR_OK, "the answer lacks an expected value");
		if (!same)
			(void)why_set(l->detail, ERR_OK, "json %.200s is %.*s, %.100s expected",
			    m->pointer, SHOWN_BYTES,
			    root == NULL    ? "in no JSON"
			    : found == NULL ? "missing"
			    : there.failed  ? "too long"
					    : there.data,
			    m->value.source);
	}
	buf_free(&wanted);
	buf_free(&there);
	return same;
}

bool
json_holds(struct rule_look *l)
{
	for (size_t i = 0; i < l->rule->member_count; i++)
		if (!member_holds(l, &l->rule->members[i]))
			return false;
	return true;
}
