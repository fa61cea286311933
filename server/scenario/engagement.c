/*
 * The sections `rules` (of engagement: what may be attacked, what nobody may do) and `results` (who is told of them).
 */
#include "scenario/names.h"
#include "scenario/parse.h"
#include <string.h>

struct in_rules {
	struct place at;
	struct text version;
	struct node scope, text;
	struct node forbidden;
};

struct in_results {
	struct place at;
	struct text show_blue;
};

static const struct field rules_fields[] = {
    {"version", KIND_TEXT, REQUIRED, offsetof(struct in_rules, version), 1, RULES_VERSION_MAX_BYTES,
	NULL},
    {"scope", KIND_NODE, REQUIRED, offsetof(struct in_rules, scope), 0, 0, NULL},
    {"text", KIND_NODE, REQUIRED, offsetof(struct in_rules, text), 0, 0, NULL},
    {"forbidden", KIND_NODE, OPTIONAL, offsetof(struct in_rules, forbidden), 0, 0, NULL},
};
static const struct record rules_record =
    RECORD(struct in_rules, "the rules of engagement", rules_fields);

static const struct field results_fields[] = {
    {"show_blue", KIND_TEXT, REQUIRED, offsetof(struct in_results, show_blue), 1, 40, NULL},
};
static const struct record results_record =
    RECORD(struct in_results, "the attack results", results_fields);

static void
read_forbidden(struct reader *r, yaml_node_t *node, struct rules_config *rules)
{
	yaml_node_t **entries;
	size_t count;

	if (!entries_read(r, node, "forbidden", 0, RULES_FORBIDDEN_MAX, &entries, &count))
		return;
	rules->forbidden = arena_array(r->arena, count + 1, sizeof *rules->forbidden);
	rules->forbidden_count = count;
	for (size_t i = 0; i < count; i++)
		rules->forbidden[i] =
		    words_read(r, &(struct node){node_place(entries[i]), entries[i]}, "forbidden",
			RULES_FORBIDDEN_MAX_BYTES, TEXT_LINES);
}

/* `all`, or a list of systems. */
static void
read_scope(
    struct reader *r, yaml_node_t *node, const struct list *systems, struct rules_config *rules)
{
	const struct field entry = {.key = "scope", .kind = KIND_ID};
	const struct in_system *in = systems->items;
	const char *word = node_scalar(node);
	yaml_node_t **entries;
	struct names names;
	size_t count;

	rules->all = word != NULL && strcmp(word, "all") == 0;
	if (rules->all)
		return;
	rules->in_scope = arena_array(r->arena, systems->count + 1, sizeof *rules->in_scope);
	if (word != NULL) {
		mistake_add(r->mistakes, node_place(node),
		    "scope is \"all\" or a list of systems, not %s", quoted(r->mistakes, word));
		return;
	}
	if (!entries_read(r, node, "scope", 1, SYSTEMS_MAX, &entries, &count))
		return;
	names_init(&names, "system", r->arena, systems->count);
	for (size_t i = 0; i < systems->count; i++)
		names_add(&names, &in[i].id, i);
	names_sort(&names);
	for (size_t i = 0; i < count; i++) {
		struct text id = {.s = NULL};
		long at;

		field_read(r, entries[i], &entry, &id);
		if ((at = names_resolve(&names, r, "scope", &id)) >= 0)
			rules->in_scope[at] = true;
	}
}

void
rules_build(
    struct reader *r, const struct node *given, const struct list *systems, struct drill_config *c)
{
	struct in_rules in = {.at = {0, 0}};
	struct rules_config *rules;

	if (given->node == NULL || !record_read(r, given->node, &rules_record, &in))
		return;
	rules = arena_alloc(r->arena, sizeof *rules);
	c->rules = rules;
	rules->version = in.version.s;
	if (in.scope.node != NULL)
		read_scope(r, in.scope.node, systems, rules);
	if (in.text.node != NULL)
		rules->text = words_read(r, &in.text, "text", RULES_TEXT_MAX_BYTES, TEXT_LINES);
	if (in.forbidden.node != NULL)
		read_forbidden(r, in.forbidden.node, rules);
}

void
results_build(struct reader *r, const struct node *given, struct drill_config *c)
{
	struct in_results in = {.at = {0, 0}};
	const char *names[SHOW_COUNT];

	if (given->node == NULL || !record_read(r, given->node, &results_record, &in) ||
	    in.show_blue.s == NULL || show_blue_parse(in.show_blue.s, &c->show_blue))
		return;
	for (int i = 0; i < SHOW_COUNT; i++)
		names[i] = show_blue_name((enum show_blue)i);
	mistake_add(r->mistakes, in.show_blue.at, "show_blue: there is no %s; %s",
	    quoted(r->mistakes, in.show_blue.s),
	    choices(r->mistakes, in.show_blue.s, names, SHOW_COUNT));
}
