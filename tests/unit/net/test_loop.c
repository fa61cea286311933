#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/mem.h"
#include "net/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct seen {
	struct loop *loop;
	struct timer *timer, *other;
	struct waker *waker;
	int fired, ended, woken, done, signum;
	int64_t at_ms[8];
	pthread_t worker, me;
	atomic_int ran;
};

static int
set_up(void **state)
{
	struct seen *s = mem_alloc(sizeof *s);

	assert_int_equal(loop_open(&s->loop, NULL), ERR_OK);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct seen *s = *state;

	assert_int_equal(loop_close(s->loop), ERR_OK);
	free(s);
	return 0;
}

/* ---- timers ---- */

static void
on_due_again(void *ctx)
{
	struct seen *s = ctx;
	struct timespec busy = {.tv_nsec = 7000000};

	s->at_ms[s->fired++] = loop_now_ms(s->loop);
	if (s->fired == 5) {
		timer_close(s->timer);
		return;
	}
	nanosleep(&busy, NULL); /* a slow callback must not push the later ones away */
	timer_at(s->timer, s->at_ms[7] + 20 * (s->fired + 1));
}

/* How late the last of five was; none is early. */
static int64_t
fire_five_times(struct seen *s)
{
	s->timer = timer_new(s->loop, on_due_again, s);
	s->fired = 0;
	s->at_ms[7] = loop_now_ms(s->loop);
	timer_at(s->timer, s->at_ms[7] + 20);
	loop_run(s->loop);
	assert_int_equal(s->fired, 5);
	for (int i = 0; i < 5; i++)
		assert_true(s->at_ms[i] >= s->at_ms[7] + 20 * (i + 1));
	return s->at_ms[4] - (s->at_ms[7] + 100);
}

/*
 * Five repeats of 20 ms with 7 ms each in between would need 28 ms more each time, give or take a tick. A machine that
 * is busy with something else is late, too, but not each time.
 */
static void
a_timer_keeps_to_absolute_times(void **state)
{
	int64_t late_ms = INT64_MAX;

	for (int i = 0; i < 100 && late_ms >= 20; i++)
		late_ms = fire_five_times(*state);
	assert_true(late_ms < 20);
}

static void
on_due(void *ctx)
{
	struct seen *s = ctx;

	s->fired++;
	timer_close(s->timer);
	timer_close(s->other);
}

static void
on_never(void *ctx)
{
	(void)ctx;
	fail_msg("a stopped timer fired");
}

static void
a_due_time_in_the_past_is_the_next_turn_and_a_stopped_timer_stays_so(void **state)
{
	struct seen *s = *state;

	s->timer = timer_new(s->loop, on_due, s);
	s->other = timer_new(s->loop, on_never, s);
	timer_at(s->other, loop_now_ms(s->loop));
	timer_stop(s->other);
	timer_at(s->timer, loop_now_ms(s->loop) + 100000);
	timer_at(s->timer, loop_now_ms(s->loop) - 5); /* replaces it */
	loop_run(s->loop);
	assert_int_equal(s->fired, 1);
}

/* ---- end of turn ---- */

static void
on_turn_end(void *ctx)
{
	struct seen *s = ctx;

	s->ended++;
	if (s->fired > 0 && s->done == 0)
		s->done = s->fired; /* what the first end saw of the turn's callbacks */
}

static void
on_due_count(void *ctx)
{
	((struct seen *)ctx)->fired++;
}

static void
the_end_of_a_turn_comes_once_after_all_its_callbacks(void **state)
{
	struct seen *s = *state;
	int before;

	s->timer = timer_new(s->loop, on_due_count, s);
	s->other = timer_new(s->loop, on_due, s);
	loop_on_turn_end(s->loop, on_turn_end, s);
	timer_at(s->timer, loop_now_ms(s->loop));
	timer_at(s->other, loop_now_ms(s->loop));
	loop_run(s->loop);
	assert_int_equal(s->done, 2);
	assert_true(s->ended >= 1 && s->ended <= 4);
	before = s->ended;
	loop_on_turn_end(s->loop, NULL, NULL);
	loop_run(s->loop);
	assert_int_equal(s->ended, before);
}

/* ---- other threads ---- */

static void
on_wake(void *ctx)
{
	struct seen *s = ctx;

	assert_true(pthread_equal(pthread_self(), s->me));
	s->woken++;
	if (s->ran == 1000)
		waker_close(s->waker);
}

static void *
wake_often(void *ctx)
{
	struct seen *s = ctx;

	for (int i = 0; i < 1000; i++) {
		s->ran++;
		waker_wake(s->waker);
	}
	return NULL;
}

static void
a_waker_runs_on_the_loop_and_no_wake_is_lost(void **state)
{
	struct seen *s = *state;

	s->me = pthread_self();
	s->waker = waker_new(s->loop, on_wake, s);
	assert_int_equal(pthread_create(&s->worker, NULL, wake_often, s), 0);
	loop_run(s->loop); /* ends only if a wake after the last count came through */
	pthread_join(s->worker, NULL);
	assert_true(s->woken >= 1);
}

static void
work_run(void *ctx)
{
	struct seen *s = ctx;

	if (pthread_equal(pthread_self(), s->me))
		abort();
	s->ran++;
}

static void
work_done(void *ctx)
{
	struct seen *s = ctx;

	assert_true(pthread_equal(pthread_self(), s->me));
	s->done++;
}

static void
work_goes_to_the_pool_and_at_most_64_wait(void **state)
{
	struct seen *s = *state;

	s->me = pthread_self();
	for (int i = 0; i < 64; i++)
		assert_int_equal(loop_work(s->loop, work_run, work_done, s), ERR_OK);
	assert_int_equal(loop_work(s->loop, work_run, work_done, s), ERR_BUSY);
	loop_run(s->loop);
	assert_int_equal(s->ran, 64);
	assert_int_equal(s->done, 64);
	assert_int_equal(loop_work(s->loop, work_run, work_done, s), ERR_OK);
	/* loop_close waits for it */
}

/* ---- signals ---- */

static void
on_signal(void *ctx, int signum)
{
	struct seen *s = ctx;

	s->signum = signum;
	loop_signals_close(s->loop);
	loop_signals_close(s->loop); /* twice is fine */
}

static void
signals_arrive_as_callbacks_and_sigpipe_is_ignored(void **state)
{
	struct seen *s = *state;
	int fds[2];

	loop_on_signal(s->loop, on_signal, s);
	raise(SIGTERM);
	loop_run(s->loop);
	assert_int_equal(s->signum, SIGTERM);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
}

static void
on_stop(void *ctx)
{
	loop_stop(((struct seen *)ctx)->loop);
}

static void
a_handle_left_open_makes_closing_fail(void **state)
{
	struct seen *s = *state;

	s->timer = timer_new(s->loop, on_stop, s);
	timer_at(s->timer, loop_now_ms(s->loop));
	loop_run(s->loop);
	assert_int_equal(loop_close(s->loop), ERR_BUSY);
	timer_close(s->timer);
	/* and then it can be closed: tear_down */
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_timer_keeps_to_absolute_times),
	    T(a_due_time_in_the_past_is_the_next_turn_and_a_stopped_timer_stays_so),
	    T(the_end_of_a_turn_comes_once_after_all_its_callbacks),
	    T(a_waker_runs_on_the_loop_and_no_wake_is_lost),
	    T(work_goes_to_the_pool_and_at_most_64_wait),
	    T(signals_arrive_as_callbacks_and_sigpipe_is_ignored),
	    T(a_handle_left_open_makes_closing_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
