/*
 * drillctl: the organizer's command line. Finds the command and runs it.
 */
#include "ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_check,
    &command_mail,
    &command_score,
    &command_events,
    &command_verify,
    &command_program,
    &command_probe,
    &command_preflight,
    &command_status,
    &command_clock,
    &command_kill,
    &command_hold,
    &command_void,
    &command_history,
    &command_retest,
    &command_accounts,
    &command_passwords,
    &command_token,
    NULL,
};

int
command_usage(const struct command *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "drillctl %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: drillctl %s\n", c->usage);
	return EXIT_USAGE;
}

static void
print_overview(FILE *out)
{
	fputs("usage: drillctl COMMAND [ARGUMENTS]\n\n", out);
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(out, "  %s\n", commands[i]->usage);
	fputs("\n`drillctl COMMAND --help` tells more.\n", out);
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_overview(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_overview(stdout);
		return EXIT_HOLDS;
	}
	if ((c = command_find(argv[1])) == NULL) {
		fprintf(stderr, "drillctl: no command \"%s\"\n", argv[1]);
		print_overview(stderr);
		return EXIT_USAGE;
	}
	if (argc == 3 && strcmp(argv[2], "--help") == 0) {
		printf("usage: drillctl %s\n\n%s\n", c->usage, c->help);
		return EXIT_HOLDS;
	}
	return c->run(argc - 1, argv + 1);
}
