/* Keys on disk: made once, kept, refused when malformed or open to others. */
#include "scratch.h"

#include "store/keys.h"

static int
setup(void **state)
{
	static char dir[SCRATCH_BYTES];

	scratch_make(dir);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void
load(const char *dir, struct keys *k)
{
	struct why why = {""};

	if (keys_load(dir, true, k, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void
test_made_once_and_kept(void **state)
{
	struct keys first, second;
	uint8_t zero[FLAG_KEY_BYTES] = {0};

	load(*state, &first);
	load(*state, &second);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_memory_not_equal(first.flag, zero, sizeof(zero));
	assert_memory_not_equal(first.flag, first.sign_secret, sizeof(zero));
}

static void
test_public_key_belongs_to_the_secret(void **state)
{
	uint8_t sig[SIGN_BYTES];
	struct signer *s;
	struct keys k;

	load(*state, &k);
	load(*state, &k); /* read back: the public key is not in the file */
	s = signer_new(k.sign_secret);
	signer_sign(s, "hello", 5, sig);
	signer_free(s);
	assert_true(sign_verify(k.sign_public, "hello", 5, sig));
	assert_false(sign_verify(k.sign_public, "hullo", 5, sig));
}

static void
test_modes_on_disk(void **state)
{
	struct stat st;
	struct keys k;

	umask(0);
	load(*state, &k);
	assert_int_equal(stat(scratch_path(*state, "keys"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path(*state, "keys/sign.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(stat(scratch_path(*state, "keys/flag.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
test_missing_without_create(void **state)
{
	struct why why = {""};
	struct keys k;

	assert_int_equal(keys_load(*state, false, &k, &why), ERR_NOT_FOUND);
	load(*state, &k);
	assert_int_equal(keys_load(*state, false, &k, &why), ERR_OK);
	unlink(scratch_path(*state, "keys/flag.key"));
	assert_int_equal(keys_load(*state, false, &k, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "flag.key"));
}

static void
test_open_to_others_is_refused(void **state)
{
	struct why why = {""};
	struct keys k, zero;

	load(*state, &k);
	chmod(scratch_path(*state, "keys/sign.key"), 0640);
	assert_int_equal(keys_load(*state, true, &k, &why), ERR_FORBIDDEN);
	assert_non_null(strstr(why.text, "chmod 600"));
	memset(&zero, 0, sizeof(zero));
	assert_memory_equal(&k, &zero, sizeof(k)); /* a refused load leaves nothing behind */
	chmod(scratch_path(*state, "keys/sign.key"), 0600);
	chmod(scratch_path(*state, "keys"), 0755);
	assert_int_equal(keys_load(*state, true, &k, &why), ERR_FORBIDDEN);
	assert_non_null(strstr(why.text, "chmod 700"));
}

static void
refuse_text(const char *dir, const char *text)
{
	struct why why = {""};
	struct keys k;

	scratch_write(dir, "keys/flag.key", text, strlen(text), 0600);
	assert_int_equal(keys_load(dir, true, &k, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "64 hex digits"));
}

static void
test_malformed_is_refused(void **state)
{
	struct keys k;
	char text[80];

	load(*state, &k);
	refuse_text(*state, "");
	refuse_text(*state, "abc\n");
	memset(text, 'a', sizeof(text));
	text[64] = '\0';
	refuse_text(*state, text); /* no newline */
	text[64] = '\n';
	text[65] = 'x';
	text[66] = '\0';
	refuse_text(*state, text); /* goes on */
	text[65] = '\0';
	text[10] = 'g';
	refuse_text(*state, text); /* not hex */
	text[10] = 'b';
	scratch_write(*state, "keys/flag.key", text, 65, 0600);
	load(*state, &k);
	assert_int_equal(k.flag[0], 0xaa);
}

static void
test_symbolic_link_is_refused(void **state)
{
	struct why why = {""};
	struct keys k;

	load(*state, &k);
	assert_int_equal(unlink(scratch_path(*state, "keys/flag.key")), 0);
	assert_int_equal(symlink("sign.key", scratch_path(*state, "keys/flag.key")), 0);
	assert_int_equal(keys_load(*state, true, &k, &why), ERR_IO);
}

static void
test_left_over_draft_is_harmless(void **state)
{
	struct keys k;

	assert_int_equal(mkdir(scratch_path(*state, "keys"), 0700), 0);
	scratch_write(*state, "keys/draft", "half a k", 8, 0600);
	load(*state, &k);
	assert_int_equal(access(scratch_path(*state, "keys/draft"), F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_made_once_and_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_public_key_belongs_to_the_secret, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_modes_on_disk, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_missing_without_create, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_open_to_others_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_malformed_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_symbolic_link_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_left_over_draft_is_harmless, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
