/*
 * drillctl check: does drilld start with this scenario?
 */
#include "ctl/ctl.h"
#include "scenario/scenario.h"
#include "scenario/values.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CHALLENGES_DIR "challenges"
#define JUDGES_OF_A_REPORT 2
#define OUTPUT_MAX_BYTES (64u * 1024 * 1024)

struct check_options {
	const char *file;
	const char *challenges;
};

static size_t
count_teams(const struct drill_config *c, enum team_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->team_count; i++)
		n += c->teams[i].kind == kind;
	return n;
}

static void
print_count(const char *before, size_t n, const char *one, const char *many)
{
	printf("%s%zu %s", before, n, n == 1 ? one : many);
}

static void
print_summary(const char *file, const struct scenario *s)
{
	const struct drill_config *c = &s->config;
	char tick[DURATION_BYTES];

	printf("%s: ok: ", file);
	print_count("", count_teams(c, TEAM_BLUE), "department", "departments");
	print_count(", ", count_teams(c, TEAM_RED), "red team", "red teams");
	print_count(", ", c->system_count, "system", "systems");
	print_count(" of ", c->service_count, "service", "services");
	print_count(", ", s->account_count, "account", "accounts");
	duration_format(c->tick_ms, tick);
	printf("; %d ticks of %s, scoring %s\n", c->ticks, tick, c->policy);
}

static bool
has_systems(const struct drill_config *c, size_t team)
{
	for (size_t i = 0; i < c->system_count; i++)
		if (c->systems[i].team == (int)team)
			return true;
	return false;
}

/* Who are not of this department; of NULL: all. */
static size_t
count_judges(const struct scenario *s, const char *department)
{
	size_t n = 0;

	for (size_t i = 0; i < s->account_count; i++)
		n += s->accounts[i].role == ROLE_JUDGE &&
		     (department == NULL || strcmp(s->accounts[i].team, department) != 0);
	return n;
}

/* It starts with fewer, and accounts can be added later, but till then nobody is drawn for a report. */
static void
print_warnings(const char *file, const struct scenario *s)
{
	const struct drill_config *c = &s->config;

	if (count_judges(s, NULL) < JUDGES_OF_A_REPORT) {
		printf("%s: warning: accounts: ", file);
		print_count("", count_judges(s, NULL), "judge", "judges");
		printf("; a report waits until %d can be drawn for it\n", JUDGES_OF_A_REPORT);
		return;
	}
	for (size_t i = 0; i < c->team_count; i++) {
		size_t n = count_judges(s, c->teams[i].id);

		if (c->teams[i].kind != TEAM_BLUE || !has_systems(c, i) || n >= JUDGES_OF_A_REPORT)
			continue;
		printf("%s: warning: accounts: ", file);
		print_count("", n, "judge is", "judges are");
		printf(" not of department \"%s\"; a report of it waits until %d can be drawn\n",
		    c->teams[i].id, JUDGES_OF_A_REPORT);
	}
}

static int
check(const struct check_options *o)
{
	struct scenario scenario;
	struct buf mistakes;
	enum err e;
	int code;

	buf_init(&mistakes, OUTPUT_MAX_BYTES);
	e = scenario_load(o->file, o->challenges, &scenario, &mistakes);
	if (e == ERR_OK) {
		print_summary(o->file, &scenario);
		print_warnings(o->file, &scenario);
		code = EXIT_HOLDS;
	} else {
		bool unreadable = e == ERR_NOT_FOUND || e == ERR_IO;

		fwrite(mistakes.data, 1, mistakes.len, unreadable ? stderr : stdout);
		code = unreadable ? EXIT_USAGE : EXIT_FAILS;
	}
	scenario_free(&scenario);
	buf_free(&mistakes);
	return fflush(stdout) == 0 ? code : EXIT_USAGE;
}

static int
check_run(int argc, char **argv)
{
	struct check_options o = {.challenges = CHALLENGES_DIR};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--challenges") == 0) {
			if (++i == argc)
				return command_usage(&command_check, "--challenges needs a folder");
			o.challenges = argv[i];
		} else if (argv[i][0] == '-') {
			return command_usage(&command_check, "no option \"%s\"", argv[i]);
		} else if (o.file != NULL) {
			return command_usage(&command_check, "one FILE at a time");
		} else {
			o.file = argv[i];
		}
	}
	if (o.file == NULL)
		return command_usage(&command_check, "which FILE?");
	return check(&o);
}

const struct command command_check = {
    .name = "check",
    .usage = "check FILE [--challenges DIR]",
    .help = "Checks a scenario and the challenges it names, the way drilld does before it starts.\n"
	    "Prints every mistake as FILE:LINE:COLUMN: what is wrong; what would be right.\n"
	    "Warns where a report would wait for judges.\n\n"
	    "  --challenges DIR   where the challenges' folders are (default: challenges)\n\n"
	    "Exit: 0 drilld would start with it, 1 it has mistakes, 2 it cannot be read.",
    .run = check_run,
};
