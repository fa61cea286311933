/*
 * The sections `truth` (how red facts and reports are paired, the steps of measured times) and `rubrics` (the items by
 * which reports are marked).
 */
#include "core/rubric.h"
#include "scenario/parse.h"

/* ---- truth ---- */

static void
steps_build(struct reader *r, const char *key, const struct node *given, int64_t out[TRUTH_STEPS])
{
	const struct field each = {
	    .key = key, .kind = KIND_DURATION, .min = 1, .max = TRUTH_MS_MAX};
	yaml_node_t **entry = NULL;
	size_t count = 0;

	if (given->node == NULL ||
	    !entries_read(r, given->node, key, TRUTH_STEPS, TRUTH_STEPS, &entry, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct number n = {.at = {0, 0}};

		field_read(r, entry[i], &each, &n);
		out[i] = n.v;
		if (n.good && i > 0 && out[i - 1] > 0 && n.v <= out[i - 1])
			mistake_add(r->mistakes, node_place(entry[i]),
			    "%s: each step is longer than the one before it", key);
	}
}

void
truth_config_build(struct reader *r, const struct in_truth *in, struct truth_config *out)
{
	out->window_ms = in->window.v;
	out->merge_ms = in->merge.v;
	steps_build(r, "report_steps", &in->report_steps, out->report_steps);
	steps_build(r, "recovery_steps", &in->recovery_steps, out->recovery_steps);
}

/* ---- rubrics ---- */

struct in_guidance {
	struct place at;
	struct text zh, en;
};

static const struct field guidance_fields[] = {
    {"zh", KIND_RAW, REQUIRED, offsetof(struct in_guidance, zh), 1, RUBRIC_GUIDANCE_MAX_BYTES,
	NULL},
    {"en", KIND_RAW, REQUIRED, offsetof(struct in_guidance, en), 1, RUBRIC_GUIDANCE_MAX_BYTES,
	NULL},
};
static const struct record guidance_record =
    RECORD(struct in_guidance, "a guidance", guidance_fields);

static struct i18n
guidance_build(struct reader *r, const struct node *given)
{
	const struct field plain = {
	    .key = "guidance", .kind = KIND_RAW, .min = 1, .max = RUBRIC_GUIDANCE_MAX_BYTES};
	struct in_guidance in = {.at = {0, 0}};

	if (given->node != NULL && node_scalar(given->node) != NULL) {
		field_read(r, given->node, &plain, &in.zh);
		in.en = in.zh;
	} else if (given->node != NULL) {
		record_read(r, given->node, &guidance_record, &in);
	}
	return (struct i18n){in.zh.s != NULL ? in.zh.s : "", in.en.s != NULL ? in.en.s : ""};
}

/* The word's value; one that is none is named. */
static int
word_build(struct reader *r, const struct text *given, const struct terms *terms, int otherwise)
{
	int value = otherwise;
	struct why why;

	if (given->s != NULL && term_want(terms, given->s, &value, &why) != ERR_OK) {
		mistake_add(r->mistakes, given->at, "%s", why.text);
		return otherwise;
	}
	return value;
}

static void
item_build(struct reader *r, const struct in_rubric *in, struct rubric_item *out)
{
	*out = (struct rubric_item){.id = in->id.s != NULL ? in->id.s : "",
	    .title = in->title.v,
	    .guidance = guidance_build(r, &in->guidance),
	    .marks = (int32_t)in->marks.v,
	    .dimension = (enum rubric_dimension)word_build(
		r, &in->dimension, &terms_dimensions, DIMENSION_DETECTION),
	    .measure =
		(enum rubric_measure)word_build(r, &in->measure, &terms_measures, RUBRIC_JUDGED)};
}

static bool
all_given(const struct in_rubric *in, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (in[i].id.s == NULL || !in[i].marks.good)
			return false;
	return true;
}

const struct rubric *
rubrics_build(struct reader *r, const struct list *in)
{
	const struct in_rubric *items = in->items;
	struct rubric *out;
	struct why why;
	size_t at;

	if (in->at.line == 0 || in->count == 0)
		return NULL;
	out = arena_alloc(r->arena, sizeof *out);
	out->items = arena_array(r->arena, in->count, sizeof *out->items);
	out->count = in->count;
	for (size_t i = 0; i < in->count; i++)
		item_build(r, &items[i], &out->items[i]);
	if (all_given(items, in->count) && rubric_check(out, &at, &why) != ERR_OK)
		mistake_add(r->mistakes, items[at].at, "rubrics: %s", why.text);
	return out;
}
