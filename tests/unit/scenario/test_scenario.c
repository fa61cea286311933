/* scenario.yaml: every rule broken once, named at its place; and what a good file becomes. */
#include "cases.h"

static void
keys_and_kinds(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a good file", "mlps: 3", "mlps: 3", ""},
	    {"unknown key", "  flag_ticks: 5", "  flag_tick: 5",
		"8:3: \"flag_tick\" is no key of the drill; did you mean \"flag_ticks\"? There "
		"are: id, "
		"name, start"},
	    {"unknown key, nothing near", "    nop: false", "    colour: red",
		"15:5: \"colour\" is no key of a department; there are: id, name, nop, posts"},
	    {"misspelt key is not also missing", "  tick: 60s", "  tik: 60s",
		"6:3: \"tik\" is no key of the drill; did you mean \"tick\"?"},
	    {"missing key, at its mapping", "  - {id: it, name: IT}", "  - {id: it}",
		"18:5: a department has no name; add `name: ...`"},
	    {"missing section",
		"accounts:", "x-accounts:", "35:1: \"x-accounts\" is no key of a scenario"},
	    {"missing part of the drill", "  duration: 1h\n", "", "2:3: the drill has no duration"},
	    {"doubled key", "    weight: 2", "    weight: 2\n    weight: 3",
		"29:5: weight is there twice; the first is on line 28"},
	    {"text for a list", "red_teams:\n  - {id: red-1, name: Red One, department: it}\n",
		"red_teams: none\n",
		"19:12: red_teams: expected a list (- entries or [ ]), found \"none\"\n"
		"37:36: red_team: there is no red team \"red-1\"; there is none"},
	    {"list for a mapping", "  - {id: it, name: IT}", "  - [it]",
		"18:5: expected a department (KEY: VALUE), found a list\n"
		"20:44: department: there is no department \"it\"; there are: library\n"
		"32:17: department: there is no department \"it\""},
	    {"mapping for a text", "    address: 10.1.2.3:8080", "    address: {host: 10.1.2.3}",
		"26:14: address: expected a text, found a mapping"},
	    {"nothing for a text", "    address: 10.1.2.3:8080",
		"    address:", "26:13: address: expected a text, found nothing"},
	    {"blank text", "    name: Library\n", "    name: \" \"\n", "14:11: name is empty"},
	    {"line break in a text", "holder: Li", "holder: \"a\\nF:1:1: forged\"",
		"17:45: holder: \"a\\nF:1:1: forged\" has a line break"},
	    {"text too long", "phone: \"138\"",
		"phone: 01234567890123456789012345678901234567890123456789012345678901234",
		"17:56: phone is 65 bytes long; at most 64"},
	    {"quoted number", "mlps: 3", "mlps: \"3\"",
		"27:11: mlps: expected a whole number from 0 to 5 without quotes, found \"3\""},
	    {"number with a fraction", "weight: 2", "weight: 1.5",
		"28:13: weight: expected a whole number from 1 to 1000, found \"1.5\""},
	    {"octal number", "mlps: 3", "mlps: 03", "27:11: mlps: expected a whole number"},
	    {"number too large", "weight: 2", "weight: 1001",
		"28:13: weight is 1001; it is 1 to 1000"},
	    {"weight below 1", "weight: 2", "weight: 0", "28:13: weight is 0; it is 1 to 1000"},
	    {"mlps above 5", "mlps: 3", "mlps: 6", "27:11: mlps is 6; it is 0 to 5"},
	    {"yes is no boolean", "nop: false", "nop: no",
		"15:10: nop: expected true or false, found \"no\""},
	    {"name in neither language", "{zh: 演练, en: Drill}", "{}",
		"3:9: name has neither zh nor en; give at least one"},
	    {"name in a third language", "{zh: 演练, en: Drill}", "{zh: 演练, de: Übung}",
		"3:18: \"de\" is no key of a name; there are: zh, en"},
	    {"name in one language", "{zh: 演练, en: Drill}", "{zh: 演练}", ""},
	    {"no departments at all", "departments:\n", "departments: []\nother:\n",
		"12:14: departments has 0 entries; it takes at least 1\n"
		"13:1: \"other\" is no key of a scenario\n"
		"21:44: department: there is no department \"it\"; there is none\n"
		"25:17: department: there is no department \"library\"\n"
		"33:17: department: there is no department \"it\"\n"
		"38:44: department: there is no department \"library\""},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
ids_and_references(void **state)
{
	static const struct mistake_case cases[] = {
	    {"id with capitals", "  - {id: it, name: IT}", "  - {id: It, name: IT}",
		"18:10: id: \"It\" is no id; ids are 1 to 64 small letters\n"
		"20:44: department: there is no department \"it\"; there are: library\n"
		"32:17: department: there is no department \"it\"; there are: library"},
	    {"id that leaves its folder", "  id: campus\n", "  id: ../etc\n",
		"2:7: id: \"../etc\" is no id"},
	    {"doubled department", "  - {id: it, name: IT}",
		"  - {id: it, name: IT}\n  - {id: library, name: L}",
		"19:10: the id \"library\" is taken: the first department or red team with it is "
		"on line 13"},
	    {"red team named as a department", "{id: red-1, name: Red One, department: it}",
		"{id: red-1, name: Red}\n  - {id: it, name: Red Two}",
		"21:10: the id \"it\" is taken: the first department or red team with it is on "
		"line 18"},
	    {"department named as a group", "  - {id: it, name: IT}",
		"  - {id: it, name: IT}\n  - {id: staff, name: S}",
		"19:10: the id \"staff\" stands for many where an announcement or an inject says "
		"whom it is for; take another one"},
	    {"account named as who acts by itself", "{id: chief,", "{id: clock,",
		"36:10: the id \"clock\" stands for who acts where no account does; take another "
		"one"},
	    {"doubled system", "  - id: it-web", "  - id: lib-web",
		"30:9: the id \"lib-web\" is taken: the first system with it is on line 22"},
	    {"doubled account", "{id: chief,", "{id: one,",
		"38:10: the id \"one\" is taken: the first account with it is on line 36"},
	    {"doubled post", "holder: Li, phone: \"138\"}",
		"holder: Li}\n      - {id: head, title: Again}",
		"18:14: the id \"head\" is taken: the first post of this department with it is on "
		"line 17"},
	    {"the same post in two departments", "{id: it, name: IT}",
		"{id: it, name: IT, posts: [{id: head, title: Boss}]}", ""},
	    {"dangling department of a system", "    department: library\n",
		"    department: libary\n",
		"24:17: department: there is no department \"libary\"; did you mean \"library\"? "
		"There are: "
		"it, library"},
	    {"a red team owns no system", "    department: library\n", "    department: red-1\n",
		"24:17: department: there is no department \"red-1\""},
	    {"dangling home of a red team", "name: Red One, department: it}",
		"name: Red, department: id}", "20:40: department: there is no department \"id\""},
	    {"dangling post", "in_charge: head", "in_charge: boss",
		"29:16: in_charge: there is no post of its department \"boss\"; there are: head"},
	    {"post of another department", "    address: '[2001:db8::1]'",
		"    address: '[2001:db8::1]'\n    in_charge: head",
		"35:16: in_charge: there is no post of its department \"head\"; there is none"},
	    {"two systems of one service", "    department: it\n", "    department: library\n",
		"30:5: department \"library\" already has a system of the service \"web\" on line "
		"22; add "
		"`service: NAME` to tell them apart"},
	    {"told apart by service", "    department: it\n",
		"    department: library\n    service: web-2\n", ""},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
accounts_and_roles(void **state)
{
	static const struct mistake_case cases[] = {
	    {"unknown role", "role: director", "role: directer",
		"36:23: role: there is no role \"directer\"; did you mean \"director\"? There are: "
		"blue, red, "
		"judge, director, leader, admin"},
	    {"nobody signs in as the public", "role: director", "role: public",
		"36:23: role: there is no role \"public\"; there are: blue"},
	    {"blue without department", "role: blue, department: library", "role: blue",
		"37:5: a blue account works for one department; add `department: ID`"},
	    {"red without red team", "role: red, red_team: red-1", "role: red",
		"38:5: a red account works for one red team; add `red_team: ID`"},
	    {"staff with a department", "role: director", "role: director, department: it",
		"36:45: department: an account of the role director belongs to no department"},
	    {"staff with a red team", "role: director", "role: judge, red_team: red-1",
		"36:40: red_team: an account of the role judge belongs to no red team"},
	    {"blue in a red team", "role: blue, department: library", "role: blue, red_team: red-1",
		"37:5: a blue account works for one department\n"
		"37:42: red_team: an account of the role blue belongs to no red team"},
	    {"dangling department", "role: blue, department: library",
		"role: blue, department: red-1",
		"37:44: department: there is no department \"red-1\""},
	    {"dangling red team", "red_team: red-1", "red_team: red-2",
		"38:36: red_team: there is no red team \"red-2\"; did you mean \"red-1\"?"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
times(void **state)
{
	static const struct mistake_case cases[] = {
	    {"start without offset", "09:00:00+08:00", "09:00:00",
		"4:10: start: \"2027-06-20T09:00:00\" has no offset from UTC"},
	    {"start malformed", "2027-06-20T09:00:00+08:00", "June",
		"4:10: start: \"June\" is no moment"},
	    {"start on no day", "2027-06-20T", "2027-06-31T", "4:10: start: \"2027-06-31T"},
	    {"no start", "  start: 2027-06-20T09:00:00+08:00\n", "", ""},
	    {"duration without unit", "duration: 1h", "duration: 60",
		"5:13: duration: \"60\" is no duration"},
	    {"not a whole number of ticks", "duration: 1h", "duration: 90s",
		"5:13: duration is not a whole number of ticks of 1m; the nearest are 1m and 2m"},
	    {"shorter than a tick", "duration: 1h", "duration: 30s",
		"5:13: duration is shorter than one tick of 1m"},
	    {"too many ticks", "duration: 1h\n  tick: 60s", "duration: 500005s\n  tick: 5s",
		"5:13: duration is 100001 ticks of 5s; at most 100000"},
	    {"tick under a second", "tick: 60s", "tick: 999ms",
		"6:9: tick: \"999ms\" is out of range; it is 1s to 1h"},
	    {"tick over an hour", "tick: 60s", "tick: 61m", "6:9: tick: \"61m\" is out of range"},
	    {"unknown time zone", "Asia/Shanghai", "Asia/Peking",
		"7:14: time_zone: \"Asia/Peking\" is not known on this machine; write an IANA "
		"name"},
	    {"time zone that is a path", "Asia/Shanghai", "../../etc/passwd",
		"7:14: time_zone: \"../../etc/passwd\" is not known"},
	    {"flags outlive the drill", "flag_ticks: 5", "flag_ticks: 61",
		"8:15: flag_ticks is 61, but the drill has only 60 ticks"},
	    {"flags as long as the drill", "flag_ticks: 5", "flag_ticks: 60", ""},
	    {"flags of no tick", "flag_ticks: 5", "flag_ticks: 0",
		"8:15: flag_ticks is 0; it is 1 to 1000"},
	    {"flag prefix with a hyphen", "flag_prefix: DRILL", "flag_prefix: A-B",
		"9:16: flag_prefix: \"A-B\" is no prefix"},
	    {"flag prefix too long", "flag_prefix: DRILL", "flag_prefix: ABCDEFGHIJKLMNOPQ",
		"9:16: flag_prefix: \"ABCDEFGHIJKLMNOPQ\" is no prefix"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
addresses(void **state)
{
	static const struct mistake_case cases[] = {
	    {"bad IPv4", "10.1.2.3:8080", "10.1.2.300:8080",
		"26:14: address: \"10.1.2.300:8080\" is no IPv4 address"},
	    {"bad port", "10.1.2.3:8080", "10.1.2.3:99999",
		"26:14: address: \"10.1.2.3:99999\" has no good port; ports are 1 to 65535"},
	    {"URL", "10.1.2.3:8080", "http://10.1.2.3/",
		"26:14: address: \"http://10.1.2.3/\" is a URL"},
	    {"bare IPv6", "'[2001:db8::1]'", "2001:db8::1",
		"34:14: address: \"2001:db8::1\" has several colons; an IPv6 address goes in "
		"brackets"},
	    {"brackets without quotes are a list", "'[2001:db8::1]'", "[2001:db8::1]",
		"34:14: address: expected a text, found a list"},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

static void
scoring(void **state)
{
	static const struct mistake_case cases[] = {
	    {"unknown policy", "{policy: faust}", "{policy: fausd}",
		"11:21: scoring: there is no policy \"fausd\"; did you mean \"faust\"?"},
	    {"unknown parameters, each at its place", "{policy: faust}",
		"{policy: faust, a: 1, b: 2}", "11:28: scoring: \n11:34: scoring: "},
	    {"parameter that is no text", "{policy: faust}", "{policy: faust, a: [1]}",
		"11:31: a: expected a text, found a list"},
	    {"doubled policy", "{policy: faust}", "{policy: faust, policy: faust}",
		"11:28: scoring: \"policy\" is there twice; the first is on line 11"},
	    {"no mapping", "{policy: faust}", "faust",
		"11:12: scoring: expected a mapping (KEY: VALUE), found \"faust\""},
	    {"none", "  scoring: {policy: faust}\n", "", ""},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

/* The second pass never stops: one run names what is wrong on every line. */
static void
every_mistake_in_one_run(void **state)
{
	static const char text[] =
	    "drill:\n"
	    "  id: Campus\n"
	    "  name: Drill\n"
	    "  duration: 90s\n"
	    "  tick: 60s\n"
	    "  flag_prefix: '-'\n"
	    "  colour: red\n"
	    "departments:\n"
	    "  - {id: a, name: A}\n"
	    "  - {id: a, name: A, nop: maybe}\n"
	    "  - 5\n"
	    "systems:\n"
	    "  - {id: s, name: S, department: b, challenge: web, address: 'x:0', mlps: 9}\n"
	    "  - {id: s, department: a, challenge: web, address: h}\n"
	    "accounts:\n"
	    "  - {id: z, role: chef}\n";
	struct scenario s;
	struct buf said;
	(void)state;

	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_INVALID);
	same_mistakes("every mistake", "F:", said.data,
	    "2:7: id: \n4:13: duration is not\n6:16: flag_prefix: \n7:3: \"colour\" is no key\n"
	    "10:10: the id \"a\" is taken\n10:27: nop: expected true or false\n"
	    "11:5: expected a department\n13:34: department: there is no department \"b\"\n"
	    "13:62: address: \n13:75: mlps is 9\n14:5: a system has no name\n"
	    "14:10: the id \"s\" is taken\n16:19: role: there is no role \"chef\"");
	scenario_free(&s);
	buf_free(&said);
}

static void
check_config(const struct drill_config *c)
{
	assert_string_equal(c->id, "campus");
	assert_string_equal(c->name.zh, "演练");
	assert_string_equal(c->name.en, "Drill");
	assert_int_equal(c->start_ms, INT64_C(1813453200000));
	assert_int_equal(c->tick_ms, 60000);
	assert_int_equal(c->ticks, 60);
	assert_int_equal(c->flag_ticks, 5);
	assert_string_equal(c->flag_prefix, "DRILL");
	assert_string_equal(c->time_zone, "Asia/Shanghai");
	assert_string_equal(c->policy, "faust");
	assert_int_equal(c->param_count, 0);
	assert_true(c->public_board);
	assert_int_equal(c->team_count, 3);
	assert_string_equal(c->teams[0].name.zh, "Library");
	assert_int_equal(c->teams[1].kind, TEAM_BLUE);
	assert_null(c->teams[1].home);
	assert_int_equal(c->teams[2].kind, TEAM_RED);
	assert_string_equal(c->teams[2].home, "it");
	assert_int_equal(c->service_count, 1);
	assert_string_equal(c->services[0].id, "web");
	assert_string_equal(c->services[0].name.en, "Website"); /* the challenge's title */
	assert_int_equal(c->services[0].weight, 2);             /* the largest of its systems' */
	assert_int_equal(c->system_count, 2);
	assert_int_equal(c->systems[0].mlps, 3);
	assert_int_equal(c->systems[0].weight, 2);
	assert_int_equal(c->systems[0].slots, 2);
	assert_int_equal(c->systems[1].team, 1);
	assert_int_equal(c->systems[1].service, 0);
	assert_int_equal(c->systems[1].mlps, 0);
	assert_int_equal(c->systems[1].weight, 1);
}

static void
a_good_file_becomes_a_scenario(void **state)
{
	struct scenario s;
	struct buf said;
	(void)state;

	assert_int_equal(
	    parse_texts(good_scenario, strlen(good_scenario), good_challenge, &s, &said), ERR_OK);
	check_config(&s.config);
	assert_string_equal(s.systems[0].host, "10.1.2.3");
	assert_int_equal(s.systems[0].port, 8080);
	assert_string_equal(s.systems[0].incharge_post, "head");
	assert_string_equal(s.systems[1].host, "2001:db8::1");
	assert_int_equal(s.systems[1].port, 80); /* the challenge's */
	assert_string_equal(s.systems[1].incharge_post, "");
	assert_int_equal(s.post_count, 1);
	assert_string_equal(s.posts[0].department, "library");
	assert_string_equal(s.posts[0].holder, "Li");
	assert_string_equal(s.posts[0].phone, "138");
	assert_int_equal(s.account_count, 3);
	assert_int_equal(s.accounts[0].role, ROLE_DIRECTOR);
	assert_string_equal(s.accounts[0].team, "");
	assert_string_equal(s.accounts[1].team, "library");
	assert_string_equal(s.accounts[2].team, "red-1");
	assert_int_equal(s.challenge_count, 1);
	assert_non_null(scenario_challenge(&s, "web"));
	assert_null(scenario_challenge(&s, "mail"));
	scenario_free(&s);
	buf_free(&said);
}

static void
defaults(void **state)
{
	static const char text[] =
	    "drill: {id: a, name: b, duration: 3s, tick: 1s}\n"
	    "departments: [{id: d, name: D}]\n"
	    "systems: [{id: s, name: S, department: d, challenge: web, service: w, "
	    "address: h}]\n";
	char *challenge = replaced(good_challenge, "timeout_ms: 5000\n", "");
	struct scenario s;
	struct buf said;
	(void)state;

	assert_int_equal(parse_texts(text, strlen(text), challenge, &s, &said), ERR_OK);
	assert_int_equal(s.config.start_ms, 0);
	assert_string_equal(s.config.time_zone, "UTC");
	assert_int_equal(s.config.flag_ticks, 3); /* never longer than the drill */
	assert_string_equal(s.config.flag_prefix, "DRILL");
	assert_false(s.config.public_board);
	assert_string_equal(s.config.policy, "faust");
	assert_string_equal(
	    s.config.services[0].name.zh, "w");             /* its id, since it is no challenge's */
	assert_int_equal(s.challenges[0].timeout_ms, 1000); /* never longer than the tick */
	scenario_free(&s);
	buf_free(&said);
	free(challenge);
}

/* What the journal's first event will hold must come back as it went in. */
static void
the_core_takes_the_configuration(void **state)
{
	struct drill_config back = {.team_count = 0};
	struct scenario s;
	struct json_writer w;
	struct json_t *j;
	struct buf said, text;
	struct why why;
	(void)state;

	assert_int_equal(
	    parse_texts(good_scenario, strlen(good_scenario), good_challenge, &s, &said), ERR_OK);
	s.config.sign_key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	buf_init(&text, TEXT_MAX_BYTES);
	jw_begin(&w, &text);
	config_encode(&s.config, &w);
	assert_int_equal(jr_parse(text.data, text.len, &j, &why), ERR_OK);
	if (config_decode(j, &back, &why) != ERR_OK)
		fail_msg("%s", why.text);
	check_config(&back);
	jr_free(j);
	config_free(&back);
	buf_free(&text);
	scenario_free(&s);
	buf_free(&said);
}

/* The largest drill the core takes is read in a moment. */
static void
the_largest_scenario(void **state)
{
	struct scenario s;
	struct buf b, said;
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	buf_puts(&b, "drill: {id: a, name: b, duration: 10m, tick: 60s}\ndepartments:\n");
	for (int i = 0; i < TEAMS_MAX; i++)
		buf_printf(&b, "  - {id: d%d, name: D}\n", i);
	buf_puts(&b, "systems:\n");
	for (int i = 0; i < SYSTEMS_MAX; i++)
		buf_printf(&b,
		    "  - {id: s%d, name: S, department: d%d, challenge: web, service: w%d, "
		    "address: h}\n",
		    i, i % TEAMS_MAX, i / TEAMS_MAX);
	assert_int_equal(parse_texts(b.data, b.len, good_challenge, &s, &said), ERR_OK);
	assert_int_equal(s.config.system_count, SYSTEMS_MAX);
	assert_int_equal(s.config.service_count, SYSTEMS_MAX / TEAMS_MAX);
	scenario_free(&s);
	buf_free(&said);
	buf_puts(&b,
	    "  - {id: one-more, name: S, department: d0, challenge: web, service: z, address: h}\n"
	    "red_teams: [{id: r, name: R}]\n");
	assert_int_equal(parse_texts(b.data, b.len, good_challenge, &s, &said), ERR_INVALID);
	same_mistakes("too many", "F:", said.data,
	    "1004:3: systems has 10001 entries; it takes at most 10000\n"
	    "11005:12: 1001 departments and red teams; at most 1000 together");
	scenario_free(&s);
	buf_free(&said);
	buf_free(&b);
}

/* How the checks are run: each mistake at its place. */
static void
checkers_section(void **state)
{
	static const struct mistake_case cases[] = {
	    {"the short form", "accounts:\n", "checkers: 4\naccounts:\n", ""},
	    {"all of it", "accounts:\n",
		"checkers: {processes: 2, in_flight: 500, limits: {steps: 9, forcad: 16, "
		"hackerdom: 1, ctf01d: 2, faust: 3, eno: 100000}}\naccounts:\n",
		""},
	    {"nothing of it", "accounts:\n", "checkers: {}\naccounts:\n", ""},
	    {"too many processes", "accounts:\n", "checkers: 17\naccounts:\n",
		"35:11: checkers is 17; it is 1 to 16"},
	    {"no process", "accounts:\n", "checkers: {processes: 0}\naccounts:\n",
		"35:23: processes is 0; it is 1 to 16"},
	    {"a word for the number", "accounts:\n", "checkers: two\naccounts:\n",
		"35:11: checkers: expected a whole number from 1 to 16, found \"two\""},
	    {"a list", "accounts:\n", "checkers: [4]\naccounts:\n",
		"35:11: expected the checkers (KEY: VALUE), found a list"},
	    {"nothing after the colon", "accounts:\n", "checkers:\naccounts:\n",
		"35:10: expected the checkers (KEY: VALUE), found nothing"},
	    {"unknown key", "accounts:\n", "checkers: {inflight: 5}\naccounts:\n",
		"35:12: \"inflight\" is no key of the checkers; did you mean \"in_flight\"? There "
		"are: processes, in_flight, limits"},
	    {"in_flight out of its range", "accounts:\n",
		"checkers: {in_flight: 100001}\naccounts:\n",
		"35:23: in_flight is 100001; it is 1 to 100000"},
	    {"every limit that is wrong", "accounts:\n",
		"checkers:\n  limits:\n    forcat: 3\n    eno: 0\n    faust: many\n    steps: "
		"1\n    steps: 2\naccounts:\n",
		"37:5: limits: there is no contract \"forcat\"; did you mean \"forcad\"? There "
		"are: "
		"steps, forcad, hackerdom, ctf01d, faust, eno\n"
		"38:10: eno is 0; it is 1 to 100000\n"
		"39:12: faust: expected a whole number from 1 to 100000, found \"many\"\n"
		"41:5: limits: \"steps\" is there twice; the first is on line 40"},
	    {"limits that are none", "accounts:\n", "checkers: {limits: 5}\naccounts:\n",
		"35:20: limits: expected a mapping (KEY: VALUE), found \"5\""},
	};
	(void)state;

	run_scenario_cases(cases, COUNT(cases));
}

/* What is said of them is kept, what is not is 0; and the drill's configuration is the same with and without. */
static void
checkers_apart(void **state)
{
	static const char *const sections[] = {
	    "", "checkers: 3\n", "checkers: {in_flight: 70, limits: {forcad: 5}}\n"};
	static const unsigned expected[][3] = {{0, 0, 0}, {3, 0, 0}, {0, 70, 5}};
	struct buf text[3];
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct scenario s;
		struct buf b, said;
		struct json_writer w;

		buf_init(&b, TEXT_MAX_BYTES);
		buf_printf(&b, "%s%s", good_scenario, sections[i]);
		assert_int_equal(parse_texts(b.data, b.len, good_challenge, &s, &said), ERR_OK);
		assert_int_equal(s.checkers.processes, expected[i][0]);
		assert_int_equal(s.checkers.in_flight, expected[i][1]);
		assert_int_equal(s.checkers.limits[CONTRACT_FORCAD], expected[i][2]);
		s.config.sign_key = "";
		buf_init(&text[i], TEXT_MAX_BYTES);
		jw_begin(&w, &text[i]);
		config_encode(&s.config, &w);
		assert_int_equal(text[i].len, text[0].len);
		assert_memory_equal(text[i].data, text[0].data, text[0].len);
		scenario_free(&s);
		buf_free(&said);
		buf_free(&b);
	}
	for (size_t i = 0; i < 3; i++)
		buf_free(&text[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_and_kinds),
	    cmocka_unit_test(ids_and_references),
	    cmocka_unit_test(accounts_and_roles),
	    cmocka_unit_test(times),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(scoring),
	    cmocka_unit_test(every_mistake_in_one_run),
	    cmocka_unit_test(a_good_file_becomes_a_scenario),
	    cmocka_unit_test(defaults),
	    cmocka_unit_test(the_core_takes_the_configuration),
	    cmocka_unit_test(the_largest_scenario),
	    cmocka_unit_test(checkers_section),
	    cmocka_unit_test(checkers_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
