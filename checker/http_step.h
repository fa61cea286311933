/*
 * HTTP steps over a curl_client on the process's curl_engine: one client a round.
 *
 * Each step opens a connection of its own and closes it: a defended system sees what a new user's browser
 * does, and no system's state reaches another's check. Nothing of the process's surroundings takes part: no
 * proxy variables, no .netrc, no signals, http and https only, redirects only to the same host and port.
 */
#ifndef DRILLD_CHECKER_HTTP_STEP_H
#define DRILLD_CHECKER_HTTP_STEP_H

#include "base/err.h"
#include "checker/action.h"
#include "checker/curl_client.h"
#include "checker/curl_engine.h"

/* Reads `http` of a compiled step into a struct http_plan. */
enum err http_plan_read(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;

/* Embedded in a round; zero-initialised with engine, answer, done and ctx set. */
struct http_client {
	struct curl_client curl; /* the first member; its handle keeps the run's cookies */
	struct curl_engine *engine;
	/* The exchange is over; the client may start the next one or be closed from here. */
	void (*done)(void *ctx, const struct outcome *o);
	void *ctx;

	struct curl_slist *headers;
	curl_mime *parts; /* what is uploaded */
	struct buf body;
	int follow_left;
	bool busy;
};

/* Starts the exchange. An error (with why) if a template's variable has no value: then done is not called. */
enum err http_client_start(struct http_client *c, const struct http_plan *plan,
    const struct exchange *x, struct why *why) MUST_CHECK;

/* Ends a running exchange without calling done. */
void http_client_cancel(struct http_client *c);

/* The run is over: its cookies and connection are forgotten. Cancels, too. */
void http_client_close(struct http_client *c);

#endif
