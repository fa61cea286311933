#include "base/log.h"
#include "base/mem.h"
#include "checker/exec_internal.h"
#include "checker/warm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO_MS 20000
#define MESSAGES_A_TURN 64

static void on_line(uv_poll_t *poll, int status, int events);

/* ---- slots and memory ---- */

void
host_release(struct exec_host *h)
{
	if (--h->open > 0)
		return;
	close(h->fd);
	warm_host_free(h->warm);
	free(h);
}

void
host_take_slot(struct exec_host *h, struct exec *x)
{
	unsigned slot = h->free_slots[h->count++];

	h->slots[slot] = x;
	x->id = ++h->started * EXEC_JOBS_MAX + slot;
}

void
host_give_slot_back(struct exec *x)
{
	struct exec_host *h = x->host;
	unsigned slot = (unsigned)(x->id % EXEC_JOBS_MAX);

	h->slots[slot] = NULL;
	h->free_slots[--h->count] = slot;
	x->reported = true;
}

/* ---- to the launcher ---- */

static void
listen_for(struct exec_host *h)
{
	int events = UV_READABLE;

	if (h->unsent_first != NULL || h->unsent_signals)
		events |= UV_WRITABLE;
	if (events == h->events || h->dead || h->closing)
		return;
	h->events = events;
	uv_poll_start(&h->poll, events, on_line);
}

/* False: later. If the line is broken, reading it will say so. */
static bool
send_start(struct exec *x)
{
	int fds[WIRE_FDS_MAX];
	static const enum exec_pipe order[WIRE_FDS_MAX] = {PIPE_OUT, PIPE_ERR, PIPE_IN, PIPE_FROM};

	for (unsigned i = 0; i < x->pipe_count; i++)
		fds[i] = x->theirs[order[i]];
	if (wire_send(x->host->fd, x->request.data, x->request.len, fds, x->pipe_count) != ERR_OK)
		return false;
	exec_close_theirs(x);
	buf_free(&x->request);
	return true;
}

void
host_send_start(struct exec *x)
{
	struct exec_host *h = x->host;

	if (h->unsent_first == NULL && send_start(x))
		return;
	x->unsent = true;
	if (h->unsent_first == NULL)
		h->unsent_first = x;
	else
		h->unsent_last->next_unsent = x;
	h->unsent_last = x;
	listen_for(h);
}

void
host_take_back(struct exec *x)
{
	struct exec_host *h = x->host;
	struct exec *before = NULL;

	for (struct exec *at = h->unsent_first; at != x; at = at->next_unsent)
		before = at;
	if (before == NULL)
		h->unsent_first = x->next_unsent;
	else
		before->next_unsent = x->next_unsent;
	if (h->unsent_last == x)
		h->unsent_last = before;
	x->unsent = false;
}

static bool
send_signal(struct exec *x)
{
	struct wire_signal m = {.type = WIRE_SIGNAL, .number = x->unsent_signal, .id = x->id};

	if (wire_send(x->host->fd, &m, sizeof m, NULL, 0) != ERR_OK)
		return false;
	x->unsent_signal = 0;
	return true;
}

void
host_send_signal(struct exec *x, int number)
{
	x->unsent_signal = number;
	if (!x->unsent && send_signal(x))
		return;
	x->host->unsent_signals = true;
	listen_for(x->host);
}

static void
send_rest(struct exec_host *h)
{
	struct exec *x;

	while ((x = h->unsent_first) != NULL && send_start(x))
		host_take_back(x);
	if (h->unsent_first != NULL || !h->unsent_signals)
		return;
	h->unsent_signals = false;
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		if (h->slots[i] != NULL && h->slots[i]->unsent_signal != 0 &&
		    !send_signal(h->slots[i]))
			h->unsent_signals = true;
}

/* ---- from the launcher ---- */

/* No more is heard of any program. */
void
host_died(struct exec_host *h, const char *why)
{
	if (h->dead || h->closing)
		return;
	h->dead = true;
	uv_poll_stop(&h->poll);
	log_error("exec", "the launcher of external programs is lost: %s", why);
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++) {
		struct exec_result r = {.exit_code = -1};

		/* What an interpreter runs ends with the interpreter. */
		if (h->slots[i] == NULL || h->slots[i]->zygote != NULL)
			continue;
		if (h->slots[i]->unsent)
			host_take_back(h->slots[i]);
		exec_close_theirs(h->slots[i]);
		(void)why_set(&r.why, ERR_CLOSED, "the launcher of programs has ended");
		exec_finish(h->slots[i], &r);
	}
	if (!h->closing)
		h->died(h->ctx);
}

static void
on_ended(struct exec_host *h, const struct wire_message *m)
{
	struct wire_ended ended = {0};
	struct exec_result r = {0};
	struct exec *x;

	memcpy(&ended, m->bytes, m->len < sizeof ended ? m->len : sizeof ended - 1);
	x = h->slots[ended.id % EXEC_JOBS_MAX];
	if (ended.type != WIRE_ENDED || x == NULL || x->id != ended.id || x->unsent)
		return;
	r.started = ended.started != 0;
	r.exit_code = ended.code;
	r.signal = ended.signal;
	(void)why_set(&r.why, ERR_OK, "%s", ended.why);
	exec_finish(x, &r);
}

static void
on_line(uv_poll_t *poll, int status, int events)
{
	struct exec_host *h = poll->data;
	enum err e = status < 0 ? ERR_IO : ERR_OK;

	for (int i = 0; i < MESSAGES_A_TURN && e == ERR_OK && !h->closing; i++)
		if ((e = wire_receive(h->fd, &h->message)) == ERR_OK)
			on_ended(h, &h->message);
	if (h->closing)
		return;
	if (e != ERR_OK && e != ERR_BUSY) {
		host_died(h, e == ERR_CLOSED ? "it has ended" : err_name(e));
		return;
	}
	if (events & UV_WRITABLE)
		send_rest(h);
	listen_for(h);
}

/* ---- life ---- */

static enum err
read_hello(struct exec_host *h, struct why *why)
{
	struct pollfd p = {.fd = h->fd, .events = POLLIN};
	struct wire_hello hello;
	int n;

	while ((n = poll(&p, 1, HELLO_MS)) < 0 && errno == EINTR)
		;
	if (n <= 0)
		return why_set(why, ERR_IO, "the launcher of programs does not answer");
	if (wire_receive(h->fd, &h->message) != ERR_OK || h->message.len != sizeof hello)
		return why_set(why, ERR_CLOSED, "the launcher of programs has ended at once");
	memcpy(&hello, h->message.bytes, sizeof hello);
	h->bubblewrap = hello.bubblewrap != 0;
	hello.note[sizeof hello.note - 1] = '\0';
	snprintf(h->note, sizeof h->note, "%s", hello.note);
	return ERR_OK;
}

struct exec_host *
exec_host_open(
    uv_loop_t *loop, int launcher_fd, void (*died)(void *ctx), void *ctx, struct why *why)
{
	struct exec_host *h = mem_alloc(sizeof *h);

	h->loop = loop;
	h->fd = launcher_fd;
	h->died = died;
	h->ctx = ctx;
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		h->free_slots[i] = i;
	if (read_hello(h, why) != ERR_OK) {
		close(h->fd);
		free(h);
		return NULL;
	}
	fcntl(h->fd, F_SETFL, fcntl(h->fd, F_GETFL) | O_NONBLOCK);
	uv_poll_init(loop, &h->poll, h->fd);
	h->poll.data = h;
	h->open = 1;
	h->warm = warm_host_new(h, loop);
	listen_for(h);
	return h;
}

static void
on_poll_closed(uv_handle_t *handle)
{
	host_release(handle->data);
}

void
exec_host_close(struct exec_host *h)
{
	if (h == NULL || h->closing)
		return;
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++) {
		struct exec *x = h->slots[i];

		if (x != NULL)
			exec_cancel(x);
		if (h->slots[i] == NULL)
			continue; /* it had not been sent */
		host_give_slot_back(x);
		exec_release(x);
	}
	h->closing = true;
	uv_close((uv_handle_t *)&h->poll, on_poll_closed);
}

unsigned
exec_running(const struct exec_host *h)
{
	return h->count;
}

const char *
exec_sandbox(const struct exec_host *h)
{
	return h->bubblewrap ? "bubblewrap" : "rlimits";
}

const char *
exec_sandbox_note(const struct exec_host *h)
{
	return h->note;
}
