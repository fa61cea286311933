/*
 * The raw limit of HTTP checks: curl's socket interface on epoll, each exchange on a fresh connection, handles
 * used again, nothing looked at.
 */
#ifndef DRILLD_BENCH_CURL_BARE_H
#define DRILLD_BENCH_CURL_BARE_H

struct bare_options {
	int port;
	int addresses; /* 127.0.0.1 and on, by turns */
	int in_flight;
	int checks;
};

/* Exchanges a second. An exchange that fails ends the benchmark. */
double curl_bare_rate(const struct bare_options *o);

#endif
