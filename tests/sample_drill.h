/*
 * A made-up drill of any size, written through the real core and the real journal: for tests and benches
 * that need a journal with ticks, checks, captures and signed checkpoints. Everything in it follows from
 * the sizes, so the same sizes give the same events.
 */
#ifndef TESTS_SAMPLE_DRILL_H
#define TESTS_SAMPLE_DRILL_H

#include "base/mem.h"
#include "core/game.h"
#include "store/journal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_RED_TEAMS 4

struct sample {
	struct drill_config config;
	struct game *game;
	struct journal *journal;
	uint8_t secret[SIGN_SECRET_BYTES]; /* of the key that signs checkpoints */
	uint8_t head[SHA256_BYTES];        /* once drained */
	int64_t at_ms;
	int64_t drill_ms;
	uint64_t seq;
};

static inline void
sample_die(const char *what, const char *why)
{
	fprintf(stderr, "sample drill: %s: %s\n", what, why);
	abort();
}

static inline const char *
sample_id(struct drill_config *c, const char *word, size_t i)
{
	char text[ID_MAX_BYTES];

	snprintf(text, sizeof(text), "%s-%zu", word, i + 1);
	return arena_strdup(&c->arena, text);
}

static inline void
sample_lists(struct drill_config *c, size_t blue, size_t services)
{
	c->team_count = blue + SAMPLE_RED_TEAMS;
	c->teams = arena_array(&c->arena, c->team_count, sizeof(*c->teams));
	for (size_t i = 0; i < c->team_count; i++) {
		struct team_config *t = &c->teams[i];

		t->kind = i < blue ? TEAM_BLUE : TEAM_RED;
		t->id = i < blue ? sample_id(c, "team", i) : sample_id(c, "red", i - blue);
		t->name = (struct i18n){t->id, t->id};
	}
	c->service_count = services;
	c->services = arena_array(&c->arena, services, sizeof(*c->services));
	for (size_t i = 0; i < services; i++) {
		c->services[i].id = sample_id(c, "service", i);
		c->services[i].name = (struct i18n){c->services[i].id, c->services[i].id};
		c->services[i].weight = 1;
	}
	c->system_count = blue * services;
	c->systems = arena_array(&c->arena, c->system_count, sizeof(*c->systems));
	for (size_t i = 0; i < c->system_count; i++) {
		struct system_config *s = &c->systems[i];

		s->id = sample_id(c, "system", i);
		s->name = (struct i18n){s->id, s->id};
		s->team = (uint16_t)(i / services);
		s->service = (uint16_t)(i % services);
		s->slots = 1;
		s->weight = 1;
	}
}

static inline void
sample_config(struct sample *s, size_t blue, size_t services, int32_t ticks)
{
	uint8_t public_key[SIGN_PUBLIC_BYTES];
	struct drill_config *c = &s->config;
	char *key = arena_alloc(&c->arena, 2 * SIGN_PUBLIC_BYTES + 1);

	sign_generate(s->secret, public_key);
	hex_encode(public_key, sizeof(public_key), key);
	c->id = "sample";
	c->name = (struct i18n){"sample", "sample"};
	c->time_zone = "Asia/Shanghai";
	c->tick_ms = 60000;
	c->ticks = ticks;
	c->flag_ticks = 5;
	c->flag_prefix = "DRILL";
	c->policy = "faust";
	c->sign_key = key;
	sample_lists(c, blue, services);
}

/* Applies and appends, as the server does. */
static inline void
sample_emit(struct sample *s, struct event *ev)
{
	struct why why = {""};

	ev->at_ms = s->at_ms++;
	ev->drill_ms = s->drill_ms;
	ev->seq = s->seq + 1;
	if (ev->actor == NULL)
		ev->actor = "clock";
	if (game_apply(s->game, ev, &why) != ERR_OK)
		sample_die(event_kind_name(ev->kind), why.text);
	if (journal_append(s->journal, ev) != ERR_OK || ev->seq != ++s->seq)
		sample_die("journal_append", event_kind_name(ev->kind));
}

static inline void
sample_drain(struct sample *s)
{
	struct journal_progress p;

	journal_drain(s->journal, &p);
	if (p.failed || p.committed != s->seq)
		sample_die("journal_drain", p.failure);
	memcpy(s->head, p.head, sizeof(s->head));
}

/* Signs what was appended last, which must be a tick.closed or drill.ended. */
static inline void
sample_checkpoint(struct sample *s)
{
	char head[SHA256_HEX_BYTES], scores[SHA256_HEX_BYTES], hex[2 * SIGN_BYTES + 1];
	struct signer *signer = signer_new(s->secret);
	uint8_t sig[SIGN_BYTES];
	struct buf message;
	struct event ev = {.kind = EV_CHECKPOINT, .actor = "server"};

	sample_drain(s);
	hex_encode(s->head, sizeof(s->head), head);
	game_score_digest(s->game, scores);
	buf_init(&message, 4096);
	checkpoint_message(s->config.id, s->seq, head, scores, &message);
	signer_sign(signer, message.data, message.len, sig);
	hex_encode(sig, sizeof(sig), hex);
	ev.u.checkpoint.upto = s->seq;
	ev.u.checkpoint.head = head;
	ev.u.checkpoint.scores = scores;
	ev.u.checkpoint.sig = hex;
	sample_emit(s, &ev);
	buf_free(&message);
	signer_free(signer);
}

static inline void
sample_check(struct sample *s, size_t system, int32_t tick)
{
	bool down = (system * 7 + (size_t)tick) % 23 == 0;
	struct event ev = {.kind = EV_CHECK_DONE, .actor = "checker"};

	ev.u.check.system = s->config.systems[system].id;
	ev.u.check.tick = tick;
	ev.u.check.status = down ? ST_DOWN : ST_OK;
	ev.u.check.ms = (int32_t)(system % 90) + 5;
	ev.u.check.message = down ? "does not answer: connection refused" : "";
	ev.u.check.trace = down ? "connect to 10.0.0.7:8080: connection refused" : "";
	ev.u.check.state = "";
	ev.u.check.saved = system % 4 == 0 ? "{\"page\":\"/notes/17\",\"user\":\"u17\"}" : "";
	sample_emit(s, &ev);
}

static inline void
sample_capture(struct sample *s, size_t system, int32_t tick, size_t red)
{
	struct event ev = {.kind = EV_FLAG_CAPTURED};

	ev.u.capture.system = s->config.systems[system].id;
	ev.u.capture.team = s->config.teams[s->config.team_count - 1 - red].id;
	ev.u.capture.tick = tick;
	ev.actor = ev.u.capture.team;
	sample_emit(s, &ev);
}

static inline void
sample_tick(struct sample *s, int32_t tick)
{
	struct event began = {.kind = EV_TICK_BEGAN, .u.tick.tick = tick};
	struct event closed = {.kind = EV_TICK_CLOSED, .u.tick.tick = tick};

	s->drill_ms = (int64_t)tick * s->config.tick_ms;
	sample_emit(s, &began);
	for (size_t i = 0; i < s->config.system_count; i++) {
		sample_check(s, i, tick);
		if ((i + (size_t)tick) % 10 == 0)
			sample_capture(s, i, tick, i % SAMPLE_RED_TEAMS);
	}
	s->drill_ms += s->config.tick_ms;
	sample_emit(s, &closed);
	sample_checkpoint(s);
}

/* drill.opened, two accounts, drill.started. journal: fresh, the caller's, who drains and closes it. */
static inline void
sample_open(struct sample *s, struct journal *journal, size_t blue, size_t services, int32_t ticks)
{
	struct event opened = {.kind = EV_DRILL_OPENED, .actor = "server"};
	struct event created = {.kind = EV_ACCOUNT_CREATED, .actor = "server"};
	struct event token = {.kind = EV_ACCOUNT_TOKEN, .actor = "server"};
	struct event started = {.kind = EV_DRILL_STARTED};

	memset(s, 0, sizeof(*s));
	s->journal = journal;
	s->game = game_new();
	s->at_ms = 1813459200000;
	sample_config(s, blue, services, ticks);
	opened.u.opened.config = &s->config;
	sample_emit(s, &opened);
	created.u.account.account = "red-1";
	created.u.account.role = ROLE_RED;
	created.u.account.team = "red-1";
	created.u.account.value = "";
	sample_emit(s, &created);
	token.u.account.account = "red-1";
	token.u.account.team = "";
	token.u.account.value = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	sample_emit(s, &token);
	sample_emit(s, &started);
}

static inline void
sample_end(struct sample *s)
{
	struct event ended = {.kind = EV_DRILL_ENDED, .u.clock.reason = ""};

	sample_emit(s, &ended);
	sample_checkpoint(s);
}

static inline void
sample_free(struct sample *s)
{
	game_free(s->game);
	config_free(&s->config);
}

#endif
