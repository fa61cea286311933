/*
 * The section `reports`: how long incident reports may take, by stage and level. A duration alone stands for all levels;
 * what is left out is as everyday has it, shortened with the drill.
 */
#include "core/incident_level.h"
#include "core/terms.h"
#include "scenario/parse.h"

#define LIMIT_MS_MIN 1

/* One stage by levels. */
struct in_limits {
	struct place at;
	struct number ms[REPORT_LIMIT_LEVELS];
};

static const struct field limit_fields[] = {
    {"I", KIND_DURATION, OPTIONAL, offsetof(struct in_limits, ms[LEVEL_I]), LIMIT_MS_MIN,
	REPORT_LIMIT_MS_MAX, NULL},
    {"II", KIND_DURATION, OPTIONAL, offsetof(struct in_limits, ms[LEVEL_II]), LIMIT_MS_MIN,
	REPORT_LIMIT_MS_MAX, NULL},
    {"III", KIND_DURATION, OPTIONAL, offsetof(struct in_limits, ms[LEVEL_III]), LIMIT_MS_MIN,
	REPORT_LIMIT_MS_MAX, NULL},
    {"IV", KIND_DURATION, OPTIONAL, offsetof(struct in_limits, ms[LEVEL_IV]), LIMIT_MS_MIN,
	REPORT_LIMIT_MS_MAX, NULL},
};
static const struct record limits_record =
    RECORD(struct in_limits, "the limits of a stage", limit_fields);

static void
stage_build(struct reader *r, enum report_stage stage, const struct node *given,
    int64_t out[REPORT_LIMIT_LEVELS])
{
	const struct field short_form = {.key = term_id(&terms_stages, (int)stage),
	    .kind = KIND_DURATION,
	    .min = LIMIT_MS_MIN,
	    .max = REPORT_LIMIT_MS_MAX};
	struct in_limits limits = {.at = {0, 0}};

	if (given->node == NULL)
		return;
	if (node_scalar(given->node) != NULL) {
		field_read(r, given->node, &short_form, &limits.ms[0]);
		for (int i = 1; i < REPORT_LIMIT_LEVELS; i++)
			limits.ms[i] = limits.ms[0];
	} else if (!record_read(r, given->node, &limits_record, &limits)) {
		return;
	}
	for (int i = 0; i < REPORT_LIMIT_LEVELS; i++)
		out[i] = limits.ms[i].v;
}

void
reports_build(struct reader *r, const struct in_reports *in, struct report_limits *out)
{
	stage_build(r, STAGE_INITIAL, &in->initial, out->ms[STAGE_INITIAL]);
	stage_build(r, STAGE_PROGRESS, &in->progress, out->ms[STAGE_PROGRESS]);
	stage_build(r, STAGE_FINAL, &in->final, out->ms[STAGE_FINAL]);
}
