#include "live_rig.h"

/* ---- joining ---- */

static void
without_since_a_client_begins_with_a_snapshot(void **state)
{
	struct hub *h = *state;
	int fd = join(h, "");

	assert_text(fd, "snapshot -1 at 100");
	rig_run(h->rig, job_publish, h);
	assert_text(fd, "public 101");
	rig_run(h->rig, job_publish, h);
	assert_text(fd, "public 102");
	leave(fd);
	await_clients(h, 0);
}

static void
each_audience_sees_its_own(void **state)
{
	struct hub *h = *state;
	int staff = join(h, "?as=-2"), seven = join(h, "?as=7"), eight = join(h, "?as=8");

	assert_text(staff, "snapshot -2 at 100");
	assert_text(seven, "snapshot 7 at 100");
	assert_text(eight, "snapshot 8 at 100");
	rig_run(h->rig, job_publish, h);
	assert_text(staff, "staff 101");
	assert_text(seven, "team 101");
	assert_text(eight, "public 101");
	rig_run(h->rig, job_publish_staff, h);
	rig_run(h->rig, job_publish, h);
	assert_text(staff, "staff 102");
	assert_text(staff, "staff 103");
	assert_text(seven, "team 102");
	assert_text(seven, "team 103");
	assert_text(eight, "public 103");
	leave(staff);
	leave(seven);
	leave(eight);
}

static void
a_since_inside_the_ring_goes_on_from_there(void **state)
{
	struct hub *h = *state;
	int fd;

	for (int i = 0; i < 6; i++) /* 101..106; the ring keeps 103..106 */
		rig_run(h->rig, job_publish, h);
	fd = join(h, "?since=104");
	assert_text(fd, "public 105");
	assert_text(fd, "public 106");
	leave(fd);
	fd = join(h, "?since=102"); /* the last one that fell off: nothing is missing after it */
	for (int i = 103; i <= 106; i++) {
		char want[32];

		snprintf(want, sizeof want, "public %d", i);
		assert_text(fd, want);
	}
	leave(fd);
	fd = join(h, "?since=106");
	rig_run(h->rig, job_publish, h);
	assert_text(fd, "public 107");
	leave(fd);
	assert_int_equal(h->snapshots, 0);
}

static void
a_since_outside_the_ring_gets_a_snapshot(void **state)
{
	struct hub *h = *state;
	static const char *const since[] = {
	    "?since=101", "?since=107", "?since=0", "?since=18446744073709551615", ""};
	int fd;

	fd = join(h, "?since=100"); /* nothing was published: nobody knows what came before */
	assert_text(fd, "snapshot -1 at 100");
	leave(fd);
	for (int i = 0; i < 6; i++)
		rig_run(h->rig, job_publish, h);
	for (size_t i = 0; i < sizeof since / sizeof since[0]; i++) {
		fd = join(h, since[i]);
		assert_text(fd, "snapshot -1 at 106");
		leave(fd);
	}
	assert_int_equal(h->snapshots, 2); /* one served all that came between two publications */
}

static void
what_came_before_the_first_frame_is_not_taken_for_nothing(void **state)
{
	struct hub *h = *state;
	int fd;

	rig_run(h->rig, job_publish, h);
	fd = join(h, "?since=100"); /* frame 101 may not be all there was since 100 */
	assert_text(fd, "snapshot -1 at 101");
	leave(fd);
	fd = join(h, "?since=101");
	rig_run(h->rig, job_publish, h);
	assert_text(fd, "public 102");
	leave(fd);
}

static void
a_client_too_slow_is_closed_and_told_to_come_again(void **state)
{
	struct hub *h = *state;
	int fd = dial(h->rig->port);
	char *a, *text;
	int code = 0, op;
	size_t len;

	a = shake(fd, "", HANDSHAKE);
	assert_status(a, 101);
	free(a);
	for (int i = 0; i < 60; i++) /* 18 MB: more than the kernel holds */
		rig_run(h->rig, job_publish_big, h);
	do {
		op = get_frame(fd, &text, &len);
		if (op == 8)
			code = (uint8_t)text[0] << 8 | (uint8_t)text[1];
		free(text);
	} while (op != 8);
	assert_int_equal(code, 1013);
	close(fd);
	await_clients(h, 0);
}

static void
the_ring_is_bounded_in_bytes(void **state)
{
	struct hub *h = hub_new(1000, 650000, 0);
	int fd;

	(void)state;
	for (int i = 0; i < 4; i++) /* 300,0xx each: the ring keeps the last two, 103 and 104 */
		rig_run(h->rig, job_publish_big, h);
	fd = join(h, "?since=101");
	assert_text(fd, "snapshot -1 at 104");
	leave(fd);
	fd = join(h, "?since=103");
	rig_run(h->rig, job_publish, h);
	{
		char *text;
		size_t len;

		assert_int_equal(get_frame(fd, &text, &len), 1);
		assert_int_equal(len, 300000);
		assert_memory_equal(text, h->rig->big, len);
		free(text);
	}
	assert_text(fd, "public 105");
	leave(fd);
	tear_down((void **)&h);
}

static void
job_publish_lengths(struct rig *r, void *ctx)
{
	static const size_t lengths[] = {1, 125, 126, 127, 65535, 65536};

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		publish(ctx, r->big, lengths[i], false);
}

static void
frames_of_all_lengths_arrive_whole(void **state)
{
	static const size_t lengths[] = {1, 125, 126, 127, 65535, 65536};
	struct hub *h = hub_new(100, 1024 * 1024, 0);
	int fd = join(h, "");
	char *text;
	size_t len;

	(void)state;
	assert_text(fd, "snapshot -1 at 100");
	rig_run(h->rig, job_publish_lengths, h);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		assert_int_equal(get_frame(fd, &text, &len), 1);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(text, h->rig->big, len);
		free(text);
	}
	leave(fd);
	tear_down((void **)&h);
}

/* ---- refusing ---- */

static void
check_refusal(struct hub *h, const char *query, const char *headers, int status, const char *part)
{
	int fd = dial(h->rig->port);
	char *a = shake(fd, query, headers);

	assert_status(a, status);
	assert_has(a, "Content-Type: application/problem+json");
	assert_has(a, part);
	free(a);
	close(fd);
}

static void
a_bad_handshake_is_refused_before_the_upgrade(void **state)
{
	struct hub *h = *state;
	int fds[3];

	check_refusal(h, "", "", 426, "speaks WebSocket");
	check_refusal(h, "", "Upgrade: h2c\r\nConnection: Upgrade\r\n", 426, "speaks WebSocket");
	check_refusal(h, "", HANDSHAKE "Cookie: bad\r\n", 401,
	    "{\"detail\":\"sign in first\",\"status\":401,\"title\":\"unauthorized\"");
	check_refusal(h, "", HANDSHAKE "Authorization: Bearer red\r\n", 403, "not for this role");
	check_refusal(h, "", HANDSHAKE "Origin: https://evil.example\r\n", 403, "Origin");
	check_refusal(
	    h, "", HANDSHAKE "Origin: https://board:8443.evil.example\r\n", 403, "Origin");
	check_refusal(h, "", HANDSHAKE "Origin: null\r\n", 403, "Origin");
	check_refusal(h, "",
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
	    426, "Sec-WebSocket-Version: 13");
	check_refusal(h, "",
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: short\r\n",
	    400, "16 bytes");
	for (int i = 0; i < 3; i++)
		fds[i] = join(h, "");
	check_refusal(h, "", HANDSHAKE, 503, "try again later");
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	await_clients(h, 0);
}

static void
our_own_origin_may_join(void **state)
{
	struct hub *h = *state;
	int fd = dial(h->rig->port);
	char *a = shake(fd, "", HANDSHAKE "Origin: https://BOARD:8443\r\n");

	assert_status(a, 101);
	free(a);
	assert_text(fd, "snapshot -1 at 100");
	leave(fd);
}

static void
only_the_live_path_is_a_websocket(void **state)
{
	struct hub *h = *state;
	char *a = ask(h->rig->port, "GET /other HTTP/1.1\r\nHost: h\r\n" HANDSHAKE "\r\n");

	assert_status(a, 200);
	assert_has(a, "path=/other");
	free(a);
}

/* ---- what clients send ---- */

static void
a_client_may_send_short_text_and_pings(void **state)
{
	struct hub *h = *state;
	int fd = join(h, "");
	char *text;

	assert_text(fd, "snapshot -1 at 100");
	put_frame(fd, 0x81, "hello", 5);
	put_frame(fd, 0x01, "in", 2);
	put_frame(fd, 0x89, "mid", 3); /* control frames may come between */
	put_frame(fd, 0x80, "parts", 5);
	assert_int_equal(get_frame(fd, &text, NULL), 10);
	assert_string_equal(text, "mid");
	free(text);
	rig_run(h->rig, job_publish, h);
	assert_text(fd, "public 101");
	leave(fd);
}

static void
what_no_client_should_send_closes_with_its_code(void **state)
{
	static const struct {
		int first, code;
		size_t len;
		const char *data;
	} list[] = {
	    {0x82, 1003, 3, "bin"}, {0x81, 1007, 2, "\xff\xfe"}, {0x81, 1009, 4097, NULL},
	    {0xc1, 1002, 1, "a"}, /* a reserved bit: no extension was agreed */
	    {0x83, 1002, 1, "a"}, /* no such opcode */
	    {0x80, 1002, 1, "a"}, /* goes on with nothing */
	    {0x09, 0, 1, "a"},    /* a control frame in parts */
	    {0x88, 0, 1, "a"},    /* half a code: no frame, so no code in return either */
	};
	struct hub *h = *state;
	int fd;

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		fd = join(h, "");
		assert_text(fd, "snapshot -1 at 100");
		put_frame(fd, list[i].first, list[i].data != NULL ? list[i].data : h->rig->big,
		    list[i].len);
		assert_closed(fd, list[i].code);
	}
	fd = join(h, "");
	assert_text(fd, "snapshot -1 at 100");
	put_bytes(fd,
	    "\x81\x01"
	    "a",
	    3); /* not masked */
	assert_closed(fd, 1002);
	await_clients(h, 0);
}

static void
a_silent_client_is_pinged_and_then_dropped(void **state)
{
	struct hub *h = *state;
	int good = join(h, ""), silent = join(h, "");
	char *text;

	assert_text(good, "snapshot -1 at 100");
	assert_text(silent, "snapshot -1 at 100");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(get_frame(good, &text, NULL), 9);
		free(text);
		put_frame(good, 0x8a, "", 0);
	}
	assert_int_equal(get_frame(silent, &text, NULL), 9);
	free(text);
	assert_ended(silent);
	await_clients(h, 1);
	leave(good);
	close(silent);
}

static void
clients_hear_that_the_server_goes_down(void **state)
{
	struct hub *h = hub_new(4, 1000, 0);
	int fd = join(h, "");
	char *text;
	size_t len;

	(void)state;
	assert_text(fd, "snapshot -1 at 100");
	tear_down((void **)&h);
	assert_int_equal(get_frame(fd, &text, &len), 8);
	assert_int_equal((uint8_t)text[0] << 8 | (uint8_t)text[1], 1001);
	free(text);
	close(fd);
}

static void
garbage_frames_do_not_stop_the_server(void **state)
{
	struct hub *h = *state;
	uint32_t seed = 7;
	char noise[64], *all;
	int fd;

	for (int i = 0; i < 300; i++) {
		fd = join(h, "");
		for (size_t k = 0; k < sizeof noise; k++)
			noise[k] = (char)((seed = seed * 1664525 + 1013904223) >> 16);
		noise[0] = (char)(0x80 | (noise[0] & 15));
		put_bytes(fd, noise, sizeof noise);
		shutdown(fd, SHUT_WR);
		all = read_all(fd, NULL);
		free(all);
		close(fd);
		await_clients(h, 0);
	}
	fd = join(h, "");
	assert_text(fd, "snapshot -1 at 100");
	leave(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(without_since_a_client_begins_with_a_snapshot),
	    T(each_audience_sees_its_own),
	    T(a_since_inside_the_ring_goes_on_from_there),
	    T(a_since_outside_the_ring_gets_a_snapshot),
	    T(what_came_before_the_first_frame_is_not_taken_for_nothing),
	    T(a_client_too_slow_is_closed_and_told_to_come_again),
	    cmocka_unit_test(the_ring_is_bounded_in_bytes),
	    cmocka_unit_test(frames_of_all_lengths_arrive_whole),
	    T(a_bad_handshake_is_refused_before_the_upgrade),
	    T(our_own_origin_may_join),
	    T(only_the_live_path_is_a_websocket),
	    T(a_client_may_send_short_text_and_pings),
	    T(what_no_client_should_send_closes_with_its_code),
	    cmocka_unit_test_setup_teardown(
		a_silent_client_is_pinged_and_then_dropped, set_up_pinging, tear_down),
	    cmocka_unit_test(clients_hear_that_the_server_goes_down),
	    T(garbage_frames_do_not_stop_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
