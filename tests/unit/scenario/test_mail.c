/* The sections `mail` and `kill` and departments' addresses: every rule broken once; what good ones become. */
#include "cases.h"

#define MAIL "mail: {url: 'smtp://mail.example.edu', from: drill@example.edu"
#define ACCOUNTS "accounts:\n"
#define WITH_MAIL(more) MAIL more "}\n" ACCOUNTS

static void
the_relay(void **state)
{
	static const struct mistake_case cases[] = {
	    {"no more than needed", ACCOUNTS, WITH_MAIL(""), ""},
	    {"all of it", ACCOUNTS,
		"mail: {url: 'smtp://mail.example.edu:587', tls: required, from: "
		"drill@example.edu, "
		"from_name: {zh: 演练, en: Drill}, user: drill, password_env: "
		"DRILLD_MAIL_PASSWORD, "
		"ca: /etc/ca.pem, timeout: 30s}\n" ACCOUNTS,
		""},
	    {"without TLS nor password", ACCOUNTS, WITH_MAIL(", tls: none"), ""},
	    {"nothing in it", ACCOUNTS, "mail: {}\n" ACCOUNTS,
		"35:7: the mail has no url; add `url: ...`\n35:7: the mail has no from"},
	    {"no mapping", ACCOUNTS, "mail: yes\n" ACCOUNTS,
		"35:7: expected the mail (KEY: VALUE)"},
	    {"a key of another's", ACCOUNTS, WITH_MAIL(", password: secret"),
		"35:65: \"password\" is no key of the mail; there are: url"},
	    {"another scheme", ACCOUNTS, "mail: {url: 'http://a', from: a@b}\n" ACCOUNTS,
		"35:13: url: \"http://a\" is no relay; write smtp://HOST:PORT, or smtps://"},
	    {"a path", ACCOUNTS, "mail: {url: 'smtp://a/b', from: a@b}\n" ACCOUNTS,
		"35:13: url: behind smtp:// \"a/b\" "},
	    {"a port that is none", ACCOUNTS, "mail: {url: 'smtp://a:70000', from: a@b}\n" ACCOUNTS,
		"35:13: url: behind smtp:// \"a:70000\" "},
	    {"a password in the address, which is not said again", ACCOUNTS,
		"mail: {url: 'smtp://u:secret@a', from: a@b}\n" ACCOUNTS,
		"35:13: url: a user or password stands in it; write smtp://HOST:PORT, and `user` "
		"and "
		"`password_env` beside it"},
	    {"tls: maybe", ACCOUNTS, WITH_MAIL(", tls: maybe"),
		"35:70: tls: there is no \"maybe\"; there are: required, none"},
	    {"smtps without TLS", ACCOUNTS,
		"mail: {url: 'smtps://a', from: a@b, tls: none}\n" ACCOUNTS,
		"35:42: tls: smtps:// is TLS; leave tls out or write smtp://"},
	    {"a password in the clear", ACCOUNTS,
		WITH_MAIL(", tls: none, user: u, password_env: A"),
		"35:70: tls: without TLS the password of `user` could be read on the way"},
	    {"a user without a password", ACCOUNTS, WITH_MAIL(", user: u"),
		"35:71: user: has no password; add `password_env: VARIABLE` or `password_file: "
		"/FILE`"},
	    {"a password without a user", ACCOUNTS, WITH_MAIL(", password_env: A"),
		"35:7: mail: a password without `user: ...`"},
	    {"two passwords", ACCOUNTS, WITH_MAIL(", user: u, password_env: A, password_file: /a"),
		"35:7: the mail has several of password_env, password_file; it takes at most one"},
	    {"the password for its variable's name", ACCOUNTS,
		WITH_MAIL(", user: u, password_env: s3c-ret"),
		"35:88: password_env: \"s3c-ret\" is no name of an environment variable"},
	    {"a variable that begins with a digit", ACCOUNTS,
		WITH_MAIL(", user: u, password_env: 1a"), "35:88: password_env: \"1a\" is no name"},
	    {"relative files", ACCOUNTS, WITH_MAIL(", user: u, password_file: a, ca: b"),
		"35:89: password_file: \"a\" is no absolute path; begin it with /\n"
		"35:96: ca: \"b\" is no absolute path"},
	    {"a sender with a name", ACCOUNTS,
		"mail: {url: 'smtp://a', from: 'Drill <a@b>'}\n" ACCOUNTS,
		"35:31: from: \"Drill <a@b>\" is no address"},
	    {"a header in the sender", ACCOUNTS,
		"mail: {url: 'smtp://a', from: \"a@b\\r\\nBcc: x@y\"}\n" ACCOUNTS,
		"35:31: from: \"a@b\\x0d\\nBcc: x@y\" has a line break or control character"},
	    {"no time at all", ACCOUNTS, WITH_MAIL(", timeout: 1ms"),
		"35:74: timeout: \"1ms\" is out of range; it is 1s to 10m"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
addresses(void **state)
{
	static const struct mistake_case cases[] = {
	    {"two of them", "{id: it, name: IT}", "{id: it, name: IT, mail: [a@b, c@d.example]}",
		""},
	    {"one alone", "{id: it, name: IT}", "{id: it, name: IT, mail: a@b}",
		"18:30: mail: expected a list"},
	    {"none", "{id: it, name: IT}", "{id: it, name: IT, mail: []}",
		"18:30: mail has 0 entries; it takes at least 1"},
	    {"no address", "{id: it, name: IT}", "{id: it, name: IT, mail: [a@b, office, 'a b@c']}",
		"18:36: mail: \"office\" has no @; write it as office@example.edu\n"
		"18:44: mail: \"a b@c\" is no address"},
	    {"twice", "{id: it, name: IT}", "{id: it, name: IT, mail: [a@b, a@b]}",
		"18:36: mail: \"a@b\" is there twice"},
	    {"not for a red team", "{id: red-1, name: Red One, department: it}",
		"{id: red-1, name: Red One, department: it, mail: [a@b]}",
		"20:48: \"mail\" is no key of a red team"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
the_kill_switch(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a program", ACCOUNTS,
		"kill: {hook: [/bin/sh, -c, 'exit 0', ''], timeout: 5s}\n" ACCOUNTS, ""},
	    {"no hook", ACCOUNTS, "kill: {timeout: 5s}\n" ACCOUNTS,
		"35:7: the kill switch has no hook"},
	    {"a line for a shell", ACCOUNTS, "kill: {hook: /bin/sh -c x}\n" ACCOUNTS,
		"35:14: hook: expected a list"},
	    {"no program", ACCOUNTS, "kill: {hook: []}\n" ACCOUNTS, "35:14: hook has 0 entries"},
	    {"looked for in PATH", ACCOUNTS, "kill: {hook: [sh]}\n" ACCOUNTS,
		"35:15: hook: sh is no absolute path; begin it with /"},
	    {"not there", ACCOUNTS, "kill: {hook: [/no/such/program]}\n" ACCOUNTS,
		"35:15: hook: /no/such/program: No such file or directory"},
	    {"no file", ACCOUNTS, "kill: {hook: [/bin]}\n" ACCOUNTS,
		"35:15: hook: /bin is no file"},
	    {"not to be executed", ACCOUNTS, "kill: {hook: [/etc/passwd]}\n" ACCOUNTS,
		"35:15: hook: /etc/passwd cannot be executed; chmod +x /etc/passwd"},
	    {"too long", ACCOUNTS, "kill: {hook: [/bin/sh], timeout: 11m}\n" ACCOUNTS,
		"35:34: timeout: \"11m\" is out of range; it is 1s to 10m"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
what_they_become(void **state)
{
	char *mail = replaced(good_scenario, ACCOUNTS,
	    "mail: {url: 'smtps://[2001:db8::1]', from: drill@example.edu, user: u, password_file: "
	    "/p}\n"
	    "kill: {hook: [/bin/sh, -x]}\n" ACCOUNTS);
	char *text =
	    replaced(mail, "  - {id: it, name: IT}", "  - {id: it, name: IT, mail: [a@b, c@d]}");
	struct drill_config *c;
	struct json_writer w;
	struct scenario s;
	struct buf said, config;
	(void)state;

	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_OK);
	c = &s.config;
	assert_string_equal(s.mail.host, "2001:db8::1");
	assert_int_equal(s.mail.port, 465);
	assert_true(s.mail.implicit && s.mail.tls);
	assert_string_equal(s.mail.from, "drill@example.edu");
	assert_null(s.mail.from_name.zh);
	assert_string_equal(s.mail.password_file, "/p");
	assert_int_equal(s.mail.timeout_ms, 60000);
	assert_string_equal(s.kill.argv[0], "/bin/sh");
	assert_string_equal(s.kill.argv[1], "-x");
	assert_null(s.kill.argv[2]);
	assert_int_equal(s.kill.timeout_ms, 30000);
	assert_int_equal(s.contacts[0].count, 0);
	assert_int_equal(s.contacts[1].count, 2);
	assert_string_equal(s.contacts[1].mail[1], "c@d");
	assert_int_equal(s.contacts[c->team_count - 1].count, 0);
	/* Neither an address nor the relay is part of what the journal publishes. */
	c->sign_key = "";
	buf_init(&config, TEXT_MAX_BYTES);
	jw_begin(&w, &config);
	config_encode(c, &w);
	assert_non_null(strstr(config.data, "library"));
	assert_null(strstr(config.data, "a@b"));
	assert_null(strstr(config.data, "example.edu"));
	assert_null(strstr(config.data, "/bin/sh"));
	buf_free(&config);
	scenario_free(&s);
	buf_free(&said);
	free(mail);
	free(text);
}

static void
without_them(void **state)
{
	struct scenario s;
	struct buf said;
	(void)state;

	assert_int_equal(
	    parse_texts(good_scenario, strlen(good_scenario), good_challenge, &s, &said), ERR_OK);
	assert_null(s.mail.host);
	assert_null(s.kill.argv);
	assert_int_equal(s.contacts[0].count, 0);
	scenario_free(&s);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_relay),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(the_kill_switch),
	    cmocka_unit_test(what_they_become),
	    cmocka_unit_test(without_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
