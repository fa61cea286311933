/*
 * One libcurl exchange with a system, whatever its protocol: where it goes, what may come in, how it ended.
 * http_step.c and curl_step.c build on it. Nothing of the process's surroundings takes part: no proxy
 * variables, no .netrc, no signals, the one protocol named and no other, a connection of its own that is
 * closed at the end, to the address that the round has resolved.
 *
 * Used by one thread at a time: the checker's, or between start and end of a curl_thread that one.
 */
#ifndef DRILLD_CHECKER_CURL_CLIENT_H
#define DRILLD_CHECKER_CURL_CLIENT_H

#include "base/err.h"
#include "checker/answer.h"
#include "checker/curl_tls.h"
#include "checker/outcome.h"
#include <curl/curl.h>

struct curl_target {
	const char *scheme; /* "https" */
	const char *host;   /* as in the job: goes into the Host header, SNI */
	const char *ip;     /* where to connect */
	int port;
};

/* Zero-initialised with answer, protocol and finished set. */
struct curl_client {
	struct answer *answer;
	const char *protocol;                                   /* "HTTP", for messages */
	void (*finished)(struct curl_client *c, CURLcode code); /* of an engine; may start again */

	CURL *easy; /* NULL before the first exchange */
	struct curl_slist *connect_to;
	struct tls_state tls;
	size_t header_bytes; /* of all responses, so that an endless row of them ends */
	const char *over;    /* which limit the answer broke, or NULL */
};

/* Makes the easy handle if there is none, with what is the same for every exchange. */
enum err curl_client_open(struct curl_client *c, struct why *why) MUST_CHECK;

/* Where the next exchange goes and with what TLS (NULL: none, or any certificate). Resets what came. */
void curl_client_aim(
    struct curl_client *c, const struct curl_target *t, const struct tls_plan *tls);

/* Appends "SCHEME://HOST:PORT". */
void curl_client_authority(struct buf *url, const struct curl_target *t);
/* Appends text percent-encoded but for unreserved characters (RFC 3986) and those in keep. */
void curl_client_escape(struct buf *url, const char *text, size_t len, const char *keep);

/* A connection had come about. */
bool curl_client_connected(const struct curl_client *c);
/* How a transfer ended that did not end well. */
void curl_client_outcome(struct curl_client *c, CURLcode code, struct outcome *o);

/* Forgets everything; the transfer is not under way any more. */
void curl_client_close(struct curl_client *c);

#endif
