#include "api/inventory_view.h"
#include "api/write.h"
#include "core/game.h"

#include <string.h>

bool
inventory_shown(enum role role, int reader_team, int team)
{
	return (role & (ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN)) != 0 ||
	       (role == ROLE_BLUE && reader_team == team);
}

/* ---- posts ---- */

static void
write_retired(struct json_writer *w, const struct decision *d, int offset_minutes)
{
	jw_key(w, "retired");
	if (d->by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	write_time(w, "at", d->at_ms, offset_minutes);
	jw_kv_str(w, "by", d->by);
	jw_kv_str(w, "reason", d->reason);
	jw_object_end(w);
}

static void
write_former(struct json_writer *w, const struct post_entry *p, int offset_minutes)
{
	jw_key(w, "former");
	jw_array(w);
	for (size_t i = 0; i < p->former_count; i++) {
		jw_object(w);
		jw_kv_str(w, "holder", p->former[i].holder);
		write_time(w, "from", p->former[i].from_ms, offset_minutes);
		write_time(w, "until", p->former[i].until_ms, offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
post_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes)
{
	const struct post_entry *p = post_find(g, id);

	jw_object(w);
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "department", g->config->teams[p->team].id);
	jw_kv_str(w, "title", p->title);
	jw_kv_str(w, "holder", p->holder);
	jw_kv_str(w, "phone", p->phone);
	write_time(w, "since", p->since_ms, offset_minutes);
	jw_kv_int(w, "duties", (int64_t)p->assets);
	write_former(w, p, offset_minutes);
	write_retired(w, &p->retired, offset_minutes);
	jw_object_end(w);
}

/* ---- assets ---- */

static void
write_duty(struct json_writer *w, const struct game *g, enum asset_duty duty, int32_t id)
{
	const struct post_entry *p = post_find(g, id);

	jw_key(w, term_id(&terms_duties, (int)duty));
	if (p == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_int(w, "post", id);
	jw_kv_str(w, "title", p->title);
	jw_kv_str(w, "holder", p->holder);
	jw_kv_str(w, "phone", p->phone);
	jw_object_end(w);
}

static void
write_head(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes)
{
	const struct asset_entry *a = asset_entry_find(g, id);
	const struct asset_facts *f = &a->facts;

	jw_kv_int(w, "id", id);
	jw_kv_str(w, "department", g->config->teams[a->team].id);
	jw_kv_int(w, "version", a->version);
	jw_kv_str(w, "name", a->name);
	jw_kv_str(w, "kind", term_id(&terms_asset_kinds, (int)f->kind));
	jw_kv_str(w, "address", a->address);
	jw_kv_int(w, "level", f->level);
	jw_kv_str(w, "exposure", term_id(&terms_exposures, (int)f->exposure));
	jw_kv_str(w, "data_class", term_id(&terms_data_classes, (int)f->data_class));
	jw_kv_str(w, "system", f->system[0] != '\0' ? f->system : NULL);
	for (int i = 0; i < DUTIES; i++)
		write_duty(w, g, (enum asset_duty)i, f->posts[i]);
	write_time(w, "created_at", a->at_ms, offset_minutes);
	write_time(w, "changed_at", a->changed_ms, offset_minutes);
	write_time(w, "verified_at", a->verified_ms, offset_minutes);
	write_retired(w, &a->retired, offset_minutes);
}

void
asset_write_item(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes)
{
	jw_object(w);
	write_head(w, g, id, offset_minutes);
	jw_object_end(w);
}

void
asset_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes)
{
	const struct asset_entry *a = asset_entry_find(g, id);
	const struct document_view view = {true, offset_minutes};
	struct json_t *document = NULL;

	jw_object(w);
	write_head(w, g, id, offset_minutes);
	jw_kv_str(w, "changed_by", a->changed_by);
	jw_kv_str(w, "verified_by", a->verified_by);
	jw_key(w, "document");
	if (jr_parse(a->text, strlen(a->text), &document, NULL) == ERR_OK)
		document_write(asset_entry_fields, document, &view, w);
	else
		jw_null(w);
	jr_free(document);
	jw_object_end(w);
}
