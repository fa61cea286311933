#include "base/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static X509 *
first_certificate(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	BIO_free(bio);
	ERR_clear_error();
	return x;
}

enum err
pem_certificates_check(const char *text, struct why *why)
{
	X509 *x = first_certificate(text);

	if (x == NULL)
		return why_set(why, ERR_INVALID, "has no PEM certificate");
	X509_free(x);
	return ERR_OK;
}

enum err
pem_key_check(const char *text, const char *cert, struct why *why)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	X509 *x = first_certificate(cert);
	enum err e = ERR_OK;

	if (key == NULL)
		e = why_set(why, ERR_INVALID, "has no PEM private key without a password");
	else if (x == NULL || X509_check_private_key(x, key) != 1)
		e = why_set(why, ERR_INVALID, "does not match the certificate");
	EVP_PKEY_free(key);
	X509_free(x);
	BIO_free(bio);
	ERR_clear_error();
	return e;
}
