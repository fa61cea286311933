#include "base/mem.h"
#include "checker/exec_internal.h"
#include "checker/warm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_MAX_BYTES (2 * 1024 * 1024) /* more than a pipe can hold */
/* A launcher that has not reported an end so long after SIGKILL is stuck, and so are all its programs. */
#define STUCK_MS 30000

/* ---- memory ---- */

/* Gone when the loop has closed its handles and the launcher has reported it. */
void
exec_release(struct exec *x)
{
	struct exec_host *h = x->host;

	if (x->handles > 0 || !x->reported)
		return;
	buf_free(&x->request);
	buf_free(&x->kept[0]);
	buf_free(&x->kept[1]);
	buf_free(&x->out);
	buf_free(&x->flying);
	free(x);
	host_release(h);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct exec *x = handle->data;

	x->handles--;
	exec_release(x);
}

static void
close_pipe(struct exec *x, enum exec_pipe p)
{
	if (!x->pipe_open[p])
		return;
	x->pipe_open[p] = false;
	uv_close((uv_handle_t *)&x->pipes[p], on_handle_closed);
}

static void
close_handles(struct exec *x)
{
	for (int p = 0; p < PIPE_COUNT; p++)
		close_pipe(x, p);
	uv_close((uv_handle_t *)&x->timer, on_handle_closed);
}

void
exec_close_theirs(struct exec *x)
{
	for (int p = 0; p < PIPE_COUNT; p++)
		if (x->theirs[p] >= 0) {
			close(x->theirs[p]);
			x->theirs[p] = -1;
		}
}

/* ---- what it writes ---- */

void
exec_keep(struct exec *x, enum exec_pipe p, const char *data, size_t len)
{
	struct buf *b = &x->kept[p];
	size_t room = b->max_bytes - b->len;

	if (room > 0)
		buf_put(b, data, len < room ? len : room);
}

static void
on_bytes(struct exec *x, enum exec_pipe p, const char *data, size_t len)
{
	if (p != PIPE_FROM)
		exec_keep(x, p, data, len);
	else if (x->on_data != NULL && !x->cancelled)
		x->on_data(x->ctx, data, len);
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	const struct exec *x = handle->data;

	(void)suggested;
	*out = uv_buf_init(x->host->read, EXEC_READ_BYTES);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct exec *x = stream->data;
	enum exec_pipe p = (enum exec_pipe)((uv_pipe_t *)stream - x->pipes);

	if (n > 0)
		on_bytes(x, p, data->base, (size_t)n);
	else if (n < 0)
		close_pipe(x, p);
}

/* What is in the pipe when the program has ended; a child of its that fled may hold the other end open for ever. */
static void
drain(struct exec *x, enum exec_pipe p)
{
	size_t total = 0;
	uv_os_fd_t fd;
	ssize_t n;

	while (x->pipe_open[p] && total < DRAIN_MAX_BYTES &&
	       uv_fileno((uv_handle_t *)&x->pipes[p], &fd) == 0 &&
	       (n = read(fd, x->host->read, EXEC_READ_BYTES)) > 0) {
		total += (size_t)n;
		on_bytes(x, p, x->host->read, (size_t)n);
	}
}

/* ---- what it is sent ---- */

static void write_next(struct exec *x);

static void
on_written(uv_write_t *req, int status)
{
	struct exec *x = req->data;

	x->writing = false;
	buf_reset(&x->flying);
	if (status == 0)
		write_next(x);
	else
		close_pipe(x, PIPE_IN); /* it reads no more */
}

static void
write_next(struct exec *x)
{
	struct buf swap = x->flying;
	uv_buf_t data;

	if (x->writing || !x->pipe_open[PIPE_IN] || x->out.len == 0)
		return;
	x->flying = x->out;
	x->out = swap;
	data = uv_buf_init(x->flying.data, (unsigned)x->flying.len);
	x->write.data = x;
	x->writing =
	    uv_write(&x->write, (uv_stream_t *)&x->pipes[PIPE_IN], &data, 1, on_written) == 0;
	if (!x->writing)
		close_pipe(x, PIPE_IN);
}

enum err
exec_send(struct exec *x, const char *data, size_t len)
{
	if (x->zygote != NULL)
		return warm_send(x, data, len);
	if (!x->pipe_open[PIPE_IN])
		return ERR_CLOSED;
	if (len > EXEC_SEND_MAX_BYTES - x->out.len - x->flying.len)
		return ERR_BUSY;
	buf_put(&x->out, data, len);
	write_next(x);
	return x->pipe_open[PIPE_IN] ? ERR_OK : ERR_CLOSED;
}

/* ---- the end ---- */

void
exec_finish(struct exec *x, struct exec_result *r)
{
	static const enum exec_pipe order[] = {PIPE_FROM, PIPE_OUT, PIPE_ERR};

	for (size_t i = 0; i < 3; i++)
		drain(x, order[i]);
	host_give_slot_back(x);
	if (x->cancelled) { /* by then at the latest */
		exec_release(x);
		return;
	}
	x->cancelled = true; /* what comes now comes too late */
	close_handles(x);
	r->timed_out = x->timed_out;
	r->out = x->kept[0].data != NULL ? x->kept[0].data : "";
	r->out_len = x->kept[0].len;
	r->err = x->kept[1].data != NULL ? x->kept[1].data : "";
	r->err_len = x->kept[1].len;
	uv_update_time(x->host->loop);
	r->ms = (int64_t)(uv_now(x->host->loop) - x->start_ms);
	x->done(x->ctx, r);
}

void
exec_cancel(struct exec *x)
{
	if (x->cancelled)
		return;
	x->cancelled = true;
	close_handles(x);
	if (x->zygote != NULL) {
		warm_leave(x);
		host_give_slot_back(x);
	} else if (x->unsent) {
		host_take_back(x);
		exec_close_theirs(x);
		host_give_slot_back(x);
	} else {
		host_send_signal(x, SIGKILL);
	}
}

static void
on_stuck(struct exec *x)
{
	if (x->zygote != NULL)
		warm_stuck(x);
	else
		host_died(x->host, "it does not report an end");
}

static void
on_deadline(uv_timer_t *timer)
{
	struct exec *x = timer->data;
	int number = x->timed_out ? SIGKILL : SIGTERM;

	if (x->killed) {
		on_stuck(x);
		return;
	}
	x->killed = x->timed_out; /* the second time */
	x->timed_out = true;
	if (x->zygote != NULL)
		warm_signal(x, number);
	else
		host_send_signal(x, number);
	uv_timer_start(timer, on_deadline, x->killed ? STUCK_MS : EXEC_GRACE_MS, 0);
}

/* ---- starting ---- */

/* Ours does not block, theirs does. */
static bool
make_pipe(struct exec *x, enum exec_pipe p, int *ours)
{
	int fds[2], writes = p == PIPE_IN ? 1 : 0;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return false;
	*ours = fds[writes];
	x->theirs[p] = fds[1 - writes];
	return true;
}

static int
open_pipe(struct exec *x, enum exec_pipe p)
{
	int ours = -1, code;

	if (!make_pipe(x, p, &ours))
		return uv_translate_sys_error(errno);
	(void)uv_pipe_init(x->host->loop, &x->pipes[p], 0);
	x->pipes[p].data = x;
	x->pipe_open[p] = true;
	x->handles++;
	if ((code = uv_pipe_open(&x->pipes[p], ours)) != 0) {
		close(ours);
		return code;
	}
	return p == PIPE_IN ? 0 : uv_read_start((uv_stream_t *)&x->pipes[p], on_alloc, on_read);
}

static struct exec *
new_exec(struct exec_host *h, const struct exec_options *o)
{
	struct exec *x = mem_alloc(sizeof *x);
	const size_t max[2] = {o->out_max, o->err_max};

	x->host = h;
	x->on_data = o->on_data;
	x->done = o->done;
	x->ctx = o->ctx;
	x->pipe_count = o->duplex ? PIPE_COUNT : 2;
	for (int p = 0; p < PIPE_COUNT; p++)
		x->theirs[p] = -1;
	for (int i = 0; i < 2; i++)
		buf_init(
		    &x->kept[i], max[i] < EXEC_OUTPUT_MAX_BYTES ? max[i] : EXEC_OUTPUT_MAX_BYTES);
	buf_init(&x->out, EXEC_SEND_MAX_BYTES);
	buf_init(&x->flying, EXEC_SEND_MAX_BYTES);
	buf_init(&x->request, WIRE_MAX_BYTES);
	uv_timer_init(h->loop, &x->timer);
	x->timer.data = x;
	x->handles = 1;
	h->open++;
	host_take_slot(h, x);
	return x;
}

/* Nothing has been sent yet. */
static struct exec *
give_up(struct exec *x)
{
	x->cancelled = true;
	close_handles(x);
	exec_close_theirs(x);
	host_give_slot_back(x);
	return NULL;
}

static enum err
may_start(const struct exec_host *h, const struct exec_options *o, struct why *why)
{
	if (h->dead || h->closing)
		return why_set(why, ERR_CLOSED, "the launcher of programs has ended");
	if (h->count == EXEC_JOBS_MAX)
		return why_set(why, ERR_BUSY, "%d programs are running already", EXEC_JOBS_MAX);
	if (o->timeout_ms < 1 || o->timeout_ms > EXEC_TIMEOUT_MAX_MS)
		return why_set(why, ERR_LIMIT, "a program's time of %lld ms; 1 to %d is allowed",
		    (long long)o->timeout_ms, EXEC_TIMEOUT_MAX_MS);
	return ERR_OK;
}

static void
start_clock(struct exec *x, int64_t timeout_ms)
{
	uv_update_time(x->host->loop);
	x->start_ms = uv_now(x->host->loop);
	uv_timer_start(&x->timer, on_deadline, (uint64_t)timeout_ms, 0);
}

/* Pipes of its own, and the launcher starts it. */
enum err
exec_start_cold(struct exec *x, struct why *why)
{
	int code = 0;

	for (unsigned p = 0; p < x->pipe_count && code == 0; p++)
		code = open_pipe(x, p);
	if (code != 0)
		return why_set(why, ERR_IO, "no pipes for a program: %s", uv_strerror(code));
	host_send_start(x);
	return ERR_OK;
}

struct exec *
exec_start(struct exec_host *h, const struct exec_options *o, struct why *why)
{
	struct exec *x;

	if (may_start(h, o, why) != ERR_OK)
		return NULL;
	x = new_exec(h, o);
	if (wire_write_start(&x->request, o, x->id, why) != ERR_OK)
		return give_up(x);
	if (!(o->warm && warm_start(h->warm, x, o)) && exec_start_cold(x, why) != ERR_OK)
		return give_up(x);
	start_clock(x, o->timeout_ms);
	return x;
}
