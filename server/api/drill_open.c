/* Opening and closing a drill: keys, journal, fold, and coming back after the server was down. */
#include "api/drill.h"
#include "api/drill_mails.h"
#include "api/drill_private.h"
#include "api/feed.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

/* ---- the fold of what is on disk ---- */

struct folding {
	struct drill *d;
	struct arena arena;
	uint64_t remember_from; /* the board's feed is made of the last events alone */
};

#define REMEMBER_EVENTS 5000

static void
note_row(struct folding *f, const struct event *ev, const struct journal_row *row)
{
	struct drill *d = f->d;

	if (event_is_closing(ev->kind)) {
		d->closing = ev->seq;
		memcpy(d->closing_hash, row->hash, SHA256_BYTES);
		game_score_digest(d->game, d->closing_scores);
	} else if (ev->kind == EV_CHECKPOINT) {
		d->checkpointed = ev->u.checkpoint.upto;
		memcpy(d->checkpoint_head, ev->u.checkpoint.head, SHA256_HEX_BYTES);
	}
}

static enum err
fold_event(struct folding *f, const struct event *ev, struct why *why)
{
	struct drill *d = f->d;
	enum status was;
	bool first;
	enum err e;

	if (ev->seq < f->remember_from || d->game->config == NULL)
		return game_apply(d->game, ev, why);
	was = drill_status_before(d, ev);
	first = drill_is_first(d, ev);
	if ((e = game_apply(d->game, ev, why)) == ERR_OK)
		feed_remember(d->feed, d->game, ev, was, first);
	return e;
}

static enum err
fold_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct folding *f = ctx;
	struct drill_config config = {0};
	struct event ev = {
	    .seq = row->seq, .at_ms = row->at_ms, .drill_ms = row->drill_ms, .actor = row->actor};
	struct why inner;
	enum err e;

	arena_reset(&f->arena);
	if (!event_kind_parse(row->kind, &ev.kind))
		e = why_set(&inner, ERR_CORRUPT, "unknown kind of event \"%s\"", row->kind);
	else if ((e = event_decode(&ev, row->body, row->body_len, row->secret, row->secret_len,
		      &f->arena, &config, &inner)) == ERR_OK)
		e = fold_event(f, &ev, &inner);
	if (e == ERR_OK)
		note_row(f, &ev, row);
	else
		e = why_set(why, ERR_CORRUPT, "the journal's event %llu: %s",
		    (unsigned long long)row->seq, inner.text);
	config_free(&config);
	return e;
}

static enum err
fold_journal(struct drill *d, struct why *why)
{
	struct folding f = {.d = d};
	int64_t began = time_mono_ns();
	enum err e;

	journal_reap(d->journal, &d->progress);
	if (d->progress.appended > REMEMBER_EVENTS)
		f.remember_from = d->progress.appended - REMEMBER_EVENTS;
	e = journal_read(d->journal, 1, 0, fold_row, &f, why);
	arena_free(&f.arena);
	if (e == ERR_OK && d->game->seq > 0)
		log_info("journal", "%llu events folded in %lld ms",
		    (unsigned long long)d->game->seq,
		    (long long)((time_mono_ns() - began) / 1000000));
	return e;
}

/* ---- a new drill, or one that comes back ---- */

static enum err
create_accounts(struct drill *d, struct why *why)
{
	const struct scenario *s = d->options.scenario;
	enum err e;

	for (size_t i = 0; i < s->account_count; i++)
		if ((e = drill_account_create(d, s->accounts[i].id, s->accounts[i].role,
			 s->accounts[i].team, "server", why)) != ERR_OK)
			return e;
	return ERR_OK;
}

/* What the scenario plans is approved by who gave the scenario. */
static enum err
plan_inject(struct drill *d, int32_t id, const struct inject_plan *plan, struct why *why)
{
	static const enum event_kind kinds[] = {
	    EV_INJECT_DRAFTED, EV_INJECT_APPROVED, EV_INJECT_SCHEDULED};
	struct inject_event made = {.id = id,
	    .plan = plan,
	    .offset_ms = -1,
	    .teams = "",
	    .team = "",
	    .text = "",
	    .reason = ""};
	enum err e = ERR_OK;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && e == ERR_OK; i++) {
		struct event ev = {.kind = kinds[i], .actor = "server", .u.inject = &made};

		e = drill_emit(d, &ev, why);
	}
	return e;
}

static enum err
plan_injects(struct drill *d, struct why *why)
{
	const struct scenario *s = d->options.scenario;
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->inject_count && e == ERR_OK; i++)
		e = plan_inject(d, (int32_t)i + 1, &s->injects[i], why);
	return e;
}

static enum err
open_fresh(struct drill *d, struct why *why)
{
	struct drill_config config = d->options.scenario->config;
	struct event ev = {.kind = EV_DRILL_OPENED, .actor = "server", .u.opened.config = &config};
	char key[2 * SIGN_PUBLIC_BYTES + 1], seed[SHA256_HEX_BYTES];
	uint8_t lot[SHA256_BYTES];
	enum err e;

	hex_encode(d->keys.sign_public, SIGN_PUBLIC_BYTES, key);
	config.sign_key = key;
	random_bytes(lot, sizeof lot);
	hex_encode(lot, sizeof lot, seed);
	ev.u.opened.unit_seed = seed;
	if ((e = drill_emit(d, &ev, why)) != ERR_OK)
		return e;
	if ((e = create_accounts(d, why)) != ERR_OK)
		return e;
	return plan_injects(d, why);
}

/* The configuration as the journal holds it against the scenario's, by way of their text. */
static bool
same_config(const struct drill_config *stored, const struct drill_config *given)
{
	struct drill_config with_key = *given;
	struct buf a, b;
	struct json_writer w;
	bool same;

	with_key.sign_key = stored->sign_key;
	buf_init(&a, EVENT_BODY_MAX_BYTES);
	buf_init(&b, EVENT_BODY_MAX_BYTES);
	jw_begin(&w, &a);
	config_encode(stored, &w);
	jw_begin(&w, &b);
	config_encode(&with_key, &w);
	same = !a.failed && !b.failed && a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
	buf_free(&a);
	buf_free(&b);
	return same;
}

/* The kill switch's program had no end yet: how far it came nobody knows, and it is not run twice. */
static enum err
note_hook(struct drill *d, struct why *why)
{
	if (d->game->kill->on)
		log_warn("kill", "the kill switch is on since before; the director undoes it");
	if (kill_last(d->game) == NULL || kill_last(d->game)->outcome != KILL_HOOK_PENDING)
		return ERR_OK;
	log_error("kill",
	    "the server stopped before the kill switch's program had ended; it is not run again: "
	    "see whether the red network is cut");
	return drill_kill_hook(d, KILL_HOOK_INTERRUPTED, -1, 0,
	    "the server stopped before it had ended; it is not run again", why);
}

static enum err
come_back(struct drill *d, struct why *why)
{
	/* Since the last event before the server went: what follows here has the present time. */
	int64_t down_ms = d->options.wall_ms(d->options.ctx) - d->game->at_ms;
	char key[2 * SIGN_PUBLIC_BYTES + 1];
	enum err e;

	hex_encode(d->keys.sign_public, SIGN_PUBLIC_BYTES, key);
	if (strcmp(key, d->game->config->sign_key) != 0)
		return why_set(why, ERR_CORRUPT,
		    "keys/sign.key is not the key that this journal names; put the right one back");
	if (!same_config(d->game->config, &d->options.scenario->config))
		return why_set(why, ERR_CONFLICT,
		    "the data directory holds drill \"%s\" with another scenario than the one "
		    "given: "
		    "give the same scenario, or another --data directory for a new drill",
		    d->game->config->id);
	if (d->closing > d->checkpointed)
		drill_sign_checkpoint(d);
	if ((e = note_hook(d, why)) != ERR_OK)
		return e;
	drill_mails_come_back(d);
	if (d->game->state != DRILL_RUNNING)
		return ERR_OK;
	if ((e = drill_emit_clock(d, EV_DRILL_PAUSED, "the server was down",
		 down_ms > 0 ? down_ms : 0, "server", why)) != ERR_OK ||
	    (e = drill_emit_clock(d, EV_DRILL_RESUMED, "the server is back", 0, "server", why)) !=
		ERR_OK)
		return e;
	log_warn("clock", "the server was down for %lld s; the drill goes on at tick %d",
	    (long long)(down_ms / 1000), d->game->tick);
	return ERR_OK;
}

static enum err
open_files(struct drill *d, struct why *why)
{
	struct journal_options jo = {
	    .dir = d->options.dir, .notify = d->options.notify, .ctx = d->options.ctx};
	enum err e;

	if ((e = journal_open(&jo, &d->journal, why)) != ERR_OK)
		return e;
	d->game = game_new();
	if ((e = fold_journal(d, why)) != ERR_OK)
		return e;
	if ((e = keys_load(d->options.dir, d->game->seq == 0, &d->keys, why)) != ERR_OK)
		return e;
	d->signer = signer_new(d->keys.sign_secret);
	d->codec = flag_codec_new(d->options.scenario->config.flag_prefix, d->keys.flag);
	return ERR_OK;
}

enum err
drill_open(const struct drill_options *o, struct drill **out, bool *fresh, struct why *why)
{
	struct drill *d = mem_alloc(sizeof *d);
	enum err e;

	d->options = *o;
	d->jobs_due_ms = -1;
	if (!zone_offset(o->scenario->config.time_zone, o->wall_ms(o->ctx), &d->offset_minutes))
		d->offset_minutes = 0;
	d->feed = feed_new(d->offset_minutes);
	drill_stats_open(&d->stats, o->scenario);
	if ((e = open_files(d, why)) == ERR_OK) {
		*fresh = d->game->seq == 0;
		drill_rebase(d);
		d->told = d->game->seq;
		e = *fresh ? open_fresh(d, why) : come_back(d, why);
	}
	if (e == ERR_OK) {
		journal_drain(d->journal, &d->progress);
		if (d->progress.failed)
			e = why_set(why, ERR_IO, "%s", d->progress.failure);
	}
	if (e != ERR_OK) {
		drill_close(d);
		return e;
	}
	*out = d;
	return ERR_OK;
}

void
drill_close(struct drill *d)
{
	if (d == NULL)
		return;
	journal_close(d->journal);
	game_free(d->game);
	feed_free(d->feed);
	drill_stats_close(&d->stats);
	signer_free(d->signer);
	flag_codec_free(d->codec);
	keys_wipe(&d->keys);
	free(d);
}
