/* Assets and posts over the live line: their department, director and leaders; no holders, no phone numbers. */
#include "api/inventory_view.h"
#include "api/voice.h"

static bool
told(const struct telling *t, int team)
{
	return inventory_shown(audience_role(t->g, t->audience), audience_team(t->audience), team);
}

static bool
tell_post(const struct telling *t, struct json_writer *w)
{
	int32_t id = t->ev->u.post->id;
	const struct post_entry *p = post_find(t->g, id);

	if (!told(t, p->team))
		return false;
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "department", t->g->config->teams[p->team].id);
	jw_kv_str(w, "title", p->title);
	return true;
}

const struct voice post_voice = {
    .first = EV_POST_CREATED,
    .last = EV_POST_RETIRED,
    .write = tell_post,
};

static bool
tell_asset(const struct telling *t, struct json_writer *w)
{
	int32_t id = t->ev->u.asset->id;
	const struct asset_entry *a = asset_entry_find(t->g, id);

	if (!told(t, a->team))
		return false;
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "department", t->g->config->teams[a->team].id);
	jw_kv_str(w, "name", a->name);
	jw_kv_str(w, "asset_kind", term_id(&terms_asset_kinds, (int)a->facts.kind));
	jw_kv_int(w, "version", a->version);
	return true;
}

const struct voice asset_voice = {
    .first = EV_ASSET_CREATED,
    .last = EV_ASSET_RETIRED,
    .write = tell_asset,
};
