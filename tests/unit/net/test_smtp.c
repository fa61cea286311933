/* One mail to one relay: what each answer comes to, and that no relay keeps us longer than its time. */
#include "smtp_peer.h"

#include "base/mem.h"
#include "base/time.h"
#include "net/smtp.h"

struct rig {
	struct loop *loop;
	struct smtp_peer peer;
	struct smtp *smtp;
	struct smtp_relay relay;
	struct smtp_result result;
	struct timer *timer;
	int done, closed;
	bool keep_open; /* on_done does not close */
};

static struct why why;

static void
on_closed(void *ctx)
{
	struct rig *r = ctx;

	r->closed++;
}

static void
on_done(void *ctx, const struct smtp_result *result)
{
	struct rig *r = ctx;

	r->result = *result;
	r->done++;
	if (!r->keep_open)
		smtp_close(r->smtp, on_closed, r);
}

static int
set_up(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	assert_int_equal(loop_open(&r->loop, NULL), ERR_OK);
	peer_open(&r->peer);
	r->relay = (struct smtp_relay){.host = "127.0.0.1",
	    .port = r->peer.port,
	    .tls = SMTP_TLS_NONE,
	    .helo = "drill.example.edu",
	    .connect_ms = 1000,
	    .total_ms = 1500};
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	assert_int_equal(loop_close(r->loop), ERR_OK);
	peer_close(&r->peer);
	free(r);
	return 0;
}

static enum err
begin(struct rig *r, const char *to)
{
	struct mail_message m = {.from = "drill@example.edu",
	    .to = to,
	    .subject = "Notice",
	    .text = ".\nhello\n",
	    .id = "<1@example.edu>"};

	return smtp_send(r->smtp, &m, on_done, r, &why);
}

/* Sends one and returns how long it took. */
static int64_t
send_one(struct rig *r, const char *to)
{
	int64_t start = time_mono_ms();

	if (smtp_open(r->loop, &r->relay, 1, &r->smtp, &why) != ERR_OK || begin(r, to) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(r->done, 0);
	loop_run(r->loop);
	assert_int_equal(r->done, 1);
	assert_int_equal(r->closed, 1);
	r->done = r->closed = 0;
	return time_mono_ms() - start;
}

static void
expect(struct rig *r, const char *to, enum smtp_outcome outcome, int code, const char *said)
{
	int64_t ms = send_one(r, to);

	if (r->result.outcome != outcome || r->result.code != code ||
	    strcmp(r->result.said.text, said) != 0)
		fail_msg(
		    "%s: %d %d %s", to, r->result.outcome, r->result.code, r->result.said.text);
	if (ms > 5000)
		fail_msg("%s took %lld ms", to, (long long)ms);
}

static void
taken(void **state)
{
	struct rig *r = *state;

	expect(r, "ok@x", SMTP_SENT, 250, "");
	assert_int_equal(r->peer.taken, 1);
	assert_non_null(strstr(r->peer.archive, "Message-ID: <1@example.edu>\n"));
	assert_non_null(strstr(r->peer.archive, "To: <ok@x>\n"));
	assert_int_equal(r->peer.connections, 1);
}

/* 4xx is for another time, 5xx for good, wherever in the talk it comes. */
static void
refusals(void **state)
{
	struct rig *r = *state;

	expect(r, "no@x", SMTP_REFUSED, 550, "the relay says 550 5.1.1 no such user");
	assert_string_equal(r->result.logged.text, "the relay says 550");
	expect(r, "bad@x", SMTP_REFUSED, 554, "the relay says 554 looks like spam");
	expect(r, "wait@x", SMTP_LATER, 451, "the relay says 451 4.7.1 come again");
	expect(r, "full@x", SMTP_LATER, 452, "the relay says 452 no room");
	expect(r, "cut@x", SMTP_LATER, 354, "the relay broke the connection off");
	assert_int_equal(r->peer.taken, 0);
}

static void
a_greeting_is_about_the_relay(void **state)
{
	struct rig *r = *state;

	r->peer.greeting = "554 nobody here";
	expect(r, "ok@x", SMTP_LATER, 554, "the relay lets nobody in: 554 nobody here");
	r->peer.greeting = "421 too busy";
	expect(r, "ok@x", SMTP_LATER, 421, "the relay lets nobody in: 421 too busy");
	r->peer.greeting = "";
	expect(r, "ok@x", SMTP_LATER, 0, "the relay broke the connection off");
	r->peer.greeting = "HTTP/1.1 400 what?";
	(void)send_one(r, "ok@x");
	assert_int_equal(r->result.outcome, SMTP_LATER);
}

static void
nobody_there(void **state)
{
	struct rig *r = *state;

	r->relay.port = 1;
	expect(r, "ok@x", SMTP_LATER, 0, "the relay does not take connections");
	r->relay.host = "no-such-host.invalid";
	(void)send_one(r, "ok@x");
	assert_int_equal(r->result.outcome, SMTP_LATER);
}

static void
silence_ends(void **state)
{
	struct rig *r = *state;

	expect(r, "hang@x", SMTP_LATER, 250, "the relay does not answer in time");
	r->peer.greeting = NULL;
	expect(r, "ok@x", SMTP_LATER, 0, "the relay does not answer in time");
}

/* It has the mail: that it says no good-bye does not make a second one of it. */
static void
no_goodbye(void **state)
{
	struct rig *r = *state;

	r->relay.connect_ms = r->relay.total_ms = 60000;
	expect(r, "leave@x", SMTP_SENT, 250, "");
	assert_int_equal(r->peer.taken, 1);
}

static void
loud_answers_are_cut_and_tamed(void **state)
{
	struct rig *r = *state;

	(void)send_one(r, "shout@x");
	assert_int_equal(r->result.outcome, SMTP_REFUSED);
	assert_true(strlen(r->result.said.text) < 400);
	for (const char *s = r->result.said.text; *s != '\0'; s++)
		assert_true(*s >= ' ' && *s <= '~');
}

static void
no_tls_no_mail(void **state)
{
	struct rig *r = *state;

	r->relay.tls = SMTP_TLS_REQUIRED;
	expect(r, "ok@x", SMTP_LATER, 250,
	    "the relay does not begin TLS, without which nothing is sent");
	r->relay.tls = SMTP_TLS_IMPLICIT;
	(void)send_one(r, "ok@x");
	assert_int_equal(r->result.outcome, SMTP_LATER);
	assert_int_equal(r->peer.taken, 0);
}

static void
a_mail_that_is_none_is_not_begun(void **state)
{
	struct rig *r = *state;

	assert_int_equal(smtp_open(r->loop, &r->relay, 0, &r->smtp, &why), ERR_INVALID);
	assert_int_equal(
	    smtp_open(r->loop, &r->relay, SMTP_AT_ONCE_MAX + 1, &r->smtp, &why), ERR_INVALID);
	assert_int_equal(smtp_open(r->loop, &r->relay, 1, &r->smtp, &why), ERR_OK);
	assert_int_equal(begin(r, "ok@x\r\nRCPT TO:<no@x>"), ERR_INVALID);
	assert_int_equal(begin(r, "ok@x> NOTIFY=NEVER"), ERR_INVALID);
	assert_int_equal(smtp_under_way(r->smtp), 0);
	smtp_close(r->smtp, on_closed, r);
	assert_int_equal(r->closed, 0);
	loop_run(r->loop);
	assert_int_equal(r->closed, 1);
	assert_int_equal(r->done, 0);
	assert_int_equal(r->peer.connections, 0);
}

static void
close_now(void *ctx)
{
	struct rig *r = ctx;

	timer_close(r->timer);
	smtp_close(r->smtp, on_closed, r);
	assert_int_equal(begin(r, "ok@x"), ERR_CLOSED);
}

/* Closing does not wait for a relay that says nothing. */
static void
closing_cuts(void **state)
{
	struct rig *r = *state;
	int64_t start = time_mono_ms();

	r->relay.connect_ms = r->relay.total_ms = 60000;
	r->keep_open = true;
	assert_int_equal(smtp_open(r->loop, &r->relay, 3, &r->smtp, &why), ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(begin(r, "hang@x"), ERR_OK);
	assert_int_equal(begin(r, "ok@x"), ERR_BUSY);
	assert_int_equal(smtp_under_way(r->smtp), 3);
	r->timer = timer_new(r->loop, close_now, r);
	timer_at(r->timer, loop_now_ms(r->loop) + 200);
	loop_run(r->loop);
	assert_int_equal(r->done, 3);
	assert_int_equal(r->result.outcome, SMTP_CANCELLED);
	assert_int_equal(r->closed, 1);
	assert_true(time_mono_ms() - start < 3000);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(taken),
	    T(refusals),
	    T(a_greeting_is_about_the_relay),
	    T(nobody_there),
	    T(silence_ends),
	    T(no_goodbye),
	    T(loud_answers_are_cut_and_tamed),
	    T(no_tls_no_mail),
	    T(a_mail_that_is_none_is_not_begun),
	    T(closing_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
