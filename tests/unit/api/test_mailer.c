/* The mailer against a relay: what the fold holds goes out once, a few at a time, and a stop leaves the rest queued. */
#include "../net/smtp_peer.h"

#include "api/mailer.h"
#include "base/mem.h"
#include "base/time.h"

#include <sys/stat.h>

struct rig {
	struct loop *loop;
	struct smtp_peer peer;
	struct scenario_mail mail;
	struct outbox outbox;
	struct mailer *mailer;
	struct timer *timer;
	int64_t ahead_ms; /* of the wall clock: attempts that wait long are not waited for */
	uint64_t seq;
	int sent, failed, for_good;
	size_t settled_wanted; /* so many, then it is stopped */
	bool deaf;             /* the fold takes no results */
	bool hurry;            /* the clock runs ahead to each next attempt */
	bool kept;             /* past the end of the loop, as the server keeps it */
	int64_t grace_ms;
	char error[MAIL_ERROR_MAX_BYTES + 1];
};

static struct why why;

static int64_t
wall_ms(void *ctx)
{
	struct rig *r = ctx;

	return time_wall_ms() + r->ahead_ms;
}

static void
on_stopped(void *ctx)
{
	struct rig *r = ctx;

	if (r->kept)
		return;
	mailer_free(r->mailer);
	r->mailer = NULL;
}

/* What the drill's commit would do. */
static void
committed(struct rig *r)
{
	mailer_committed(r->mailer, r->seq);
}

static void
after_result(struct rig *r)
{
	if (r->hurry)
		r->ahead_ms += 1000000;
	if (r->outbox.counts[MAIL_SENT] + r->outbox.counts[MAIL_FAILED] == r->settled_wanted)
		mailer_stop(r->mailer, r->grace_ms, on_stopped, r);
}

static void
on_sent(void *ctx, int32_t number)
{
	struct rig *r = ctx;

	r->sent++;
	r->seq++;
	if (!r->deaf)
		assert_int_equal(outbox_note_sent(&r->outbox, number, wall_ms(r), &why), ERR_OK);
	after_result(r);
}

static void
on_failed(void *ctx, int32_t number, bool permanent, const char *error)
{
	struct rig *r = ctx;

	r->failed++;
	r->for_good += permanent;
	r->seq++;
	snprintf(r->error, sizeof r->error, "%s", error);
	if (!r->deaf)
		assert_int_equal(
		    outbox_note_failed(&r->outbox, number, wall_ms(r), permanent, error, &why),
		    ERR_OK);
	after_result(r);
}

static int
set_up(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	assert_int_equal(loop_open(&r->loop, NULL), ERR_OK);
	peer_open(&r->peer);
	r->settled_wanted = SIZE_MAX;
	r->mail = (struct scenario_mail){.host = "127.0.0.1",
	    .port = r->peer.port,
	    .from = "drill@example.edu",
	    .timeout_ms = 60000};
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	assert_null(r->mailer);
	assert_int_equal(loop_close(r->loop), ERR_OK);
	peer_close(&r->peer);
	outbox_free(&r->outbox);
	free(r);
	return 0;
}

static void
start(struct rig *r)
{
	struct mailer_options o = {.loop = r->loop,
	    .mail = &r->mail,
	    .drill_id = "campus",
	    .outbox = &r->outbox,
	    .wall_ms = wall_ms,
	    .sent = on_sent,
	    .failed = on_failed,
	    .ctx = r};

	if (mailer_new(&o, &r->mailer, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void
queue(struct rig *r, const char *to)
{
	r->seq++;
	if (outbox_add(&r->outbox, outbox_next_number(&r->outbox), r->seq, 1000, to, "Notice",
		"text\n", &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static size_t
archived(const struct rig *r, const char *text)
{
	size_t n = 0;

	for (const char *s = r->peer.archive; (s = strstr(s, text)) != NULL; s++)
		n++;
	return n;
}

static void
a_thousand_each_once(void **state)
{
	struct rig *r = *state;
	char id[100];

	r->settled_wanted = 1000;
	for (int i = 0; i < 1000; i++)
		queue(r, "ok@x");
	start(r);
	committed(r);
	assert_int_equal(mailer_under_way(r->mailer), MAILER_AT_ONCE);
	loop_run(r->loop);
	assert_int_equal(r->sent, 1000);
	assert_int_equal(r->failed, 0);
	assert_int_equal(r->peer.taken, 1000);
	assert_true(r->peer.most_open <= MAILER_AT_ONCE + 2); /* a few that end just then */
	for (int i = 1; i <= 1000; i++) {
		snprintf(id, sizeof id, "Message-ID: <campus.%d.1000@example.edu>\n", i);
		if (archived(r, id) != 1)
			fail_msg("%s is there %zu times", id, archived(r, id));
	}
}

/* No word to anybody of a fact that is not on disk. */
static void
only_what_is_on_disk(void **state)
{
	struct rig *r = *state;

	start(r);
	queue(r, "ok-1@x");
	queue(r, "ok-2@x");
	r->settled_wanted = 1;
	mailer_committed(r->mailer, r->seq - 1);
	loop_run(r->loop);
	assert_int_equal(r->peer.taken, 1);
	assert_int_equal(archived(r, "ok-1@x"), 1);
	assert_int_equal(outbox_get(&r->outbox, 2)->state, MAIL_QUEUED);
}

static void
again_after_a_while(void **state)
{
	struct rig *r = *state;

	r->hurry = true;
	r->settled_wanted = 3;
	queue(r, "once@x");
	queue(r, "no@x");
	queue(r, "wait@x");
	start(r);
	committed(r);
	loop_run(r->loop);
	assert_int_equal(outbox_get(&r->outbox, 1)->state, MAIL_SENT);
	assert_int_equal(outbox_get(&r->outbox, 1)->attempts, 2);
	assert_int_equal(outbox_get(&r->outbox, 2)->state, MAIL_FAILED);
	assert_int_equal(outbox_get(&r->outbox, 2)->attempts, 1);
	assert_string_equal(
	    outbox_get(&r->outbox, 2)->error, "the relay says 550 5.1.1 no such user");
	assert_int_equal(outbox_get(&r->outbox, 3)->state, MAIL_FAILED);
	assert_int_equal(outbox_get(&r->outbox, 3)->attempts, MAIL_ATTEMPTS_MAX);
	assert_int_equal(r->for_good, 1);
}

static void
stop_now(void *ctx)
{
	struct rig *r = ctx;

	timer_close(r->timer);
	mailer_stop(r->mailer, r->grace_ms, on_stopped, r);
}

/* The relay hangs: a stop cuts after its grace and reports nothing. */
static void
a_stop_leaves_it_queued(void **state)
{
	struct rig *r = *state;
	int64_t begun = time_mono_ms();

	queue(r, "cut@x");
	queue(r, "hang@x");
	r->grace_ms = 300;
	start(r);
	committed(r);
	r->timer = timer_new(r->loop, stop_now, r);
	timer_at(r->timer, loop_now_ms(r->loop) + 300);
	loop_run(r->loop);
	assert_true(time_mono_ms() - begun < 4000);
	assert_int_equal(outbox_get(&r->outbox, 2)->state, MAIL_QUEUED);
	assert_int_equal(outbox_get(&r->outbox, 2)->attempts, 0);
	assert_int_equal(outbox_get(&r->outbox, 1)->attempts, 1);
	assert_int_equal(r->sent, 0);
	assert_int_equal(r->peer.taken, 0);
}

/* A mail that waits for its next attempt, 15 s away, holds up no stop. */
static void
a_stop_waits_for_no_attempt(void **state)
{
	struct rig *r = *state;
	int64_t begun = time_mono_ms();

	queue(r, "wait@x");
	r->kept = true;
	start(r);
	committed(r);
	r->timer = timer_new(r->loop, stop_now, r);
	timer_at(r->timer, loop_now_ms(r->loop) + 500);
	loop_run(r->loop);
	assert_true(time_mono_ms() - begun < 8000);
	assert_int_equal(r->failed, 1);
	assert_int_equal(outbox_get(&r->outbox, 1)->state, MAIL_QUEUED);
	mailer_free(r->mailer);
	r->mailer = NULL;
	loop_run(r->loop);
}

/* A crash after the relay took it and before the event: the fold is built anew, and the repeat is the same to the byte. */
static void
a_repeat_is_known_by_its_id(void **state)
{
	struct rig *r = *state;
	size_t half;

	r->deaf = true;
	for (int turn = 0; turn < 2; turn++) {
		queue(r, "ok@x");
		start(r);
		committed(r);
		mailer_stop(r->mailer, 30000, on_stopped, r);
		loop_run(r->loop);
		if (turn == 0)
			outbox_free(&r->outbox);
	}
	assert_int_equal(r->sent, 2);
	assert_int_equal(archived(r, "Message-ID: <campus.1.1000@example.edu>\n"), 2);
	half = r->peer.archive_len / 2;
	assert_memory_equal(r->peer.archive, r->peer.archive + half, half);
}

/* What is under way when it is stopped may end, and that is told. */
static void
a_stop_lets_the_last_one_end(void **state)
{
	struct rig *r = *state;

	queue(r, "leave@x");
	r->grace_ms = 30000;
	start(r);
	committed(r);
	mailer_stop(r->mailer, r->grace_ms, on_stopped, r);
	loop_run(r->loop);
	assert_int_equal(r->sent, 1);
}

/* A result that the fold did not take must not send the mail for ever. */
static void
no_hot_loop(void **state)
{
	struct rig *r = *state;

	r->deaf = true;
	queue(r, "ok@x");
	start(r);
	committed(r);
	r->timer = timer_new(r->loop, stop_now, r);
	timer_at(r->timer, loop_now_ms(r->loop) + 500);
	loop_run(r->loop);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->peer.taken, 1);
}

static void
retried_by_the_timer(void **state)
{
	struct rig *r = *state;

	queue(r, "once@x");
	assert_int_equal(
	    outbox_note_failed(&r->outbox, 1, wall_ms(r), false, "before", &why), ERR_OK);
	r->ahead_ms = 15000 - 300; /* due in 300 ms */
	r->settled_wanted = 1;
	r->peer.attempts = 1;
	start(r);
	committed(r);
	assert_int_equal(mailer_under_way(r->mailer), 0);
	loop_run(r->loop);
	assert_int_equal(r->sent, 1);
}

static void
idle_stops_at_once(void **state)
{
	struct rig *r = *state;

	start(r);
	mailer_stop(r->mailer, 60000, on_stopped, r);
	mailer_stop(r->mailer, 60000, on_stopped, r);
	loop_run(r->loop);
}

static void
passwords(void **state)
{
	struct rig *r = *state;
	struct mailer_options o = {.loop = r->loop, .mail = &r->mail, .outbox = &r->outbox};
	char path[] = "/tmp/drill-mail-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	r->mail.user = "drill";
	r->mail.password_env = "DRILL_TEST_NO_SUCH_VARIABLE";
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_NOT_FOUND);
	assert_string_equal(why.text,
	    "the mail's password is not there: set the environment variable "
	    "DRILL_TEST_NO_SUCH_VARIABLE");
	setenv("DRILL_TEST_PASSWORD", "", 1);
	r->mail.password_env = "DRILL_TEST_PASSWORD";
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_INVALID);
	setenv("DRILL_TEST_PASSWORD", "a\nb", 1);
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_INVALID);
	assert_null(strstr(why.text, "a\nb"));
	r->mail.password_env = NULL;
	r->mail.password_file = path;
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_INVALID); /* empty */
	assert_int_equal(write(fd, "secret\n", 7), 7);
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_FORBIDDEN);
	assert_int_equal(fchmod(fd, 0600), 0);
	start(r);
	mailer_stop(r->mailer, 0, on_stopped, r);
	loop_run(r->loop);
	close(fd);
	unlink(path);
	assert_int_equal(mailer_new(&o, &r->mailer, &why), ERR_NOT_FOUND);
	r->mailer = NULL;
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_thousand_each_once),
	    T(only_what_is_on_disk),
	    T(again_after_a_while),
	    T(a_stop_leaves_it_queued),
	    T(a_stop_waits_for_no_attempt),
	    T(a_repeat_is_known_by_its_id),
	    T(a_stop_lets_the_last_one_end),
	    T(no_hot_loop),
	    T(retried_by_the_timer),
	    T(idle_stops_at_once),
	    T(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
