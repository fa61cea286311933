/*
 * TLS of a step over libcurl: its plan (tls_plan.h) set on a handle. To verify without a ca of the step's the
 * machine's list of authorities is read. The thread of the exchange.
 */
#ifndef DRILLD_CHECKER_CURL_TLS_H
#define DRILLD_CHECKER_CURL_TLS_H

#include "checker/tls_plan.h"
#include <curl/curl.h>

struct tls_state {
	struct certificate_watch watch;
	bool applied; /* the handle has options of an earlier plan */
};

/* `tls` of an action: false (or none) gives NULL, true or an object with TLS_PLAN_KEYS a plan. */
enum err curl_tls_plan_read(
    struct reading *r, const struct json_t *o, const struct tls_plan **out) MUST_CHECK;

/* For the next exchange of the handle; s, plan (may be NULL) and host must live as long as that. */
void tls_apply(struct tls_state *s, CURL *easy, const struct tls_plan *plan, const char *host);

#endif
