/* checker: of challenge.yaml: every rule broken once, named at its place; and the program that a good one becomes. */
#include "cases.h"

#include "checker/program.h"
#include "scenario/challenge.h"

#include <sys/stat.h>
#include <unistd.h>

#define HEAD "id: c\ntitle: C\nport: 80\n"
#define FORCAD HEAD "contract: forcad\nflags: 2\nchecker:\n"

static char dir[64];

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/c/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
setup(void **state)
{
	char path[128];

	(void)state;
	snprintf(dir, sizeof dir, "/tmp/drill-external-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/c", dir);
	if (mkdir(path, 0700) != 0)
		return -1;
	write_file("checker.py", "", 0755);
	write_file("notes.py", "", 0644);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

/* The program, or NULL; said has the mistakes. */
static const char *
load(const char *text, struct arena *arena, struct buf *said)
{
	struct challenge_source source = {.dir = dir};
	struct challenge out = {.program = NULL};
	struct why why;

	write_file("challenge.yaml", text, 0644);
	buf_init(said, TEXT_MAX_BYTES);
	(void)!challenge_load(&source, "c", 60000, arena, &out, said, &why);
	return said->len == 0 ? out.program : NULL;
}

struct external_case {
	const char *rule;
	const char *text;
	const char *expected; /* lines, each the beginning of "LINE:COLUMN: text" */
};

static void
run_cases(const struct external_case *cases, size_t count)
{
	char prefix[128];

	snprintf(prefix, sizeof prefix, "%s/c/challenge.yaml:", dir);
	for (size_t i = 0; i < count; i++) {
		struct arena arena = {0};
		struct buf said;
		const char *program = load(cases[i].text, &arena, &said);

		same_mistakes(
		    cases[i].rule, prefix, said.len > 0 ? said.data : "", cases[i].expected);
		assert_true((program != NULL) == (cases[i].expected[0] == '\0'));
		buf_free(&said);
		arena_free(&arena);
	}
}

static void
which_part(void **state)
{
	static const struct external_case cases[] = {
	    {"a good one", FORCAD "  run: checker.py\n", ""},
	    {"no checker", HEAD "contract: forcad\nsteps: {}\n",
		"5:8: steps: has no meaning for the contract forcad, which has checker"},
	    {"steps have no checker", HEAD "contract: steps\nchecker: {run: checker.py}\n",
		"5:10: checker: has no meaning for the contract steps, which has steps"},
	    {"neither", HEAD "contract: faust\n",
		"1:1: a challenge has none of steps, checker; it takes exactly one"},
	    {"vars", HEAD "contract: faust\nvars: {a: {random: hex}}\nchecker: {run: checker.py}\n",
		"5:7: vars: has no meaning for the contract faust; leave it out"},
	    {"not a mapping", HEAD "contract: faust\nchecker: checker.py\n",
		"5:10: expected a checker (KEY: VALUE), found \"checker.py\""},
	    {"unknown key", FORCAD "  run: checker.py\n  rum: x\n",
		"8:3: \"rum\" is no key of a checker; did you mean \"run\"?"},
	    {"unknown contract", HEAD "contract: faus\nchecker: {run: checker.py}\n",
		"4:11: contract: there is no contract \"faus\"; did you mean \"faust\"?"},
	    {"many flags of a checkerscript",
		HEAD "contract: faust\nflags: 2\nchecker: {run: checker.py}\n",
		"5:8: flags is 2; a checkerscript of the contract faust places one a tick"},
	};

	(void)state;
	run_cases(cases, COUNT(cases));
}

static void
what_to_run(void **state)
{
	static const struct external_case cases[] = {
	    {"no run", FORCAD "  tag: nfr\n", "7:3: run is missing; it says what to start"},
	    {"run is empty", FORCAD "  run: ''\n", "7:8: run is"},
	    {"run of nothing", FORCAD "  run: []\n", "7:8: run has 0 entries"},
	    {"run of mappings", FORCAD "  run: [{a: b}]\n",
		"7:9: run: expected a text, found a mapping"},
	    {"not executable", FORCAD "  run: notes.py\n",
		"7:8: run: \"notes.py\" cannot be executed; make it so (chmod +x) or name its "
		"interpreter, such as run: [python3, notes.py]"},
	    {"not there", FORCAD "  run: ./none.py\n",
		"7:8: run: there is no file \"./none.py\" in "},
	    {"a script that is nowhere", FORCAD "  run: none.py\n",
		"7:8: run: there is no file \"none.py\" in "},
	    {"a script that is nowhere, with its interpreter", FORCAD "  run: [python3, none.py]\n",
		"7:18: run: there is no file \"none.py\" in "},
	    {"a whole command", FORCAD "  run: python3 notes.py\n",
		"7:8: run: \"python3 notes.py\" is looked for as one name; write a list of its "
		"words, "
		"such as run: [python3, checker.py]"},
	    {"looked for in PATH when it is run", FORCAD "  run: none\n", ""},
	    {"an interpreter", FORCAD "  run: [python3, -u, notes.py]\n", ""},
	    {"env with a bad name", FORCAD "  run: checker.py\n  env: {A-B: c}\n",
		"8:9: env: \"A-B\" is no variable's name"},
	    {"env with a bad name", FORCAD "  run: checker.py\n  env: {1A: c}\n",
		"8:9: env: \"1A\" is no variable's name"},
	    {"env that is no mapping", FORCAD "  run: checker.py\n  env: [A]\n", "8:8: env"},
	    {"env twice", FORCAD "  run: checker.py\n  env: {A: b, A: c}\n",
		"8:15: env: \"A\" is there twice"},
	    {"unknown place to start in", FORCAD "  run: checker.py\n  cwd: scrach\n",
		"8:8: cwd: \"scrach\" is no place to start in; did you mean \"scratch\"?"},
	    {"warm is yes or no", FORCAD "  run: checker.py\n  warm: maybe\n",
		"8:9: warm: expected true or false, found \"maybe\""},
	};

	(void)state;
	run_cases(cases, COUNT(cases));
}

static void
limits(void **state)
{
	static const struct external_case cases[] = {
	    {"unknown limit", FORCAD "  run: checker.py\n  limits: {cpu: 1}\n",
		"8:12: \"cpu\" is no key of limits"},
	    {"no CPU time", FORCAD "  run: checker.py\n  limits: {cpu_s: 0}\n",
		"8:19: cpu_s is 0; it is 1 to 3600"},
	    {"little memory", FORCAD "  run: checker.py\n  limits: {memory_mb: 15}\n",
		"8:23: memory_mb is 15; it is 16 to 1048576"},
	    {"many processes", FORCAD "  run: checker.py\n  limits: {processes: 4097}\n",
		"8:23: processes is 4097; it is 1 to 4096"},
	    {"no file", FORCAD "  run: checker.py\n  limits: {file_mb: 0}\n",
		"8:21: file_mb is 0; it is 1 to 1048576"},
	    {"short action", FORCAD "  run: checker.py\n  action_timeout_ms: 99\n",
		"8:22: action_timeout_ms is 99; it is 100 to 600000"},
	};

	(void)state;
	run_cases(cases, COUNT(cases));
}

static void
by_contract(void **state)
{
	static const struct external_case cases[] = {
	    {"unknown tag", FORCAD "  run: checker.py\n  tag: pfs\n",
		"8:8: tag: there is no \"pfs\"; did you mean \"pfr\"?"},
	    {"too many gets", FORCAD "  run: checker.py\n  gets: 17\n",
		"8:9: gets is 17; it is 1 to 16"},
	    {"no puts", FORCAD "  run: checker.py\n  puts: 0\n", "8:9: puts is 0; it is 1 to 16"},
	    {"more puts than places", FORCAD "  run: checker.py\n  puts: 3\n",
		"8:9: puts is 3, flags is 2; each put of a tick goes to a place of its own"},
	    {"as many puts as places", FORCAD "  run: checker.py\n  puts: 2\n", ""},
	    {"keys of forcad elsewhere",
		HEAD "contract: ctf01d\nchecker: {run: checker.py, tag: nfr, puts: 1, gets: 1}\n",
		"5:33: tag: has no meaning for the contract ctf01d; leave it out\n"
		"5:44: puts: has no meaning for the contract ctf01d\n"
		"5:53: gets: has no meaning for the contract ctf01d"},
	    {"url elsewhere",
		HEAD "contract: hackerdom\nchecker: {run: checker.py, url: http://a}\n",
		"5:33: url: has no meaning for the contract hackerdom"},
	    {"eno runs nothing",
		HEAD "contract: eno\nchecker: {url: http://h:1, run: checker.py}\n",
		"5:33: run: has no meaning for the contract eno"},
	    {"eno without url", HEAD "contract: eno\nchecker: {action_timeout_ms: 1000}\n",
		"5:10: url is missing; it says where the checker listens"},
	    {"eno with TLS", HEAD "contract: eno\nchecker: {url: 'https://h'}\n",
		"5:16: url: \"https://h\" is no address of a checker"},
	    {"eno with a login", HEAD "contract: eno\nchecker: {url: 'http://a@h'}\n",
		"5:16: url: \"http://a@h\" is no address of a checker"},
	    {"eno", HEAD "contract: eno\nchecker: {url: 'http://127.0.0.1:3031'}\n", ""},
	};

	(void)state;
	run_cases(cases, COUNT(cases));
}

#define GOOD FORCAD "  run: checker.py\n"

static void
exploits(void **state)
{
	static const struct external_case cases[] = {
	    {"a program", GOOD "exploit: {program: {run: checker.py}, timeout_ms: 60000}\n", ""},
	    {"steps",
		GOOD "exploit:\n  steps:\n    - {http: {path: /}, assert: [{body_contains: x}]}\n",
		""},
	    {"neither", GOOD "exploit: {}\n",
		"8:10: an exploit has none of program, steps; it takes exactly one"},
	    {"steps in sections", GOOD "exploit: {steps: {check: []}}\n",
		"8:18: steps: expected a list"},
	    {"no steps", GOOD "exploit: {steps: []}\n", "8:18: steps has 0 entries"},
	    {"a flag that it cannot know", GOOD "exploit: {steps: [{http: {path: '/{{flag}}'}}]}\n",
		"8:33: {{flag}} has no value at this point"},
	    {"another game's key", GOOD "exploit: {program: {run: checker.py, tag: pfr}}\n",
		"8:43: tag: has no meaning for the contract exploit"},
	    {"no way to check", HEAD "contract: exploit\nchecker: {run: checker.py}\n",
		"4:11: contract: there is no contract \"exploit\""},
	    {"too long", GOOD "exploit: {program: {run: checker.py}, timeout_ms: 600001}\n",
		"8:51: timeout_ms"},
	};

	(void)state;
	run_cases(cases, COUNT(cases));
}

/* An exploit becomes a program that the checker takes, as its own contract or as steps. */
static void
exploits_compiled(void **state)
{
	static const char *const texts[] = {GOOD "exploit: {program: {run: checker.py}}\n",
	    GOOD "exploit: {steps: [{http: {path: /}}]}\n"};
	static const enum contract contracts[] = {CONTRACT_EXPLOIT, CONTRACT_STEPS};
	struct challenge_source source = {.dir = dir};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct challenge out = {.program = NULL};
		struct arena arena = {0};
		struct program *program;
		struct buf said;
		struct why why;

		write_file("challenge.yaml", texts[i], 0644);
		buf_init(&said, TEXT_MAX_BYTES);
		assert_int_equal(
		    challenge_load(&source, "c", 60000, &arena, &out, &said, &why), ERR_OK);
		assert_int_equal(out.contract, CONTRACT_FORCAD);
		assert_int_equal(out.exploit_contract, contracts[i]);
		assert_int_equal(out.exploit_ms, 30000);
		assert_int_equal(
		    program_read(out.exploit, strlen(out.exploit), &program, &why), ERR_OK);
		assert_int_equal(program->contract, contracts[i]);
		program_free(program);
		buf_free(&said);
		arena_free(&arena);
	}
}

/* What the checker reads is what was written, defaults filled in. */
static void
compiled(void **state)
{
	static const char text[] = FORCAD "  run: [python3, notes.py, --fast]\n"
					  "  env: {PORT: '8080'}\n"
					  "  cwd: scratch\n"
					  "  limits: {memory_mb: 100}\n"
					  "  tag: pfr\n"
					  "  puts: 2\n"
					  "  gets: 3\n"
					  "  action_timeout_ms: 2000\n";
	struct arena arena = {0};
	struct program *program;
	const struct external_plan *plan;
	struct buf said;
	struct why why;
	const char *json = load(text, &arena, &said);
	char path[128];

	(void)state;
	assert_non_null(json);
	assert_int_equal(program_read(json, strlen(json), &program, &why), ERR_OK);
	plan = program->external;
	snprintf(path, sizeof path, "%s/c/notes.py", dir);
	assert_int_equal(program->contract, CONTRACT_FORCAD);
	assert_string_equal(plan->argv[0], "python3");
	assert_string_equal(plan->argv[1], path);
	assert_string_equal(plan->argv[2], "--fast");
	assert_null(plan->argv[3]);
	assert_string_equal(plan->env[0], "PORT=8080");
	assert_null(plan->env[1]);
	assert_true(plan->cwd_scratch && plan->warm);
	assert_int_equal(plan->memory_mb, 100);
	assert_int_equal(plan->cpu_s, 10);
	assert_int_equal(plan->processes, 64);
	assert_int_equal(plan->file_mb, 16);
	assert_int_equal(plan->forcad_tag, FORCAD_PFR);
	assert_int_equal(plan->puts, 2);
	assert_int_equal(plan->gets, 3);
	assert_int_equal(plan->action_timeout_ms, 2000);
	program_free(program);
	buf_free(&said);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(which_part),
	    cmocka_unit_test(what_to_run),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(by_contract),
	    cmocka_unit_test(compiled),
	    cmocka_unit_test(exploits),
	    cmocka_unit_test(exploits_compiled),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
