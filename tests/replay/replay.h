/*
 * Replays: the real drill (fold, journal on disk, clock, checkpoints, feed) on clocks that a test moves. Two
 * clocks, as in life: wall time and monotonic time, moved together by `pass`, apart by the fields. There is no
 * checker process; `checked` reports what one would have. Each call does what one turn of the server's loop does.
 */
#ifndef TESTS_REPLAY_REPLAY_H
#define TESTS_REPLAY_REPLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "api/board.h"
#include "api/drill.h"
#include "api/feed.h"
#include "store/verify.h"
#include <ftw.h>
#include <unistd.h>

#define REPLAY_WALL_MS 1813453200000 /* 2027-06-20T01:00:00Z */
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

struct replay {
	char dir[64];
	struct scenario scenario;
	struct scenario_account accounts[2];
	struct team_config teams[3];
	struct service_config services[1];
	struct system_config systems[2];
	struct scenario_system places[2];
	struct challenge challenge;
	int64_t wall_ms, mono_ms;
	struct drill *drill;
	uint64_t committed; /* what the owner was told of last */
};

static inline int64_t
replay_wall(void *ctx)
{
	return ((struct replay *)ctx)->wall_ms;
}

static inline int64_t
replay_mono(void *ctx)
{
	return ((struct replay *)ctx)->mono_ms;
}

static inline void
replay_committed(void *ctx, uint64_t seq)
{
	((struct replay *)ctx)->committed = seq;
}

static inline void
replay_notify(void *ctx)
{
	(void)ctx; /* `turn` waits for the writer itself */
}

static inline void
replay_failed(void *ctx, const char *why)
{
	(void)ctx;
	fail_msg("the journal failed: %s", why);
}

/* Two departments with a portal each, one red team that belongs to the second; ticks of one minute. */
static inline void
replay_scenario(struct replay *r)
{
	struct drill_config *c = &r->scenario.config;

	r->teams[0] = (struct team_config){.id = "library", .name = {"图书馆", "Library"}};
	r->teams[1] = (struct team_config){.id = "finance", .name = {"财务处", "Finance"}};
	r->teams[2] = (struct team_config){
	    .id = "red-1", .name = {"红队", "Red"}, .kind = TEAM_RED, .home = "finance"};
	r->services[0] =
	    (struct service_config){.id = "portal", .name = {"门户", "Portal"}, .weight = 1};
	for (int i = 0; i < 2; i++)
		r->systems[i] =
		    (struct system_config){.id = i == 0 ? "library-portal" : "finance-portal",
			.name = {"门户", "Portal"},
			.team = (uint16_t)i,
			.mlps = 2,
			.slots = 1,
			.weight = 1};
	r->accounts[0] = (struct scenario_account){"red-1", ROLE_RED, "red-1"};
	r->accounts[1] = (struct scenario_account){"boss", ROLE_DIRECTOR, ""};
	*c = (struct drill_config){.id = "replay",
	    .name = {"演练", "Replay"},
	    .time_zone = "Asia/Shanghai",
	    .tick_ms = MINUTE,
	    .ticks = 480,
	    .flag_ticks = 5,
	    .flag_prefix = "DRILL",
	    .policy = "faust",
	    .teams = r->teams,
	    .team_count = 3,
	    .services = r->services,
	    .service_count = 1,
	    .systems = r->systems,
	    .system_count = 2};
	r->scenario.accounts = r->accounts;
	r->scenario.account_count = 2;
	r->challenge =
	    (struct challenge){.id = "portal", .port = 8080, .timeout_ms = 5000, .slots = 1};
	for (int i = 0; i < 2; i++)
		r->places[i] = (struct scenario_system){
		    .challenge = "portal", .host = "10.0.0.1", .port = 8080 + i};
	r->scenario.systems = r->places;
	r->scenario.challenges = &r->challenge;
	r->scenario.challenge_count = 1;
}

/* What a turn of the loop does: the clock's work, the commit, what follows a commit, until all is told. */
static inline void
turn(struct replay *r)
{
	drill_turn(r->drill);
	do {
		drill_flush(r->drill);
		drill_settle(r->drill);
		drill_reap(r->drill);
	} while (!drill_durable(r->drill));
	/* Frames wait a little for more under load; here each turn's go out by its end. */
	feed_step(r->drill->feed, feed_due_ms(r->drill->feed));
}

static inline void
replay_open(struct replay *r)
{
	struct drill_options o = {.scenario = &r->scenario,
	    .dir = r->dir,
	    .notify = replay_notify,
	    .wall_ms = replay_wall,
	    .mono_ms = replay_mono,
	    .committed = replay_committed,
	    .failed = replay_failed,
	    .ctx = r};
	struct why why = {""};
	bool fresh;

	if (drill_open(&o, &r->drill, &fresh, &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(r);
}

/* The server stops, and its memory is gone. The clocks move on by as much as the caller says. */
static inline void
replay_reopen(struct replay *r, int64_t down_ms)
{
	drill_close(r->drill);
	r->wall_ms += down_ms;
	r->mono_ms = 5; /* a new boot: monotonic time begins anew */
	replay_open(r);
}

static inline struct replay *
replay_new(void)
{
	struct replay *r = calloc(1, sizeof(*r));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(r);
	snprintf(r->dir, sizeof(r->dir), "%s/drill-replay-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(r->dir));
	r->wall_ms = REPLAY_WALL_MS;
	r->mono_ms = 1000000;
	replay_scenario(r);
	return r;
}

static inline int
replay_unlink(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void
replay_free(struct replay *r)
{
	drill_close(r->drill);
	nftw(r->dir, replay_unlink, 8, FTW_DEPTH | FTW_PHYS);
	free(r);
}

/* ---- events ---- */

static inline void
pass(struct replay *r, int64_t ms)
{
	r->wall_ms += ms;
	r->mono_ms += ms;
	turn(r);
}

/* Time passes as the server lives it: each thing is done when it is due, no earlier, no later. */
static inline void
run_for(struct replay *r, int64_t ms)
{
	int64_t until = r->mono_ms + ms, next;

	while ((next = drill_next_ms(r->drill)) <= until)
		pass(r, next > r->mono_ms ? next - r->mono_ms : 0);
	pass(r, until - r->mono_ms);
}

static inline enum err
try_clock(struct replay *r, const char *action, int32_t tick)
{
	struct why why = {""};
	enum err e = drill_clock(r->drill, action, tick, "", "boss", &why);

	turn(r);
	return e;
}

static inline void
clock_hand(struct replay *r, const char *action)
{
	assert_int_equal(try_clock(r, action, -1), ERR_OK);
}

static inline void
checked(struct replay *r, uint32_t system, enum status status)
{
	struct check_result result = {.system = system,
	    .tick = r->drill->game->tick,
	    .status = status,
	    .ms = 12,
	    .message = status == ST_OK ? "" : "does not answer",
	    .trace = "a trace",
	    .saved = "{\"user\":\"u1\"}",
	    .state = ""};

	drill_check_result(r->drill, &result);
	turn(r);
}

static inline void
flag_of(struct replay *r, uint16_t system, int32_t tick, char text[FLAG_TEXT_BYTES])
{
	struct flag f = {.tick = tick, .system = system};

	flag_write(r->drill->codec, &f, text);
}

static inline enum verdict
submit(struct replay *r, uint16_t system, int32_t tick)
{
	const struct account *red = accounts_find(&r->drill->game->accounts, "red-1");
	char text[FLAG_TEXT_BYTES];
	enum verdict v;
	struct submission s;

	flag_of(r, system, tick, text);
	v = drill_submit(r->drill, red, text, strlen(text), &s);
	turn(r);
	return v;
}

/* ---- what must hold ---- */

/* The whole board as organizers see it, feed and all; the time of day, which is no fact of the journal, blotted out. */
static inline char *
board_of(struct replay *r)
{
	struct buf out;
	char *text, *now;

	buf_init(&out, BOARD_MAX_BYTES);
	board_write(r->drill, LIVE_DIRECTOR, &out);
	text = buf_take(&out, NULL);
	now = strstr(text, "\"now\":");
	assert_non_null(now);
	memset(now, '-', strcspn(now, ","));
	return text;
}

static inline void
assert_verifies(const struct replay *r, uint64_t checkpoints)
{
	struct game *g = game_new();
	struct verify_report report;
	struct why why = {""};

	if (verify_dir(r->dir, g, &report, &why) != ERR_OK)
		fail_msg("event %llu: %s %s", (unsigned long long)report.bad_seq, report.problem,
		    why.text);
	assert_int_equal(report.events, r->drill->game->seq);
	assert_int_equal(report.checkpoints, checkpoints);
	game_free(g);
}

#endif
