#include "checker/tcp_step.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define READ_BYTES 4096
#define SEND_MAX_BYTES (512 * 1024) /* a line of a talk has at most 256 KiB before rendering */

struct tcp_talk {
	struct exchange *x;
	const struct tcp_plan *plan;
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_write_t write;
	struct buf sending;
	bool writing;
	bool over; /* done has been called, or nobody waits for it any more */
	bool eof;
	size_t next;     /* line of the talk */
	size_t consumed; /* bytes of the answer that earlier expects have matched */
	size_t searched; /* and bytes in which the present one has not found anything */
};

static void
on_closed(uv_handle_t *h)
{
	struct tcp_talk *t = h->data;

	buf_free(&t->sending);
	free(t);
}

static void
finish(struct tcp_talk *t, const struct outcome *o)
{
	if (t->over)
		return;
	t->over = true;
	t->x->under_way = NULL;
	uv_close((uv_handle_t *)&t->tcp, on_closed);
	t->x->done(t->x->ctx, o);
}

static void
finish_with(struct tcp_talk *t, enum status status, const char *said)
{
	struct outcome o = {.status = status};

	(void)why_set(&o.said, ERR_OK, "%s", said);
	finish(t, &o);
}

static void
finish_errno(struct tcp_talk *t, int uv_code)
{
	struct outcome o;

	outcome_from_errno(&o, -uv_code); /* on Unix libuv's codes are negated errnos */
	finish(t, &o);
}

/* ---- expect ---- */

enum found { FOUND, NOT_YET, TOO_COSTLY };

static enum found
find_bytes(struct tcp_talk *t, const char *text, size_t len)
{
	const struct buf *body = &t->x->answer->body;
	size_t from = t->consumed > t->searched ? t->consumed : t->searched;
	const char *at = memmem(body->data + from, body->len - from, text, len);

	if (at != NULL) {
		t->consumed = (size_t)(at - body->data) + len;
		return FOUND;
	}
	if (body->len >= len && body->len - len + 1 > from)
		t->searched = body->len - len + 1;
	return NOT_YET;
}

static enum found
find_text(struct tcp_talk *t, const struct talk *line)
{
	struct buf text;
	enum found found = NOT_YET;

	buf_init(&text, SEND_MAX_BYTES);
	if (template_render(&line->text, t->x->vars, ESCAPE_NONE, &text, NULL) == ERR_OK)
		found = text.len == 0 ? FOUND : find_bytes(t, text.data, text.len);
	buf_free(&text);
	return found;
}

/* Lines that are complete and do not match need no second look. */
static enum found
find_pattern(struct tcp_talk *t, const struct talk *line)
{
	struct answer *a = t->x->answer;
	size_t from = t->consumed > t->searched ? t->consumed : t->searched;
	const char *text = a->body.len > 0 ? a->body.data + from : "", *last;
	regmatch_t match[2];

	switch (pattern_find(line->pattern, text, a->body.len - from, &a->regex_ms, match)) {
	case PATTERN_FOUND:
		t->consumed = from + (size_t)match[0].rm_eo;
		return FOUND;
	case PATTERN_TOO_COSTLY:
		return TOO_COSTLY;
	case PATTERN_ABSENT:
		break;
	}
	last = memrchr(text, '\n', a->body.len - from);
	if (last != NULL)
		t->searched = from + (size_t)(last - text) + 1;
	return NOT_YET;
}

/* ---- the talk ---- */

static void talk_step(struct tcp_talk *t);

static void
on_written(uv_write_t *req, int status)
{
	struct tcp_talk *t = req->data;

	t->writing = false;
	if (t->over)
		return;
	if (status < 0)
		finish_errno(t, status);
	else
		talk_step(t);
}

static bool
send_line(struct tcp_talk *t, const struct talk *line)
{
	struct why why;
	uv_buf_t data;
	int code;

	buf_reset(&t->sending);
	if (line->kind == TALK_SEND_HEX)
		buf_put(&t->sending, line->bytes, line->len);
	else if (template_render(&line->text, t->x->vars, ESCAPE_NONE, &t->sending, &why) != ERR_OK)
		return finish_with(t, ST_FAULT, why.text), false;
	if (t->sending.failed)
		return finish_with(t, ST_FAULT, "the text to send is too long"), false;
	data = uv_buf_init(t->sending.data, (unsigned)t->sending.len);
	t->write.data = t;
	if ((code = uv_write(&t->write, (uv_stream_t *)&t->tcp, &data, 1, on_written)) != 0)
		return finish_errno(t, code), false;
	t->writing = true;
	return true;
}

/* False when the line has to wait, or the talk is over. */
static bool
line_step(struct tcp_talk *t, const struct talk *line)
{
	enum found found;

	if (line->kind == TALK_SEND || line->kind == TALK_SEND_HEX) {
		if (send_line(t, line))
			t->next++;
		return false; /* on_written goes on */
	}
	found = line->kind == TALK_EXPECT ? find_text(t, line) : find_pattern(t, line);
	if (found == FOUND) {
		t->next++;
		t->searched = 0;
		return true;
	}
	if (found == TOO_COSTLY)
		finish_with(t, ST_MUMBLE, "the answer is too costly to search");
	else if (t->eof)
		finish_with(t, ST_MUMBLE, "closed before the expected answer");
	return false;
}

static void
talk_step(struct tcp_talk *t)
{
	while (!t->over && !t->writing && t->next < t->plan->talk_count)
		if (!line_step(t, &t->plan->talk[t->next]))
			return;
	if (!t->over && !t->writing)
		finish_with(t, ST_OK, "");
}

/* ---- the connection ---- */

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct tcp_talk *t = h->data;
	struct buf *body = &t->x->answer->body;
	char *room = t->over ? NULL : buf_room(body, READ_BYTES);

	(void)suggested;
	*out = uv_buf_init(room, room != NULL ? READ_BYTES : 0);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct tcp_talk *t = stream->data;
	struct buf *body = &t->x->answer->body;

	(void)data;
	if (t->over || n == 0)
		return;
	if (n == UV_ENOBUFS && body->failed) {
		finish_with(t, ST_MUMBLE, "the answer is longer than 1 MiB");
		return;
	}
	if (n < 0 && n != UV_EOF) {
		finish_errno(t, (int)n);
		return;
	}
	if (n == UV_EOF)
		t->eof = true;
	else
		body->len += (size_t)n;
	body->data[body->len] = '\0';
	talk_step(t);
}

static void
on_connect(uv_connect_t *req, int status)
{
	struct tcp_talk *t = req->data;

	if (t->over)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&t->tcp, on_alloc, on_read);
	if (status < 0)
		finish_errno(t, status);
	else
		talk_step(t);
}

/* ---- the action ---- */

/* Every text of the talk can be rendered: asked before a byte is sent. */
static enum err
check_texts(const struct tcp_plan *plan, const struct vars *vars, struct why *why)
{
	struct buf text;
	enum err e = ERR_OK;

	buf_init(&text, SEND_MAX_BYTES);
	for (size_t i = 0; i < plan->talk_count && e == ERR_OK; i++) {
		buf_reset(&text);
		e = template_render(&plan->talk[i].text, vars, ESCAPE_NONE, &text, why);
	}
	buf_free(&text);
	return e;
}

static void
tcp_cancel(struct exchange *x)
{
	struct tcp_talk *t = x->under_way;

	t->over = true;
	x->under_way = NULL;
	uv_close((uv_handle_t *)&t->tcp, on_closed);
}

static enum err
tcp_start(struct exchange *x, struct outcome *o)
{
	struct sockaddr_storage address;
	struct tcp_talk *t;
	socklen_t len;
	enum err e;
	int code;

	if ((e = check_texts(x->step->plan, x->vars, &o->said)) != ERR_OK)
		return e;
	t = mem_alloc(sizeof *t);
	t->x = x;
	t->plan = x->step->plan;
	buf_init(&t->sending, SEND_MAX_BYTES);
	(void)buf_room(&x->answer->body, 1); /* so that data is not NULL */
	uv_tcp_init(x->loop, &t->tcp);
	t->tcp.data = t;
	t->connect.data = t;
	x->under_way = t;
	code =
	    uv_tcp_connect(&t->connect, &t->tcp, exchange_address(x, &address, &len), on_connect);
	if (code == 0)
		return ERR_OK;
	outcome_from_errno(o, -code);
	tcp_cancel(x);
	return ERR_IO;
}

const struct action action_tcp = {
    .name = "tcp",
    .read = tcp_plan_read,
    .start = tcp_start,
    .cancel = tcp_cancel,
};
