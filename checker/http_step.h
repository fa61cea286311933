/*
 * HTTP steps on libcurl's multi interface, driven by libuv: one engine a process, one client a round.
 *
 * Each step opens a connection of its own and closes it: a defended system sees what a new user's browser
 * does, and no system's state reaches another's check. Nothing of the process's surroundings takes part: no
 * proxy variables, no .netrc, no signals, http and https only, redirects only to the same host and port.
 */
#ifndef DRILLD_CHECKER_HTTP_STEP_H
#define DRILLD_CHECKER_HTTP_STEP_H

#include "base/err.h"
#include "checker/action.h"
#include <curl/curl.h>
#include <uv.h>

struct http_engine;

/* Reads `http` of a compiled step into a struct http_plan. */
enum err http_plan_read(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;

struct http_engine *http_engine_new(uv_loop_t *loop);
/* Every client must be closed. The engine frees itself when the loop has closed its handles. */
void http_engine_close(struct http_engine *e);

/* Embedded in a round; zero-initialised with engine, answer, done and ctx set. */
struct http_client {
	struct http_engine *engine;
	struct answer *answer;
	/* The exchange is over; the client may start the next one or be closed from here. */
	void (*done)(void *ctx, const struct outcome *o);
	void *ctx;

	CURL *easy; /* NULL before a run's first step; keeps the run's cookies */
	struct curl_slist *headers;
	struct curl_slist *connect_to;
	struct buf body;
	size_t header_bytes; /* of all responses of the step, so that an endless row of them ends */
	const char *over;    /* which limit the answer broke, or NULL */
	int follow_left;
	bool busy;
};

struct http_target {
	const char *host; /* as in the job: goes into the Host header */
	const char *ip;   /* where to connect */
	int port;
	bool cookies; /* the run has several steps, so they are kept */
};

/* Starts the exchange. An error (with why) if a template's variable has no value: then done is not called. */
enum err http_client_start(struct http_client *c, const struct http_plan *plan,
    const struct http_target *target, const struct vars *vars, struct why *why) MUST_CHECK;

/* Ends a running exchange without calling done. */
void http_client_cancel(struct http_client *c);

/* The run is over: its cookies and connection are forgotten. Cancels, too. */
void http_client_close(struct http_client *c);

#endif
