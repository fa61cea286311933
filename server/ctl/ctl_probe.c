/*
 * drillctl probe and preflight: the scenario's checks, run now, before the day.
 */
#include "checker/protocol.h"
#include "ctl/ctl.h"
#include "ctl/printable.h"
#include "ctl/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHALLENGES_DIR "challenges"
#define OUTPUT_MAX_BYTES (64u * 1024 * 1024)
#define TIMES_MAX 100
#define IN_FLIGHT 256
#define FULL_PERCENT 70 /* of a tick: what rounds may take together, the rest is for a bad day */
#define SLOW_PERCENT 50 /* of its timeout: a round that takes longer is worth a word */

struct options {
	const struct command *command;
	const char *file;
	const char *system; /* probe */
	const char *challenges;
	const char *checker;
	const char *user, *exec_user, *sandbox;
	int32_t times;
};

/* ---- what both print ---- */

static void
print_text(const char *s)
{
	struct buf out;

	buf_init(&out, OUTPUT_MAX_BYTES);
	printable_put(&out, s, strlen(s));
	fwrite(out.data != NULL ? out.data : "", 1, out.len, stdout);
	buf_free(&out);
}

/* Each line of the trace, indented. */
static void
print_trace(const char *trace)
{
	while (*trace != '\0') {
		size_t len = strcspn(trace, "\n");
		struct buf out;

		buf_init(&out, OUTPUT_MAX_BYTES);
		printable_put(&out, trace, len);
		printf("  %s\n", out.data != NULL ? out.data : "");
		buf_free(&out);
		trace += trace[len] == '\n' ? len + 1 : len;
	}
}

static void
print_address(const struct scenario_system *s, char *out, size_t size)
{
	snprintf(out, size, strchr(s->host, ':') != NULL ? "[%s]:%d" : "%s:%d", s->host, s->port);
}

/* ---- probe ---- */

static void
print_round(int32_t tick, const struct trial_result *r)
{
	printf("round %d: %s, %lld ms", tick + 1, status_name(r->status), (long long)r->ms);
	if (r->message[0] != '\0') {
		printf(": ");
		print_text(r->message);
	}
	putchar('\n');
	print_trace(r->trace);
	fflush(stdout);
}

static bool
probe_rounds(const struct options *o, struct trial *t, size_t systems, size_t system)
{
	bool *wanted = calloc(systems, sizeof *wanted), good = true;

	if (wanted == NULL)
		return false;
	wanted[system] = true;
	for (int32_t tick = 0; tick < o->times; tick++) {
		const struct trial_result *r = &trial_round(t, tick, wanted)[system];

		print_round(tick, r);
		good = good && r->status == ST_OK;
	}
	free(wanted);
	return good;
}

static int
probe(const struct options *o, const struct scenario *s, struct trial *t)
{
	int system = config_system(&s->config, o->system);
	char address[300];

	if (system < 0)
		return command_usage(o->command, "%s has no system \"%s\"", o->file, o->system);
	print_address(&s->systems[system], address, sizeof address);
	printf("%s at %s, challenge %s, contract %s\n", o->system, address,
	    s->systems[system].challenge,
	    contract_name(scenario_challenge(s, s->systems[system].challenge)->contract));
	return probe_rounds(o, t, s->config.system_count, (size_t)system) ? EXIT_HOLDS : EXIT_FAILS;
}

/* ---- preflight ---- */

struct table {
	int system, address, challenge;
};

static void
widen(int *column, const char *text)
{
	int width = (int)printable_width(text);

	if (width > *column)
		*column = width;
}

static struct table
measure(const struct scenario *s)
{
	struct table t = {6, 7, 9};
	char address[300];

	for (size_t i = 0; i < s->config.system_count; i++) {
		print_address(&s->systems[i], address, sizeof address);
		widen(&t.system, s->config.systems[i].id);
		widen(&t.address, address);
		widen(&t.challenge, s->systems[i].challenge);
	}
	return t;
}

static bool
is_slow(const struct challenge *c, const struct trial_result *r)
{
	return r->status == ST_OK && r->ms * 100 > c->timeout_ms * SLOW_PERCENT;
}

static void
print_row(const struct scenario *s, const struct table *t, size_t i, const struct trial_result *r)
{
	const struct challenge *c = scenario_challenge(s, s->systems[i].challenge);
	char address[300];

	print_address(&s->systems[i], address, sizeof address);
	printf("%-*s  %-*s  %-*s  %-10s %6lld  ", t->system, s->config.systems[i].id, t->address,
	    address, t->challenge, c->id, status_name(r->status), (long long)r->ms);
	if (is_slow(c, r))
		printf("slow: more than half of the %lld ms it has", (long long)c->timeout_ms);
	else if (r->status != ST_OK)
		print_text(r->message);
	putchar('\n');
}

static const char *
meaning(enum status status)
{
	static const char *const texts[ST_COUNT] = {
	    [ST_NONE] = "not checked: the checker did not come to it",
	    [ST_RECOVERING] = "works, but an older flag is missing",
	    [ST_CORRUPT] = "a flag or content would be gone or changed",
	    [ST_MUMBLE] = "answers, but not as its checks expect",
	    [ST_DOWN] =
		"does not answer: is it running, is the address right, does a firewall let us?",
	    [ST_FAULT] = "the check itself fails: yours to mend, no department's",
	};

	return texts[status];
}

/* What the table comes to: each kind of trouble once, with what it would mean on the day. */
static bool
print_summary(const struct scenario *s, const struct trial_result *results)
{
	size_t count[ST_COUNT] = {0}, slow = 0;

	for (size_t i = 0; i < s->config.system_count; i++) {
		count[results[i].status]++;
		slow += is_slow(scenario_challenge(s, s->systems[i].challenge), &results[i]);
	}
	printf("\n%zu of %zu systems are ok\n", count[ST_OK], s->config.system_count);
	for (int i = 0; i < ST_COUNT; i++)
		if (i != ST_OK && count[i] > 0)
			printf("%zu %s: %s\n", count[i], status_name((enum status)i),
			    meaning((enum status)i));
	if (slow > 0)
		printf("%zu slow: a busy day would make them down\n", slow);
	if (count[ST_OK] < s->config.system_count)
		puts("`drillctl probe SCENARIO SYSTEM` shows every step of one of them");
	return count[ST_OK] == s->config.system_count;
}

/* Of one contract: how many rounds, how long they took together, the longest. */
struct load {
	size_t rounds;
	int64_t sum_ms, longest_ms;
};

static struct load
load_of(const struct scenario *s, const struct trial_result *results, enum contract contract)
{
	struct load l = {0};

	for (size_t i = 0; i < s->config.system_count; i++) {
		if (scenario_challenge(s, s->systems[i].challenge)->contract != contract)
			continue;
		l.rounds++;
		l.sum_ms += results[i].ms;
		if (results[i].ms > l.longest_ms)
			l.longest_ms = results[i].ms;
	}
	return l;
}

/* Whether a tick has time for all rounds of a contract that has fewer places than systems. */
static bool
print_load(const struct scenario *s, const struct load *l, const struct check_group *g)
{
	int64_t needed_ms = l->sum_ms / g->max + l->longest_ms;
	bool fits = needed_ms * 100 <= s->config.tick_ms * FULL_PERCENT;

	printf("%s: %zu rounds, %u at once: about %lld ms of a tick of %lld ms%s\n", g->name,
	    l->rounds, g->max, (long long)needed_ms, (long long)s->config.tick_ms,
	    fits ? ""
		 : ": too long, some would not be checked; a longer tick, or `checkers: {limits: "
		   "...}`");
	return fits;
}

/* What the checks as a whole would meet on the day. */
static bool
print_outlook(const struct scenario *s, const struct trial *t, const struct trial_result *results)
{
	const struct checker_plan *plan = trial_plan(t);
	bool good = true, external = false;
	const char *note, *sandbox = trial_sandbox(t, &note);

	for (int c = 0; c < CONTRACT_COUNT; c++) {
		const struct check_group *g = &plan->groups[c];
		struct load l = load_of(s, results, (enum contract)c);

		external = external || (l.rounds > 0 && c != CONTRACT_STEPS && c != CONTRACT_ENO);
		if (l.rounds > 0 && g->max > 0 && g->max < l.rounds)
			good = print_load(s, &l, g) && good;
	}
	if (external) {
		printf("external programs run in %s%s", sandbox, note[0] != '\0' ? ": " : "");
		print_text(note);
		putchar('\n');
	}
	return good;
}

static int
preflight(const struct options *o, const struct scenario *s, struct trial *t)
{
	const struct trial_result *results = trial_round(t, 0, NULL);
	struct table table = measure(s);
	int code = EXIT_HOLDS;

	(void)o;
	printf("%-*s  %-*s  %-*s  %-10s %6s  %s\n", table.system, "SYSTEM", table.address,
	    "ADDRESS", table.challenge, "CHALLENGE", "STATUS", "MS", "WHAT WOULD BE WRONG");
	for (size_t i = 0; i < s->config.system_count; i++)
		print_row(s, &table, i, &results[i]);
	if (!print_summary(s, results))
		code = EXIT_FAILS;
	if (!print_outlook(s, t, results))
		code = EXIT_FAILS;
	return code;
}

/* ---- the command line ---- */

static int
with_trial(const struct options *o, const struct scenario *s,
    int (*run)(const struct options *, const struct scenario *, struct trial *))
{
	struct trial_options to = {.scenario = s,
	    .program = o->checker,
	    .user = o->user,
	    .exec_user = o->exec_user,
	    .sandbox = o->sandbox,
	    .in_flight = IN_FLIGHT,
	    .ticks_max = o->times};
	struct trial *t;
	struct why why;
	int code;

	if (trial_open(&to, &t, &why) != ERR_OK) {
		fprintf(stderr, "drillctl %s: %s\n", o->command->name, why.text);
		return EXIT_USAGE;
	}
	code = run(o, s, t);
	trial_close(t);
	return fflush(stdout) == 0 ? code : EXIT_USAGE;
}

static int
with_scenario(const struct options *o,
    int (*run)(const struct options *, const struct scenario *, struct trial *))
{
	struct scenario s;
	struct buf mistakes;
	enum err e;
	int code;

	buf_init(&mistakes, OUTPUT_MAX_BYTES);
	e = scenario_load(o->file, o->challenges, &s, &mistakes);
	if (e == ERR_OK) {
		code = with_trial(o, &s, run);
	} else {
		fwrite(mistakes.data, 1, mistakes.len, stderr);
		code = e == ERR_INVALID ? EXIT_FAILS : EXIT_USAGE;
	}
	scenario_free(&s);
	buf_free(&mistakes);
	return code;
}

/* The option's place for its value, or NULL. */
static const char **
value_of(struct options *o, const char *name)
{
	if (strcmp(name, "--challenges") == 0)
		return &o->challenges;
	if (strcmp(name, "--checker") == 0)
		return &o->checker;
	if (strcmp(name, "--checker-user") == 0)
		return &o->user;
	if (strcmp(name, "--exec-user") == 0)
		return &o->exec_user;
	return strcmp(name, "--sandbox") == 0 ? &o->sandbox : NULL;
}

static bool
parse_times(const char *text, int32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || n < 1 || n > TIMES_MAX)
		return false;
	*out = (int32_t)n;
	return true;
}

/* 0, or what command_usage returned. */
static int
parse_options(int argc, char **argv, bool takes_system, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		const char **value = value_of(o, argv[i]);
		bool times = takes_system && strcmp(argv[i], "--times") == 0;

		if ((value != NULL || times) && ++i == argc)
			return command_usage(o->command, "%s needs a value", argv[i - 1]);
		if (value != NULL)
			*value = argv[i];
		else if (times && !parse_times(argv[i], &o->times))
			return command_usage(o->command,
			    "--times %s: a number from 1 to %d is expected", argv[i], TIMES_MAX);
		else if (times)
			continue;
		else if (argv[i][0] == '-')
			return command_usage(o->command, "no option \"%s\"", argv[i]);
		else if (o->file == NULL)
			o->file = argv[i];
		else if (takes_system && o->system == NULL)
			o->system = argv[i];
		else
			return command_usage(o->command, "what is \"%s\" for?", argv[i]);
	}
	if (o->file == NULL)
		return command_usage(o->command, "which SCENARIO?");
	if (takes_system && o->system == NULL)
		return command_usage(o->command, "which SYSTEM?");
	return 0;
}

static int
probe_run(int argc, char **argv)
{
	struct options o = {.command = &command_probe,
	    .challenges = CHALLENGES_DIR,
	    .user = "nobody",
	    .exec_user = EXEC_USER_DEFAULT,
	    .sandbox = "auto",
	    .times = 1};
	int code = parse_options(argc, argv, true, &o);

	return code != 0 ? code : with_scenario(&o, probe);
}

static int
preflight_run(int argc, char **argv)
{
	struct options o = {.command = &command_preflight,
	    .challenges = CHALLENGES_DIR,
	    .user = "nobody",
	    .exec_user = EXEC_USER_DEFAULT,
	    .sandbox = "auto",
	    .times = 1};
	int code = parse_options(argc, argv, false, &o);

	return code != 0 ? code : with_scenario(&o, preflight);
}

const struct command command_probe = {
    .name = "probe",
    .usage = "probe SCENARIO SYSTEM [--times N] [--challenges DIR] [--checker FILE] "
	     "[--checker-user NAME] [--exec-user USER] [--sandbox KIND]",
    .help = "Runs all checks of one system now, from here, and prints every step with its time and "
	    "what came of it.\n"
	    "The flags it places look like the drill's but are made with a key that is thrown "
	    "away; the system keeps\n"
	    "them, as it keeps those of the drill.\n\n"
	    "  --times N             that many rounds, one after the other: later ones look for "
	    "the flags of\n"
	    "                        earlier ones, as ticks do (default 1)\n"
	    "  --challenges DIR      where the challenges' folders are (default: challenges)\n"
	    "  --checker FILE        drill-checker (default: beside drillctl)\n"
	    "  --checker-user NAME   whom it becomes when you are root (default nobody)\n"
	    "  --exec-user USER, --sandbox KIND\n"
	    "                        of external programs, as drilld's: what a check may do "
	    "differs with them\n\n"
	    "Exit: 0 every round was ok, 1 one was not or the scenario has mistakes, 2 it could "
	    "not be run.",
    .run = probe_run,
};

const struct command command_preflight = {
    .name = "preflight",
    .usage = "preflight SCENARIO [--challenges DIR] [--checker FILE] [--checker-user NAME] "
	     "[--exec-user USER] [--sandbox KIND]",
    .help =
	"Runs the checks of all systems once, now, from here, and prints a table with what would "
	"be wrong on\n"
	"the day. Options as of `drillctl probe`.\n\n"
	"Exit: 0 all are ok, 1 some are not or the scenario has mistakes, 2 it could not be run.",
    .run = preflight_run,
};
