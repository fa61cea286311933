#include "net/child.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop_uv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (16 * 1024)
#define CHILD_FD 3
#define HANG_UP_MS 1000
#define DRAIN_MAX_BYTES (1024 * 1024)
#define ENVIRONMENT_MAX 34 /* variables, with PATH and LANG */

struct child {
	struct child_options o;
	uv_process_t process;
	uv_pipe_t pipe;
	uv_timer_t kill_timer;
	struct buf in;  /* the line that is coming in */
	struct buf out; /* lines that wait for the write under way */
	struct buf flying;
	uv_write_t write;
	bool writing, exited, stopping, pipe_closed;
	unsigned handles; /* that are not closed yet */
	int status;
	char read[READ_BYTES];
};

/* ---- the end ---- */

static void
on_handle_closed(uv_handle_t *h)
{
	struct child *c = h->data;

	if (--c->handles > 0)
		return;
	c->o.on_exit(c->o.ctx, c->status);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->flying);
	free(c);
}

static void
close_pipe(struct child *c)
{
	if (c->pipe_closed)
		return;
	c->pipe_closed = true;
	uv_close((uv_handle_t *)&c->pipe, on_handle_closed);
}

/* The whole session: what the child has started must not outlive it. */
static void
send_signal(struct child *c, int signum)
{
	if (!c->exited && kill(-uv_process_get_pid(&c->process), signum) != 0)
		uv_process_kill(&c->process, signum);
}

static void
break_off(struct child *c)
{
	close_pipe(c);
	send_signal(c, SIGKILL);
}

/* ---- lines in ---- */

static void
on_bytes(struct child *c, const char *data, size_t len)
{
	const char *nl;
	size_t n;

	if (c->o.on_output != NULL) {
		c->o.on_output(c->o.ctx, data, len);
		return;
	}
	while (len > 0 && !c->pipe_closed) {
		nl = memchr(data, '\n', len);
		n = nl != NULL ? (size_t)(nl - data) : len;
		buf_put(&c->in, data, n);
		if (c->in.failed) {
			log_error("child", "%d sent a line of more than %zu bytes: killed",
			    child_pid(c), c->o.line_max_bytes);
			break_off(c);
			return;
		}
		if (nl == NULL)
			return;
		c->o.on_line(c->o.ctx, c->in.data, c->in.len);
		buf_reset(&c->in);
		data += n + 1;
		len -= n + 1;
	}
}

/*
 * What it wrote before it died is read here and now: a process of its own that it left behind may hold the
 * other end open for ever, and may even go on to write.
 */
static void
drain(struct child *c)
{
	uv_os_fd_t fd;
	size_t sum = 0;
	ssize_t n;

	if (c->pipe_closed || uv_fileno((uv_handle_t *)&c->pipe, &fd) != 0)
		return;
	while (!c->pipe_closed && sum < DRAIN_MAX_BYTES &&
	       (n = read(fd, c->read, sizeof c->read)) > 0) {
		on_bytes(c, c->read, (size_t)n);
		sum += (size_t)n;
	}
	close_pipe(c);
}

static void
on_process_exit(uv_process_t *p, int64_t status, int signum)
{
	struct child *c = p->data;

	c->exited = true;
	c->status = signum != 0 ? 128 + signum : (int)status;
	uv_close((uv_handle_t *)&c->kill_timer, on_handle_closed);
	uv_close((uv_handle_t *)&c->process, on_handle_closed);
	kill(-uv_process_get_pid(p), SIGKILL); /* whatever is left of its session's first group */
	drain(c);
}

static void
on_kill_timer(uv_timer_t *t)
{
	send_signal(t->data, SIGKILL);
}

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct child *c = h->data;

	(void)suggested;
	*buf = uv_buf_init(c->read, sizeof c->read);
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct child *c = s->data;

	if (n > 0)
		on_bytes(c, buf->base, (size_t)n);
	if (n >= 0)
		return;
	/* A child that has closed its line is of no use; it may still be on its way out. A program may close its output. */
	close_pipe(c);
	if (!c->exited && !c->stopping && c->o.on_output == NULL)
		uv_timer_start(&c->kill_timer, on_kill_timer, HANG_UP_MS, 0);
}

/* ---- lines out ---- */

static void write_next(struct child *c);

static void
on_written(uv_write_t *req, int status)
{
	struct child *c = req->handle->data;

	c->writing = false;
	buf_reset(&c->flying);
	if (status == 0)
		write_next(c);
}

static void
write_next(struct child *c)
{
	struct buf lines = c->out;
	uv_buf_t b;

	if (c->writing || c->pipe_closed || c->out.len == 0)
		return;
	c->out = c->flying;
	c->flying = lines;
	b = uv_buf_init(lines.data, (unsigned)lines.len);
	if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &b, 1, on_written) == 0)
		c->writing = true;
}

enum err
child_send(struct child *c, const char *line, size_t len)
{
	size_t waiting = c->out.len + c->flying.len;

	if (c->pipe_closed || c->exited || c->stopping || c->o.on_output != NULL)
		return ERR_CLOSED;
	if (len >= c->o.queue_max_bytes || waiting > c->o.queue_max_bytes - len - 1)
		return ERR_BUSY;
	buf_put(&c->out, line, len);
	buf_putc(&c->out, '\n');
	write_next(c);
	return ERR_OK;
}

/* ---- starting and stopping ---- */

void
child_stop(struct child *c, int64_t grace_ms)
{
	uv_os_fd_t fd;

	if (c->exited || c->stopping)
		return;
	c->stopping = true;
	if (!c->pipe_closed && uv_fileno((uv_handle_t *)&c->pipe, &fd) == 0)
		shutdown(fd, SHUT_WR);
	send_signal(c, SIGTERM);
	uv_timer_start(&c->kill_timer, on_kill_timer, grace_ms > 0 ? (uint64_t)grace_ms : 0, 0);
}

int
child_pid(const struct child *c)
{
	return uv_process_get_pid(&c->process);
}

static void
variable(char *out, size_t size, const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	snprintf(out, size, "%s=%s", name, value != NULL ? value : otherwise);
}

static uv_stdio_container_t
inherited(int fd)
{
	return (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd};
}

static int
spawn(uv_loop_t *loop, struct child *c, int fd)
{
	bool program = c->o.on_output != NULL;
	char path[4096], lang[128];
	char *env[ENVIRONMENT_MAX + 1] = {path, lang};
	/* libuv opens /dev/null for an ignored 0, 1 */
	uv_stdio_container_t stdio[CHILD_FD + 1] = {{.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
	uv_process_options_t po = {
	    .exit_cb = on_process_exit,
	    .file = c->o.argv[0],
	    .args = (char **)c->o.argv,
	    .env = env,
	    .flags = UV_PROCESS_DETACHED,
	    .stdio = stdio,
	    .stdio_count = program ? STDERR_FILENO + 1 : CHILD_FD + 1,
	};

	if (program)
		stdio[STDOUT_FILENO] = inherited(fd);
	stdio[STDERR_FILENO] = inherited(program ? fd : STDERR_FILENO);
	stdio[CHILD_FD] = inherited(fd);
	for (int i = 0; c->o.env != NULL && c->o.env[i] != NULL; i++) {
		if (i + 2 == ENVIRONMENT_MAX)
			return UV_E2BIG;
		env[i + 2] = (char *)c->o.env[i];
	}
	/* Whatever we were started with, or a library has opened carelessly, is not the child's. */
	close_range(CHILD_FD, ~0U, CLOSE_RANGE_CLOEXEC);
	variable(path, sizeof path, "PATH", "/usr/bin:/bin");
	variable(lang, sizeof lang, "LANG", "C.UTF-8");
	c->handles++; /* it makes the process's handle whether it succeeds or not */
	return uv_spawn(loop, &c->process, &po);
}

static void
init_handles(uv_loop_t *loop, struct child *c)
{
	if (uv_pipe_init(loop, &c->pipe, 0) != 0 || uv_timer_init(loop, &c->kill_timer) != 0)
		abort(); /* neither asks the system for anything */
	c->pipe.data = c->kill_timer.data = c->process.data = c;
	c->handles = 2;
}

static void
free_failed(uv_handle_t *h)
{
	struct child *c = h->data;

	if (--c->handles == 0)
		free(c);
}

enum err
child_spawn(struct loop *l, const struct child_options *o, struct child **out, struct why *why)
{
	struct child *c = mem_alloc(sizeof *c);
	int fds[2], status;

	/* A pipe for a program: /dev/stdout cannot be opened where it is a socket. */
	if (o->on_output != NULL ? pipe2(fds, O_CLOEXEC) != 0
				 : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		free(c);
		return why_set(
		    why, ERR_IO, "cannot make a pair of descriptors: %s", strerror(errno));
	}
	c->o = *o;
	buf_init(&c->in, o->line_max_bytes);
	buf_init(&c->out, o->queue_max_bytes);
	buf_init(&c->flying, o->queue_max_bytes);
	init_handles(loop_uv(l), c);
	if ((status = uv_pipe_open(&c->pipe, fds[0])) != 0)
		close(fds[0]);
	else
		status = uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
	if (status == 0)
		status = spawn(loop_uv(l), c, fds[1]);
	c->o.argv = c->o.env = NULL; /* borrowed until here */
	close(fds[1]);
	if (status != 0) {
		uv_close((uv_handle_t *)&c->pipe, free_failed);
		uv_close((uv_handle_t *)&c->kill_timer, free_failed);
		if (c->handles == 3)
			uv_close((uv_handle_t *)&c->process, free_failed);
		return why_set(why, ERR_IO, "cannot start %s: %s", o->argv[0], uv_strerror(status));
	}
	*out = c;
	return ERR_OK;
}
