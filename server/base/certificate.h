/*
 * X.509 certificates: what a peer's must be like, asked after a TLS handshake or during it. A watch belongs to one
 * connection at a time and its thread.
 */
#ifndef DRILLD_BASE_CERTIFICATE_H
#define DRILLD_BASE_CERTIFICATE_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* All zero: any certificate will do. */
struct certificate_demands {
	bool verify;              /* the chain leads to an authority that the context trusts */
	const char *const *names; /* hosts' names or addresses (RFC 6125): it is for each of them */
	size_t name_count;
	bool lasts; /* it has not ended, and is valid for so many more days: */
	int days_left;
};

/*
 * Whether an OpenSSL X509 (NULL: the peer has none) meets the demands; said what is wrong with it. verified: what
 * OpenSSL's verification came to (X509_V_OK), only looked at with verify. host: with verify and without names it must
 * be for this one; NULL: for any.
 */
bool certificate_holds(const struct certificate_demands *d, const char *host, void *x509,
    long verified, struct why *said);

struct certificate_watch {
	const struct certificate_demands *demands;
	const char *host; /* as of certificate_holds */
	struct why said;  /* what is wrong, or how the peer broke off (RFC 8446 section 6), or "" */
};

/*
 * Has the handshakes of this OpenSSL SSL_CTX fail where the demands are not met, and notes fatal alerts of the peer.
 * w lives as long as the context.
 */
void certificate_watch(void *ssl_ctx, struct certificate_watch *w);

#endif
