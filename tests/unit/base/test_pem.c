/* PEM files: certificates and the key of the first of them. */
#include "base/buf.h"
#include "base/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURES "tests/unit/scenario/fixtures/challenges/net/"

static char *
text_of(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf text;
	char *room;

	assert_non_null(f);
	buf_init(&text, 65536);
	room = buf_room(&text, 8192);
	text.len += fread(room, 1, 8192, f);
	fclose(f);
	room[text.len] = '\0';
	return buf_take(&text, NULL);
}

static void
test_certificates_and_keys(void **state)
{
	char *cert = text_of(FIXTURES "client.pem"), *key = text_of(FIXTURES "client.key");
	char *other = text_of(FIXTURES "ca.pem");
	struct why why;

	(void)state;
	assert_int_equal(pem_certificates_check(cert, &why), ERR_OK);
	assert_int_equal(pem_key_check(key, cert, &why), ERR_OK);
	assert_int_equal(pem_certificates_check(key, &why), ERR_INVALID);
	assert_string_equal(why.text, "has no PEM certificate");
	assert_int_equal(pem_certificates_check("", &why), ERR_INVALID);
	assert_int_equal(pem_key_check(key, other, &why), ERR_INVALID);
	assert_string_equal(why.text, "does not match the certificate");
	assert_int_equal(pem_key_check(key, "", &why), ERR_INVALID);
	assert_int_equal(pem_key_check(cert, cert, &why), ERR_INVALID);
	assert_string_equal(why.text, "has no PEM private key without a password");
	cert[strlen(cert) / 2] = '!';
	assert_int_equal(pem_certificates_check(cert, &why), ERR_INVALID);
	free(cert);
	free(key);
	free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_certificates_and_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
