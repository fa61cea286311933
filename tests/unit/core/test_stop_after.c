/*
 * The fold takes no drill.stop_after that the journal could not give back: a restart reads every event that
 * was taken, and one that cannot be read is the end of the drill.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sample_drill.h"

#define TICKS 10

static void
apply(struct sample *s, struct event ev)
{
	struct why why;

	ev.seq = s->game->seq + 1;
	ev.actor = "server";
	if (game_apply(s->game, &ev, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static int
setup(void **state)
{
	struct sample *s = mem_alloc(sizeof *s);

	sample_config(s, 2, 1, TICKS);
	s->game = game_new();
	apply(s, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &s->config});
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct sample *s = *state;

	game_free(s->game);
	config_free(&s->config);
	free(s);
	return 0;
}

static enum err
stop_after(struct sample *s, int32_t tick, struct event *ev)
{
	struct why why;

	*ev = (struct event){.kind = EV_DRILL_STOP_AFTER,
	    .seq = s->game->seq + 1,
	    .actor = "admin",
	    .u.tick.tick = tick};
	return game_apply(s->game, ev, &why);
}

static enum err
read_back(const struct event *ev)
{
	struct event copy = {.kind = ev->kind};
	struct drill_config config = {0};
	struct arena arena = {0};
	struct buf body, secret;
	struct why why;
	enum err e;

	buf_init(&body, EVENT_BODY_MAX_BYTES);
	buf_init(&secret, EVENT_BODY_MAX_BYTES);
	assert_int_equal(event_encode(ev, &body, &secret), ERR_OK);
	e = event_decode(&copy, body.data, body.len, "", 0, &arena, &config, &why);
	buf_free(&body);
	buf_free(&secret);
	arena_free(&arena);
	return e;
}

/* Before the first tick the present one is -1, which is no tick to stop after. */
static void
no_tick_is_refused(void **state)
{
	struct sample *s = *state;
	struct event ev;

	assert_int_equal(s->game->tick, -1);
	assert_int_equal(stop_after(s, -1, &ev), ERR_CORRUPT);
	assert_int_equal(s->game->last_tick, TICKS - 1);
}

static void
every_tick_taken_can_be_read_back(void **state)
{
	struct sample *s = *state;
	struct event ev;
	int taken = 0;

	for (int32_t tick = -2; tick <= TICKS + 1; tick++) {
		if (stop_after(s, tick, &ev) != ERR_OK)
			continue;
		taken++;
		assert_int_equal(s->game->last_tick, tick);
		assert_int_equal(read_back(&ev), ERR_OK);
	}
	assert_int_equal(taken, TICKS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_tick_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(every_tick_taken_can_be_read_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
