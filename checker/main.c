#include "base/log.h"
#include "checker/checker.h"
#include "checker/launcher.h"
#include "checker/protocol.h"
#include "checker/sandbox.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_FLIGHT_DEFAULT 1000
#define IN_FLIGHT_MAX 100000
#define EXIT_FAILED 1
#define EXIT_BAD_LINE 2

static const char usage[] =
    "drill-checker [--user NAME] [--exec-user USER] [--sandbox KIND] [--in-flight N]\n"
    "\n"
    "Runs drilld's checks; drilld starts it and speaks with it on descriptor 3.\n"
    "\n"
    "  --user NAME        the user it becomes when started as root (default nobody)\n"
    "  --exec-user USER   whom external programs become then: a name, or the first uid of a range, "
    "for\n"
    "                     a uid each (default " EXEC_USER_DEFAULT ")\n"
    "  --sandbox KIND     of external programs: auto, bubblewrap or rlimits (default auto)\n"
    "  --in-flight N      rounds at a time, 1 to 100000 (default 1000)\n";

struct settings {
	struct sandbox_options sandbox;
	struct launcher_options launcher;
};

static unsigned
parse_count(const char *text)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || n < 1 ||
	    n > IN_FLIGHT_MAX)
		log_die("checker", "--in-flight %s: a number from 1 to %d is expected", text,
		    IN_FLIGHT_MAX);
	return (unsigned)n;
}

static enum launcher_sandbox
parse_sandbox(const char *text)
{
	static const char *const names[] = {[SANDBOX_AUTO] = "auto",
	    [SANDBOX_BUBBLEWRAP] = "bubblewrap",
	    [SANDBOX_RLIMITS] = "rlimits"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], text) == 0)
			return (enum launcher_sandbox)i;
	log_die("checker", "--sandbox %s: auto, bubblewrap or rlimits is expected", text);
}

static void
parse_options(int argc, char **argv, struct settings *out)
{
	static const struct option options[] = {{"user", required_argument, NULL, 'u'},
	    {"exec-user", required_argument, NULL, 'e'}, {"sandbox", required_argument, NULL, 's'},
	    {"in-flight", required_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'u') {
			out->sandbox.user = optarg;
		} else if (c == 'e') {
			out->launcher.user = optarg;
		} else if (c == 's') {
			out->launcher.sandbox = parse_sandbox(optarg);
		} else if (c == 'n') {
			out->sandbox.in_flight = parse_count(optarg);
		} else {
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? EXIT_SUCCESS : EXIT_FAILED);
		}
	}
	if (optind < argc)
		log_die(
		    "checker", "unexpected argument %s; --help lists the options", argv[optind]);
}

/* The launcher comes first: it is forked small, and keeps what is given up here. */
static void
enter(const struct settings *s, struct checker_options *out)
{
	struct why why;

	if (sandbox_close_descriptors(&why) != ERR_OK)
		log_die("sandbox", "%s", why.text);
	if ((out->launcher_fd = launcher_start(&s->launcher, &why)) < 0)
		log_die("launcher", "%s", why.text);
	if (sandbox_enter(&s->sandbox, &why) != ERR_OK)
		log_die("sandbox", "%s", why.text);
	if (sandbox_filter_calls(&why) != ERR_OK)
		log_warn("sandbox", "%s", why.text);
	out->in_flight = s->sandbox.in_flight;
}

int
main(int argc, char **argv)
{
	struct settings settings = {.sandbox = {.user = "nobody", .in_flight = IN_FLIGHT_DEFAULT},
	    .launcher = {.user = EXEC_USER_DEFAULT}};
	struct checker_options options = {.fd = CHECKER_FD};
	enum err e;

	parse_options(argc, argv, &settings);
	enter(&settings, &options);
	e = checker_run(&options);
	if (e == ERR_INVALID)
		return EXIT_BAD_LINE;
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILED;
}
