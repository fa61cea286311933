/*
 * A small drill for tests of records in the fold: two departments, two red teams, an account each and three of the staff;
 * and what such tests ask of an event: that it is taken, that it is refused, what its texts are.
 */
#ifndef TESTS_CORE_RIG_H
#define TESTS_CORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/game.h"

enum { LIBRARY, FINANCE, RED_1, RED_2, CORE_TEAMS };

#define CORE_START_MS 1813453200000

static struct team_config core_teams[CORE_TEAMS] = {
    {.id = "library", .name = {"l", "l"}},
    {.id = "finance", .name = {"f", "f"}},
    {.id = "red-1", .name = {"r", "r"}, .kind = TEAM_RED},
    {.id = "red-2", .name = {"r", "r"}, .kind = TEAM_RED},
};
static struct service_config core_services[] = {{"portal", {"p", "p"}, 1}};
static struct system_config core_systems[] = {
    {.id = "library-portal",
	.name = {"p", "p"},
	.team = LIBRARY,
	.mlps = 3,
	.slots = 1,
	.weight = 1},
    {.id = "finance-portal",
	.name = {"p", "p"},
	.team = FINANCE,
	.mlps = 2,
	.slots = 1,
	.weight = 1},
};
static struct drill_config core_config = {.id = "d",
    .name = {"d", "d"},
    .time_zone = "UTC",
    .tick_ms = 60000,
    .ticks = 480,
    .flag_ticks = 3,
    .flag_prefix = "DRILL",
    .policy = "faust",
    .teams = core_teams,
    .team_count = CORE_TEAMS,
    .services = core_services,
    .service_count = 1,
    .systems = core_systems,
    .system_count = 2};

static struct why core_why;
static struct arena core_arena;
static struct event core_event;

/* Applies it at the game's present drill time, a second of wall time after the last one. */
static inline enum err
core_apply(struct game *g, struct event ev)
{
	ev.seq = g->seq + 1;
	ev.at_ms = g->at_ms > 0 ? g->at_ms + 1000 : CORE_START_MS;
	ev.drill_ms = g->drill_ms;
	if (ev.actor == NULL)
		ev.actor = "chief";
	core_why.text[0] = '\0';
	return game_apply(g, &ev, &core_why);
}

static inline void
core_must(struct game *g, struct event ev)
{
	if (core_apply(g, ev) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev.kind), core_why.text);
}

/* Refused alike by the question and by the fold. */
static inline void
core_refused(struct game *g, struct event ev, enum err e, const char *says)
{
	uint64_t seq = g->seq;

	core_why.text[0] = '\0';
	ev.at_ms = g->at_ms + 1000;
	ev.drill_ms = g->drill_ms;
	if (ev.actor == NULL)
		ev.actor = "chief";
	assert_int_equal(game_allows(g, &ev, &core_why), e);
	if (strstr(core_why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", core_why.text, says);
	assert_int_equal(core_apply(g, ev), ERR_CORRUPT);
	assert_non_null(strstr(core_why.text, says));
	assert_true(g->seq == seq);
}

static inline void
core_account(struct game *g, const char *id, enum role role, const char *team)
{
	core_must(g, (struct event){.kind = EV_ACCOUNT_CREATED,
			 .u.account = {.account = id, .role = role, .team = team, .value = ""}});
}

/* Opened, not started. */
static inline struct game *
core_game(void)
{
	struct game *g = game_new();

	core_must(g, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &core_config});
	core_account(g, "library-blue", ROLE_BLUE, "library");
	core_account(g, "finance-blue", ROLE_BLUE, "finance");
	core_account(g, "red-1-hand", ROLE_RED, "red-1");
	core_account(g, "red-2-hand", ROLE_RED, "red-2");
	core_account(g, "chief", ROLE_DIRECTOR, "");
	core_account(g, "judge-1", ROLE_JUDGE, "");
	core_account(g, "judge-2", ROLE_JUDGE, "");
	core_account(g, "judge-3", ROLE_JUDGE, "");
	core_account(g, "leader", ROLE_LEADER, "");
	return g;
}

/* For the rest of the test program. */
static inline struct event *
core_decode(enum event_kind kind, const char *body, const char *secret)
{
	core_event = (struct event){.kind = kind};
	if (event_decode(&core_event, body, strlen(body), secret, strlen(secret), &core_arena, NULL,
		&core_why) != ERR_OK)
		fail_msg("%s: %s", body, core_why.text);
	return &core_event;
}

static inline void
core_cannot_decode(enum event_kind kind, const char *body, const char *says)
{
	struct event ev = {.kind = kind};

	assert_int_equal(event_decode(&ev, body, strlen(body), "", 0, &core_arena, NULL, &core_why),
	    ERR_INVALID);
	if (strstr(core_why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", core_why.text, says);
}

static inline void
core_encode(const struct event *ev, struct buf *body, struct buf *secret)
{
	buf_init(body, EVENT_BODY_MAX_BYTES);
	buf_init(secret, EVENT_BODY_MAX_BYTES);
	assert_int_equal(event_encode(ev, body, secret), ERR_OK);
}

/* These are its texts, and an event that is read from them has the same texts. */
static inline void
core_text_is(struct event ev, const char *body, const char *secret)
{
	struct buf b, s;

	for (int i = 0; i < 2; i++) {
		core_encode(&ev, &b, &s);
		assert_string_equal(b.data, body);
		assert_string_equal(s.len > 0 ? s.data : "", secret);
		ev = *core_decode(ev.kind, body, secret);
		buf_free(&b);
		buf_free(&s);
	}
}

static inline int
core_rig_close(void **state)
{
	(void)state;
	arena_free(&core_arena);
	return 0;
}

#endif
