/* For tests of judging: its events, and three games that are told each event alike, by way of its texts as well. */
#ifndef TESTS_JUDGING_RIG_H
#define TESTS_JUDGING_RIG_H

#include "report_rig.h"

#include "core/judging.h"

/*
 * Every event goes to three games alike: as it is, by way of its texts, and by way of its public text alone.
 */
struct trio {
	struct game *g, *again, *published;
};

static int32_t halves[5];

static inline struct event
judging(enum event_kind kind, const char *actor, struct judging_event j)
{
	static struct judging_event kept[4];
	static size_t at;
	struct judging_event *k = &kept[at++ % 4];

	*k = j;
	k->judges = k->judges != NULL ? k->judges : "";
	k->judge = k->judge != NULL ? k->judge : "";
	k->instead = k->instead != NULL ? k->instead : "";
	k->reason = k->reason != NULL ? k->reason : "because";
	return (struct event){.kind = kind, .actor = actor, .u.judging = k};
}

/* Of the default rubric: detection 25, analysis 15, containment 25, coordination 10, traceback 10. */
static inline struct event
marked(const char *judge, int32_t id, int32_t round, int32_t version, int detection)
{
	halves[0] = 2 * detection;
	for (int i = 1; i < 5; i++)
		halves[i] = 10;
	return judging(EV_JUDGING_MARKED, judge,
	    (struct judging_event){
		.id = id, .round = round, .version = version, .halves = halves, .count = 5});
}

static inline struct event
triaged(int32_t id)
{
	return judging(EV_JUDGING_TRIAGED, "chief", (struct judging_event){.id = id, .reason = ""});
}

/* Whose final filing is not in. */
static inline struct event
triaged_early(int32_t id)
{
	return judging(EV_JUDGING_TRIAGED, "chief",
	    (struct judging_event){.id = id, .without_final = true, .reason = "it is enough"});
}

static inline struct event
moved(enum event_kind kind, int32_t id)
{
	return judging(kind, "chief", (struct judging_event){.id = id});
}

static inline struct event
named(int32_t id, int32_t round, const char *judge, const char *instead)
{
	return judging(EV_JUDGING_NAMED, "chief",
	    (struct judging_event){.id = id, .round = round, .judge = judge, .instead = instead});
}

/* ---- three games ---- */

static inline void
apply_text(struct game *g, const struct event *ev, bool with_secret)
{
	struct drill_config config = {0};
	struct event read = *ev;
	struct buf body, secret;

	core_encode(ev, &body, &secret);
	if (event_decode(&read, body.data, body.len, secret.data, with_secret ? secret.len : 0,
		&core_arena, &config, &core_why) != ERR_OK ||
	    game_apply(g, &read, &core_why) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev->kind), core_why.text);
	config_free(&config);
	buf_free(&body);
	buf_free(&secret);
}

static inline void
must(struct trio *t, struct event ev)
{
	ev.seq = t->g->seq + 1;
	ev.at_ms = t->g->at_ms > 0 ? t->g->at_ms + 1000 : CORE_START_MS;
	ev.drill_ms = t->g->drill_ms;
	if (ev.actor == NULL)
		ev.actor = "chief";
	if (game_apply(t->g, &ev, &core_why) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev.kind), core_why.text);
	apply_text(t->again, &ev, true);
	apply_text(t->published, &ev, false);
}

static inline void
later(struct trio *t, int64_t ms)
{
	report_later(t->g, ms);
	report_later(t->again, ms);
	report_later(t->published, ms);
}

static inline void
account(struct trio *t, const char *id, enum role role, const char *team, const char *department)
{
	must(t, (struct event){.kind = EV_ACCOUNT_CREATED,
		    .u.account = {.account = id,
			.role = role,
			.team = team,
			.department = department,
			.value = ""}});
}

/* Started, with judges "j-0", "j-1", ... of whom the first `own` work for the library. */
static inline struct trio
begin(int judges, int own)
{
	struct trio t = {game_new(), game_new(), game_new()};
	char id[16];

	must(&t, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &core_config});
	account(&t, "library-blue", ROLE_BLUE, "library", NULL);
	account(&t, "finance-blue", ROLE_BLUE, "finance", "");
	account(&t, "red-1-hand", ROLE_RED, "red-1", "");
	account(&t, "chief", ROLE_DIRECTOR, "", "");
	for (int i = 0; i < judges; i++) {
		snprintf(id, sizeof id, "j-%d", i);
		account(&t, id, ROLE_JUDGE, "", i < own ? "library" : "");
	}
	must(&t, (struct event){.kind = EV_DRILL_STARTED});
	later(&t, 20000);
	return t;
}

/* What the fold says of all judging, as text. */
static inline void
digest(const struct game *g, struct buf *out)
{
	buf_init(out, 1 << 20);
	for (int32_t id = 1; id <= (int32_t)g->reports->count; id++) {
		const struct judging_chain *c = judging_find(g, id);
		int32_t quality;
		bool known = judging_quality(g, id, &quality);

		buf_printf(
		    out, "%d %d %d %d\n", id, (int)report_find(g, id)->state, known, quality);
		for (int n = 0; c != NULL && n < JUDGING_ROUNDS; n++)
			for (size_t i = 0; c->rounds[n] != NULL && i < c->rounds[n]->count; i++)
				buf_printf(out, " %s %zu %d %d\n",
				    c->rounds[n]->sheets[i].judge->id,
				    c->rounds[n]->sheets[i].count, c->rounds[n]->sheets[i].replaced,
				    c->rounds[n]->counts[i]);
	}
}

static inline void
end(struct trio *t)
{
	struct game *games[] = {t->g, t->again, t->published};
	struct buf text[3];

	for (int i = 0; i < 3; i++)
		digest(games[i], &text[i]);
	assert_string_equal(
	    text[0].data != NULL ? text[0].data : "", text[1].data != NULL ? text[1].data : "");
	assert_string_equal(
	    text[0].data != NULL ? text[0].data : "", text[2].data != NULL ? text[2].data : "");
	for (int i = 0; i < 3; i++) {
		buf_free(&text[i]);
		game_free(games[i]);
	}
}

/* What is due now happens, as the server makes it happen; how often. */
static inline int
draw(struct trio *t)
{
	struct arena arena = {0};
	int n = 0;

	for (;; n++) {
		struct record_time now = {t->g->drill_ms, t->g->at_ms}, next;
		struct event ev = {.actor = "clock"};

		if (!record_due(t->g, &now, &arena, &ev, &next))
			break;
		must(t, ev);
		arena_reset(&arena);
	}
	arena_free(&arena);
	return n;
}

static inline enum report_state
state_of(const struct trio *t, int32_t id)
{
	return report_find(t->g, id)->state;
}

static inline const char *
judge_of(const struct trio *t, int32_t id, int round, size_t i)
{
	return judging_find(t->g, id)->rounds[round - 1]->sheets[i].judge->id;
}

static inline void
refused(struct trio *t, struct event ev, enum err e, const char *says)
{
	core_refused(t->g, ev, e, says);
}

/* A report of the library under review by two. */
static inline void
under_review(struct trio *t, int32_t id)
{
	must(t, filed_at(id, STAGE_INITIAL));
	must(t, triaged_early(id));
	assert_int_equal(draw(t), 1);
	assert_int_equal(state_of(t, id), REPORT_UNDER_REVIEW);
}

#endif
