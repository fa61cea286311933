/* Which report tells of which red fact: truth.h says by which rule. */
#include "base/mem.h"
#include "core/game.h"
#include "core/truth_private.h"

#include <stdlib.h>
#include <string.h>

/* Reports or facts by department: those of team t are list[begin[t]] to list[begin[t + 1] - 1], by number. */
struct by_team {
	size_t *begin;
	int32_t *list;
};

struct pairing {
	const struct game *g;
	int64_t window_ms;
	struct by_team facts, chains;
	bool *taken;       /* by chain - 1: it tells of something */
	int64_t *answered; /* by system: look_for_name, once it was needed */
};

#define NOT_LOOKED_FOR (-2)

/* A fact without a system, and a chain that might tell of it. */
struct candidate {
	int64_t distance_ms;
	int32_t fact, chain;
};

/* ---- lists by department ---- */

static int
team_of_chain(const struct game *g, size_t i)
{
	const struct report_chain *c = &g->reports->chains[i];

	return report_is_filed(c) ? c->team : -1;
}

static int
team_of_fact(const struct game *g, size_t i)
{
	const struct truth_fact *f = &g->truths->facts[i];

	return truth_alive(g, f) ? f->team : -1;
}

static struct by_team
sort_by_team(const struct game *g, size_t count, int (*team)(const struct game *, size_t))
{
	size_t teams = g->config->team_count;
	struct by_team b = {
	    mem_array(teams + 2, sizeof *b.begin), mem_array(count + 1, sizeof *b.list)};

	for (size_t i = 0; i < count; i++)
		if (team(g, i) >= 0)
			b.begin[team(g, i) + 2]++;
	for (size_t t = 2; t < teams + 2; t++)
		b.begin[t] += b.begin[t - 1];
	for (size_t i = 0; i < count; i++) /* begin[t + 1] is where the next one of team t goes */
		if (team(g, i) >= 0)
			b.list[b.begin[team(g, i) + 1]++] = (int32_t)i + 1;
	return b;
}

static void
free_by_team(struct by_team *b)
{
	free(b->begin);
	free(b->list);
}

/* ---- what a chain tells of ---- */

bool
truth_has_system(const struct report_chain *c, int32_t system)
{
	for (size_t i = 0; i < c->systems.count; i++)
		if ((int32_t)c->systems.systems[i] == system)
			return true;
	return false;
}

int64_t
truth_filed_since(const struct report_chain *c, int64_t drill_ms)
{
	for (size_t i = 0; i < c->version_count; i++)
		if (c->versions[i].drill_ms >= drill_ms)
			return c->versions[i].drill_ms;
	return -1;
}

/* How long after the attack the chain has a filing, or -1: none within the window. */
static int64_t
distance(const struct pairing *p, const struct truth_fact *f, const struct report_chain *c)
{
	int64_t at;

	if (c->duplicate_of != 0 || (at = truth_filed_since(c, f->drill_ms)) < 0)
		return -1;
	return at - f->drill_ms <= p->window_ms ? at - f->drill_ms : -1;
}

static const struct truth_fact *
fact_at(const struct pairing *p, int32_t number)
{
	return &p->g->truths->facts[number - 1];
}

static const struct report_chain *
chain_at(const struct pairing *p, int32_t number)
{
	return &p->g->reports->chains[number - 1];
}

/* The soonest chain of the department that names the fact's system, or 0. */
static int32_t
soonest(const struct pairing *p, const struct truth_fact *f)
{
	int64_t least = INT64_MAX;
	int32_t best = 0;

	for (size_t i = p->chains.begin[f->team]; i < p->chains.begin[f->team + 1]; i++) {
		const struct report_chain *c = chain_at(p, p->chains.list[i]);
		int64_t d = truth_has_system(c, f->system) ? distance(p, f, c) : -1;

		if (d >= 0 && d < least) {
			least = d;
			best = p->chains.list[i];
		}
	}
	return best;
}

static int
by_distance(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->distance_ms != y->distance_ms)
		return x->distance_ms < y->distance_ms ? -1 : 1;
	if (x->fact != y->fact)
		return x->fact < y->fact ? -1 : 1;
	return x->chain < y->chain ? -1 : x->chain > y->chain;
}

/* Candidates of one department for its facts without a system. */
static size_t
collect(const struct pairing *p, int team, const int32_t *report, struct candidate **out)
{
	size_t count = 0;

	*out = NULL;
	for (size_t i = p->facts.begin[team]; i < p->facts.begin[team + 1]; i++) {
		int32_t fact = p->facts.list[i];
		const struct truth_fact *f = fact_at(p, fact);

		for (size_t k = p->chains.begin[team];
		     f->system < 0 && report[fact - 1] == 0 && k < p->chains.begin[team + 1]; k++) {
			int32_t chain = p->chains.list[k];
			int64_t d = p->taken[chain - 1] ? -1 : distance(p, f, chain_at(p, chain));

			if (d < 0)
				continue;
			*out = mem_grow(*out, count, sizeof **out);
			(*out)[count++] = (struct candidate){d, fact, chain};
		}
	}
	return count;
}

static void
take_what_is_left(struct pairing *p, int team, int32_t *report, bool by_hand)
{
	struct candidate *list;
	size_t count = collect(p, team, report, &list);

	if (count > 0)
		qsort(list, count, sizeof *list, by_distance);
	for (size_t i = 0; i < count; i++) {
		const struct candidate *c = &list[i];

		if (report[c->fact - 1] != 0 || p->taken[c->chain - 1] ||
		    (by_hand && fact_at(p, c->fact)->by_hand != TRUTH_NOT_BY_HAND))
			continue;
		report[c->fact - 1] = c->chain;
		p->taken[c->chain - 1] = true;
	}
	free(list);
}

static void
pair_team(struct pairing *p, int team, int32_t *report, bool by_hand)
{
	for (size_t i = p->facts.begin[team]; i < p->facts.begin[team + 1]; i++) {
		int32_t fact = p->facts.list[i];
		const struct truth_fact *f = fact_at(p, fact);

		if (by_hand && f->by_hand != TRUTH_NOT_BY_HAND)
			report[fact - 1] = f->by_hand;
		else if (f->system >= 0)
			report[fact - 1] = soonest(p, f);
		if (report[fact - 1] != 0)
			p->taken[report[fact - 1] - 1] = true;
	}
	take_what_is_left(p, team, report, by_hand);
}

static void
pair_all(struct pairing *p, int32_t *report, bool by_hand)
{
	memset(p->taken, 0, p->g->reports->count * sizeof *p->taken);
	for (size_t t = 0; t < p->g->config->team_count; t++)
		if (p->facts.begin[t] < p->facts.begin[t + 1])
			pair_team(p, (int)t, report, by_hand);
}

/* ---- what follows from it ---- */

/* Facts of each report in the order of their numbers. */
static void
link_facts(struct truth *t)
{
	for (size_t i = t->fact_count; i-- > 0;) {
		int32_t report = t->report[i];

		if (report == 0)
			continue;
		t->next_fact[i] = t->first_fact[report - 1];
		t->first_fact[report - 1] = (int32_t)i + 1;
	}
}

/* When a report tells of a fact: its filing since the attack; one that was paired by hand may have come before. */
static void
note_known(const struct game *g, struct truth *t)
{
	for (size_t i = 0; i < t->fact_count; i++) {
		const struct truth_fact *f = &g->truths->facts[i];
		const struct report_chain *c = report_find(g, t->report[i]);

		t->known_ms[i] = c != NULL ? truth_filed_since(c, f->drill_ms) : -1;
		if (c != NULL && t->known_ms[i] < 0)
			t->known_ms[i] = f->drill_ms;
	}
}

static bool
names(const char *text, const struct system_config *s)
{
	return strstr(text, s->id) != NULL || strstr(text, s->name.zh) != NULL ||
	       strstr(text, s->name.en) != NULL;
}

/* Drill time of the last answer of its department to an inject that names the system, or -1. */
static int64_t
look_for_name(const struct game *g, int team, int32_t system)
{
	const struct system_config *s = &g->config->systems[system];
	int64_t last = -1;

	for (size_t i = 0; i < g->injects->count; i++) {
		const struct inject_part *p = inject_part(g->injects->items[i], team);
		const struct inject_answer *a =
		    p != NULL && p->answer_count > 0 ? &p->answers[p->answer_count - 1] : NULL;

		if (a != NULL && a->at.drill_ms > last && names(a->text, s))
			last = a->at.drill_ms;
	}
	return last;
}

/* Of a fact that no report tells of: the department's own words name the system after its window. */
static bool
is_named(const struct pairing *p, const struct truth_fact *f)
{
	int64_t end = f->drill_ms + p->window_ms;
	int64_t *answered;

	if (f->system < 0)
		return false;
	for (size_t i = p->chains.begin[f->team]; i < p->chains.begin[f->team + 1]; i++) {
		const struct report_chain *c = chain_at(p, p->chains.list[i]);

		if (truth_has_system(c, f->system) && truth_filed_since(c, end + 1) >= 0)
			return true;
	}
	answered = &p->answered[f->system];
	if (*answered == NOT_LOOKED_FOR)
		*answered = look_for_name(p->g, f->team, f->system);
	return *answered > end;
}

static void
note_named(struct pairing *p, struct truth *t)
{
	size_t systems = p->g->config->system_count;

	p->answered = mem_array(systems, sizeof *p->answered);
	for (size_t i = 0; i < systems; i++)
		p->answered[i] = NOT_LOOKED_FOR;
	for (size_t i = 0; i < t->fact_count; i++)
		if (t->report[i] == 0 && truth_alive(p->g, &p->g->truths->facts[i]))
			t->named[i] = is_named(p, &p->g->truths->facts[i]);
	free(p->answered);
}

struct truth *
truth_build(const struct game *g)
{
	size_t facts = g->truths->count, chains = g->reports->count;
	struct truth *t = mem_alloc(sizeof *t);
	struct pairing p = {.g = g, .window_ms = truth_window_ms(g)};

	*t = (struct truth){facts, chains, mem_array(facts + 1, sizeof *t->report),
	    mem_array(facts + 1, sizeof *t->by_clock), mem_array(facts + 1, sizeof *t->known_ms),
	    mem_array(facts + 1, sizeof *t->named), mem_array(chains + 1, sizeof *t->first_fact),
	    mem_array(facts + 1, sizeof *t->next_fact)};
	p.facts = sort_by_team(g, facts, team_of_fact);
	p.chains = sort_by_team(g, chains, team_of_chain);
	p.taken = mem_array(chains + 1, sizeof *p.taken);
	pair_all(&p, t->by_clock, false);
	pair_all(&p, t->report, true);
	link_facts(t);
	note_known(g, t);
	note_named(&p, t);
	free_by_team(&p.facts);
	free_by_team(&p.chains);
	free(p.taken);
	return t;
}

void
truth_free(struct truth *t)
{
	if (t == NULL)
		return;
	free(t->report);
	free(t->by_clock);
	free(t->known_ms);
	free(t->named);
	free(t->first_fact);
	free(t->next_fact);
	free(t);
}
