/* challenge.yaml: every rule broken once, named at its place; and the program that a good file becomes. */
#include "cases.h"

#include "checker/program.h"

#define FIXTURES "tests/unit/scenario/fixtures"

static void
head(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a good file", "flags: 2", "flags: 2", ""},
	    {"id is not the folder's", "id: web\n", "id: wed\n",
		"1:5: id is \"wed\" in the folder \"web\"; it is the folder's name"},
	    {"unknown key", "flags: 2", "flag: 2",
		"6:1: \"flag\" is no key of a challenge; did you mean \"flags\"?"},
	    {"unknown contract", "contract: steps", "contract: step",
		"3:11: contract: there is no contract \"step\"; did you mean \"steps\"? There are: "
		"steps"},
	    {"no port", "port: 80\n", "", "1:1: a challenge has no port; add `port: ...`"},
	    {"port out of range", "port: 80\n", "port: 65536\n",
		"4:7: port is 65536; it is 1 to 65535"},
	    {"too many flags", "flags: 2", "flags: 9", "6:8: flags is 9; it is 1 to 8"},
	    {"timeout longer than the tick", "timeout_ms: 5000", "timeout_ms: 60001",
		"5:13: timeout_ms is 60001, longer than the drill's tick of 1m; a round ends "
		"within its "
		"tick: at most 60000"},
	    {"timeout as long as the tick", "timeout_ms: 5000", "timeout_ms: 60000", ""},
	    {"syntax error", "title: Website", "title: Web: site",
		"2:11: not YAML: mapping values are not allowed"},
	    {"anchor", "title: Website", "title: &a Website",
		"2:8: anchors (&a) are not used here"},
	    {"no steps", "steps:\n", "stops:\n",
		"10:1: \"stops\" is no key of a challenge; did you mean \"steps\"?"},
	    {"section missing", "  check:\n", "  chek:\n",
		"20:3: \"chek\" is no key of steps; did you mean \"check\"? There are: put, get, "
		"check"},
	    {"section empty", "  check:\n", "  check: []\nx:\n",
		"20:10: check has 0 entries; it takes at "
		"least 1\n21:1: \"x\" is no key"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
variables_and_templates(void **state)
{
	static const struct mistake_case cases[] = {
	    {"unknown kind of random", "{random: name}", "{random: nam}",
		"8:18: random: there is no kind \"nam\"; did you mean \"name\"? There are: name, "
		"text, hex, "
		"number, choice, uuid, phrase, email, phone"},
	    {"length of a name", "{random: name}", "{random: name, length: 3}",
		"8:32: length: a random name has its own; leave it out"},
	    {"length too large", "length: 8", "length: 257", "9:32: length is 257; it is 1 to 256"},
	    {"variable with a bad name",
		"  word:", "  9word:", "9:3: \"9word\" is no name of a variable"},
	    {"variable that is built in",
		"  word:", "  flag:", "9:3: the variable flag always has its own value"},
	    {"doubled variable",
		"  word:", "  user:", "9:3: vars: \"user\" is there twice; the first is on line 8"},
	    {"unknown name", "{u: '{{user}}'}", "{u: '{{usr}}'}",
		"14:50: {{usr}} has no value at this point; did you mean \"user\"? There are: "
		"flag, tick, "
		"host, port, user, word"},
	    {"name with spaces", "{u: '{{user}}'}", "{u: '{{ user }}'}",
		"14:50: {{ user }} would be sent as it stands; write {{user}}"},
	    {"other braces stand for themselves", "{u: '{{user}}'}",
		"{u: '{{}} {{1}} {{user}} {{'}", ""},
	    {"captured later than used", "path: /new", "path: '/{{id}}'",
		"14:34: {{id}} has no value"},
	    {"captured is not yet there in assert", "      save: {note: '{{id}}'}",
		"      assert: [{equals: ['{{id}}', a]}]\n      save: {note: '{{id}}'}",
		"16:26: {{id}} has no value at this point"},
	    {"captured is not yet there in a rule on the body", "      save: {note: '{{id}}'}",
		"      assert: [{body_contains: '{{id}}'}]\n      save: {note: '{{id}}'}",
		"16:32: {{id}} has no value at this point"},
	    {"captured values end with their section", "{{note}}", "{{id}}",
		"18:20: {{id}} has no value"},
	    {"saved in put is there in get only", "{expect: '220 '}", "{expect: '{{note}}'}",
		"24:22: {{note}} has no value at this point; there are: tick, host, port, user, "
		"word"},
	    {"check has no flag", "{expect: '220 '}", "{expect: '{{flag}}'}",
		"24:22: {{flag}} has no value at this point"},
	    {"saved outside put", "      assert: [{status: 200}",
		"      save: {a: b}\n      assert: [{status: 200}",
		"19:13: save is for steps of put"},
	    {"saved under a built-in name", "{note: '{{id}}'}", "{note: x, tick: '{{id}}'}",
		"16:23: the variable tick always has its own value"},
	    {"captured under a bad name", "{id: {json: /id}}",
		"{i-d: {json: /id}, id: {json: /id}}", "15:17: \"i-d\" is no name of a variable"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
actions(void **state)
{
	static const struct mistake_case cases[] = {
	    {"no action", "    - http: {path: '/n/{{note}}', headers: {X-A: b}}\n      assert:",
		"    - assert:", "18:7: a step has none of http, tcp"},
	    {"two actions", "      timeout_ms: 2000", "      tcp: {talk: [{send: a}]}",
		"12:7: a step has several of http, tcp"},
	    {"step longer than the round", "timeout_ms: 2000", "timeout_ms: 5001",
		"13:19: timeout_ms is 5001, longer than the 5000 of the whole round"},
	    {"step longer than a minute", "timeout_ms: 2000", "timeout_ms: 60001",
		"13:19: timeout_ms is 60001; it is 1 to 60000"},
	    {"method in small letters", "method: POST", "method: post",
		"14:22: method: \"post\" is none; there are: GET, HEAD, POST"},
	    {"path without slash", "path: /new", "path: new",
		"14:34: path: \"new\" does not begin with /"},
	    {"path with a space", "path: /new", "path: /n ew",
		"14:34: path: \"/n ew\" has a space"},
	    {"no path", "path: /new, ", "", "14:13: an http action has no path"},
	    {"two bodies", "path: /new", "path: /new, body: x",
		"14:13: an http action has several of body, form, json, upload; it takes at most "
		"one"},
	    {"doubled member of a form", "{u: '{{user}}'}", "{u: 1, u: 2}",
		"14:53: form: \"u\" is there twice; the first is on line 14"},
	    {"header's name", "{X-A: b}", "{X A: b}",
		"18:45: headers: \"X A\" is no header's name"},
	    {"header with a line break", "{X-A: b}", "{X-A: \"b\\r\\nY: c\"}",
		"18:50: headers: \"b\\x0d\\nY: c\" has a line break"},
	    {"tcp port", "port: 25", "port: 0", "22:15: port is 0; it is 1 to 65535"},
	    {"line of a talk with two verbs", "{expect: '220 '}", "{expect: '220 ', send: a}",
		"24:13: a line of a talk has several of send, send_hex, expect, expect_regex"},
	    {"unknown verb", "{expect: '220 '}", "{expext: '220 '}",
		"24:14: \"expext\" is no key of a line of a talk; did you mean \"expect\"?"},
	    {"odd hex", "send_hex: 0d0a", "send_hex: 0d0",
		"25:24: send_hex: \"0d0\" is not an even number of hex digits"},
	    {"no hex", "send_hex: 0d0a", "send_hex: 0dxx", "25:24: send_hex: \"0dxx\" is not"},
	    {"nothing to expect", "{expect: '220 '}", "{expect: ''}", "24:22: expect is empty"},
	    {"bad regex", "{expect: '220 '}", "{expect_regex: '['}",
		"24:28: the regular expression \"[\" is no POSIX extended"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
rules(void **state)
{
	static const struct mistake_case cases[] = {
	    {"unknown rule", "{status: 200}", "{statuz: 200}",
		"19:17: \"statuz\" is no key of a rule of assert; did you mean \"status\"?"},
	    {"two rules in one", "{status: 200}", "{status: 200, size_max: 1}",
		"19:16: a rule of assert has several of status, body_contains"},
	    {"no rule", "{status: 200}", "{fails: down}",
		"19:16: a rule of assert has none of status"},
	    {"unknown result", "{status: 200}", "{status: 200, fails: ok}",
		"19:37: fails: there is no such result \"ok\"; there are: down, mumble, corrupt"},
	    {"status out of range", "{status: 200}", "{status: 99}",
		"19:25: status is 99; it is 100 to 599"},
	    {"status in a list", "{status: 200}", "{status: [200, abc]}",
		"19:31: status: expected a whole number from 100 to 599, found \"abc\""},
	    {"no status", "{status: 200}", "{status: []}",
		"19:25: status has 0 entries; it takes at least 1"},
	    {"status of a tcp step", "{body_regex: ^2}", "{status: 200}",
		"26:16: status means nothing for a tcp step, which has body_contains"},
	    {"regex with a template", "{body_regex: ^2}", "{body_regex: '{{user}}'}",
		"26:29: the regular expression \"{{user}}\" has a {{; templates do not work in "
		"one"},
	    {"header of two", "{status: 200}", "{header: {A: b, C: d}}",
		"19:25: header has 2 entries; it takes at most 1"},
	    {"header of none", "{status: 200}", "{header: {}}",
		"19:25: header: expected {NAME: REGEX}"},
	    {"sha256", "{status: 200}", "{sha256: abc}",
		"19:25: sha256: \"abc\" is not 64 hex digits"},
	    {"equals of one", "{status: 200}", "{equals: [a]}",
		"19:25: equals has 1 entry; it takes exactly 2"},
	    {"latency", "{status: 200}", "{latency_ms_max: 0}",
		"19:33: latency_ms_max is 0; it is 1 to 60000"},
	    {"captures from nowhere", "{json: /id}", "{jsn: /id}",
		"15:22: \"jsn\" is no key of a source of capture; did you mean \"json\"?"},
	    {"captures from two places", "{json: /id}", "{json: /id, cookie: c}",
		"15:21: a source of capture has several of json, regex, header, cookie, form"},
	    {"no JSON pointer", "{json: /id}", "{json: id}",
		"15:28: json: \"id\" is no JSON pointer"},
	    {"bad escape in a JSON pointer", "{json: /id}", "{json: /~2}",
		"15:28: json: \"/~2\" is no"},
	    {"regex without a group", "{json: /id}", "{regex: abc}",
		"15:29: the regular expression \"abc\" has no group"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
bounded_numbers_of_things(void **state)
{
	struct buf b;
	struct mistake_case c = {"too many steps", "    - tcp:\n", NULL, "20:3"};
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	for (int i = 0; i < 64; i++)
		buf_puts(&b, "    - http: {path: /}\n");
	buf_puts(&b, "    - tcp:\n");
	c.put = b.data;
	c.expected = "21:5: check has 65 entries; it takes at most 64";
	run_challenge_cases(&c, 1);
	buf_reset(&b);
	buf_puts(&b, "{note: a");
	for (int i = 0; i < 16; i++)
		buf_printf(&b, ", n%d: a", i);
	buf_puts(&b, "}");
	c = (struct mistake_case){"too many saved", "{note: '{{id}}'}", b.data,
	    "16:133: save: more than 16 names in put"};
	run_challenge_cases(&c, 1);
	buf_free(&b);
}

/* A program longer than a line of the protocol is refused here, not at the checker. */
static void
a_program_fits_its_line(void **state)
{
	struct mistake_case c = {"too long", "    - tcp:\n", NULL,
	    "11:3: steps are longer than 1048320 bytes when compiled"};
	struct buf b;
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	for (int i = 0; i < 3; i++) { /* each quotation mark takes two bytes in JSON */
		buf_puts(&b, "    - http: {path: /, body: '");
		for (int j = 0; j < 200 * 1024; j++)
			buf_putc(&b, '"');
		buf_puts(&b, "'}\n");
	}
	buf_puts(&b, "    - tcp:\n");
	c.put = b.data;
	run_challenge_cases(&c, 1);
	buf_free(&b);
}

static const char program_text[] =
    "{\"check\":["
    "{\"assert\":[{\"fails\":\"mumble\",\"rule\":\"status\",\"value\":[200]},"
    "{\"fails\":\"mumble\",\"rule\":\"body_contains\",\"value\":\"<title>\"},"
    "{\"fails\":\"mumble\",\"name\":\"Content-Type\",\"rule\":\"header\",\"value\":\"^text/html\"},"
    "{\"fails\":\"mumble\",\"rule\":\"latency_ms_max\",\"value\":2000}],"
    "\"capture\":[],\"http\":{\"follow\":0,\"method\":\"GET\",\"path\":\"/\",\"tls\":false},"
    "\"name\":\"front page\",\"save\":[]},"
    "{\"assert\":[{\"fails\":\"mumble\",\"rule\":\"sha256\",\"value\":"
    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"},"
    "{\"fails\":\"mumble\",\"rule\":\"size_max\",\"value\":0}],\"capture\":[],"
    "\"http\":{\"follow\":2,\"json\":\"{\\\"list\\\":[true,null,\\\"3\\\"],\\\"n\\\":3,"
    "\\\"user\\\":"
    "\\\"{{user}}\\\"}\",\"method\":\"PUT\",\"path\":\"/api\",\"port\":8081,\"tls\":true},"
    "\"name\":\"http\",\"save\":[]},"
    "{\"assert\":[{\"fails\":\"mumble\",\"rule\":\"body_lacks\",\"value\":\"error\"},"
    "{\"fails\":\"mumble\",\"rule\":\"body_regex\",\"value\":\"^2[0-9]{2} \"}],\"capture\":[],"
    "\"name\":\"banner\",\"save\":[],\"tcp\":{\"port\":2525,\"talk\":[[\"expect\",\"220 \"],"
    "[\"send\",\"HELO {{host}}\\r\\n\"],[\"send_hex\",\"0d0a\"],[\"expect_regex\",\"^221\"]]}}],"
    "\"get\":["
    "{\"assert\":[{\"fails\":\"corrupt\",\"rule\":\"status\",\"value\":[200]},"
    "{\"fails\":\"corrupt\",\"rule\":\"body_contains\",\"value\":\"{{flag}}\"}],"
    "\"capture\":[{\"arg\":\"value=\\\"([^\\\"]*)\\\"\",\"from\":\"regex\",\"var\":\"found\"}],"
    "\"http\":{\"follow\":0,\"headers\":[[\"X-User\",\"{{owner}}\"]],\"method\":\"GET\",\"path\":"
    "\"/notes/{{note}}\",\"tls\":false},\"name\":\"read back\",\"save\":[]},"
    "{\"assert\":[{\"fails\":\"corrupt\",\"rule\":\"equals\",\"value\":[\"{{found}}\",\"{{flag}}\"]"
    "}],"
    "\"capture\":[],\"http\":{\"follow\":0,\"method\":\"HEAD\",\"path\":"
    "\"/notes/{{note}}?as={{found}}\",\"tls\":false},\"name\":\"http\",\"save\":[]}],"
    "\"put\":["
    "{\"assert\":[{\"fails\":\"mumble\",\"rule\":\"status\",\"value\":[201,303]}],"
    "\"capture\":[{\"arg\":\"/id\",\"from\":\"json\",\"var\":\"id\"}],"
    "\"http\":{\"follow\":0,\"form\":[[\"user\",\"{{user}}\"],[\"password\",\"{{password}}\"],"
    "[\"note\",\"{{flag}}\"]],\"headers\":[[\"X-Tick\",\"{{tick}}\"]],\"method\":\"POST\","
    "\"path\":\"/register\",\"tls\":false},\"name\":\"register\","
    "\"save\":[[\"note\",\"{{id}}\"],[\"owner\",\"{{user}}\"]],\"timeout_ms\":2000}],"
    "\"vars\":[{\"name\":\"user\",\"random\":\"name\"},{\"length\":16,\"name\":\"password\","
    "\"random\":\"text\"}]}";

/* The whole step language once, from a file, to the text that docs/challenge.md describes. */
static void
steps_become_a_program(void **state)
{
	struct challenge_source source = {.dir = FIXTURES "/challenges"};
	struct arena arena = {.head = NULL};
	struct challenge c;
	struct buf said;
	struct why why;
	(void)state;

	buf_init(&said, TEXT_MAX_BYTES);
	assert_int_equal(challenge_load(&source, "portal", 60000, &arena, &c, &said, &why), ERR_OK);
	assert_int_equal(said.len, 0);
	assert_string_equal(c.title.zh, "部门网站");
	assert_int_equal(c.port, 8080);
	assert_int_equal(c.timeout_ms, 5000);
	assert_int_equal(c.slots, 2);
	assert_string_equal(c.program, program_text);
	arena_free(&arena);
	buf_free(&said);
}

/* What is accepted here, the checker runs. */
static void
the_checker_takes_the_program(void **state)
{
	struct challenge_source source = {.dir = FIXTURES "/challenges"};
	struct arena arena = {.head = NULL};
	struct program *program;
	struct challenge c;
	struct buf said;
	struct why why;
	(void)state;

	buf_init(&said, TEXT_MAX_BYTES);
	assert_int_equal(challenge_load(&source, "portal", 60000, &arena, &c, &said, &why), ERR_OK);
	if (program_read(c.program, strlen(c.program), &program, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(program->sections[SECTION_CHECK].count, 3);
	program_free(program);
	arena_free(&arena);
	buf_free(&said);
}

/* A round of the contract eno may take longer than one of steps, but never longer than the tick. */
static void
eno_rounds_are_longer(void **state)
{
	static const char text[] =
	    "id: notes\ntitle: {zh: 便签, en: Notes}\ncontract: eno\nport: 80\n"
	    "checker: {url: \"http://127.0.0.1:3031\"}\n";
	struct challenge_source source = {.text = text, .len = sizeof(text) - 1};
	static const int64_t ticks[][2] = {{60000, 20000}, {20000, 20000}, {10000, 10000}};
	struct arena arena = {.head = NULL};
	struct challenge c;
	struct buf said;
	struct why why;
	(void)state;

	buf_init(&said, TEXT_MAX_BYTES);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    challenge_load(&source, "notes", ticks[i][0], &arena, &c, &said, &why), ERR_OK);
		assert_int_equal(c.timeout_ms, ticks[i][1]);
		assert_string_equal(
		    c.program, "{\"contract\":\"eno\",\"url\":\"http://127.0.0.1:3031\"}");
	}
	arena_free(&arena);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(head),
	    cmocka_unit_test(eno_rounds_are_longer),
	    cmocka_unit_test(variables_and_templates),
	    cmocka_unit_test(actions),
	    cmocka_unit_test(rules),
	    cmocka_unit_test(bounded_numbers_of_things),
	    cmocka_unit_test(a_program_fits_its_line),
	    cmocka_unit_test(steps_become_a_program),
	    cmocka_unit_test(the_checker_takes_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
