#include "base/hash.h"
#include "checker/answer.h"

#include <string.h>

static bool
status_holds(struct rule_look *l)
{
	const struct rule *rule = l->rule;
	struct buf expected;

	for (size_t i = 0; i < rule->status_count; i++)
		if (rule->statuses[i] == l->answer->status)
			return true;
	buf_init(&expected, 200);
	for (size_t i = 0; i < rule->status_count && i < 8; i++)
		buf_printf(&expected, "%s%d", i > 0 ? " or " : "", rule->statuses[i]);
	(void)why_set(l->said, ERR_OK, "status %d, expected %s", l->answer->status, expected.data);
	buf_free(&expected);
	return false;
}

/* A template's text, or NULL (and both sentences written) if one of its variables has no value. */
static const char *
rendered(struct rule_look *l, const struct template *t, struct buf *out)
{
	struct why why;

	buf_init(out, BODY_MAX_BYTES);
	if (template_render(t, l->vars, ESCAPE_NONE, out, &why) == ERR_OK)
		return out->data != NULL ? out->data : "";
	(void)why_set(l->said, ERR_OK, "a value of an earlier step is missing");
	(void)why_set(l->detail, ERR_OK, "%s", why.text);
	return NULL;
}

static bool
body_holds(struct rule_look *l)
{
	const struct buf *body = &l->answer->body;
	bool wanted = l->rule->kind == RULE_BODY_CONTAINS, found = false;
	struct buf text;
	bool there = rendered(l, &l->rule->text, &text) != NULL;

	if (there)
		found = text.len == 0 || (body->len > 0 && memmem(body->data, body->len, text.data,
							       text.len) != NULL);
	if (there && found != wanted) {
		(void)why_set(l->said, ERR_OK,
		    wanted ? "the answer lacks an expected text"
			   : "the answer has a text that must not be there");
		(void)why_set(l->detail, ERR_OK, "%s \"%.200s\"",
		    wanted ? "body_contains" : "body_lacks", l->rule->text.source);
	}
	buf_free(&text);
	return there && found == wanted;
}

static bool
pattern_holds(struct rule_look *l, const char *text, size_t len)
{
	regmatch_t match[2];
	enum pattern_result r =
	    pattern_find(l->rule->pattern, text, len, &l->answer->regex_ms, match);

	if (r == PATTERN_FOUND)
		return true;
	(void)why_set(l->detail, ERR_OK, "%s \"%.200s\"",
	    r == PATTERN_ABSENT ? "no match of" : "too costly to search for",
	    l->rule->pattern->source);
	return false;
}

static bool
regex_holds(struct rule_look *l)
{
	const struct buf *body = &l->answer->body;

	if (pattern_holds(l, body->len > 0 ? body->data : "", body->len))
		return true;
	(void)why_set(l->said, ERR_OK, "the answer does not have the expected form");
	return false;
}

static bool
regex_lacks_holds(struct rule_look *l)
{
	const struct buf *body = &l->answer->body;
	regmatch_t match[2];
	enum pattern_result r = pattern_find(l->rule->pattern, body->len > 0 ? body->data : "",
	    body->len, &l->answer->regex_ms, match);

	if (r == PATTERN_ABSENT)
		return true;
	(void)why_set(l->said, ERR_OK, "the answer has a text that must not be there");
	(void)why_set(l->detail, ERR_OK, "%s \"%.200s\"",
	    r == PATTERN_FOUND ? "body_regex_lacks" : "too costly to search for",
	    l->rule->pattern->source);
	return false;
}

static bool
header_holds(struct rule_look *l)
{
	const char *value;
	size_t from = 0, len;
	bool there = false;

	while (header_next(&l->answer->headers, l->rule->name, &from, &value, &len)) {
		if (pattern_holds(l, value, len))
			return true;
		there = true;
	}
	(void)why_set(l->said, ERR_OK,
	    there ? "header %s is not as expected" : "header %s is missing", l->rule->name);
	return false;
}

static bool
latency_holds(struct rule_look *l)
{
	if (l->answer->ms <= l->rule->number)
		return true;
	(void)why_set(l->said, ERR_OK, "took %lld ms, at most %lld expected",
	    (long long)l->answer->ms, (long long)l->rule->number);
	return false;
}

static bool
size_holds(struct rule_look *l)
{
	bool max = l->rule->kind == RULE_SIZE_MAX;
	int64_t len = (int64_t)l->answer->body.len;

	if (max ? len <= l->rule->number : len >= l->rule->number)
		return true;
	(void)why_set(l->said, ERR_OK, "%lld bytes, at %s %lld expected", (long long)len,
	    max ? "most" : "least", (long long)l->rule->number);
	return false;
}

static bool
sha256_holds(struct rule_look *l)
{
	uint8_t digest[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];

	sha256(l->answer->body.data, l->answer->body.len, digest);
	if (memcmp(digest, l->rule->sha256, sizeof digest) == 0)
		return true;
	hex_encode(digest, sizeof digest, hex);
	(void)why_set(l->said, ERR_OK, "the content has changed");
	(void)why_set(l->detail, ERR_OK, "its sha256 is %s", hex);
	return false;
}

static bool
equals_holds(struct rule_look *l)
{
	struct buf a, b;
	const char *x = rendered(l, &l->rule->text, &a), *y = rendered(l, &l->rule->other, &b);
	bool there = x != NULL && y != NULL, same = there && strcmp(x, y) == 0;

	if (there && !same) {
		(void)why_set(l->said, ERR_OK, "two values that must agree differ");
		(void)why_set(l->detail, ERR_OK, "equals \"%.100s\" and \"%.100s\"",
		    l->rule->text.source, l->rule->other.source);
	}
	buf_free(&a);
	buf_free(&b);
	return same;
}

bool
rule_holds(const struct rule *rule, struct answer *a, const struct vars *vars, struct why *said,
    struct why *detail)
{
	static bool (*const holds[])(struct rule_look *) = {[RULE_STATUS] = status_holds,
	    [RULE_BODY_CONTAINS] = body_holds,
	    [RULE_BODY_LACKS] = body_holds,
	    [RULE_BODY_REGEX] = regex_holds,
	    [RULE_BODY_REGEX_LACKS] = regex_lacks_holds,
	    [RULE_HEADER] = header_holds,
	    [RULE_LATENCY_MS_MAX] = latency_holds,
	    [RULE_SIZE_MIN] = size_holds,
	    [RULE_SIZE_MAX] = size_holds,
	    [RULE_SHA256] = sha256_holds,
	    [RULE_EQUALS] = equals_holds,
	    [RULE_COUNT] = count_holds,
	    [RULE_JSON] = json_holds,
	    [RULE_NO_FOREIGN] = page_rule_holds,
	    [RULE_NO_CODE] = page_rule_holds,
	    [RULE_NO_HIDDEN] = page_rule_holds};
	struct rule_look l = {rule, a, vars, said, detail};

	detail->text[0] = '\0';
	return holds[rule->kind](&l);
}
