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
	    "Prints every mistake as FILE:LINE:COLUMN: what is wrong; what would be right.\n\n"
	    "  --challenges DIR   where the challenges' folders are (default: challenges)\n\n"
	    "Exit: 0 drilld would start with it, 1 it has mistakes, 2 it cannot be read.",
    .run = check_run,
};
