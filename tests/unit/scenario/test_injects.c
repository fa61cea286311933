/* The section injects: what becomes of it, and every rule broken once. */
#include "cases.h"

#define WITH(injects) "accounts:\n", "injects:\n" injects "accounts:\n"
#define ONE "  - {id: one, title: T, from: F, text: X, "
#define TWO                                                                                        \
	"  - {id: one, title: T, from: F, text: X, manual: true, allowed: 1m, rubric: [{id: a, "   \
	"marks: 1, title: A}]}\n"

static void
mistakes_at_their_places(void **state)
{
	static const struct mistake_case cases[] = {
	    {"none", "accounts:\n", "injects: []\naccounts:\n", ""},
	    {"no list", "accounts:\n", "injects: 7\naccounts:\n",
		"35:10: injects: expected a list"},
	    {"by the clock", WITH(ONE "at: 59m}\n"), ""},
	    {"what must be there", WITH("  - {id: one, at: 1m}\n"),
		"36:5: an inject has no title\n36:5: an inject has no from\n"
		"36:5: an inject has no text"},
	    {"no moment", WITH(ONE "common: true}\n"), "36:5: an inject"},
	    {"two moments", WITH(ONE "at: 1m, manual: true}\n"), "36:"},
	    {"not by hand", WITH(ONE "manual: false}\n"), "36:51: manual: write `manual: true`"},
	    {"after the end", WITH(ONE "at: 1h}\n"), "36:47: at: the drill ends after 1h;"},
	    {"no time", WITH(ONE "at: soon}\n"), "36:47: at: \"soon\""},
	    {"the same id twice", WITH(ONE "at: 1m}\n" ONE "at: 1m}\n"),
		"37:10: id: inject \"one\" is on line 36 already"},
	    {"to nobody", WITH(ONE "at: 1m, to: []}\n"), "36:55: to has 0 entries"},
	    {"to a red team", WITH(ONE "at: 1m, to: [red-1]}\n"),
		"36:56: to: \"red-1\" is no department that is defended; there are: library, it"},
	    {"to a department twice", WITH(ONE "at: 1m, to: [it, library, it]}\n"),
		"36:69: to: \"it\" is there twice"},
	    {"an undefended one", "    nop: false\n", "    nop: true\n", ""},
	    {"another channel", WITH(ONE "at: 1m, channel: [app, letter]}\n"),
		"36:66: channel: there is no \"letter\"; there are: app, mail"},
	    {"another phase", WITH(ONE "at: 1m, phase: panic}\n"),
		"36:58: phase: there is no phase \"panic\""},
	    {"no such controller", WITH(ONE "at: 1m, controller: nobody}\n"),
		"36:63: controller: \"nobody\" is no account of the staff"},
	    {"a blue evaluator", WITH(ONE "at: 1m, evaluator: lib-blue}\n"),
		"36:62: evaluator: \"lib-blue\" is no account of the staff"},
	    {"common but to some", WITH(ONE "at: 1m, common: true, to: [it]}\n"),
		"36:69: to: a common incident"},
	    {"after none", WITH(ONE "after: {inject: two, on: success}}\n"),
		"36:59: inject: there is no \"two\" further up in the list"},
	    {"after itself", WITH(ONE "after: {inject: one, on: success}}\n"),
		"36:59: inject: there is no \"one\" further up"},
	    {"after what never expires",
		WITH(
		    ONE "at: 1m}\n  - {id: b, title: T, from: F, text: X, after: {inject: one, on: "
			"expiry}}\n"),
		"37:48: after: \"one\" never expires; give it `allowed: 30m`"},
	    {"after what is not marked",
		WITH(
		    ONE "at: 1m}\n  - {id: b, title: T, from: F, text: X, after: {inject: one, on: "
			"failure}}\n"),
		"37:48: after: \"one\" has neither success nor failure; give it a `rubric`"},
	    {"a condition that can come",
		WITH(TWO
		    "  - {id: b, title: T, from: F, text: X, after: {inject: one, on: expiry}}\n"),
		""},
	    {"another outcome",
		WITH(TWO
		    "  - {id: b, title: T, from: F, text: X, after: {inject: one, on: luck}}\n"),
		"37:66: on: there is no outcome"},
	    {"an item twice",
		WITH(ONE "at: 1m, rubric: [{id: a, marks: 1, title: A}, {id: a, marks: 1, title: "
			 "B}]}\n"),
		"36:94: id: this rubric has \"a\" on line 36 already"},
	    {"no marks", WITH(ONE "at: 1m, rubric: [{id: a, marks: 0, title: A}]}\n"),
		"36:75: marks"},
	    {"a third language",
		WITH("  - {id: one, title: {zh: T, fr: T}, from: F, text: X, at: 1m}\n"),
		"36:30: title: there is no language \"fr\"; there are: zh, en"},
	    {"a title of two lines",
		WITH("  - {id: one, title: \"a\\nb\", from: F, text: X, at: 1m}\n"),
		"36:22: title has"},
	    {"a control character",
		WITH("  - {id: one, title: T, from: F, text: \"a\\ab\", at: 1m}\n"),
		"36:40: text has"},
	};

	(void)state;
	run_scenario_cases(cases, COUNT(cases));
}

/* A department without an id is one mistake, and the list is looked through all the same. */
static void
beside_a_nameless_department(void **state)
{
	char *with = replaced(good_scenario, WITH(ONE "at: 1m, to: [it, itt]}\n"));
	char *text = replaced(with, "  - {id: it, name: IT}\n", "  - {name: IT}\n");
	struct scenario s;
	struct buf said;

	(void)state;
	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_INVALID);
	assert_non_null(strstr(said.data, "a department has no id"));
	assert_non_null(strstr(said.data, "to: \"itt\" is no department"));
	scenario_free(&s);
	buf_free(&said);
	free(text);
	free(with);
}

static void
what_becomes_of_it(void **state)
{
	char *text = replaced(good_scenario, "accounts:\n",
	    "injects:\n"
	    "  - id: one\n"
	    "    title: {zh: 题, en: Title}\n"
	    "    from: {en: From}\n"
	    "    text: |\n"
	    "      first\n"
	    "      second\n"
	    "    at: 10m\n"
	    "    to: [it, library]\n"
	    "    channel: [app, mail]\n"
	    "    allowed: 20m\n"
	    "    phase: containment\n"
	    "    controller: chief\n"
	    "    rubric:\n"
	    "      - {id: a, marks: 5, title: A, guidance: G}\n"
	    "  - {id: two, title: T, from: F, text: X, common: true, manual: true, pass: 80}\n"
	    "  - {id: three, title: T, from: F, text: X, after: {inject: one, on: failure}}\n"
	    "accounts:\n");
	const struct inject_plan *p;
	struct scenario s;
	struct buf said;

	(void)state;
	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_OK);
	assert_int_equal(s.inject_count, 3);
	p = &s.injects[0];
	assert_string_equal(p->title.zh, "题");
	assert_string_equal(p->from.zh, "From");
	assert_string_equal(p->text.en, "first\nsecond\n");
	assert_string_equal(p->objective.en, "");
	assert_int_equal(p->when, INJECT_AT);
	assert_int_equal(p->offset_ms, 600000);
	assert_string_equal(p->to, "it,library");
	assert_int_equal(p->channels, INJECT_IN_APP | INJECT_BY_MAIL);
	assert_int_equal(p->allowed_ms, 1200000);
	assert_int_equal(p->phase, PDCERF_CONTAINMENT);
	assert_int_equal(p->pass, INJECT_PASS_DEFAULT);
	assert_string_equal(p->controller, "chief");
	assert_string_equal(p->evaluator, "");
	assert_int_equal(p->items[0].marks, 5);
	assert_string_equal(p->items[0].guidance.en, "G");
	p = &s.injects[1];
	assert_true(p->common);
	assert_string_equal(p->to, "blue");
	assert_int_equal(p->when, INJECT_MANUAL);
	assert_int_equal(p->channels, INJECT_IN_APP);
	assert_int_equal(p->phase, -1);
	assert_int_equal(p->pass, 80);
	p = &s.injects[2];
	assert_int_equal(p->when, INJECT_AFTER);
	assert_string_equal(p->after, "one");
	assert_int_equal(p->on, INJECT_FAILURE);
	scenario_free(&s);
	buf_free(&said);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_at_their_places),
	    cmocka_unit_test(beside_a_nameless_department),
	    cmocka_unit_test(what_becomes_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
