/* A tcp or tls action of a compiled program -> struct tcp_plan. */
#include "base/hash.h"
#include "checker/program_read.h"
#include "checker/tcp_step.h"
#include "checker/tls_client.h"
#include "checker/tls_plan.h"

#include <string.h>

static enum err
read_hex(struct reading *r, const struct json_t *j, struct talk *out)
{
	size_t len;
	const char *hex = jr_string(j, &len);
	uint8_t *bytes;

	if (hex == NULL || len % 2 != 0)
		return why_set(r->why, ERR_INVALID, "\"send_hex\" is an even number of hex digits");
	bytes = arena_alloc(&r->program->arena, len / 2 + 1);
	if (!hex_decode(hex, len, bytes))
		return why_set(
		    r->why, ERR_INVALID, "\"send_hex\" has something else than hex digits");
	out->bytes = (const char *)bytes;
	out->len = len / 2;
	return ERR_OK;
}

static enum err
read_talk_line(struct reading *r, const struct json_t *pair, struct talk *out)
{
	static const char *const kinds[] = {[TALK_SEND] = "send",
	    [TALK_SEND_HEX] = "send_hex",
	    [TALK_EXPECT] = "expect",
	    [TALK_EXPECT_REGEX] = "expect_regex",
	    [TALK_STARTTLS] = "starttls"};
	const char *kind = jr_string(jr_at(pair, 0), NULL);
	const struct json_t *text = jr_at(pair, 1);

	for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (jr_count(pair) != 2 || strcmp(kinds[i], kind) != 0)
			continue;
		out->kind = (enum talk_kind)i;
		if (out->kind == TALK_SEND_HEX)
			return read_hex(r, text, out);
		if (out->kind == TALK_EXPECT_REGEX)
			return reading_pattern(r, text, &out->pattern);
		return reading_template(r, text, kinds[i], &out->text);
	}
	return why_set(r->why, ERR_INVALID,
	    "an entry of \"talk\" is a pair of send, send_hex, expect or expect_regex and its "
	    "text");
}

static enum err
read_talk(struct reading *r, const struct json_t *o, struct tcp_plan *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "talk", STEP_ITEMS_MAX, &list, &out->talk_count)) != ERR_OK)
		return e;
	out->talk = arena_array(&r->program->arena, out->talk_count, sizeof *out->talk);
	for (size_t i = 0; i < out->talk_count; i++) {
		if ((e = read_talk_line(r, jr_at(list, i), &out->talk[i])) != ERR_OK)
			return e;
		if (out->talk[i].kind != TALK_STARTTLS)
			continue;
		if (out->tls == NULL || out->starttls)
			return why_set(
			    r->why, ERR_INVALID, "\"starttls\" is a line of a tls step, once");
		out->starttls = true;
	}
	return ERR_OK;
}

enum err
tcp_plan_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "talk", NULL};
	struct tcp_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e;

	out->plan = plan;
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"tcp\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK)
		return e;
	return read_talk(r, o, plan);
}

enum err
tls_plan_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "talk", TLS_PLAN_KEYS, NULL};
	struct tcp_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e;

	out->plan = plan;
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"tls\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK ||
	    (e = tls_wishes_read(r, o, &plan->tls)) != ERR_OK)
		return e;
	return read_talk(r, o, plan);
}
