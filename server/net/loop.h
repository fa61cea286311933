/*
 * The event loop: timers, the wake-up from other threads, work on the pool, signals. libuv behind
 * it; no uv.h in this header. Everything on the loop's thread unless a function says otherwise.
 */
#ifndef DRILLD_NET_LOOP_H
#define DRILLD_NET_LOOP_H

#include "base/err.h"
#include <stdint.h>

struct loop;

enum err loop_open(struct loop **out, struct why *why) MUST_CHECK;

/* Runs until every handle is closed or loop_stop was called. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Drains the closing handles and closes. ERR_BUSY if something was left open (a leak: logged by
 * name). */
enum err loop_close(struct loop *l) MUST_CHECK;

/* Milliseconds on the loop's monotonic clock, as of this turn. */
int64_t loop_now_ms(const struct loop *l);

/* ---- one-shot timer against an absolute due time ---- */
struct timer;
struct timer *timer_new(struct loop *l, void (*on_due)(void *ctx), void *ctx);
void timer_at(
    struct timer *t, int64_t loop_ms); /* replaces an earlier due time; past = next turn */
void timer_stop(struct timer *t);
void timer_close(struct timer *t); /* frees it once libuv lets go */

/* ---- end of turn: called once after the callbacks of each turn, before the loop sleeps ---- */
void loop_on_turn_end(
    struct loop *l, void (*fn)(void *ctx), void *ctx); /* one per loop; NULL removes it */

/* ---- wake-up: waker_wake may be called on ANY thread; on_wake runs on the loop's ---- */
struct waker;
struct waker *waker_new(struct loop *l, void (*on_wake)(void *ctx), void *ctx);
void waker_wake(struct waker *w);
void waker_close(struct waker *w);

/* ---- work on the pool: run on another thread, then done on the loop's. ERR_BUSY past 64 waiting
 * ---- */
enum err loop_work(
    struct loop *l, void (*run)(void *ctx), void (*done)(void *ctx), void *ctx) MUST_CHECK;

/* ---- SIGINT, SIGTERM: on_signal(ctx, signum); SIGPIPE is ignored by loop_open ---- */
void loop_on_signal(struct loop *l, void (*on_signal)(void *ctx, int signum), void *ctx);
void loop_signals_close(struct loop *l);

#endif
