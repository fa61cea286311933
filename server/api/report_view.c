#include "api/report_view.h"
#include "api/attachment_view.h"
#include "api/write.h"
#include "core/game.h"
#include "core/report_document.h"

#include <string.h>

bool
report_shown(const struct report_reader *r, const struct report_chain *c)
{
	return report_visible(c, r->role, r->team);
}

enum report_state
report_state_shown(const struct report_reader *r, int32_t id)
{
	enum report_state state = report_find(r->g, id)->state;
	bool untold = state == REPORT_REJECTED && judging_releasable(r->g, id);

	return untold && !(r->role & ROLE_STAFF) ? REPORT_UNDER_REVIEW : state;
}

/* Whether it may be known whose report this is. */
static bool
named(const struct report_reader *r)
{
	return r->role != ROLE_JUDGE;
}

static void
write_moment(struct json_writer *w, const struct report_reader *r, const char *key, int64_t ms)
{
	write_time(w, key, ms, r->offset_minutes);
}

/* ---- heads ---- */

static void
write_unit(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	char zh[UNIT_NAME_BYTES], en[UNIT_NAME_BYTES];

	unit_name(r->g->units[c->team], zh, en);
	write_i18n(w, "unit", &(struct i18n){.zh = zh, .en = en});
}

/* A department has one system of a service: the services say what was touched and not whose. */
static void
write_systems(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	const struct drill_config *config = r->g->config;

	jw_key(w, named(r) ? "systems" : "services");
	jw_array(w);
	for (size_t i = 0; i < c->systems.count; i++) {
		const struct system_config *s = &config->systems[c->systems.systems[i]];

		jw_str(w, named(r) ? s->id : config->services[s->service].id);
	}
	jw_array_end(w);
}

/* A department learns what the red log and the judges say when all is over. */
static bool
time_shown(const struct report_reader *r, const struct report_chain *c, int which)
{
	return c->times[which].ms != 0 &&
	       ((r->role & ROLE_STAFF) || report_is_closed(c) || which == REPORT_REPORTED ||
		   c->times[which].source == TIME_CLAIMED);
}

static void
write_times(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	const struct report_version *last = report_last(c);

	jw_key(w, "times");
	jw_object(w);
	for (int i = 0; i < REPORT_TIMES; i++) {
		bool shown = time_shown(r, c, i);
		int64_t claimed = last != NULL ? last->times[i] : 0;

		if (!shown && claimed == 0)
			continue;
		jw_key(w, term_id(&terms_report_times, i));
		jw_object(w);
		write_moment(w, r, "at", shown ? c->times[i].ms : claimed);
		jw_kv_str(w, "source",
		    term_id(&terms_time_sources, shown ? (int)c->times[i].source : TIME_CLAIMED));
		jw_object_end(w);
	}
	jw_object_end(w);
}

static void
write_class(struct json_writer *w, const struct incident_class *class_, int level, int proposed)
{
	jw_kv_str(w, "class", class_ != NULL ? class_->code : NULL);
	jw_kv_str(w, "level", class_ != NULL ? term_id(&terms_levels, level) : NULL);
	jw_kv_str(w, "proposed_level", class_ != NULL ? term_id(&terms_levels, proposed) : NULL);
}

static bool
any_late(const struct report_chain *c)
{
	for (size_t i = 0; i < c->version_count; i++)
		if (c->versions[i].late)
			return true;
	return false;
}

static void
write_whose(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	char number[REPORT_NUMBER_BYTES];

	if (r->role & ROLE_STAFF)
		write_unit(w, r, c);
	if (!named(r))
		return;
	report_number(r->g, c, number);
	jw_kv_str(w, "department", r->g->config->teams[c->team].id);
	jw_kv_str(w, "number", number[0] != '\0' ? number : NULL);
}

void
report_write_head(struct json_writer *w, const struct report_reader *r, int32_t id)
{
	const struct report_chain *c = report_find(r->g, id);
	bool filed = report_is_filed(c);

	jw_kv_int(w, "id", id);
	write_whose(w, r, c);
	jw_kv_str(w, "state", term_id(&terms_report_states, (int)report_state_shown(r, id)));
	write_moment(w, r, "changed", c->changed_ms);
	jw_kv_str(w, "stage", filed ? term_id(&terms_stages, (int)c->stage) : NULL);
	write_class(w, c->incident_class, (int)c->level, (int)c->proposed);
	write_systems(w, r, c);
	write_times(w, r, c);
	write_moment(w, r, "first_submitted", c->first_ms);
	jw_kv_bool(w, "late", any_late(c));
	jw_kv_int(w, "reports", c->report_count);
	jw_kv_int(w, "filings", (int64_t)c->version_count);
	jw_key(w, "duplicate_of");
	if (c->duplicate_of != 0)
		jw_int(w, c->duplicate_of);
	else
		jw_null(w);
	if (r->role == ROLE_BLUE)
		jw_kv_bool(w, "has_draft", c->draft.by != NULL);
}

/* ---- documents ---- */

struct json_t *
report_document(const char *text)
{
	const char *json = text[0] != '\0' ? text : "{}";
	struct json_t *j = NULL;

	return jr_parse(json, strlen(json), &j, NULL) == ERR_OK ? j : NULL;
}

static void
write_document(struct json_writer *w, const struct report_reader *r, const char *text)
{
	struct document_view view = {named(r), r->offset_minutes};
	struct json_t *j = report_document(text);

	jw_key(w, "document");
	document_write(report_fields, j, &view, w);
	jr_free(j);
}

/* by is left out for judges where it is the department's, and for departments where it is the staff's. */
static void
write_by(struct json_writer *w, bool shown, const char *by)
{
	if (shown)
		jw_kv_str(w, "by", by);
}

static void
write_return(struct json_writer *w, const struct report_reader *r, const struct decision *returned)
{
	jw_key(w, "returned");
	if (returned->by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "reason", returned->reason);
	write_by(w, r->role & ROLE_STAFF, returned->by);
	write_moment(w, r, "at", returned->at_ms);
	jw_object_end(w);
}

/* The members of a filing but for its document. */
static void
write_filing(
    struct json_writer *w, const struct report_reader *r, const struct report_chain *c, size_t n)
{
	const struct report_version *v = &c->versions[n - 1];

	jw_kv_int(w, "filing", (int64_t)n);
	jw_kv_str(w, "stage", term_id(&terms_stages, (int)v->stage));
	jw_kv_int(w, "report", v->report);
	jw_kv_int(w, "version", v->version);
	write_moment(w, r, "at", v->at_ms);
	jw_kv_int(w, "drill_ms", v->drill_ms);
	write_by(w, named(r), v->by);
	jw_kv_bool(w, "late", v->late);
	write_class(w, v->incident_class, (int)v->level, (int)v->proposed);
	write_return(w, r, &v->returned);
}

void
report_write_version(
    struct json_writer *w, const struct report_reader *r, const struct report_chain *c, size_t n)
{
	jw_object(w);
	write_filing(w, r, c, n);
	write_document(w, r, c->versions[n - 1].text);
	attachments_write(w, r->g, &c->versions[n - 1].attachments, r->role, r->offset_minutes);
	jw_object_end(w);
}

void
report_write_draft(
    struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	if (c->draft.by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "stage", term_id(&terms_stages, (int)c->draft.stage));
	write_moment(w, r, "at", c->draft.at_ms);
	jw_kv_str(w, "by", c->draft.by);
	write_document(w, r, c->draft.text);
	jw_object_end(w);
}

/* ---- one report ---- */

void
report_write_comment(
    struct json_writer *w, const struct report_reader *r, const struct report_comment *comment)
{
	const struct account *by = accounts_find(&r->g->accounts, comment->by);
	bool of_department = by != NULL && by->role == ROLE_BLUE;

	jw_object(w);
	write_moment(w, r, "at", comment->at_ms);
	jw_kv_str(w, "role", by != NULL ? role_name(by->role) : NULL);
	write_by(w, of_department ? named(r) : (r->role & ROLE_STAFF) != 0, comment->by);
	if (r->role & ROLE_STAFF)
		jw_kv_bool(w, "internal", comment->internal);
	jw_kv_str(w, "text", comment->text);
	jw_object_end(w);
}

static void
write_comments(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	jw_key(w, "comments");
	jw_array(w);
	for (size_t i = 0; i < c->comment_count; i++)
		if ((r->role & ROLE_STAFF) || !c->comments[i].internal)
			report_write_comment(w, r, &c->comments[i]);
	jw_array_end(w);
}

static void
write_appeal(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	jw_key(w, "appeal");
	if (c->appeal.by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "reason", c->appeal.reason);
	write_by(w, named(r), c->appeal.by);
	write_moment(w, r, "at", c->appeal.at_ms);
	jw_object_end(w);
}

static void
write_filings(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	jw_key(w, "history");
	jw_array(w);
	for (size_t n = 1; n <= c->version_count; n++) {
		jw_object(w);
		write_filing(w, r, c, n);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_duplicate(struct json_writer *w, const struct report_reader *r, const struct report_chain *c)
{
	if (c->duplicate.by == NULL || !(r->role & ROLE_STAFF))
		return;
	jw_kv_str(w, "duplicate_reason", c->duplicate.reason);
}

void
report_write(struct json_writer *w, const struct report_reader *r, int32_t id)
{
	const struct report_chain *c = report_find(r->g, id);

	jw_object(w);
	report_write_head(w, r, id);
	write_filings(w, r, c);
	if (report_is_filed(c)) {
		write_document(w, r, report_last(c)->text);
		attachments_write(
		    w, r->g, &report_last(c)->attachments, r->role, r->offset_minutes);
	}
	write_comments(w, r, c);
	write_appeal(w, r, c);
	write_duplicate(w, r, c);
	if (r->role == ROLE_BLUE) {
		jw_key(w, "draft");
		report_write_draft(w, r, c);
	}
	jw_object_end(w);
}
