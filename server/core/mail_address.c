#include "core/mail_address.h"

#include <stdbool.h>
#include <string.h>

#define LOCAL_MAX_BYTES 64
#define LABEL_MAX_BYTES 63

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Parts of characters in allowed, 1 to part_max bytes each, with single dots between. */
static bool
dotted(const char *s, size_t len, const char *allowed, size_t part_max)
{
	while (true) {
		size_t n = strspn(s, allowed);

		n = n < len ? n : len;
		if (n == 0 || n > part_max)
			return false;
		if (n == len)
			return true;
		if (s[n] != '.')
			return false;
		s += n + 1;
		len -= n + 1;
	}
}

static bool
host_valid(const char *host)
{
	size_t len = strlen(host);

	if (!dotted(host, len, LETTERS_DIGITS "-", LABEL_MAX_BYTES))
		return false;
	for (size_t i = 0; i < len; i++)
		if (host[i] == '-' &&
		    (i == 0 || i + 1 == len || host[i - 1] == '.' || host[i + 1] == '.'))
			return false;
	return true;
}

enum err
mail_address_check(const char *text, struct why *why)
{
	const char *at = strchr(text, '@');

	if (strlen(text) > MAIL_ADDRESS_MAX_BYTES)
		return why_set(why, ERR_INVALID, "is longer than %d bytes", MAIL_ADDRESS_MAX_BYTES);
	if (at == NULL)
		return why_set(why, ERR_INVALID, "has no @; write it as office@example.edu");
	if ((size_t)(at - text) > LOCAL_MAX_BYTES ||
	    !dotted(
		text, (size_t)(at - text), LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~", LOCAL_MAX_BYTES))
		return why_set(why, ERR_INVALID,
		    "is no address: before the @ stand 1 to %d letters, digits and "
		    "!#$%%&'*+-/=?^_`{|}~ with "
		    "single dots between, such as office@example.edu",
		    LOCAL_MAX_BYTES);
	if (!host_valid(at + 1))
		return why_set(why, ERR_INVALID,
		    "is no address: behind the @ stands the name of a host in ASCII, such as "
		    "office@example.edu");
	return ERR_OK;
}

const char *
mail_address_host(const char *address)
{
	return strchr(address, '@') + 1;
}
