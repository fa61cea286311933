#include "options.h"
#include "base/log.h"
#include "checker/protocol.h"
#include "scenario/scenario.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION "1.0.0"
#define PORT_DEFAULT 8000

static const char usage[] =
    "drilld --data DIR [--scenario FILE] [OPTIONS]\n"
    "\n"
    "Runs one emergency drill. The first start needs the scenario; later ones find it in DIR.\n"
    "\n"
    "  --data DIR            the drill's data directory, made if missing\n"
    "  --scenario FILE       the scenario (docs/scenario.md)\n"
    "  --challenges DIR      where the challenges are (default: challenges)\n"
    "  --listen ADDR:PORT    numeric, IPv6 in brackets (default 127.0.0.1:8000); port 0 = any free "
    "one\n"
    "  --tls-cert FILE       certificate chain, PEM; with --tls-key\n"
    "  --tls-key FILE        its private key, PEM\n"
    "  --insecure            allow listening beyond loopback without TLS\n"
    "  --checker FILE        drill-checker (default: beside drilld)\n"
    "  --checkers N          how many checker processes, 1 to 16 (default: the scenario's, or 1)\n"
    "  --checker-user NAME   whom they become when drilld is root (default nobody)\n"
    "  --exec-user USER      whom external check programs become then: a name, or the first uid of "
    "a\n"
    "                        range, for a uid each (default " EXEC_USER_DEFAULT ")\n"
    "  --sandbox KIND        of external check programs: auto, bubblewrap or rlimits (default "
    "auto)\n"
    "  --in-flight N         checks at once per process, 1 to 100000 (default: the scenario's, or "
    "as "
    "many\n"
    "                        as there are systems for it)\n"
    "  --reset-admin         give the account admin a new password and print it\n"
    "  --verbose             log more\n"
    "  --version, --help\n";

enum {
	OPT_DATA = 256,
	OPT_SCENARIO,
	OPT_CHALLENGES,
	OPT_LISTEN,
	OPT_CERT,
	OPT_KEY,
	OPT_INSECURE,
	OPT_CHECKER,
	OPT_CHECKERS,
	OPT_CHECKER_USER,
	OPT_EXEC_USER,
	OPT_SANDBOX,
	OPT_IN_FLIGHT,
	OPT_RESET_ADMIN,
	OPT_VERBOSE,
	OPT_VERSION,
	OPT_HELP
};

static const struct option table[] = {
    {"data", required_argument, NULL, OPT_DATA},
    {"scenario", required_argument, NULL, OPT_SCENARIO},
    {"challenges", required_argument, NULL, OPT_CHALLENGES},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"tls-cert", required_argument, NULL, OPT_CERT},
    {"tls-key", required_argument, NULL, OPT_KEY},
    {"insecure", no_argument, NULL, OPT_INSECURE},
    {"checker", required_argument, NULL, OPT_CHECKER},
    {"checkers", required_argument, NULL, OPT_CHECKERS},
    {"checker-user", required_argument, NULL, OPT_CHECKER_USER},
    {"exec-user", required_argument, NULL, OPT_EXEC_USER},
    {"sandbox", required_argument, NULL, OPT_SANDBOX},
    {"in-flight", required_argument, NULL, OPT_IN_FLIGHT},
    {"reset-admin", no_argument, NULL, OPT_RESET_ADMIN},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static unsigned
parse_number(const char *option, const char *text, unsigned min, unsigned max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || n < min || n > max)
		log_die(
		    "options", "%s %s: a number from %u to %u is expected", option, text, min, max);
	return (unsigned)n;
}

/* ADDR:PORT with a numeric address, IPv6 in brackets. */
static void
parse_listen(const char *text, struct options *o)
{
	unsigned char binary[16];
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[';
	size_t len;

	if (colon == NULL || (v6 && (colon == text + 1 || colon[-1] != ']')))
		log_die("options",
		    "--listen %s: ADDRESS:PORT is expected, as 127.0.0.1:8000 or [::1]:8000", text);
	len = (size_t)(colon - text) - (v6 ? 2 : 0);
	if (len == 0 || len >= sizeof o->address)
		log_die("options", "--listen %s: the address is missing or too long", text);
	memcpy(o->address, text + (v6 ? 1 : 0), len);
	o->address[len] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, o->address, binary) != 1)
		log_die("options", "--listen %s: \"%s\" is not a numeric IPv%d address", text,
		    o->address, v6 ? 6 : 4);
	o->port = (int)parse_number("--listen", colon + 1, 0, 65535);
}

bool
address_is_loopback(const char *address)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, address, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* drill-checker is installed beside drilld. */
static void
default_checker(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - sizeof "drill-checker");
	char *slash;

	if (n <= 0)
		log_die("options", "where drilld is cannot be told; give --checker FILE");
	out[n] = '\0';
	slash = strrchr(out, '/');
	snprintf(slash + 1, size - (size_t)(slash + 1 - out), "drill-checker");
}

static void
set_option(int c, const char *value, struct options *o)
{
	switch (c) {
	case OPT_DATA:
		o->data = value;
		break;
	case OPT_SCENARIO:
		o->scenario = value;
		break;
	case OPT_CHALLENGES:
		o->challenges = value;
		break;
	case OPT_LISTEN:
		parse_listen(value, o);
		break;
	case OPT_CERT:
		o->tls_cert = value;
		break;
	case OPT_KEY:
		o->tls_key = value;
		break;
	case OPT_INSECURE:
		o->insecure = true;
		break;
	case OPT_CHECKER:
		if (strlen(value) >= sizeof o->checker)
			log_die("options", "--checker: the path is too long");
		snprintf(o->checker, sizeof o->checker, "%s", value);
		break;
	case OPT_CHECKERS:
		o->checkers = parse_number("--checkers", value, 1, CHECKER_PROCESSES_MAX);
		break;
	case OPT_CHECKER_USER:
		o->checker_user = value;
		break;
	case OPT_EXEC_USER:
		o->exec_user = value;
		break;
	case OPT_SANDBOX:
		if (strcmp(value, "auto") != 0 && strcmp(value, "bubblewrap") != 0 &&
		    strcmp(value, "rlimits") != 0)
			log_die("options", "--sandbox %s: auto, bubblewrap or rlimits is expected",
			    value);
		o->sandbox = value;
		break;
	case OPT_IN_FLIGHT:
		o->in_flight = parse_number("--in-flight", value, 1, CHECKER_IN_FLIGHT_MAX);
		break;
	case OPT_RESET_ADMIN:
		o->reset_admin = true;
		break;
	case OPT_VERBOSE:
		o->verbose = true;
		break;
	case OPT_VERSION:
		puts("drilld " VERSION);
		exit(0);
	default:
		fputs(usage, c == OPT_HELP ? stdout : stderr);
		exit(c == OPT_HELP ? 0 : 2);
	}
}

/* What must fit together. */
static void
check_options(const struct options *o)
{
	if (o->data == NULL)
		log_die(
		    "options", "--data DIR is missing: where the drill keeps its journal and keys");
	if ((o->tls_cert == NULL) != (o->tls_key == NULL))
		log_die("options", "--tls-cert and --tls-key go together");
	if (o->tls_cert != NULL || address_is_loopback(o->address))
		return;
	if (!o->insecure)
		log_die("options",
		    "%s is not loopback: passwords and flags would cross the network in the clear. "
		    "Give --tls-cert and --tls-key, or --insecure if something in front does TLS",
		    o->address);
	log_warn(
	    "options", "insecure: listening on %s without TLS, as --insecure says", o->address);
}

void
options_parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){.challenges = "challenges",
	    .address = "127.0.0.1",
	    .port = PORT_DEFAULT,
	    .checker_user = "nobody",
	    .exec_user = EXEC_USER_DEFAULT,
	    .sandbox = "auto"};
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1)
		set_option(c, optarg, o);
	if (optind < argc)
		log_die("options", "unexpected argument \"%s\"; --help lists the options",
		    argv[optind]);
	if (o->checker[0] == '\0')
		default_checker(o->checker, sizeof o->checker);
	check_options(o);
}
