#include "checker/protocol.h"
#include "base/json.h"
#include "core/event.h"

#include <stdio.h>
#include <string.h>

#define CHALLENGE_MAX_BYTES 64
#define HOST_MAX_BYTES 253
#define FLAG_MAX_BYTES 128
#define SEED_BYTES 16
#define TICK_MAX 0xffffff /* three bytes of a flag */
#define SLOT_MAX 7
#define TIMEOUT_MAX_MS (10 * 60 * 1000)
#define MS_MAX (24 * 60 * 60 * 1000)
#define JOB_ID_MAX INT64_MAX

static const char *const contract_names[CONTRACT_COUNT] = {[CONTRACT_STEPS] = "steps",
    [CONTRACT_FORCAD] = "forcad",
    [CONTRACT_HACKERDOM] = "hackerdom",
    [CONTRACT_CTF01D] = "ctf01d",
    [CONTRACT_FAUST] = "faust",
    [CONTRACT_ENO] = "eno",
    [CONTRACT_EXPLOIT] = "exploit"};

const char *
contract_name(enum contract c)
{
	return contract_names[c];
}

bool
contract_parse(const char *name, enum contract *out)
{
	for (size_t i = 0; i < CONTRACT_COUNT; i++) {
		if (strcmp(contract_names[i], name) == 0) {
			*out = (enum contract)i;
			return true;
		}
	}
	return false;
}

/* ---- writing ---- */

void
protocol_write_program(struct buf *out, const char *challenge, const char *program_json)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "challenge", challenge);
	jw_key(&w, "program");
	jw_raw(&w, program_json, strlen(program_json));
	jw_kv_str(&w, "type", "program");
	jw_object_end(&w);
}

static void
write_object(struct json_writer *w, const char *key, const char *json)
{
	jw_key(w, key);
	if (json == NULL || json[0] == '\0')
		json = "{}";
	jw_raw(w, json, strlen(json));
}

/* Most systems have none. */
static void
write_state(struct json_writer *w, const char *state)
{
	if (state != NULL && state[0] != '\0')
		write_object(w, "state", state);
}

static void
write_team(struct json_writer *w, const struct job *job)
{
	jw_key(w, "team");
	jw_object(w);
	jw_kv_str(w, "id", job->team_id);
	jw_kv_str(w, "name", job->team_name);
	jw_kv_int(w, "number", job->team_number);
	jw_object_end(w);
}

static void
write_flag(struct json_writer *w, const struct job_flag *f, bool older)
{
	jw_object(w);
	jw_kv_str(w, "flag", f->flag);
	if (older)
		write_object(w, "saved", f->saved);
	jw_kv_str(w, "seed", f->seed);
	jw_kv_int(w, "slot", f->slot);
	if (older)
		jw_kv_int(w, "tick", f->tick);
	jw_object_end(w);
}

void
protocol_write_job(struct buf *out, const struct job *job)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "challenge", job->challenge);
	jw_key(&w, "get");
	jw_array(&w);
	for (size_t i = 0; i < job->get_count; i++)
		write_flag(&w, &job->get[i], true);
	jw_array_end(&w);
	jw_kv_str(&w, "host", job->host);
	jw_kv_int(&w, "job", (int64_t)job->id);
	jw_kv_int(&w, "port", job->port);
	jw_key(&w, "put");
	jw_array(&w);
	for (size_t i = 0; i < job->put_count; i++)
		write_flag(&w, &job->put[i], false);
	jw_array_end(&w);
	write_state(&w, job->state);
	write_team(&w, job);
	jw_kv_int(&w, "tick", job->tick);
	jw_kv_int(&w, "tick_ms", job->tick_ms);
	jw_kv_int(&w, "timeout_ms", job->timeout_ms);
	jw_kv_str(&w, "type", "job");
	if (job->verbose)
		jw_kv_bool(&w, "verbose", true);
	jw_object_end(&w);
}

void
protocol_write_ready(struct buf *out, const char *sandbox, const char *note)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "note", note);
	jw_kv_str(&w, "sandbox", sandbox);
	jw_kv_str(&w, "type", "ready");
	jw_object_end(&w);
}

void
protocol_write_result(struct buf *out, const struct job_result *r)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_int(&w, "job", (int64_t)r->id);
	jw_kv_str(&w, "message", r->message);
	jw_kv_int(&w, "ms", r->ms);
	write_object(&w, "saved", r->saved);
	write_state(&w, r->state);
	jw_kv_str(&w, "status", status_name(r->status));
	jw_kv_str(&w, "trace", r->trace);
	jw_kv_str(&w, "type", "result");
	jw_object_end(&w);
}

void
protocol_make_plain(char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = 1;
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = ' ';
		if ((unsigned char)text[i] < 0x80)
			continue;
		for (n = 2; n <= 4; n++)
			if (i + n <= len && utf8_valid(text + i, n))
				break;
		if (n <= 4)
			continue;
		text[i] = '?';
		n = 1;
	}
}

/* ---- reading ---- */

/* What one reading carries along. */
struct reader {
	struct arena *arena;
	struct why *why;
};

static enum err
read_str(
    struct reader *r, const struct json_t *o, const char *key, size_t max_bytes, const char **out)
{
	enum err e = jr_want_str(o, key, max_bytes, out, r->why);

	if (e == ERR_OK)
		*out = arena_strdup(r->arena, *out);
	return e;
}

static enum err
read_int(
    struct reader *r, const struct json_t *o, const char *key, int64_t min, int64_t max, int *out)
{
	int64_t v;
	enum err e = jr_want_int(o, key, min, max, &v, r->why);

	if (e == ERR_OK)
		*out = (int)v;
	return e;
}

/* Text that people read: no control characters but, where lines are allowed, the newline. */
static enum err
read_sentence(struct reader *r, const struct json_t *o, const char *key, size_t max, bool lines,
    const char **out)
{
	const char *text;
	enum err e = jr_want_text(o, key, max, &text, r->why);

	if (e != ERR_OK)
		return e;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if ((*p < 0x20 && !(lines && *p == '\n')) || *p == 0x7f)
			return why_set(r->why, ERR_INVALID,
			    "\"%s\" has the control character 0x%02x; plain text is expected", key,
			    *p);
	*out = arena_strdup(r->arena, text);
	return ERR_OK;
}

static bool
is_hex(const char *s)
{
	return strspn(s, "0123456789abcdef") == strlen(s);
}

bool
protocol_name_valid(const char *name, size_t len)
{
	if (len == 0 || len > VARIABLE_NAME_MAX_BYTES || (name[0] >= '0' && name[0] <= '9'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
			(name[i] >= '0' && name[i] <= '9') || name[i] == '_'))
			return false;
	return true;
}

static enum err
check_saved_value(struct reader *r, const char *key, const struct json_t *value)
{
	if (!jr_is_string(value))
		return why_set(r->why, ERR_INVALID,
		    "saved \"%.40s\" must be a string, as all saved values", key);
	return ERR_OK;
}

static enum err
check_saved_plain(void *ctx, const char *key, const struct json_t *value)
{
	struct reader *r = ctx;

	if (!protocol_name_valid(key, strlen(key)))
		return why_set(r->why, ERR_INVALID,
		    "saved \"%.40s\": a name of letters, digits and _ is expected", key);
	return check_saved_value(r, key, value);
}

static enum err
check_saved_slot(void *ctx, const char *key, const struct json_t *value)
{
	struct reader *r = ctx;

	if (key[0] != 's' || key[1] < '0' || key[1] > '0' + SLOT_MAX || key[2] != '.' ||
	    !protocol_name_valid(key + 3, strlen(key + 3)))
		return why_set(r->why, ERR_INVALID,
		    "saved \"%.40s\": a name like \"s0.name\" is expected", key);
	return check_saved_value(r, key, value);
}

static enum err
check_state(void *ctx, const char *key, const struct json_t *value)
{
	struct reader *r = ctx;

	if (key[0] == '\0' || strlen(key) > STATE_KEY_MAX_BYTES || !jr_is_string(value))
		return why_set(r->why, ERR_INVALID,
		    "state \"%.40s\": a key of 1 to %d bytes and a string are expected", key,
		    STATE_KEY_MAX_BYTES);
	return ERR_OK;
}

/* An object of strings: what is kept. */
static enum err
read_kept(struct reader *r, const struct json_t *o, const char *name, size_t max,
    enum err (*check)(void *ctx, const char *key, const struct json_t *value), const char **out)
{
	const struct json_t *saved = jr_get(o, name);
	struct buf text;
	enum err e;

	*out = "";
	if (!jr_is_object(saved))
		return why_set(
		    r->why, ERR_INVALID, "\"%s\" must be an object, {} if nothing is kept", name);
	if (jr_count(saved) == 0)
		return ERR_OK;
	if ((e = jr_each(saved, check, r)) != ERR_OK)
		return e;
	buf_init(&text, max);
	if ((e = jr_canonical(saved, &text)) == ERR_OK)
		*out = arena_strndup(r->arena, text.data, text.len);
	else
		e = why_set(r->why, ERR_LIMIT, "\"%s\" is longer than %zu bytes", name, max);
	buf_free(&text);
	return e;
}

static enum err
read_state(struct reader *r, const struct json_t *o, const char **out)
{
	*out = "";
	if (jr_get(o, "state") == NULL)
		return ERR_OK;
	return read_kept(r, o, "state", STATE_MAX_BYTES, check_state, out);
}

static enum err
read_flag(struct reader *r, const struct json_t *o, bool older, struct job_flag *out)
{
	static const char *const put_keys[] = {"flag", "seed", "slot", NULL};
	static const char *const get_keys[] = {"flag", "saved", "seed", "slot", "tick", NULL};
	int tick = 0;
	enum err e;

	out->saved = "";
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"put\" and \"get\" is an object");
	if ((e = jr_only_keys(o, older ? get_keys : put_keys, r->why)) != ERR_OK ||
	    (e = read_str(r, o, "flag", FLAG_MAX_BYTES, &out->flag)) != ERR_OK ||
	    (e = read_str(r, o, "seed", SEED_BYTES, &out->seed)) != ERR_OK ||
	    (e = read_int(r, o, "slot", 0, SLOT_MAX, &out->slot)) != ERR_OK)
		return e;
	if (strlen(out->seed) != SEED_BYTES || !is_hex(out->seed))
		return why_set(
		    r->why, ERR_INVALID, "\"seed\" must be %d lower-case hex digits", SEED_BYTES);
	if (!older)
		return ERR_OK;
	if ((e = read_int(r, o, "tick", 0, TICK_MAX, &tick)) != ERR_OK)
		return e;
	out->tick = tick;
	return read_kept(r, o, "saved", SAVED_MAX_BYTES, check_saved_plain, &out->saved);
}

static enum err
read_flags(struct reader *r, const struct json_t *o, const char *key, bool older,
    struct job_flag *out, size_t *count)
{
	const struct json_t *list = jr_get(o, key);
	enum err e;

	if (!jr_is_array(list))
		return why_set(r->why, ERR_INVALID, "\"%s\" must be a list of flags", key);
	if (jr_count(list) > JOB_FLAGS_MAX)
		return why_set(r->why, ERR_LIMIT, "\"%s\" has %zu flags; at most %d are taken", key,
		    jr_count(list), JOB_FLAGS_MAX);
	for (size_t i = 0; i < jr_count(list); i++)
		if ((e = read_flag(r, jr_at(list, i), older, &out[i])) != ERR_OK)
			return e;
	*count = jr_count(list);
	return ERR_OK;
}

static enum err
check_job_ticks(struct reader *r, struct job *job)
{
	for (size_t i = 0; i < job->put_count; i++)
		job->put[i].tick = job->tick;
	for (size_t i = 0; i < job->get_count; i++)
		if (job->get[i].tick >= job->tick)
			return why_set(r->why, ERR_INVALID,
			    "\"get\" has tick %d in a job of tick %d; it lists older flags, this "
			    "tick's are in \"put\"",
			    job->get[i].tick, job->tick);
	return ERR_OK;
}

static enum err
read_team(struct reader *r, const struct json_t *o, struct job *job)
{
	static const char *const keys[] = {"id", "name", "number", NULL};
	const struct json_t *team = jr_get(o, "team");
	enum err e;

	if (!jr_is_object(team))
		return why_set(r->why, ERR_INVALID, "\"team\" must be an object");
	if ((e = jr_only_keys(team, keys, r->why)) != ERR_OK ||
	    (e = read_str(r, team, "id", ID_MAX_BYTES, &job->team_id)) != ERR_OK ||
	    (e = read_str(r, team, "name", NAME_MAX_BYTES, &job->team_name)) != ERR_OK)
		return e;
	return read_int(r, team, "number", 1, TEAMS_MAX, &job->team_number);
}

/* What a job says beside its flags. */
static enum err
read_circumstances(struct reader *r, const struct json_t *o, struct job *job)
{
	enum err e;

	if ((e = read_team(r, o, job)) != ERR_OK ||
	    (e = jr_want_int(o, "tick_ms", TICK_MS_MIN, TICK_MS_MAX, &job->tick_ms, r->why)) !=
		ERR_OK)
		return e;
	job->verbose = jr_boolean(jr_get(o, "verbose"), false);
	return read_state(r, o, &job->state);
}

static enum err
read_job(struct reader *r, const struct json_t *o, struct line *out)
{
	static const char *const keys[] = {"challenge", "get", "host", "job", "port", "put",
	    "state", "team", "tick", "tick_ms", "timeout_ms", "type", "verbose", NULL};
	struct job *job = out->job = arena_alloc(r->arena, sizeof *job);
	int64_t id = 0;
	int tick = 0;
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_int(o, "job", 0, JOB_ID_MAX, &id, r->why)) != ERR_OK ||
	    (e = read_str(r, o, "challenge", CHALLENGE_MAX_BYTES, &job->challenge)) != ERR_OK ||
	    (e = read_str(r, o, "host", HOST_MAX_BYTES, &job->host)) != ERR_OK ||
	    (e = read_int(r, o, "port", 1, 65535, &job->port)) != ERR_OK ||
	    (e = read_int(r, o, "tick", 0, TICK_MAX, &tick)) != ERR_OK ||
	    (e = jr_want_int(o, "timeout_ms", 1, TIMEOUT_MAX_MS, &job->timeout_ms, r->why)) !=
		ERR_OK ||
	    (e = read_circumstances(r, o, job)) != ERR_OK ||
	    (e = read_flags(r, o, "put", false, job->put, &job->put_count)) != ERR_OK ||
	    (e = read_flags(r, o, "get", true, job->get, &job->get_count)) != ERR_OK)
		return e;
	job->id = (uint64_t)id;
	job->tick = tick;
	return check_job_ticks(r, job);
}

static enum err
read_program(struct reader *r, const struct json_t *o, struct line *out)
{
	static const char *const keys[] = {"challenge", "program", "type", NULL};
	const struct json_t *program = jr_get(o, "program");
	struct buf text;
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_str(r, o, "challenge", CHALLENGE_MAX_BYTES, &out->challenge)) != ERR_OK)
		return e;
	if (!jr_is_object(program))
		return why_set(r->why, ERR_INVALID, "\"program\" must be an object");
	buf_init(&text, PROGRAM_LINE_MAX_BYTES);
	if ((e = jr_canonical(program, &text)) == ERR_OK)
		out->program = arena_strndup(r->arena, text.data, text.len);
	else
		e = why_set(
		    r->why, e, "\"program\" is longer than %d bytes", PROGRAM_LINE_MAX_BYTES);
	buf_free(&text);
	return e;
}

static enum err
read_ready(struct reader *r, const struct json_t *o, struct line *out)
{
	static const char *const keys[] = {"note", "sandbox", "type", NULL};
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_str(r, o, "sandbox", 16, &out->sandbox)) != ERR_OK)
		return e;
	if (strcmp(out->sandbox, "bubblewrap") != 0 && strcmp(out->sandbox, "rlimits") != 0)
		return why_set(r->why, ERR_INVALID,
		    "\"sandbox\" is \"%s\"; bubblewrap or rlimits is expected", out->sandbox);
	return read_sentence(r, o, "note", MESSAGE_MAX_BYTES, false, &out->note);
}

static enum err
read_result(struct reader *r, const struct json_t *o, struct line *out)
{
	static const char *const keys[] = {
	    "job", "message", "ms", "saved", "state", "status", "trace", "type", NULL};
	struct job_result *result = &out->result;
	const char *status;
	int64_t id = 0;
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_int(o, "job", 0, JOB_ID_MAX, &id, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "status", 16, &status, r->why)) != ERR_OK)
		return e;
	result->id = (uint64_t)id;
	if (!status_parse(status, &result->status) || result->status == ST_NONE)
		return why_set(r->why, ERR_INVALID,
		    "\"status\" is \"%s\"; ok, recovering, corrupt, mumble, down or fault is "
		    "expected",
		    status);
	if ((e = jr_want_int(o, "ms", 0, MS_MAX, &result->ms, r->why)) != ERR_OK ||
	    (e = read_sentence(r, o, "message", MESSAGE_MAX_BYTES, false, &result->message)) !=
		ERR_OK ||
	    (e = read_sentence(r, o, "trace", TRACE_MAX_BYTES, true, &result->trace)) != ERR_OK)
		return e;
	e = read_kept(r, o, "saved", SAVED_MAX_BYTES, check_saved_slot, &result->saved);
	return e != ERR_OK ? e : read_state(r, o, &result->state);
}

static const struct kind {
	const char *name;
	enum line_type type;
	enum line_direction direction;
	size_t max_bytes;
	enum err (*read)(struct reader *r, const struct json_t *o, struct line *out);
} kinds[] = {
    {"program", LINE_PROGRAM, TO_CHECKER, PROGRAM_LINE_MAX_BYTES, read_program},
    {"job", LINE_JOB, TO_CHECKER, JOB_LINE_MAX_BYTES, read_job},
    {"ready", LINE_READY, FROM_CHECKER, RESULT_LINE_MAX_BYTES, read_ready},
    {"result", LINE_RESULT, FROM_CHECKER, RESULT_LINE_MAX_BYTES, read_result},
};

static enum err
read_line(struct reader *r, enum line_direction direction, const struct json_t *o, size_t len,
    struct line *out)
{
	const char *type;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "a line is a JSON object with a \"type\"");
	if ((e = jr_want_str(o, "type", 16, &type, r->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].name, type) != 0 || kinds[i].direction != direction)
			continue;
		if (len > kinds[i].max_bytes)
			return why_set(r->why, ERR_LIMIT,
			    "a %s line of %zu bytes; at most %zu are taken", type, len,
			    kinds[i].max_bytes);
		out->type = kinds[i].type;
		return kinds[i].read(r, o, out);
	}
	return why_set(r->why, ERR_INVALID, "a line of type \"%s\"; %s is expected here", type,
	    direction == TO_CHECKER ? "program or job" : "ready or result");
}

enum err
protocol_read(enum line_direction direction, const char *text, size_t len, struct arena *arena,
    struct line *out, struct why *why)
{
	size_t max = direction == TO_CHECKER ? PROGRAM_LINE_MAX_BYTES : RESULT_LINE_MAX_BYTES;
	struct reader r = {arena, why};
	struct json_t *o;
	enum err e;

	memset(out, 0, sizeof *out);
	if (len > max)
		return why_set(
		    why, ERR_LIMIT, "a line of %zu bytes; at most %zu are taken", len, max);
	if ((e = jr_parse(text, len, &o, why)) != ERR_OK)
		return e;
	e = read_line(&r, direction, o, len, out);
	jr_free(o);
	return e;
}
