#include "api/drill_mails.h"
#include "api/drill_private.h"
#include "base/log.h"

#include <inttypes.h>
#include <string.h>

#define MAIL_EVENT_BYTES 1024 /* that an event has besides its texts */

/* ---- queueing ---- */

static bool
has_relay(const struct drill *d)
{
	return d->options.scenario->mail.host != NULL && d->options.scenario->contacts != NULL;
}

static bool
queue(struct drill *d, int team, const char *about, int32_t ref, const char *to,
    const char *subject, const char *text)
{
	struct mail_event m = {.number = outbox_next_number(&d->game->mails->outbox),
	    .about = about,
	    .ref = ref,
	    .team = d->game->config->teams[team].id,
	    .to = to,
	    .subject = subject,
	    .text = text,
	    .error = ""};
	struct event ev = {.kind = EV_MAIL_QUEUED, .actor = "server", .u.mail = &m};
	struct why why;
	enum err e = drill_emit_allowed(d, &ev, &why);

	if (e != ERR_OK) /* never the address: a log is for everybody who keeps it */
		log_error("mail", "no mail to %s about %s %" PRId32 ": %s (%s)", m.team, about, ref,
		    e == ERR_INVALID ? "it breaks a rule of mails" : why.text, err_name(e));
	return e == ERR_OK;
}

/* All of a team's mails or none: the fold knows whom it has mailed, not at which address. */
static bool
has_room(struct drill *d, size_t mails, const char *subject, const char *text)
{
	size_t bytes = 2 * (strlen(subject) + strlen(text)) + MAIL_EVENT_BYTES;

	if (journal_has_room_for(d->journal, mails * bytes))
		return true;
	d->mails_missing = true;
	return false;
}

size_t
drill_mail_team(struct drill *d, int team, const char *about, int32_t ref, const char *subject,
    const char *text)
{
	const struct scenario_contacts *c;
	size_t queued = 0;

	if (!has_relay(d))
		return 0;
	c = &d->options.scenario->contacts[team];
	if (c->count == 0 || !has_room(d, c->count, subject, text))
		return 0;
	for (size_t i = 0; i < c->count; i++)
		queued += queue(d, team, about, ref, c->mail[i], subject, text);
	return queued;
}

/* ---- an inject as a mail ---- */

/* One line, cut where a character begins. */
static void
write_subject(const struct inject *in, struct buf *out)
{
	size_t len;

	buf_printf(out, "[演练 Drill] %s", in->plan.title.zh);
	if (strcmp(in->plan.title.zh, in->plan.title.en) != 0)
		buf_printf(out, " / %s", in->plan.title.en);
	if (out->failed || (len = out->len) <= MAIL_SUBJECT_MAX_BYTES)
		return;
	for (len = MAIL_SUBJECT_MAX_BYTES; ((unsigned char)out->data[len] & 0xc0) == 0x80;)
		len--;
	out->len = len;
	out->data[len] = '\0';
}

/* Mails break lines by themselves: a CR of who wrote it is left out. */
static void
write_lines(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text != '\r')
			buf_putc(out, *text);
}

static void
write_language(struct buf *out, const char *from, const char *text)
{
	write_lines(out, from);
	buf_puts(out, "\n\n");
	write_lines(out, text);
	buf_puts(out, "\n\n");
}

static void
write_text(const struct inject *in, struct buf *out)
{
	const struct inject_plan *p = &in->plan;
	long long minutes = (long long)((p->allowed_ms + 59999) / 60000);

	write_language(out, p->from.zh, p->text.zh);
	if (strcmp(p->text.zh, p->text.en) != 0)
		write_language(out, p->from.en, p->text.en);
	buf_puts(out, "--\n这是演练邮件。请在演练平台上确认并答复");
	if (minutes > 0)
		buf_printf(out, "，限时 %lld 分钟", minutes);
	buf_puts(out, "。\nThis mail belongs to a drill. Acknowledge and answer it on the drill's "
		      "platform");
	if (minutes > 0)
		buf_printf(out, ", within %lld minutes", minutes);
	buf_puts(out, ".\n");
}

static void
mail_part(struct drill *d, const struct inject *in, int team)
{
	struct buf subject, text;

	buf_init(&subject, 2 * INJECT_LINE_MAX_BYTES + 100);
	buf_init(&text, MAIL_TEXT_MAX_BYTES);
	write_subject(in, &subject);
	write_text(in, &text);
	if (buf_err(&subject) == ERR_OK && buf_err(&text) == ERR_OK)
		(void)drill_mail_team(d, team, "inject", in->id, subject.data, text.data);
	buf_free(&subject);
	buf_free(&text);
}

static void
follow_inject(struct drill *d, const struct event *ev)
{
	const struct inject *in = inject_find(d->game, ev->u.inject->id);

	if (!(in->plan.channels & INJECT_BY_MAIL))
		return;
	for (size_t i = 0; i < in->part_count; i++)
		if (in->parts[i].delivered.at_ms == ev->at_ms &&
		    in->parts[i].delivered.drill_ms == ev->drill_ms && !in->parts[i].mailed)
			mail_part(d, in, in->parts[i].team);
}

/* ---- an announcement as a mail ---- */

/* To every team that it is for and that was not mailed yet. */
static void
mail_announcement(struct drill *d, int32_t id)
{
	const struct announcement *a = announcement_find(d->game, id);
	const struct drill_config *c = d->game->config;
	struct buf subject, text;

	if (!a->mail)
		return;
	buf_init(&subject, ANNOUNCEMENT_TITLE_MAX_BYTES + 100);
	buf_init(&text, MAIL_TEXT_MAX_BYTES);
	buf_printf(&subject, "[演练 Drill]%s %s", a->urgent ? "[紧急 Urgent]" : "", a->title);
	write_lines(&text, a->text);
	buf_puts(&text, "\n\n--\n这是演练通知。\nThis is an announcement of a drill.\n");
	for (size_t i = 0; i < c->team_count; i++)
		if (addressees_have(&a->addressees,
			c->teams[i].kind == TEAM_BLUE ? ROLE_BLUE : ROLE_RED, (int)i) &&
		    !announcement_mailed(a, (int)i))
			(void)drill_mail_team(
			    d, (int)i, "announcement", id, subject.data, text.data);
	buf_free(&subject);
	buf_free(&text);
}

void
drill_mails_follow(struct drill *d, const struct event *ev)
{
	if (!has_relay(d))
		return;
	if (ev->kind == EV_INJECT_DELIVERED)
		follow_inject(d, ev);
	else if (ev->kind == EV_ANNOUNCEMENT_MADE)
		mail_announcement(d, ev->u.announcement->id);
}

/* ---- what is missing ---- */

/* Only those that nobody has noticed yet. */
static void
injects_come_back(struct drill *d)
{
	const struct injects *all = d->game->injects;

	for (size_t i = 0; i < all->count; i++) {
		const struct inject *in = all->items[i];

		if (!(in->plan.channels & INJECT_BY_MAIL))
			continue;
		for (size_t k = 0; k < in->part_count; k++)
			if (!in->parts[k].mailed &&
			    inject_part_stage(in, &in->parts[k]) == INJECT_DELIVERED)
				mail_part(d, in, in->parts[k].team);
	}
}

/* Only those that are still in force. */
static void
announcements_come_back(struct drill *d)
{
	const struct announcements *all = d->game->announcements;
	int64_t now = d->options.wall_ms(d->options.ctx);

	for (size_t i = 0; i < all->count; i++)
		if (announcement_in_force(&all->items[i], now))
			mail_announcement(d, (int32_t)i + 1);
}

void
drill_mails_come_back(struct drill *d)
{
	if (!has_relay(d))
		return;
	if (d->game->state != DRILL_ENDED)
		injects_come_back(d);
	announcements_come_back(d);
}

void
drill_mails_turn(struct drill *d)
{
	if (!d->mails_missing)
		return;
	d->mails_missing = false;
	drill_mails_come_back(d);
}

/* ---- what came of it ---- */

/* It must become a fact: while the disk is behind, it is waited for. */
static void
emit_result(struct drill *d, enum event_kind kind, struct mail_event *m)
{
	struct event ev = {.kind = kind, .actor = "server", .u.mail = m};

	m->about = m->team = m->to = m->subject = m->text = "";
	if (!journal_has_room(d->journal))
		drill_settle(d);
	(void)drill_emit_sure(d, &ev);
}

void
drill_mail_sent(struct drill *d, int32_t number)
{
	emit_result(d, EV_MAIL_SENT, &(struct mail_event){.number = number, .error = ""});
}

void
drill_mail_failed(struct drill *d, int32_t number, bool permanent, const char *error)
{
	emit_result(d, EV_MAIL_FAILED,
	    &(struct mail_event){.number = number, .permanent = permanent, .error = error});
}
