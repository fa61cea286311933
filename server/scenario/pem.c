#include "scenario/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static X509 *
certificate_read(const char *pem)
{
	BIO *text = BIO_new_mem_buf(pem, -1);
	X509 *out = PEM_read_bio_X509(text, NULL, NULL, NULL);

	BIO_free(text);
	ERR_clear_error();
	return out;
}

bool
pem_has_certificate(const char *pem)
{
	X509 *certificate = certificate_read(pem);

	X509_free(certificate);
	return certificate != NULL;
}

/* A key that asks for a password gets none. */
static int
no_password(char *room, int size, int writing, void *ctx)
{
	(void)room, (void)size, (void)writing, (void)ctx;
	return -1;
}

bool
pem_key_fits(const char *certificate, const char *key, struct why *why)
{
	X509 *cert = certificate_read(certificate);
	BIO *text = BIO_new_mem_buf(key, -1);
	EVP_PKEY *private = PEM_read_bio_PrivateKey(text, NULL, no_password, NULL);
	bool fits = private != NULL && X509_check_private_key(cert, private) == 1;

	if (private == NULL)
		(void)why_set(why, ERR_INVALID, "holds no private key in PEM without a password");
	else if (!fits)
		(void)why_set(why, ERR_INVALID, "is not the key of the certificate");
	EVP_PKEY_free(private);
	BIO_free(text);
	X509_free(cert);
	ERR_clear_error();
	return fits;
}
