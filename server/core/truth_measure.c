/* What became of each red fact, and the times that the server measures. */
#include "core/game.h"
#include "core/truth_private.h"

static struct truth_config
config_of(const struct game *g)
{
	return truth_config_filled(&g->config->truth, g->config->tick_ms * g->config->ticks);
}

int64_t
truth_window_ms(const struct game *g)
{
	return config_of(g).window_ms;
}

int32_t
truth_of_report(const struct game *g, int32_t report)
{
	const struct truth *t = truth_now(g);

	return report >= 1 && (size_t)report <= t->chain_count ? t->first_fact[report - 1] : 0;
}

enum truth_status
truth_status(const struct game *g, int32_t fact)
{
	const struct truth *t = truth_now(g);
	const struct truth_fact *f = &g->truths->facts[fact - 1];
	const struct report_chain *c = report_find(g, t->report[fact - 1]);

	if (f->concealed.by != NULL)
		return TRUTH_CONCEALED;
	if (c != NULL)
		return t->known_ms[fact - 1] - f->drill_ms <=
			       report_limit_ms(g, STAGE_INITIAL, c->versions[0].level)
			   ? TRUTH_DETECTED
			   : TRUTH_LATE;
	return g->state != DRILL_ENDED && f->by_hand == TRUTH_NOT_BY_HAND &&
		       g->drill_ms <= f->drill_ms + truth_window_ms(g)
		   ? TRUTH_OPEN
		   : TRUTH_MISSED;
}

/* ---- times ---- */

static int64_t
since(const struct truth_fact *f, int64_t drill_ms)
{
	return drill_ms > f->drill_ms ? drill_ms - f->drill_ms : 0;
}

static int64_t
claimed(const struct truth_fact *f, const struct report_chain *c, enum report_time which)
{
	const struct report_version *last = report_last(c);

	return last->times[which] != 0 ? since(f, last->drill_times[which]) : -1;
}

static bool
failed(enum status s)
{
	return s == ST_CORRUPT || s == ST_MUMBLE || s == ST_DOWN;
}

/* Ticks are looked at from the one after the attack's moment on; a result counts from its tick's beginning. */
static void
measure_recovery(const struct game *g, const struct truth_fact *f, struct truth_times *out)
{
	int64_t tick_ms = g->config->tick_ms;
	int32_t closed = game_closed_tick(g), tick = (int32_t)(f->drill_ms / tick_ms);
	int64_t end = f->drill_ms + truth_window_ms(g);
	bool fell = false;

	for (; tick <= closed && (fell || tick * tick_ms <= end); tick++) {
		struct cell cell = cells_get(&g->cells, tick, (uint32_t)f->system);

		if (cell.voided)
			continue;
		if (failed(cell.status)) {
			fell = true;
		} else if (fell && cell.status == ST_OK) {
			out->recovered_measured = since(f, tick * tick_ms);
			return;
		}
	}
	out->never_failed = !fell;
}

struct truth_times
truth_times(const struct game *g, int32_t fact)
{
	struct truth_times t = {-1, -1, -1, -1, -1, -1, true};
	const struct truth *now = truth_now(g);
	const struct truth_fact *f = &g->truths->facts[fact - 1];
	const struct report_chain *c = report_find(g, now->report[fact - 1]);

	if (f->system >= 0)
		measure_recovery(g, f, &t);
	if (c == NULL)
		return t;
	t.detected_measured = since(f, now->known_ms[fact - 1]);
	t.detected_claimed = claimed(f, c, REPORT_DETECTED);
	if (c->contained_drill_ms >= 0)
		t.contained_measured = since(f, c->contained_drill_ms);
	t.contained_claimed = claimed(f, c, REPORT_CONTAINED);
	t.recovered_claimed = claimed(f, c, REPORT_RECOVERED);
	return t;
}

/* ---- measured marks ---- */

static int
percent(const struct truth_config *c, const struct truth_times *t, enum rubric_measure measure)
{
	switch (measure) {
	case RUBRIC_REPORT:
		return truth_step_percent(c->report_steps, t->detected_measured);
	case RUBRIC_CONTAINMENT:
		return t->contained_measured < 0
			   ? 0
			   : truth_step_percent(c->report_steps, t->contained_measured);
	default:
		if (t->recovered_measured < 0)
			return t->never_failed ? 100 : 0;
		return truth_step_percent(c->recovery_steps, t->recovered_measured);
	}
}

int32_t
truth_marks_milli(const struct game *g, int32_t report, const struct rubric_item *item)
{
	int32_t fact = truth_of_report(g, report);
	struct truth_config c = config_of(g);
	struct truth_times t;

	if (fact == 0 || item->measure == RUBRIC_JUDGED)
		return 0;
	t = truth_times(g, fact);
	return item->marks * 10 * percent(&c, &t, item->measure);
}
