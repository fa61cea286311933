/*
 * TLS of a step over libcurl: what its plan demands of the other end's certificate, and the step's own one.
 * Everything comes with the compiled program; no file is read but, to verify without a ca of the step's, the
 * machine's list of authorities. The thread of the exchange.
 */
#ifndef DRILLD_CHECKER_CURL_TLS_H
#define DRILLD_CHECKER_CURL_TLS_H

#include "base/certificate.h"
#include "checker/program_read.h"
#include <curl/curl.h>

#define TLS_NAMES_MAX 16
#define PEM_MAX_BYTES (64 * 1024)

struct tls_plan {
	struct certificate_demands demands;
	const char *ca;         /* PEM, of whom to trust instead of the machine's list, or NULL */
	const char *cert, *key; /* PEM, the step's own, or NULL */
};

struct tls_state {
	struct certificate_watch watch;
	bool applied; /* the handle has options of an earlier plan */
};

/*
 * `tls` of an action: false (or none) gives NULL, true or an object a plan. The object has "verify", "names",
 * "days_left", "ca", "cert", "key", all optional, the last two together.
 */
enum err curl_tls_plan_read(
    struct reading *r, const struct json_t *o, const struct tls_plan **out) MUST_CHECK;

/* For the next exchange of the handle; s, plan (may be NULL) and host must live as long as that. */
void tls_apply(struct tls_state *s, CURL *easy, const struct tls_plan *plan, const char *host);

#endif
