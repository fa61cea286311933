/*
 * Holds and voids in the fold: every refusal, and that a drill with voids adopted and dropped in any order stands
 * where it would had the void checks never been made.
 */
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

enum {
	BLUES = 3,
	REDS = 2,
	TEAMS = BLUES + REDS,
	SERVICES = 2,
	SYSTEMS = BLUES * SERVICES,
	TICKS = 40
};

static struct team_config teams[TEAMS] = {
    {.id = "library", .name = {"l", "l"}},
    {.id = "finance", .name = {"f", "f"}},
    {.id = "nop", .name = {"n", "n"}, .nop = true},
    {.id = "red-1", .name = {"r", "r"}, .kind = TEAM_RED, .home = "finance"},
    {.id = "red-2", .name = {"r", "r"}, .kind = TEAM_RED},
};
static struct service_config services[SERVICES] = {
    {"portal", {"p", "p"}, 1}, {"mail", {"m", "m"}, 1}};
static struct system_config systems[SYSTEMS] = {
    {.id = "library-portal", .name = {"p", "p"}, .team = 0, .service = 0, .slots = 2, .weight = 1},
    {.id = "library-mail", .name = {"p", "p"}, .team = 0, .service = 1, .slots = 1, .weight = 1},
    {.id = "finance-portal", .name = {"p", "p"}, .team = 1, .service = 0, .slots = 1, .weight = 1},
    {.id = "finance-mail", .name = {"p", "p"}, .team = 1, .service = 1, .slots = 1, .weight = 1},
    {.id = "nop-portal", .name = {"p", "p"}, .team = 2, .service = 0, .slots = 1, .weight = 1},
    {.id = "nop-mail", .name = {"p", "p"}, .team = 2, .service = 1, .slots = 1, .weight = 1},
};
static struct drill_config config = {.id = "d",
    .name = {"d", "d"},
    .time_zone = "UTC",
    .tick_ms = 60000,
    .ticks = TICKS,
    .flag_ticks = 3,
    .flag_prefix = "DRILL",
    .policy = "faust",
    .teams = teams,
    .team_count = TEAMS,
    .services = services,
    .service_count = SERVICES,
    .systems = systems,
    .system_count = SYSTEMS};

static struct why why;

static enum err
apply(struct game *g, struct event ev)
{
	ev.seq = g->seq + 1;
	ev.at_ms = 1813453200000 + (int64_t)ev.seq;
	ev.drill_ms = g->drill_ms;
	ev.actor = "chief";
	why.text[0] = '\0';
	return game_apply(g, &ev, &why);
}

static void
must(struct game *g, struct event ev)
{
	if (apply(g, ev) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev.kind), why.text);
}

/* Refused alike by the question and by the fold, which stands where it stood. */
static void
refused(struct game *g, struct event ev, enum err e, const char *says)
{
	char before[SHA256_HEX_BYTES], after[SHA256_HEX_BYTES];
	size_t holds = g->hold_count, voids = g->void_count;
	uint64_t seq = g->seq;

	why.text[0] = '\0';
	assert_int_equal(game_allows(g, &ev, &why), e);
	if (strstr(why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, says);
	game_score_digest(g, before);
	assert_int_equal(apply(g, ev), ERR_CORRUPT);
	assert_non_null(strstr(why.text, says));
	game_score_digest(g, after);
	assert_string_equal(after, before);
	assert_true(g->seq == seq && g->hold_count == holds && g->void_count == voids);
}

static struct event
tick(enum event_kind kind, int32_t n)
{
	return (struct event){.kind = kind, .u.tick.tick = n};
}

static struct event
check(uint32_t system, int32_t n, enum status status)
{
	return (struct event){
	    .kind = EV_CHECK_DONE, .u.check = {systems[system].id, n, status, 5, "m", "t", "", ""}};
}

static struct event
held(int32_t id, const char *list)
{
	return (struct event){
	    .kind = EV_CHECKS_HELD, .u.hold = {id, "", list, "the checker is broken"}};
}

static struct event
released(int32_t id)
{
	return (struct event){.kind = EV_CHECKS_RELEASED, .u.hold = {id, "", "", "mended"}};
}

static struct event
proposed(int32_t id, const char *list, int32_t from, int32_t to)
{
	return (struct event){
	    .kind = EV_VOID_PROPOSED, .u.voiding = {id, list, from, to, "the network was down"}};
}

static struct event
decided(enum event_kind kind, int32_t id)
{
	return (struct event){.kind = kind, .u.voiding = {.id = id, .systems = "", .reason = "so"}};
}

static struct game *
begun(void)
{
	struct game *g = game_new();

	must(g, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &config});
	must(g, (struct event){.kind = EV_DRILL_STARTED, .u.clock.reason = ""});
	return g;
}

static void
play_tick(struct game *g, int32_t n, enum status status)
{
	must(g, tick(EV_TICK_BEGAN, n));
	for (uint32_t s = 0; s < SYSTEMS; s++)
		must(g, check(s, n, status));
	must(g, tick(EV_TICK_CLOSED, n));
}

/* ---- holds ---- */

static void
test_holds(void **state)
{
	struct game *g = begun();
	struct event nameless = held(1, "library-mail");

	(void)state;
	nameless.u.hold.reason = "";
	refused(g, nameless, ERR_INVALID, "wants a reason");
	refused(g, released(1), ERR_NOT_FOUND, "no hold 1");
	refused(g, held(2, "library-mail"), ERR_CONFLICT, "the next one is 1");
	refused(g, held(1, "library-news"), ERR_NOT_FOUND, "no system \"library-news\"");
	refused(g, held(1, ""), ERR_NOT_FOUND, "no system \"\"");
	refused(g, held(1, "library-mail,"), ERR_NOT_FOUND, "no system \"\"");
	refused(g, held(1, ",library-mail"), ERR_NOT_FOUND, "no system \"\"");
	refused(g, held(1, "library-mail,library-mail"), ERR_INVALID, "comes twice");
	refused(g, held(1, "library-mail,library-portal"), ERR_INVALID, "order of the scenario");
	must(g, held(1, "library-mail,finance-mail"));
	must(g, held(2, "library-mail"));
	refused(g, held(3, "library-mail"), ERR_CONFLICT, "on hold already, by hold 2");
	assert_int_equal(g->systems[1].holds, 2);
	assert_int_equal(g->systems[3].holds, 1);
	assert_int_equal(g->systems[0].holds, 0);
	must(g, released(1));
	refused(g, released(1), ERR_CONFLICT, "was released before");
	refused(g, released(-1), ERR_NOT_FOUND, "no hold -1");
	nameless = released(2);
	nameless.u.hold.reason = "";
	refused(g, nameless, ERR_INVALID, "wants a reason");
	assert_int_equal(g->systems[1].holds, 1); /* by the other one still */
	assert_int_equal(g->systems[3].holds, 0);
	must(g, released(2));
	must(g, held(3, "library-mail"));
	must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	refused(g, held(4, "library-portal"), ERR_CONFLICT, "the drill has ended");
	must(g, released(3));
	assert_string_equal(g->holds[0].held.reason, "the checker is broken");
	assert_string_equal(g->holds[0].held.by, "chief");
	assert_string_equal(g->holds[0].released.reason, "mended");
	game_free(g);
}

/* ---- refusals of voids ---- */

static void
test_void_refusals(void **state)
{
	struct game *g = begun();
	struct event ev;

	(void)state;
	refused(g, proposed(1, "library-mail", 0, 0), ERR_CONFLICT, "tick 0 has not closed");
	play_tick(g, 0, ST_OK);
	play_tick(g, 1, ST_OK);
	must(g, tick(EV_TICK_BEGAN, 2));
	refused(g, proposed(1, "library-mail", 0, 2), ERR_CONFLICT,
	    "tick 2 has not closed; the last closed one is 1");
	refused(g, proposed(1, "library-mail", 1, 0), ERR_INVALID, "not after the last");
	refused(g, proposed(1, "library-mail", -1, 0), ERR_INVALID, "must be 0 or more");
	refused(g, proposed(2, "library-mail", 0, 1), ERR_CONFLICT, "the next one is 1");
	refused(g, proposed(1, "portal", 0, 1), ERR_NOT_FOUND, "no system \"portal\"");
	ev = proposed(1, "library-mail", 0, 1);
	ev.u.voiding.reason = "";
	refused(g, ev, ERR_INVALID, "wants a reason");
	refused(g, decided(EV_VOID_ADOPTED, 1), ERR_NOT_FOUND, "no void 1");
	refused(g, decided(EV_VOID_DROPPED, 0), ERR_NOT_FOUND, "no void 0");
	must(g, proposed(1, "library-mail", 0, 1));
	ev = decided(EV_VOID_ADOPTED, 1);
	ev.u.voiding.reason = "";
	refused(g, ev, ERR_INVALID, "wants a reason");
	must(g, decided(EV_VOID_ADOPTED, 1));
	refused(g, decided(EV_VOID_ADOPTED, 1), ERR_CONFLICT, "adopted before");
	must(g, decided(EV_VOID_DROPPED, 1));
	refused(g, decided(EV_VOID_DROPPED, 1), ERR_CONFLICT, "was dropped; propose it anew");
	refused(g, decided(EV_VOID_ADOPTED, 1), ERR_CONFLICT, "was dropped; propose it anew");
	must(g, proposed(2, "library-mail", 0, 1));
	must(g, decided(EV_VOID_DROPPED, 2));
	assert_false(g->voids[1].was_adopted);
	assert_true(g->voids[0].was_adopted);
	game_free(g);
}

static void
test_as_many_as_there_may_be(void **state)
{
	struct game *g = begun();

	(void)state;
	play_tick(g, 0, ST_OK);
	for (int32_t i = 1; i <= VOIDS_MAX; i++)
		must(g, proposed(i, "library-mail", 0, 0));
	refused(g, proposed(VOIDS_MAX + 1, "library-mail", 0, 0), ERR_LIMIT, "at most 1000 voids");
	for (int32_t i = 1; i <= HOLDS_MAX; i++) {
		must(g, held(i, "library-mail"));
		must(g, released(i));
	}
	refused(g, held(HOLDS_MAX + 1, "library-mail"), ERR_LIMIT, "at most 10000 holds");
	game_free(g);
}

/* ---- uptime and marks ---- */

static void
test_marks_and_uptime(void **state)
{
	static const enum status statuses[] = {ST_OK, ST_DOWN, ST_FAULT, ST_NONE, ST_RECOVERING};
	struct game *g = begun();
	const struct system_state *s = &g->systems[0];

	(void)state;
	for (int32_t t = 0; t < 5; t++)
		play_tick(g, t, statuses[t]);
	s = &g->systems[0];
	assert_true(s->ok_ticks == 1 && s->checked_ticks == 3);
	must(g, proposed(1, "library-portal", 0, 3));
	must(g, proposed(2, "library-portal,library-mail", 1, 4));
	assert_true(s->ok_ticks == 1 && s->checked_ticks == 3 &&
		    !cells_get(&g->cells, 0, 0).voided); /* a proposal moves nothing */
	must(g, decided(EV_VOID_ADOPTED, 1));
	assert_true(s->ok_ticks == 0 && s->checked_ticks == 1);
	must(g, decided(EV_VOID_ADOPTED, 2));
	assert_true(s->ok_ticks == 0 && s->checked_ticks == 0);
	must(g, decided(EV_VOID_DROPPED, 1)); /* ticks 1 to 3 are void by the other one still */
	assert_true(s->ok_ticks == 1 && s->checked_ticks == 1);
	assert_false(cells_get(&g->cells, 0, 0).voided);
	assert_true(cells_get(&g->cells, 1, 0).voided && cells_get(&g->cells, 4, 1).voided);
	assert_false(cells_get(&g->cells, 4, 2).voided);
	assert_int_equal(cells_get(&g->cells, 1, 0).status, ST_DOWN); /* what it said stays */
	assert_true(s->status == ST_RECOVERING && s->tick == 4);
	must(g, decided(EV_VOID_DROPPED, 2));
	assert_true(s->ok_ticks == 1 && s->checked_ticks == 3);
	game_free(g);
}

/* ---- property: as if those checks had never been ---- */

enum { SCRIPT_MAX = 4096 };

/* What happened, holds and voids aside, to be played again. */
struct script {
	struct event events[SCRIPT_MAX];
	size_t count;
	uint32_t random;
};

static uint32_t
draw(struct script *p, uint32_t below)
{
	p->random = p->random * 1664525u + 1013904223u;
	return (p->random >> 8) % below;
}

static void
act(struct script *p, struct game *g, struct event ev)
{
	assert_true(p->count < SCRIPT_MAX);
	must(g, ev);
	p->events[p->count++] = ev;
}

/* The same drill in which the void checks said "not checked". */
static struct game *
without_void_checks(const struct script *p, const struct game *g)
{
	struct void_bits *bits = game_void_bits(g, NULL, NULL);
	struct game *other = game_new();

	must(other, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &config});
	for (size_t i = 0; i < p->count; i++) {
		struct event ev = p->events[i];

		if (ev.kind == EV_CHECK_DONE && void_bits_has(bits, ev.u.check.tick,
						    (uint32_t)game_system(g, ev.u.check.system)))
			ev.u.check.status = ST_NONE;
		must(other, ev);
	}
	void_bits_free(bits);
	return other;
}

static void
assert_same_scores(const struct game *a, const struct game *b)
{
	char one[SHA256_HEX_BYTES], two[SHA256_HEX_BYTES];

	game_score_digest(a, one);
	game_score_digest(b, two);
	assert_string_equal(one, two);
	assert_int_equal(a->row_count, b->row_count);
	assert_memory_equal(a->rows, b->rows, a->row_count * sizeof *a->rows);
	assert_int_equal(a->rank_count, b->rank_count);
	assert_memory_equal(a->ranking, b->ranking, a->rank_count * sizeof *a->ranking);
	assert_int_equal(a->history_count, b->history_count);
	for (size_t t = 0; t < a->history_count; t++)
		assert_memory_equal(
		    a->history[t].totals, b->history[t].totals, TEAMS * sizeof(double));
	for (size_t s = 0; s < SYSTEMS; s++)
		assert_true(a->systems[s].ok_ticks == b->systems[s].ok_ticks &&
			    a->systems[s].checked_ticks == b->systems[s].checked_ticks);
	for (uint32_t f = 0; f < (uint32_t)(a->tick + 1) * 7; f++)
		assert_true(a->policy->capture_points(a->policy_state, f) ==
			    b->policy->capture_points(b->policy_state, f));
}

/* Some systems, in order; at least one. */
static void
draw_list(struct script *p, char list[256])
{
	list[0] = '\0';
	for (uint32_t s = 0, all = draw(p, 63) + 1; s < SYSTEMS; s++)
		if (all >> s & 1) {
			strcat(list, list[0] != '\0' ? "," : "");
			strcat(list, systems[s].id);
		}
}

static void
draw_hand(struct script *p, struct game *g)
{
	enum event_kind kind = draw(p, 3) > 0 ? EV_VOID_ADOPTED : EV_VOID_DROPPED;
	int32_t id = (int32_t)g->void_count + 1, closed = game_closed_tick(g), from;
	char list[256];

	if (g->void_count == 0 || draw(p, 3) == 0) {
		draw_list(p, list);
		from = (int32_t)draw(p, (uint32_t)closed + 1);
		must(g, proposed(id, list, from,
			    from + (int32_t)draw(p, (uint32_t)(closed - from + 1))));
		return;
	}
	id = (int32_t)draw(p, (uint32_t)g->void_count) + 1;
	if (game_allows(g, &(struct event){.kind = kind, .u.voiding = {id, "", 0, 0, "so"}},
		&why) == ERR_OK)
		must(g, decided(kind, id));
}

static void
draw_captures(struct script *p, struct game *g)
{
	for (uint32_t n = draw(p, 6); n > 0; n--) {
		struct flag f = {
		    .tick = g->tick - (int32_t)draw(p, 3), .system = (uint16_t)draw(p, SYSTEMS)};
		uint32_t red = BLUES + draw(p, REDS);

		if (game_verdict(g, red, &f) == V_OK)
			act(p, g,
			    (struct event){.kind = EV_FLAG_CAPTURED,
				.u.capture = {teams[red].id, systems[f.system].id, f.tick, 0}});
	}
}

static void
look(const struct script *p, const struct game *g)
{
	struct game *other = without_void_checks(p, g);

	assert_same_scores(g, other);
	game_free(other);
}

static void
draw_tick(struct script *p, struct game *g, int32_t t)
{
	act(p, g, tick(EV_TICK_BEGAN, t));
	for (uint32_t s = 0; s < SYSTEMS; s++) {
		if (t > 0 && draw(p, 6) == 0) {
			draw_hand(
			    p, g); /* with a tick open: rows stay those of the last closed one */
			look(p, g);
		}
		if (draw(p, 8) > 0)
			act(p, g, check(s, t, (enum status)draw(p, ST_COUNT)));
		draw_captures(p, g);
	}
	act(p, g, tick(EV_TICK_CLOSED, t));
	if (draw(p, 2) == 0)
		draw_hand(p, g);
	look(p, g);
}

static void
test_as_if_the_checks_had_never_been(void **state)
{
	size_t adopted = 0, dropped = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 12; seed++) {
		struct script *p = calloc(1, sizeof *p);
		struct game *g = game_new();

		assert_non_null(p);
		p->random = seed;
		must(g, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &config});
		act(p, g, (struct event){.kind = EV_DRILL_STARTED, .u.clock.reason = ""});
		for (int32_t t = 0; t < 12; t++)
			draw_tick(p, g, t);
		act(p, g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
		for (int i = 0; i < 10; i++) { /* after the end as well */
			draw_hand(p, g);
			look(p, g);
		}
		for (size_t i = 0; i < g->void_count; i++) {
			adopted += g->voids[i].state == VOID_ADOPTED;
			dropped += g->voids[i].state == VOID_DROPPED && g->voids[i].was_adopted;
		}
		game_free(g);
		free(p);
	}
	assert_true(adopted > 20 && dropped > 20); /* or it has shown nothing */
}

/* Dropping gives back what adopting took, to the bit; so does adopting and dropping in another order. */
static void
test_scores_go_back(void **state)
{
	struct game *g = begun();
	char before[SHA256_HEX_BYTES], between[SHA256_HEX_BYTES], after[SHA256_HEX_BYTES];

	(void)state;
	play_tick(g, 0, ST_OK);
	play_tick(g, 1, ST_RECOVERING);
	game_score_digest(g, before);
	must(g, proposed(1, "library-portal", 0, 1));
	must(g, proposed(2, "finance-mail", 1, 1));
	must(g, decided(EV_VOID_ADOPTED, 1));
	game_score_digest(g, between);
	assert_string_not_equal(between, before);
	must(g, decided(EV_VOID_ADOPTED, 2));
	must(g, decided(EV_VOID_DROPPED, 1));
	must(g, decided(EV_VOID_DROPPED, 2));
	game_score_digest(g, after);
	assert_string_equal(after, before);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_void_refusals),
	    cmocka_unit_test(test_as_many_as_there_may_be),
	    cmocka_unit_test(test_marks_and_uptime),
	    cmocka_unit_test(test_as_if_the_checks_had_never_been),
	    cmocka_unit_test(test_scores_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
