/*
 * The section `kill`: what runs when somebody pulls the kill switch, to cut the red network.
 */
#include "scenario/executable.h"
#include "scenario/parse.h"

#define ARGUMENT_MAX_BYTES 4096
#define TIMEOUT_MS_MIN 1000
#define TIMEOUT_MS_MAX 600000
#define TIMEOUT_MS_DEFAULT 30000

struct in_kill {
	struct place at;
	struct node hook;
	struct number timeout;
};

static const struct field kill_fields[] = {
    {"hook", KIND_NODE, REQUIRED, offsetof(struct in_kill, hook), 0, 0, NULL},
    {"timeout", KIND_DURATION, OPTIONAL, offsetof(struct in_kill, timeout), TIMEOUT_MS_MIN,
	TIMEOUT_MS_MAX, NULL},
};
static const struct record kill_record = RECORD(struct in_kill, "the kill switch", kill_fields);

static void
hook_build(struct reader *r, yaml_node_t *node, struct scenario_hook *out)
{
	struct field f = {.key = "hook", .kind = KIND_TEXT, .min = 1, .max = ARGUMENT_MAX_BYTES};
	const char **argv;
	yaml_node_t **words;
	struct why why;
	size_t count;

	if (!entries_read(r, node, "hook", 1, HOOK_ARGUMENTS_MAX, &words, &count))
		return;
	argv = arena_array(r->arena, count + 1, sizeof *argv);
	for (size_t i = 0; i < count; i++) {
		struct text word = {.s = NULL};

		f.kind = i == 0 ? KIND_TEXT : KIND_RAW;
		f.min = i == 0;
		field_read(r, words[i], &f, &word);
		if (word.s == NULL)
			return;
		argv[i] = word.s;
	}
	if (executable_check(argv[0], &why) != ERR_OK)
		mistake_add(r->mistakes, node_place(words[0]), "hook: %s", why.text);
	out->argv = argv;
}

void
kill_build(struct reader *r, const struct node *given, struct scenario_hook *out)
{
	struct in_kill in = {.at = {0, 0}};

	*out = (struct scenario_hook){.argv = NULL};
	if (given->node == NULL || !record_read(r, given->node, &kill_record, &in))
		return;
	out->timeout_ms = in.timeout.good ? in.timeout.v : TIMEOUT_MS_DEFAULT;
	if (in.hook.node != NULL)
		hook_build(r, in.hook.node, out);
}
