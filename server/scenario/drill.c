/*
 * The drill's own section: times that must fit together, and a scoring policy that takes its parameters.
 */
#include "base/time.h"
#include "core/score.h"
#include "scenario/parse.h"
#include "scenario/values.h"
#include <inttypes.h>
#include <string.h>

#define FLAG_TICKS_DEFAULT 5
#define FLAG_PREFIX_DEFAULT "DRILL"
#define TIME_ZONE_DEFAULT "UTC"
#define POLICY_DEFAULT "faust"
#define POLICIES_MAX 32

static void
ticks_build(struct reader *r, const struct in_drill *in, struct drill_config *c)
{
	int64_t tick = in->tick.v, duration = in->duration.v, whole;
	char tick_text[DURATION_BYTES], down[DURATION_BYTES], up[DURATION_BYTES];

	c->tick_ms = in->tick.good ? tick : 0;
	if (!in->tick.good || !in->duration.good)
		return;
	whole = duration / tick;
	duration_format(tick, tick_text);
	duration_format(whole * tick, down);
	duration_format((whole + 1) * tick, up);
	if (whole == 0)
		mistake_add(r->mistakes, in->duration.at,
		    "duration is shorter than one tick of %s; it is at least that", tick_text);
	else if (duration % tick != 0)
		mistake_add(r->mistakes, in->duration.at,
		    "duration is not a whole number of ticks of %s; the nearest are %s and %s",
		    tick_text, down, up);
	else if (whole > TICKS_MAX)
		mistake_add(r->mistakes, in->duration.at,
		    "duration is %" PRId64
		    " ticks of %s; at most %d: take a longer tick or a shorter drill",
		    whole, tick_text, TICKS_MAX);
	else
		c->ticks = (int32_t)whole;
}

static void
flags_build(struct reader *r, const struct in_drill *in, struct drill_config *c)
{
	const struct number *given = &in->flag_ticks;

	c->flag_ticks = given->good ? (int32_t)given->v : FLAG_TICKS_DEFAULT;
	if (given->good && c->ticks > 0 && c->flag_ticks > c->ticks)
		mistake_add(r->mistakes, given->at,
		    "flag_ticks is %d, but the drill has only %d ticks; a flag cannot outlive the "
		    "drill",
		    c->flag_ticks, c->ticks);
	if (given->at.line == 0 && c->ticks > 0 && c->flag_ticks > c->ticks)
		c->flag_ticks = c->ticks;
	c->flag_prefix = in->flag_prefix.s != NULL ? in->flag_prefix.s : FLAG_PREFIX_DEFAULT;
	if (!flag_prefix_valid(c->flag_prefix))
		mistake_add(r->mistakes, in->flag_prefix.at,
		    "flag_prefix: %s is no prefix; it is 1 to %d letters A-Z a-z, digits and _, "
		    "such as DRILL",
		    quoted(r->mistakes, c->flag_prefix), FLAG_PREFIX_MAX_BYTES);
}

static void
zone_build(struct reader *r, const struct in_drill *in, struct drill_config *c)
{
	int offset;

	c->time_zone = in->time_zone.s != NULL ? in->time_zone.s : TIME_ZONE_DEFAULT;
	if (in->time_zone.s != NULL && !zone_offset(c->time_zone, c->start_ms, &offset))
		mistake_add(r->mistakes, in->time_zone.at,
		    "time_zone: %s is not known on this machine; write an IANA name such as "
		    "Asia/Shanghai",
		    quoted(r->mistakes, c->time_zone));
}

void
drill_build(struct reader *r, const struct in_drill *in, struct drill_config *c)
{
	c->id = in->id.s;
	c->name = in->name.v;
	c->start_ms = in->start.good ? in->start.v : 0;
	c->public_board = in->public_board.v == 1;
	ticks_build(r, in, c);
	flags_build(r, in, c);
	zone_build(r, in, c);
}

/* ---- scoring ---- */

/* "faust, forcad" -> its names; returns how many. */
static size_t
policy_list(struct reader *r, const char **names)
{
	char *text = arena_strdup(r->arena, policy_names()), *name, *rest = NULL;
	size_t count = 0;

	for (name = strtok_r(text, ", ", &rest); name != NULL && count < POLICIES_MAX;
	     name = strtok_r(NULL, ", ", &rest))
		names[count++] = name;
	return count;
}

static void
unknown_policy(struct reader *r, struct place at, const char *name)
{
	const char *names[POLICIES_MAX];
	size_t count = policy_list(r, names);

	mistake_add(r->mistakes, at, "scoring: there is no policy %s; %s",
	    quoted(r->mistakes, name), choices(r->mistakes, name, names, count));
}

/* Opens and closes the policy with the parameters given: only it knows which it takes. */
static enum err
policy_try(const struct policy *p, const struct drill_config *c, const struct score_team *teams,
    const int *weights, const struct param *params, size_t count, struct why *why)
{
	struct score_setup setup = {.teams = teams,
	    .team_count = c->team_count,
	    .service_weights = weights,
	    .service_count = c->service_count,
	    .params = params,
	    .param_count = count};
	void *state = NULL;
	enum err e = p->open(&setup, &state, why);

	if (e == ERR_OK)
		p->close(state);
	return e;
}

/*
 * Each parameter on its own first, so that every bad one is named at its place; then all together. A
 * policy that cannot do without parameters is only tried with all.
 */
static void
policy_check(struct reader *r, const struct in_drill *in, const struct policy *p,
    const struct drill_config *c, const struct place *places)
{
	struct score_team *teams = arena_array(r->arena, c->team_count + 1, sizeof(*teams));
	int *weights = arena_array(r->arena, c->service_count + 1, sizeof(*weights));
	size_t before = r->mistakes->count;
	struct why why;

	for (size_t i = 0; i < c->team_count; i++)
		teams[i] = (struct score_team){.id = c->teams[i].id,
		    .nop = c->teams[i].nop,
		    .active = true,
		    .attacker = c->teams[i].kind == TEAM_RED};
	for (size_t i = 0; i < c->service_count; i++)
		weights[i] = c->services[i].weight;
	if (policy_try(p, c, teams, weights, NULL, 0, &why) == ERR_OK)
		for (size_t i = 0; i < c->param_count; i++)
			if (policy_try(p, c, teams, weights, &c->params[i], 1, &why) != ERR_OK)
				mistake_add(r->mistakes, places[i], "scoring: %s", why.text);
	if (r->mistakes->count == before &&
	    policy_try(p, c, teams, weights, c->params, c->param_count, &why) != ERR_OK)
		mistake_add(r->mistakes, in->scoring.at, "scoring: %s", why.text);
}

/* The value as text: numbers and words as they are written. */
static const char *
param_value(struct reader *r, const struct pair *p)
{
	struct field f = {.key = p->key.s, .kind = KIND_TEXT, .min = 1, .max = NAME_MAX_BYTES};
	struct text value = {.s = NULL};

	field_read(r, p->value, &f, &value);
	return value.s;
}

void
drill_build_scoring(struct reader *r, const struct in_drill *in, struct drill_config *c)
{
	struct place *places, policy_at = in->scoring.at;
	const struct policy *p;
	struct pair *pairs = NULL;
	size_t count = 0;
	bool good = true;

	if (in->scoring.node != NULL &&
	    !pairs_read(r, in->scoring.node, "scoring", PARAMS_MAX, &pairs, &count))
		return;
	c->policy = POLICY_DEFAULT;
	c->params = arena_array(r->arena, count + 1, sizeof(*c->params));
	places = arena_array(r->arena, count + 1, sizeof(*places));
	for (size_t i = 0; i < count; i++) {
		const char *value = param_value(r, &pairs[i]);

		good = good && value != NULL;
		if (value != NULL && strcmp(pairs[i].key.s, "policy") == 0) {
			c->policy = value;
			policy_at = node_place(pairs[i].value);
		} else if (value != NULL) {
			places[c->param_count] = pairs[i].key.at;
			c->params[c->param_count++] = (struct param){pairs[i].key.s, value};
		}
	}
	if ((p = policy_find(c->policy)) == NULL)
		unknown_policy(r, policy_at, c->policy);
	else if (good)
		policy_check(r, in, p, c, places);
}
