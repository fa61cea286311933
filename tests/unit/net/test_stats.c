/* What the HTTP server and the live hub count. */
#include "net/live_private.h"
#include "rig.h"

/* ---- HTTP ---- */

/* /a and /b are kinds 1 and 2; every other path is of no kind, /far of one that there is not. */
static enum err
kind_on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	if (strcmp(x->path, "/a") == 0)
		x->kind = 1;
	else if (strcmp(x->path, "/b") == 0)
		x->kind = 2;
	else if (strcmp(x->path, "/far") == 0)
		x->kind = HTTP_KINDS_MAX;
	return rig_on_head(ctx, x, body_max);
}

static void
job_stats(struct rig *r, void *ctx)
{
	*(struct http_stats *)ctx = *http_stats(r->server);
}

static int
set_up(void **state)
{
	struct rig *r = rig_new();

	r->options.handler.on_head = kind_on_head;
	r->options.connections_max = 3;
	rig_start(r);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	rig_stop(*state);
	return 0;
}

static void
get(struct rig *r, const char *head, int status)
{
	char text[256], *a;

	snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", head);
	a = ask(r->port, text);
	assert_status(a, status);
	free(a);
}

static void
answers_are_counted_by_kind_and_class(void **state)
{
	struct rig *r = *state;
	static struct http_stats s;

	get(r, "GET /a", 200);
	get(r, "GET /a", 200);
	get(r, "GET /b", 200);
	get(r, "GET /far", 200);
	get(r, "GET /early", 403);
	rig_run(r, job_stats, &s);
	assert_int_equal(s.answers[1][2], 2);
	assert_int_equal(s.answers[2][2], 1);
	assert_int_equal(s.answers[0][2], 1);
	assert_int_equal(s.answers[0][4], 1);
	assert_int_equal(s.connections, 5);
	assert_int_equal(histogram_count(&s.seconds[1]), 2);
	assert_true(s.seconds[1].sum > 0 && s.seconds[1].sum < PATIENCE_S);
}

/* Nobody could answer it before it could be read: it has no time. */
static void
what_cannot_be_read_is_counted_without_a_time(void **state)
{
	struct rig *r = *state;
	static struct http_stats s;

	get(r, "GET /%zz", 400);
	rig_run(r, job_stats, &s);
	assert_int_equal(s.answers[0][4], 1);
	assert_int_equal(histogram_count(&s.seconds[0]), 0);
}

/* The time of an answer that comes later is the time until it comes. */
static void
the_time_of_a_late_answer_is_told(void **state)
{
	struct rig *r = *state;
	static struct http_stats s;
	int fd = dial(r->port);
	char *a;

	put(fd, "GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_await(&r->requests, 1);
	poll(NULL, 0, 30);
	rig_run(r, rig_answer_held, NULL);
	a = read_answer(fd);
	assert_status(a, 200);
	free(a);
	close(fd);
	rig_run(r, job_stats, &s);
	assert_int_equal(histogram_count(&s.seconds[0]), 1);
	assert_true(s.seconds[0].sum > 0.02);
}

static void
connections_over_the_limit_are_counted(void **state)
{
	struct rig *r = *state;
	static struct http_stats s;
	int fds[5];

	for (int i = 0; i < 5; i++)
		fds[i] = dial(r->port);
	for (int i = 3; i < 5; i++)
		assert_ended(fds[i]);
	rig_run(r, job_stats, &s);
	assert_int_equal(s.connections, 5);
	assert_int_equal(s.over_limit, 2);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
}

/* ---- live ---- */

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	(void)ctx;
	(void)audience;
	*seq = 1;
	return payload_new("s", 1);
}

static void
on_push(struct live_client *c)
{
	(void)c;
}

static void
publish(struct live_hub *h, uint64_t seq)
{
	struct live_frame f = {.seq = seq, .public_ = payload_new("f", 1)};

	live_publish(h, &f);
	payload_drop(f.public_);
}

/* Takes whatever there is for a client; what came last. */
static enum live_take
take_all(struct live_client *c)
{
	struct payload *p;
	enum live_take what;

	while ((what = live_take(c, &p)) == LIVE_PAYLOAD)
		payload_drop(p);
	return what;
}

static void
live_frames_and_dropped_clients_are_counted(void **state)
{
	struct live_options o = {
	    .ring_frames = 2, .ring_bytes = 100, .clients_max = 9, .snapshot = on_snapshot};
	struct live_hub *h = live_new(&o);
	struct live_join join = {.audience = LIVE_PUBLIC, .owner = &o, .since = UINT64_MAX};
	struct live_client quick, slow, silent;
	const struct live_stats *s = live_stats(h);

	(void)state;
	live_enter(h, &quick, &join, on_push);
	live_enter(h, &slow, &join, on_push);
	assert_int_equal(take_all(&slow), LIVE_NOTHING);
	for (uint64_t seq = 2; seq < 6; seq++) {
		publish(h, seq);
		assert_int_equal(take_all(&quick), LIVE_NOTHING);
	}
	assert_int_equal(s->published, 4);
	assert_int_equal(s->sent, 1 + 1 + 4);
	assert_int_equal(take_all(&slow), LIVE_LOST);
	live_leave(&slow);
	assert_int_equal(s->behind, 1);
	live_cut(h, &o);
	assert_int_equal(take_all(&quick), LIVE_LOST);
	live_leave(&quick);
	assert_int_equal(s->cut, 1);
	live_enter(h, &silent, &join, on_push);
	live_silent(&silent);
	live_leave(&silent);
	live_silent(&silent); /* in no hub any more */
	assert_int_equal(s->silent, 1);
	assert_int_equal(s->behind, 1);
	live_free(h);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(answers_are_counted_by_kind_and_class),
	    T(what_cannot_be_read_is_counted_without_a_time),
	    T(the_time_of_a_late_answer_is_told),
	    T(connections_over_the_limit_are_counted),
	    cmocka_unit_test(live_frames_and_dropped_clients_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
