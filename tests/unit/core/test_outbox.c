/* The queue of mails: what may go in, in which order it is due, how attempts end, what a restart finds. */
#include "core/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DURABLE UINT64_MAX

static struct why why;

static void
add(struct outbox *o, uint64_t seq, int64_t at_ms, const char *to)
{
	if (outbox_add(o, outbox_next_number(o), seq, at_ms, to, "Notice", "text\n", &why) !=
	    ERR_OK)
		fail_msg("%s", why.text);
}

static int32_t
due(const struct outbox *o, int64_t now_ms, uint64_t durable)
{
	int64_t again;
	const struct mail *m = outbox_due(o, now_ms, durable, NULL, 0, &again);

	return m != NULL ? m->number : 0;
}

static void
addresses(void **state)
{
	static const char *const good[] = {"a@b", "office@example.edu", "o'neil+x@mail.example.edu",
	    "a.b.c@1.2.3.4", "x@xn--fiq228c.cn", "A-Z_0@h-y.example"};
	static const char *const bad[] = {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "a..b@c",
	    ".a@b", "a.@b", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b-.c", "\"q\"@b",
	    "a@[1.2.3.4]", "<a@b>", "a@b\r\nBcc: c@d", "a\n@b", "a@b,c@d", "书@b", "a@书", "a@b>",
	    "a;b@c", "a@b_c", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b",
	    "a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};
	char longest[400] = "a@";

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (mail_address_check(good[i], &why) != ERR_OK)
			fail_msg("%s %s", good[i], why.text);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (mail_address_check(bad[i], NULL) != ERR_INVALID)
			fail_msg("taken: %s", bad[i]);
	while (strlen(longest) < 252)
		strcat(longest, "b.");
	strcat(longest, "c");
	assert_int_equal(mail_address_check(longest, NULL), ERR_OK);
	strcat(longest, ".dd");
	assert_int_equal(mail_address_check(longest, &why), ERR_INVALID);
	assert_string_equal(why.text, "is longer than 254 bytes");
	assert_string_equal(mail_address_host("a@b.c"), "b.c");
}

static void
what_may_be_queued(void **state)
{
	struct outbox o = {.count = 0};
	char *longest = malloc(MAIL_TEXT_MAX_BYTES + 2);

	(void)state;
	memset(longest, 'x', MAIL_TEXT_MAX_BYTES + 1);
	longest[MAIL_TEXT_MAX_BYTES + 1] = '\0';
	assert_int_equal(outbox_may_add(&o, "a@b", "主题", "正文\n\t行", 1, &why), ERR_OK);
	assert_int_equal(outbox_may_add(&o, "a", "s", "t", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "s\r\nBcc: x@y", "t", 1, &why), ERR_INVALID);
	assert_string_equal(
	    why.text, "the mail's subject has a control character; keep it on one line");
	assert_int_equal(outbox_may_add(&o, "a@b", "s\nt", "t", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", "a\rb", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", "\x1b[2J", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "\xff", "t", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", " ", "t", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", " \n", 1, &why), ERR_INVALID);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", longest, 1, &why), ERR_LIMIT);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", longest + 1, 1, &why), ERR_OK);
	assert_int_equal(outbox_may_add(&o, "a@b",
			     longest + MAIL_TEXT_MAX_BYTES - MAIL_SUBJECT_MAX_BYTES, "t", 1, &why),
	    ERR_LIMIT);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", "t", MAILS_WAITING_MAX, &why), ERR_OK);
	assert_int_equal(
	    outbox_may_add(&o, "a@b", "s", "t", MAILS_WAITING_MAX + 1, &why), ERR_LIMIT);
	assert_int_equal(outbox_may_add(&o, "a@b", "s", "t", SIZE_MAX, &why), ERR_LIMIT);
	/* An event that breaks a rule changes nothing. */
	assert_int_equal(outbox_add(&o, 1, 1, 1, "a", "s", "t", &why), ERR_INVALID);
	assert_int_equal(outbox_add(&o, 2, 1, 1, "a@b", "s", "t", &why), ERR_CONFLICT);
	assert_int_equal(o.count, 0);
	outbox_free(&o);
	free(longest);
}

/* Nothing is sent of which the event is not on disk; the one that waits longest goes first. */
static void
order_and_durability(void **state)
{
	struct outbox o = {.count = 0};
	int32_t flying[2] = {1, 2};
	int64_t again;

	(void)state;
	add(&o, 10, 1000, "a@b");
	add(&o, 11, 1000, "b@b");
	add(&o, 12, 900, "c@b");
	assert_int_equal(due(&o, 2000, 9), 0);
	assert_int_equal(due(&o, 2000, 10), 1);
	assert_int_equal(due(&o, 2000, 11), 1);
	assert_int_equal(due(&o, 2000, 12), 3);
	assert_int_equal(due(&o, 899, 12), 0);
	assert_int_equal(outbox_due(&o, 2000, 12, flying, 2, &again)->number, 3);
	assert_null(outbox_due(&o, 2000, 11, flying, 2, &again));
	assert_true(again == INT64_MAX);
	assert_null(outbox_due(&o, 899, 12, flying, 2, &again));
	assert_int_equal(again, 900);
	assert_int_equal(o.newest, 12);
	outbox_free(&o);
}

static void
sent_once(void **state)
{
	struct outbox o = {.count = 0};
	const struct mail *m;

	(void)state;
	add(&o, 1, 1000, "a@b");
	add(&o, 2, 1000, "b@b");
	assert_int_equal(outbox_note_sent(&o, 1, 1500, &why), ERR_OK);
	m = outbox_get(&o, 1);
	assert_int_equal(m->state, MAIL_SENT);
	assert_int_equal(m->attempts, 1);
	assert_int_equal(m->settled_ms, 1500);
	assert_string_equal(m->text, "");
	assert_int_equal(due(&o, 2000, DURABLE), 2);
	assert_int_equal(outbox_note_sent(&o, 1, 1600, &why), ERR_CONFLICT);
	assert_string_equal(why.text, "mail 1 is sent, not queued");
	assert_int_equal(outbox_note_failed(&o, 1, 1600, false, "x", &why), ERR_CONFLICT);
	assert_int_equal(outbox_note_again(&o, 1, 3, 1600, &why), ERR_CONFLICT);
	assert_int_equal(outbox_note_sent(&o, 0, 1, &why), ERR_NOT_FOUND);
	assert_int_equal(outbox_note_sent(&o, 3, 1, &why), ERR_NOT_FOUND);
	assert_int_equal(o.counts[MAIL_SENT], 1);
	assert_int_equal(o.counts[MAIL_QUEUED], 1);
	outbox_free(&o);
}

static void
attempts_wait_longer_and_end(void **state)
{
	struct outbox o = {.count = 0};
	const struct mail *m;
	int64_t now = 1000, waited = 0;

	(void)state;
	add(&o, 1, now, "a@b");
	m = outbox_get(&o, 1);
	assert_int_equal(outbox_delay_ms(1), 15000);
	assert_int_equal(outbox_delay_ms(2), 30000);
	assert_int_equal(outbox_delay_ms(7), 900000);
	assert_int_equal(outbox_delay_ms(INT32_MAX), 900000);
	for (int i = 1; i < MAIL_ATTEMPTS_MAX; i++) {
		assert_int_equal(due(&o, now, DURABLE), 1);
		assert_int_equal(outbox_note_failed(&o, 1, now, false, "451 later", &why), ERR_OK);
		assert_int_equal(m->state, MAIL_QUEUED);
		assert_int_equal(m->next_ms - now, outbox_delay_ms(i));
		assert_int_equal(due(&o, m->next_ms - 1, DURABLE), 0);
		waited += m->next_ms - now;
		now = m->next_ms;
	}
	assert_true(waited > 2 * 3600 * 1000);
	assert_int_equal(outbox_note_failed(&o, 1, now, false, "451 at last", &why), ERR_OK);
	assert_int_equal(m->state, MAIL_FAILED);
	assert_int_equal(m->attempts, MAIL_ATTEMPTS_MAX);
	assert_string_equal(m->error, "451 at last");
	assert_int_equal(due(&o, INT64_MAX, DURABLE), 0);
	/* By hand, from the beginning. */
	assert_int_equal(outbox_note_again(&o, 1, 99, now + 1, &why), ERR_OK);
	assert_int_equal(m->attempts, 0);
	assert_int_equal(due(&o, now + 1, 98), 0);
	assert_int_equal(due(&o, now + 1, 99), 1);
	assert_int_equal(o.counts[MAIL_FAILED], 0);
	outbox_free(&o);
}

static void
refused_for_good(void **state)
{
	struct outbox o = {.count = 0};
	char text[2 * MAIL_ERROR_MAX_BYTES + 2];

	(void)state;
	add(&o, 1, 1, "a@b");
	memset(text, 'x', sizeof text);
	memcpy(text + MAIL_ERROR_MAX_BYTES - 1, "书", 3); /* cut where the character begins */
	text[sizeof text - 1] = '\0';
	assert_int_equal(outbox_note_failed(&o, 1, 2, true, text, &why), ERR_OK);
	assert_int_equal(outbox_get(&o, 1)->state, MAIL_FAILED);
	assert_int_equal(outbox_get(&o, 1)->attempts, 1);
	assert_int_equal(strlen(outbox_get(&o, 1)->error), MAIL_ERROR_MAX_BYTES - 1);
	assert_int_equal(o.counts[MAIL_FAILED], 1);
	assert_int_equal(o.waiting_count, 0);
	outbox_free(&o);
}

/* A bundle without secrets: the mails are counted, never sent. */
static void
without_secrets(void **state)
{
	struct outbox o = {.count = 0};

	(void)state;
	assert_int_equal(outbox_add(&o, 1, 1, 1, "", "", "", &why), ERR_OK);
	assert_int_equal(due(&o, INT64_MAX, DURABLE), 0);
	assert_int_equal(outbox_note_failed(&o, 1, 2, false, "", &why), ERR_OK);
	assert_int_equal(outbox_note_sent(&o, 1, 3, &why), ERR_OK);
	assert_int_equal(outbox_add(&o, 2, 1, 1, "", "s", "t", &why), ERR_INVALID);
	outbox_free(&o);
}

/* The same Message-ID after a restart; another for another mail, and for another drill of the same name. */
static void
message_ids(void **state)
{
	struct outbox o = {.count = 0}, again = {.count = 0};
	char a[MAIL_ID_MAX_BYTES], b[MAIL_ID_MAX_BYTES];

	(void)state;
	add(&o, 1, 1750000000123, "a@b");
	add(&o, 2, 1750000000123, "a@b");
	add(&again, 1, 1750000000123, "a@b");
	add(&again, 2, 1750000009999, "a@b");
	assert_int_equal(outbox_note_failed(&o, 1, 1750000000200, false, "", &why), ERR_OK);
	outbox_message_id(outbox_get(&o, 1), "campus", "example.edu", a);
	outbox_message_id(outbox_get(&again, 1), "campus", "example.edu", b);
	assert_string_equal(a, "<campus.1.1750000000123@example.edu>");
	assert_string_equal(a, b);
	outbox_message_id(outbox_get(&o, 2), "campus", "example.edu", a);
	outbox_message_id(outbox_get(&again, 2), "campus", "example.edu", b);
	assert_string_not_equal(a, b);
	outbox_free(&o);
	outbox_free(&again);
}

static void
many(void **state)
{
	struct outbox o = {.count = 0};
	int64_t again;

	(void)state;
	for (int i = 0; i < MAILS_WAITING_MAX; i++)
		add(&o, (uint64_t)i + 1, 1, "a@b");
	assert_int_equal(
	    outbox_add(&o, outbox_next_number(&o), 1, 1, "a@b", "s", "t", &why), ERR_LIMIT);
	for (int32_t n = MAILS_WAITING_MAX; n > 0; n -= 2)
		assert_int_equal(outbox_note_sent(&o, n, 2, &why), ERR_OK);
	for (int32_t n = 1; n < MAILS_WAITING_MAX; n += 2) {
		assert_int_equal(outbox_due(&o, 5, DURABLE, NULL, 0, &again)->number, n);
		assert_int_equal(outbox_note_sent(&o, n, 2, &why), ERR_OK);
	}
	assert_int_equal(o.waiting_count, 0);
	assert_int_equal(o.counts[MAIL_SENT], MAILS_WAITING_MAX);
	outbox_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(what_may_be_queued),
	    cmocka_unit_test(order_and_durability),
	    cmocka_unit_test(sent_once),
	    cmocka_unit_test(attempts_wait_longer_and_end),
	    cmocka_unit_test(refused_for_good),
	    cmocka_unit_test(without_secrets),
	    cmocka_unit_test(message_ids),
	    cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
