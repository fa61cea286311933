#include "checker/tls_plan.h"

#include <string.h>

#define NAMES_MAX 16
#define NAME_MAX_BYTES 253
#define DAYS_MAX 3650
#define PEM_MAX_BYTES (64 * 1024)

static enum err
read_names(struct reading *r, const struct json_t *o, struct certificate_demands *out)
{
	const struct json_t *list;
	const char **names;
	enum err e;

	if ((e = reading_list(r, o, "names", NAMES_MAX, &list, &out->name_count)) != ERR_OK)
		return e;
	names = arena_array(&r->program->arena, out->name_count, sizeof *names);
	for (size_t i = 0; i < out->name_count; i++) {
		const char *name = jr_string(jr_at(list, i), NULL);

		if (name == NULL || name[0] == '\0' || strlen(name) > NAME_MAX_BYTES)
			return why_set(r->why, ERR_INVALID,
			    "an entry of \"names\" is a host's name or address");
		names[i] = arena_strdup(&r->program->arena, name);
	}
	out->names = names;
	return ERR_OK;
}

static enum err
read_days(struct reading *r, const struct json_t *o, struct certificate_demands *out)
{
	int64_t days = 0;
	enum err e;

	if (jr_get(o, "days_left") == NULL)
		return ERR_OK;
	e = jr_want_int(o, "days_left", 0, DAYS_MAX, &days, r->why);
	out->lasts = true;
	out->days_left = (int)days;
	return e;
}

static enum err
read_pem(struct reading *r, const struct json_t *o, const char *key, const char **out)
{
	const char *text;
	enum err e;

	if (jr_get(o, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, key, PEM_MAX_BYTES, &text, r->why)) == ERR_OK)
		*out = arena_strdup(&r->program->arena, text);
	return e;
}

enum err
tls_plan_read_keys(struct reading *r, const struct json_t *o, struct tls_plan *out)
{
	enum err e;

	if ((e = read_names(r, o, &out->demands)) != ERR_OK ||
	    (e = read_days(r, o, &out->demands)) != ERR_OK ||
	    (e = read_pem(r, o, "ca", &out->ca)) != ERR_OK ||
	    (e = read_pem(r, o, "cert", &out->cert)) != ERR_OK ||
	    (e = read_pem(r, o, "key", &out->key)) != ERR_OK)
		return e;
	if ((out->cert == NULL) != (out->key == NULL))
		return why_set(
		    r->why, ERR_INVALID, "\"cert\" and \"key\" are given both or neither");
	out->demands.verify = out->ca != NULL || jr_boolean(jr_get(o, "verify"), false);
	return ERR_OK;
}
