#include "net/filebody.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

/* One is on its way out while the other is being filled. */
struct half {
	char *data;
	size_t len, used;
};

struct filebody {
	uv_fs_t req; /* first: the request is the body */
	uv_loop_t *uv;
	int fd;
	uint64_t at, end; /* what is to be read next */
	struct half half[2];
	unsigned out; /* the half that goes out; the other one is filled */
	bool reading, failed, orphan;
	void (*on_ready)(void *ctx);
	void *ctx;
};

static void
free_all(struct filebody *f)
{
	close(f->fd);
	free(f->half[0].data);
	free(f->half[1].data);
	free(f);
}

static void
fail(struct filebody *f, const char *why)
{
	f->failed = true;
	log_error("http", "a file cannot be sent to its end: %s", why);
}

static void read_on(struct filebody *f);

/* Lets the half that has been filled go out once the other one is used up. */
static void
turn(struct filebody *f)
{
	struct half *out = &f->half[f->out], *in = &f->half[!f->out];

	if (f->reading || out->used < out->len || in->len == 0)
		return;
	out->len = out->used = 0;
	f->out = !f->out;
}

static void
on_read(uv_fs_t *req)
{
	struct filebody *f = (struct filebody *)req;
	ssize_t n = req->result;
	const char *piece;
	size_t len;

	uv_fs_req_cleanup(req);
	f->reading = false;
	if (f->orphan) {
		free_all(f);
		return;
	}
	filebody_piece(f, &len);
	if (n < 0)
		fail(f, uv_strerror((int)n));
	else if (n == 0)
		fail(f, "it is shorter than it was");
	else
		f->half[!f->out].len = (size_t)n;
	f->at += n > 0 ? (uint64_t)n : 0;
	turn(f);
	read_on(f);
	piece = filebody_piece(f, &(size_t){0});
	if (len == 0 && (piece != NULL || f->failed))
		f->on_ready(f->ctx);
}

/* Fills the half that is free. */
static void
read_on(struct filebody *f)
{
	struct half *in = &f->half[!f->out];
	uint64_t left = f->end - f->at;
	uv_buf_t buf;
	int status;

	if (f->reading || f->failed || in->len > 0 || left == 0)
		return;
	if (left > FILEBODY_PIECE_BYTES)
		left = FILEBODY_PIECE_BYTES;
	if (in->data == NULL)
		in->data = mem_resize(NULL, (size_t)left, 1);
	buf = uv_buf_init(in->data, (unsigned)left);
	status = uv_fs_read(f->uv, &f->req, f->fd, &buf, 1, (int64_t)f->at, on_read);
	if (status < 0)
		log_die("http", "fs_read: %s", uv_strerror(status));
	f->reading = true;
}

struct filebody *
filebody_open(uv_loop_t *uv, int fd, uint64_t bytes, void (*on_ready)(void *ctx), void *ctx)
{
	struct filebody *f = mem_alloc(sizeof *f);

	*f = (struct filebody){.uv = uv, .fd = fd, .end = bytes, .on_ready = on_ready, .ctx = ctx};
	read_on(f);
	return f;
}

const char *
filebody_piece(const struct filebody *f, size_t *len)
{
	const struct half *out = &f->half[f->out];

	*len = out->len - out->used;
	return *len > 0 ? out->data + out->used : NULL;
}

void
filebody_used(struct filebody *f, size_t len)
{
	f->half[f->out].used += len;
	turn(f);
	read_on(f);
}

bool
filebody_done(const struct filebody *f)
{
	const struct half *out = &f->half[f->out];

	return f->at == f->end && !f->reading && out->used == out->len && f->half[!f->out].len == 0;
}

bool
filebody_failed(const struct filebody *f)
{
	size_t len;

	filebody_piece(f, &len);
	return f->failed && len == 0;
}

void
filebody_close(struct filebody *f)
{
	if (f == NULL)
		return;
	if (f->reading)
		f->orphan = true; /* freed when the pool lets go of its memory */
	else
		free_all(f);
}
