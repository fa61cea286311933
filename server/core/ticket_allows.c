/*
 * What may happen to a ticket: by whom, from which state, and with what. One row a step.
 *
 * Roles as DOMAIN section 9: a department answers its own, judges register and retest, leaders accept risks, the
 * direction does the rest. Who put something right is never who retests it.
 */
#include "base/date.h"
#include "core/game.h"
#include "core/ticket.h"

#include <string.h>

#define IN(state) (1u << (state))
#define DIRECTION (ROLE_DIRECTOR | ROLE_ADMIN)
#define ANSWERS (ROLE_BLUE | DIRECTION)
#define RETESTS (ROLE_JUDGE | DIRECTION)
#define ASIDE                                                                                      \
	(IN(TICKET_CLOSED) | IN(TICKET_RISK_ACCEPTED) | IN(TICKET_DUPLICATE) |                     \
	    IN(TICKET_FALSE_POSITIVE))
#define OPEN ((IN(TICKET_STATES) - 1) & ~ASIDE)
#define ON_DEPARTMENT                                                                              \
	(IN(TICKET_NOTIFIED) | IN(TICKET_ACKNOWLEDGED) | IN(TICKET_IN_PROGRESS) |                  \
	    IN(TICKET_RETEST_FAILED) | IN(TICKET_EXTENSION_PENDING) | IN(TICKET_REOPENED))
#define STATES_TEXT_MAX_BYTES 300

struct rule {
	const char *what;     /* for the sentence: "to acknowledge" */
	unsigned roles;       /* 0: time alone */
	unsigned from;        /* states */
	enum ticket_state to; /* TICKET_STATES: ticket_state_after knows */
};

static const struct rule *
rule_of(enum event_kind kind)
{
	static const struct rule rules[] = {
	    [EV_TICKET_REGISTERED - EV_TICKET_REGISTERED] = {"to register", RETESTS, 0,
		TICKET_REGISTERED},
	    [EV_TICKET_NOTIFIED - EV_TICKET_REGISTERED] = {"to notify", DIRECTION,
		IN(TICKET_REGISTERED), TICKET_NOTIFIED},
	    [EV_TICKET_ACKNOWLEDGED - EV_TICKET_REGISTERED] = {"to acknowledge", ANSWERS,
		IN(TICKET_NOTIFIED) | IN(TICKET_REOPENED), TICKET_ACKNOWLEDGED},
	    [EV_TICKET_STARTED - EV_TICKET_REGISTERED] = {"to start", ANSWERS,
		IN(TICKET_ACKNOWLEDGED) | IN(TICKET_RETEST_FAILED), TICKET_IN_PROGRESS},
	    [EV_TICKET_FEEDBACK - EV_TICKET_REGISTERED] = {"to answer", ANSWERS,
		IN(TICKET_IN_PROGRESS), TICKET_FEEDBACK_SUBMITTED},
	    [EV_TICKET_RETEST_BEGUN - EV_TICKET_REGISTERED] = {"to retest", RETESTS,
		IN(TICKET_FEEDBACK_SUBMITTED), TICKET_RETESTING},
	    [EV_TICKET_RETESTED - EV_TICKET_REGISTERED] = {"to give a retest's result", RETESTS,
		IN(TICKET_RETESTING), TICKET_STATES},
	    [EV_TICKET_EXTENSION_ASKED - EV_TICKET_REGISTERED] = {"to ask for an extension",
		ROLE_BLUE | ROLE_ADMIN, ON_DEPARTMENT & ~IN(TICKET_EXTENSION_PENDING),
		TICKET_EXTENSION_PENDING},
	    [EV_TICKET_EXTENSION_DECIDED - EV_TICKET_REGISTERED] = {"to decide on an extension",
		DIRECTION, IN(TICKET_EXTENSION_PENDING), TICKET_STATES},
	    [EV_TICKET_RISK_ACCEPTED - EV_TICKET_REGISTERED] = {"to accept the risk", ROLE_LEADER,
		OPEN, TICKET_RISK_ACCEPTED},
	    [EV_TICKET_RISK_EXPIRED - EV_TICKET_REGISTERED] = {"to end the acceptance", 0,
		IN(TICKET_RISK_ACCEPTED), TICKET_REOPENED},
	    [EV_TICKET_DUPLICATE - EV_TICKET_REGISTERED] = {"to call it a duplicate", DIRECTION,
		OPEN, TICKET_DUPLICATE},
	    [EV_TICKET_FALSE_POSITIVE - EV_TICKET_REGISTERED] = {"to call it a false positive",
		DIRECTION, OPEN, TICKET_FALSE_POSITIVE},
	    [EV_TICKET_REOPENED -
		EV_TICKET_REGISTERED] = {"to reopen", DIRECTION, ASIDE, TICKET_REOPENED},
	    [EV_TICKET_SUPERVISED -
		EV_TICKET_REGISTERED] = {"to supervise", 0, ON_DEPARTMENT, TICKET_STATES},
	};

	return &rules[kind - EV_TICKET_REGISTERED];
}

bool
ticket_is_open(const struct ticket *t)
{
	return (OPEN & IN(t->state)) != 0;
}

bool
ticket_is_on_department(const struct ticket *t)
{
	return (ON_DEPARTMENT & IN(t->state)) != 0;
}

enum ticket_state
ticket_state_after(const struct ticket *t, const struct event *ev)
{
	enum ticket_state to = rule_of(ev->kind)->to;

	if (to != TICKET_STATES)
		return to;
	if (ev->kind == EV_TICKET_EXTENSION_DECIDED)
		return t->before;
	if (ev->kind == EV_TICKET_SUPERVISED)
		return t->state;
	switch (ev->u.ticket->result) {
	case RETEST_FIXED:
		return TICKET_CLOSED;
	case RETEST_VULNERABLE:
		return TICKET_RETEST_FAILED;
	default:
		return TICKET_RETESTING; /* once more */
	}
}

/* ---- who ---- */

static enum err
may_by_role(const struct rule *rule, const struct account *by, const char *actor, struct why *why)
{
	if (rule->roles == 0)
		return strcmp(actor, "clock") == 0
			   ? ERR_OK
			   : why_set(why, ERR_FORBIDDEN, "%s is for time alone", rule->what);
	if (by == NULL)
		return why_set(why, ERR_FORBIDDEN, "\"%s\" is no account", actor);
	return by->role & rule->roles ? ERR_OK
				      : why_set(why, ERR_FORBIDDEN, "%s is not for a %s",
					    rule->what, role_name(by->role));
}

static bool
is_fixer(const struct ticket *t, const struct account *by)
{
	for (size_t i = 0; i < t->fixer_count; i++)
		if (t->fixers[i] == by)
			return true;
	return false;
}

/* Never who worked on it, never of its department; and what one has begun, another does not end. */
static enum err
may_retest(const struct ticket *t, const struct account *by, enum event_kind kind, struct why *why)
{
	if (is_fixer(t, by) || by->team == t->team)
		return why_set(why, ERR_FORBIDDEN,
		    "\"%s\" has worked on it; another person retests it", by->id);
	if (kind == EV_TICKET_RETESTED && by != t->retester && !(by->role & DIRECTION))
		return why_set(why, ERR_CONFLICT, "\"%s\" is retesting it", t->retester->id);
	return ERR_OK;
}

/* ---- from which state ---- */

static enum err
wrong_state(const struct ticket *t, int32_t id, const struct rule *rule, struct why *why)
{
	struct buf states;
	enum err e;

	buf_init(&states, STATES_TEXT_MAX_BYTES);
	for (int s = 0; s < TICKET_STATES; s++)
		if (rule->from & IN(s))
			buf_printf(&states, "%s%s", states.len > 0 ? " or " : "",
			    term_id(&terms_ticket_states, s));
	e = why_set(why, ERR_CONFLICT, "ticket %d is %s; %s it must be %s", id,
	    term_id(&terms_ticket_states, (int)t->state), rule->what, states.data);
	buf_free(&states);
	return e;
}

/* ---- with what ---- */

static enum err
due_allows(const struct game *g, int32_t due, int32_t after, const char *of, struct why *why)
{
	char last[DATE_BYTES], next[DATE_BYTES];

	date_format(after, last);
	if (due <= after)
		return why_set(why, ERR_INVALID, "a due date after %s (%s) is expected", last, of);
	if (due > after + TICKET_DUE_DAYS_MAX)
		return why_set(why, ERR_INVALID, "a due date is at most %d days after %s",
		    TICKET_DUE_DAYS_MAX, last);
	if (workday_is(&g->config->calendar, due))
		return ERR_OK;
	date_format(due, last);
	date_format(workday_from(&g->config->calendar, due), next);
	return why_set(why, ERR_INVALID, "%s is no working day; the next one is %s", last, next);
}

static enum err
duplicate_allows(
    const struct game *g, const struct ticket *t, const struct ticket_event *ev, struct why *why)
{
	const struct ticket *of = ticket_find(g, ev->of);

	if (of == NULL)
		return why_set(why, ERR_NOT_FOUND, "no ticket %d that it could double", ev->of);
	if (ev->of == ev->id)
		return why_set(why, ERR_INVALID, "a ticket is no duplicate of itself");
	if (of->team != t->team)
		return why_set(why, ERR_INVALID,
		    "ticket %d is of another department, which puts right its own", ev->of);
	return of->state == TICKET_DUPLICATE
		   ? why_set(why, ERR_CONFLICT, "ticket %d is itself a duplicate, of ticket %d",
			 ev->of, of->duplicate_of)
		   : ERR_OK;
}

static enum err
supervision_allows(
    const struct game *g, const struct ticket *t, const struct event *ev, struct why *why)
{
	if (ev->u.ticket->level != t->level + 1)
		return why_set(why, ERR_CONFLICT, "supervision is at level %d", t->level);
	return ev->at_ms >= ticket_next_ms(g, t)
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "level %d is not due yet", t->level + 1);
}

static enum err
extension_allows(
    const struct game *g, const struct ticket *t, const struct event *ev, struct why *why)
{
	const struct ticket_event *x = ev->u.ticket;

	if (ev->kind == EV_TICKET_EXTENSION_DECIDED && !x->granted)
		return ERR_OK;
	return due_allows(g, x->due, t->due, "when it is due now", why);
}

static enum err
content_allows(
    const struct game *g, const struct ticket *t, const struct event *ev, struct why *why)
{
	const struct ticket_event *x = ev->u.ticket;

	switch (ev->kind) {
	case EV_TICKET_NOTIFIED:
	case EV_TICKET_REOPENED:
	case EV_TICKET_RISK_EXPIRED:
		if (ev->kind == EV_TICKET_RISK_EXPIRED && ev->at_ms < t->next_ms)
			return why_set(why, ERR_CONFLICT, "the risk is still accepted");
		return due_allows(g, x->due, date_at(ev->at_ms, x->offset), "today", why);
	case EV_TICKET_EXTENSION_ASKED:
	case EV_TICKET_EXTENSION_DECIDED:
		return extension_allows(g, t, ev, why);
	case EV_TICKET_RISK_ACCEPTED:
		return x->until > date_at(ev->at_ms, x->offset) &&
			       x->until <= date_at(ev->at_ms, x->offset) + TICKET_DUE_DAYS_MAX
			   ? ERR_OK
			   : why_set(why, ERR_INVALID,
				 "a risk is accepted until a date after today, at most %d days",
				 TICKET_DUE_DAYS_MAX);
	case EV_TICKET_DUPLICATE:
		return duplicate_allows(g, t, x, why);
	case EV_TICKET_SUPERVISED:
		return supervision_allows(g, t, ev, why);
	default:
		return ERR_OK;
	}
}

static enum err
registered_allows(const struct game *g, const struct ticket_event *x, bool judge, struct why *why)
{
	int team = game_team(g, x->department);
	struct ticket_source source;
	enum err e;
	int system;

	if (g->tickets->count >= TICKETS_MAX)
		return why_set(why, ERR_LIMIT, "at most %d tickets in one drill", TICKETS_MAX);
	if ((size_t)x->id != g->tickets->count + 1)
		return why_set(why, ERR_CONFLICT, "ticket %d, but the next one is %zu", x->id,
		    g->tickets->count + 1);
	if (team < 0 || g->config->teams[team].kind != TEAM_BLUE)
		return why_set(
		    why, ERR_NOT_FOUND, "there is no department \"%.64s\"", x->department);
	if ((e = source_read(x->source, &source, why)) != ERR_OK ||
	    (e = ticket_source_allows(g, &source, team, judge, why)) != ERR_OK ||
	    x->system[0] == '\0')
		return e;
	if ((system = game_system(g, x->system)) < 0)
		return why_set(why, ERR_NOT_FOUND, "there is no system \"%.64s\"", x->system);
	return g->config->systems[system].team == team
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "system \"%s\" is not of department \"%s\"",
			 x->system, x->department);
}

enum err
ticket_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct rule *rule = rule_of(ev->kind);
	/* Of time's own steps nobody is the actor, whatever accounts are called. */
	const struct account *by = rule->roles != 0 ? accounts_find(&g->accounts, ev->actor) : NULL;
	const struct ticket_event *x = ev->u.ticket;
	const struct ticket *t;
	enum err e;

	if ((e = may_by_role(rule, by, ev->actor, why)) != ERR_OK)
		return e;
	if (ev->kind == EV_TICKET_REGISTERED)
		return registered_allows(g, x, by->role == ROLE_JUDGE, why);
	t = ticket_find(g, x->id);
	if (t == NULL || (by != NULL && by->role == ROLE_BLUE && !ticket_is_seen_by(t, by->team)))
		return why_set(why, ERR_NOT_FOUND, "no ticket %d", x->id);
	if (!(rule->from & IN(t->state)))
		return wrong_state(t, x->id, rule, why);
	if (rule->roles != 0 && t->step_count >= TICKET_STEPS_MAX)
		return why_set(why, ERR_LIMIT, "ticket %d has %d steps behind it, which is all",
		    x->id, TICKET_STEPS_MAX);
	if ((ev->kind == EV_TICKET_RETEST_BEGUN || ev->kind == EV_TICKET_RETESTED) &&
	    (e = may_retest(t, by, ev->kind, why)) != ERR_OK)
		return e;
	if ((e = attachments_allow(g, &x->attachments, by != NULL ? by->team : -1, &ticket_family,
		 x->id, why)) != ERR_OK)
		return e;
	return content_allows(g, t, ev, why);
}
