#include "core/report.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/report_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- chains and drafts ---- */

static struct report_chain *
add_chain(struct game *g, int team, int64_t at_ms)
{
	struct reports *all = g->reports;
	struct report_chain *c;

	all->chains = mem_grow(all->chains, all->count, sizeof *all->chains);
	c = &all->chains[all->count++];
	*c = (struct report_chain){.team = team, .changed_ms = at_ms, .contained_drill_ms = -1};
	all->teams[team].chains++;
	all->states[REPORT_DRAFT]++;
	return c;
}

/* The event's chain, which is made if it is the next one. */
static struct report_chain *
chain_of(struct game *g, const struct event *ev)
{
	const struct report_event *r = ev->u.report;

	return (size_t)r->id > g->reports->count ? add_chain(g, game_team(g, r->team), ev->at_ms)
						 : &g->reports->chains[r->id - 1];
}

static void
forget_draft(struct game *g, struct report_chain *c)
{
	g->reports->teams[c->team].bytes -= report_draft_bytes(c);
	free(c->draft.by);
	free(c->draft.text);
	memset(&c->draft, 0, sizeof c->draft);
}

static void
keep_draft(struct game *g, struct report_chain *c, const struct event *ev)
{
	struct report_team *t = &g->reports->teams[c->team];

	forget_draft(g, c);
	c->draft.stage = ev->u.report->stage;
	c->draft.at_ms = ev->at_ms;
	c->draft.by = mem_strdup(ev->actor);
	c->draft.text = mem_strdup(ev->u.report->text);
	t->bytes += report_draft_bytes(c);
	t->drafted += report_draft_bytes(c) + REPORT_DRAFTED_EACH_BYTES;
}

static void
withdraw(struct game *g, const struct event *ev)
{
	struct report_chain *c = &g->reports->chains[ev->u.report->id - 1];

	forget_draft(g, c);
	if (c->state != REPORT_DRAFT)
		return;
	report_set_state(g, ev->u.report->id, REPORT_WITHDRAWN, ev->at_ms);
	g->reports->teams[c->team].chains--;
	g->reports->teams[c->team].withdrawn++;
}

/* ---- filing ---- */

/* The moment of containment as it was first claimed, in what was filed or in this; 0: never. */
static int64_t
first_contained(const struct report_chain *c, const struct report_event *r)
{
	for (size_t i = 0; i < c->version_count; i++)
		if (c->versions[i].times[REPORT_CONTAINED] != 0)
			return c->versions[i].times[REPORT_CONTAINED];
	return r->times[REPORT_CONTAINED];
}

/* Since when the limit of this report runs, on the drill's clock; -1: it does not. */
static int64_t
limit_begins(const struct game *g, const struct report_chain *c, const struct report_event *r)
{
	int64_t contained;

	switch (r->stage) {
	case STAGE_INITIAL: /* the attack is not known here; judging measures from it */
		return clocklog_drill_ms(&g->clock, r->times[REPORT_DETECTED]);
	case STAGE_PROGRESS:
		return report_last(c)->drill_ms;
	default:
		contained = first_contained(c, r);
		return contained != 0 ? clocklog_drill_ms(&g->clock, contained) : -1;
	}
}

static bool
is_late(const struct game *g, const struct report_chain *c, const struct event *ev)
{
	int64_t begins = limit_begins(g, c, ev->u.report);

	return begins >= 0 &&
	       ev->drill_ms - begins > report_limit_ms(g, ev->u.report->stage, ev->u.report->level);
}

static struct report_version
version_of(const struct game *g, const struct report_chain *c, const struct event *ev)
{
	const struct report_event *r = ev->u.report;
	const struct report_version *last = report_last(c);
	bool again = c->state == REPORT_RETURNED;
	struct report_version v = {.stage = r->stage,
	    .report = again ? last->report : c->report_count + 1,
	    .version = again ? last->version + 1 : 1,
	    .at_ms = ev->at_ms,
	    .drill_ms = ev->drill_ms,
	    .by = mem_strdup(ev->actor),
	    .late = again ? last->late : is_late(g, c, ev),
	    .incident_class = incident_class_find(r->class_code),
	    .level = r->level,
	    .attachments = r->attachments,
	    .text = mem_strdup(r->text)};

	memcpy(v.times, r->times, sizeof v.times);
	for (int i = 0; i < REPORT_TIMES; i++)
		if (r->times[i] != 0)
			v.drill_times[i] = clocklog_drill_ms(&g->clock, r->times[i]);
	return v;
}

static void
take_systems(struct game *g, struct report_chain *c, const char *text)
{
	free(c->systems.systems);
	c->systems = (struct system_list){0};
	/* report_allows has looked */
	if (report_read_systems(g, text, &c->systems, NULL) == ERR_OK && c->systems.count > 0)
		c->systems.systems =
		    mem_resize(c->systems.systems, c->systems.count, sizeof *c->systems.systems);
}

static void
take_times(struct report_chain *c, const struct event *ev)
{
	const struct report_event *r = ev->u.report;

	for (int i = 0; i < REPORT_TIMES; i++)
		if (i != REPORT_ATTACKED && i != REPORT_REPORTED &&
		    (c->times[i].ms == 0 || c->times[i].source == TIME_CLAIMED))
			c->times[i] = (struct report_moment){r->times[i], TIME_CLAIMED};
	if (c->contained_drill_ms < 0 && r->times[REPORT_CONTAINED] != 0)
		c->contained_drill_ms = ev->drill_ms;
}

/* The last serial of a department in a year. A clock that is set back may come to a year again. */
static int32_t *
last_serial(struct report_team *t, int32_t year)
{
	for (size_t i = 0; i < t->year_count; i++)
		if (t->years[i].year == year)
			return &t->years[i].serial;
	t->years = mem_grow(t->years, t->year_count, sizeof *t->years);
	t->years[t->year_count] = (struct report_year){.year = year};
	return &t->years[t->year_count++].serial;
}

/* The first filing of a chain: its number, and the time that no return changes. */
static void
take_number(struct game *g, struct report_chain *c, const struct event *ev)
{
	if (c->serial > 0)
		return;
	c->year = ev->u.report->year;
	c->serial = ++*last_serial(&g->reports->teams[c->team], c->year);
	c->first_ms = ev->at_ms;
	c->first_drill_ms = ev->drill_ms;
	c->times[REPORT_REPORTED] = (struct report_moment){ev->at_ms, TIME_MEASURED};
}

static void
add_version(struct game *g, struct report_chain *c, const struct event *ev)
{
	const struct report_event *r = ev->u.report;
	struct report_version v = version_of(g, c, ev);

	take_systems(g, c, r->systems);
	v.proposed = report_propose(g, &c->systems, r->importance, r->loss);
	c->versions = mem_grow(c->versions, c->version_count, sizeof *c->versions);
	c->versions[c->version_count++] = v;
	c->report_count = v.report;
	c->stage = v.stage;
	c->incident_class = v.incident_class;
	c->level = v.level;
	c->proposed = v.proposed;
	g->reports->teams[c->team].bytes += strlen(v.text);
}

static void
submit(struct game *g, const struct event *ev)
{
	struct report_chain *c = chain_of(g, ev);

	attachments_attach(g, &ev->u.report->attachments, &report_family, ev->u.report->id);
	add_version(g, c, ev);
	take_times(c, ev);
	take_number(g, c, ev);
	forget_draft(g, c);
	if (c->state == REPORT_DRAFT)
		report_set_state(g, ev->u.report->id, REPORT_SUBMITTED, ev->at_ms);
	else if (c->state == REPORT_RETURNED)
		report_set_state(g, ev->u.report->id, REPORT_RESUBMITTED, ev->at_ms);
}

/* ---- the rest ---- */

static void
take_back(struct game *g, const struct event *ev)
{
	struct report_chain *c = &g->reports->chains[ev->u.report->id - 1];

	decision_take(&c->versions[c->version_count - 1].returned, ev->at_ms, ev->actor,
	    ev->u.report->reason);
	c->draft.stage =
	    report_last(c)->stage; /* what was being typed goes into the returned one */
	report_set_state(g, ev->u.report->id, REPORT_RETURNED, ev->at_ms);
}

static void
appeal(struct game *g, const struct event *ev)
{
	struct report_chain *c = &g->reports->chains[ev->u.report->id - 1];

	decision_take(&c->appeal, ev->at_ms, ev->actor, ev->u.report->text);
	report_set_state(g, ev->u.report->id, REPORT_APPEALED, ev->at_ms);
}

static void
comment(struct game *g, const struct event *ev)
{
	struct report_chain *c = &g->reports->chains[ev->u.report->id - 1];
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (by != NULL && by->role == ROLE_BLUE)
		g->reports->teams[c->team].bytes += strlen(ev->u.report->text);
	c->comments = mem_grow(c->comments, c->comment_count, sizeof *c->comments);
	c->comments[c->comment_count++] = (struct report_comment){.at_ms = ev->at_ms,
	    .by = mem_strdup(ev->actor),
	    .internal = ev->u.report->internal,
	    .text = mem_strdup(ev->u.report->text)};
}

static void
mark_duplicate(struct game *g, const struct event *ev)
{
	struct report_chain *c = &g->reports->chains[ev->u.report->id - 1];

	c->duplicate_of = ev->u.report->of;
	decision_take(&c->duplicate, ev->at_ms, ev->actor, ev->u.report->reason);
}

static void
apply(struct game *g, const struct event *ev)
{
	switch (ev->kind) {
	case EV_REPORT_DRAFTED:
		keep_draft(g, chain_of(g, ev), ev);
		break;
	case EV_REPORT_WITHDRAWN:
		withdraw(g, ev);
		break;
	case EV_REPORT_SUBMITTED:
		submit(g, ev);
		break;
	case EV_REPORT_RETURNED:
		take_back(g, ev);
		break;
	case EV_REPORT_APPEALED:
		appeal(g, ev);
		break;
	case EV_REPORT_COMMENTED:
		comment(g, ev);
		break;
	default:
		mark_duplicate(g, ev);
		break;
	}
}

/* ---- who sees it ---- */

bool
report_visible(const struct report_chain *c, enum role role, int team)
{
	return role & ROLE_STAFF ? report_is_filed(c) : role == ROLE_BLUE && c->team == team;
}

static bool
shows(const struct game *g, int32_t id, const struct account *a)
{
	return report_visible(report_find(g, id), a->role, a->team);
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->reports = mem_alloc(sizeof *g->reports);
	g->reports->teams = mem_array(g->config->team_count, sizeof *g->reports->teams);
}

static void
free_chain(struct report_chain *c)
{
	for (size_t i = 0; i < c->version_count; i++) {
		free(c->versions[i].by);
		free(c->versions[i].text);
		decision_free(&c->versions[i].returned);
	}
	for (size_t i = 0; i < c->comment_count; i++) {
		free(c->comments[i].by);
		free(c->comments[i].text);
	}
	free(c->draft.by);
	free(c->draft.text);
	free(c->versions);
	free(c->comments);
	free(c->systems.systems);
	decision_free(&c->appeal);
	decision_free(&c->duplicate);
}

static void
close_all(struct game *g)
{
	for (size_t i = 0; i < g->reports->count; i++)
		free_chain(&g->reports->chains[i]);
	free(g->reports->chains);
	for (size_t i = 0; i < g->config->team_count; i++)
		free(g->reports->teams[i].years);
	free(g->reports->teams);
	free(g->reports);
}

const struct record_family report_family = {
    .first = EV_REPORT_DRAFTED,
    .last = EV_REPORT_DUPLICATE,
    .encode = report_encode,
    .encode_secret = report_encode_secret,
    .decode = report_decode,
    .allows = report_allows,
    .apply = apply,
    .noun = "report",
    .shows = shows,
    .open = open_all,
    .close = close_all,
};
