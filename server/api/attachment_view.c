#include "api/attachment_view.h"
#include "api/write.h"
#include "core/game.h"

#include <stdio.h>

/* Whether this role may know whose it is. */
static bool
named(const struct attachment *a, enum role role)
{
	return role != ROLE_JUDGE || a->by->team < 0;
}

void
attachment_name(const struct game *g, int32_t id, enum role role, char out[ATTACHMENT_NAME_BYTES])
{
	const struct attachment *a = attachment_find(g, id);
	const char *extension = filename_extension(a->name);

	if (named(a, role) && a->name[0] != '\0')
		snprintf(out, ATTACHMENT_NAME_BYTES, "%s", a->name);
	else
		snprintf(out, ATTACHMENT_NAME_BYTES, "attachment-%d%s%.16s", id,
		    extension[0] != '\0' ? "." : "", extension);
}

static void
write_record(struct json_writer *w, const struct attachment *a)
{
	jw_key(w, "attached_to");
	if (a->family == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_int(w, "id", a->record);
	jw_kv_str(w, "kind", a->family->noun);
	jw_object_end(w);
}

void
attachment_write(
    struct json_writer *w, const struct game *g, int32_t id, enum role role, int offset_minutes)
{
	const struct attachment *a = attachment_find(g, id);
	char name[ATTACHMENT_NAME_BYTES];

	attachment_name(g, id, role, name);
	jw_object(w);
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "name", name);
	jw_kv_str(w, "media_type", a->type);
	jw_kv_int(w, "bytes", a->bytes);
	jw_kv_str(w, "sha256", a->hash);
	write_time(w, "at", a->at_ms, offset_minutes);
	if (named(a, role))
		jw_kv_str(w, "by", a->by->id);
	write_record(w, a);
	jw_object_end(w);
}

void
attachments_write(struct json_writer *w, const struct game *g, const struct attachment_list *list,
    enum role role, int offset_minutes)
{
	jw_key(w, "attachments");
	jw_array(w);
	for (size_t i = 0; i < list->count; i++)
		attachment_write(w, g, list->ids[i], role, offset_minutes);
	jw_array_end(w);
}
