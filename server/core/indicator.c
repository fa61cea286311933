#include "core/indicator.h"
#include "core/mail_address.h"
#include "core/terms.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN_MAX_BYTES 253 /* RFC 1035 section 2.3.4, without the root's dot */
#define LABEL_MAX_BYTES 63
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* ---- addresses ---- */

/* "/24", or nothing. */
static bool
is_prefix(const char *s, int bits)
{
	size_t digits;

	if (*s == '\0')
		return true;
	digits = strspn(s + 1, DIGITS);
	return digits >= 1 && digits <= 3 && s[1 + digits] == '\0' && atoi(s + 1) <= bits;
}

static bool
is_ip(const char *s)
{
	size_t len = strcspn(s, "/");
	char address[INET6_ADDRSTRLEN];
	struct in6_addr binary;

	if (len >= sizeof address)
		return false;
	memcpy(address, s, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &binary) == 1)
		return is_prefix(s + len, 32);
	return inet_pton(AF_INET6, address, &binary) == 1 && is_prefix(s + len, 128);
}

/* ---- names ---- */

/* Letters of any script: what is beyond ASCII is not looked at. */
static bool
is_label(const char *s, size_t len)
{
	if (len < 1 || len > LABEL_MAX_BYTES || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x80 && strchr(LETTERS DIGITS "-_", s[i]) == NULL)
			return false;
	return true;
}

static bool
is_domain(const char *s)
{
	size_t labels = 0, len;

	if (strlen(s) > DOMAIN_MAX_BYTES)
		return false;
	for (;; s += len + 1) {
		len = strcspn(s, ".");
		if (!is_label(s, len))
			return false;
		labels++;
		if (s[len] == '\0')
			return labels >= 2 && strspn(s, DIGITS) < len;
	}
}

/* RFC 3986 section 3: a scheme, an authority that is not empty; no blanks. */
static bool
is_url(const char *s)
{
	size_t scheme = strspn(s, LETTERS DIGITS "+-.");

	return scheme > 0 && strchr(LETTERS, s[0]) != NULL && strncmp(s + scheme, "://", 3) == 0 &&
	       strcspn(s + scheme + 3, "/?#") > 0 && strpbrk(s, " \t\"<>") == NULL;
}

static bool
is_hex(const char *s, size_t digits)
{
	return strlen(s) == digits && strspn(s, DIGITS "abcdefABCDEF") == digits;
}

enum err
indicator_check(int kind, const char *value, struct why *why)
{
	struct why says;

	switch (kind) {
	case INDICATOR_IP:
		return is_ip(value) ? ERR_OK
				    : why_set(why, ERR_INVALID,
					  "\"value\" is no IP address, such as 10.1.2.3, "
					  "2001:db8::1 or 10.0.0.0/8");
	case INDICATOR_DOMAIN:
		return is_domain(value) ? ERR_OK
					: why_set(why, ERR_INVALID,
					      "\"value\" is no domain, such as evil.example");
	case INDICATOR_URL:
		return is_url(value) ? ERR_OK
				     : why_set(why, ERR_INVALID,
					   "\"value\" is no URL, such as http://evil.example/a");
	case INDICATOR_EMAIL:
		return mail_address_check(value, &says) == ERR_OK
			   ? ERR_OK
			   : why_set(why, ERR_INVALID, "\"value\" %s", says.text);
	case INDICATOR_MD5:
		return is_hex(value, 32)
			   ? ERR_OK
			   : why_set(why, ERR_INVALID, "\"value\" is no MD5: 32 hex digits");
	case INDICATOR_SHA256:
	case INDICATOR_SM3:
		return is_hex(value, 64)
			   ? ERR_OK
			   : why_set(why, ERR_INVALID, "\"value\" is no %s: 64 hex digits",
				 kind == INDICATOR_SM3 ? "SM3" : "SHA-256");
	default:
		return ERR_OK;
	}
}
