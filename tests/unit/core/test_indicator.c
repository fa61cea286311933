/* Indicators of compromise: what can be searched for, and what only looks like it. */
#include "core_rig.h"

#include "core/indicator.h"

static void
all(int kind, const char *const *values, enum err e)
{
	for (; *values != NULL; values++)
		if (indicator_check(kind, *values, &core_why) != e)
			fail_msg("%d: %s", kind, *values);
}
#define GOOD(kind, ...) all(kind, (const char *const[]){__VA_ARGS__, NULL}, ERR_OK)
#define BAD(kind, ...) all(kind, (const char *const[]){__VA_ARGS__, NULL}, ERR_INVALID)

static void
test_kinds(void **state)
{
	(void)state;
	GOOD(INDICATOR_IP, "10.1.2.3", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32",
	    "::ffff:1.2.3.4", "0.0.0.0/0");
	BAD(INDICATOR_IP, "", "999.1", "10.1.2", "10.1.2.256", ":::::", "1.2.3.4/33", "1.2.3.4/",
	    "::1/129", "::1/1x", "1.2.3.4:80", "evil.example");
	GOOD(INDICATOR_DOMAIN, "evil.example", "a-b.xn--fiq228c.cn", "_dmarc.evil.example",
	    "坏.例子");
	BAD(INDICATOR_DOMAIN, "", "evil", "a..b", ".a.b", "a.b.", "-a.b", "a b.c", "http://a.b",
	    "1.2.3.4", "a.b/c");
	GOOD(INDICATOR_URL, "http://evil.example", "https://10.1.2.3:8443/a?b#c", "ftp://[::1]/x",
	    "hxxp://evil.example/路径");
	BAD(INDICATOR_URL, "", "evil.example", "http:", "http://", "http:///a", "://a", "1http://a",
	    "http://a b");
	GOOD(INDICATOR_EMAIL, "phish@evil.example");
	BAD(INDICATOR_EMAIL, "", "phish", "@evil.example", "a b@evil.example");
	GOOD(INDICATOR_MD5, "d41d8cd98f00b204e9800998ecf8427E");
	BAD(INDICATOR_MD5, "", "d41d8cd98f00b204e9800998ecf8427g");
	BAD(INDICATOR_SHA256, "d41d8cd98f00b204e9800998ecf8427e");
	GOOD(INDICATOR_ACCOUNT, "root", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
