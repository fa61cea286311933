/* The organizer's hand on checks: holding a checker, voiding what it said. */
#include "api/drill.h"
#include "api/drill_private.h"

#include <string.h>

/* As the journal has a set of systems. */
static void
write_systems(const struct drill *d, const struct system_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		buf_puts(out, d->game->config->systems[l->systems[i]].id);
	}
}

static bool
is_held(void *ctx, uint32_t system)
{
	const struct drill *d = ctx;

	return d->game->systems[system].holds > 0;
}

enum err
drill_hold(struct drill *d, const char *challenge, const struct system_list *systems,
    const char *reason, const char *actor, int32_t *id, struct why *why)
{
	struct event ev = {.kind = EV_CHECKS_HELD, .actor = actor};
	struct buf text;
	enum err e;

	buf_init(&text, SYSTEM_LIST_MAX_BYTES);
	write_systems(d, systems, &text);
	ev.u.hold.id = *id = (int32_t)d->game->hold_count + 1;
	ev.u.hold.challenge = challenge;
	ev.u.hold.systems = text.data != NULL ? text.data : "";
	ev.u.hold.reason = reason;
	e = drill_emit_allowed(d, &ev, why);
	buf_free(&text);
	if (e == ERR_OK && d->dispatch != NULL && d->game->tick_open)
		dispatch_withdraw(d->dispatch, is_held, d, DRILL_HELD_TEXT);
	return e;
}

enum err
drill_release(struct drill *d, int32_t id, const char *reason, const char *actor, struct why *why)
{
	struct event ev = {.kind = EV_CHECKS_RELEASED, .actor = actor};

	ev.u.hold.id = id;
	ev.u.hold.challenge = ev.u.hold.systems = "";
	ev.u.hold.reason = reason;
	return drill_emit_allowed(d, &ev, why);
}

enum err
drill_void_propose(struct drill *d, const struct system_list *systems, int32_t from, int32_t to,
    const char *reason, const char *actor, int32_t *id, struct why *why)
{
	struct event ev = {.kind = EV_VOID_PROPOSED, .actor = actor};
	struct buf text;
	enum err e;

	buf_init(&text, SYSTEM_LIST_MAX_BYTES);
	write_systems(d, systems, &text);
	ev.u.voiding.id = *id = (int32_t)d->game->void_count + 1;
	ev.u.voiding.systems = text.data != NULL ? text.data : "";
	ev.u.voiding.from = from;
	ev.u.voiding.to = to;
	ev.u.voiding.reason = reason;
	e = drill_emit_allowed(d, &ev, why);
	buf_free(&text);
	return e;
}

enum err
drill_void_decide(
    struct drill *d, int32_t id, bool adopt, const char *reason, const char *actor, struct why *why)
{
	struct event ev = {.kind = adopt ? EV_VOID_ADOPTED : EV_VOID_DROPPED, .actor = actor};

	ev.u.voiding.id = id;
	ev.u.voiding.systems = "";
	ev.u.voiding.reason = reason;
	return drill_emit_allowed(d, &ev, why);
}
