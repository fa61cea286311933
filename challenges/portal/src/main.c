/*
 * portal: the website of a department. Options -> store, search, site -> server -> wait for a
 * signal.
 */
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPARTMENT_MAX_BYTES 200

static const char usage[] =
    "usage: portal --port P --data DIR [--address A] [--department NAME_ZH] [--department-en "
    "NAME]\n"
    "\n"
    "  --port P             1 to 65535, or 0 for any free port\n"
    "  --data DIR           where the site keeps its content; made if it is not there\n"
    "  --address A          the IP address to listen on (127.0.0.1)\n"
    "  --department NAME    the department's name in Chinese (信息工程学院)\n"
    "  --department-en NAME its name in English (the Chinese one)\n";

struct options {
	const char *port;
	const char *address;
	const char *data;
	const char *department;
	const char *department_en;
};

static bool
port_valid(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 5 && strspn(s, "0123456789") == len && atoi(s) <= 65535;
}

static bool
department_valid(const char *s)
{
	return *s != '\0' && strlen(s) <= DEPARTMENT_MAX_BYTES && utf8_valid(s, strlen(s));
}

/* NULL, or what is wrong. */
static const char *
options_wrong(const struct options *o)
{
	if (o->port == NULL || !port_valid(o->port))
		return "--port must be a number from 0 to 65535";
	if (o->data == NULL || *o->data == '\0')
		return "--data must name a directory";
	if (!department_valid(o->department) || !department_valid(o->department_en))
		return "--department must be UTF-8 text of 1 to 200 bytes";
	return NULL;
}

/* 0 to go on, otherwise the exit code plus one. */
static int
options_parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	    {"port", required_argument, NULL, 'p'},
	    {"address", required_argument, NULL, 'a'},
	    {"data", required_argument, NULL, 'd'},
	    {"department", required_argument, NULL, 'n'},
	    {"department-en", required_argument, NULL, 'e'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	const char *wrong;
	int c;

	*o = (struct options){.address = "127.0.0.1", .department = "信息工程学院"};
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (c == '?') {
			fputs(usage, stderr);
			return 3;
		}
		*(c == 'p'     ? &o->port
		    : c == 'a' ? &o->address
		    : c == 'd' ? &o->data
		    : c == 'n' ? &o->department
			       : &o->department_en) = optarg;
	}
	if (o->department_en == NULL)
		o->department_en = o->department;
	wrong = optind < argc ? "unexpected argument" : options_wrong(o);
	if (wrong == NULL)
		return 0;
	fprintf(stderr, "portal: %s\n%s", wrong, usage);
	return 3;
}

static bool
portal_open(struct portal *p, const struct options *o)
{
	*p = (struct portal){.department = o->department, .department_en = o->department_en};
	if (mkdir(o->data, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "portal: --data %s: %s\n", o->data, strerror(errno));
		return false;
	}
	return (p->site = site_open(o->data)) != NULL && (p->store = store_open(o->data)) != NULL &&
	       (p->search = search_open(o->data)) != NULL;
}

static void
portal_close(struct portal *p)
{
	if (p->search != NULL)
		search_close(p->search);
	if (p->store != NULL)
		store_close(p->store);
	if (p->site != NULL)
		site_close(p->site);
}

static int
portal_serve(struct portal *p, const struct options *o, const sigset_t *ends)
{
	struct server *s = server_start(p, o->address, o->port);
	bool v6 = strchr(o->address, ':') != NULL;
	int sig;

	if (s == NULL)
		return EXIT_FAILURE;
	printf("listening on http://%s%s%s:%d\n", v6 ? "[" : "", o->address, v6 ? "]" : "",
	    server_port(s));
	fflush(stdout);
	while (sigwait(ends, &sig) != 0)
		;
	server_stop(s);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct portal p;
	sigset_t ends;
	int rc;

	if ((rc = options_parse(argc, argv, &o)) != 0)
		return rc - 1;
	umask(077);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	/* blocked before the server's thread starts, so that they end here */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	rc = portal_open(&p, &o) ? portal_serve(&p, &o, &ends) : EXIT_FAILURE;
	portal_close(&p);
	return rc;
}
