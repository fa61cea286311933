/*
 * One HTTP exchange after the other with a checker's service of the contract eno: GET /service, POST / with a task.
 * Knows nothing of what is said. A connection for each; the answer is bounded; nothing is followed. The checker's
 * loop thread.
 */
#ifndef DRILLD_CHECKER_ENO_CLIENT_H
#define DRILLD_CHECKER_ENO_CLIENT_H

#include "checker/host.h"
#include "checker/http_step.h"

/* Lives in a round; zero-initialised with done and ctx set. */
struct eno_client {
	/*
	 * The exchange is over: called once, never from within eno_client_call nor after cancel. ERR_OK: status
	 * 200, its body is c->answer.body, until the next call. Otherwise why says what is wrong with the service.
	 */
	void (*done)(void *ctx, enum err e, const struct why *why);
	void *ctx;

	struct answer answer;
	struct arena arena; /* where the service is, and the requests' plans */
	struct arena call_arena;
	struct http_client http;
	struct http_plan plans[2]; /* get, post */
	struct step step;
	struct exchange exchange;
	struct vars vars;
};

/* url: "http://HOST[:PORT][/PATH]"; below it are / and /service. To be closed whatever comes back. */
enum err eno_client_open(
    struct eno_client *c, struct host *host, const char *url, struct why *why) MUST_CHECK;

/* body: of POST /, NULL: GET /service. An error with why: done is not called. */
enum err eno_client_call(struct eno_client *c, const char *body, struct why *why) MUST_CHECK;

/* Ends what is under way, if anything is, without calling done. */
void eno_client_cancel(struct eno_client *c);

/* Cancels, too. */
void eno_client_close(struct eno_client *c);

#endif
