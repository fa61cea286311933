/*
 * drilld's command line. docs/running.md describes every option; a lint holds the two together.
 */
#ifndef DRILLD_OPTIONS_H
#define DRILLD_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *scenario; /* NULL: the data directory's own */
	const char *data;
	const char *challenges;
	char address[64]; /* numeric, without brackets */
	int port;
	const char *tls_cert; /* NULL: plain */
	const char *tls_key;
	bool insecure;
	char checker[4096]; /* path of drill-checker */
	const char *checker_user;
	const char *exec_user;
	const char *sandbox;
	unsigned checkers;  /* 0: as the scenario says */
	unsigned in_flight; /* 0: as the scenario says */
	bool reset_admin;
	bool verbose;
};

/* Dies with a clear line on a wrong command line; exits 0 after --help and --version. */
void options_parse(int argc, char **argv, struct options *out);

/* 127.0.0.0/8 or ::1 */
bool address_is_loopback(const char *address);

#endif
