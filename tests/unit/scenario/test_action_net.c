/* tls, dns, icmp and the greetings in challenge.yaml: every rule broken once, and the program that good steps become. */
#include "cases.h"

#include "checker/action.h"
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURES "tests/unit/scenario/fixtures/challenges"
#define STEP(text) "    - tcp:\n", "    - " text "\n    - tcp:\n"

static void
tls_steps(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a good step", STEP("tls: {verify: true, name: www.example.org, days_left: 0}"), ""},
	    {"an address as name", STEP("tls: {name: 192.0.2.1}"), ""},
	    {"name with a port", STEP("tls: {name: 'www:443'}"),
		"21:19: name: \"www:443\" is no host's name or address; write such as "
		"www.example.org"},
	    {"name with a space", STEP("tls: {name: 'a b'}"), "21:19: name: \"a b\" is no host's"},
	    {"days", STEP("tls: {days_left: 3651}"), "21:24: days_left is 3651; it is 0 to 3650"},
	    {"unknown key", STEP("tls: {verfy: true}"),
		"21:13: \"verfy\" is no key of a tls action; did you mean \"verify\"?"},
	    {"verify is yes or no", STEP("tls: {verify: maybe}"), "21:21: verify: expected true"},
	    {"ca outside", STEP("tls: {ca: ../ca.pem}"),
		"21:17: ca: \"../ca.pem\" leads out of the challenge's folder; name a file in it"},
	    {"ca absolute", STEP("tls: {ca: /etc/ca.pem}"), "21:17: ca: \"/etc/ca.pem\" leads out"},
	    {"ca outside by a detour", STEP("tls: {ca: a/../../ca.pem}"), "21:17: ca: "},
	    {"ca without use", STEP("tls: {ca: ca.pem, verify: false}"),
		"21:17: ca: has no meaning with verify: false; leave one of them out"},
	    {"cert alone", STEP("tls: {cert: c.pem}"),
		"21:19: cert: a certificate of one's own needs its key; add `key: ...`"},
	    {"key alone", STEP("tls: {key: c.key}"),
		"21:18: key: a key needs its certificate; add `cert: ...`"},
	    {"starttls in tcp", STEP("tcp: {talk: [{starttls: true}]}"),
		"21:31: starttls is for tls steps; write tls instead of tcp"},
	    {"starttls twice", STEP("tls: {talk: [{starttls: true}, {starttls: true}]}"),
		"21:49: starttls: the talk is under TLS already; leave this line out"},
	    {"starttls that is none", STEP("tls: {talk: [{starttls: false}]}"),
		"21:31: starttls: only true means something here"},
	    {"two verbs", STEP("tls: {talk: [{starttls: true, send: a}]}"),
		"21:20: a line of a talk has several of send, send_hex, expect, expect_regex, "
		"starttls"},
	    {"an unknown name in a talk", STEP("tls: {talk: [{send: '{{usr}}'}]}"),
		"21:27: {{usr}} has no value"},
	    {"status", STEP("tls: {}\n      assert: [{status: 200}]"),
		"22:16: status means nothing for a tls step"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
dns_steps(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a good step", STEP("dns: {name: '{{user}}.org', type: MX}"), ""},
	    {"no name", STEP("dns: {type: A}"), "21:12: a dns action has no name"},
	    {"unknown name in it", STEP("dns: {name: '{{usr}}.org'}"), "21:19: {{usr}} has no"},
	    {"unknown type", STEP("dns: {name: a.org, type: AAAAA}"),
		"21:32: type: \"AAAAA\" is none that is asked for; did you mean \"AAAA\"?"},
	    {"type in small letters", STEP("dns: {name: a.org, type: mx}"), "21:32: type: \"mx\""},
	    {"server by name", STEP("dns: {name: a.org, server: ns.org}"),
		"21:34: server: \"ns.org\" is no IP address; write such as 192.0.2.53, or leave it "
		"out to ask the system itself"},
	    {"port", STEP("dns: {name: a.org, port: 0}"), "21:32: port is 0; it is 1 to 65535"},
	    {"status is an RCODE", STEP("dns: {name: a.org}\n      assert: [{status: 200}]"),
		"22:25: status is 200; it is 0 to 15"},
	    {"RCODEs", STEP("dns: {name: a.org}\n      assert: [{status: [0, 3]}]"), ""},
	    {"no headers", STEP("dns: {name: a.org}\n      capture: {x: {header: A}}"),
		"22:29: header means nothing for a dns step"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
icmp_steps(void **state)
{
	static const struct mistake_case cases[] = {
	    {"a good step", STEP("icmp: {count: 5, loss_percent: 20}"), ""},
	    {"count", STEP("icmp: {count: 33}"), "21:21: count is 33; it is 1 to 32"},
	    {"interval", STEP("icmp: {interval_ms: 9}"),
		"21:27: interval_ms is 9; it is 10 to 10000"},
	    {"loss", STEP("icmp: {loss_percent: 100}"),
		"21:28: loss_percent is 100; it is 0 to 99"},
	    {"size", STEP("icmp: {size: 15}"), "21:20: size is 15; it is 16 to 8192"},
	    {"wait", STEP("icmp: {wait_ms: 10001}"), "21:23: wait_ms is 10001; it is 10 to 10000"},
	    {"longer than the round", STEP("icmp: {count: 6, interval_ms: 1000}"),
		"21:13: 6 echoes, one every 1000 ms, and 1000 ms for the last take 6000 ms, longer "
		"than the 5000 of the whole round; lower count, interval_ms or wait_ms"},
	    {"a port", STEP("icmp: {port: 7}"), "21:14: \"port\" is no key of an icmp action"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

static void
greeting_steps(void **state)
{
	static const struct mistake_case cases[] = {
	    {"mysql", STEP("mysql: {port: 3306}"), ""},
	    {"postgresql", STEP("postgresql: {user: a, database: b}"), ""},
	    {"user is postgresql's", STEP("mysql: {user: root}"),
		"21:15: \"user\" is no key of a greeting; there are: port"},
	    {"port", STEP("vnc: {port: 65536}"), "21:19: port is 65536; it is 1 to 65535"},
	    {"a long user",
		STEP("postgresql: {user: "
		     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"),
		"21:26: user is 64 bytes long; at most 63"},
	    {"no mapping", STEP("ssh: 22"), "21:12: expected a greeting (KEY: VALUE), found"},
	    {"two actions", STEP("ssh: {}\n      rdp: {}"),
		"21:7: a step has several of http, tcp"},
	    {"status", STEP("rdp: {}\n      assert: [{status: 200}]"),
		"22:16: status means nothing for a rdp step"},
	};
	(void)state;

	run_challenge_cases(cases, COUNT(cases));
}

/* ---- files ---- */

static void
load(const char *dir, const char *id, struct arena *arena, struct challenge *c, struct buf *said)
{
	struct challenge_source source = {.dir = dir};
	struct why why;

	buf_init(said, TEXT_MAX_BYTES);
	(void)!challenge_load(&source, id, 60000, arena, c, said, &why);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/web/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A file of the challenge's folder that is missing, empty, no PEM, or does not match. */
static void
certificate_files(void **state)
{
	static const struct {
		const char *step, *expected;
	} cases[] = {
	    {"ca: missing.pem",
		"21:17: ca: the file \"missing.pem\" is not in the challenge's folder"},
	    {"ca: text", "21:17: ca: the file \"text\" has no PEM certificate"},
	    {"cert: text, key: key.pem", "21:19: cert: the file \"text\" has no PEM certificate"},
	    {"cert: ca.pem, key: text", "21:32: key: the file \"text\" has no PEM private key"},
	    {"cert: ca.pem, key: key.pem", "21:32: key: the file \"key.pem\" does not match"},
	    {"cert: client.pem, key: key.pem", ""},
	};
	char dir[] = "/tmp/test_action_net.XXXXXX", path[256], step[256];
	struct buf text;
	(void)state;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/web", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(dir, "text", "no PEM\n");
	snprintf(path, sizeof path,
	    "cp " FIXTURES "/net/ca.pem " FIXTURES "/net/client.pem %s/web/ && cp " FIXTURES
	    "/net/client.key %s/web/key.pem",
	    dir, dir);
	assert_int_equal(system(path), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena = {.head = NULL};
		struct challenge c;
		char *yaml;

		snprintf(step, sizeof step, "    - tls: {%s}\n    - tcp:\n", cases[i].step);
		yaml = replaced(good_challenge, "    - tcp:\n", step);
		write_file(dir, "challenge.yaml", yaml);
		load(dir, "web", &arena, &c, &text);
		snprintf(path, sizeof path, "%s/web/challenge.yaml:", dir);
		same_mistakes(
		    cases[i].step, path, text.len > 0 ? text.data : "", cases[i].expected);
		arena_free(&arena);
		buf_free(&text);
		free(yaml);
	}
	snprintf(path, sizeof path, "rm -rf %s", dir);
	assert_int_equal(system(path), 0);
}

static const char *const compiled[] = {
    "\"name\":\"mail\",\"save\":[],\"tls\":{\"cert\":\"-----BEGIN CERTIFICATE-----\\n",
    "\"key\":\"-----BEGIN PRIVATE KEY-----\\n",
    "\"port\":25,\"talk\":[[\"expect\",\"220 \"],[\"send\",\"STARTTLS\\r\\n\"],",
    "[\"expect\",\"\\r\\n\"],[\"starttls\",\"\"],[\"send_hex\",\"0d0a\"]],\"verify\":false}",
    "\"days_left\":14,\"names\":[\"www.example.org\"],\"talk\":[],\"verify\":true}",
    "\"dns\":{\"name\":\"{{host}}\",\"port\":5353,\"server\":\"2001:db8::53\",\"type\":\"TXT\"}",
    "\"rule\":\"status\",\"value\":[0,3]}",
    "\"dns\":{\"name\":\"www.example.org\",\"type\":\"A\"}",
    "\"icmp\":{\"count\":5,\"interval_ms\":100,\"loss_percent\":20,\"size\":1000,\"wait_ms\":500}",
    "\"icmp\":{\"count\":3,\"interval_ms\":200,\"loss_percent\":0,\"size\":56,\"wait_ms\":1000}",
    "\"mysql\":{\"port\":3306}",
    "\"postgresql\":{\"database\":\"shop\",\"user\":\"web\"}",
    "\"rdp\":{}",
    "\"ssh\":{}",
    "\"vnc\":{\"port\":5901}",
};

/* Each action once, from a file, to the text that docs/challenge.md describes; and the checker takes it. */
static void
steps_become_a_program(void **state)
{
	struct arena arena = {.head = NULL};
	struct program *program;
	struct challenge c;
	struct buf said;
	struct why why;
	(void)state;

	load(FIXTURES, "net", &arena, &c, &said);
	if (said.len > 0)
		fail_msg("%s", said.data);
	for (size_t i = 0; i < COUNT(compiled); i++)
		if (strstr(c.program, compiled[i]) == NULL)
			fail_msg("%s\n  is not in\n%s", compiled[i], c.program);
	if (program_read(c.program, strlen(c.program), &program, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(program->sections[SECTION_CHECK].count, 11);
	program_free(program);
	arena_free(&arena);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tls_steps),
	    cmocka_unit_test(dns_steps),
	    cmocka_unit_test(icmp_steps),
	    cmocka_unit_test(greeting_steps),
	    cmocka_unit_test(certificate_files),
	    cmocka_unit_test(steps_become_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
