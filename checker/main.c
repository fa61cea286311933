#include "base/log.h"
#include "checker/checker.h"
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
    "drill-checker [--user NAME] [--in-flight N]\n"
    "\n"
    "Runs drilld's checks; drilld starts it and speaks with it on descriptor 3.\n"
    "\n"
    "  --user NAME     the user it becomes when started as root (default nobody)\n"
    "  --in-flight N   rounds at a time, 1 to 100000 (default 1000)\n";

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

static void
parse_options(int argc, char **argv, struct sandbox_options *out)
{
	static const struct option options[] = {{"user", required_argument, NULL, 'u'},
	    {"in-flight", required_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'u') {
			out->user = optarg;
		} else if (c == 'n') {
			out->in_flight = parse_count(optarg);
		} else {
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? EXIT_SUCCESS : EXIT_FAILED);
		}
	}
	if (optind < argc)
		log_die(
		    "checker", "unexpected argument %s; --help lists the options", argv[optind]);
}

int
main(int argc, char **argv)
{
	struct sandbox_options sandbox = {.user = "nobody", .in_flight = IN_FLIGHT_DEFAULT};
	struct checker_options options = {.fd = CHECKER_FD};
	struct why why;
	enum err e;

	parse_options(argc, argv, &sandbox);
	if (sandbox_enter(&sandbox, &why) != ERR_OK)
		log_die("sandbox", "%s", why.text);
	options.in_flight = sandbox.in_flight;
	e = checker_run(&options);
	if (e == ERR_INVALID)
		return EXIT_BAD_LINE;
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILED;
}
