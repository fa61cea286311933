/* The step language past requests: loops, lists, filters, rules on pages; each mistake is named at its place. */
#include "cases.h"

#include "checker/program.h"

#define FIXTURES "tests/unit/scenario/fixtures"

static void
variables(void **state)
{
	static const struct mistake_case cases[] = {
	    {"neither random nor value", "{random: name}", "{length: 3}",
		"8:9: a variable has none of random, value; it takes exactly one"},
	    {"range of half", "{random: name}", "{random: number, min: 1}",
		"8:31: a range has both min and max"},
	    {"range upside down", "{random: name}", "{random: number, min: 2, max: 1}",
		"8:31: min is more than max"},
	    {"range and length", "{random: name}", "{random: number, min: 1, max: 2, length: 3}",
		"8:50: length: a number from min to max has its own"},
	    {"range of a text", "{random: name}", "{random: text, min: 1, max: 2}",
		"8:29: min: a random text has its own; leave it out\n8:37: max: a random text"},
	    {"choice without choices", "{random: name}", "{random: choice}",
		"8:9: a random choice has no of; add `of: [A, B]`"},
	    {"choice of none", "{random: name}", "{random: choice, of: []}",
		"8:30: of has 0 entries; it takes at least 1"},
	    {"language", "{random: name}", "{random: phrase, lang: fr}",
		"8:32: lang: \"fr\" is neither zh nor en"},
	    {"made of a later one", "{random: name}", "{value: '{{word}}'}",
		"8:17: {{word}} has no value at this point; did you mean \"port\"? There are: "
		"tick"},
	    {"made of itself", "{random: name}", "{value: '{{user}}'}",
		"8:17: {{user}} has no value"},
	    {"made of the flag", "{random: name}", "{value: '{{flag}}'}",
		"8:17: {{flag}} has no value"},
	    {"made of others", "length: 8}", "length: 8}\n  both: {value: '{{user}}:{{word}}'}",
		""},
	    {"unknown filter", "{u: '{{user}}'}", "{u: '{{user|bas64}}'}",
		"14:50: there is no filter \"bas64\"; did you mean \"base64\"? There are: base64, "
		"hex"},
	    {"filter of an unknown name", "{u: '{{user}}'}", "{u: '{{usr|hex}}'}",
		"14:50: {{usr}} has no value at this point; did you mean \"user\"?"},
	    {"no filter", "{u: '{{user}}'}", "{u: '{{user|}}'}", "14:50: there is no filter \"\""},
	    {"too many filters", "{u: '{{user}}'}", "{u: '{{user|hex|hex|hex|hex|hex}}'}",
		"14:50: 5 filters after one name; it takes at most 4"},
	    {"filters", "{u: '{{user}}'}", "{u: '{{user|sha256|upper}}{{|}}{{1|hex}}'}", ""},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

/* In place of the step of check; STEP begins in column 7 of line 21. */
#define STEPS(text)                                                                                \
	"    - {http: {path: /}, capture: {l: {regex: '(a)', all: true}, one: {json: /a}}}\n" text

static void
loops(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a loop", "    - tcp:\n",
		STEPS(
		    "    - {each: {var: x, in: l, max: 3}, http: {path: '/{{x}}'}}\n    - tcp:\n"),
		""},
	    {"a group", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l, max: 3}, steps: [{http: {path: '/{{x}}'}, "
		      "capture: "
		      "{y: {json: /y}}}, {http: {path: '/{{y}}'}}]}\n    - tcp:\n"),
		""},
	    {"the list is none", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: m, max: 3}, http: {path: /}}\n    - tcp:\n"),
		"22:27: in: there is no list \"m\" at this point; there are: l"},
	    {"the list is one value", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: one, max: 3}, http: {path: /}}\n    - tcp:\n"),
		"22:27: in: one is one value; a list comes from a capture with `all: true`"},
	    {"a list in a text", "    - tcp:\n",
		STEPS("    - {http: {path: '/{{l}}'}}\n    - tcp:\n"),
		"22:21: {{l}} is a list; go over it with `each: {var: ..., in: l, max: ...}`"},
	    {"a list that is a value", "    - tcp:\n",
		STEPS("    - {http: {path: /}, capture: {l: {json: /a}}}\n    - tcp:\n"),
		"22:35: l is a list already; choose another name"},
	    {"a value that is a list", "    - tcp:\n",
		STEPS(
		    "    - {http: {path: /}, capture: {one: {json: /a, all: true}}}\n    - tcp:\n"),
		"22:35: one is one value already; choose another name"},
	    {"a loop's variable that is a list", "    - tcp:\n",
		STEPS("    - {each: {var: l, in: l, max: 3}, http: {path: /}}\n    - tcp:\n"),
		"22:20: l is a list already; choose another name"},
	    {"no bound", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l}, http: {path: /}}\n    - tcp:\n"),
		"22:14: each has no max; add `max: ...`"},
	    {"bounds upside down", "    - tcp:\n",
		STEPS(
		    "    - {each: {var: x, in: l, min: 4, max: 3}, http: {path: /}}\n    - tcp:\n"),
		"22:35: min is more than max"},
	    {"known in the loop only", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l, max: 3}, http: {path: /}, capture: {y: {json: "
		      "/y}}}\n"
		      "    - {http: {path: '/{{x}}{{y}}'}}\n    - tcp:\n"),
		"23:21: {{x}} has no value at this point\n23:21: {{y}} has no value"},
	    {"a list known in the loop only", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l, max: 3}, http: {path: /}, capture: {y: {json: "
		      "/y, all: "
		      "true}}}\n    - {each: {var: z, in: y, max: 3}, http: {path: /}}\n    - "
		      "tcp:\n"),
		"23:27: in: there is no list \"y\" at this point"},
	    {"steps without each", "    - tcp:\n",
		STEPS("    - {steps: [{http: {path: /}}]}\n    - tcp:\n"),
		"22:15: steps within a step go over a list; add `each"},
	    {"a group that asserts", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l, max: 3}, assert: [{status: 200}], retry: 1, "
		      "steps: "
		      "[{http: {path: /}}]}\n    - tcp:\n"),
		"22:47: assert belongs to the steps of a group\n22:71: retry belongs to the steps"},
	    {"no steps in a group", "    - tcp:\n",
		STEPS("    - {each: {var: x, in: l, max: 3}, steps: []}\n    - tcp:\n"),
		"22:46: steps has 0 entries; it takes at least 1"},
	    {"a mistake in a group", "    - tcp:\n",
		STEPS(
		    "    - each: {var: x, in: l, max: 3}\n      steps:\n        - http: {path: x}\n"
		    "    - tcp:\n"),
		"24:24: path: \"x\" does not begin with /"},
	    {"three deep", "    - tcp:\n",
		STEPS("    - {each: {var: a, in: l, max: 1}, steps: [{each: {var: b, in: l, max: "
		      "1}, steps: "
		      "[{each: {var: c, in: l, max: 1}, http: {path: /}}]}]}\n    - tcp:\n"),
		"22:94: each stands within 2 others; at most 2 may stand within each other"},
	    {"too many in a run", "    - tcp:\n",
		STEPS("    - {each: {var: a, in: l, max: 251}, retry: 3, http: {path: /}}\n    - "
		      "tcp:\n"),
		"22:7: check may come to 1005 steps here, with every loop at its max and every "
		"retry; at "
		"most 1000"},
	    {"as many as may be in a run", "    - tcp:\n",
		STEPS("    - {each: {var: a, in: l, max: 249}, retry: 3, http: {path: /}}\n    - "
		      "tcp:\n"),
		""},
	    {"saved in a loop", "      save: {note: '{{id}}'}\n",
		"      save: {note: '{{id}}'}\n    - {http: {path: /}, capture: {l: {regex: (a), "
		"all: "
		"true}}}\n    - {each: {var: x, in: l, max: 3}, http: {path: /}, save: {y: a}}\n",
		"18:62: save is not for steps that go over a list"},
	    {"result of a loop", "    - tcp:\n",
		STEPS("    - {fails: no, each: {var: x, in: l, max: 3}, http: {path: /}}\n    - "
		      "tcp:\n"),
		"22:15: fails: there is no such result \"no\""},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
rules(void **state)
{
	static const struct mistake_case cases[] = {
	    {"count of nothing", "{status: 200}", "{count: {min: 1}}",
		"19:24: a count has none of regex, json; it takes exactly one"},
	    {"count without bounds", "{status: 200}", "{count: {regex: a}}",
		"19:24: a count has neither min nor max"},
	    {"count upside down", "{status: 200}", "{count: {regex: a, min: 2, max: 1}}",
		"19:40: min is more than max"},
	    {"count by a bad pointer", "{status: 200}", "{count: {json: a, min: 2}}",
		"19:31: json: \"a\" is no JSON pointer"},
	    {"json of nothing", "{status: 200}", "{json: {}}",
		"19:23: json: expected {POINTER: VALUE}"},
	    {"json by a bad pointer", "{status: 200}", "{json: {a: 1}}",
		"19:24: json: \"a\" is no JSON pointer"},
	    {"json with an unknown name", "{status: 200}", "{json: {/a: ['{{usr}}']}}",
		"19:29: {{usr}} has no value"},
	    {"foreign what", "{status: 200}", "{no_foreign: [scripts, frame]}",
		"19:39: no_foreign: there is no kind of content \"frame\"; did you mean "
		"\"frames\"?"},
	    {"foreign nothing", "{status: 200}", "{no_foreign: []}",
		"19:29: no_foreign has 0 entries"},
	    {"foreign by a word", "{status: 200}", "{no_foreign: scripts}",
		"19:29: no_foreign: expected all, or a list such as [scripts, frames], found "
		"\"scripts\""},
	    {"code of another rule", "{status: 200}", "{no_code: [links]}",
		"19:27: no_code: there is no kind of content \"links\"; there are: scripts, "
		"handlers, urls"},
	    {"hidden of another rule", "{status: 200}", "{no_hidden: [scripts]}",
		"19:29: no_hidden: there is no kind of content \"scripts\"; there are: links, "
		"frames"},
	    {"allow elsewhere", "{status: 200}", "{no_code: all, allow: [a.example]}",
		"19:38: allow belongs to no_foreign"},
	    {"allow an URL", "{status: 200}", "{no_foreign: all, allow: ['http://a.example']}",
		"19:42: allow: \"http://a.example\" is no host"},
	    {"allow a port", "{status: 200}",
		"{no_foreign: all, allow: [a.example, 'b.example:80']}",
		"19:53: allow: \"b.example:80\" is no host"},
	    {"default of a list", "{json: /id}", "{json: /id, all: true, default: x}",
		"15:53: default is for one value\n16:20: {{id}} is a list"},
	    {"all of neither", "{json: /id}", "{json: /id, all: yes}",
		"15:38: all: expected true or false, found \"yes\""},
	    {"bad regex that must not match", "{status: 200}", "{body_regex_lacks: '('}",
		"19:35: the regular expression \"(\" is no POSIX extended"},
	    {"tries", "      timeout_ms: 2000", "      retry: 4",
		"13:14: retry is 4; it is 0 to 3"},
	    {"step's result", "      timeout_ms: 2000", "      fails: fault",
		"13:14: fails: there is no such result \"fault\"; there are: down, mumble, "
		"corrupt"},
	    {"unreachable", "      timeout_ms: 2000", "      unreachable: ok",
		"13:20: unreachable: there is no such result \"ok\""},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
program_of(const char *id, struct program **out, struct arena *arena, const char **text)
{
	struct challenge_source source = {.dir = FIXTURES "/steps"};
	struct challenge c;
	struct buf said;
	struct why why;

	buf_init(&said, TEXT_MAX_BYTES);
	if (challenge_load(&source, id, 60000, arena, &c, &said, &why) != ERR_OK)
		fail_msg("%s", said.len > 0 ? said.data : why.text);
	if (program_read(c.program, strlen(c.program), out, &why) != ERR_OK)
		fail_msg("%s\n%s", why.text, c.program);
	*text = c.program;
	buf_free(&said);
}

/* The whole language once: what is compiled here, the checker takes for the same. */
static void
the_checker_takes_the_language(void **state)
{
	struct arena arena = {.head = NULL};
	struct program *p;
	const struct step *s;
	const char *text;
	(void)state;

	program_of("language", &p, &arena, &text);
	assert_int_equal(p->var_count, 8);
	assert_int_equal(p->vars[0].random.min, -5);
	assert_string_equal(p->vars[1].random.of[2], "蓝");
	assert_int_equal(p->vars[4].random.lang, RANDOM_EN);
	assert_true(p->vars[7].derived);
	assert_int_equal(p->vars[7].value.pieces[2].filters[0], FILTER_UPPER);
	s = p->sections[SECTION_PUT].steps;
	assert_int_equal(s->fails, ST_DOWN);
	assert_int_equal(s->unreachable, ST_MUMBLE);
	assert_int_equal(s->retry, 3);
	assert_string_equal(s->captures[1].otherwise, "zh");
	assert_null(s->captures[0].otherwise);
	assert_int_equal(p->sections[SECTION_CHECK].count, 9);
	s = p->sections[SECTION_CHECK].steps;
	assert_true(s->captures[0].all);
	assert_int_equal(s->rules[0].max, 10000);
	assert_int_equal(s->rules[1].fails, ST_CORRUPT);
	assert_int_equal(s->rules[2].member_count, 3);
	assert_string_equal(s->rules[2].members[2].value.source, "[1,null,\"{{text}}\"]");
	assert_string_equal(s->rules[4].page.allow[2], "2001:db8::1");
	assert_int_equal(s->rules[5].page.foreign, PAGE_SCRIPTS | PAGE_LINKS);
	assert_int_equal(s->rules[6].page.code, PAGE_SCRIPTS | PAGE_HANDLERS | PAGE_URLS);
	assert_int_equal(s->rules[7].page.hidden, PAGE_FRAMES);
	assert_int_equal(s[1].loop->body, 1);
	assert_int_equal(s[2].rules[0].fails, ST_CORRUPT);
	assert_int_equal(s[3].loop->body, 3);
	assert_int_equal(s[3].loop->min, 1);
	assert_int_equal(s[5].loop->body, 1);
	assert_int_equal(s[7].loop->max, 256);
	program_free(p);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(variables),
	    cmocka_unit_test(loops),
	    cmocka_unit_test(rules),
	    cmocka_unit_test(the_checker_takes_the_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
