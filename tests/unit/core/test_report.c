/* Incident reports in the fold: order, returns, numbers, limits, levels, who may what, every refusal. */
#include "report_rig.h"

static const struct report_chain *
chain(const struct game *g, int32_t id)
{
	const struct report_chain *c = report_find(g, id);

	assert_non_null(c);
	return c;
}

static void
number_is(const struct game *g, int32_t id, const char *number)
{
	char text[REPORT_NUMBER_BYTES];

	report_number(g, chain(g, id), text);
	assert_string_equal(text, number);
}

/* Initial, progress, final; a number from the first filing on; drafts go when they are filed. */
static void
test_a_chain(void **state)
{
	struct game *g = report_game();
	const struct report_chain *c;

	(void)state;
	core_must(g, drafted(1, STAGE_INITIAL, "{\"a\":1}"));
	c = chain(g, 1);
	assert_int_equal(c->state, REPORT_DRAFT);
	assert_false(report_is_filed(c));
	assert_string_equal(c->draft.text, "{\"a\":1}");
	number_is(g, 1, "");
	core_must(g, drafted(1, STAGE_INITIAL, "{\"a\":2}"));
	assert_int_equal(g->reports->count, 1);
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_int_equal(c->state, REPORT_SUBMITTED);
	assert_null(c->draft.text);
	number_is(g, 1, "library-2027-001");
	core_must(g, filed_at(1, STAGE_PROGRESS));
	core_must(g, drafted(1, STAGE_FINAL, "{}"));
	core_must(g, filed_at(1, STAGE_FINAL));
	assert_int_equal(c->state, REPORT_SUBMITTED);
	assert_int_equal(c->stage, STAGE_FINAL);
	assert_int_equal(c->report_count, 3);
	core_must(g, filed_at(2, STAGE_INITIAL));
	number_is(g, 2, "library-2027-002");
	core_must(g, of_finance(filed_at(3, STAGE_INITIAL)));
	number_is(g, 3, "finance-2027-001");
	assert_int_equal(g->reports->states[REPORT_SUBMITTED], 3);
	assert_int_equal(g->reports->states[REPORT_DRAFT], 0);
	game_free(g);
}

static void
test_order(void **state)
{
	struct game *g = report_game();

	(void)state;
	core_refused(g, filed_at(1, STAGE_PROGRESS), ERR_CONFLICT, "is the initial one");
	core_refused(g, drafted(1, STAGE_FINAL, "{}"), ERR_CONFLICT, "is the initial one");
	core_refused(g, filed_at(2, STAGE_INITIAL), ERR_NOT_FOUND, "no report 2");
	core_must(g, drafted(1, STAGE_INITIAL, "{}"));
	core_refused(g, filed_at(1, STAGE_FINAL), ERR_CONFLICT, "is the initial one");
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_refused(g, filed_at(1, STAGE_INITIAL), ERR_CONFLICT, "progress or final may follow");
	core_must(g, filed_at(1, STAGE_FINAL));
	core_refused(g, filed_at(1, STAGE_PROGRESS), ERR_CONFLICT, "nothing follows it");
	core_refused(g, drafted(1, STAGE_FINAL, "{}"), ERR_CONFLICT, "nothing follows it");
	game_free(g);
}

/* Completing a returned report makes a version of it and moves no first time. */
static void
test_return(void **state)
{
	struct game *g = report_game();
	const struct report_chain *c;
	int64_t first;

	(void)state;
	core_must(g, filed_at(1, STAGE_INITIAL));
	c = chain(g, 1);
	first = c->first_ms;
	core_must(g, filed_at(1, STAGE_PROGRESS));
	core_must(g, drafted(1, STAGE_FINAL, "{}"));
	core_must(g, returned(1));
	assert_string_equal(c->draft.text, "{}"); /* nothing typed is lost */
	assert_int_equal(c->draft.stage, STAGE_PROGRESS);
	core_refused(g, returned(1), ERR_CONFLICT, "what may follow: resubmitted");
	core_refused(g, filed_at(1, STAGE_FINAL), ERR_CONFLICT, "progress report was returned");
	report_later(g, 5000);
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_int_equal(c->state, REPORT_RESUBMITTED);
	assert_int_equal(c->version_count, 3);
	assert_int_equal(report_last(c)->report, 2);
	assert_int_equal(report_last(c)->version, 2);
	assert_int_equal(c->report_count, 2);
	assert_true(c->first_ms == first);
	assert_true(c->times[REPORT_REPORTED].ms == first);
	assert_true(report_first_version(c, 2)->at_ms < report_last(c)->at_ms);
	assert_string_equal(c->versions[1].returned.reason, "more");
	assert_null(report_first_version(c, 3));
	core_refused(g, by(returned(1), "judge-1"), ERR_FORBIDDEN, "by the direction");
	core_refused(g, returned(2), ERR_NOT_FOUND, "no report 2");
	game_free(g);
}

static void
test_withdrawal(void **state)
{
	struct game *g = report_game();

	(void)state;
	core_must(g, drafted(1, STAGE_INITIAL, "{}"));
	core_refused(g, by(withdrawn_draft(1), "finance-blue"), ERR_NOT_FOUND, "no report 1");
	core_must(g, withdrawn_draft(1));
	assert_int_equal(chain(g, 1)->state, REPORT_WITHDRAWN);
	core_refused(g, withdrawn_draft(1), ERR_CONFLICT, "has no draft");
	core_refused(g, drafted(1, STAGE_INITIAL, "{}"), ERR_CONFLICT, "is withdrawn");
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, drafted(2, STAGE_PROGRESS, "{}"));
	core_must(g, withdrawn_draft(2));
	assert_int_equal(chain(g, 2)->state, REPORT_SUBMITTED);
	game_free(g);
}

static void
test_who(void **state)
{
	static const char *const others[] = {"red-1-hand", "judge-1", "chief", "leader", "nobody"};
	struct game *g = report_game();

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		core_refused(g, by(filed_at(1, STAGE_INITIAL), others[i]), ERR_FORBIDDEN,
		    "departments' own accounts");
	core_refused(
	    g, by(filed_at(1, STAGE_INITIAL), "finance-blue"), ERR_FORBIDDEN, "another department");
	core_must(g, drafted(1, STAGE_INITIAL, "{}"));
	core_refused(g, of_finance(drafted(1, STAGE_INITIAL, "{}")), ERR_NOT_FOUND, "no report 1");
	core_refused(g, commented(1, "judge-1", false), ERR_NOT_FOUND, "been filed");
	core_refused(g, commented(1, "library-blue", false), ERR_CONFLICT, "nothing has been");
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, commented(1, "library-blue", false));
	core_must(g, commented(1, "judge-1", true));
	core_refused(g, commented(1, "finance-blue", false), ERR_NOT_FOUND, "no report 1");
	core_refused(g, commented(1, "library-blue", true), ERR_FORBIDDEN, "internal");
	core_refused(g, commented(1, "leader", false), ERR_FORBIDDEN, "comments are made");
	core_refused(g, commented(1, "red-1-hand", false), ERR_FORBIDDEN, "comments are made");
	core_refused(g, by(duplicate(1, 1), "judge-1"), ERR_FORBIDDEN, "by the direction");
	core_refused(g, by(appealed(1), "finance-blue"), ERR_NOT_FOUND, "no report 1");
	assert_int_equal(chain(g, 1)->state, REPORT_SUBMITTED);
	assert_int_equal(chain(g, 1)->comment_count, 2);
	game_free(g);
}

static void
refused_filing(struct game *g, int which, int64_t ms, const char *says)
{
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	r->times[which] = ms;
	core_refused(g, ev, ERR_INVALID, says);
}

static void
test_times(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	refused_filing(g, REPORT_DETECTED, CORE_START_MS, "before the drill began");
	refused_filing(g, REPORT_DETECTED, g->at_ms + 1001, "in the future");
	refused_filing(g, REPORT_DETECTED, 0, "\"detected\" is missing");
	refused_filing(g, REPORT_CONTAINED, CORE_START_MS + 14999, "before \"detected\"");
	refused_filing(g, REPORT_RECOVERED, g->at_ms + 1001, "\"recovered\" is in the future");
	core_must(g, filed_at(1, STAGE_INITIAL));
	ev = filed(1, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = 0;
	core_refused(g, ev, ERR_INVALID, "\"contained\" is missing");
	game_free(g);
}

static struct event
with_times(int32_t id, int64_t contained, int64_t eradicated, int64_t recovered)
{
	struct report_event *r;
	struct event ev = filed(id, STAGE_INITIAL, &r);

	r->times[REPORT_CONTAINED] = contained != 0 ? CORE_START_MS + contained : 0;
	r->times[REPORT_ERADICATED] = eradicated != 0 ? CORE_START_MS + eradicated : 0;
	r->times[REPORT_RECOVERED] = recovered != 0 ? CORE_START_MS + recovered : 0;
	return ev;
}

/* Contained, eradicated, recovered: in this order, at one moment if need be, and any of them may not be there yet. */
static void
test_order_of_times(void **state)
{
	struct game *g = report_game();

	(void)state;
	core_refused(g, with_times(1, 17000, 16000, 0), ERR_INVALID,
	    "\"eradicated\" is before \"contained\"");
	core_refused(g, with_times(1, 0, 17000, 16000), ERR_INVALID,
	    "\"recovered\" is before \"eradicated\"");
	core_refused(g, with_times(1, 17000, 0, 16000), ERR_INVALID,
	    "\"recovered\" is before \"contained\"");
	core_refused(g, with_times(1, 16000, 18000, 17000), ERR_INVALID, "then recovered");
	core_must(g, with_times(1, 16000, 16000, 16000));
	core_must(g, with_times(2, 16000, 0, 18000));
	core_must(g, with_times(3, 0, 0, 18000));
	game_free(g);
}

static void
test_other_refusals(void **state)
{
	struct game *g = core_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	core_refused(g, filed_at(1, STAGE_INITIAL), ERR_CONFLICT, "has not begun");
	core_refused(g, drafted(1, STAGE_INITIAL, "{}"), ERR_CONFLICT, "has not begun");
	game_free(g);
	g = report_game();
	ev = filed(1, STAGE_INITIAL, &r);
	r->class_code = "9999";
	core_refused(g, ev, ERR_INVALID, "GB/T 20986-2023");
	ev = filed(1, STAGE_INITIAL, &r);
	r->systems = "finance-portal";
	core_refused(g, ev, ERR_INVALID, "not your department's");
	ev = filed(1, STAGE_INITIAL, &r);
	r->systems = "portal";
	core_refused(g, ev, ERR_NOT_FOUND, "no system");
	ev = filed(1, STAGE_INITIAL, &r);
	r->year = 2026;
	core_refused(g, ev, ERR_INVALID, "year");
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, returned(2));
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	core_refused(g, filed_at(3, STAGE_INITIAL), ERR_CONFLICT, "has ended");
	core_refused(g, filed_at(1, STAGE_PROGRESS), ERR_CONFLICT, "has ended");
	core_must(g, filed_at(2, STAGE_INITIAL));
	game_free(g);
}

/* A clock that was wrong is set back over the turn of the year: no number is given twice. */
static void
test_numbers_by_year(void **state)
{
	static const int64_t year_ms = 365 * INT64_C(86400000);
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	core_must(g, filed_at(1, STAGE_INITIAL));
	g->at_ms += year_ms;
	ev = filed(2, STAGE_INITIAL, &r);
	r->year = 2028;
	core_must(g, ev);
	number_is(g, 2, "library-2028-001");
	g->at_ms -= year_ms;
	core_must(g, filed_at(3, STAGE_INITIAL));
	number_is(g, 3, "library-2027-002");
	g->at_ms += year_ms;
	ev = filed(4, STAGE_INITIAL, &r);
	r->year = 2028;
	core_must(g, ev);
	number_is(g, 4, "library-2028-002");
	game_free(g);
}

/* The level is proposed from the systems' importance and the loss; the report's own is kept beside it. */
static void
test_level(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	(void)state;
	r->systems = "library-portal"; /* MLPS 3 */
	r->loss = LOSS_SERIOUS;
	r->level = LEVEL_I;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->level, LEVEL_I);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_III);
	assert_int_equal(chain(g, 1)->systems.count, 1);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->importance = IMPORTANCE_ESPECIAL;
	r->loss = LOSS_SERIOUS;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_II);
	assert_int_equal(chain(g, 1)->systems.count, 0);
	game_free(g);
}

/*
 * The core's drill has 8 h: a third of everyday's limits. At level IV 40 min for the initial report, 2 h 40 min between
 * progress reports, 8 h from containment to the final one.
 */
static void
test_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_I) == 10 * 60000);
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_IV) == 40 * 60000);
	assert_true(report_limit_ms(g, STAGE_PROGRESS, LEVEL_III) == 160 * 60000);
	assert_true(report_limit_ms(g, STAGE_FINAL, LEVEL_II) == 480 * 60000);
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 15000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 5000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	/* A return does not excuse what was late, nor make late what was not. */
	core_must(g, returned(2));
	core_must(g, returned(1));
	report_later(g, 100000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	assert_false(report_last(chain(g, 1))->late);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 161 * 60000);
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_true(report_last(chain(g, 1))->late);
	report_later(g, 318 * 60000);
	core_must(g, filed_at(1, STAGE_FINAL));
	assert_false(report_last(chain(g, 1))->late);
	core_must(
	    g, filed_at(2, STAGE_FINAL)); /* the first that tells of a containment, long ago */
	assert_true(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A final report's limit runs from the containment as it was first claimed: a later claim moves nothing. */
static void
test_late_since_containment(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;
	int64_t now;

	(void)state;
	g->config->report_limits.ms[STAGE_FINAL][LEVEL_IV] = 60000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(2, STAGE_INITIAL));
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = now = g->at_ms;
	core_must(g, ev);
	report_later(g, 70000);
	ev = filed(1, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_true(report_last(chain(g, 1))->late);
	ev = filed(2, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = now + 11000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A pause is no time: the same report is in time when the clock stood still since its detection. */
static void
test_pause_makes_nothing_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 2000;
	ev = filed(1, STAGE_INITIAL, &r);
	r->times[REPORT_DETECTED] = g->at_ms;
	g->drill_ms = clocklog_drill_ms(&g->clock, g->at_ms);
	core_must(g, (struct event){.kind = EV_DRILL_PAUSED, .u.clock.reason = ""});
	g->at_ms += 3600000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	game_free(g);
}

/* DOMAIN section 3, state by state: which may follow, and no other. */
static void
test_every_step_of_the_life(void **state)
{
	static const char *const follow[REPORT_STATES] = {
	    [REPORT_DRAFT] = "submitted withdrawn",
	    [REPORT_SUBMITTED] = "triaged returned",
	    [REPORT_TRIAGED] = "under_review returned",
	    [REPORT_UNDER_REVIEW] = "returned rejected scored",
	    [REPORT_RETURNED] = "resubmitted",
	    [REPORT_RESUBMITTED] = "triaged under_review returned",
	    [REPORT_REJECTED] = "appealed final",
	    [REPORT_SCORED] = "appealed final",
	    [REPORT_APPEALED] = "rescored",
	    [REPORT_RESCORED] = "final",
	    [REPORT_FINAL] = "archived",
	    [REPORT_ARCHIVED] = "",
	    [REPORT_WITHDRAWN] = "",
	};

	(void)state;
	for (int from = 0; from < REPORT_STATES; from++) {
		const struct report_chain c = {.state = (enum report_state)from};
		char may[200] = "";

		for (int to = 0; to < REPORT_STATES; to++)
			if (report_may_become(&c, (enum report_state)to, NULL) == ERR_OK)
				snprintf(may + strlen(may), sizeof may - strlen(may), "%s%s",
				    may[0] != '\0' ? " " : "", term_id(&terms_report_states, to));
		assert_string_equal(may, follow[from]);
	}
}

static void
test_life(void **state)
{
	static const enum report_state way[] = {REPORT_TRIAGED, REPORT_UNDER_REVIEW, REPORT_SCORED};
	struct game *g = report_game();
	const struct report_chain *c;

	(void)state;
	core_must(g, filed_at(1, STAGE_INITIAL));
	c = chain(g, 1);
	core_refused(g, appealed(1), ERR_CONFLICT, "what may follow: triaged, returned");
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
		assert_int_equal(report_may_become(c, way[i], &core_why), ERR_OK);
		report_set_state(g, 1, way[i], g->at_ms);
		assert_int_equal(report_may_become(c, way[i], &core_why), ERR_CONFLICT);
	}
	core_refused(g, filed_at(1, STAGE_FINAL), ERR_CONFLICT, "the report is scored");
	core_refused(g, returned(1), ERR_CONFLICT, "what may follow: appealed, final");
	core_must(g, appealed(1));
	assert_int_equal(c->state, REPORT_APPEALED);
	assert_string_equal(c->appeal.by, "library-blue");
	report_set_state(g, 1, REPORT_RESCORED, g->at_ms);
	core_refused(g, appealed(1), ERR_CONFLICT, "once is all");
	report_set_state(g, 1, REPORT_FINAL, g->at_ms);
	assert_true(report_is_closed(c));
	report_set_state(g, 1, REPORT_ARCHIVED, g->at_ms);
	assert_int_equal(report_may_become(c, REPORT_FINAL, &core_why), ERR_CONFLICT);
	assert_non_null(strstr(core_why.text, "what may follow: nothing"));
	assert_int_equal(g->reports->states[REPORT_ARCHIVED], 1);
	game_free(g);
}

/* What was judged or measured is not overwritten by what a department files next. */
static void
test_judged_times_stay(void **state)
{
	struct game *g = report_game();
	const struct report_chain *c;

	(void)state;
	core_must(g, filed_at(1, STAGE_INITIAL));
	c = chain(g, 1);
	report_set_time(g, 1, REPORT_ATTACKED, CORE_START_MS + 12000, TIME_MEASURED);
	report_set_time(g, 1, REPORT_DETECTED, CORE_START_MS + 16000, TIME_JUDGED);
	core_must(g, filed_at(1, STAGE_FINAL));
	assert_true(c->times[REPORT_ATTACKED].ms == CORE_START_MS + 12000);
	assert_true(c->times[REPORT_DETECTED].ms == CORE_START_MS + 16000);
	assert_int_equal(c->times[REPORT_DETECTED].source, TIME_JUDGED);
	assert_true(c->times[REPORT_CONTAINED].ms == CORE_START_MS + 15500);
	report_set_time(g, 1, REPORT_REPORTED, CORE_START_MS + 17000, TIME_JUDGED);
	assert_true(chain(g, 1)->times[REPORT_REPORTED].ms == CORE_START_MS + 17000);
	report_set_time(g, 1, REPORT_REPORTED, 0, TIME_JUDGED);
	assert_true(chain(g, 1)->times[REPORT_REPORTED].ms == chain(g, 1)->first_ms);
	assert_int_equal(chain(g, 1)->times[REPORT_REPORTED].source, TIME_MEASURED);
	report_set_time(g, 1, REPORT_DETECTED, 0, TIME_JUDGED);
	assert_true(c->times[REPORT_DETECTED].ms == CORE_START_MS + 15000);
	assert_int_equal(c->times[REPORT_DETECTED].source, TIME_CLAIMED);
	game_free(g);
}

static void
test_duplicates(void **state)
{
	struct game *g = report_game();

	(void)state;
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, of_finance(filed_at(3, STAGE_INITIAL)));
	core_must(g, drafted(4, STAGE_INITIAL, "{}"));
	core_refused(g, duplicate(2, 2), ERR_INVALID, "another one of the same department");
	core_refused(g, duplicate(2, 3), ERR_INVALID, "another one of the same department");
	core_refused(g, duplicate(2, 4), ERR_NOT_FOUND, "no report 4 has been filed");
	core_refused(g, duplicate(2, 0), ERR_CONFLICT, "is not marked");
	core_must(g, duplicate(2, 1));
	core_refused(g, duplicate(2, 1), ERR_CONFLICT, "marked so already");
	core_refused(g, duplicate(1, 2), ERR_CONFLICT, "a duplicate itself, of report 1");
	core_must(g, duplicate(2, 0));
	assert_int_equal(chain(g, 2)->duplicate_of, 0);
	game_free(g);
}

/* A published bundle has no secrets: everything but the words is folded from it. */
static void
test_without_secrets(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	(void)state;
	r->text = "";
	core_must(g, ev);
	ev = returned(1);
	((struct report_event *)(uintptr_t)ev.u.report)->reason = "";
	core_must(g, ev);
	assert_string_equal(report_last(chain(g, 1))->text, "");
	assert_int_equal(chain(g, 1)->state, REPORT_RETURNED);
	game_free(g);
}

/* Texts, names and phone numbers are in the secret alone. */
static void
test_text(void **state)
{
	struct report_event *r;
	struct event ev = filed(3, STAGE_FINAL, &r);

	(void)state;
	r->text = "{\"phone\":\"139\"}";
	r->systems = "library-portal";
	core_text_is(ev,
	    "{\"class\":\"0107\",\"contained\":1813453215500,\"detected\":1813453215000,"
	    "\"eradicated\":0,\"id\":3,\"importance\":\"ordinary\",\"level\":\"IV\",\"loss\":"
	    "\"minor\",\"recovered\":0,\"stage\":\"final\",\"systems\":\"library-portal\",\"team\":"
	    "\"library\",\"year\":2027}",
	    "{\"text\":\"{\\\"phone\\\":\\\"139\\\"}\"}");
	core_text_is(drafted(1, STAGE_INITIAL, "{}"),
	    "{\"id\":1,\"stage\":\"initial\",\"team\":\"library\"}", "{\"text\":\"{}\"}");
	core_text_is(duplicate(2, 1), "{\"id\":2,\"of\":1}", "{\"reason\":\"\"}");
	core_cannot_decode(
	    EV_REPORT_DRAFTED, "{\"id\":1,\"stage\":\"last\",\"team\":\"a\"}", "report stage");
	core_cannot_decode(
	    EV_REPORT_DRAFTED, "{\"id\":0,\"stage\":\"final\",\"team\":\"a\"}", "id");
	core_cannot_decode(EV_REPORT_COMMENTED, "{\"id\":1}", "internal");
	core_cannot_decode(
	    EV_REPORT_SUBMITTED, "{\"id\":1,\"stage\":\"final\",\"team\":\"a\"}", "detected");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_chain),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_return),
	    cmocka_unit_test(test_withdrawal),
	    cmocka_unit_test(test_who),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_order_of_times),
	    cmocka_unit_test(test_other_refusals),
	    cmocka_unit_test(test_numbers_by_year),
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_late_since_containment),
	    cmocka_unit_test(test_pause_makes_nothing_late),
	    cmocka_unit_test(test_every_step_of_the_life),
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_judged_times_stay),
	    cmocka_unit_test(test_duplicates),
	    cmocka_unit_test(test_without_secrets),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
