/* The feed: when frames go out, and what is in them. */
#include "api/feed.h"
#include "net/live_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct rig {
	struct feed *feed;
	struct live_hub *hub;
	struct live_client client;
	uint64_t seq;
};

static void
on_push(struct live_client *c)
{
	(void)c; /* the test takes what is there when it looks */
}

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	(void)audience;
	*seq = ((struct rig *)ctx)->seq;
	return payload_new("{}", 2);
}

static void
rig_open(struct rig *r)
{
	struct live_options o = {.ring_frames = 64,
	    .ring_bytes = 1 << 20,
	    .clients_max = 1000,
	    .snapshot = on_snapshot,
	    .ctx = r};
	struct live_join join = {.audience = LIVE_PUBLIC, .since = UINT64_MAX};
	struct payload *p;

	*r = (struct rig){.feed = feed_new(480), .hub = live_new(&o)};
	feed_attach(r->feed, r->hub);
	live_enter(r->hub, &r->client, &join, on_push);
	assert_int_equal(live_take(&r->client, &p), LIVE_PAYLOAD);
	payload_drop(p);
}

static void
rig_close(struct rig *r)
{
	live_leave(&r->client);
	live_free(r->hub);
	feed_free(r->feed);
}

/* An event whose delta needs no game, committed or not. */
static void
append(struct rig *r, bool commit)
{
	struct event ev = {.kind = EV_TICK_BEGAN, .seq = ++r->seq, .at_ms = 1813459200000};

	ev.u.tick.tick = (int32_t)r->seq;
	feed_event(r->feed, NULL, &ev, ST_NONE, false);
	if (commit)
		feed_committed(r->feed, r->seq);
}

/* How many deltas the client's next frame has; 0 if none is there. */
static int
deltas_taken(struct rig *r)
{
	const char *frame, *at;
	struct payload *p;
	size_t len;
	int n = 0;

	if (live_take(&r->client, &p) != LIVE_PAYLOAD)
		return 0;
	frame = payload_frame(p, &len);
	for (at = frame; (at = memmem(at, len - (size_t)(at - frame), "\"seq\":", 6)) != NULL;
	     at += 6)
		n++;
	payload_drop(p);
	return n;
}

static void
test_silence_then_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	append(&r, true);
	assert_int_equal(feed_due_ms(r.feed), 0);
	feed_step(r.feed, 1000);
	assert_int_equal(deltas_taken(&r), 1);
	append(&r, true);
	feed_step(r.feed, 9000);
	assert_int_equal(deltas_taken(&r), 1);
	rig_close(&r);
}

/* What commits within the gap goes out together at its end, in one frame. */
static void
test_burst_is_one_frame(void **state)
{
	struct rig r;
	int64_t due;

	(void)state;
	rig_open(&r);
	append(&r, true);
	feed_step(r.feed, 1000);
	assert_int_equal(deltas_taken(&r), 1);
	for (int i = 0; i < 5; i++) {
		append(&r, true);
		feed_step(r.feed, 1001 + i);
	}
	assert_int_equal(deltas_taken(&r), 0);
	due = feed_due_ms(r.feed);
	assert_in_range(due, 1020, 1100);
	feed_step(r.feed, due - 1);
	assert_int_equal(deltas_taken(&r), 0);
	feed_step(r.feed, due);
	assert_int_equal(deltas_taken(&r), 5);
	assert_int_equal(deltas_taken(&r), 0);
	rig_close(&r);
}

/* What is not on disk goes nowhere and is not waited for. */
static void
test_only_what_is_durable(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	append(&r, true);
	append(&r, false);
	feed_step(r.feed, 1000);
	assert_int_equal(deltas_taken(&r), 1);
	assert_true(feed_due_ms(r.feed) == INT64_MAX);
	feed_step(r.feed, 9000);
	assert_int_equal(deltas_taken(&r), 0);
	feed_committed(r.feed, r.seq);
	feed_step(r.feed, 9000);
	assert_int_equal(deltas_taken(&r), 1);
	rig_close(&r);
}

/* Many clients make the gap longer. */
static void
test_gap_grows_with_clients(void **state)
{
	struct live_client more[500] = {0};
	struct live_join join = {.audience = LIVE_PUBLIC, .since = 0};
	int64_t alone;
	struct rig r;

	(void)state;
	rig_open(&r);
	append(&r, true);
	feed_step(r.feed, 1000);
	append(&r, true);
	alone = feed_due_ms(r.feed) - 1000;
	for (size_t i = 0; i < 500; i++)
		live_enter(r.hub, &more[i], &join, on_push);
	feed_step(r.feed, 2000);
	append(&r, true);
	assert_true(feed_due_ms(r.feed) - 2000 > alone);
	for (size_t i = 0; i < 500; i++)
		live_leave(&more[i]);
	rig_close(&r);
}

/* A hundred departments that share staff's payload do not crowd earlier frames out of the ring. */
static void
test_shared_payload_counts_once(void **state)
{
	static char text[4000];
	struct live_options o = {
	    .ring_frames = 64, .ring_bytes = 10000, .clients_max = 10, .snapshot = on_snapshot};
	struct live_join join = {.audience = 7, .since = 1};
	struct live_part parts[100];
	struct live_frame first = {.seq = 1}, second = {.seq = 2},
			  wide = {.seq = 3, .parts = parts, .part_count = 100};
	struct live_client client;
	struct payload *p;
	struct rig r = {0};
	const char *text_of;
	size_t len;

	(void)state;
	o.ctx = &r;
	r.hub = live_new(&o);
	memset(text, 'a', sizeof text);
	first.public_ = first.staff = second.public_ = second.staff = payload_new("early", 5);
	wide.staff = payload_new(text, sizeof text);
	for (int i = 0; i < 100; i++)
		parts[i] = (struct live_part){.audience = i, .payload = wide.staff};
	live_publish(r.hub, &first);
	live_publish(r.hub, &second);
	live_publish(r.hub, &wide);
	payload_drop(first.public_);
	payload_drop(wide.staff);
	live_enter(r.hub, &client, &join, on_push);
	assert_int_equal(live_take(&client, &p), LIVE_PAYLOAD);
	text_of = payload_frame(p, &len);
	assert_non_null(memmem(text_of, len, "early", 5)); /* no snapshot */
	payload_drop(p);
	assert_int_equal(live_take(&client, &p), LIVE_PAYLOAD);
	payload_frame(p, &len);
	assert_true(len > sizeof text); /* the department's part */
	payload_drop(p);
	live_leave(&client);
	live_free(r.hub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_silence_then_at_once),
	    cmocka_unit_test(test_burst_is_one_frame),
	    cmocka_unit_test(test_shared_payload_counts_once),
	    cmocka_unit_test(test_only_what_is_durable),
	    cmocka_unit_test(test_gap_grows_with_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
