#include "base/log.h"
#include "base/mem.h"
#include "net/loop_uv.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#define WORK_MAX 64
#define SIGNAL_COUNT 2

struct loop {
	uv_loop_t uv;
	uv_prepare_t turn_end;
	void (*on_turn_end)(void *ctx);
	void *turn_end_ctx;
	uv_signal_t signals[SIGNAL_COUNT];
	bool signals_open;
	void (*on_signal)(void *ctx, int signum);
	void *signal_ctx;
	int works;
};

struct timer {
	uv_timer_t uv;
	void (*on_due)(void *ctx);
	void *ctx;
};

struct waker {
	uv_async_t uv;
	void (*on_wake)(void *ctx);
	void *ctx;
};

struct work {
	uv_work_t uv;
	struct loop *loop;
	void (*run)(void *ctx);
	void (*done)(void *ctx);
	void *ctx;
};

/* Making a handle fails only when the process has run out of something basic (descriptors at start). */
static void
must(int status, const char *what)
{
	if (status < 0)
		log_die("loop", "%s: %s", what, uv_strerror(status));
}

enum err
loop_open(struct loop **out, struct why *why)
{
	struct loop *l = mem_alloc(sizeof *l);
	int status = uv_loop_init(&l->uv);

	if (status < 0) {
		free(l);
		return why_set(why, ERR_IO, "cannot make an event loop: %s", uv_strerror(status));
	}
	signal(SIGPIPE, SIG_IGN);
	must(uv_prepare_init(&l->uv, &l->turn_end), "prepare");
	l->turn_end.data = l;
	*out = l;
	return ERR_OK;
}

uv_loop_t *
loop_uv(struct loop *l)
{
	return &l->uv;
}

void
loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
	/* The last turn's callbacks had no sleep after them, so their end is here. */
	if (l->on_turn_end != NULL)
		l->on_turn_end(l->turn_end_ctx);
}

void
loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

static void
name_leak(uv_handle_t *h, void *arg)
{
	(void)arg;
	log_error("loop", "left open: a handle of type %s%s", uv_handle_type_name(h->type),
	    uv_is_closing(h) ? " (closing)" : "");
}

static void
count_closing(uv_handle_t *h, void *arg)
{
	*(int *)arg += uv_is_closing(h) != 0;
}

/* Runs turns until nothing is closing and no work is out; never waits for a handle that was left open. */
static void
drain(struct loop *l)
{
	int closing;

	do {
		uv_run(&l->uv, l->works > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
		closing = 0;
		uv_walk(&l->uv, count_closing, &closing);
	} while (closing > 0 || l->works > 0);
}

enum err
loop_close(struct loop *l)
{
	loop_on_turn_end(l, NULL, NULL);
	if (!uv_is_closing((uv_handle_t *)&l->turn_end))
		uv_close((uv_handle_t *)&l->turn_end, NULL);
	drain(l);
	if (uv_loop_close(&l->uv) != 0) {
		uv_walk(&l->uv, name_leak, NULL);
		return ERR_BUSY;
	}
	free(l);
	return ERR_OK;
}

int64_t
loop_now_ms(const struct loop *l)
{
	return (int64_t)uv_now(&l->uv);
}

/* ---- timers ---- */

static void
on_timer(uv_timer_t *uv)
{
	struct timer *t = uv->data;

	t->on_due(t->ctx);
}

struct timer *
timer_new(struct loop *l, void (*on_due)(void *ctx), void *ctx)
{
	struct timer *t = mem_alloc(sizeof *t);

	must(uv_timer_init(&l->uv, &t->uv), "timer");
	t->uv.data = t;
	t->on_due = on_due;
	t->ctx = ctx;
	return t;
}

void
timer_at(struct timer *t, int64_t loop_ms)
{
	int64_t now = (int64_t)uv_now(t->uv.loop);

	uv_timer_start(&t->uv, on_timer, loop_ms > now ? (uint64_t)(loop_ms - now) : 0, 0);
}

void
timer_stop(struct timer *t)
{
	uv_timer_stop(&t->uv);
}

static void
free_data(uv_handle_t *h)
{
	free(h->data);
}

void
timer_close(struct timer *t)
{
	uv_close((uv_handle_t *)&t->uv, free_data);
}

/* ---- end of turn ---- */

static void
on_prepare(uv_prepare_t *p)
{
	struct loop *l = p->data;

	l->on_turn_end(l->turn_end_ctx);
}

void
loop_on_turn_end(struct loop *l, void (*fn)(void *ctx), void *ctx)
{
	l->on_turn_end = fn;
	l->turn_end_ctx = ctx;
	if (fn == NULL) {
		uv_prepare_stop(&l->turn_end);
		return;
	}
	uv_prepare_start(&l->turn_end, on_prepare);
	uv_unref((uv_handle_t *)&l->turn_end);
}

/* ---- wake-up from other threads ---- */

static void
on_async(uv_async_t *uv)
{
	struct waker *w = uv->data;

	w->on_wake(w->ctx);
}

struct waker *
waker_new(struct loop *l, void (*on_wake)(void *ctx), void *ctx)
{
	struct waker *w = mem_alloc(sizeof *w);

	must(uv_async_init(&l->uv, &w->uv, on_async), "async");
	w->uv.data = w;
	w->on_wake = on_wake;
	w->ctx = ctx;
	return w;
}

void
waker_wake(struct waker *w)
{
	uv_async_send(&w->uv);
}

void
waker_close(struct waker *w)
{
	uv_close((uv_handle_t *)&w->uv, free_data);
}

/* ---- work on the pool ---- */

static void
on_work(uv_work_t *uv)
{
	struct work *w = uv->data;

	w->run(w->ctx);
}

static void
on_work_done(uv_work_t *uv, int status)
{
	struct work *w = uv->data;

	(void)status; /* nothing cancels work, so it has run */
	w->loop->works--;
	w->done(w->ctx);
	free(w);
}

enum err
loop_work(struct loop *l, void (*run)(void *ctx), void (*done)(void *ctx), void *ctx)
{
	struct work *w;

	if (l->works >= WORK_MAX)
		return ERR_BUSY;
	w = mem_alloc(sizeof *w);
	*w = (struct work){.loop = l, .run = run, .done = done, .ctx = ctx};
	w->uv.data = w;
	must(uv_queue_work(&l->uv, &w->uv, on_work, on_work_done), "work");
	l->works++;
	return ERR_OK;
}

/* ---- signals ---- */

static void
on_uv_signal(uv_signal_t *uv, int signum)
{
	struct loop *l = uv->data;

	l->on_signal(l->signal_ctx, signum);
}

void
loop_on_signal(struct loop *l, void (*on_signal)(void *ctx, int signum), void *ctx)
{
	static const int signums[SIGNAL_COUNT] = {SIGINT, SIGTERM};

	l->on_signal = on_signal;
	l->signal_ctx = ctx;
	if (l->signals_open)
		return;
	l->signals_open = true;
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		must(uv_signal_init(&l->uv, &l->signals[i]), "signal");
		l->signals[i].data = l;
		must(uv_signal_start(&l->signals[i], on_uv_signal, signums[i]), "signal");
	}
}

void
loop_signals_close(struct loop *l)
{
	if (!l->signals_open)
		return;
	l->signals_open = false;
	for (int i = 0; i < SIGNAL_COUNT; i++)
		uv_close((uv_handle_t *)&l->signals[i], NULL);
}
