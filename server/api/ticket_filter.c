#include "api/ticket_filter.h"

#include <string.h>

static enum err
read_state(struct request *req, struct ticket_filter *f)
{
	int state;
	enum err e;

	f->states = ~0u;
	if (f->state == NULL)
		return ERR_OK;
	if (strcmp(f->state, "open") == 0) {
		for (int s = 0; s < TICKET_STATES; s++)
			if (!ticket_is_open(&(struct ticket){.state = (enum ticket_state)s}))
				f->states &= ~(1u << s);
		return ERR_OK;
	}
	if ((e = term_want(&terms_ticket_states, f->state, &state, &req->why)) == ERR_OK) {
		f->states = 1u << state;
		return ERR_OK;
	}
	strncat(req->why.text, "; or open: all that are not closed",
	    sizeof req->why.text - strlen(req->why.text) - 1);
	return e;
}

static enum err
read_source(struct request *req, struct ticket_filter *f)
{
	int kind;

	if (f->source == NULL)
		return ERR_OK;
	f->any_number = term_parse(&terms_ticket_sources, f->source, &kind);
	if (!f->any_number)
		return source_read(f->source, &f->source_is, &req->why);
	f->source_is.kind = (enum source_kind)kind;
	return ERR_OK;
}

static enum err
read_overdue(struct request *req, struct ticket_filter *f)
{
	if (f->overdue == NULL)
		return ERR_OK;
	f->overdue_is = strcmp(f->overdue, "true") == 0;
	return f->overdue_is || strcmp(f->overdue, "false") == 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?overdue= must be true or false");
}

static enum err
read_filters(struct request *req, struct ticket_filter *f)
{
	const struct game *g = api_drill(req->api)->game;
	enum err e;

	f->team = f->severity_is = f->level_is = f->overdue_is = -1;
	if ((e = read_state(req, f)) != ERR_OK || (e = read_source(req, f)) != ERR_OK ||
	    (e = read_overdue(req, f)) != ERR_OK)
		return e;
	if (f->department != NULL && (f->team = game_team(g, f->department)) < 0)
		return why_set(
		    &req->why, ERR_INVALID, "there is no department \"%.64s\"", f->department);
	if (f->severity != NULL &&
	    (e = term_want(&terms_severities, f->severity, &f->severity_is, &req->why)) != ERR_OK)
		return e;
	return f->supervision == NULL
		   ? ERR_OK
		   : term_want(&terms_supervision, f->supervision, &f->level_is, &req->why);
}

enum err
ticket_filter_read(
    struct request *req, const char **lang, struct query_page *page, struct ticket_filter *f)
{
	const char *none = NULL;
	const struct query_filter names[] = {{"state", &f->state}, {"department", &f->department},
	    {"severity", &f->severity}, {"overdue", &f->overdue}, {"source", &f->source},
	    {"supervision", &f->supervision},
	    {lang != NULL ? "lang" : NULL, lang != NULL ? lang : &none}, {NULL, NULL}};
	enum err e;

	*f = (struct ticket_filter){.states = 0};
	return (e = query_read(req, names, page)) != ERR_OK ? e : read_filters(req, f);
}

bool
ticket_passes(const struct ticket_filter *f, const struct ticket_view *v, const struct ticket *t)
{
	struct ticket_source seen;

	if (!(f->states & (1u << t->state)) || (f->team >= 0 && t->team != f->team) ||
	    (f->severity_is >= 0 && (int)t->severity != f->severity_is) ||
	    (f->level_is >= 0 && t->level != f->level_is))
		return false;
	seen = ticket_source_for(v->g, t, v->judge);
	if (f->source != NULL && (seen.kind != f->source_is.kind ||
				     (!f->any_number && seen.number != f->source_is.number)))
		return false;
	return f->overdue_is < 0 || (ticket_overdue(v->g, t, v->now_ms) > 0) == f->overdue_is;
}
