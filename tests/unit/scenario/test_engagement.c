/* The sections `rules` and `results`: every rule broken once; what good ones become, by way of the journal as well. */
#include "cases.h"

#define ACCOUNTS "accounts:\n"
#define RULES(members) "rules: {" members "}\n" ACCOUNTS

static void
rules_section(void **state)
{
	static const struct mistake_case cases[] = {
	    {"no more than needed", ACCOUNTS, RULES("version: '1', scope: all, text: T"), ""},
	    {"systems by name", ACCOUNTS, RULES("version: '1', scope: [it-web, lib-web], text: T"),
		""},
	    {"in both languages", ACCOUNTS,
		RULES(
		    "version: '1', scope: all, text: {zh: 文, en: T}, forbidden: [{zh: 毁, en: D}, "
		    "One]"),
		""},
	    {"nothing in it", ACCOUNTS, RULES(""),
		"35:8: the rules of engagement has no version; add `version: ...`\n"
		"35:8: the rules of engagement has no scope\n"
		"35:8: the rules of engagement has no text"},
	    {"no mapping", ACCOUNTS, "rules: none\n" ACCOUNTS,
		"35:8: expected the rules of engagement (KEY: VALUE)"},
	    {"another key", ACCOUNTS, RULES("version: '1', scope: all, text: T, forbid: []"),
		"35:44: \"forbid\" is no key of the rules of engagement; did you mean "
		"\"forbidden\"?"},
	    {"no such scope", ACCOUNTS, RULES("version: '1', scope: everything, text: T"),
		"35:30: scope is \"all\" or a list of systems, not \"everything\""},
	    {"nothing in scope", ACCOUNTS, RULES("version: '1', scope: [], text: T"),
		"35:30: scope"},
	    {"no such system", ACCOUNTS, RULES("version: '1', scope: [lib-wbe], text: T"),
		"35:31: scope: there is no system \"lib-wbe\"; did you mean \"lib-web\"?"},
	    {"no list", ACCOUNTS, RULES("version: '1', scope: all, text: T, forbidden: D"),
		"35:55: forbidden"},
	    {"one language of two", ACCOUNTS, RULES("version: '1', scope: all, text: {zh: T}"), ""},
	    {"another language", ACCOUNTS, RULES("version: '1', scope: all, text: {fr: T}"),
		"35:42: text: there is no language \"fr\"; there are: zh, en"},
	    {"a direction character", ACCOUNTS,
		RULES("version: '1', scope: all, text: \"a\\u202eb\""),
		"35:41: text has the control character U+202E at byte 2; leave it out"},
	    {"an empty one", ACCOUNTS, RULES("version: '1', scope: all, text: T, forbidden: ['']"),
		"35:56: forbidden"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
results_section(void **state)
{
	static const struct mistake_case cases[] = {
	    {"after the end", ACCOUNTS, "results: {show_blue: after_end}\n" ACCOUNTS, ""},
	    {"at once", ACCOUNTS, "results: {show_blue: after_confirmation}\n" ACCOUNTS, ""},
	    {"never", ACCOUNTS, "results: {show_blue: never}\n" ACCOUNTS, ""},
	    {"another word", ACCOUNTS, "results: {show_blue: nevre}\n" ACCOUNTS,
		"35:22: show_blue: there is no \"nevre\"; did you mean \"never\"? There are: "
		"after_end, after_confirmation, never"},
	    {"nothing in it", ACCOUNTS, "results: {}\n" ACCOUNTS,
		"35:10: the attack results has no show_blue"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

/* What the file says is what the fold has after it went through the journal's text. */
static void
what_they_become(void **state)
{
	static const char more[] = "rules:\n"
				   "  version: '2027-1'\n"
				   "  scope: [it-web]\n"
				   "  text: {zh: \"一\\n二\", en: T}\n"
				   "  forbidden: [{zh: 毁, en: D}, One, {en: E}]\n"
				   "results: {show_blue: never}\n";
	struct drill_config c = {.id = NULL};
	struct buf text, said, config;
	struct json_t *j = NULL;
	struct json_writer w;
	struct scenario s;
	struct why why;

	(void)state;
	buf_init(&text, TEXT_MAX_BYTES);
	buf_init(&said, TEXT_MAX_BYTES);
	buf_init(&config, TEXT_MAX_BYTES);
	buf_puts(&text, good_scenario);
	buf_puts(&text, more);
	assert_int_equal(parse_texts(text.data, text.len, good_challenge, &s, &said), ERR_OK);
	jw_begin(&w, &config);
	config_encode(&s.config, &w);
	assert_int_equal(jr_parse(config.data, config.len, &j, &why), ERR_OK);
	assert_int_equal(config_decode(j, &c, &why), ERR_OK);
	assert_string_equal(c.rules->version, "2027-1");
	assert_false(c.rules->all);
	assert_false(c.rules->in_scope[0]);
	assert_true(c.rules->in_scope[1]);
	assert_string_equal(c.rules->text.zh, "一\n二");
	assert_int_equal(c.rules->forbidden_count, 3);
	assert_string_equal(c.rules->forbidden[0].en, "D");
	assert_string_equal(c.rules->forbidden[1].zh, "One");
	assert_string_equal(c.rules->forbidden[2].zh, "E");
	assert_string_equal(c.rules->forbidden[2].en, "E");
	assert_int_equal(c.show_blue, SHOW_NEVER);
	jr_free(j);
	config_free(&c);
	scenario_free(&s);
	buf_free(&text);
	buf_free(&said);
	buf_free(&config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_section),
	    cmocka_unit_test(results_section),
	    cmocka_unit_test(what_they_become),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
