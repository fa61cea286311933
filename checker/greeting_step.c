#include "checker/greeting_step.h"
#include "base/mem.h"
#include "checker/channel.h"

#include <stdlib.h>

#define NAME_MAX_BYTES 63 /* PostgreSQL's own limit of an identifier */
#define SEND_MAX_BYTES 4096

/* ---- the plan ---- */

static enum err
read_word(struct reading *r, const struct json_t *o, const char *key, const char **out)
{
	const char *word = "drill";
	enum err e;

	if (jr_get(o, key) != NULL &&
	    (e = jr_want_str(o, key, NAME_MAX_BYTES, &word, r->why)) != ERR_OK)
		return e;
	*out = arena_strdup(&r->program->arena, word);
	return ERR_OK;
}

static enum err
read_plan(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const plain[] = {"port", NULL};
	static const char *const named[] = {"port", "user", "database", NULL};
	struct greeting_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	bool names = out->action == &action_postgresql;
	enum err e;

	out->plan = plan;
	plan->kind = greeting_find(out->action->name);
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"%s\" must be an object", out->action->name);
	if ((e = jr_only_keys(o, names ? named : plain, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK || !names)
		return e;
	if ((e = read_word(r, o, "user", &plan->user)) != ERR_OK ||
	    (e = read_word(r, o, "database", &plan->database)) != ERR_OK)
		return e;
	return tls_wishes_read(r, NULL, &plan->tls);
}

/* ---- the exchange ---- */

struct greeting_talk {
	struct exchange *x;
	const struct greeting_plan *plan;
	struct channel *channel;
	struct greeting greeting;
	struct buf in; /* all that came */
	size_t at;     /* of which so much has been dealt with */
	struct buf send;
};

static void
greeting_cancel(struct exchange *x)
{
	struct greeting_talk *t = x->under_way;

	x->under_way = NULL;
	channel_close(t->channel);
	buf_free(&t->in);
	buf_free(&t->send);
	free(t);
}

/* Nothing may touch the talk afterwards. */
static void
finish(struct greeting_talk *t, const struct outcome *o)
{
	struct exchange *x = t->x;

	greeting_cancel(x);
	x->done(x->ctx, o);
}

static void
finish_with(struct greeting_talk *t, enum status status, const char *said)
{
	struct outcome o = {.status = status};

	(void)why_set(&o.said, ERR_OK, "%s", said);
	finish(t, &o);
}

static enum err
send_asked(struct greeting_talk *t, struct outcome *o)
{
	enum err e = ERR_OK;

	if (t->send.len > 0)
		e = channel_send(t->channel, t->send.data, t->send.len, o);
	buf_reset(&t->send);
	return e;
}

/* What came in the clear behind the yes was not said by whom TLS will prove: it must not be taken for that. */
static enum err
secure(struct greeting_talk *t, struct outcome *o)
{
	if (t->in.len > t->at) {
		o->status = ST_MUMBLE;
		return why_set(&o->said, ERR_INVALID, "it goes on in the clear after a yes to TLS");
	}
	return channel_secure(t->channel, t->plan->tls, o);
}

static void
greeting_step(struct greeting_talk *t)
{
	enum greeting_next next = greeting_run(t->plan->kind, &t->greeting, &t->in, &t->at);
	struct outcome o;

	if (send_asked(t, &o) != ERR_OK)
		finish(t, &o);
	else if (next == GREETING_SECURE && secure(t, &o) != ERR_OK)
		finish(t, &o);
	else if (next == GREETING_WRONG)
		finish_with(t, ST_MUMBLE, t->greeting.why.text);
	else if (next == GREETING_DONE && t->x->answer->body.failed)
		finish_with(t, ST_MUMBLE, "the greeting is too long");
	else if (next == GREETING_DONE)
		finish_with(t, ST_OK, "");
}

static void
on_opened(void *ctx)
{
	struct greeting_talk *t = ctx;

	greeting_step(t);
}

/* Nobody waits for it: the answer is what counts. */
static void
on_sent(void *ctx)
{
	(void)ctx;
}

static void
on_received(void *ctx, const char *data, size_t len)
{
	struct greeting_talk *t = ctx;

	buf_put(&t->in, data, len);
	if (t->in.failed)
		finish_with(t, ST_MUMBLE, "the greeting is too long");
	else
		greeting_step(t);
}

static void
on_ended(void *ctx)
{
	struct greeting_talk *t = ctx;

	finish_with(t, ST_MUMBLE,
	    t->in.len > t->at ? "closed in the middle of the greeting"
			      : "closed without a greeting");
}

static void
on_failed(void *ctx, const struct outcome *o)
{
	finish(ctx, o);
}

static enum err
greeting_start(struct exchange *x, struct outcome *o)
{
	static const struct channel_user user = {
	    on_opened, on_sent, on_received, on_ended, on_failed};
	struct greeting_talk *t = mem_alloc(sizeof *t);
	enum err e;

	t->x = x;
	t->plan = x->step->plan;
	buf_init(&t->in, GREETING_MAX_BYTES);
	buf_init(&t->send, SEND_MAX_BYTES);
	t->greeting = (struct greeting){.user = t->plan->user,
	    .database = t->plan->database,
	    .send = &t->send,
	    .facts = &x->answer->body};
	if ((e = channel_open(x, &user, t, &t->channel, o)) != ERR_OK) {
		free(t);
		return e;
	}
	x->under_way = t;
	return ERR_OK;
}

#define GREETING(kind)                                                                             \
	const struct action action_##kind = {                                                      \
	    .name = #kind, .read = read_plan, .start = greeting_start, .cancel = greeting_cancel}

GREETING(mysql);
GREETING(postgresql);
GREETING(rdp);
GREETING(ssh);
GREETING(vnc);
