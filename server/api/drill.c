#include "api/drill.h"
#include "api/drill_mails.h"
#include "api/drill_private.h"
#include "api/feed.h"
#include "base/log.h"
#include "checker/protocol.h"

#include <stdio.h>
#include <string.h>

/* ---- events ---- */

/* The digest that the checkpoint of this event will sign: the scores right after it. */
static void
note_closing(struct drill *d, const struct event *ev)
{
	if (!event_is_closing(ev->kind))
		return;
	d->closing = ev->seq;
	game_score_digest(d->game, d->closing_scores);
}

enum status
drill_status_before(const struct drill *d, const struct event *ev)
{
	int at;

	if (ev->kind != EV_CHECK_DONE || (at = game_system(d->game, ev->u.check.system)) < 0)
		return ST_NONE;
	return d->game->systems[at].status;
}

bool
drill_is_first(const struct drill *d, const struct event *ev)
{
	int at;

	if (ev->kind != EV_FLAG_CAPTURED || (at = game_system(d->game, ev->u.capture.system)) < 0)
		return false;
	return game_first_capture(d->game, (uint32_t)at);
}

static void
journal_is_broken(struct drill *d, const char *text)
{
	if (d->has_failed)
		return;
	d->has_failed = true;
	log_error("journal", "%s", text);
	d->options.failed(d->options.ctx, text);
}

static void
stamp(const struct drill *d, struct event *ev)
{
	ev->seq = d->game->seq + 1;
	ev->at_ms = d->options.wall_ms(d->options.ctx);
	ev->drill_ms = drill_now_ms(d);
}

enum err
drill_emit_allowed(struct drill *d, struct event *ev, struct why *why)
{
	enum err e;

	stamp(d, ev);
	e = game_allows(d->game, ev, why);
	return e != ERR_OK ? e : drill_emit(d, ev, why);
}

enum err
drill_emit(struct drill *d, struct event *ev, struct why *why)
{
	enum status was = drill_status_before(d, ev);
	bool first = drill_is_first(d, ev);
	uint64_t seq = d->game->seq + 1;
	enum err e;

	if (d->has_failed)
		return why_set(
		    why, ERR_CLOSED, "the journal cannot be written; the server is stopping");
	if (!journal_has_room(d->journal))
		return why_set(why, ERR_BUSY, "too much is waiting for the disk; try again");
	stamp(d, ev);
	if ((e = game_apply(d->game, ev, why)) != ERR_OK)
		return e;
	/* The fold is ahead of the disk now: if this fails there is no way on but a restart. */
	if ((e = journal_append(d->journal, ev)) != ERR_OK || ev->seq != seq) {
		journal_is_broken(d, "an applied event could not be appended");
		return why_set(
		    why, ERR_CLOSED, "the journal cannot be written; the server is stopping");
	}
	note_closing(d, ev);
	feed_event(d->feed, d->game, ev, was, first);
	drill_mails_follow(d, ev);
	return ERR_OK;
}

bool
drill_emit_sure(struct drill *d, struct event *ev)
{
	struct why why;
	enum err e = drill_emit(d, ev, &why);

	if (e != ERR_OK)
		log_error("drill", "%s: %s (%s)", event_kind_name(ev->kind), why.text, err_name(e));
	return e == ERR_OK;
}

/* ---- what is durable ---- */

void
drill_flush(struct drill *d)
{
	journal_flush(d->journal);
}

bool
drill_durable(const struct drill *d)
{
	return d->progress.committed >= d->game->seq;
}

void
drill_settle(struct drill *d)
{
	/* What follows a commit is told by the next drill_reap, as always. */
	if (!drill_durable(d))
		journal_drain(d->journal, &d->progress);
}

void
drill_sign_checkpoint(struct drill *d)
{
	char head[SHA256_HEX_BYTES], sig[2 * SIGN_BYTES + 1];
	struct event ev = {.kind = EV_CHECKPOINT, .actor = "server"};
	uint8_t signature[SIGN_BYTES];
	struct buf message;

	hex_encode(d->closing_hash, SHA256_BYTES, head);
	buf_init(&message, 4096);
	checkpoint_message(d->game->config->id, d->closing, head, d->closing_scores, &message);
	signer_sign(d->signer, message.data, message.len, signature);
	buf_free(&message);
	hex_encode(signature, sizeof signature, sig);
	ev.u.checkpoint.upto = d->closing;
	ev.u.checkpoint.head = head;
	ev.u.checkpoint.scores = d->closing_scores;
	ev.u.checkpoint.sig = sig;
	if (drill_emit_sure(d, &ev)) {
		d->checkpointed = d->closing;
		memcpy(d->checkpoint_head, head, sizeof head);
	}
}

/* Everything that follows a commit: answers, live frames, and the checkpoint of what has closed. */
static void
take_progress(struct drill *d, uint64_t before)
{
	if (d->progress.failed) {
		journal_is_broken(d, d->progress.failure);
		return;
	}
	if (d->progress.committed == before)
		return;
	feed_committed(d->feed, d->progress.committed);
	d->options.committed(d->options.ctx, d->progress.committed);
	/* A later closing may be under way already: then that one is signed, with its own scores. */
	if (d->progress.closing == d->closing && d->closing > d->checkpointed) {
		memcpy(d->closing_hash, d->progress.closing_hash, SHA256_BYTES);
		drill_sign_checkpoint(d);
	}
}

void
drill_reap(struct drill *d)
{
	uint64_t before = d->told;

	journal_reap(d->journal, &d->progress);
	d->told = d->progress.committed;
	take_progress(d, before);
}

/* ---- facts ---- */

static enum verdict
flag_verdict(
    const struct drill *d, const struct account *by, const struct flag *f, struct submission *out)
{
	enum verdict v = game_verdict(d->game, (uint32_t)by->team, f);

	out->out_of_scope = v == V_INV && f->system < d->game->config->system_count &&
			    !engagement_in_scope(d->game, f->system);
	return v;
}

static bool
may_submit(const struct drill *d, const struct account *by)
{
	return d->game->state == DRILL_RUNNING && by->team >= 0 &&
	       engagement_allows(d->game, by->id, NULL) == ERR_OK;
}

enum verdict
drill_submit(
    struct drill *d, const struct account *by, const char *text, size_t len, struct submission *out)
{
	const struct drill_config *c = d->game->config;
	struct event ev = {.kind = EV_FLAG_CAPTURED, .actor = by->id};
	enum verdict v = V_INV;
	struct flag flag;

	*out = (struct submission){.points = 0};
	if (!may_submit(d, by))
		v = V_ERR;
	else if (flag_read(d->codec, text, len, &flag))
		v = flag_verdict(d, by, &flag, out);
	if (v == V_OK) {
		ev.u.capture.team = c->teams[by->team].id;
		ev.u.capture.system = c->systems[flag.system].id;
		ev.u.capture.tick = flag.tick;
		ev.u.capture.slot = flag.slot;
		if (drill_emit(d, &ev, NULL) != ERR_OK)
			v = V_ERR;
		else
			out->points = d->game->policy->capture_points(
			    d->game->policy_state, game_flag_index(d->game, &flag));
	}
	d->verdicts[v]++;
	return v;
}

static bool
is_faulty(const struct drill *d, size_t system)
{
	return d->game->systems[system].status == ST_FAULT;
}

static size_t
count_faulty(const struct drill *d, const char *challenge)
{
	const struct scenario *s = d->options.scenario;
	size_t n = 0;

	for (size_t i = 0; i < s->config.system_count; i++)
		n += strcmp(s->systems[i].challenge, challenge) == 0 && is_faulty(d, i);
	return n;
}

/* For who keeps the log: a challenge's first system whose check fails of itself, and the last that does again. */
static void
log_fault(const struct drill *d, const struct check_result *r, bool was)
{
	const struct scenario *s = d->options.scenario;
	const char *challenge = s->systems[r->system].challenge;
	size_t faulty;

	if (is_faulty(d, r->system) == was)
		return;
	faulty = count_faulty(d, challenge);
	if (!was && faulty == 1)
		log_warn("checks", "the check of %s fails of itself, in tick %d at %s first: %s",
		    challenge, r->tick, s->config.systems[r->system].id, r->message);
	else if (was && faulty == 0)
		log_info("checks", "no check of %s fails of itself any more", challenge);
}

void
drill_check_result(struct drill *d, const struct check_result *r)
{
	struct event ev = {.kind = EV_CHECK_DONE, .actor = "checker"};
	bool was = is_faulty(d, r->system);

	drill_stats_check(&d->stats, r);
	ev.u.check.system = d->game->config->systems[r->system].id;
	ev.u.check.tick = r->tick;
	ev.u.check.status = r->status;
	ev.u.check.ms = r->ms;
	ev.u.check.message = r->message;
	ev.u.check.trace = r->trace;
	ev.u.check.saved = r->saved;
	ev.u.check.state = r->state;
	drill_emit_sure(d, &ev);
	log_fault(d, r, was);
}

/* Whether a round's saved object says that the flag of this slot was placed (checker/protocol.h). */
static bool
saved_has_slot(const char *saved, int slot)
{
	char key[32];

	snprintf(key, sizeof key, "\"s%d." SAVED_PLACED "\":", slot);
	return strstr(saved, key) != NULL;
}

static void
check_flag_fill(struct drill *d, const struct flag *f, struct check_flag *out)
{
	out->tick = f->tick;
	out->slot = f->slot;
	flag_write(d->codec, f, out->text);
	flag_seed(d->codec, f, out->seed);
	out->saved = game_saved(d->game, f->system, f->tick);
}

/* A checkerscript of the contract faust looks after its older flags itself, placed or not. */
static bool
wants_all_flags(const struct drill *d, uint32_t system)
{
	const struct scenario *s = d->options.scenario;

	return scenario_challenge(s, s->systems[system].challenge)->contract == CONTRACT_FAUST;
}

size_t
drill_check_flags(
    struct drill *d, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	int slots = d->game->config->systems[system].slots;
	bool all = wants_all_flags(d, system);
	int32_t oldest = tick - (all ? FAUST_TICKS : d->game->config->flag_ticks - 1);
	size_t n = 0;

	for (int32_t t = tick; t >= 0 && t >= oldest; t--) {
		for (int s = 0; s < slots && n < max; s++) {
			struct flag f = {t, (uint16_t)system, (uint8_t)s};

			/* Of older flags only those that a round did place. */
			if (t == tick || all || saved_has_slot(game_saved(d->game, system, t), s))
				check_flag_fill(d, &f, &out[n++]);
		}
	}
	return n;
}

enum err
drill_account_create(struct drill *d, const char *id, enum role role, const char *team,
    const char *actor, struct why *why)
{
	struct event ev = {.kind = EV_ACCOUNT_CREATED, .actor = actor};
	enum err e;

	ev.u.account.account = id;
	ev.u.account.role = role;
	ev.u.account.team = role == ROLE_JUDGE ? "" : team;
	ev.u.account.department = role == ROLE_JUDGE ? team : "";
	ev.u.account.value = "";
	e = drill_emit(d, &ev, why);
	return e == ERR_CORRUPT ? ERR_CONFLICT : e;
}

enum err
drill_account_secret(struct drill *d, enum event_kind kind, const char *id, const char *value,
    const char *actor, struct why *why)
{
	struct event ev = {.kind = kind, .actor = actor};
	enum err e;

	ev.u.account.account = id;
	ev.u.account.team = "";
	ev.u.account.value = value;
	e = drill_emit(d, &ev, why);
	return e == ERR_CORRUPT ? ERR_NOT_FOUND : e;
}
