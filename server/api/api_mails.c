/* Mails: what became of each, for the direction and leaders; a failed one is tried again. */
#include "api/query.h"
#include "api/routes.h"
#include "api/write.h"

#include <string.h>

/* Addresses, and what a relay said of them, are for the direction alone. */
static void
write_mail(struct json_writer *w, const struct request *req, int32_t number)
{
	const struct drill *d = api_drill(req->api);
	const struct mail *m = outbox_get(&d->game->mails->outbox, number);
	const struct mail_note *note = &d->game->mails->notes[number - 1];

	jw_object(w);
	jw_kv_int(w, "id", number);
	jw_kv_str(w, "state", mail_state_name(m->state));
	jw_kv_int(w, "attempts", m->attempts);
	jw_kv_str(w, "about", note->about);
	jw_kv_int(w, "ref", note->ref);
	jw_kv_str(w, "team", note->team >= 0 ? d->game->config->teams[note->team].id : NULL);
	write_time(w, "queued", m->queued_ms, d->offset_minutes);
	write_time(w, "next", m->state == MAIL_QUEUED ? m->next_ms : 0, d->offset_minutes);
	write_time(w, "settled", m->settled_ms, d->offset_minutes);
	jw_kv_str(w, "subject", m->subject);
	if (req->role != ROLE_LEADER) {
		jw_kv_str(w, "to", m->to);
		jw_kv_str(w, "error", m->error[0] != '\0' ? m->error : NULL);
	}
	jw_object_end(w);
}

static enum err
read_state(struct request *req, const char *name, enum mail_state *out)
{
	for (int s = 0; name != NULL && s < MAIL_STATE_COUNT; s++)
		if (strcmp(name, mail_state_name((enum mail_state)s)) == 0) {
			*out = (enum mail_state)s;
			return ERR_OK;
		}
	*out = MAIL_STATE_COUNT;
	return name == NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?state= must be queued, sent or failed");
}

/* GET /api/v1/mails?after=ID&limit=N&state=... -> 200 [Mail, ...]: oldest first */
static enum err
mails_get(struct request *req, struct response *out)
{
	const struct mails *all = api_drill(req->api)->game->mails;
	const char *state;
	const struct query_filter filters[] = {{"state", &state}, {NULL, NULL}};
	enum mail_state wanted;
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = query_read(req, filters, &page)) != ERR_OK ||
	    (e = read_state(req, state, &wanted)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < all->count && page.limit > 0; i++) {
		int32_t n = (int32_t)i + 1;

		if (wanted != MAIL_STATE_COUNT && outbox_get(&all->outbox, n)->state != wanted)
			continue;
		write_mail(&w, req, n);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_mails_get = {
    .method = "GET",
    .path = "/api/v1/mails",
    .roles = ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = mails_get,
};

/* POST /api/v1/mails/{id}/again -> 200 Mail: a failed one waits for the relay again */
static enum err
mail_again_post(struct request *req, struct response *out)
{
	struct mail_event m = {
	    .about = "", .team = "", .to = "", .subject = "", .text = "", .error = ""};
	struct event ev = {.kind = EV_MAIL_AGAIN, .actor = req->account->id, .u.mail = &m};
	struct json_writer w;
	enum err e;

	if ((e = request_number(req, "mail", &m.number)) != ERR_OK ||
	    (e = drill_emit_allowed(api_drill(req->api), &ev, &req->why)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_mail(&w, req, m.number);
	return ERR_OK;
}

const struct route route_mail_again_post = {
    .method = "POST",
    .path = "/api/v1/mails/{id}/again",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .run = mail_again_post,
};
