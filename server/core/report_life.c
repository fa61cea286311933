/* The life of a report chain, and questions about one. */
#include "base/buf.h"
#include "core/game.h"
#include "core/report_private.h"

#include <stdio.h>
#include <string.h>

static const struct term states[] = {
    [REPORT_DRAFT] = {"draft", {"草稿", "Draft"}},
    [REPORT_SUBMITTED] = {"submitted", {"已提交", "Submitted"}},
    [REPORT_TRIAGED] = {"triaged", {"已受理", "Triaged"}},
    [REPORT_UNDER_REVIEW] = {"under_review", {"评审中", "Under review"}},
    [REPORT_RETURNED] = {"returned", {"退回补充", "Returned for completion"}},
    [REPORT_RESUBMITTED] = {"resubmitted", {"已补充提交", "Resubmitted"}},
    [REPORT_REJECTED] = {"rejected", {"不予认定", "Rejected"}},
    [REPORT_SCORED] = {"scored", {"已评分", "Scored"}},
    [REPORT_APPEALED] = {"appealed", {"申诉中", "Appealed"}},
    [REPORT_RESCORED] = {"rescored", {"已复评", "Rescored"}},
    [REPORT_FINAL] = {"final", {"终结", "Final"}},
    [REPORT_ARCHIVED] = {"archived", {"已归档", "Archived"}},
    [REPORT_WITHDRAWN] = {"withdrawn", {"已撤回", "Withdrawn"}},
};
const struct terms terms_report_states = {"report state", states, REPORT_STATES};

static const struct term times[] = {
    [REPORT_ATTACKED] = {"attacked", {"攻击开始", "Attack started"}},
    [REPORT_DETECTED] = {"detected", {"发现", "Detected"}},
    [REPORT_REPORTED] = {"reported", {"上报", "Reported"}},
    [REPORT_CONTAINED] = {"contained", {"抑制", "Contained"}},
    [REPORT_ERADICATED] = {"eradicated", {"根除", "Eradicated"}},
    [REPORT_RECOVERED] = {"recovered", {"恢复", "Recovered"}},
};
const struct terms terms_report_times = {"time of an incident", times, REPORT_TIMES};

/* ---- which state may follow which ---- */

#define TO(state) (1u << (state))

static const unsigned follows[REPORT_STATES] = {
    [REPORT_DRAFT] = TO(REPORT_SUBMITTED) | TO(REPORT_WITHDRAWN),
    [REPORT_SUBMITTED] = TO(REPORT_TRIAGED) | TO(REPORT_RETURNED),
    [REPORT_TRIAGED] = TO(REPORT_UNDER_REVIEW) | TO(REPORT_RETURNED),
    [REPORT_UNDER_REVIEW] = TO(REPORT_RETURNED) | TO(REPORT_REJECTED) | TO(REPORT_SCORED),
    [REPORT_RETURNED] = TO(REPORT_RESUBMITTED),
    [REPORT_RESUBMITTED] = TO(REPORT_TRIAGED) | TO(REPORT_UNDER_REVIEW) | TO(REPORT_RETURNED),
    [REPORT_REJECTED] = TO(REPORT_APPEALED) | TO(REPORT_FINAL),
    [REPORT_SCORED] = TO(REPORT_APPEALED) | TO(REPORT_FINAL),
    [REPORT_APPEALED] = TO(REPORT_RESCORED),
    [REPORT_RESCORED] = TO(REPORT_FINAL),
    [REPORT_FINAL] = TO(REPORT_ARCHIVED),
};

static void
name_followers(enum report_state from, struct buf *out)
{
	for (int to = 0; to < REPORT_STATES; to++)
		if (follows[from] & TO(to))
			buf_printf(out, "%s%s", out->len > 0 ? ", " : "",
			    term_id(&terms_report_states, to));
}

enum err
report_may_become(const struct report_chain *c, enum report_state to, struct why *why)
{
	struct buf next;

	if (follows[c->state] & TO(to))
		return ERR_OK;
	buf_init(&next, 200);
	name_followers(c->state, &next);
	why_set(why, ERR_CONFLICT, "the report is %s and cannot become %s; what may follow: %s",
	    term_id(&terms_report_states, (int)c->state), term_id(&terms_report_states, (int)to),
	    next.len > 0 ? next.data : "nothing");
	buf_free(&next);
	return ERR_CONFLICT;
}

void
report_set_state(struct game *g, int32_t id, enum report_state to, int64_t at_ms)
{
	struct report_chain *c = &g->reports->chains[id - 1];

	g->reports->states[c->state]--;
	g->reports->states[to]++;
	c->state = to;
	c->changed_ms = at_ms;
}

void
report_set_time(
    struct game *g, int32_t id, enum report_time which, int64_t ms, enum time_source source)
{
	struct report_chain *c = &g->reports->chains[id - 1];
	const struct report_version *last = report_last(c);

	if (ms != 0)
		c->times[which] = (struct report_moment){ms, source};
	else if (which == REPORT_REPORTED) /* the server's, which nobody claims */
		c->times[which] = (struct report_moment){c->first_ms, TIME_MEASURED};
	else
		c->times[which] =
		    (struct report_moment){last != NULL ? last->times[which] : 0, TIME_CLAIMED};
}

/* ---- questions ---- */

const struct report_chain *
report_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->reports->count ? &g->reports->chains[id - 1] : NULL;
}

const struct report_version *
report_last(const struct report_chain *c)
{
	return c->version_count > 0 ? &c->versions[c->version_count - 1] : NULL;
}

const struct report_version *
report_first_version(const struct report_chain *c, int32_t n)
{
	for (size_t i = 0; i < c->version_count; i++)
		if (c->versions[i].report == n)
			return &c->versions[i];
	return NULL;
}

void
report_number(const struct game *g, const struct report_chain *c, char out[REPORT_NUMBER_BYTES])
{
	out[0] = '\0';
	if (c->serial > 0)
		snprintf(out, REPORT_NUMBER_BYTES, "%s-%04d-%03d", g->config->teams[c->team].id,
		    c->year, c->serial);
}

size_t
report_draft_bytes(const struct report_chain *c)
{
	return c->draft.text != NULL ? strlen(c->draft.text) : 0;
}

bool
report_is_filed(const struct report_chain *c)
{
	return c->version_count > 0;
}

bool
report_is_closed(const struct report_chain *c)
{
	return c->state == REPORT_FINAL || c->state == REPORT_ARCHIVED;
}

int64_t
report_limit_ms(const struct game *g, enum report_stage stage, enum incident_level level)
{
	const struct drill_config *c = g->config;
	int64_t given = c->report_limits.ms[stage][level];

	return given != 0 ? given
			  : report_limit_default((int)stage, (int)level, c->tick_ms * c->ticks);
}

enum incident_level
report_propose(const struct game *g, const struct system_list *systems, enum importance claimed,
    enum incident_loss loss)
{
	enum importance most = claimed;

	for (size_t i = 0; i < systems->count; i++) {
		enum importance of =
		    importance_of_mlps(g->config->systems[systems->systems[i]].mlps);

		if (of > most)
			most = of;
	}
	return level_propose(most, loss);
}
