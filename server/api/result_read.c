#include "api/result_read.h"
#include "base/time.h"

#include <string.h>

/* ---- members ---- */

/* They go into tickets and letters as they are. */
static enum err
want_text(struct request *req, const struct json_t *body, const char *key, size_t max,
    enum text_kind kind, const char **out)
{
	enum err e = jr_want_str(body, key, max, out, &req->why);

	return e != ERR_OK ? e : request_check_text(req, key, *out, kind);
}

static enum err
read_text(struct request *req, const struct json_t *body, const char *key, size_t max,
    enum text_kind kind, const char **out)
{
	enum err e;

	*out = "";
	if (jr_get(body, key) == NULL)
		return ERR_OK;
	e = jr_want_text(body, key, max, out, &req->why);
	return e != ERR_OK ? e : request_check_text(req, key, *out, kind);
}

/* Left alone when it is not there. */
static enum err
read_int(struct request *req, const struct json_t *body, const char *key, int32_t min, int32_t max,
    int32_t *out)
{
	int64_t v = *out;
	enum err e = ERR_OK;

	if (jr_get(body, key) != NULL)
		e = jr_want_int(body, key, min, max, &v, &req->why);
	*out = (int32_t)v;
	return e;
}

/* ---- what a red team says ---- */

static enum err
read_target(struct request *req, const struct json_t *body, struct result_content *c)
{
	const struct game *g = api_drill(req->api)->game;
	bool by_system = jr_get(body, "system") != NULL;
	int at;
	enum err e;

	if (by_system == (jr_get(body, "asset") != NULL) ||
	    by_system == (jr_get(body, "department") != NULL))
		return why_set(&req->why, ERR_INVALID,
		    "name the target: either \"system\", or in words \"asset\" and whose it is, "
		    "\"department\"");
	if (!by_system) {
		c->system = "";
		e = jr_want_str(body, "department", ID_MAX_BYTES, &c->department, &req->why);
		return e != ERR_OK ? e
				   : want_text(req, body, "asset", RESULT_ASSET_MAX_BYTES,
					 TEXT_LINE, &c->asset);
	}
	if ((e = jr_want_str(body, "system", ID_MAX_BYTES, &c->system, &req->why)) != ERR_OK)
		return e;
	if ((at = game_system(g, c->system)) < 0)
		return why_set(&req->why, ERR_NOT_FOUND, "there is no system \"%s\"", c->system);
	c->department = g->config->teams[g->config->systems[at].team].id;
	c->asset = "";
	return ERR_OK;
}

static enum err
read_attacked(struct request *req, const struct json_t *body, int64_t *out)
{
	const char *text = jr_string(jr_get(body, "attacked_at"), NULL);

	if (text == NULL || !rfc3339_parse(text, out, NULL) || *out <= 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"attacked_at\" must be a time such as 2027-06-20T17:30:00+08:00");
	return ERR_OK;
}

/* One step of the path: {"text", "technique"?}. */
static enum err
read_step(struct request *req, const struct json_t *step, size_t i, struct json_writer *w)
{
	static const char *const keys[] = {"text", "technique", NULL};
	const char *text, *technique = "";
	enum err e;

	if (!jr_is_object(step))
		return why_set(&req->why, ERR_INVALID,
		    "\"path\": element %zu must be {\"text\", \"technique\"?}", i);
	if ((e = jr_only_keys(step, keys, &req->why)) != ERR_OK ||
	    (e = want_text(req, step, "text", RESULT_SHORT_MAX_BYTES, TEXT_LINES, &text)) !=
		ERR_OK ||
	    (e = read_text(req, step, "technique", 64, TEXT_LINE, &technique)) != ERR_OK)
		return e;
	if (technique[0] != '\0' && !technique_valid(technique))
		return why_set(&req->why, ERR_INVALID,
		    "\"path\": element %zu: \"%s\" is no id of MITRE ATT&CK, such as T1190", i,
		    technique);
	jw_object(w);
	if (technique[0] != '\0')
		jw_kv_str(w, "technique", technique);
	jw_kv_str(w, "text", text);
	jw_object_end(w);
	return ERR_OK;
}

static enum err
read_steps(struct request *req, const struct json_t *path, struct buf *text)
{
	size_t count = jr_is_array(path) ? jr_count(path) : 0;
	struct json_writer w;
	enum err e;

	if (count < 1 || count > RESULT_PATH_STEPS_MAX)
		return why_set(&req->why, ERR_INVALID,
		    "\"path\" must be a list of 1 to %d steps, each {\"text\", \"technique\"?}",
		    RESULT_PATH_STEPS_MAX);
	jw_begin(&w, text);
	jw_array(&w);
	for (size_t i = 0; i < count; i++)
		if ((e = read_step(req, jr_at(path, i), i, &w)) != ERR_OK)
			return e;
	jw_array_end(&w);
	return buf_err(text) == ERR_OK
		   ? ERR_OK
		   : why_set(&req->why, ERR_LIMIT, "\"path\" is longer than %d bytes",
			 RESULT_PATH_MAX_BYTES);
}

static enum err
read_path(struct request *req, const struct json_t *body, const char **out)
{
	struct buf text;
	enum err e;

	buf_init(&text, RESULT_PATH_MAX_BYTES);
	if ((e = read_steps(req, jr_get(body, "path"), &text)) == ERR_OK)
		*out = arena_strndup(req->x->arena, text.data, text.len);
	buf_free(&text);
	return e;
}

static enum err
read_claim(struct request *req, const struct json_t *body, struct result_content *c)
{
	enum err e;

	c->count = 0;
	if ((e = read_attacked(req, body, &c->attacked_ms)) != ERR_OK ||
	    (e = jr_want_str(body, "kind", ID_MAX_BYTES, &c->claimed, &req->why)) != ERR_OK ||
	    (e = read_int(req, body, "count", 0, INT32_MAX, &c->count)) != ERR_OK ||
	    (e = jr_want_str(body, "technique", 64, &c->technique, &req->why)) != ERR_OK)
		return e;
	return request_bool(req, body, "cleaned", &c->cleaned);
}

enum err
result_read_content(struct request *req, struct result_content *c)
{
	static const char *const keys[] = {"system", "asset", "department", "attacked_at", "kind",
	    "count", "technique", "path", "evidence", "effect", "cleaned", "cleanup", "weakness",
	    "attachments", NULL};
	const struct json_t *body;
	enum err e;

	if ((e = request_object(req,
		 "\"system\", \"attacked_at\", \"kind\", \"technique\", \"path\", \"evidence\"",
		 &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_target(req, body, c)) != ERR_OK || (e = read_claim(req, body, c)) != ERR_OK ||
	    (e = read_path(req, body, &c->path)) != ERR_OK ||
	    (e = want_text(req, body, "evidence", RESULT_TEXT_MAX_BYTES, TEXT_LINES,
		 &c->evidence)) != ERR_OK ||
	    (e = read_text(req, body, "effect", RESULT_SHORT_MAX_BYTES, TEXT_LINES, &c->effect)) !=
		ERR_OK ||
	    (e = read_text(
		 req, body, "cleanup", RESULT_SHORT_MAX_BYTES, TEXT_LINES, &c->cleanup)) != ERR_OK)
		return e;
	if ((e = attachments_want(body, &c->attachments, &req->why)) != ERR_OK)
		return e;
	return read_text(req, body, "weakness", RESULT_WEAKNESS_MAX_BYTES, TEXT_LINE, &c->weakness);
}

/* ---- what a judge confirms ---- */

/* Whose repeat it is: by "same_as", the number of another result, or by the weakness. */
static enum err
read_flaw(
    struct request *req, const struct json_t *body, const struct result *r, struct result_ruling *u)
{
	const struct game *g = api_drill(req->api)->game;
	const struct result *other;
	int32_t same_as = 0;
	enum err e;

	if ((e = read_int(req, body, "same_as", 1, INT32_MAX, &same_as)) != ERR_OK ||
	    (e = read_text(req, body, "weakness", RESULT_WEAKNESS_MAX_BYTES, TEXT_LINE,
		 &u->weakness)) != ERR_OK)
		return e;
	if (u->weakness[0] == '\0')
		u->weakness = r->weakness;
	if (same_as > 0) {
		other = result_find(g, same_as);
		if (other == NULL || other->state != RESULT_CONFIRMED)
			return why_set(&req->why, ERR_NOT_FOUND,
			    "\"same_as\": there is no confirmed attack result %d", same_as);
		u->flaw = other->flaw;
		return ERR_OK;
	}
	if (u->weakness[0] == '\0')
		return why_set(&req->why, ERR_INVALID,
		    "\"weakness\" is missing, and the team names none: a CVE id or a few words, by "
		    "which repeats are recognised");
	u->flaw = result_flaw(g, r, u->weakness);
	return ERR_OK;
}

static enum err
read_size(
    struct request *req, const struct json_t *body, struct result_ruling *u, const char *reason)
{
	const struct result_kind *k = result_kind_find(u->kind);
	enum err e;

	if (k == NULL)
		return why_set(&req->why, ERR_INVALID,
		    "there is no kind of result \"%s\"; see GET /api/v1/results/kinds", u->kind);
	u->size = result_ruling_size(u, k);
	if ((e = read_int(req, body, "size", 0, RESULT_SIZE_MAX, &u->size)) != ERR_OK)
		return e;
	u->overridden = u->size != result_ruling_size(u, k);
	return !u->overridden || reason[0] != '\0'
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "L is %d by the table: another \"size\" wants a \"reason\"",
			 result_ruling_size(u, k));
}

static enum err
read_kind(
    struct request *req, const struct json_t *body, const struct result *r, struct result_ruling *u)
{
	u->kind = r->claimed->id;
	u->count = r->claimed_count;
	if (jr_get(body, "kind") != NULL) {
		enum err e = jr_want_str(body, "kind", ID_MAX_BYTES, &u->kind, &req->why);

		if (e != ERR_OK)
			return e;
		if (strcmp(u->kind, r->claimed->id) != 0)
			u->count = 0;
	}
	return read_int(req, body, "count", 0, INT32_MAX, &u->count);
}

static enum err
read_target_facts(
    struct request *req, const struct json_t *body, const struct result *r, struct result_ruling *u)
{
	const struct game *g = api_drill(req->api)->game;
	enum err e;

	u->mlps = r->system >= 0 ? g->config->systems[r->system].mlps : 0;
	if ((e = read_int(req, body, "mlps", 0, 5, &u->mlps)) != ERR_OK)
		return e;
	return request_bool(req, body, "unlisted", &u->unlisted);
}

enum err
result_read_ruling(
    struct request *req, const struct result *r, struct result_ruling *u, const char **reason)
{
	static const char *const keys[] = {"kind", "count", "mlps", "unlisted", "size", "quality",
	    "weakness", "same_as", "reason", NULL};
	const struct json_t *body;
	enum err e;

	u->quality = RESULT_QUALITY_MAX;
	if ((e = request_object(req, "\"kind\", \"count\", ...", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_text(req, body, "reason", REASON_MAX_BYTES, TEXT_LINES, reason)) != ERR_OK ||
	    (e = read_kind(req, body, r, u)) != ERR_OK ||
	    (e = read_target_facts(req, body, r, u)) != ERR_OK ||
	    (e = read_size(req, body, u, *reason)) != ERR_OK ||
	    (e = read_int(req, body, "quality", RESULT_QUALITY_MIN, RESULT_QUALITY_MAX,
		 &u->quality)) != ERR_OK)
		return e;
	return read_flaw(req, body, r, u);
}
