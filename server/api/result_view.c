#include "api/result_view.h"
#include "api/attachment_view.h"
#include "api/write.h"

#include <stdio.h>
#include <string.h>

#define SEES_TEAM (ROLE_RED | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN)

bool
result_visible(const struct game *g, const struct result *r, const struct result_viewer *v)
{
	if (v->role == ROLE_BLUE)
		return result_shown_to_blue(g, r, v->team);
	return result_readable(r, v->role, v->team);
}

void
write_result_target(struct json_writer *w, const struct game *g, const struct result *r)
{
	jw_kv_str(w, "system", r->system >= 0 ? g->config->systems[r->system].id : NULL);
	jw_kv_str(w, "department", g->config->teams[r->department].id);
}

void
write_result_ruling(struct json_writer *w, const struct result *r)
{
	jw_key(w, "ruling");
	if (r->state != RESULT_CONFIRMED) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "kind", r->kind->id);
	jw_kv_int(w, "count", r->count);
	jw_kv_int(w, "mlps", r->mlps);
	jw_kv_bool(w, "unlisted", r->unlisted);
	jw_kv_int(w, "size", r->size);
	jw_kv_bool(w, "overridden", r->overridden);
	jw_kv_int(w, "quality", r->quality);
	jw_kv_int(w, "flaw", r->flaw);
	jw_kv_int(w, "position", r->position);
	jw_kv_int(w, "percent", result_repeat_percent(r->position));
	jw_kv_real(w, "counted", (double)result_counted_milli(r) / 1000);
	jw_object_end(w);
}

static void
write_void(struct json_writer *w, const struct result *r)
{
	jw_key(w, "void");
	if (r->state != RESULT_VOID) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "cause", result_void_name(r->cause));
	jw_kv_int(w, "penalty", r->penalty);
	jw_object_end(w);
}

/* A confirmed result's offer of a ticket. */
static void
write_source(struct json_writer *w, const struct result *r, int32_t id)
{
	char source[32];

	snprintf(source, sizeof source, "result:%d", id);
	jw_kv_str(w, "ticket_source", r->state == RESULT_CONFIRMED ? source : NULL);
}

/* Red teams do not learn who judges them, nor judges whom they judge. */
static bool
sees_actor(const struct result_viewer *v, enum event_kind kind)
{
	bool by_red = kind == EV_RESULT_SUBMITTED || kind == EV_RESULT_RESUBMITTED;

	return (v->role == ROLE_RED) ? by_red : v->role != ROLE_JUDGE || !by_red;
}

static void
write_history(struct json_writer *w, const struct drill *d, const struct result *r,
    const struct result_viewer *v)
{
	jw_key(w, "history");
	jw_array(w);
	for (size_t i = 0; i < r->step_count; i++) {
		const struct result_step *s = &r->steps[i];

		jw_object(w);
		jw_kv_str(w, "event", event_kind_name(s->kind));
		write_time(w, "at", s->decision.at_ms, d->offset_minutes);
		jw_kv_str(w, "by", sees_actor(v, s->kind) ? s->decision.by : NULL);
		jw_kv_str(w, "reason", s->decision.reason);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_texts(struct json_writer *w, const struct result *r)
{
	jw_key(w, "path");
	if (r->path[0] != '\0')
		jw_raw(w, r->path, strlen(r->path));
	else
		jw_raw(w, "[]", 2);
	jw_kv_str(w, "evidence", r->evidence);
	jw_kv_str(w, "effect", r->effect);
	jw_kv_str(w, "cleanup", r->cleanup);
}

static void
write_claim(struct json_writer *w, const struct drill *d, const struct result *r)
{
	jw_kv_str(w, "asset", r->asset[0] != '\0' ? r->asset : NULL);
	jw_kv_bool(w, "out_of_scope", r->out_of_scope);
	write_time(w, "attacked_at", r->attacked_ms, d->offset_minutes);
	jw_kv_int(w, "attacked_drill_ms", r->attacked_drill_ms);
	jw_kv_str(w, "kind", r->claimed->id);
	jw_kv_int(w, "count", r->claimed_count);
	jw_kv_str(w, "technique", r->technique);
	jw_kv_bool(w, "cleaned", r->cleaned);
	jw_kv_str(w, "weakness", r->weakness);
}

static void
write_most(struct json_writer *w, const struct drill *d, const struct result *r, int32_t id,
    const struct result_viewer *v)
{
	if (v->role & SEES_TEAM)
		jw_kv_str(w, "team", d->game->config->teams[r->team].id);
	write_time(w, "at", r->at_ms, d->offset_minutes);
	jw_kv_int(w, "drill_ms", r->drill_ms);
	jw_kv_int(w, "version", r->version);
	if (v->role & ROLE_STAFF)
		jw_kv_str(w, "reviewer", r->reviewer);
	write_claim(w, d, r);
	write_result_ruling(w, r);
	write_void(w, r);
	write_source(w, r, id);
}

void
write_result(struct json_writer *w, const struct drill *d, int32_t id,
    const struct result_viewer *v, bool full)
{
	const struct result *r = result_find(d->game, id);

	jw_object(w);
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "state", result_state_name(r->state));
	write_result_target(w, d->game, r);
	if (v->role != ROLE_BLUE)
		write_most(w, d, r, id, v);
	if (v->role != ROLE_BLUE && full) {
		write_texts(w, r);
		attachments_write(w, d->game, &r->attachments, v->role, d->offset_minutes);
		write_history(w, d, r, v);
	}
	jw_object_end(w);
}
