#include "checker/eno_message.h"
#include "base/json.h"

#include <string.h>
#include <strings.h>

#define ESCAPE_BYTES 6 /* \u0000 */

/* ---- out ---- */

void
eno_message_write(struct buf *out, const struct job *job, const struct eno_task *t, int64_t id,
    int64_t timeout_ms)
{
	struct json_writer w;
	char chain[ENO_CHAIN_BYTES];

	eno_tasks_chain(job, t, chain);
	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "address", job->host);
	jw_kv_int(&w, "currentRoundId", job->tick + 1);
	jw_kv_str(&w, "flag", t->flag != NULL ? t->flag->flag : NULL);
	jw_kv_str(&w, "method", eno_method_name(t->method));
	jw_kv_int(&w, "relatedRoundId", t->tick + 1);
	jw_kv_int(&w, "roundLength", job->tick_ms);
	jw_kv_str(&w, "taskChainId", chain);
	jw_kv_int(&w, "taskId", id);
	jw_kv_int(&w, "teamId", job->team_number);
	jw_kv_str(&w, "teamName", job->team_name);
	jw_kv_int(&w, "timeout", timeout_ms);
	jw_kv_int(&w, "variantId", t->variant);
	jw_object_end(&w);
}

/* ---- in ---- */

/* The code unit of the escape \uXXXX at s, or -1 if there is none. */
static int
code_unit(const char *s, const char *end)
{
	int v = 0;

	if (end - s < ESCAPE_BYTES || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE_BYTES; i++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *at = s[i] != '\0' ? strchr(digits, s[i]) : NULL;

		if (at == NULL)
			return -1;
		v = v * 16 + (int)((at - digits) % 16);
	}
	return v;
}

static bool
is_high(int unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool
is_low(int unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Escapes of NUL and of half a character become those of U+FFFD, which is as long. */
static void
mend_escapes(char *text, size_t len)
{
	const char *end = text + len;
	char *s = text;

	while ((s = memchr(s, '\\', (size_t)(end - s))) != NULL) {
		int unit = code_unit(s, end);
		bool high = is_high(unit);

		if (high && is_low(code_unit(s + ESCAPE_BYTES, end))) {
			s += 2 * ESCAPE_BYTES;
			continue;
		}
		if (unit == 0 || high || is_low(unit))
			memcpy(s + 2, "fffd", 4);
		if (end - s < 2)
			return;
		s += unit >= 0 ? ESCAPE_BYTES : 2;
	}
}

static enum err
parse(char *text, size_t len, struct json_t **out, struct why *why)
{
	struct why detail;

	if (len > 0) {
		utf8_repair(text, len);
		mend_escapes(text, len);
	}
	if (jr_parse(text, len, out, &detail) != ERR_OK)
		return why_set(why, ERR_INVALID, "its answer is not JSON: %s", detail.text);
	if (jr_is_object(*out))
		return ERR_OK;
	jr_free(*out);
	return why_set(why, ERR_INVALID, "its answer is no JSON object");
}

static enum err
read_variants(const struct json_t *o, const char *key, int *out, struct why *why)
{
	int64_t n = 0;
	enum err e = jr_want_int(o, key, 0, ENO_VARIANTS_MAX, &n, why);

	*out = (int)n;
	return e;
}

enum err
eno_message_info(char *text, size_t len, struct arena *arena, struct eno_info *out, struct why *why)
{
	struct json_t *o;
	const char *name;
	enum err e;

	if ((e = parse(text, len, &o, why)) != ERR_OK)
		return e;
	if ((e = jr_want_text(o, "serviceName", ENO_NAME_MAX_BYTES, &name, why)) == ERR_OK &&
	    (e = read_variants(o, "flagVariants", &out->variants.flag, why)) == ERR_OK &&
	    (e = read_variants(o, "noiseVariants", &out->variants.noise, why)) == ERR_OK &&
	    (e = read_variants(o, "havocVariants", &out->variants.havoc, why)) == ERR_OK)
		out->name = arena_strdup(arena, name);
	jr_free(o);
	return e;
}

/* EnoEngine takes the name in any case, and its own C# checkers write it in small letters. */
static enum err
read_result(const struct json_t *o, enum eno_result *out, struct why *why)
{
	const char *name = jr_string(jr_get(o, "result"), NULL);

	for (int i = 0; i < ENO_RESULTS && name != NULL; i++) {
		*out = (enum eno_result)i;
		if (strcasecmp(eno_result_name(*out), name) == 0)
			return ERR_OK;
	}
	return why_set(why, ERR_INVALID,
	    "its \"result\" is \"%.40s\"; OK, MUMBLE, OFFLINE or INTERNAL_ERROR is expected",
	    name != NULL ? name : "");
}

/* Null and what is no text are as good as nothing. */
static const char *
read_text(const struct json_t *o, const char *key, struct arena *arena)
{
	const char *text = jr_string(jr_get(o, key), NULL);

	return text != NULL ? arena_strdup(arena, text) : "";
}

enum err
eno_message_answer(
    char *text, size_t len, struct arena *arena, struct eno_answer *out, struct why *why)
{
	struct json_t *o;
	enum err e;

	if ((e = parse(text, len, &o, why)) != ERR_OK)
		return e;
	e = read_result(o, &out->result, why);
	out->message = read_text(o, "message", arena);
	out->attack_info = read_text(o, "attackInfo", arena);
	jr_free(o);
	return e;
}
