#include "checker/link.h"
#include "base/mem.h"
#include "checker/protocol.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define READ_BYTES (64 * 1024)
#define IN_MAX_BYTES (PROGRAM_LINE_MAX_BYTES + 2 * READ_BYTES)
/* Past it nothing is read, so no new result comes about; rounds under way still fit. */
#define OUT_PAUSE_BYTES (4 * 1024 * 1024)
#define OUT_MAX_BYTES (256 * 1024 * 1024)

struct link {
	struct link_options o;
	uv_pipe_t pipe;
	uv_prepare_t prepare; /* runs before the loop waits: writes what the turn has gathered */
	uv_write_t write;
	struct buf in;
	struct buf out;
	struct buf writing;
	bool busy; /* a write is under way */
	bool reading;
	bool in_lines; /* lines are being handed over */
	bool ended;
	bool closing;
	int open;
};

static void
on_closed(uv_handle_t *h)
{
	struct link *l = h->data;

	if (--l->open > 0)
		return;
	buf_free(&l->in);
	buf_free(&l->out);
	buf_free(&l->writing);
	free(l);
}

static void
end(struct link *l, const char *why)
{
	if (l->ended || l->closing)
		return;
	l->ended = true;
	uv_read_stop((uv_stream_t *)&l->pipe);
	l->o.end(l->o.ctx, why);
}

/* ---- in ---- */

static bool
may_hand_over(struct link *l)
{
	return !l->ended && !l->closing && l->out.len + l->writing.len < OUT_PAUSE_BYTES &&
	       l->o.room(l->o.ctx);
}

/* Hands over whole lines as long as there is room for what they ask. */
static void
hand_over(struct link *l)
{
	size_t from = 0;
	const char *newline;

	l->in_lines = true;
	while (may_hand_over(l) && from < l->in.len &&
	       (newline = memchr(l->in.data + from, '\n', l->in.len - from)) != NULL) {
		size_t len = (size_t)(newline - (l->in.data + from));

		l->o.line(l->o.ctx, l->in.data + from, len);
		from += len + 1;
	}
	l->in_lines = false;
	if (from > 0)
		buf_shift(&l->in, from);
	if (l->in.len > PROGRAM_LINE_MAX_BYTES && memchr(l->in.data, '\n', l->in.len) == NULL)
		end(l, "a line is longer than a program may be");
}

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct link *l = h->data;
	char *room = buf_room(&l->in, READ_BYTES);

	(void)suggested;
	*out = uv_buf_init(room, room != NULL ? READ_BYTES : 0);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct link *l = stream->data;

	(void)data;
	if (n == UV_EOF || n == UV_ECONNRESET) {
		end(l, "");
		return;
	}
	if (n < 0) {
		end(l, uv_strerror((int)n));
		return;
	}
	l->in.len += (size_t)n;
	link_resume(l);
}

void
link_resume(struct link *l)
{
	bool want;

	if (l->in_lines || l->ended || l->closing)
		return;
	hand_over(l);
	/* Reading goes on while lines wait, or the other end's closing would not be seen. */
	want = l->in.len + READ_BYTES <= IN_MAX_BYTES;
	if (want == l->reading || l->ended || l->closing)
		return;
	l->reading = want;
	if (want)
		uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
	else
		uv_read_stop((uv_stream_t *)&l->pipe);
}

/* ---- out ---- */

static void
on_written(uv_write_t *req, int status)
{
	struct link *l = req->data;

	l->busy = false;
	buf_reset(&l->writing);
	if (status == UV_EPIPE || status == UV_ECONNRESET)
		end(l, "");
	else if (status < 0 && status != UV_ECANCELED)
		end(l, uv_strerror(status));
	else
		link_resume(l);
}

static void
on_prepare(uv_prepare_t *prepare)
{
	struct link *l = prepare->data;
	struct buf swap = l->writing;
	uv_buf_t data;

	if (l->busy || l->ended || l->out.len == 0)
		return;
	l->writing = l->out;
	l->out = swap;
	data = uv_buf_init(l->writing.data, (unsigned)l->writing.len);
	l->write.data = l;
	l->busy = uv_write(&l->write, (uv_stream_t *)&l->pipe, &data, 1, on_written) == 0;
	if (!l->busy)
		end(l, "writing failed");
}

struct buf *
link_put(struct link *l)
{
	return &l->out;
}

void
link_put_done(struct link *l)
{
	buf_putc(&l->out, '\n');
	if (l->out.failed)
		end(l, "results are not being read");
}

/* ---- life ---- */

enum err
link_open(const struct link_options *o, struct link **out, struct why *why)
{
	struct link *l;
	struct stat st;
	int code;

	if (fstat(o->fd, &st) != 0 || !S_ISSOCK(st.st_mode))
		return why_set(why, ERR_IO,
		    "descriptor %d is no socket; drill-checker is started by drilld", o->fd);
	l = mem_alloc(sizeof *l);
	l->o = *o;
	buf_init(&l->in, IN_MAX_BYTES);
	buf_init(&l->out, OUT_MAX_BYTES);
	buf_init(&l->writing, OUT_MAX_BYTES);
	uv_pipe_init(o->loop, &l->pipe, 0);
	uv_prepare_init(o->loop, &l->prepare);
	l->pipe.data = l->prepare.data = l;
	l->open = 2;
	if ((code = uv_pipe_open(&l->pipe, o->fd)) != 0) {
		link_close(l);
		return why_set(
		    why, ERR_IO, "descriptor %d cannot be read: %s", o->fd, uv_strerror(code));
	}
	uv_prepare_start(&l->prepare, on_prepare);
	*out = l;
	link_resume(l);
	return ERR_OK;
}

void
link_close(struct link *l)
{
	if (l->closing)
		return;
	l->closing = true;
	uv_close((uv_handle_t *)&l->pipe, on_closed);
	uv_close((uv_handle_t *)&l->prepare, on_closed);
}
