#include "api/mailer.h"
#include "api/relay.h"
#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

/* The wall's clock may be set while we wait for it. */
#define LOOK_AGAIN_MS 60000

struct flight {
	struct mailer *owner;
	int32_t number; /* 0: free */
};

struct mailer {
	struct mailer_options o;
	struct smtp *smtp; /* NULL once it is closing */
	struct timer *timer;
	uint64_t durable;
	struct flight flights[MAILER_AT_ONCE];
	bool stuck; /* a result was not taken */
	bool stopping;
	void (*stopped)(void *ctx);
	void *ctx;
};

static void step(struct mailer *m);

/* ---- results ---- */

/* A result that leaves the mail as it was would have it sent again at once, for ever. */
static void
check_taken(struct mailer *m, int32_t number, int32_t attempts)
{
	const struct mail *mail = outbox_get(m->o.outbox, number);

	if (mail == NULL || mail->state != MAIL_QUEUED || mail->attempts != attempts)
		return;
	m->stuck = true;
	log_error(
	    "mail", "what came of mail %" PRId32 " was not recorded; no more are sent", number);
}

static void
report(struct mailer *m, int32_t number, const struct smtp_result *r)
{
	const struct mail *mail = outbox_get(m->o.outbox, number);
	int32_t attempts = mail->attempts;

	if (r->outcome == SMTP_SENT) {
		log_info("mail", "mail %" PRId32 " is sent", number);
		m->o.sent(m->o.ctx, number);
	} else {
		log_warn("mail", "mail %" PRId32 ", attempt %" PRId32 ": %s", number, attempts + 1,
		    r->logged.text);
		m->o.failed(m->o.ctx, number, r->outcome == SMTP_REFUSED, r->said.text);
	}
	check_taken(m, number, attempts);
}

static void
close_relay(struct mailer *m)
{
	struct smtp *smtp = m->smtp;

	m->smtp = NULL;
	timer_stop(
	    m->timer); /* a mail that waits for its next attempt would keep the loop from its end */
	if (smtp != NULL)
		smtp_close(smtp, m->stopped, m->ctx);
}

static void
on_done(void *ctx, const struct smtp_result *r)
{
	struct flight *f = ctx;
	struct mailer *m = f->owner;
	int32_t number = f->number;

	f->number = 0;
	if (r->outcome != SMTP_CANCELLED)
		report(m, number, r);
	if (m->stopping && m->smtp != NULL && smtp_under_way(m->smtp) == 0)
		close_relay(m);
	step(m);
}

/* ---- sending ---- */

static struct flight *
free_flight(struct mailer *m)
{
	for (size_t i = 0; i < MAILER_AT_ONCE; i++)
		if (m->flights[i].number == 0)
			return &m->flights[i];
	return NULL;
}

static const struct mail *
next_mail(struct mailer *m, int64_t *again_ms)
{
	int32_t numbers[MAILER_AT_ONCE];

	for (size_t i = 0; i < MAILER_AT_ONCE; i++)
		numbers[i] = m->flights[i].number;
	return outbox_due(
	    m->o.outbox, m->o.wall_ms(m->o.ctx), m->durable, numbers, MAILER_AT_ONCE, again_ms);
}

static enum err
send_mail(struct mailer *m, const struct mail *mail, struct flight *f, struct why *why)
{
	const struct scenario_mail *relay = m->o.mail;
	char id[MAIL_ID_MAX_BYTES];
	struct mail_message message = {.from = relay->from,
	    .from_name = relay->from_name.zh,
	    .to = mail->to,
	    .subject = mail->subject,
	    .text = mail->text,
	    .id = id,
	    .date_ms = mail->queued_ms,
	    .offset_minutes = m->o.offset_minutes};

	outbox_message_id(mail, m->o.drill_id, mail_address_host(relay->from), id);
	f->number = mail->number;
	return smtp_send(m->smtp, &message, on_done, f, why);
}

/* False: not now. */
static bool
begin(struct mailer *m, const struct mail *mail, struct flight *f)
{
	struct smtp_result r = {.outcome = SMTP_LATER};
	enum err e = send_mail(m, mail, f, &r.said);

	if (e == ERR_OK)
		return true;
	f->number = 0;
	if (e == ERR_BUSY || e == ERR_CLOSED)
		return false;
	/* A mail that is none never will be one; a machine that has no thread left may have one later. */
	if (e != ERR_IO)
		r.outcome = SMTP_REFUSED;
	r.logged = r.said;
	report(m, mail->number, &r);
	return !m->stuck;
}

static void
wait_until(struct mailer *m, int64_t again_ms)
{
	int64_t wait = again_ms - m->o.wall_ms(m->o.ctx);

	if (again_ms == INT64_MAX)
		timer_stop(m->timer);
	else
		timer_at(m->timer,
		    loop_now_ms(m->o.loop) + (wait < LOOK_AGAIN_MS ? wait : LOOK_AGAIN_MS));
}

static void
step(struct mailer *m)
{
	int64_t again_ms = INT64_MAX;
	const struct mail *mail;
	struct flight *f;

	while (!m->stopping && !m->stuck && (f = free_flight(m)) != NULL) {
		if ((mail = next_mail(m, &again_ms)) == NULL) {
			wait_until(m, again_ms);
			return;
		}
		if (!begin(m, mail, f))
			return;
	}
}

static void
on_timer(void *ctx)
{
	struct mailer *m = ctx;

	if (m->stopping)
		close_relay(m);
	else
		step(m);
}

void
mailer_committed(struct mailer *m, uint64_t seq)
{
	bool news = m->o.outbox->newest > m->durable;

	m->durable = seq;
	if (news)
		step(m);
}

/* ---- beginning and end ---- */

enum err
mailer_new(const struct mailer_options *o, struct mailer **out, struct why *why)
{
	struct mailer *m = mem_alloc(sizeof *m);
	enum err e = relay_open(o->loop, o->mail, MAILER_AT_ONCE, &m->smtp, why);

	if (e != ERR_OK) {
		free(m);
		return e;
	}
	m->o = *o;
	for (size_t i = 0; i < MAILER_AT_ONCE; i++)
		m->flights[i].owner = m;
	m->timer = timer_new(o->loop, on_timer, m);
	*out = m;
	return ERR_OK;
}

void
mailer_stop(struct mailer *m, int64_t grace_ms, void (*stopped)(void *ctx), void *ctx)
{
	if (m->stopping)
		return;
	m->stopping = true;
	m->stopped = stopped;
	m->ctx = ctx;
	if (smtp_under_way(m->smtp) == 0)
		close_relay(m);
	else
		timer_at(m->timer, loop_now_ms(m->o.loop) + grace_ms);
}

void
mailer_free(struct mailer *m)
{
	if (m == NULL)
		return;
	timer_close(m->timer);
	free(m);
}

unsigned
mailer_under_way(const struct mailer *m)
{
	return m->smtp != NULL ? smtp_under_way(m->smtp) : 0;
}
