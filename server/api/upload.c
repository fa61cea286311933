#include "api/upload.h"
#include "base/filename.h"
#include "base/media.h"
#include "base/mem.h"
#include "net/http.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES HTTP_BODY_AHEAD_BYTES
#define AT_WORK_MAX 2 /* of the pool's four threads: an fsync may take its time */
#define RETRY_MS 10
#define PIECES_MAX                                                                                 \
	16 /* that one turn on the pool takes, if more comes in meanwhile: others wait for one */

struct chunk {
	char *data;
	size_t len;
};

struct upload {
	struct uploads *all;
	struct upload_options o;
	struct upload *prev, *next; /* in all */
	struct upload *queue_next;
	bool queued, handed, working;
	/* Under the lock while working. */
	struct chunk coming; /* filled on the loop's thread */
	size_t untold;       /* bytes that have left coming and taken has not been told of */
	bool at_end, aborted;
	/* The pool's while working. */
	struct chunk going;
	bool last, drop;
	struct blob_writer *writer; /* NULL: not yet, or not any more */
	struct media media;
	struct upload_file file;
	enum err failed;
	bool finished;
	struct why why;
};

struct uploads {
	struct loop *loop;
	struct blobs *blobs;
	struct timer *retry;
	struct waker *
	    waker; /* a piece was taken on the pool; there while there is an upload: it keeps the loop alive */
	pthread_mutex_t lock;
	struct upload *first;
	struct upload *queue, **queue_end; /* those with something to do */
	unsigned count, at_work;
};

/* ---- on the pool ---- */

static enum err
write_chunk(struct upload *up)
{
	struct why *why = &up->why;
	enum err e = ERR_OK;

	if (up->writer == NULL)
		e = blob_begin(up->all->blobs, up->o.max_bytes, &up->writer, why);
	if (e == ERR_OK)
		e = media_add(&up->media, up->going.data, up->going.len, why);
	if (e == ERR_OK)
		e = blob_write(up->writer, up->going.data, up->going.len, why);
	if (e == ERR_OK && up->last)
		e = media_end(&up->media, why);
	return e;
}

/* What has come goes; what comes next is gathered in the other buffer. */
static void
swap(struct upload *up)
{
	struct chunk free_one = up->going;

	free_one.len = 0;
	up->going = up->coming;
	up->coming = free_one;
	up->untold += up->going.len;
	up->last = up->at_end;
}

/*
 * What has come meanwhile is taken here and now: to go by way of the loop costs two wake-ups, in which the disk has
 * nothing to do.
 */
static bool
take_more(struct upload *up)
{
	struct uploads *u = up->all;
	bool more;

	pthread_mutex_lock(&u->lock);
	more = !up->aborted && (up->coming.len > 0 || up->at_end);
	if (more)
		swap(up);
	pthread_mutex_unlock(&u->lock);
	if (more)
		waker_wake(u->waker);
	return more;
}

static void
upload_run(void *ctx)
{
	struct upload *up = ctx;
	struct blob_writer *w;
	int pieces = 0;

	do {
		if (!up->drop)
			up->failed = write_chunk(up);
	} while (!up->drop && up->failed == ERR_OK && !up->last && ++pieces < PIECES_MAX &&
		 take_more(up));
	w = up->writer;
	if (up->drop || up->failed != ERR_OK) {
		up->writer = NULL;
		blob_abort(w);
	} else if (up->last) {
		up->writer = NULL;
		up->failed = blob_commit(w, &up->file.blob, &up->why);
		up->finished = true;
	}
}

/* ---- who is next ---- */

static void upload_done(void *ctx);

static void
upload_free(struct upload *up)
{
	struct uploads *u = up->all;

	if (up->prev != NULL)
		up->prev->next = up->next;
	else
		u->first = up->next;
	if (up->next != NULL)
		up->next->prev = up->prev;
	if (--u->count == 0)
		waker_close(u->waker);
	free(up->coming.data);
	free(up->going.data);
	free(up);
}

static void
pump(void *ctx)
{
	struct uploads *u = ctx;
	struct upload *up;

	while (u->at_work < AT_WORK_MAX && (up = u->queue) != NULL) {
		if (!up->handed)
			swap(up);
		up->handed = true;
		up->drop = up->aborted;
		if (loop_work(u->loop, upload_run, upload_done, up) != ERR_OK) {
			timer_at(u->retry, loop_now_ms(u->loop) + RETRY_MS);
			return;
		}
		up->queued = false;
		up->working = true;
		u->at_work++;
		if ((u->queue = up->queue_next) == NULL)
			u->queue_end = &u->queue;
	}
}

static void
enqueue(struct upload *up)
{
	struct uploads *u = up->all;

	if (up->queued || up->working)
		return;
	up->queued = true;
	up->queue_next = NULL;
	*u->queue_end = up;
	u->queue_end = &up->queue_next;
	pump(u);
}

static void
tell_end(struct upload *up)
{
	struct upload_options o = up->o;
	struct upload_file file = up->file;
	struct why why = up->why;
	enum err e = up->failed;

	upload_free(up);
	o.done(o.ctx, e, &file, &why);
}

/* Tells one upload's taken bytes, if there are any; this may bring more of them, or end an upload. */
static bool
tell_one(struct uploads *u)
{
	for (struct upload *up = u->first; up != NULL; up = up->next) {
		size_t taken;

		pthread_mutex_lock(&u->lock);
		taken = up->aborted ? 0 : up->untold;
		up->untold = 0;
		pthread_mutex_unlock(&u->lock);
		if (taken > 0) {
			up->o.taken(up->o.ctx, taken);
			return true;
		}
	}
	return false;
}

/* On the loop's thread, and in no call of the HTTP server's: a buffer is free again, and more comes in. */
static void
on_taken(void *ctx)
{
	while (tell_one(ctx))
		;
}

/* What came meanwhile is next. */
static void
go_on(struct upload *up)
{
	up->going.len = 0;
	if (up->coming.len > 0 || up->at_end)
		enqueue(up);
	on_taken(up->all);
}

static void
upload_done(void *ctx)
{
	struct upload *up = ctx;
	struct uploads *u = up->all;

	u->at_work--;
	up->working = up->handed = false;
	if (up->aborted && up->writer == NULL) {
		upload_free(up);
	} else if (up->aborted) {
		enqueue(up);
	} else if (up->failed != ERR_OK || up->finished) {
		tell_end(up);
	} else {
		go_on(up);
	}
	pump(u);
}

/* ---- on the loop's thread ---- */

struct uploads *
uploads_new(struct loop *l, struct blobs *b)
{
	struct uploads *u = mem_alloc(sizeof *u);

	u->loop = l;
	u->blobs = b;
	u->retry = timer_new(l, pump, u);
	pthread_mutex_init(&u->lock, NULL);
	u->queue_end = &u->queue;
	return u;
}

void
uploads_free(struct uploads *u)
{
	if (u == NULL)
		return;
	timer_close(u->retry);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

unsigned
uploads_count(const struct uploads *u)
{
	return u->count;
}

static enum err
find_room(const struct uploads *u, const void *account, struct why *why)
{
	unsigned own = 0;

	for (const struct upload *up = u->first; up != NULL; up = up->next)
		own += up->o.account == account;
	if (own >= UPLOADS_PER_ACCOUNT)
		return why_set(why, ERR_RATE, "%u files of this account are under way; at most %d",
		    own, UPLOADS_PER_ACCOUNT);
	if (u->count >= UPLOADS_MAX)
		return why_set(why, ERR_BUSY, "too many files are under way; send it again");
	return ERR_OK;
}

enum err
upload_begin(
    struct uploads *u, const struct upload_options *o, struct upload **out, struct why *why)
{
	struct upload *up;
	enum err e;

	*out = NULL;
	if ((e = filename_check(o->name, why)) != ERR_OK ||
	    (e = find_room(u, o->account, why)) != ERR_OK)
		return e;
	up = mem_alloc(sizeof *up);
	if ((e = media_begin(&up->media, o->name, o->type, why)) != ERR_OK) {
		free(up);
		return e;
	}
	up->all = u;
	up->o = *o;
	up->file.type = media_type(&up->media);
	up->next = u->first;
	if (up->next != NULL)
		up->next->prev = up;
	u->first = up;
	if (u->count++ == 0)
		u->waker = waker_new(u->loop, on_taken, u);
	*out = up;
	return ERR_OK;
}

void
upload_add(struct upload *up, const char *data, size_t len)
{
	struct chunk *c = &up->coming;

	pthread_mutex_lock(&up->all->lock);
	if (c->data == NULL)
		c->data = mem_resize(NULL, BUFFER_BYTES, 1);
	if (len > BUFFER_BYTES - c->len)
		abort(); /* more than HTTP_BODY_AHEAD_BYTES that were not taken */
	memcpy(c->data + c->len, data, len);
	c->len += len;
	pthread_mutex_unlock(&up->all->lock);
	enqueue(up);
}

void
upload_end(struct upload *up)
{
	pthread_mutex_lock(&up->all->lock);
	up->at_end = true;
	pthread_mutex_unlock(&up->all->lock);
	enqueue(up);
}

void
upload_abort(struct upload *up)
{
	pthread_mutex_lock(&up->all->lock);
	up->aborted = true;
	pthread_mutex_unlock(&up->all->lock);
	if (up->working || up->queued)
		return;
	if (up->writer == NULL)
		upload_free(up);
	else
		enqueue(up);
}
