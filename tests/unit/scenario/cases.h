/*
 * A good scenario with a good challenge, and a way to say "this change makes exactly these mistakes".
 *
 * A case replaces the only occurrence of `find` by `put` and lists what must be said, one line per
 * mistake, each the beginning of "LINE:COLUMN: text". Any other mistake fails the case.
 * Included once by each test program of this folder.
 */
#ifndef DRILLD_TESTS_SCENARIO_CASES_H
#define DRILLD_TESTS_SCENARIO_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "scenario/parse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES (8u * 1024 * 1024)

static const char good_scenario[] =
    "drill:\n"
    "  id: campus\n"
    "  name: {zh: 演练, en: Drill}\n"
    "  start: 2027-06-20T09:00:00+08:00\n"
    "  duration: 1h\n"
    "  tick: 60s\n"
    "  time_zone: Asia/Shanghai\n"
    "  flag_ticks: 5\n"
    "  flag_prefix: DRILL\n"
    "  public_board: true\n"
    "  scoring: {policy: faust}\n"
    "departments:\n"
    "  - id: library\n"
    "    name: Library\n"
    "    nop: false\n"
    "    posts:\n"
    "      - {id: head, title: Director, holder: Li, phone: \"138\"}\n"
    "  - {id: it, name: IT}\n"
    "red_teams:\n"
    "  - {id: red-1, name: Red One, department: it}\n"
    "systems:\n"
    "  - id: lib-web\n"
    "    name: Library website\n"
    "    department: library\n"
    "    challenge: web\n"
    "    address: 10.1.2.3:8080\n"
    "    mlps: 3\n"
    "    weight: 2\n"
    "    in_charge: head\n"
    "  - id: it-web\n"
    "    name: IT website\n"
    "    department: it\n"
    "    challenge: web\n"
    "    address: '[2001:db8::1]'\n"
    "accounts:\n"
    "  - {id: chief, role: director}\n"
    "  - {id: lib-blue, role: blue, department: library}\n"
    "  - {id: one, role: red, red_team: red-1}\n";

static const char good_challenge[] =
    "id: web\n"
    "title: Website\n"
    "contract: steps\n"
    "port: 80\n"
    "timeout_ms: 5000\n"
    "flags: 2\n"
    "vars:\n"
    "  user: {random: name}\n"
    "  word: {random: text, length: 8}\n"
    "steps:\n"
    "  put:\n"
    "    - name: file\n"
    "      timeout_ms: 2000\n"
    "      http: {method: POST, path: /new, form: {u: '{{user}}'}}\n"
    "      capture: {id: {json: /id}}\n"
    "      save: {note: '{{id}}'}\n"
    "  get:\n"
    "    - http: {path: '/n/{{note}}', headers: {X-A: b}}\n"
    "      assert: [{status: 200}, {body_contains: '{{flag}}'}]\n"
    "  check:\n"
    "    - tcp:\n"
    "        port: 25\n"
    "        talk:\n"
    "          - {expect: '220 '}\n"
    "          - {send_hex: 0d0a}\n"
    "      assert: [{body_regex: ^2}]\n";

/* The mistakes without the file's name, in order. A failed assertion below leaves nothing behind. */
static inline enum err
parse_texts(
    const char *scenario, size_t len, const char *challenge, struct scenario *out, struct buf *said)
{
	struct challenge_source source = {.dir = "D", .text = challenge, .len = strlen(challenge)};
	struct buf challenge_mistakes;
	struct mistakes m;
	enum err e;

	*out = (struct scenario){.account_count = 0};
	buf_init(said, TEXT_MAX_BYTES);
	buf_init(&challenge_mistakes, TEXT_MAX_BYTES);
	mistakes_init(&m, "F");
	e = scenario_parse(scenario, len, &source, out, &m, &challenge_mistakes);
	mistakes_write(&m, said);
	buf_put(said, challenge_mistakes.data, challenge_mistakes.len);
	mistakes_free(&m);
	buf_free(&challenge_mistakes);
	return e;
}

/* text with its only `find` replaced. */
static inline char *
replaced(const char *text, const char *find, const char *put)
{
	const char *at = strstr(text, find);
	struct buf b;

	if (at == NULL || strstr(at + 1, find) != NULL)
		fail_msg("\"%s\" is there %s", find, at == NULL ? "never" : "more than once");
	buf_init(&b, TEXT_MAX_BYTES);
	buf_put(&b, text, (size_t)(at - text));
	buf_puts(&b, put);
	buf_puts(&b, at + strlen(find));
	return buf_take(&b, NULL);
}

/* Each line of said begins with file and the line of expected; as many of one as of the other. */
static inline void
same_mistakes(const char *rule, const char *file, const char *said, const char *expected)
{
	const char *s = said, *e = expected;

	while (*s != '\0' || *e != '\0') {
		size_t n = strcspn(e, "\n");
		bool prefix =
		    strncmp(s, file, strlen(file)) == 0 && strncmp(s + strlen(file), e, n) == 0;

		if (*s == '\0' || *e == '\0' || !prefix)
			fail_msg("%s: expected\n%s\nfound\n%s", rule, expected, said);
		s += strcspn(s, "\n") + 1;
		e += n + (e[n] == '\n');
	}
}

struct mistake_case {
	const char *rule;
	const char *find;
	const char *put;
	const char *expected;
};

static inline void
run_scenario_cases(const struct mistake_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *text = replaced(good_scenario, cases[i].find, cases[i].put);
		struct scenario s;
		struct buf said;
		enum err e = parse_texts(text, strlen(text), good_challenge, &s, &said);

		same_mistakes(
		    cases[i].rule, "F:", said.len > 0 ? said.data : "", cases[i].expected);
		assert_int_equal(e, *cases[i].expected == '\0' ? ERR_OK : ERR_INVALID);
		scenario_free(&s);
		buf_free(&said);
		free(text);
	}
}

static inline void
run_challenge_cases(const struct mistake_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *text = replaced(good_challenge, cases[i].find, cases[i].put);
		struct scenario s;
		struct buf said;
		enum err e = parse_texts(good_scenario, strlen(good_scenario), text, &s, &said);

		same_mistakes(cases[i].rule, "D/web/challenge.yaml:", said.len > 0 ? said.data : "",
		    cases[i].expected);
		assert_int_equal(e, *cases[i].expected == '\0' ? ERR_OK : ERR_INVALID);
		scenario_free(&s);
		buf_free(&said);
		free(text);
	}
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
