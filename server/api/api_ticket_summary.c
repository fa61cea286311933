/* How far each department is with its tickets. */
#include "api/routes.h"
#include "api/ticket_request.h"

struct counts {
	unsigned all, open, overdue;
	unsigned states[TICKET_STATES];
	unsigned severities[SEVERITY_COUNT]; /* of those that are open */
	unsigned levels[SUPERVISION_LEVELS]; /* the same */
};

static void
count(struct counts *c, const struct ticket_view *v, const struct ticket *t)
{
	c->all++;
	c->states[t->state]++;
	if (!ticket_is_open(t))
		return;
	c->open++;
	c->overdue += ticket_overdue(v->g, t, v->now_ms) > 0;
	c->severities[t->severity]++;
	c->levels[t->level]++;
}

static void
write_words_counted(
    struct json_writer *w, const char *key, const struct terms *terms, const unsigned *counts)
{
	jw_key(w, key);
	jw_object(w);
	for (int i = 0; i < terms->count; i++)
		jw_kv_int(w, terms->list[i].id, counts[i]);
	jw_object_end(w);
}

/* The rate is of all but those that turned out to be none; null where there are no others. */
static void
write_counts(struct json_writer *w, const struct counts *c)
{
	unsigned real = c->all - c->states[TICKET_DUPLICATE] - c->states[TICKET_FALSE_POSITIVE];

	jw_kv_int(w, "all", c->all);
	jw_kv_int(w, "open", c->open);
	jw_kv_int(w, "overdue", c->overdue);
	jw_key(w, "closure_rate");
	if (real > 0)
		jw_real(w, (double)c->states[TICKET_CLOSED] / real);
	else
		jw_null(w);
	write_words_counted(w, "states", &terms_ticket_states, c->states);
	write_words_counted(w, "open_by_severity", &terms_severities, c->severities);
	write_words_counted(w, "open_by_supervision", &terms_supervision, c->levels);
}

static void
write_departments(struct json_writer *w, const struct game *g, const struct counts *of)
{
	jw_key(w, "departments");
	jw_array(w);
	for (size_t i = 0; i < g->config->team_count; i++) {
		if (of[i].all == 0)
			continue;
		jw_object(w);
		jw_kv_str(w, "department", g->config->teams[i].id);
		write_counts(w, &of[i]);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* GET /api/v1/tickets/summary -> 200 TicketSummary: of all, or of one's own department */
static enum err
ticket_summary_get(struct request *req, struct response *out)
{
	struct ticket_view v = ticket_view_of(req);
	const struct tickets *all = v.g->tickets;
	struct counts *of = arena_array(req->x->arena, v.g->config->team_count + 1, sizeof *of);
	struct counts total = {.all = 0};
	struct json_writer w;

	for (size_t i = 0; i < all->count; i++) {
		if (!ticket_may_see(req, &all->items[i]))
			continue;
		count(&total, &v, &all->items[i]);
		count(&of[all->items[i].team], &v, &all->items[i]);
	}
	response_object(out, &w);
	write_counts(&w, &total);
	write_departments(&w, v.g, of);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_ticket_summary_get = {
    .method = "GET",
    .path = "/api/v1/tickets/summary",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = ticket_summary_get,
};
