/* A tcp action of a compiled program -> struct tcp_plan. */
#include "base/hash.h"
#include "checker/program_read.h"
#include "checker/tcp_step.h"

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
	    [TALK_EXPECT_REGEX] = "expect_regex"};
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

enum err
tcp_plan_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "talk", NULL};
	struct tcp_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	const struct json_t *list;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"tcp\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK ||
	    (e = reading_list(r, o, "talk", STEP_ITEMS_MAX, &list, &plan->talk_count)) != ERR_OK)
		return e;
	plan->talk = arena_array(&r->program->arena, plan->talk_count, sizeof *plan->talk);
	for (size_t i = 0; i < plan->talk_count; i++)
		if ((e = read_talk_line(r, jr_at(list, i), &plan->talk[i])) != ERR_OK)
			return e;
	out->plan = plan;
	return ERR_OK;
}
