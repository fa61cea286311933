/* The actions over libcurl in challenge.yaml: every mistake at its place, files of the challenge's folder looked into. */
#include "cases.h"

#include <sys/stat.h>
#include <unistd.h>

/* The second section's action is on line 18, its keys from column 14 on where its name has four letters. */
#define HTTP                                                                                       \
	"http: {path: '/n/{{note}}', headers: {X-A: b}}\n      assert: [{status: 200}, "           \
	"{body_contains: '{{flag}}'}]"
#define CASE(rule, action, expected)                                                               \
	{                                                                                          \
		rule, HTTP, action, expected                                                       \
	}

static void
common_keys(void **state)
{
	static const struct mistake_case cases[] = {
	    CASE("all good",
		"ftp: {login: {user: '{{user}}', password: p}, download: a, port: 21, tls: true, "
		"fails: down}",
		""),
	    CASE("unknown key", "ftp: {donwload: a}",
		"18:13: \"donwload\" is no key of an ftp action; did you mean \"download\"?"),
	    CASE("port", "ftp: {download: a, port: 0}", "18:32: port is 0; it is 1 to 65535"),
	    CASE("login without a password", "ftp: {login: {user: a}}",
		"18:20: a login has no password; add `password: ...`"),
	    CASE("login with a key", "ftp: {login: {user: a, password: b, key: c}}",
		"18:43: \"key\" is no key of a login"),
	    CASE("fails", "ftp: {download: a, fails: fault}",
		"18:33: fails: there is no such result \"fault\""),
	    CASE("a name without a value", "ftp: {download: '{{nothing}}'}",
		"18:23: {{nothing}} has no value at this point"),
	    CASE("two lines where one is due", "ftp: {download: \"a\\nb\"}",
		"18:23: download: \"a\\nb\" has a line break"),
	    CASE("tls is neither", "ftp: {download: a, tls: 5}", "18:31: tls"),
	    CASE("tls: unknown key", "ftp: {download: a, tls: {names: b}}",
		"18:32: \"names\" is no key of tls; did you mean \"name\"?"),
	    CASE("tls: days", "ftp: {download: a, tls: {days_left: 3651}}",
		"18:43: days_left is 3651; it is 0 to 3650"),
	    CASE("tls: names", "ftp: {download: a, tls: {name: []}}", "18:38: name has 0 entries"),
	    CASE("tls: a name that is none", "ftp: {download: a, tls: {name: [a, 'b:443']}}",
		"18:42: name: \"b:443\" is no host's name or address"),
	    CASE("tls: a certificate without its key", "ftp: {download: a, tls: {cert: c.pem}}",
		"18:38: cert: a certificate of one's own needs its key"),
	    CASE("tls: a ca and no verifying",
		"ftp: {download: a, tls: {ca: c.pem, verify: false}}",
		"18:36: ca: has no meaning with verify: false"),
	    CASE("tls: out of the folder", "ftp: {download: a, tls: {ca: ../c.pem}}",
		"18:36: ca: \"../c.pem\" leads out of the challenge's folder"),
	    CASE("tls: from the root", "ftp: {download: a, tls: {ca: /etc/passwd}}",
		"18:36: ca: \"/etc/passwd\" leads out of the challenge's folder"),
	    CASE("no tls where there is none", "mqtt: {subscribe: {topic: a}, tls: true}",
		"18:37: \"tls\" is no key of an mqtt action"),
	    CASE("http has it as well", "http: {path: /, tls: {days_left: 14, name: [a, b]}}", ""),
	};

	(void)state;
	run_challenge_cases(cases, COUNT(cases));
}

static void
files(void **state)
{
	static const struct mistake_case cases[] = {
	    CASE("two verbs", "ftp: {download: a, list: b}",
		"18:12: an ftp action has several of download, upload, list, delete"),
	    CASE("upload without content", "ftp: {upload: {path: a}}",
		"18:21: an upload has none of content, hex; it takes exactly one"),
	    CASE("upload in wrong hex", "ftp: {upload: {path: a, hex: 0g}}",
		"18:36: hex: \"0g\" is not an even number of hex digits"),
	    CASE("smb without a share", "smb: {login: {user: a, password: b}, download: c}",
		"18:12: an smb action has no share; add `share: ...`"),
	    CASE("smb without a verb", "smb: {login: {user: a, password: b}, share: c}",
		"18:12: an smb action has none of download, upload"),
	    CASE("sftp without a login", "sftp: {download: c}",
		"18:13: an sftp action has no login; add `login: ...`"),
	    CASE("sftp with both", "sftp: {login: {user: a, password: b, key: c}}",
		"18:21: a login has several of password, key; it takes exactly one"),
	    CASE("a host key without its hash", "sftp: {login: {user: a, key: c}, host_key: abc}",
		"18:50: host_key: \"abc\" is no fingerprint; write it as ssh-keygen -l does"),
	};

	(void)state;
	run_challenge_cases(cases, COUNT(cases));
}

static void
mail(void **state)
{
	static const struct mistake_case cases[] = {
	    CASE("good", "smtp: {from: a, to: b, body: c}", ""),
	    CASE("to nobody", "smtp: {from: a, to: [], body: c}", "18:27: to has 0 entries"),
	    CASE("no body", "smtp: {from: a, to: b}",
		"18:13: an smtp action has none of message, body"),
	    CASE("headers of a whole message",
		"smtp: {from: a, to: b, message: c, headers: {D: e}}",
		"18:51: headers: message is the whole mail already"),
	    CASE("a header's name", "smtp: {from: a, to: b, body: c, headers: {'D e': f}}",
		"18:49: headers: \"D e\" is no header's name"),
	    CASE("an attachment without content",
		"smtp: {from: a, to: b, body: c, attach: [{filename: d}]}",
		"18:48: a part has none of content, hex"),
	    CASE(
		"imap without a login", "imap: {fetch: '1'}", "18:13: an imap action has no login"),
	    CASE("two verbs", "imap: {login: {user: a, password: b}, fetch: '1', search: ALL}",
		"18:13: an imap action has several of fetch, search, append, command"),
	    CASE("a section of nothing", "imap: {login: {user: a, password: b}, section: TEXT}",
		"18:54: section: says which part of a mail to fetch"),
	    CASE("pop3's verbs", "pop3: {login: {user: a, password: b}, list: a}",
		"18:45: \"list\" is no key of a pop3 action"),
	    CASE("headers of an answer that has none",
		"imap: {login: {user: a, password: b}}\n      capture: {a: {header: b}}",
		"19:29: header means nothing for a imap step"),
	    CASE("status where there is none",
		"imap: {login: {user: a, password: b}}\n      assert: [{status: 200}]",
		"19:16: status means nothing for a imap step"),
	};

	(void)state;
	run_challenge_cases(cases, COUNT(cases));
}

static void
services(void **state)
{
	static const struct mistake_case cases[] = {
	    CASE("ldap's scope", "ldap: {base: a, scope: subtree}",
		"18:30: scope: \"subtree\" is none; "),
	    CASE("ldap without a base", "ldap: {filter: (a=b)}",
		"18:13: an ldap action has no base"),
	    CASE("ldap's attributes", "ldap: {base: a, attributes: b}", "18:35: attributes: "),
	    CASE("mqtt with neither", "mqtt: {port: 1}",
		"18:13: an mqtt action has none of publish, subscribe"),
	    CASE("mqtt without a topic", "mqtt: {publish: {content: a}}",
		"18:23: a message to publish has no topic"),
	    CASE(
		"telnet without a talk", "telnet: {port: 1}", "18:15: a telnet action has no talk"),
	    CASE("telnet has no regex", "telnet: {talk: [{expect_regex: a}]}",
		"18:23: a line of a telnet talk has none of send, expect; it takes exactly one\n"
		"18:24: \"expect_regex\" is no key of a line of a telnet talk"),
	    CASE("upload without a name", "http: {path: /, method: POST, upload: [{content: a}]}",
		"18:46: a part of upload has no name; add `name: ...`"),
	};

	(void)state;
	run_challenge_cases(cases, COUNT(cases));
}

/* ---- files of the folder ---- */

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/web/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
said_of(const char *dir, const char *tls, const char *expected)
{
	struct challenge_source source = {.dir = dir};
	struct challenge out;
	struct arena arena = {0};
	struct buf said;
	struct why why;
	char action[256], *text;

	snprintf(action, sizeof action, "http: {path: /, tls: {%s}}", tls);
	text = replaced(good_challenge, HTTP, action);
	write_file(dir, "challenge.yaml", text);
	free(text);
	buf_init(&said, TEXT_MAX_BYTES);
	assert_int_equal(challenge_load(&source, "web", 60000, &arena, &out, &said, &why),
	    *expected == '\0' ? ERR_OK : ERR_INVALID);
	if (strstr(said.len > 0 ? said.data : "", expected) == NULL)
		fail_msg("%s: expected %s, found %s", tls, expected, said.data);
	buf_free(&said);
	arena_free(&arena);
}

#define FIXTURES "tests/unit/checker/fixtures/challenges/mail"

static void
copy_file(const char *dir, const char *from, const char *to)
{
	char path[256], text[8192] = "";
	FILE *f;

	snprintf(path, sizeof path, FIXTURES "/%s", from);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	fclose(f);
	write_file(dir, to, text);
}

static void
certificates(void **state)
{
	char dir[] = "/tmp/drill-pem-XXXXXX", path[64];
	static const char *const names[] = {
	    "challenge.yaml", "cert.pem", "key.pem", "other.pem", "text.pem"};

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/web", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	copy_file(dir, "cert.pem", "cert.pem");
	copy_file(dir, "key.pem", "key.pem");
	copy_file(dir, "ssh_key", "other.pem");
	write_file(dir, "text.pem", "no certificate\n");
	said_of(dir, "ca: cert.pem, cert: cert.pem, key: key.pem", "");
	said_of(dir, "ca: none.pem",
	    ":18:33: ca: the file \"none.pem\" is not in the challenge's folder");
	said_of(dir, "ca: text.pem", ":18:33: ca: the file \"text.pem\" has no PEM certificate");
	said_of(dir, "cert: cert.pem, key: text.pem",
	    ":18:50: key: the file \"text.pem\" has no PEM private key without a password");
	said_of(dir, "cert: cert.pem, key: other.pem", ":18:50: key: the file \"other.pem\" ");
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/web/%s", dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/web", dir);
	rmdir(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(common_keys),
	    cmocka_unit_test(files),
	    cmocka_unit_test(mail),
	    cmocka_unit_test(services),
	    cmocka_unit_test(certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
