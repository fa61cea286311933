/* The actions over libcurl in a compiled program: what is not of the documented shape is refused with a sentence. */
#include "checker/action.h"
#include "checker/curl_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
refused(const char *step, const char *reason)
{
	struct program *p = NULL;
	char text[2048];
	struct why why;
	enum err e;

	snprintf(text, sizeof text, "{\"check\":[{\"name\":\"n\",%s}]}", step);
	e = program_read(text, strlen(text), &p, &why);
	assert_null(p);
	if (e == ERR_OK || strstr(why.text, reason) == NULL)
		fail_msg("%s\n  gave %s\n  expected a reason with: %s", text, why.text, reason);
}

static void
test_refusals(void **state)
{
	(void)state;
	refused("\"ftp\":[]", "\"ftp\" must be an object");
	refused("\"ftp\":{\"donwload\":\"a\"}", "unknown key \"donwload\"");
	refused("\"ftp\":{\"download\":\"a\",\"list\":\"b\"}", "only one of");
	refused("\"ftp\":{\"download\":\"a\\r\\nDELE b\"}", "\"download\" is one line");
	refused("\"ftp\":{\"login\":\"a\"}", "\"login\" must be an object");
	refused("\"ftp\":{\"login\":{\"user\":\"a\\nb\"}}", "\"user\" is one line");
	refused("\"ftp\":{\"fails\":\"fault\"}", "down, mumble or corrupt");
	refused("\"ftp\":{\"upload\":{\"path\":\"a\"}}", "either \"content\" or \"hex\"");
	refused("\"ftp\":{\"upload\":{\"path\":\"a\",\"hex\":\"0\"}}", "even number of hex digits");
	refused("\"ftp\":{\"port\":65536}", "\"port\"");
	refused("\"ftp\":{\"tls\":{\"names\":[\"\"]}}", "\"names\"");
	refused("\"ftp\":{\"tls\":{\"days_left\":3651}}", "\"days_left\"");
	refused("\"ftp\":{\"tls\":{\"cert\":\"c\"}}", "both or neither");
	refused("\"ftp\":{\"tls\":{\"certs\":\"c\"}}", "unknown key \"certs\"");
	refused("\"smb\":{\"share\":\"a\"}", "\"download\" or \"upload\"");
	refused("\"smb\":{\"download\":\"a\"}", "\"share\" must be a string");
	refused("\"sftp\":{\"login\":{\"user\":\"a\",\"key\":\"\"}}", "\"key\"");
	refused("\"smtp\":{\"from\":\"a\",\"to\":[]}", "at least one address");
	refused("\"smtp\":{\"from\":\"a\",\"to\":[\"b\"],\"headers\":[[\"A\",\"b\\r\\nC: d\"]]}",
	    "header 1");
	refused("\"smtp\":{\"from\":\"a\",\"to\":[\"b\"],\"attach\":[{\"content\":\"\",\"type\":"
		"\"a\\nb\"}]}",
	    "\"type\" is one line");
	refused("\"imap\":{\"fetch\":\"1\",\"append\":\"a\"}", "only one of");
	refused("\"imap\":{\"command\":\"NOOP\\r\\nA1 DELETE INBOX\"}", "\"command\" is one line");
	refused("\"pop3\":{\"retr\":\"1\",\"delete\":\"1\"}", "only one of");
	refused("\"ldap\":{\"base\":\"a\",\"scope\":\"tree\"}", "base, one or sub");
	refused("\"ldap\":{\"base\":\"a\",\"attributes\":[1]}", "an attribute's name");
	refused("\"mqtt\":{}", "either \"publish\" or \"subscribe\"");
	refused("\"mqtt\":{\"publish\":{\"topic\":\"a\"}}", "either \"content\" or \"hex\"");
	refused("\"telnet\":{\"talk\":[[\"send_hex\",\"00\"]]}", "a pair of send or expect");
	refused("\"http\":{\"path\":\"/\",\"upload\":[],\"body\":\"\"}", "only one of");
	refused("\"http\":{\"path\":\"/\",\"upload\":[1]}", "a part is an object");
	refused(
	    "\"imap\":{},\"assert\":[{\"rule\":\"status\",\"value\":[200]}]", "is not for imap");
}

static void
test_tls(void **state)
{
	static const char text[] =
	    "{\"check\":[{\"name\":\"a\",\"http\":{\"path\":\"/\",\"tls\":true}},"
	    "{\"name\":\"b\",\"http\":{\"path\":\"/\",\"tls\":false}},"
	    "{\"name\":\"c\",\"http\":{\"path\":\"/"
	    "\",\"tls\":{\"ca\":\"x\",\"names\":[\"n\"],\"days_left\":14}}}]}";
	struct program *p = NULL;
	const struct http_plan *plans[3];

	(void)state;
	assert_int_equal(program_read(text, strlen(text), &p, NULL), ERR_OK);
	for (size_t i = 0; i < 3; i++)
		plans[i] = p->sections[SECTION_CHECK].steps[i].plan;
	assert_false(plans[0]->tls->demands.verify);
	assert_null(plans[1]->tls);
	assert_true(plans[2]->tls->demands.verify); /* a ca is there to verify with */
	assert_string_equal(plans[2]->tls->demands.names[0], "n");
	assert_int_equal(plans[2]->tls->demands.days_left, 14);
	program_free(p);
}

/* A value in a filter or a name stays one value there (RFC 4515, RFC 4514). */
static void
test_ldap_escapes(void **state)
{
	struct arena arena = {0};
	struct vars vars = {0};
	struct template t;
	struct buf out;

	(void)state;
	buf_init(&out, 256);
	vars_set(&vars, &arena, "v", "a*)(b=\\c, d");
	template_parse(&t, &arena, "(x={{v}})");
	assert_int_equal(template_render(&t, &vars, ESCAPE_LDAP_FILTER, &out, NULL), ERR_OK);
	assert_string_equal(out.data, "(x=a\\2a\\29\\28b=\\5cc, d)");
	buf_reset(&out);
	assert_int_equal(template_render(&t, &vars, ESCAPE_LDAP_DN, &out, NULL), ERR_OK);
	assert_string_equal(out.data, "(x=a*)(b\\3d\\5cc\\2c\\20d)");
	buf_free(&out);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_ldap_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
