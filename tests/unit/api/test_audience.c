/* What each audience is told of an event: feed and board over a small real game. */
#include "audience_rig.h"

static void
report(struct replay *r, uint32_t system, const char *message, const char *trace)
{
	struct check_result result = {.system = system,
	    .tick = r->drill->game->tick,
	    .status = ST_DOWN,
	    .message = message,
	    .trace = trace,
	    .saved = "",
	    .state = ""};

	drill_check_result(r->drill, &result);
}

/* The public sees the status; the department also its message; the staff also the trace; nobody else more. */
static void
test_audiences_of_a_check(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f = rig->hub->frames;

	report(rig->r, 0, "the-message", "the-trace");
	turn(rig->r);
	assert_int_equal(rig->hub->count, 1);
	assert_has(f->public_, "\"status\":\"down\"", true);
	assert_has(f->public_, "the-message", false);
	assert_has(f->public_, "the-trace", false);
	assert_has(f->staff, "the-message", true);
	assert_has(f->staff, "the-trace", true);
	assert_int_equal(f->part_count, 1);
	assert_int_equal(f->team[0], 0);
	assert_has(f->part[0], "the-message", true);
	assert_has(f->part[0], "the-trace", false);
}

static struct fake_frame *
announce(struct rig *rig, const char *to)
{
	struct announcement_event a = {.to = to,
	    .id = (int32_t)rig->r->drill->game->announcements->count + 1,
	    .title = "the-title",
	    .text = "the-text",
	    .account = "",
	    .reason = ""};

	return emit(rig,
	    (struct event){.kind = EV_ANNOUNCEMENT_MADE, .actor = "boss", .u.announcement = &a});
}

/* An announcement reaches whom it is for, and staff; the others are not even told that there is one. */
static void
test_announcements_reach_theirs(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f = announce(rig, "all");

	assert_has(f->public_, "the-text", true);
	assert_has(f->staff, "the-text", true);
	assert_int_equal(f->part_count, 0);
	f = announce(rig, "library");
	assert_null(f->public_);
	assert_has(f->staff, "the-text", true);
	assert_int_equal(f->part_count, 1);
	assert_int_equal(f->team[0], 0);
	assert_has(f->part[0], "the-text", true);
	f = announce(rig, "red");
	assert_null(f->public_);
	for (size_t i = 0; i < f->part_count; i++)
		assert_int_equal(rig->r->drill->game->config->teams[f->team[i]].kind, TEAM_RED);
	assert_true(f->part_count > 0);
}

/* In one frame with two departments each gets its own message and the other's status only. */
static void
test_departments_see_only_their_own(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f = rig->hub->frames;

	report(rig->r, 0, "for-library", "");
	report(rig->r, 1, "for-finance", "");
	turn(rig->r);
	assert_int_equal(rig->hub->count, 1);
	assert_int_equal(f->part_count, 2);
	assert_has(f->part[0], "for-library", true);
	assert_has(f->part[0], "for-finance", false);
	assert_has(f->part[1], "for-library", false);
	assert_has(f->part[1], "for-finance", true);
	assert_has(f->part[1], "\"system\":\"library-portal\"", true);
}

/* Accounts, and above all their secrets, are told to nobody. */
static void
test_accounts_are_not_told(void **state)
{
	struct rig *rig = *state;
	struct why why;

	assert_int_equal(
	    drill_account_create(rig->r->drill, "eve", ROLE_JUDGE, "", "boss", &why), ERR_OK);
	turn(rig->r);
	assert_int_equal(rig->hub->count, 0);
	assert_int_equal(submit(rig->r, 0, 0), V_OK);
	assert_int_equal(rig->hub->count, 1);
	assert_has(rig->hub->frames[0].staff, "eve", false);
	assert_has(rig->hub->frames[0].public_, "\"first\":true", true);
}

/* A large backlog goes out as several frames of bounded size, each event in one of them, in order. */
static void
test_backlog_is_split(void **state)
{
	struct rig *rig = *state;
	uint64_t last = 0;
	size_t bytes = 0;

	rig->r->mono_ms += 400 * MINUTE;
	turn(rig->r);
	assert_in_range(rig->hub->count, 2, FAKE_FRAMES_MAX);
	for (size_t i = 0; i < rig->hub->count; i++) {
		const struct fake_frame *f = &rig->hub->frames[i];

		assert_true(f->seq > last);
		last = f->seq;
		bytes += strlen(f->public_);
		assert_in_range(strlen(f->public_), 30, 300 * 1024);
		assert_int_equal(strncmp(f->public_, "{\"type\":\"deltas\",\"deltas\":[{", 28), 0);
		assert_string_equal(f->public_ + strlen(f->public_) - 3, "}]}");
	}
	assert_int_equal(last, rig->r->drill->game->seq);
	assert_true(bytes > 256 * 1024);
}

static char *
kept(struct rig *rig)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 1024 * 1024);
	jw_begin(&w, &out);
	jw_array(&w);
	feed_write_kept(rig->r->drill->feed, &w);
	jw_array_end(&w);
	return buf_take(&out, NULL);
}

static size_t
count_of(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part)) != NULL) {
		n++;
		text += strlen(part);
	}
	return n;
}

/* The feed on the board holds what is news: captures, the clock, and changes of status, not each check. */
static void
test_only_news_is_kept(void **state)
{
	struct rig *rig = *state;
	char *text;

	for (int i = 0; i < 4; i++) {
		checked(rig->r, 0, i < 2 ? ST_OK : ST_DOWN);
		run_for(rig->r, MINUTE);
	}
	assert_int_equal(submit(rig->r, 0, 3), V_OK);
	text = kept(rig);
	assert_int_equal(count_of(text, "\"kind\":\"drill.started\""), 1);
	assert_int_equal(count_of(text, "\"kind\":\"check.done\""), 1); /* ok -> down */
	assert_int_equal(count_of(text, "\"kind\":\"flag.captured\""), 1);
	assert_int_equal(count_of(text, "\"kind\":"), 3);
	assert_has(text, "a trace", false);
	free(text);
}

/* The last sixty, oldest first. */
static void
test_kept_is_bounded(void **state)
{
	struct rig *rig = *state;
	struct json_t *j;
	struct why why;
	char *text;

	for (int i = 0; i < 40; i++) {
		clock_hand(rig->r, "pause");
		clock_hand(rig->r, "resume");
	}
	text = kept(rig);
	assert_int_equal(jr_parse(text, strlen(text), &j, &why), ERR_OK);
	assert_int_equal(jr_count(j), FEED_KEEP);
	for (size_t i = 1; i < FEED_KEEP; i++)
		assert_true(jr_integer(jr_get(jr_at(j, i), "seq"), 0) >
			    jr_integer(jr_get(jr_at(j, i - 1), "seq"), 0));
	assert_int_equal(
	    jr_integer(jr_get(jr_at(j, FEED_KEEP - 1), "seq"), 0), rig->r->drill->game->seq);
	jr_free(j);
	free(text);
}

/* ---- holds and voids ---- */

static void
hold_library(struct rig *rig)
{
	uint16_t system = 0;
	struct system_list l = {&system, 1};
	struct why why;
	int32_t id;

	assert_int_equal(
	    drill_hold(rig->r->drill, "", &l, "the-reason", "boss", &id, &why), ERR_OK);
	turn(rig->r);
}

/* A void of the library's checks of tick 0, which has closed. */
static int32_t
propose(struct rig *rig)
{
	uint16_t system = 0;
	struct system_list l = {&system, 1};
	struct why why;
	int32_t id;

	assert_int_equal(
	    drill_void_propose(rig->r->drill, &l, 0, 0, "the-reason", "boss", &id, &why), ERR_OK);
	turn(rig->r);
	return id;
}

static void
decide(struct rig *rig, int32_t id, bool adopt)
{
	struct why why;

	assert_int_equal(
	    drill_void_decide(rig->r->drill, id, adopt, "the-reason", "boss", &why), ERR_OK);
	turn(rig->r);
}

static const struct fake_frame *
frame_of(const struct rig *rig, const char *kind)
{
	for (size_t i = rig->hub->count; i > 0; i--)
		if (strstr(rig->hub->frames[i - 1].staff, kind) != NULL)
			return &rig->hub->frames[i - 1];
	fail_msg("no frame has %s", kind);
	return NULL;
}

/* Everybody learns of it; why, and nobody's name, only staff and the department concerned. */
static void
assert_public_fact(const struct fake_frame *f, const char *kind)
{
	assert_has(f->public_, kind, true);
	assert_has(f->public_, "\"system\":\"library-portal\"", true);
	assert_has(f->public_, "the-reason", false);
	assert_has(f->staff, "the-reason", true);
	assert_has(f->staff, "boss", false);
	assert_int_equal(f->part_count, 1);
	assert_int_equal(f->team[0], 0);
	assert_string_equal(f->part[0], f->staff);
}

static void
test_audiences_of_a_hold(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f;
	struct why why;
	char *text;

	hold_library(rig);
	f = frame_of(rig, "\"kind\":\"checks.held\"");
	assert_public_fact(f, "\"kind\":\"checks.held\"");
	assert_has(f->public_, "\"systems\":[\"library-portal\"]", true);
	checked(rig->r, 0, ST_NONE); /* the hold has been told; this is no news */
	assert_int_equal(drill_release(rig->r->drill, 1, "the-reason", "boss", &why), ERR_OK);
	turn(rig->r);
	assert_public_fact(frame_of(rig, "\"kind\":\"checks.released\""), "checks.released");
	text = kept(rig);
	assert_int_equal(count_of(text, "\"kind\":\"checks.held\""), 1);
	assert_int_equal(count_of(text, "\"kind\":\"checks.released\""), 1);
	assert_int_equal(count_of(text, "\"kind\":\"check.done\""), 0);
	assert_has(text, "the-reason", false);
	assert_has(text, "\"systems\":", false);
	free(text);
}

/* A proposal is staff's alone, and so is the end of one that never counted. */
static void
test_a_proposal_is_internal(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f;
	char *text;

	run_for(rig->r, MINUTE);
	decide(rig, propose(rig), false);
	f = frame_of(rig, "void.proposed");
	assert_null(f->public_);
	assert_int_equal(f->part_count, 0);
	assert_has(f->staff, "the-reason", true);
	f = frame_of(rig, "void.dropped");
	assert_null(f->public_);
	assert_int_equal(f->part_count, 0);
	assert_has(f->staff, "\"ranking\"", false);
	text = kept(rig);
	assert_has(text, "void.", false);
	free(text);
}

/* With an adoption, and with its undoing, go the scores that they make. */
static void
test_audiences_of_a_void(void **state)
{
	struct rig *rig = *state;
	const struct fake_frame *f;
	char *text;

	checked(rig->r, 0, ST_OK);
	run_for(rig->r, MINUTE);
	decide(rig, propose(rig), true);
	f = frame_of(rig, "void.adopted");
	assert_public_fact(f, "\"kind\":\"void.adopted\"");
	assert_has(f->public_, "\"ranking\":[{", true);
	assert_has(f->public_, "\"rows\":[{", true);
	assert_has(f->public_, "\"history\":{\"first_tick\":0,\"ticks\":[0]", true);
	assert_has(f->public_, "\"systems\":[\"library-portal\"]", true);
	decide(rig, 1, false);
	f = frame_of(rig, "void.dropped");
	assert_public_fact(f, "\"kind\":\"void.dropped\"");
	assert_has(f->public_, "\"ranking\":[{", true);
	text = kept(rig);
	assert_int_equal(count_of(text, "\"kind\":\"void."), 2);
	assert_has(text, "\"ranking\"", false);
	assert_has(text, "\"history\"", false);
	free(text);
}

/* Deltas of checks around one keep their order and their own audiences. */
static void
test_a_void_stands_alone(void **state)
{
	struct rig *rig = *state;
	struct why why;
	size_t n;
	int32_t id;

	run_for(rig->r, MINUTE);
	id = propose(rig);
	n = rig->hub->count;
	report(rig->r, 0, "for-library", "");
	assert_int_equal(
	    drill_void_decide(rig->r->drill, id, true, "the-reason", "boss", &why), ERR_OK);
	report(rig->r, 1, "for-finance", "");
	turn(rig->r);
	assert_in_range(rig->hub->count, n + 3, n + 4); /* the checkpoint may have one of its own */
	assert_has(rig->hub->frames[n].part[0], "for-library", true);
	assert_has(rig->hub->frames[n].public_, "void.adopted", false);
	assert_has(rig->hub->frames[n + 1].public_, "void.adopted", true);
	assert_has(rig->hub->frames[n + 1].public_, "check.done", false);
	assert_has(rig->hub->frames[n + 2].part[0], "for-finance", true);
	assert_true(rig->hub->frames[n].seq < rig->hub->frames[n + 1].seq &&
		    rig->hub->frames[n + 1].seq < rig->hub->frames[n + 2].seq);
}

/* ---- the board ---- */

static char *
board(struct rig *rig, int audience)
{
	struct buf out;

	buf_init(&out, BOARD_MAX_BYTES);
	board_write(rig->r->drill, audience, &out);
	assert_int_equal(buf_err(&out), ERR_OK);
	return buf_take(&out, NULL);
}

static void
test_board_by_audience(void **state)
{
	struct rig *rig = *state;
	static const struct {
		int audience;
		bool message, trace;
	} cases[] = {{LIVE_PUBLIC, false, false}, {0, true, false}, {1, false, false},
	    {LIVE_DIRECTOR, true, true}};

	report(rig->r, 0, "the-message", "the-trace");
	turn(rig->r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = board(rig, cases[i].audience);

		assert_has(text, "\"status\":\"down\"", true);
		assert_has(text, "the-message", cases[i].message);
		assert_has(text, "the-trace", cases[i].trace);
		free(text);
	}
}

/* Urgent announcements in force are on the board of whom they are for. */
static void
test_urgent_on_the_board(void **state)
{
	static const int all[] = {LIVE_PUBLIC, 0, 1, LIVE_DIRECTOR};
	struct rig *rig = *state;
	struct announcement_event a = {.id = 1,
	    .to = "library",
	    .urgent = true,
	    .title = "the-urgent",
	    .text = "",
	    .account = "",
	    .reason = "over"};
	struct event ev = {.kind = EV_ANNOUNCEMENT_MADE, .actor = "boss", .u.announcement = &a};

	for (int round = 0; round < 2; round++) {
		(void)emit(rig, ev);
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			char *text = board(rig, all[i]);

			assert_has(text, "the-urgent",
			    round == 0 && (all[i] == 0 || all[i] == LIVE_DIRECTOR));
			free(text);
		}
		ev.kind = EV_ANNOUNCEMENT_WITHDRAWN;
	}
}

/* However long the drill, a line has at most 500 points, the first and the last among them. */
static void
test_history_is_thinned(void **state)
{
	struct rig *rig = *state;
	const struct json_t *ticks;
	struct json_t *j;
	struct why why;
	char *text;

	rig->r->drill->game->config->ticks = 2000; /* as if the scenario had said so */
	rig->r->drill->game->last_tick = 1999;
	rig->r->mono_ms += 1200 * MINUTE;
	feed_attach(rig->r->drill->feed, NULL);
	turn(rig->r);
	text = board(rig, LIVE_PUBLIC);
	assert_int_equal(jr_parse(text, strlen(text), &j, &why), ERR_OK);
	ticks = jr_get(jr_get(j, "history"), "ticks");
	assert_int_equal(jr_count(ticks), 500);
	assert_int_equal(jr_integer(jr_at(ticks, 0), -1), 0);
	assert_int_equal(jr_integer(jr_at(ticks, 499), -1), 1199);
	assert_int_equal(jr_count(jr_get(jr_get(jr_get(j, "history"), "totals"), "library")), 500);
	jr_free(j);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_audiences_of_a_check),
	    TEST(test_announcements_reach_theirs),
	    TEST(test_departments_see_only_their_own),
	    TEST(test_accounts_are_not_told),
	    TEST(test_backlog_is_split),
	    TEST(test_only_news_is_kept),
	    TEST(test_kept_is_bounded),
	    TEST(test_audiences_of_a_hold),
	    TEST(test_a_proposal_is_internal),
	    TEST(test_audiences_of_a_void),
	    TEST(test_a_void_stands_alone),
	    TEST(test_board_by_audience),
	    TEST(test_urgent_on_the_board),
	    TEST(test_history_is_thinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
