/* The letters: each in both languages, with all that it is about, and only when its time has come. */
#include "ticket_rig.h"

#include "core/notice.h"

#define DAY_MS INT64_C(86400000)

static void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static struct game *
game_with_notice(void)
{
	struct game *g = core_game();
	struct event ev = registered(1, "library", "library-portal", "inspection:3");

	ticket_buffer.title = "the-title";
	ticket_buffer.evidence = "the-evidence";
	ticket_buffer.requirement = "the-requirement";
	ticket_buffer.in_charge = "the-head";
	ticket_buffer.run_by = "the-runner";
	ticket_buffer.used_by = "the-user";
	core_must(g, ev);
	return g;
}

/* The letter, in out, which is emptied before. */
static enum err
letter(const struct game *g, enum notice_kind kind, bool zh, int days_later, struct buf *out)
{
	struct notice_options o = {kind, zh, g->at_ms + days_later * DAY_MS, 0};

	buf_reset(out);
	core_why.text[0] = '\0';
	return notice_write(g, ticket_find(g, 1), &o, out, &core_why);
}

static void
test_all_of_them(void **state)
{
	static const char *const titles[NOTICE_KINDS][2] = {
	    {"Notice of rectification", "网络安全整改通知书"}, {"Reminder", "整改催办函"},
	    {"Summons to a talk", "督办约谈通知"}, {"Notice of criticism", "通报批评"}};
	struct game *g = game_with_notice();
	struct buf out;

	(void)state;
	buf_init(&out, NOTICE_MAX_BYTES);
	assert_int_equal(letter(g, NOTICE_NOTICE, true, 0, &out), ERR_CONFLICT);
	has(core_why.text, "no notice yet");
	core_must(g, notified(g, 1)); /* on a Sunday, due on Wednesday 2027-06-23 */
	for (int kind = 0; kind < NOTICE_KINDS; kind++)
		for (int zh = 0; zh < 2; zh++) {
			assert_int_equal(letter(g, (enum notice_kind)kind, zh, 8, &out), ERR_OK);
			has(out.data, titles[kind][zh]);
			has(out.data, "library-2027-001");
			has(out.data, "2027-06-23");
			has(out.data, "2027-06-28"); /* its own date */
			has(out.data, "the-title");
			has(out.data, "the-head");
			has(out.data, "the-runner");
			has(out.data, "the-user");
			has(out.data, zh ? "严重" : "Critical");
			has(out.data, zh ? "现场检查" : "Inspection");
			if (kind == NOTICE_NOTICE)
				has(out.data, "the-evidence");
			else
				has(out.data, zh ? "逾期3个工作日" : "overdue by 3");
		}
	buf_free(&out);
	game_free(g);
}

/* Before its due date there is nothing to talk about, and a reminder does not say that it is late. */
static void
test_not_late(void **state)
{
	struct game *g = game_with_notice();
	struct buf out;

	(void)state;
	buf_init(&out, NOTICE_MAX_BYTES);
	core_must(g, notified(g, 1));
	assert_int_equal(letter(g, NOTICE_TALK, true, 3, &out), ERR_CONFLICT);
	has(core_why.text, "not overdue");
	assert_int_equal(letter(g, NOTICE_CRITICISM, false, 3, &out), ERR_CONFLICT);
	assert_int_equal(letter(g, NOTICE_REMINDER, true, 3, &out), ERR_OK);
	has(out.data, "期限将至");
	assert_null(strstr(out.data, "逾期"));
	assert_int_equal(letter(g, NOTICE_TALK, true, 4, &out), ERR_OK);
	buf_free(&out);
	game_free(g);
}

/* The longest texts have room; of a published bundle, without any, the letter is still one. */
static void
test_sizes(void **state)
{
	static char longest[TICKET_TEXT_MAX_BYTES + 1];
	struct game *g = core_game();
	struct event ev = registered(1, "library", "", "manual");
	struct buf out;

	(void)state;
	memset(longest, 'x', TICKET_TEXT_MAX_BYTES);
	ticket_buffer.title = "";
	ticket_buffer.evidence = ticket_buffer.requirement = longest;
	core_must(g, ev);
	core_must(g, notified(g, 1));
	buf_init(&out, NOTICE_MAX_BYTES);
	assert_int_equal(letter(g, NOTICE_NOTICE, true, 0, &out), ERR_OK);
	has(out.data, longest);
	buf_free(&out);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_of_them),
	    cmocka_unit_test(test_not_late),
	    cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
