/* Documents by a table: every mistake named by its path, drafts, what readers see, what differs. */
#include "core_rig.h"

#include "core/document.h"

static bool
is_code(const char *s)
{
	return strlen(s) == 4 && strspn(s, "0123456789") == 4;
}

static enum err
no_x(const struct json_t *o, struct why *why)
{
	return jr_string(jr_get(o, "name"), NULL)[0] == 'x'
		   ? why_set(why, ERR_INVALID, "a name that begins with x")
		   : ERR_OK;
}

static const struct document_field item_fields[] = {
    {.key = "at", .kind = DOCUMENT_TIME},
    {.key = "name", .kind = DOCUMENT_LINE, .required = true, .max = 10},
    {.key = "state", .kind = DOCUMENT_WORD, .words = &terms_asset_states},
    {0},
};
static const struct document_field author_fields[] = {
    {.key = "name", .kind = DOCUMENT_LINE, .max = 20},
    {.key = "phone", .kind = DOCUMENT_LINE, .max = 20, .personal = true},
    {0},
};
static const struct document_field fields[] = {
    {.key = "author", .kind = DOCUMENT_OBJECT, .fields = author_fields},
    {.key = "class",
	.kind = DOCUMENT_LINE,
	.max = 4,
	.valid = is_code,
	.expected = "a code such as 0107"},
    {.key = "done", .kind = DOCUMENT_BOOL},
    {.key = "ids", .kind = DOCUMENT_INTS, .min = 1, .max = 9, .count = 3},
    {.key = "items", .kind = DOCUMENT_OBJECTS, .count = 4, .fields = item_fields, .rule = no_x},
    {.key = "loss", .kind = DOCUMENT_INT, .min = 0, .max = 100},
    {.key = "phone", .kind = DOCUMENT_LINE, .max = 20, .personal = true},
    {.key = "text", .kind = DOCUMENT_TEXT, .required = true, .max = 20},
    {.key = "tools", .kind = DOCUMENT_LINES, .max = 8, .count = 3},
    {0},
};

static struct json_t *
parse(const char *text)
{
	struct json_t *j;

	if (jr_parse(text, strlen(text), &j, &core_why) != ERR_OK)
		fail_msg("%s: %s", text, core_why.text);
	return j;
}

static void
takes(const char *text, unsigned how, const char *canonical)
{
	struct json_t *j = parse(text);
	struct buf out;

	buf_init(&out, 4096);
	if (document_check(fields, j, how, &out, &core_why) != ERR_OK)
		fail_msg("%s: %s", text, core_why.text);
	assert_string_equal(out.data, canonical);
	buf_free(&out);
	jr_free(j);
}

static void
refuses(const char *text, unsigned how, enum err e, const char *says)
{
	struct json_t *j = parse(text);
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(document_check(fields, j, how, &out, &core_why), e);
	if (strstr(core_why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", core_why.text, says);
	buf_free(&out);
	jr_free(j);
}

static void
test_what_is_taken(void **state)
{
	(void)state;
	takes("{\"text\":\"a\\nb\",\"loss\":3,\"done\":true,\"class\":\"0107\",\"tools\":[\"b\","
	      "\"a\"]}",
	    DOCUMENT_WHOLE,
	    "{\"class\":\"0107\",\"done\":true,\"loss\":3,\"text\":\"a\\nb\",\"tools\":[\"b\","
	    "\"a\"]}");
	takes("{\"text\":\"a\",\"ids\":[9,1]}", DOCUMENT_WHOLE, "{\"ids\":[9,1],\"text\":\"a\"}");
	takes("{\"text\":\"a\",\"items\":[{\"state\":\"clean\",\"name\":\"n\","
	      "\"at\":\"1970-01-01T08:00:01+08:00\"}]}",
	    DOCUMENT_WHOLE,
	    "{\"items\":[{\"at\":1000,\"name\":\"n\",\"state\":\"clean\"}],\"text\":\"a\"}");
	takes("{\"items\":[{\"at\":1000}]}", DOCUMENT_DRAFT | DOCUMENT_STORED,
	    "{\"items\":[{\"at\":1000}]}");
	takes("{\"class\":\"01\",\"items\":[{}],\"text\":\"\"}", DOCUMENT_DRAFT,
	    "{\"class\":\"01\",\"items\":[{}],\"text\":\"\"}");
	takes("{\"loss\":null,\"text\":\"a\"}", DOCUMENT_WHOLE, "{\"text\":\"a\"}");
	takes("{\"loss\":null}", DOCUMENT_PATCH, "{\"loss\":null}");
}

static void
test_what_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum err e;
		const char *says;
	} cases[] = {
	    {"[]", ERR_INVALID, "a JSON object is expected"},
	    {"{}", ERR_INVALID, "\"text\" is missing; text of at most 20 bytes is expected"},
	    {"{\"text\":\" \\n\"}", ERR_INVALID, "\"text\" is empty"},
	    {"{\"text\":1}", ERR_INVALID, "\"text\" is not text"},
	    {"{\"text\":\"123456789012345678901\"}", ERR_LIMIT, "\"text\" is too long"},
	    {"{\"text\":\"a\\u0007\"}", ERR_INVALID, "\"text\" has the control character U+0007"},
	    {"{\"text\":\"a\\u0085\"}", ERR_INVALID, "\"text\" has the control character U+0085"},
	    {"{\"text\":\"a\\u202eb\"}", ERR_INVALID, "\"text\" has the control character U+202E"},
	    {"{\"text\":\"a\\u2028b\"}", ERR_INVALID, "U+2028 at byte 2; leave it out; "},
	    {"{\"text\":\"a\",\"phone\":\"1\\n2\"}", ERR_INVALID, "\"phone\" has a line break"},
	    {"{\"text\":\"a\",\"class\":\"01\"}", ERR_INVALID, "a code such as 0107 is expected"},
	    {"{\"text\":\"a\",\"loss\":101}", ERR_INVALID, "an integer from 0 to 100"},
	    {"{\"text\":\"a\",\"loss\":1.5}", ERR_INVALID, "an integer from 0 to 100"},
	    {"{\"text\":\"a\",\"done\":1}", ERR_INVALID, "\"done\" is neither; true or false"},
	    {"{\"text\":\"a\",\"tools\":\"x\"}", ERR_INVALID, "\"tools\" is no list"},
	    {"{\"text\":\"a\",\"ids\":7}", ERR_INVALID,
		"\"ids\" is no list; a list of at most 3 of which each is an integer from 1 to 9"},
	    {"{\"text\":\"a\",\"ids\":[1,10]}", ERR_INVALID, "\"ids[1]\" is no such integer"},
	    {"{\"text\":\"a\",\"ids\":[1,\"2\"]}", ERR_INVALID, "\"ids[1]\" is no such integer"},
	    {"{\"text\":\"a\",\"ids\":[1,2,3,4]}", ERR_LIMIT,
		"too many items; a list of at most 3 of"},
	    {"{\"text\":\"a\",\"tools\":[\"x\",\"\"]}", ERR_INVALID, "\"tools[1]\" is empty"},
	    {"{\"text\":\"a\",\"tools\":[\"1\",\"2\",\"3\",\"4\"]}", ERR_LIMIT, "too many items"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\"},{}]}", ERR_INVALID,
		"\"items[1].name\" is missing"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\",\"state\":\"x\"}]}", ERR_INVALID,
		"\"items[0].state\" is none of the words; one of unknown, suspected, compromised"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\",\"at\":1000}]}", ERR_INVALID,
		"\"items[0].at\" is no time; a time such as"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\",\"at\":\"1969-12-31T00:00:00Z\"}]}",
		ERR_INVALID, "between 1970 and 3000"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\",\"at\":\"3000-01-01T00:00:00Z\"}]}",
		ERR_INVALID, "between 1970 and 3000"},
	    {"{\"text\":\"a\",\"items\":[7]}", ERR_INVALID, "\"items[0]\" is no object; an object"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\"},{\"name\":\"x\"}]}", ERR_INVALID,
		"\"items[1]\": a name that begins with x"},
	    {"{\"text\":\"a\",\"items\":[{\"name\":\"n\",\"size\":1}]}", ERR_INVALID,
		"unknown member \"items[0].size\"; known: at, name, state"},
	    {"{\"text\":\"a\",\"author\":{\"title\":\"x\"}}", ERR_INVALID,
		"unknown member \"author.title\""},
	    {"{\"text\":\"a\",\"items\":[null]}", ERR_INVALID, "\"items[0]\" is no object"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refuses(cases[i].text, DOCUMENT_WHOLE, cases[i].e, cases[i].says);
	refuses(
	    "{\"items\":[{\"name\":null}],\"loss\":-1}", DOCUMENT_PATCH, ERR_INVALID, "\"loss\"");
	refuses("{\"items\":[{\"at\":\"1970-01-01T08:00:01+08:00\"}]}", DOCUMENT_STORED,
	    ERR_INVALID, "items[0].at");
}

static void
test_limit_of_all(void **state)
{
	struct json_t *j = parse("{\"text\":\"aaaaaaaaaa\"}");
	struct buf out;

	(void)state;
	buf_init(&out, 12);
	assert_int_equal(document_check(fields, j, DOCUMENT_WHOLE, &out, &core_why), ERR_LIMIT);
	assert_non_null(strstr(core_why.text, "at most 12 bytes in all"));
	buf_reset(&out);
	assert_int_equal(document_patch(fields, "", j, &out, &core_why), ERR_LIMIT);
	buf_free(&out);
	jr_free(j);
}

/* The examples of RFC 7396, appendix A. */
static void
test_merge(void **state)
{
	static const char *const cases[][3] = {
	    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
	    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
	    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
	    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
	    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
	    {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
	    {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
	    {"{\"a\":\"foo\"}", "null", "null"},
	    {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
	    {"{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}"},
	    {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
	    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_t *target = parse(cases[i][0]), *patch = parse(cases[i][1]);
		struct buf out;

		buf_init(&out, 4096);
		assert_int_equal(document_merge(target, patch, &out), ERR_OK);
		assert_string_equal(out.data, cases[i][2]);
		buf_free(&out);
		jr_free(target);
		jr_free(patch);
	}
}

static void
test_drafts(void **state)
{
	static const char *const steps[][2] = {
	    {"{\"text\":\"a\",\"author\":{\"name\":\"n\",\"phone\":\"1\"},\"loss\":null}",
		"{\"author\":{\"name\":\"n\",\"phone\":\"1\"},\"text\":\"a\"}"},
	    {"{\"author\":{\"phone\":null},\"items\":[{\"at\":\"1970-01-01T00:00:01Z\"}]}",
		"{\"author\":{\"name\":\"n\"},\"items\":[{\"at\":1000}],\"text\":\"a\"}"},
	    {"{\"items\":null,\"author\":null}", "{\"text\":\"a\"}"},
	};
	struct buf draft, next;

	(void)state;
	buf_init(&draft, 4096);
	buf_puts(&draft, "");
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct json_t *patch = parse(steps[i][0]);

		buf_init(&next, 4096);
		assert_int_equal(
		    document_patch(fields, draft.data, patch, &next, &core_why), ERR_OK);
		assert_string_equal(next.data, steps[i][1]);
		buf_free(&draft);
		draft = next;
		jr_free(patch);
	}
	buf_free(&draft);
}

static void
reads_as(const char *stored, bool personal, const char *text)
{
	struct document_view view = {personal, 480};
	struct json_t *j = parse(stored);
	struct json_writer w;
	struct buf out;

	buf_init(&out, 4096);
	jw_begin(&w, &out);
	document_write(fields, j, &view, &w);
	assert_string_equal(out.data, text);
	buf_free(&out);
	jr_free(j);
}

static void
test_what_readers_see(void **state)
{
	static const char stored[] = "{\"author\":{\"name\":\"n\",\"phone\":\"1\"},\"done\":false,"
				     "\"items\":[{\"at\":1000,\"name\":\"n\"}],\"loss\":2,"
				     "\"phone\":\"139\",\"tools\":[\"t\"]}";

	(void)state;
	reads_as("{\"ids\":[9,1]}", false, "{\"ids\":[9,1]}");
	reads_as(stored, true,
	    "{\"author\":{\"name\":\"n\",\"phone\":\"1\"},\"done\":false,\"items\":[{\"at\":"
	    "\"1970-01-01T08:00:01.000+08:00\",\"name\":\"n\"}],\"loss\":2,\"phone\":\"139\","
	    "\"tools\":[\"t\"]}");
	reads_as(stored, false,
	    "{\"author\":{\"name\":\"n\"},\"done\":false,\"items\":[{\"at\":"
	    "\"1970-01-01T08:00:01.000+08:00\",\"name\":\"n\"}],\"loss\":2,\"tools\":[\"t\"]}");
}

static void
differ(const char *before, const char *after, bool personal, const char *text)
{
	struct document_view view = {personal, 0};
	struct json_t *b = parse(before), *a = parse(after);
	struct json_writer w;
	struct buf out;

	buf_init(&out, 4096);
	jw_begin(&w, &out);
	document_diff(fields, b, a, &view, &w);
	assert_string_equal(out.data, text);
	buf_free(&out);
	jr_free(b);
	jr_free(a);
}

static void
test_what_differs(void **state)
{
	(void)state;
	differ("{\"loss\":1,\"text\":\"a\"}", "{\"text\":\"b\",\"loss\":1}", true,
	    "[{\"path\":\"text\",\"before\":\"a\",\"after\":\"b\"}]");
	differ("{\"done\":true}", "{\"author\":{\"name\":\"n\"}}", true,
	    "[{\"path\":\"author.name\",\"before\":null,\"after\":\"n\"},"
	    "{\"path\":\"done\",\"before\":true,\"after\":null}]");
	differ("{\"phone\":\"1\"}", "{\"phone\":\"2\"}", false, "[]");
	/* One came at the head, one was changed in its place, the others stayed. */
	differ(
	    "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\",\"state\":\"clean\"},{\"name\":\"c\"}]}",
	    "{\"items\":[{\"name\":\"z\"},{\"name\":\"a\"},{\"name\":\"b\",\"state\":\"unknown\"},"
	    "{\"name\":\"c\"}]}",
	    true,
	    "[{\"path\":\"items[0]\",\"before\":null,\"after\":{\"name\":\"z\"}},"
	    "{\"path\":\"items[2].state\",\"before\":\"clean\",\"after\":\"unknown\"}]");
	differ("{\"tools\":[\"a\",\"b\",\"c\"]}", "{\"tools\":[\"a\",\"c\"]}", true,
	    "[{\"path\":\"tools[1]\",\"before\":\"b\",\"after\":null}]");
	differ("{\"ids\":[1,2,3]}", "{\"ids\":[1,3,4]}", true,
	    "[{\"path\":\"ids[1]\",\"before\":2,\"after\":null},"
	    "{\"path\":\"ids[2]\",\"before\":null,\"after\":4}]");
	differ("{\"tools\":[\"a\"]}", "{}", true,
	    "[{\"path\":\"tools[0]\",\"before\":\"a\",\"after\":null}]");
	differ("{\"items\":[{\"name\":\"a\",\"at\":1000}]}",
	    "{\"items\":[{\"name\":\"a\",\"at\":2000}]}", true,
	    "[{\"path\":\"items[0].at\",\"before\":\"1970-01-01T00:00:01.000+00:00\","
	    "\"after\":\"1970-01-01T00:00:02.000+00:00\"}]");
	differ("{\"tools\":[\"a\",\"b\"]}", "{\"tools\":[\"x\",\"b\",\"c\"]}", true,
	    "[{\"path\":\"tools[0]\",\"before\":\"a\",\"after\":\"x\"},"
	    "{\"path\":\"tools[2]\",\"before\":null,\"after\":\"c\"}]");
}

static void
test_tables(void **state)
{
	static const struct document_field unsorted[] = {
	    {.key = "b", .kind = DOCUMENT_BOOL}, {.key = "a", .kind = DOCUMENT_BOOL}, {0}};
	static const struct document_field endless[] = {
	    {.key = "a", .kind = DOCUMENT_LINES, .max = 5}, {0}};

	(void)state;
	assert_true(document_table_valid(fields));
	assert_false(document_table_valid(unsorted));
	assert_false(document_table_valid(endless));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_taken),
	    cmocka_unit_test(test_what_is_refused),
	    cmocka_unit_test(test_limit_of_all),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_drafts),
	    cmocka_unit_test(test_what_readers_see),
	    cmocka_unit_test(test_what_differs),
	    cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
