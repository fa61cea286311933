/* Loading from files: folders of challenges, files that are not there, and the examples. */
#include "cases.h"

#include <sys/stat.h>
#include <unistd.h>

#define CHALLENGES "tests/unit/scenario/fixtures/challenges"

/* A folder of its own for each test, so that none sees what another left. */
static int
make_folder(void **state)
{
	char *dir = mem_strdup("/tmp/drill-scenario-XXXXXX");

	*state = dir;
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command);
}

static const char *
write_file(const char *dir, const char *name, const void *data, size_t len)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* Loads and compares what is said, the file's name included. */
static void
expect(const char *file, const char *challenges, enum err expected, const char *said)
{
	struct scenario s;
	struct buf b;

	buf_init(&b, TEXT_MAX_BYTES);
	assert_int_equal(scenario_load(file, challenges, &s, &b), expected);
	same_mistakes(file, "", b.len > 0 ? b.data : "", said);
	scenario_free(&s);
	buf_free(&b);
}

static void
expect_text(const char *dir, const char *text, const char *challenges, const char *said)
{
	char line[1024];
	const char *file = write_file(dir, "s.yaml", text, strlen(text));

	snprintf(line, sizeof(line), "%s%s", *said == ':' ? file : "", said);
	expect(file, challenges, ERR_INVALID, line);
}

#define ONE_SYSTEM(challenge)                                                                      \
	"drill: {id: a, name: b, duration: 10m, tick: 60s}\n"                                      \
	"departments: [{id: d, name: D}]\n"                                                        \
	"systems: [{id: s, name: S, department: d, challenge: " challenge ", address: h}]\n"

static void
files_that_cannot_be_read(void **state)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/none.yaml", (char *)*state);
	expect(path, CHALLENGES, ERR_NOT_FOUND, path);
	expect(*state, CHALLENGES, ERR_IO, *state);
}

static void
files_that_are_too_large(void **state)
{
	char *text = mem_alloc(SCENARIO_FILE_MAX_BYTES + 1);
	const char *file;
	char said[512];

	memset(text, '#', SCENARIO_FILE_MAX_BYTES + 1);
	file = write_file(*state, "s.yaml", text, SCENARIO_FILE_MAX_BYTES + 1);
	snprintf(said, sizeof(said), "%s:1:1: the file is larger than 4194304 bytes", file);
	expect(file, CHALLENGES, ERR_INVALID, said);
	file = write_file(*state, "s.yaml", text, SCENARIO_FILE_MAX_BYTES);
	snprintf(said, sizeof(said), "%s:1:1: the file is empty", file);
	expect(file, CHALLENGES, ERR_INVALID, said);
	free(text);
}

static void
challenges_that_are_not_there(void **state)
{
	expect_text(*state, ONE_SYSTEM("portl"), CHALLENGES,
	    ":3:54: challenge: there is no " CHALLENGES "/portl/challenge.yaml; did you mean "
	    "\"portal\"? There are: net, portal\n");
	expect_text(*state, ONE_SYSTEM("portal"), "/nonexistent",
	    ":3:54: challenge: there is no /nonexistent/portal/challenge.yaml; no challenge is "
	    "there: "
	    "--challenges DIR says where they are");
}

static void
challenge_files_that_are_not_good(void **state)
{
	char path[512], said[512], *big;

	snprintf(path, sizeof(path), "%s/bad", (char *)*state);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(said, sizeof(said),
	    ":3:54: challenge: there is no %s/bad/challenge.yaml; no challenge is there",
	    (char *)*state);
	expect_text(*state, ONE_SYSTEM("bad"), *state, said); /* the folder alone is no challenge */
	write_file(*state, "bad/challenge.yaml", "id: bad\nport: x\n", 16);
	snprintf(said, sizeof(said),
	    "%s/bad/challenge.yaml:1:1: a challenge has no title\n"
	    "%s/bad/challenge.yaml:1:1: a challenge has no contract\n"
	    "%s/bad/challenge.yaml:1:1: a challenge has none of steps, checker\n"
	    "%s/bad/challenge.yaml:2:7: port: expected a whole number",
	    (char *)*state, (char *)*state, (char *)*state, (char *)*state);
	expect_text(*state, ONE_SYSTEM("bad"), *state, said);
	big = mem_alloc(CHALLENGE_FILE_MAX_BYTES + 1);
	memset(big, '#', CHALLENGE_FILE_MAX_BYTES + 1);
	write_file(*state, "bad/challenge.yaml", big, CHALLENGE_FILE_MAX_BYTES + 1);
	free(big);
	snprintf(said, sizeof(said),
	    "%s/bad/challenge.yaml:1:1: the file is larger than 1048576 bytes", (char *)*state);
	expect_text(*state, ONE_SYSTEM("bad"), *state, said);
}

/* A challenge that ten systems name is read, and its mistakes are told, once. */
static void
a_challenge_is_told_once(void **state)
{
	char path[512], said[512];
	struct buf b;

	snprintf(path, sizeof(path), "%s/bad", (char *)*state);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(*state, "bad/challenge.yaml", "[]", 2);
	buf_init(&b, TEXT_MAX_BYTES);
	buf_puts(&b, "drill: {id: a, name: b, duration: 10m, tick: 60s}\n"
		     "departments: [{id: d, name: D}]\nsystems:\n");
	for (int i = 0; i < 10; i++)
		buf_printf(&b,
		    "  - {id: s%d, name: S, department: d, challenge: bad, service: v%d, "
		    "address: h}\n",
		    i, i);
	snprintf(said, sizeof(said),
	    "%s/bad/challenge.yaml:1:1: expected a challenge (KEY: VALUE), found a "
	    "list",
	    (char *)*state);
	expect_text(*state, b.data, *state, said);
	buf_free(&b);
}

static void
the_examples_are_good(void **state)
{
	static const char *const files[] = {"examples/small.yaml", "examples/campus.yaml"};
	(void)state;

	for (size_t i = 0; i < COUNT(files); i++) {
		expect(files[i], CHALLENGES, ERR_OK, "");
		if (access("challenges/portal/challenge.yaml", R_OK) == 0)
			expect(files[i], "challenges", ERR_OK, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(files_that_cannot_be_read, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(files_that_are_too_large, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(
		challenges_that_are_not_there, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(
		challenge_files_that_are_not_good, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_challenge_is_told_once, make_folder, remove_folder),
	    cmocka_unit_test(the_examples_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
