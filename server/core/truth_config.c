#include "core/truth_config.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define FULL_LENGTH_MS (24 * HOUR_MS) /* a drill of a day and more has everyday's times */

/* SCORING, policy campus. */
static const struct truth_config everyday = {
    .window_ms = 2 * HOUR_MS,
    .merge_ms = 2 * HOUR_MS,
    .report_steps = {30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS, 72 * HOUR_MS},
    .recovery_steps = {4 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS, 72 * HOUR_MS},
};

int
truth_step_percent(const int64_t steps[TRUTH_STEPS], int64_t ms)
{
	for (int i = 0; i < TRUTH_STEPS; i++)
		if (ms <= steps[i])
			return 100 - 25 * i;
	return 0;
}

static int64_t
filled(int64_t given, int64_t ms, int64_t least_ms, int64_t length_ms)
{
	if (given != 0)
		return given;
	if (length_ms < FULL_LENGTH_MS) /* both are below 2^29 here */
		ms = ms * length_ms / FULL_LENGTH_MS;
	return ms > least_ms ? ms : least_ms;
}

struct truth_config
truth_config_filled(const struct truth_config *c, int64_t length_ms)
{
	struct truth_config f = {
	    .window_ms = filled(c->window_ms, everyday.window_ms, MINUTE_MS, length_ms),
	    .merge_ms = filled(c->merge_ms, everyday.merge_ms, MINUTE_MS, length_ms)};

	for (int i = 0; i < TRUTH_STEPS; i++) {
		int64_t least = (i + 1) * MINUTE_MS;

		f.report_steps[i] =
		    filled(c->report_steps[i], everyday.report_steps[i], least, length_ms);
		f.recovery_steps[i] =
		    filled(c->recovery_steps[i], everyday.recovery_steps[i], least, length_ms);
	}
	return f;
}

bool
truth_config_empty(const struct truth_config *c)
{
	return c->window_ms == 0 && c->merge_ms == 0 && c->report_steps[0] == 0 &&
	       c->recovery_steps[0] == 0;
}

static void
encode_steps(struct json_writer *w, const char *key, const int64_t steps[TRUTH_STEPS])
{
	jw_key(w, key);
	jw_array(w);
	for (int i = 0; i < TRUTH_STEPS; i++)
		jw_int(w, steps[i]);
	jw_array_end(w);
}

void
truth_config_encode(const struct truth_config *c, struct json_writer *w)
{
	jw_object(w);
	jw_kv_int(w, "merge", c->merge_ms);
	encode_steps(w, "recovery_steps", c->recovery_steps);
	encode_steps(w, "report_steps", c->report_steps);
	jw_kv_int(w, "window", c->window_ms);
	jw_object_end(w);
}

/* All 0, or ascending. */
static enum err
decode_steps(const struct json_t *j, const char *key, int64_t steps[TRUTH_STEPS], struct why *why)
{
	const struct json_t *list = jr_get(j, key);
	bool good = jr_count(list) == TRUTH_STEPS;

	for (int i = 0; good && i < TRUTH_STEPS; i++) {
		steps[i] = jr_integer(jr_at(list, (size_t)i), -1);
		good = steps[i] >= 0 && steps[i] <= TRUTH_MS_MAX &&
		       (i == 0 || (steps[0] == 0 ? steps[i] == 0 : steps[i] > steps[i - 1]));
	}
	return good ? ERR_OK
		    : why_set(why, ERR_INVALID,
			  "\"truth\": \"%s\" must be %d ascending numbers of milliseconds", key,
			  TRUTH_STEPS);
}

enum err
truth_config_decode(const struct json_t *j, struct truth_config *c, struct why *why)
{
	enum err e;

	if ((e = jr_want_int(j, "merge", 0, TRUTH_MS_MAX, &c->merge_ms, why)) != ERR_OK ||
	    (e = jr_want_int(j, "window", 0, TRUTH_MS_MAX, &c->window_ms, why)) != ERR_OK ||
	    (e = decode_steps(j, "recovery_steps", c->recovery_steps, why)) != ERR_OK)
		return e;
	return decode_steps(j, "report_steps", c->report_steps, why);
}
