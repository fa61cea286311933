/*
 * What a step demands of the other end's certificate and shows of its own, read once with its program: for the steps
 * over libcurl (curl_tls.c) and those that talk by hand (tls_client.c). No file is read: the texts of the files come
 * with the program. The checker's one thread.
 */
#ifndef DRILLD_CHECKER_TLS_PLAN_H
#define DRILLD_CHECKER_TLS_PLAN_H

#include "base/certificate.h"
#include "checker/program_read.h"

struct tls_plan {
	struct certificate_demands demands;
	const char *ca;         /* PEM, of whom to trust instead of the machine's list, or NULL */
	const char *cert, *key; /* PEM, the step's own, both or neither */
};

/* All optional, cert and key together; a ca is there to verify with. o may be NULL: nothing is demanded. */
#define TLS_PLAN_KEYS "ca", "cert", "days_left", "key", "names", "verify"
enum err tls_plan_read_keys(
    struct reading *r, const struct json_t *o, struct tls_plan *out) MUST_CHECK;

#endif
