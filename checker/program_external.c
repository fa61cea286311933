/* A compiled program that runs an external checker (docs/checkers.md) -> struct external_plan. */
#include "checker/program_read.h"

#include <string.h>

#define WORDS_MAX 64
#define WORD_MAX_BYTES 4096
#define PROCESSES_MAX 4096
#define CPU_MAX_S 3600
#define MEGABYTES_MAX (1024 * 1024)
#define REPEATS_MAX 16
#define ACTION_TIMEOUT_MAX_MS (10 * 60 * 1000)

/* A list of strings as a C program takes them: NULL at the end. Missing: an empty one. */
static enum err
read_words(struct reading *r, const struct json_t *o, const char *key, const char *const **out)
{
	const struct json_t *list;
	const char **words, *text;
	size_t count, len;
	enum err e;

	if ((e = reading_list(r, o, key, WORDS_MAX, &list, &count)) != ERR_OK)
		return e;
	words = arena_array(&r->program->arena, count + 1, sizeof *words);
	for (size_t i = 0; i < count; i++) {
		text = jr_string(jr_at(list, i), &len);
		if (text == NULL || len > WORD_MAX_BYTES)
			return why_set(r->why, ERR_INVALID,
			    "an entry of \"%s\" is a string of at most %d bytes", key,
			    WORD_MAX_BYTES);
		words[i] = arena_strdup(&r->program->arena, text);
	}
	*out = words;
	return ERR_OK;
}

static enum err
read_number(struct reading *r, const struct json_t *o, const char *key, int64_t max, int64_t *out)
{
	return jr_want_int(o, key, 1, max, out, r->why);
}

static enum err
read_limits(struct reading *r, const struct json_t *o, struct external_plan *out)
{
	static const char *const keys[] = {"cpu_s", "file_mb", "memory_mb", "processes", NULL};
	const struct json_t *limits = jr_get(o, "limits");
	int64_t processes = 0;
	enum err e;

	if (!jr_is_object(limits))
		return why_set(r->why, ERR_INVALID, "\"limits\" must be an object");
	if ((e = jr_only_keys(limits, keys, r->why)) != ERR_OK ||
	    (e = read_number(r, limits, "cpu_s", CPU_MAX_S, &out->cpu_s)) != ERR_OK ||
	    (e = read_number(r, limits, "file_mb", MEGABYTES_MAX, &out->file_mb)) != ERR_OK ||
	    (e = read_number(r, limits, "memory_mb", MEGABYTES_MAX, &out->memory_mb)) != ERR_OK ||
	    (e = read_number(r, limits, "processes", PROCESSES_MAX, &processes)) != ERR_OK)
		return e;
	out->processes = (int)processes;
	return ERR_OK;
}

static enum err
read_command(struct reading *r, const struct json_t *o, struct external_plan *out)
{
	const char *dir;
	enum err e;

	if ((e = jr_want_str(o, "dir", WORD_MAX_BYTES, &dir, r->why)) != ERR_OK ||
	    (e = read_words(r, o, "argv", &out->argv)) != ERR_OK ||
	    (e = read_words(r, o, "env", &out->env)) != ERR_OK ||
	    (e = read_limits(r, o, out)) != ERR_OK)
		return e;
	if (dir[0] != '/' || out->argv[0] == NULL || out->argv[0][0] == '\0')
		return why_set(r->why, ERR_INVALID,
		    "\"dir\" is an absolute path and \"argv\" begins with a program");
	out->dir = arena_strdup(&r->program->arena, dir);
	out->cwd_scratch = jr_boolean(jr_get(o, "cwd_scratch"), false);
	out->warm = jr_boolean(jr_get(o, "warm"), false);
	if (jr_get(o, "action_timeout_ms") == NULL)
		return ERR_OK;
	return read_number(
	    r, o, "action_timeout_ms", ACTION_TIMEOUT_MAX_MS, &out->action_timeout_ms);
}

static enum err
read_forcad(struct reading *r, const struct json_t *o, struct external_plan *out)
{
	static const char *const tags[] = {
	    [FORCAD_DEFAULT] = "default", [FORCAD_PFR] = "pfr", [FORCAD_NFR] = "nfr"};
	int64_t puts = 1, gets = 1;
	const char *tag;
	enum err e;

	if ((e = jr_want_str(o, "tag", 16, &tag, r->why)) != ERR_OK ||
	    (e = read_number(r, o, "puts", REPEATS_MAX, &puts)) != ERR_OK ||
	    (e = read_number(r, o, "gets", REPEATS_MAX, &gets)) != ERR_OK)
		return e;
	out->puts = (int)puts;
	out->gets = (int)gets;
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		out->forcad_tag = (enum forcad_tag)i;
		if (strcmp(tags[i], tag) == 0)
			return ERR_OK;
	}
	return why_set(
	    r->why, ERR_INVALID, "\"tag\" is \"%s\"; default, pfr or nfr is expected", tag);
}

static enum err
read_eno(struct reading *r, const struct json_t *o, struct external_plan *out)
{
	const char *url;
	enum err e;

	if ((e = jr_want_str(o, "url", WORD_MAX_BYTES, &url, r->why)) != ERR_OK)
		return e;
	out->url = arena_strdup(&r->program->arena, url);
	if (jr_get(o, "action_timeout_ms") == NULL)
		return ERR_OK;
	return read_number(
	    r, o, "action_timeout_ms", ACTION_TIMEOUT_MAX_MS, &out->action_timeout_ms);
}

enum err
program_read_external(struct reading *r, const struct json_t *o)
{
	static const char *const keys[] = {"action_timeout_ms", "argv", "contract", "cwd_scratch",
	    "dir", "env", "gets", "limits", "puts", "tag", "url", "warm", NULL};
	struct external_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	const char *contract;
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "contract", 16, &contract, r->why)) != ERR_OK)
		return e;
	if (!contract_parse(contract, &r->program->contract) ||
	    r->program->contract == CONTRACT_STEPS)
		return why_set(
		    r->why, ERR_INVALID, "no external contract \"%s\" is known", contract);
	plan->memo = arena_alloc(&r->program->arena, sizeof *plan->memo);
	r->program->external = plan;
	if (r->program->contract == CONTRACT_ENO)
		return read_eno(r, o, plan);
	if ((e = read_command(r, o, plan)) != ERR_OK)
		return e;
	return r->program->contract == CONTRACT_FORCAD ? read_forcad(r, o, plan) : ERR_OK;
}
