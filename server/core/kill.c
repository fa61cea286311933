#include "core/kill.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/game_private.h"

#include <stdlib.h>
#include <string.h>

/* Before the reason, on the board. */
#define KILL_ON_TEXT "紧急停止 / kill switch: "
#define KILL_UNDONE_TEXT "紧急停止已解除 / kill switch undone: "

static const char *const outcome_names[KILL_HOOK_COUNT] = {
    [KILL_HOOK_NONE] = "none",
    [KILL_HOOK_PENDING] = "pending",
    [KILL_HOOK_DONE] = "done",
    [KILL_HOOK_FAILED] = "failed",
    [KILL_HOOK_TIMED_OUT] = "timed_out",
    [KILL_HOOK_INTERRUPTED] = "interrupted",
};

const char *
kill_outcome_name(enum kill_outcome o)
{
	return (unsigned)o < KILL_HOOK_COUNT ? outcome_names[o] : "?";
}

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct kill_event *k = ev->u.kill;

	if (ev->kind == EV_KILL_SWITCHED) {
		jw_kv_int(w, "announcement", k->announcement);
		jw_kv_bool(w, "hook", k->hook);
	}
	if (ev->kind != EV_KILL_HOOK) {
		jw_kv_str(w, "reason", k->reason);
		return;
	}
	jw_kv_int(w, "ms", k->ms);
	jw_kv_str(w, "outcome", kill_outcome_name(k->outcome));
	jw_kv_int(w, "status", k->status);
}

/* What the program prints may name hosts of the red network. */
static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	if (ev->kind == EV_KILL_HOOK)
		jw_kv_str(w, "tail", ev->u.kill->tail);
}

static enum err
decode_outcome(struct kill_event *k, const struct record_reader *r)
{
	const char *name;
	enum err e;

	if ((e = record_int(r, "ms", 0, INT64_MAX, &k->ms)) != ERR_OK ||
	    (e = record_int32(r, "status", -1, 255, &k->status)) != ERR_OK ||
	    (e = record_text(r, "outcome", 32, &name)) != ERR_OK)
		return e;
	k->tail = record_secret(r, "tail");
	for (int i = KILL_HOOK_DONE; i < KILL_HOOK_COUNT; i++)
		if (strcmp(outcome_names[i], name) == 0) {
			k->outcome = (enum kill_outcome)i;
			return ERR_OK;
		}
	return why_set(r->why, ERR_INVALID, "no outcome \"%s\"", name);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct kill_event *k = arena_alloc(r->arena, sizeof *k);
	enum err e;

	*k = (struct kill_event){.reason = "", .tail = ""};
	ev->u.kill = k;
	if (ev->kind == EV_KILL_HOOK)
		return decode_outcome(k, r);
	if (ev->kind == EV_KILL_SWITCHED &&
	    ((e = record_bool(r, "hook", &k->hook)) != ERR_OK ||
		(e = record_int32(r, "announcement", 0, INT32_MAX, &k->announcement)) != ERR_OK))
		return e;
	return record_text(r, "reason", REASON_MAX_BYTES, &k->reason);
}

/* ---- what is allowed ---- */

static bool
has_role(const struct game *g, const char *actor, unsigned roles)
{
	const struct account *by = accounts_find(&g->accounts, actor);

	return by != NULL && (by->role & roles);
}

static enum err
switched_allows(const struct game *g, const struct event *ev, struct why *why)
{
	if (!has_role(g, ev->actor, ROLE_DIRECTOR | ROLE_ADMIN))
		return why_set(why, ERR_FORBIDDEN,
		    "the kill switch is the director's and the administrators'");
	if (ev->u.kill->reason[0] == '\0')
		return why_set(why, ERR_INVALID, "the kill switch wants a reason");
	if (g->kill->on)
		return why_set(why, ERR_CONFLICT, "the kill switch is on: \"%s\" switched it",
		    kill_last(g)->switched.by);
	if (g->state == DRILL_ENDED)
		return why_set(
		    why, ERR_CONFLICT, "the drill has ended: there is nothing left to stop");
	return g->kill->count < KILL_ROUNDS_MAX
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT, "at most %d times in one drill", KILL_ROUNDS_MAX);
}

static enum err
undone_allows(const struct game *g, const struct event *ev, struct why *why)
{
	if (!has_role(g, ev->actor, ROLE_DIRECTOR))
		return why_set(why, ERR_FORBIDDEN, "only the director undoes the kill switch");
	if (ev->u.kill->reason[0] == '\0')
		return why_set(why, ERR_INVALID, "undoing the kill switch wants a reason");
	if (!g->kill->on)
		return why_set(why, ERR_CONFLICT, "the kill switch is not on");
	return kill_last(g)->outcome != KILL_HOOK_PENDING
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "its program is running yet; it ends by itself, or by its timeout");
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	if (ev->kind == EV_KILL_SWITCHED)
		return switched_allows(g, ev, why);
	if (ev->kind == EV_KILL_UNDONE)
		return undone_allows(g, ev, why);
	return kill_last(g) != NULL && kill_last(g)->outcome == KILL_HOOK_PENDING
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "no program of the kill switch is running");
}

/* ---- what it changes ---- */

static void
add_round(struct kill_switch *k, const struct event *ev)
{
	struct kill_round *r;

	k->rounds = mem_grow(k->rounds, k->count, sizeof *k->rounds);
	r = &k->rounds[k->count++];
	*r = (struct kill_round){.seq = ev->seq,
	    .announcement = ev->u.kill->announcement,
	    .outcome = ev->u.kill->hook ? KILL_HOOK_PENDING : KILL_HOOK_NONE,
	    .tail = mem_strdup("")};
	decision_take(&r->switched, ev->at_ms, ev->actor, ev->u.kill->reason);
}

static void
take_outcome(struct kill_round *r, const struct event *ev)
{
	r->outcome = ev->u.kill->outcome;
	r->status = ev->u.kill->status;
	r->ms = ev->u.kill->ms;
	r->hook_at_ms = ev->at_ms;
	free(r->tail);
	r->tail = mem_strdup(ev->u.kill->tail);
}

static void
apply(struct game *g, const struct event *ev)
{
	struct kill_switch *k = g->kill;

	if (ev->kind == EV_KILL_SWITCHED)
		add_round(k, ev);
	else if (ev->kind == EV_KILL_UNDONE)
		decision_take(
		    &k->rounds[k->count - 1].undone, ev->at_ms, ev->actor, ev->u.kill->reason);
	else
		take_outcome(&k->rounds[k->count - 1], ev);
	k->on = k->rounds[k->count - 1].undone.by == NULL;
	if (ev->kind != EV_KILL_HOOK)
		game_say_why(g, k->on ? KILL_ON_TEXT : KILL_UNDONE_TEXT, ev->u.kill->reason);
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->kill = mem_alloc(sizeof *g->kill);
}

static void
close_all(struct game *g)
{
	struct kill_switch *k = g->kill;

	for (size_t i = 0; i < k->count; i++) {
		decision_free(&k->rounds[i].switched);
		decision_free(&k->rounds[i].undone);
		free(k->rounds[i].tail);
	}
	free(k->rounds);
	free(k);
}

const struct record_family kill_family = {
    .first = EV_KILL_SWITCHED,
    .last = EV_KILL_HOOK,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct kill_round *
kill_last(const struct game *g)
{
	return g->kill->count > 0 ? &g->kill->rounds[g->kill->count - 1] : NULL;
}

enum err
kill_refuses(const struct game *g, struct why *why)
{
	return g->kill->on ? why_set(why, ERR_CONFLICT,
				 "the kill switch is on: the clock stands, and no flag and no "
				 "attack result is taken until the director, and no other role, "
				 "undoes it: DELETE /api/v1/kill, or drillctl kill --undo")
			   : ERR_OK;
}
