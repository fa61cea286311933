/* Where tickets come from: that it is there, that it fits, and what judges may know of it. */
#include "core/game.h"
#include "core/ticket.h"

static enum err
result_allows(const struct game *g, int32_t id, int team, struct why *why)
{
	const struct result *r = result_find(g, id);

	if (r == NULL)
		return why_set(why, ERR_NOT_FOUND, "there is no attack result %d", id);
	if (r->state != RESULT_CONFIRMED)
		return why_set(why, ERR_CONFLICT,
		    "attack result %d is %s; a ticket comes from a confirmed one", id,
		    result_state_name(r->state));
	return r->department == team ? ERR_OK
				     : why_set(why, ERR_INVALID,
					   "attack result %d is against another department", id);
}

static enum err
report_allows(const struct game *g, int32_t id, int team, bool judge, struct why *why)
{
	const struct report_chain *c = report_find(g, id);

	if (c == NULL || c->serial == 0 || c->state == REPORT_WITHDRAWN)
		return why_set(why, ERR_NOT_FOUND, "there is no incident report %d", id);
	/* Judges mark reports without knowing whose they are; a refusal here must not tell them. */
	if (judge && !report_is_closed(c))
		return why_set(why, ERR_FORBIDDEN,
		    "judges register from a report once it is final; until then the direction "
		    "does");
	return c->team == team
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "incident report %d is of another department", id);
}

static enum err
inject_allows(const struct game *g, int32_t id, int team, struct why *why)
{
	const struct inject *in = inject_find(g, id);

	if (in == NULL)
		return why_set(why, ERR_NOT_FOUND, "there is no inject %d", id);
	return inject_reached(in, team) ? ERR_OK
					: why_set(why, ERR_INVALID,
					      "inject %d was not delivered to that department", id);
}

enum err
ticket_source_allows(
    const struct game *g, const struct ticket_source *s, int team, bool judge, struct why *why)
{
	switch (s->kind) {
	case SOURCE_RESULT:
		return result_allows(g, s->number, team, why);
	case SOURCE_REPORT:
		return report_allows(g, s->number, team, judge, why);
	case SOURCE_INJECT:
		return inject_allows(g, s->number, team, why);
	default:
		return ERR_OK;
	}
}

struct ticket_source
ticket_source_for(const struct game *g, const struct ticket *t, bool judge)
{
	struct ticket_source s = t->source;

	if (judge && s.kind == SOURCE_REPORT && !report_is_closed(report_find(g, s.number)))
		s.number = 0;
	return s;
}
