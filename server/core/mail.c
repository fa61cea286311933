#include "core/mail.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdlib.h>
#include <string.h>

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct mail_event *m = ev->u.mail;

	if (ev->kind == EV_MAIL_QUEUED)
		jw_kv_str(w, "about", m->about);
	jw_kv_int(w, "number", m->number);
	if (ev->kind == EV_MAIL_FAILED)
		jw_kv_bool(w, "permanent", m->permanent);
	if (ev->kind != EV_MAIL_QUEUED)
		return;
	jw_kv_int(w, "ref", m->ref);
	jw_kv_str(w, "team", m->team);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct mail_event *m = ev->u.mail;

	if (ev->kind == EV_MAIL_FAILED)
		jw_kv_str(w, "error", m->error);
	if (ev->kind != EV_MAIL_QUEUED)
		return;
	jw_kv_str(w, "subject", m->subject);
	jw_kv_str(w, "text", m->text);
	jw_kv_str(w, "to", m->to);
}

static enum err
decode_queued(struct mail_event *m, const struct record_reader *r)
{
	enum err e;

	if ((e = record_text(r, "about", MAIL_ABOUT_MAX_BYTES, &m->about)) != ERR_OK ||
	    (e = record_int32(r, "ref", 0, INT32_MAX, &m->ref)) != ERR_OK)
		return e;
	m->subject = record_secret(r, "subject");
	m->text = record_secret(r, "text");
	m->to = record_secret(r, "to");
	return record_text(r, "team", ID_MAX_BYTES, &m->team);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct mail_event *m = arena_alloc(r->arena, sizeof *m);
	enum err e;

	*m = (struct mail_event){
	    .about = "", .team = "", .to = "", .subject = "", .text = "", .error = ""};
	ev->u.mail = m;
	if ((e = record_int32(r, "number", 1, INT32_MAX, &m->number)) != ERR_OK)
		return e;
	if (ev->kind == EV_MAIL_QUEUED)
		return decode_queued(m, r);
	if (ev->kind != EV_MAIL_FAILED)
		return ERR_OK;
	m->error = record_secret(r, "error");
	return record_bool(r, "permanent", &m->permanent);
}

/* ---- what is allowed ---- */

static enum err
queued_allows(const struct game *g, const struct mail_event *m, struct why *why)
{
	const struct outbox *o = &g->mails->outbox;
	bool secret_gone = m->to[0] == '\0' && m->subject[0] == '\0' && m->text[0] == '\0';

	if (m->number != outbox_next_number(o))
		return why_set(why, ERR_CONFLICT, "mail %d, but the next one is %d", m->number,
		    outbox_next_number(o));
	if (m->team[0] != '\0' && game_team(g, m->team) < 0)
		return why_set(why, ERR_NOT_FOUND, "no team \"%.64s\"", m->team);
	if (!secret_gone)
		return outbox_may_add(o, m->to, m->subject, m->text, 1, why);
	return o->count < MAILS_MAX && o->waiting_count < MAILS_WAITING_MAX
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT, "too many mails");
}

static enum err
again_allows(const struct game *g, const struct event *ev, const struct mail *m, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (by == NULL || !(by->role & (ROLE_DIRECTOR | ROLE_ADMIN)))
		return why_set(
		    why, ERR_FORBIDDEN, "the direction does this, not \"%.64s\"", ev->actor);
	if (m->state != MAIL_FAILED)
		return why_set(why, ERR_CONFLICT, "mail %d is %s; only a failed one is tried again",
		    m->number, mail_state_name(m->state));
	return g->mails->outbox.waiting_count < MAILS_WAITING_MAX
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT, "at most %d mails wait", MAILS_WAITING_MAX);
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct mail_event *m = ev->u.mail;
	const struct mail *mail;

	if (ev->kind != EV_MAIL_AGAIN && strcmp(ev->actor, "server") != 0)
		return why_set(why, ERR_FORBIDDEN, "only the server queues and sends mails");
	if (ev->kind == EV_MAIL_QUEUED)
		return queued_allows(g, m, why);
	if ((mail = outbox_get(&g->mails->outbox, m->number)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no mail %d", m->number);
	if (ev->kind == EV_MAIL_AGAIN)
		return again_allows(g, ev, mail, why);
	return mail->state == MAIL_QUEUED ? ERR_OK
					  : why_set(why, ERR_CONFLICT, "mail %d is %s, not queued",
						m->number, mail_state_name(mail->state));
}

/* ---- what it changes ---- */

static void
note_queued(struct game *g, const struct event *ev)
{
	const struct mail_event *m = ev->u.mail;
	struct mails *all = g->mails;
	int team = m->team[0] != '\0' ? game_team(g, m->team) : -1;

	all->notes = mem_grow(all->notes, all->count, sizeof *all->notes);
	all->notes[all->count++] = (struct mail_note){mem_strdup(m->about), m->ref, team};
	if (strcmp(m->about, "inject") == 0)
		inject_note_mailed(g, m->ref, team);
	else if (strcmp(m->about, "announcement") == 0)
		announcement_note_mailed(g, m->ref, team);
}

/* allows has asked what these would refuse. */
static void
apply(struct game *g, const struct event *ev)
{
	const struct mail_event *m = ev->u.mail;
	struct outbox *o = &g->mails->outbox;

	switch (ev->kind) {
	case EV_MAIL_QUEUED:
		(void)!outbox_add(
		    o, m->number, ev->seq, ev->at_ms, m->to, m->subject, m->text, NULL);
		note_queued(g, ev);
		break;
	case EV_MAIL_SENT:
		(void)!outbox_note_sent(o, m->number, ev->at_ms, NULL);
		g->mails->sent++;
		break;
	case EV_MAIL_FAILED:
		(void)!outbox_note_failed(o, m->number, ev->at_ms, m->permanent, m->error, NULL);
		g->mails->attempts_failed++;
		break;
	default:
		(void)!outbox_note_again(o, m->number, ev->seq, ev->at_ms, NULL);
		break;
	}
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->mails = mem_alloc(sizeof *g->mails);
}

static void
close_all(struct game *g)
{
	for (size_t i = 0; i < g->mails->count; i++)
		free(g->mails->notes[i].about);
	free(g->mails->notes);
	outbox_free(&g->mails->outbox);
	free(g->mails);
}

const struct record_family mail_family = {
    .first = EV_MAIL_QUEUED,
    .last = EV_MAIL_AGAIN,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};
