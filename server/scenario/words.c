/*
 * Texts in one language or in both.
 */
#include "scenario/parse.h"
#include <string.h>

static void
word_read(struct reader *r, yaml_node_t *node, const char *key, size_t max, enum text_kind kind,
    const char **out)
{
	struct field f = {.key = key, .kind = KIND_RAW, .min = 1, .max = (int64_t)max};
	struct text given = {.s = NULL};
	struct why why;

	field_read(r, node, &f, &given);
	if (given.s != NULL && text_check(given.s, strlen(given.s), kind, &why) != ERR_OK)
		mistake_add(r->mistakes, node_place(node), "%s %s", key, why.text);
	else if (given.s != NULL)
		*out = given.s;
}

struct i18n
words_read(
    struct reader *r, const struct node *given, const char *key, size_t max, enum text_kind kind)
{
	struct i18n out = {NULL, NULL};
	struct pair *pairs = NULL;
	size_t count = 0;

	if (given->node == NULL)
		return (struct i18n){"", ""};
	if (node_scalar(given->node) != NULL)
		word_read(r, given->node, key, max, kind, &out.zh);
	else if (pairs_read(r, given->node, key, 2, &pairs, &count) && count == 0)
		mistake_add(
		    r->mistakes, given->at, "%s: a text or {zh: ..., en: ...} is expected", key);
	for (size_t i = 0; i < count; i++) {
		bool zh = strcmp(pairs[i].key.s, "zh") == 0;

		if (!zh && strcmp(pairs[i].key.s, "en") != 0)
			mistake_add(r->mistakes, pairs[i].key.at,
			    "%s: there is no language %s; there are: zh, en", key,
			    quoted(r->mistakes, pairs[i].key.s));
		else
			word_read(r, pairs[i].value, key, max, kind, zh ? &out.zh : &out.en);
	}
	out.zh = out.zh != NULL ? out.zh : out.en != NULL ? out.en : "";
	out.en = out.en != NULL ? out.en : out.zh;
	return out;
}
