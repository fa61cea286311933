#include "checker/payload.h"
#include "base/hash.h"

#include <string.h>

#define TYPE_MAX_BYTES 200
#define NAME_MAX_BYTES 4096

/* ---- reading ---- */

static enum err
read_hex(struct reading *r, const struct json_t *j, struct payload *out)
{
	size_t len = 0;
	const char *hex = jr_string(j, &len);
	uint8_t *bytes = arena_alloc(&r->program->arena, len / 2 + 1);

	if (hex == NULL || len % 2 != 0 || !hex_decode(hex, len, bytes))
		return why_set(r->why, ERR_INVALID, "\"hex\" is an even number of hex digits");
	out->bytes = (const char *)bytes;
	out->len = len / 2;
	return ERR_OK;
}

enum err
payload_read(struct reading *r, const struct json_t *o, struct payload *out)
{
	const struct json_t *hex = jr_get(o, "hex"), *content = jr_get(o, "content");

	if ((hex == NULL) == (content == NULL))
		return why_set(r->why, ERR_INVALID, "either \"content\" or \"hex\" is expected");
	if (hex != NULL)
		return read_hex(r, hex, out);
	return reading_template(r, content, "\"content\"", &out->text);
}

static enum err
read_part(struct reading *r, const struct json_t *o, struct part *out)
{
	static const char *const keys[] = {"name", "filename", "type", "content", "hex", NULL};
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "a part is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK)
		return e;
	if (jr_get(o, "name") != NULL &&
	    (e = reading_template(r, jr_get(o, "name"), "\"name\"", &out->name)) != ERR_OK)
		return e;
	if (jr_get(o, "filename") != NULL && (e = reading_template(r, jr_get(o, "filename"),
						  "\"filename\"", &out->filename)) != ERR_OK)
		return e;
	if (jr_get(o, "type") != NULL) {
		if ((e = jr_want_str(o, "type", TYPE_MAX_BYTES, &out->type, r->why)) != ERR_OK)
			return e;
		if (reading_has_control(out->type))
			return why_set(r->why, ERR_INVALID, "\"type\" is one line");
		out->type = arena_strdup(&r->program->arena, out->type);
	}
	return payload_read(r, o, &out->content);
}

enum err
payload_read_parts(
    struct reading *r, const struct json_t *o, const char *key, struct part **out, size_t *count)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, key, STEP_ITEMS_MAX, &list, count)) != ERR_OK)
		return e;
	*out = arena_array(&r->program->arena, *count, sizeof **out);
	for (size_t i = 0; i < *count; i++)
		if ((e = read_part(r, jr_at(list, i), &(*out)[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* ---- sending ---- */

enum err
payload_render(const struct payload *p, const struct vars *vars, struct buf *out, struct why *why)
{
	if (p->bytes == NULL)
		return template_render(&p->text, vars, ESCAPE_NONE, out, why);
	buf_put(out, p->bytes, p->len);
	return out->failed ? why_set(why, ERR_LIMIT, "the bytes are more than %zu", out->max_bytes)
			   : ERR_OK;
}

/* A name of a part: control characters left out, so that it adds no header. */
static enum err
set_name(curl_mimepart *part, CURLcode (*set)(curl_mimepart *, const char *),
    const struct template *t, const struct vars *vars, struct why *why)
{
	struct buf text;
	enum err e;

	if (t->source == NULL)
		return ERR_OK;
	buf_init(&text, NAME_MAX_BYTES);
	e = template_render(t, vars, ESCAPE_HEADER, &text, why);
	if (e == ERR_OK)
		set(part, text.data != NULL ? text.data : "");
	buf_free(&text);
	return e;
}

static enum err
add_part(curl_mime *mime, const struct part *p, const struct vars *vars, struct buf *content,
    const char *encoding, struct why *why)
{
	curl_mimepart *part = curl_mime_addpart(mime);
	enum err e;

	if (part == NULL)
		return why_set(why, ERR_IO, "curl_mime_addpart failed");
	if ((e = set_name(part, curl_mime_name, &p->name, vars, why)) != ERR_OK ||
	    (e = set_name(part, curl_mime_filename, &p->filename, vars, why)) != ERR_OK ||
	    (e = payload_render(&p->content, vars, content, why)) != ERR_OK)
		return e;
	if (p->type != NULL)
		curl_mime_type(part, p->type);
	if (encoding != NULL)
		curl_mime_encoder(part, encoding);
	curl_mime_data(part, content->data != NULL ? content->data : "", content->len);
	return ERR_OK;
}

enum err
payload_mime(const struct part *parts, size_t count, CURL *easy, const struct vars *vars,
    const char *encoding, curl_mime **out, struct why *why)
{
	struct buf content;
	enum err e = ERR_OK;

	if (*out == NULL && (*out = curl_mime_init(easy)) == NULL)
		return why_set(why, ERR_IO, "curl_mime_init failed");
	buf_init(&content, PAYLOAD_MAX_BYTES);
	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		buf_reset(&content);
		e = add_part(*out, &parts[i], vars, &content, encoding, why);
	}
	buf_free(&content);
	return e;
}
