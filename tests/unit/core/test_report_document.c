/* What a department fills in: the table itself, what the fold takes out of it, what a filing must have. */
#include "core_rig.h"

#include "core/report_document.h"

static const char head[] =
    "\"author\":\"a\",\"class\":\"0107\",\"detected\":1000,\"detection\":\"log\","
    "\"loss\":\"serious\",\"phone\":\"010-6255\",\"summary\":\"s\"";

static struct json_t *
parse(const char *more)
{
	struct json_t *j;
	char text[4000];

	snprintf(text, sizeof text, "{%s%s%s}", head, more[0] != '\0' ? "," : "", more);
	if (jr_parse(text, strlen(text), &j, &core_why) != ERR_OK)
		fail_msg("%s: %s", text, core_why.text);
	return j;
}

static enum err
check(const char *more)
{
	struct json_t *j = parse(more);
	struct buf out;
	enum err e;

	buf_init(&out, REPORT_TEXT_MAX_BYTES);
	core_why.text[0] = '\0';
	e = document_check(report_fields, j, DOCUMENT_STORED, &out, &core_why);
	buf_free(&out);
	jr_free(j);
	return e;
}

static void
test_the_table(void **state)
{
	static const struct {
		const char *more, *says;
	} wrong[] = {
	    {"\"indicators\":[{\"kind\":\"ip\",\"value\":\"10.1.2.3\"},{\"kind\":\"ip\",\"value\":"
	     "\"x\"}]",
		"\"indicators[1]\": \"value\" is no IP"},
	    {"\"indicators\":[{\"kind\":\"sha256\",\"value\":\"ab\"}]", "no SHA-256: 64 hex"},
	    {"\"indicators\":[{\"kind\":\"sm3\",\"value\":\"ab\"}]", "no SM3: 64 hex"},
	    {"\"indicators\":[{\"kind\":\"md5\",\"value\":\"ab\"}]", "no MD5: 32 hex"},
	    {"\"indicators\":[{\"kind\":\"md5\"}]", "indicators[0].value"},
	    {"\"root_cause\":{\"cve\":\"CVE-24-1\"}", "root_cause.cve"},
	    {"\"traceback\":5", "an integer from 0 to 4"},
	    {"\"impact\":{\"downtime_s\":-1}", "impact.downtime_s"},
	    {"\"actions\":[{\"at\":5,\"kind\":\"isolate\"}]", "actions[0].phase"},
	    {"\"actions\":[{\"at\":5,\"kind\":\"run\",\"phase\":\"recovery\"}]", "isolate, block"},
	};

	(void)state;
	assert_true(document_table_valid(report_fields));
	assert_int_equal(check(""), ERR_OK);
	assert_int_equal(check("\"indicators\":[{\"kind\":\"ip\",\"value\":\"2001:db8::1\"},"
			       "{\"kind\":\"ip\",\"value\":\"10.0.0.0/8\"}],"
			       "\"root_cause\":{\"cve\":\"CVE-2024-12345\"},\"traceback\":4"),
	    ERR_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(check(wrong[i].more), ERR_INVALID);
		if (strstr(core_why.text, wrong[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", core_why.text, wrong[i].says);
	}
}

static enum err
read_event(struct game *g, const char *more, enum report_stage stage, struct report_event *r)
{
	struct json_t *j = parse(more);
	enum err e;

	*r = (struct report_event){.stage = stage};
	core_why.text[0] = '\0';
	e = report_document_read(g, j, &core_arena, r, &core_why);
	jr_free(j);
	return e;
}

static void
says(const char *part)
{
	if (strstr(core_why.text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", core_why.text, part);
}

static void
test_what_is_taken_out(void **state)
{
	struct game *g = core_game();
	struct report_event r;

	(void)state;
	assert_int_equal(
	    read_event(g, "\"systems\":[\"finance-portal\",\"library-portal\"],\"contained\":3000",
		STAGE_INITIAL, &r),
	    ERR_OK);
	assert_string_equal(r.systems, "library-portal,finance-portal");
	assert_string_equal(r.class_code, "0107");
	assert_int_equal(r.level, LEVEL_III); /* MLPS 3 is important, and the loss serious */
	assert_true(r.times[REPORT_DETECTED] == 1000 && r.times[REPORT_CONTAINED] == 3000);
	assert_true(r.times[REPORT_ATTACKED] == 0 && r.times[REPORT_REPORTED] == 0);
	assert_int_equal(read_event(g, "", STAGE_PROGRESS, &r), ERR_OK);
	assert_string_equal(r.systems, "");
	assert_int_equal(r.level, LEVEL_IV);
	assert_int_equal(read_event(g, "\"systems\":[\"x\"]", STAGE_INITIAL, &r), ERR_INVALID);
	says("\"systems[0]\": no system \"x\"");
	assert_int_equal(
	    read_event(g, "\"systems\":[\"library-portal\",\"library-portal\"]", STAGE_INITIAL, &r),
	    ERR_INVALID);
	says("comes twice");
	game_free(g);
}

static void
test_another_level(void **state)
{
	struct game *g = core_game();
	struct report_event r;

	(void)state;
	assert_int_equal(read_event(g, "\"level\":\"I\"", STAGE_INITIAL, &r), ERR_INVALID);
	says("importance and loss give IV");
	assert_int_equal(read_event(g, "\"level\":\"I\",\"level_reason\":\" \"", STAGE_INITIAL, &r),
	    ERR_INVALID);
	assert_int_equal(
	    read_event(g, "\"level\":\"I\",\"level_reason\":\"r\"", STAGE_INITIAL, &r), ERR_OK);
	assert_int_equal(r.level, LEVEL_I);
	assert_int_equal(read_event(g, "\"level\":\"IV\"", STAGE_INITIAL, &r), ERR_OK);
	game_free(g);
}

static void
test_a_final_one(void **state)
{
	struct game *g = core_game();
	struct report_event r;

	(void)state;
	assert_int_equal(read_event(g, "", STAGE_FINAL, &r), ERR_INVALID);
	says("\"course\" is missing; a final report has it");
	assert_int_equal(
	    read_event(g, "\"course\":\"c\",\"measures\":\"m\"", STAGE_FINAL, &r), ERR_INVALID);
	says("\"signer\"");
	assert_int_equal(
	    read_event(g, "\"course\":\"c\",\"measures\":\"m\",\"signer\":\"s\"", STAGE_FINAL, &r),
	    ERR_OK);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_table),
	    cmocka_unit_test(test_what_is_taken_out),
	    cmocka_unit_test(test_another_level),
	    cmocka_unit_test(test_a_final_one),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
