/*
 * X.509 certificates: what a peer's must be like, looked at during the TLS handshake, and whether the PEM texts that
 * a challenge brings are what they should be. A watch belongs to one connection at a time and its thread.
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
	int days_left; /* it is valid at least that long; 0: not asked */
};

struct certificate_watch {
	const struct certificate_demands *demands;
	const char *host; /* with verify and without names it must be for this one */
	struct why said;  /* what is wrong, or how the peer broke off (RFC 8446 section 6), or "" */
};

/*
 * Has the handshakes of this OpenSSL SSL_CTX fail where the demands are not met, and notes fatal alerts of the peer.
 * w lives as long as the context.
 */
void certificate_watch(void *ssl_ctx, struct certificate_watch *w);

/* The text holds at least one certificate. */
bool pem_has_certificate(const char *pem);
/* The key is one without a password and belongs to the text's first certificate; why says what is wrong. */
bool pem_key_fits(const char *certificate, const char *key, struct why *why);

#endif
