/* What a checkerscript says, message by message, and the state that it keeps. */
#include "base/mem.h"
#include "checker/faust_message.h"
#include "checker/state.h"
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct why why;
static struct faust_message m;

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err
said(const char *line)
{
	why.text[0] = '\0';
	return faust_read(line, strlen(line), &arena, &m, &why);
}

/* Told to nobody but the trace; the script goes on. */
static void
ignored(const char *line)
{
	assert_int_equal(said(line), ERR_INVALID);
	assert_string_not_equal(why.text, "");
}

/* The check ends here. */
static void
ends(const char *line, const char *reason)
{
	assert_int_equal(said(line), ERR_LIMIT);
	assert_non_null(strstr(why.text, reason));
}

static void
no_messages(void **state)
{
	(void)state;
	ignored("");
	ignored("hello");
	ignored("{");
	ignored("[]");
	ignored("null");
	ignored("\"FLAG\"");
	ignored("{}");
	ignored("{\"action\":\"FLAG\"}");
	ignored("{\"param\":1}");
	ignored("{\"action\":1,\"param\":1}");
	ignored("{\"action\":\"flag\",\"param\":{\"tick\":1}}");
	ignored("{\"action\":\"RUNNER_EXIT\",\"param\":null}");
	ignored("{\"action\":\"LOG\",\"param\":{}}");
	ignored("{\"action\":\"LOG\",\"param\":\"text\"}");
	ignored("{\"action\":\"LOG\",\"param\":{\"message\":\"\xff\"}}");
}

static void
flag_is(const char *line, bool has_number, int64_t tick)
{
	assert_int_equal(said(line), ERR_OK);
	assert_int_equal(m.action, FAUST_FLAG);
	assert_int_equal(m.has_number, has_number);
	if (has_number)
		assert_int_equal(m.number, tick);
}

static void
flags(void **state)
{
	(void)state;
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":7}}", true, 7);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":-1,\"payload\":\"\"}}", true, -1);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":\"7\"}}", true, 7);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":7.9}}", true, 7);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":\"x\"}}", false, 0);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":\"7x\"}}", false, 0);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":null}}", false, 0);
	flag_is("{\"action\":\"FLAG\",\"param\":{\"tick\":1e300}}", false, 0);
	flag_is("{\"action\":\"FLAG\",\"param\":{}}", false, 0);
	ends("{\"action\":\"FLAG\",\"param\":7}", "FLAG: its param is no object");
}

static void
flag_ids(void **state)
{
	char line[1024], text[704] = "";

	(void)state;
	assert_int_equal(said("{\"action\":\"FLAGID\",\"param\":\"user 1\"}"), ERR_OK);
	assert_string_equal(m.text, "user 1");
	for (int i = 0; i < 200; i++)
		strcat(text, "\xe4\xb8\xad");
	snprintf(line, sizeof line, "{\"action\":\"FLAGID\",\"param\":\"%s\"}", text);
	assert_int_equal(said(line), ERR_OK);
	snprintf(line, sizeof line, "{\"action\":\"FLAGID\",\"param\":\"%s.\"}", text);
	ends(line, "201 characters, at most 200");
	ends("{\"action\":\"FLAGID\",\"param\":7}", "FLAGID: its param is no string");
}

static void
keeping(void **state)
{
	(void)state;
	assert_int_equal(said("{\"action\":\"LOAD\",\"param\":\"key\"}"), ERR_OK);
	assert_int_equal(m.action, FAUST_LOAD);
	assert_string_equal(m.text, "key");
	ends("{\"action\":\"LOAD\",\"param\":{\"key\":\"a\"}}", "LOAD: its param is no string");
	assert_int_equal(
	    said("{\"action\":\"STORE\",\"param\":{\"key\":\"k\",\"data\":\"gAR9lC4=\"}}"), ERR_OK);
	assert_int_equal(m.action, FAUST_STORE);
	assert_string_equal(m.text, "k");
	assert_string_equal(m.data, "gAR9lC4=");
	ends("{\"action\":\"STORE\",\"param\":{\"key\":\"k\"}}", "STORE: its param has no strings");
	ends("{\"action\":\"STORE\",\"param\":\"k\"}", "STORE: its param has no strings");
	ends("{\"action\":\"STORE\",\"param\":{\"key\":1,\"data\":\"\"}}", "STORE");
}

static void
logs(void **state)
{
	static const char *const names[] = {
	    "NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
	char line[128];

	(void)state;
	assert_int_equal(said("{\"action\":\"LOG\",\"param\":{\"message\":\"hi\",\"levelno\":30,"
			      "\"pathname\":\"/c/a.py\",\"lineno\":12,\"funcName\":\"f\"}}"),
	    ERR_OK);
	assert_int_equal(m.action, FAUST_LOG);
	assert_string_equal(m.text, "hi");
	assert_string_equal(m.level, "WARNING");
	assert_string_equal(m.data, "/c/a.py");
	assert_int_equal(m.number, 12);
	for (int i = 0; i <= 5; i++) {
		snprintf(line, sizeof line,
		    "{\"action\":\"LOG\",\"param\":{\"message\":\"\",\"levelno\":%d}}", 10 * i);
		assert_int_equal(said(line), ERR_OK);
		assert_string_equal(m.level, names[i]);
		assert_string_equal(m.data, "");
	}
	assert_int_equal(
	    said("{\"action\":\"LOG\",\"param\":{\"message\":\"\",\"levelno\":35}}"), ERR_OK);
	assert_string_equal(m.level, "level 35");
	assert_int_equal(said("{\"action\":\"LOG\",\"param\":{\"message\":\"\"}}"), ERR_OK);
	assert_string_equal(m.level, "INFO");
}

static void
results(void **state)
{
	static const enum status expected[] = {
	    ST_OK, ST_DOWN, ST_MUMBLE, ST_CORRUPT, ST_RECOVERING};
	enum status status;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_true(faust_status(i, &status));
		assert_int_equal(status, expected[i]);
	}
	assert_false(faust_status(-1, &status));
	assert_false(faust_status(5, &status));
	assert_int_equal(said("{\"action\":\"RESULT\",\"param\":3}"), ERR_OK);
	assert_true(m.action == FAUST_RESULT && m.has_number && m.number == 3);
	assert_int_equal(said("{\"action\":\"RESULT\",\"param\":\" 4\\n\"}"), ERR_OK);
	assert_true(m.has_number && m.number == 4);
	assert_int_equal(said("{\"action\":\"RESULT\",\"param\":\"OK\"}"), ERR_OK);
	assert_false(m.has_number);
	assert_int_equal(said("{\"action\":\"RESULT\",\"param\":null}"), ERR_OK);
	assert_false(m.has_number);
}

/* ---- state ---- */

static void
state_kept(void **state)
{
	struct state s;

	(void)state;
	state_open(&s, "{\"a\":\"1\",\"b\":\"\"}", &arena);
	assert_string_equal(state_get(&s, "a"), "1");
	assert_string_equal(state_get(&s, "b"), "");
	assert_null(state_get(&s, "c"));
	assert_int_equal(state_set(&s, "a", "22", &arena, &why), ERR_OK);
	assert_int_equal(state_set(&s, "c", "3", &arena, &why), ERR_OK);
	assert_string_equal(state_get(&s, "a"), "22");
	assert_int_equal(s.json_bytes, strlen("\"a\":\"22\",\"b\":\"\",\"c\":\"3\","));
	state_free(&s);
}

static void
state_full(void **state)
{
	/* {"k":"..."} */
	size_t room = STATE_MAX_BYTES - strlen("{\"k\":\"\"}");
	char *value = mem_alloc(STATE_MAX_BYTES + 1), key[STATE_KEY_MAX_BYTES + 2];
	struct state s;

	(void)state;
	state_open(&s, "", &arena);
	memset(value, 'x', room);
	assert_int_equal(state_set(&s, "k", value, &arena, &why), ERR_OK);
	assert_int_equal(state_set(&s, "l", "", &arena, &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "at most 65536 are kept"));
	assert_null(state_get(&s, "l"));
	value[room] = 'x';
	assert_int_equal(state_set(&s, "k", value, &arena, &why), ERR_LIMIT);
	assert_int_equal(strlen(state_get(&s, "k")), room);
	assert_int_equal(state_set(&s, "k", "short", &arena, &why), ERR_OK);
	assert_int_equal(state_set(&s, "l", "", &arena, &why), ERR_OK);
	assert_int_equal(state_set(&s, "", "", &arena, &why), ERR_LIMIT);
	memset(key, 'k', sizeof key);
	key[STATE_KEY_MAX_BYTES] = '\0';
	assert_int_equal(state_set(&s, key, "", &arena, &why), ERR_OK);
	key[STATE_KEY_MAX_BYTES] = 'k';
	key[STATE_KEY_MAX_BYTES + 1] = '\0';
	assert_int_equal(state_set(&s, key, "", &arena, &why), ERR_LIMIT);
	state_free(&s);
	free(value);
}

/* Escapes count: it is the JSON that is kept. */
static void
state_escapes(void **state)
{
	char *value = mem_alloc(STATE_MAX_BYTES);
	struct state s;

	(void)state;
	memset(value, '\n', STATE_MAX_BYTES / 2 - 3);
	state_open(&s, "", &arena);
	assert_int_equal(state_set(&s, "k", value, &arena, &why), ERR_LIMIT);
	value[STATE_MAX_BYTES / 2 - 4] = '\0';
	assert_int_equal(state_set(&s, "k", value, &arena, &why), ERR_OK);
	state_free(&s);
	free(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(no_messages, teardown),
	    cmocka_unit_test_teardown(flags, teardown),
	    cmocka_unit_test_teardown(flag_ids, teardown),
	    cmocka_unit_test_teardown(keeping, teardown),
	    cmocka_unit_test_teardown(logs, teardown),
	    cmocka_unit_test_teardown(results, teardown),
	    cmocka_unit_test_teardown(state_kept, teardown),
	    cmocka_unit_test_teardown(state_full, teardown),
	    cmocka_unit_test_teardown(state_escapes, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
