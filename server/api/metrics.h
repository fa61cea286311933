/*
 * The server's numbers as Prometheus reads them: asks their owners and writes the text. For the route
 * GET /metrics (organizers) and for a listener of its own, which serves nothing else and asks nobody who he
 * is: main.c opens it where --metrics-listen says. docs/running.md lists what to watch. No label names a
 * system, a team or a person. On the loop's thread.
 */
#ifndef DRILLD_API_METRICS_H
#define DRILLD_API_METRICS_H

#include "api/checkers.h"
#include "api/drill.h"
#include "api/kinds.h"
#include "api/session.h"
#include "api/write_brake.h"
#include "net/http.h"
#include "net/live.h"
#include "net/loop.h"

/* The owners; all outlive this. A NULL one is left out. */
struct metrics {
	const char *version;
	double start_seconds; /* Unix time of the process's start */
	const struct drill *drill;
	const struct sessions *sessions;
	const struct write_brake *brake;
	const struct kinds *kinds;
	const struct http_server *http;
	const struct live_hub *hub;
	const struct checkers *checkers;
};

#define METRICS_MAX_BYTES (1024u * 1024)

void metrics_write(const struct metrics *m, struct buf *out);

/* ---- the listener ---- */
struct metrics_listener;

/* Plain HTTP. m outlives it. port 0: any free one. */
enum err metrics_listen(struct loop *l, const char *address, int port, const struct metrics *m,
    struct metrics_listener **out, struct why *why) MUST_CHECK;
int metrics_port(const struct metrics_listener *l);
void metrics_stop(struct metrics_listener *l); /* ends when the loop drains; NULL is fine */
void metrics_free(struct metrics_listener *l); /* after that */

#endif
