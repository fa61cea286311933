#include "core/report_limits.h"
#include "core/incident_level.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define FULL_LENGTH_MS (24 * HOUR_MS) /* a drill of a day and more has everyday's limits */

_Static_assert(REPORT_LIMIT_STAGES == STAGE_COUNT, "a row for each stage");
_Static_assert(REPORT_LIMIT_LEVELS == LEVEL_COUNT, "a column for each level");

static const int64_t everyday[STAGE_COUNT][LEVEL_COUNT] = {
    [STAGE_INITIAL] = {30 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 120 * MINUTE_MS},
    [STAGE_PROGRESS] = {2 * HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS, 8 * HOUR_MS},
    [STAGE_FINAL] = {24 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS},
};

int64_t
report_limit_default(int stage, int level, int64_t drill_length_ms)
{
	int64_t ms = everyday[stage][level];

	if (drill_length_ms < FULL_LENGTH_MS) /* both are below 2^27 here */
		ms = ms * drill_length_ms / FULL_LENGTH_MS;
	return ms > MINUTE_MS ? ms : MINUTE_MS;
}

bool
report_limits_empty(const struct report_limits *l)
{
	for (int s = 0; s < STAGE_COUNT; s++)
		for (int i = 0; i < LEVEL_COUNT; i++)
			if (l->ms[s][i] != 0)
				return false;
	return true;
}

static void
encode_stage(const struct report_limits *l, enum report_stage s, struct json_writer *w)
{
	jw_key(w, term_id(&terms_stages, (int)s));
	jw_array(w);
	for (int i = 0; i < LEVEL_COUNT; i++)
		jw_int(w, l->ms[s][i]);
	jw_array_end(w);
}

void
report_limits_encode(const struct report_limits *l, struct json_writer *w)
{
	jw_object(w);
	encode_stage(l, STAGE_FINAL, w); /* in sorted order */
	encode_stage(l, STAGE_INITIAL, w);
	encode_stage(l, STAGE_PROGRESS, w);
	jw_object_end(w);
}

enum err
report_limits_decode(const struct json_t *j, struct report_limits *l, struct why *why)
{
	for (int s = 0; s < STAGE_COUNT; s++) {
		const char *name = term_id(&terms_stages, s);
		const struct json_t *row = jr_get(j, name);

		if (jr_count(row) != LEVEL_COUNT)
			return why_set(why, ERR_INVALID,
			    "\"report_limits\": \"%s\" must be a list of %d", name, LEVEL_COUNT);
		for (int i = 0; i < LEVEL_COUNT; i++) {
			l->ms[s][i] = jr_integer(jr_at(row, (size_t)i), -1);
			if (l->ms[s][i] < 0 || l->ms[s][i] > REPORT_LIMIT_MS_MAX)
				return why_set(why, ERR_INVALID,
				    "\"report_limits\": \"%s\" must be milliseconds", name);
		}
	}
	return ERR_OK;
}
