/* Posts: who holds which duty; a department keeps its own. */
#include "api/inventory_request.h"
#include "api/routes.h"

#include <string.h>

static void
answer(struct request *req, struct response *out, int32_t id)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	jw_begin(&w, &out->body);
	post_write(&w, d->game, id, d->offset_minutes);
}

static enum err
emit(struct request *req, enum event_kind kind, struct post_event *p)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.post = p};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

/* The path's post, if whoever asks may see it; otherwise there is none. */
static enum err
post_of(struct request *req, struct post_event *p)
{
	const struct post_entry *found;
	enum err e;

	*p = (struct post_event){.team = "", .title = "", .holder = "", .phone = "", .reason = ""};
	if ((e = request_number(req, "post", &p->id)) != ERR_OK)
		return e;
	found = post_find(api_drill(req->api)->game, p->id);
	return found != NULL && inventory_shown(req->role, req->team, found->team)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "there is no post %d for you", p->id);
}

/* GET /api/v1/posts?after=ID&limit=N&department=&retired= -> 200 [Post, ...], by id */
static enum err
posts_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct inventory_filter f;
	const struct query_filter all[] = {
	    {"department", &f.department}, {"retired", &f.retired}, {NULL, NULL}};
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = query_read(req, all, &page)) != ERR_OK ||
	    (e = inventory_filter_read(req, &f)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < d->game->posts->count && page.limit > 0; i++) {
		const struct post_entry *p = &d->game->posts->items[i];

		if (!inventory_shown(req->role, req->team, p->team) ||
		    (f.team >= 0 && p->team != f.team) || (p->retired.by != NULL) != f.retired_is)
			continue;
		post_write(&w, d->game, (int32_t)i + 1, d->offset_minutes);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_posts_get = {
    .method = "GET",
    .path = "/api/v1/posts",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = posts_get,
};

/* GET /api/v1/posts/{id} -> 200 Post */
static enum err
post_get(struct request *req, struct response *out)
{
	struct post_event p;
	enum err e = post_of(req, &p);

	if (e == ERR_OK)
		answer(req, out, p.id);
	return e;
}

const struct route route_post_get = {
    .method = "GET",
    .path = "/api/v1/posts/{id}",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = post_get,
};

/* ---- writing ---- */

static enum err
read_title(struct request *req, const struct json_t *body, struct post_event *p)
{
	enum err e = inventory_line(req, body, "title", POST_TITLE_MAX_BYTES, &p->title);

	if (e == ERR_OK && p->title[strspn(p->title, " \t")] == '\0')
		e = why_set(&req->why, ERR_INVALID, "\"title\" must not be empty");
	return e;
}

static enum err
read_phone(struct request *req, const struct json_t *body, struct post_event *p)
{
	enum err e = inventory_line(req, body, "phone", POST_PHONE_MAX_BYTES, &p->phone);

	if (e == ERR_OK && p->phone[0] != '\0' && !phone_valid(p->phone))
		e = why_set(&req->why, ERR_INVALID,
		    "\"phone\" must be a phone number such as +86 10-62551234");
	return e;
}

static enum err
read_holder(struct request *req, const struct json_t *body, struct post_event *p)
{
	return inventory_line(req, body, "holder", POST_HOLDER_MAX_BYTES, &p->holder);
}

/* POST /api/v1/posts  {"department"?, "title", "holder"?, "phone"?} -> 201 Post; no holder: it is vacant */
static enum err
posts_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"department", "holder", "phone", "title", NULL};
	struct post_event p = {.reason = ""};
	const struct json_t *body;
	int team;
	enum err e;

	if ((e = request_object(req, "\"title\", \"holder\", \"phone\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = inventory_department_of(req, body, &team, &p.team)) != ERR_OK ||
	    (e = read_title(req, body, &p)) != ERR_OK ||
	    (e = read_holder(req, body, &p)) != ERR_OK || (e = read_phone(req, body, &p)) != ERR_OK)
		return e;
	p.id = (int32_t)api_drill(req->api)->game->posts->count + 1;
	if ((e = emit(req, EV_POST_CREATED, &p)) != ERR_OK)
		return e;
	out->status = 201;
	answer(req, out, p.id);
	return ERR_OK;
}

const struct route route_posts_post = {
    .method = "POST",
    .path = "/api/v1/posts",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = posts_post,
};

/* PUT /api/v1/posts/{id}  {"title", "phone"?} -> 200 Post: another name or number for the same holder */
static enum err
post_put(struct request *req, struct response *out)
{
	static const char *const keys[] = {"phone", "title", NULL};
	const struct json_t *body;
	struct post_event p;
	enum err e;

	if ((e = post_of(req, &p)) != ERR_OK ||
	    (e = request_object(req, "\"title\", \"phone\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_title(req, body, &p)) != ERR_OK ||
	    (e = read_phone(req, body, &p)) != ERR_OK ||
	    (e = emit(req, EV_POST_CHANGED, &p)) != ERR_OK)
		return e;
	answer(req, out, p.id);
	return ERR_OK;
}

const struct route route_post_put = {
    .method = "PUT",
    .path = "/api/v1/posts/{id}",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = post_put,
};

/* POST /api/v1/posts/{id}/handover  {"holder", "phone"?} -> 200 Post: its duties are the successor's from now on */
static enum err
post_handover_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"holder", "phone", NULL};
	const struct json_t *body;
	struct post_event p;
	enum err e;

	if ((e = post_of(req, &p)) != ERR_OK ||
	    (e = request_object(req, "\"holder\", \"phone\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_holder(req, body, &p)) != ERR_OK || (e = read_phone(req, body, &p)) != ERR_OK)
		return e;
	if (jr_get(body, "holder") == NULL)
		return why_set(&req->why, ERR_INVALID,
		    "\"holder\" is missing: the successor's name, \"\" for a vacant post");
	if ((e = emit(req, EV_POST_HANDED_OVER, &p)) != ERR_OK)
		return e;
	answer(req, out, p.id);
	return ERR_OK;
}

const struct route route_post_handover_post = {
    .method = "POST",
    .path = "/api/v1/posts/{id}/handover",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = post_handover_post,
};

/* POST /api/v1/posts/{id}/retire  {"reason"} -> 200 Post: there is no such post any more */
static enum err
post_retire_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"reason", NULL};
	const struct json_t *body;
	struct post_event p;
	enum err e;

	if ((e = post_of(req, &p)) != ERR_OK ||
	    (e = request_object(req, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &p.reason)) != ERR_OK ||
	    (e = emit(req, EV_POST_RETIRED, &p)) != ERR_OK)
		return e;
	answer(req, out, p.id);
	return ERR_OK;
}

const struct route route_post_retire_post = {
    .method = "POST",
    .path = "/api/v1/posts/{id}/retire",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = post_retire_post,
};
