#include "checker/tcp_step.h"
#include "base/mem.h"
#include "checker/channel.h"
#include "checker/talk.h"

#include <stdlib.h>

struct tcp_talk {
	struct exchange *x;
	const struct tcp_plan *plan;
	struct channel *channel;
	struct talk_place place;
	bool waiting; /* for the connection, or for what was sent to have gone */
	bool secured; /* TLS has been asked for */
	bool eof;
	size_t next; /* line of the talk */
};

static void
tcp_cancel(struct exchange *x)
{
	struct tcp_talk *t = x->under_way;

	x->under_way = NULL;
	channel_close(t->channel);
	free(t);
}

/* Nothing may touch the talk afterwards. */
static void
finish(struct tcp_talk *t, const struct outcome *o)
{
	struct exchange *x = t->x;

	tcp_cancel(x);
	x->done(x->ctx, o);
}

static void
finish_with(struct tcp_talk *t, enum status status, const char *said)
{
	struct outcome o = {.status = status};

	(void)why_set(&o.said, ERR_OK, "%s", said);
	finish(t, &o);
}

/* ---- the talk ---- */

/* What became of a line. */
enum line_end { LINE_DONE, LINE_WAITS, LINE_ENDED_TALK };

static enum err
render_line(struct tcp_talk *t, const struct talk *line, struct buf *out, struct outcome *o)
{
	enum err e = ERR_OK;

	if (line->kind == TALK_SEND_HEX)
		buf_put(out, line->bytes, line->len);
	else
		e = template_render(&line->text, t->x->vars, ESCAPE_NONE, out, &o->said);
	if (e == ERR_OK && out->failed)
		e = why_set(&o->said, ERR_LIMIT, "the text to send is too long");
	o->status = ST_FAULT;
	return e;
}

static enum line_end
send_line(struct tcp_talk *t, const struct talk *line)
{
	struct outcome o;
	struct buf text;
	enum err e;

	buf_init(&text, TALK_TEXT_MAX_BYTES);
	if ((e = render_line(t, line, &text, &o)) == ERR_OK)
		e = channel_send(t->channel, text.data, text.len, &o);
	buf_free(&text);
	if (e != ERR_OK) {
		finish(t, &o);
		return LINE_ENDED_TALK;
	}
	t->waiting = true;
	return LINE_DONE;
}

/* What came in the clear before must not pass for an answer under TLS. */
static enum line_end
secure_line(struct tcp_talk *t)
{
	struct outcome o;

	talk_skip(&t->place, t->x->answer);
	if (channel_secure(t->channel, t->plan->tls, &o) != ERR_OK) {
		finish(t, &o);
		return LINE_ENDED_TALK;
	}
	t->waiting = true;
	return LINE_DONE;
}

static enum line_end
expect_line(struct tcp_talk *t, const struct talk *line)
{
	enum talk_found found = talk_find(&t->place, line, t->x->answer, t->x->vars);

	if (found == TALK_FOUND)
		return LINE_DONE;
	if (found == TALK_NOT_YET && !t->eof)
		return LINE_WAITS;
	finish_with(t, ST_MUMBLE,
	    found == TALK_TOO_COSTLY ? "the answer is too costly to search"
				     : "closed before the expected answer");
	return LINE_ENDED_TALK;
}

static enum line_end
line_step(struct tcp_talk *t, const struct talk *line)
{
	switch (line->kind) {
	case TALK_SEND:
	case TALK_SEND_HEX:
		return send_line(t, line);
	case TALK_STARTTLS:
		return secure_line(t);
	case TALK_EXPECT:
	case TALK_EXPECT_REGEX:
		break;
	}
	return expect_line(t, line);
}

static void
talk_step(struct tcp_talk *t)
{
	while (!t->waiting && t->next < t->plan->talk_count) {
		if (line_step(t, &t->plan->talk[t->next]) != LINE_DONE)
			return;
		t->next++;
	}
	if (!t->waiting)
		finish_with(t, ST_OK, "");
}

/* ---- the connection ---- */

static void
on_opened(void *ctx)
{
	struct tcp_talk *t = ctx;
	struct outcome o;

	/* The first time, in the clear; the second under TLS. */
	if (t->plan->tls != NULL && !t->plan->starttls && !t->secured) {
		t->secured = true;
		if (channel_secure(t->channel, t->plan->tls, &o) != ERR_OK)
			finish(t, &o);
		return;
	}
	t->waiting = false;
	talk_step(t);
}

static void
on_sent(void *ctx)
{
	struct tcp_talk *t = ctx;

	t->waiting = false;
	talk_step(t);
}

static void
on_received(void *ctx, const char *data, size_t len)
{
	struct tcp_talk *t = ctx;
	struct buf *body = &t->x->answer->body;

	buf_put(body, data, len);
	if (body->failed)
		finish_with(t, ST_MUMBLE, "the answer is longer than " BODY_MAX_TEXT);
	else
		talk_step(t);
}

static void
on_ended(void *ctx)
{
	struct tcp_talk *t = ctx;

	t->eof = true;
	talk_step(t);
}

static void
on_failed(void *ctx, const struct outcome *o)
{
	finish(ctx, o);
}

static const struct channel_user user = {on_opened, on_sent, on_received, on_ended, on_failed};

/* ---- the action ---- */

/* Every text of the talk can be rendered: asked before a byte is sent. */
static enum err
check_texts(const struct tcp_plan *plan, const struct vars *vars, struct why *why)
{
	struct buf text;
	enum err e = ERR_OK;

	buf_init(&text, TALK_TEXT_MAX_BYTES);
	for (size_t i = 0; i < plan->talk_count && e == ERR_OK; i++) {
		buf_reset(&text);
		e = template_render(&plan->talk[i].text, vars, ESCAPE_NONE, &text, why);
	}
	buf_free(&text);
	return e;
}

static enum err
tcp_start(struct exchange *x, struct outcome *o)
{
	struct tcp_talk *t;
	enum err e;

	if ((e = check_texts(x->step->plan, x->vars, &o->said)) != ERR_OK)
		return e;
	t = mem_alloc(sizeof *t);
	t->x = x;
	t->plan = x->step->plan;
	t->waiting = true;
	if ((e = channel_open(x, &user, t, &t->channel, o)) != ERR_OK) {
		free(t);
		return e;
	}
	x->under_way = t;
	return ERR_OK;
}

const struct action action_tcp = {
    .name = "tcp",
    .read = tcp_plan_read,
    .start = tcp_start,
    .cancel = tcp_cancel,
};

const struct action action_tls = {
    .name = "tls",
    .read = tls_plan_read,
    .start = tcp_start,
    .cancel = tcp_cancel,
};
