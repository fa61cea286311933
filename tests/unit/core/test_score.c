/*
 * The policy table, ranks and digest; and faust's incremental state against a computation from scratch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "core/score.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static void
every_name_finds_its_policy(void **state)
{
	char names[256];
	size_t count = 0;

	(void)state;
	snprintf(names, sizeof(names), "%s", policy_names());
	for (char *rest = names, *name; (name = strtok_r(rest, ", ", &rest)) != NULL; count++) {
		assert_non_null(policy_find(name));
		assert_string_equal(policy_find(name)->name, name);
	}
	assert_int_equal(count, 1);
	assert_null(policy_find("Faust"));
	assert_null(policy_find(""));
}

static void
faust_takes_no_parameters(void **state)
{
	struct param hardness = {.key = "hardness", .value = "10"};
	struct score_setup setup = {.params = &hardness, .param_count = 1};
	struct why why;
	void *policy = &why;

	(void)state;
	assert_int_equal(policy_faust.open(&setup, &policy, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "hardness"));
	assert_null(policy);
}

/* ---- ranks ---- */

static void
rank_order(const char *const *ids, const double *totals, const char *const *want, size_t count)
{
	struct score_team teams[16] = {0};
	struct score_row rows[16] = {0};
	struct rank_row places[16];
	struct score_setup setup = {.teams = teams, .team_count = count};

	for (size_t i = 0; i < count; i++) {
		teams[i].id = ids[i];
		rows[i] = (struct score_row){.team = (uint32_t)i, .total = totals[i]};
	}
	assert_int_equal(score_ranking(&setup, rows, count, places), count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(teams[places[i].team].id, want[i]);
		assert_int_equal(places[i].rank, i + 1);
	}
}

static void
ties_go_by_whole_number_before_other_ids(void **state)
{
	static const char *const ids[] = {
	    "10", "b", "9", "-1", "099", "9a", "", "99", "123456789012345678901234567890", "B"};
	static const double totals[10] = {0};
	static const char *const want[] = {
	    "9", "10", "099", "99", "123456789012345678901234567890", "", "-1", "9a", "B", "b"};

	(void)state;
	rank_order(ids, totals, want, 10);
}

static void
ranks_go_by_the_unrounded_total(void **state)
{
	static const char *const ids[] = {"1", "2", "3"};
	static const double totals[] = {1, 1 + 1e-15, -5};
	static const char *const want[] = {"2", "1", "3"};

	(void)state;
	rank_order(ids, totals, want, 3);
}

static void
ranking_sums_rows_and_leaves_out_nop_teams_and_those_without_rows(void **state)
{
	struct score_team teams[] = {
	    {.id = "1"}, {.id = "2", .nop = true}, {.id = "3"}, {.id = "4"}};
	struct score_row rows[] = {
	    {.team = 0, .service = 0, .attack = 1, .defense = -2, .sla = 3, .total = 2},
	    {.team = 0, .service = 1, .attack = 10, .defense = -20, .sla = 40, .total = 30},
	    {.team = 1, .service = 0, .total = 100},
	    {.team = 3, .service = 0, .total = 33},
	};
	struct score_setup setup = {.teams = teams, .team_count = 4};
	struct rank_row places[4];

	(void)state;
	assert_int_equal(score_ranking(&setup, rows, 4, places), 2);
	assert_int_equal(places[0].team, 3);
	assert_int_equal(places[1].team, 0);
	assert_true(places[1].attack == 11 && places[1].defense == -22 && places[1].sla == 43 &&
		    places[1].total == 32);
	assert_int_equal(score_ranking(&setup, rows, 0, places), 0);
}

/* ---- digest ---- */

static void
digest_is_of_lines_in_millionths_rounded_half_away_from_zero(void **state)
{
	static const char lines[] = "library web 1500000 -1681793 2 -181791\n"
				    "library mail 0 -1 0 0\n";
	static const char *const services[] = {"web", "mail"};
	struct score_team team = {.id = "library"};
	struct score_setup setup = {.teams = &team, .team_count = 1};
	struct score_row rows[] = {
	    {.service = 0,
		.attack = 1.5,
		.defense = -1.681792830507429,
		.sla = 1.5e-6,
		.total = -0.1817909},
	    {.service = 1, .defense = -0.5e-6, .sla = 0.4e-6, .total = -0.0},
	};
	uint8_t want[32], got[32];

	(void)state;
	sha256(lines, sizeof(lines) - 1, want);
	score_digest(&setup, services, rows, 2, got);
	assert_memory_equal(want, got, 32);
	rows[1].total = 1e-6;
	score_digest(&setup, services, rows, 2, got);
	assert_memory_not_equal(want, got, 32);
}

/* Longer than the chunk in which it is hashed. */
static void
digest_of_many_rows_is_the_hash_of_all_their_lines(void **state)
{
	enum { COUNT = 3000 };
	static const char *const services[] = {"web"};
	struct score_team team = {.id = "t"};
	struct score_setup setup = {.teams = &team, .team_count = 1};
	struct score_row *rows = calloc(COUNT, sizeof(*rows));
	char *lines = malloc(COUNT * 64);
	size_t len = 0;
	uint8_t want[32], got[32];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		rows[i].attack = i + 1;
		len += (size_t)sprintf(lines + len, "t web %d000000 0 0 0\n", i + 1);
	}
	sha256(lines, len, want);
	score_digest(&setup, services, rows, COUNT, got);
	assert_memory_equal(want, got, 32);
	score_digest(&setup, services, rows, 0, got);
	sha256("", 0, want);
	assert_memory_equal(want, got, 32);
	free(rows);
	free(lines);
}

/* ---- faust, live ---- */

static struct fact
flag_fact(int32_t tick, uint32_t flag, uint32_t team, uint32_t service)
{
	return (struct fact){
	    .kind = FACT_FLAG, .tick = tick, .flag = flag, .team = team, .service = service};
}

static struct fact
capture_fact(int32_t tick, uint32_t flag, uint32_t team)
{
	return (struct fact){.kind = FACT_CAPTURE, .tick = tick, .flag = flag, .team = team};
}

static void
feed(void *policy, struct fact fact)
{
	policy_faust.apply(policy, &fact);
}

/* Rows read while the tick is open have its captures already, and a later captor takes from the earlier. */
static void
earlier_captors_points_shrink_as_k_grows(void **state)
{
	struct score_team teams[] = {
	    {.id = "1", .active = true}, {.id = "2", .active = true}, {.id = "3", .active = true}};
	struct score_setup setup = {.teams = teams, .team_count = 3, .service_count = 1};
	struct score_row rows[3];
	void *policy;

	(void)state;
	assert_int_equal(policy_faust.open(&setup, &policy, NULL), ERR_OK);
	assert_int_equal(policy_faust.rows(policy, rows), 0);
	for (uint32_t i = 0; i < 3; i++)
		feed(policy, flag_fact(0, i, i, 0));
	feed(policy, capture_fact(0, 0, 1));
	assert_int_equal(policy_faust.rows(policy, rows), 3);
	assert_true(rows[1].attack == 2 && rows[0].defense == -1);
	feed(policy, (struct fact){.kind = FACT_CLOSE, .tick = 0});
	feed(policy, capture_fact(1, 0, 2));
	feed(policy, capture_fact(1, 0, 2));
	feed(policy, (struct fact){.kind = FACT_CLOSE, .tick = 1});
	assert_int_equal(policy_faust.rows(policy, rows), 3);
	assert_true(rows[1].attack == 1.5 && rows[2].attack == 1.5);
	assert_true(fabs(rows[0].defense + pow(2, 0.75)) < 1e-15);
	policy_faust.close(policy);
}

/* `active` may change between two readings: the present number applies to all ticks. */
static void
sla_follows_the_present_number_of_active_teams(void **state)
{
	struct score_team teams[] = {{.id = "1", .active = true}, {.id = "2", .active = true},
	    {.id = "3", .active = true}, {.id = "4", .active = true}};
	struct score_setup setup = {.teams = teams, .team_count = 4, .service_count = 1};
	struct score_row rows[4];
	void *policy;

	(void)state;
	assert_int_equal(policy_faust.open(&setup, &policy, NULL), ERR_OK);
	feed(policy, flag_fact(0, 0, 0, 0));
	feed(policy, (struct fact){.kind = FACT_CHECK, .status = ST_OK});
	assert_int_equal(policy_faust.rows(policy, rows), 1);
	assert_true(rows[0].sla == 2);
	teams[1].active = teams[2].active = teams[3].active = false;
	assert_int_equal(policy_faust.rows(policy, rows), 1);
	assert_true(rows[0].sla == 1);
	policy_faust.close(policy);
}

/* ---- faust, random games against a computation from scratch ---- */

enum { TEAMS = 9, SERVICES = 4, TICKS = 25, FACTS_MAX = TICKS * (TEAMS * SERVICES * 2 + 80) };

struct world {
	struct score_team teams[TEAMS];
	struct score_setup setup;
	struct fact facts[FACTS_MAX];
	size_t count;
	uint32_t flags;
	uint32_t seed;
};

/* xorshift32: the same games everywhere. */
static uint32_t
draw(struct world *w, uint32_t below)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 17;
	w->seed ^= w->seed << 5;
	return w->seed % below;
}

static void
world_teams(struct world *w)
{
	static const char *const ids[TEAMS] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};

	for (uint32_t i = 0; i < TEAMS; i++) {
		w->teams[i] = (struct score_team){
		    .id = ids[i], .nop = draw(w, 6) == 0, .active = draw(w, 4) != 0};
		w->teams[i].attacker = !w->teams[i].nop && draw(w, 5) == 0;
	}
	w->setup =
	    (struct score_setup){.teams = w->teams, .team_count = TEAMS, .service_count = SERVICES};
}

/* Some teams and services get no flags; captures of old flags, repeats, by anybody of anybody's. */
static void
world_tick(struct world *w, int32_t tick)
{
	for (uint32_t team = 0; team < TEAMS; team++)
		for (uint32_t service = 0; service < SERVICES; service++) {
			if (w->teams[team].attacker || team == 3 || (service == 2 && team != 1))
				continue;
			if (draw(w, 3) != 0)
				w->facts[w->count++] = flag_fact(tick, w->flags++, team, service);
			w->facts[w->count++] = (struct fact){.kind = FACT_CHECK,
			    .tick = tick,
			    .team = team,
			    .service = service,
			    .status = (enum status)draw(w, ST_COUNT)};
		}
	for (uint32_t i = draw(w, 80); i > 0 && w->flags > 0; i--)
		w->facts[w->count++] = capture_fact(tick, draw(w, w->flags), draw(w, TEAMS));
	w->facts[w->count++] = (struct fact){.kind = FACT_CLOSE, .tick = tick};
}

static struct world *
world_new(uint32_t seed)
{
	struct world *w = calloc(1, sizeof(*w));

	w->seed = seed * 2654435761u + 1;
	world_teams(w);
	for (int32_t tick = 0; tick < TICKS; tick++)
		world_tick(w, tick);
	return w;
}

/* Distinct captors of a flag that are not NOP, as bits. */
static uint32_t
naive_captors(const struct world *w, size_t upto, uint32_t flag)
{
	uint32_t captors = 0;

	for (size_t i = 0; i < upto; i++)
		if (w->facts[i].kind == FACT_CAPTURE && w->facts[i].flag == flag &&
		    !w->teams[w->facts[i].team].nop)
			captors |= 1u << w->facts[i].team;
	return captors;
}

struct naive {
	bool team[TEAMS], service[SERVICES];
	double attack[TEAMS][SERVICES], defense[TEAMS][SERVICES], ticks[TEAMS][SERVICES];
};

static void
naive_flag(const struct world *w, size_t upto, const struct fact *flag, struct naive *n)
{
	uint32_t captors = naive_captors(w, upto, flag->flag);
	int k = __builtin_popcount(captors);

	if (!w->teams[flag->team].nop)
		n->team[flag->team] = n->service[flag->service] = true;
	n->defense[flag->team][flag->service] -= pow(k, 0.75);
	for (uint32_t team = 0; team < TEAMS; team++)
		if (captors & 1u << team)
			n->attack[team][flag->service] += 1 + 1.0 / k;
}

/* The published rules, word for word, over the first upto facts. */
static size_t
naive_rows(const struct world *w, size_t upto, struct score_row *out)
{
	struct naive n = {0};
	size_t active = 0, count = 0;

	for (size_t i = 0; i < upto; i++) {
		const struct fact *f = &w->facts[i];

		if (f->kind == FACT_FLAG)
			naive_flag(w, upto, f, &n);
		else if (f->kind == FACT_CHECK)
			n.ticks[f->team][f->service] += f->status == ST_OK           ? 1
							: f->status == ST_RECOVERING ? 0.5
										     : 0;
	}
	for (uint32_t t = 0; t < TEAMS; t++)
		active += w->teams[t].active && !w->teams[t].nop && !w->teams[t].attacker;
	for (uint32_t t = 0; t < TEAMS; t++)
		for (uint32_t s = 0; s < SERVICES; s++)
			if ((n.team[t] || w->teams[t].attacker) && n.service[s])
				out[count++] = (struct score_row){.team = t,
				    .service = s,
				    .attack = n.attack[t][s],
				    .defense = n.defense[t][s],
				    .sla = n.ticks[t][s] * sqrt((double)active)};
	return count;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fmax(1, fabs(a));
}

static void
incremental_state_equals_a_computation_from_scratch(void **state)
{
	struct score_row got[TEAMS * SERVICES], want[TEAMS * SERVICES];

	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct world *w = world_new(seed);
		void *policy;

		assert_int_equal(policy_faust.open(&w->setup, &policy, NULL), ERR_OK);
		for (size_t i = 0; i < w->count; i++) {
			size_t count;

			policy_faust.apply(policy, &w->facts[i]);
			if (w->facts[i].kind != FACT_CLOSE)
				continue;
			count = naive_rows(w, i + 1, want);
			assert_int_equal(policy_faust.rows(policy, got), count);
			for (size_t r = 0; r < count; r++) {
				assert_int_equal(got[r].team, want[r].team);
				assert_int_equal(got[r].service, want[r].service);
				assert_true(near(want[r].attack, got[r].attack));
				assert_true(near(want[r].defense, got[r].defense));
				assert_true(near(want[r].sla, got[r].sla));
				assert_true(
				    got[r].total == got[r].attack + got[r].defense + got[r].sla);
			}
		}
		policy_faust.close(policy);
		free(w);
	}
}

/* Shuffles each tick's checks and captures; flags stay where they are, at their tick's start. */
static void
shuffle_ticks(struct world *w)
{
	struct fact sorted[2 * TEAMS * SERVICES + 80];
	size_t from = 0;

	for (size_t i = 0; i < w->count; i++) {
		size_t flags = 0, others;

		if (w->facts[i].kind != FACT_CLOSE)
			continue;
		for (size_t k = from; k < i; k++)
			if (w->facts[k].kind == FACT_FLAG)
				sorted[flags++] = w->facts[k];
		others = flags;
		for (size_t k = from; k < i; k++)
			if (w->facts[k].kind != FACT_FLAG)
				sorted[others++] = w->facts[k];
		for (size_t k = others - flags; k > 1; k--) {
			size_t other = flags + draw(w, (uint32_t)k);
			struct fact swap = sorted[flags + k - 1];

			sorted[flags + k - 1] = sorted[other];
			sorted[other] = swap;
		}
		memcpy(&w->facts[from], sorted, others * sizeof(*sorted));
		from = i + 1;
	}
}

static void *
play(const struct world *w, bool read_often)
{
	struct score_row rows[TEAMS * SERVICES];
	void *policy;

	assert_int_equal(policy_faust.open(&w->setup, &policy, NULL), ERR_OK);
	for (size_t i = 0; i < w->count; i++) {
		policy_faust.apply(policy, &w->facts[i]);
		if (read_often && i % 7 == 0)
			policy_faust.rows(policy, rows);
	}
	return policy;
}

/* Bit for bit: neither the order within a tick nor how often the rows were read may be seen in them. */
static void
order_within_a_tick_does_not_matter_bit_for_bit(void **state)
{
	struct score_row plain[TEAMS * SERVICES], shuffled[TEAMS * SERVICES];

	(void)state;
	for (uint32_t seed = 100; seed < 120; seed++) {
		struct world *w = world_new(seed);
		void *policy = play(w, false);
		size_t count = policy_faust.rows(policy, plain);

		policy_faust.close(policy);
		shuffle_ticks(w);
		policy = play(w, true);
		assert_int_equal(policy_faust.rows(policy, shuffled), count);
		assert_memory_equal(plain, shuffled, count * sizeof(*plain));
		policy_faust.close(policy);
		free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_finds_its_policy),
	    cmocka_unit_test(faust_takes_no_parameters),
	    cmocka_unit_test(ties_go_by_whole_number_before_other_ids),
	    cmocka_unit_test(ranks_go_by_the_unrounded_total),
	    cmocka_unit_test(ranking_sums_rows_and_leaves_out_nop_teams_and_those_without_rows),
	    cmocka_unit_test(digest_is_of_lines_in_millionths_rounded_half_away_from_zero),
	    cmocka_unit_test(digest_of_many_rows_is_the_hash_of_all_their_lines),
	    cmocka_unit_test(earlier_captors_points_shrink_as_k_grows),
	    cmocka_unit_test(sla_follows_the_present_number_of_active_teams),
	    cmocka_unit_test(incremental_state_equals_a_computation_from_scratch),
	    cmocka_unit_test(order_within_a_tick_does_not_matter_bit_for_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
