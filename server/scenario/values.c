/*
 * Durations, moments, addresses, regular expressions.
 */
#include "scenario/values.h"

#include "base/time.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MS_MAX INT64_C(315360000000) /* ten years: keeps every sum far from overflow */
#define REPETITION_MAX 4096                   /* of one pattern's nested intervals, multiplied */

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static size_t
unit_find(const char *s, size_t len)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, s, len) == 0)
			return i;
	return UNIT_COUNT;
}

enum err
duration_parse(const char *text, int64_t *ms, struct why *why)
{
	const char *s = text;
	size_t smallest = 0;

	*ms = 0;
	while (*s != '\0') {
		size_t digits = strspn(s, "0123456789");
		size_t letters = strspn(s + digits, "abcdefghijklmnopqrstuvwxyz");
		size_t unit = unit_find(s + digits, letters);

		if (digits == 0 || digits > 12 || unit == UNIT_COUNT || unit < smallest)
			return why_set(why, ERR_INVALID,
			    "is no duration; write whole numbers with d, h, m, s or ms, such as "
			    "8h, "
			    "60s or 1h30m");
		*ms += strtoll(s, NULL, 10) * units[unit].ms;
		if (*ms > DURATION_MS_MAX)
			return why_set(why, ERR_INVALID, "is longer than ten years");
		smallest = unit + 1;
		s += digits + letters;
	}
	if (*ms == 0)
		return why_set(
		    why, ERR_INVALID, "is no time at all; write more than 0, such as 60s");
	return ERR_OK;
}

void
duration_format(int64_t ms, char out[DURATION_BYTES])
{
	int len = 0;

	for (size_t i = 0; i < UNIT_COUNT; i++) {
		int64_t n = ms / units[i].ms;

		if (n > 0 || (len == 0 && i == UNIT_COUNT - 1))
			len += snprintf(out + len, DURATION_BYTES - (size_t)len, "%" PRId64 "%s", n,
			    units[i].name);
		ms -= n * units[i].ms;
	}
}

enum err
moment_parse(const char *text, int64_t *wall_ms, struct why *why)
{
	size_t len = strlen(text);
	bool dated = len >= 19 && text[4] == '-' && text[7] == '-' && text[13] == ':';

	if (!rfc3339_parse(text, wall_ms, NULL)) {
		if (dated && text[len - 1] != 'Z' && strpbrk(text + 19, "+-") == NULL)
			return why_set(why, ERR_INVALID,
			    "has no offset from UTC; write it, such as 2027-06-20T09:00:00+08:00");
		return why_set(why, ERR_INVALID,
		    "is no moment; write date, time and offset, such as 2027-06-20T09:00:00+08:00");
	}
	if (*wall_ms <= 0)
		return why_set(why, ERR_INVALID, "is before 1970");
	return ERR_OK;
}

/* ---- addresses ---- */

#define ADDRESS_FORMS "write HOST, HOST:PORT or [IPV6]:PORT, such as 10.1.2.3:8080"

static bool
label_valid(const char *s, size_t len)
{
	if (len < 1 || len > 63 || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-')
			return false;
	return true;
}

/* RFC 1123 section 2.1; a name whose last label is a number would read as a broken IPv4 address. */
static enum err
name_check(const char *host, struct why *why)
{
	const char *s = host, *last = host;

	if (strchr(host, '_') != NULL)
		return why_set(why, ERR_INVALID,
		    "has an underscore; host names are made of letters, digits, - and .");
	for (;;) {
		size_t len = strcspn(s, ".");

		if (!label_valid(s, len))
			return why_set(why, ERR_INVALID,
			    "is no host name: between the dots stand 1 to 63 letters, digits or "
			    "inner hyphens");
		last = s;
		if (s[len] == '\0')
			break;
		s += len + 1;
	}
	if (strspn(last, "0123456789") == strlen(last))
		return why_set(why, ERR_INVALID,
		    "is no IPv4 address (four numbers from 0 to 255 without leading zeros) and no "
		    "host name (its last part is a number)");
	return ERR_OK;
}

static enum err
host_check(const char *host, struct why *why)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ERR_OK;
	return name_check(host, why);
}

static enum err
port_parse(const char *text, int *port, struct why *why)
{
	size_t digits = strspn(text, "0123456789");

	*port = digits <= 5 ? atoi(text) : 0;
	if (digits == 0 || text[digits] != '\0' || text[0] == '0' || *port < 1 || *port > PORT_MAX)
		return why_set(why, ERR_INVALID, "has no good port; ports are 1 to %d", PORT_MAX);
	return ERR_OK;
}

static enum err
host_copy(struct address *out, const char *host, size_t len, struct why *why)
{
	if (len == 0)
		return why_set(why, ERR_INVALID, "has no host; " ADDRESS_FORMS);
	if (len > HOST_MAX_BYTES)
		return why_set(
		    why, ERR_INVALID, "is longer than the %d bytes of a host name", HOST_MAX_BYTES);
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	return ERR_OK;
}

static enum err
address_v6(const char *text, struct address *out, struct why *why)
{
	const char *end = strchr(text, ']');
	struct in6_addr v6;
	enum err e;

	if (end == NULL)
		return why_set(why, ERR_INVALID, "has no ] after the IPv6 address; " ADDRESS_FORMS);
	if ((e = host_copy(out, text + 1, (size_t)(end - text - 1), why)) != ERR_OK)
		return e;
	if (strchr(out->host, '%') != NULL)
		return why_set(why, ERR_INVALID,
		    "names a network interface after %%; use an address that is valid everywhere");
	if (inet_pton(AF_INET6, out->host, &v6) != 1)
		return why_set(why, ERR_INVALID,
		    "has no IPv6 address in its brackets; write such as [2001:db8::1]:8080");
	if (end[1] == '\0')
		return ERR_OK;
	if (end[1] != ':')
		return why_set(why, ERR_INVALID, "goes on after ]; " ADDRESS_FORMS);
	return port_parse(end + 2, &out->port, why);
}

enum err
address_parse(const char *text, struct address *out, struct why *why)
{
	const char *colon = strchr(text, ':');
	enum err e;

	*out = (struct address){.port = 0};
	if (text[0] == '[')
		return address_v6(text, out, why);
	if (strstr(text, "://") != NULL || strchr(text, '/') != NULL)
		return why_set(why, ERR_INVALID, "is a URL; " ADDRESS_FORMS);
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		return why_set(why, ERR_INVALID,
		    "has several colons; an IPv6 address goes in brackets, such as "
		    "[2001:db8::1]:8080");
	e = host_copy(out, text, colon != NULL ? (size_t)(colon - text) : strlen(text), why);
	if (e != ERR_OK || (e = host_check(out->host, why)) != ERR_OK)
		return e;
	return colon != NULL ? port_parse(colon + 1, &out->port, why) : ERR_OK;
}

/* ---- regular expressions ---- */

/* The larger bound of an interval that begins at s (its '{'). */
static int64_t
interval_bound(const char *s)
{
	char *end;
	int64_t low = strtoll(s + 1, &end, 10),
		high = *end == ',' ? strtoll(end + 1, NULL, 10) : low;

	return high > low ? high : low;
}

/* Against what the C library accepts and the checker does not, or could not afford. */
static enum err
pattern_limits(const char *pattern, struct why *why)
{
	int64_t product = 1, bound;

	for (const char *s = pattern; *s != '\0'; s++) {
		if (*s == '\\' && s[1] >= '1' && s[1] <= '9')
			return why_set(why, ERR_INVALID,
			    "has the back-reference \\%c; POSIX extended ones have none", s[1]);
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '\n')
			return why_set(
			    why, ERR_INVALID, "has a line break; it is matched line by line");
		else if (*s == '{' && (bound = interval_bound(s)) > 1) {
			/* Nested, a few bytes would grow into gigabytes: the library copies what repeats. */
			if (bound > REPETITION_MAX || (product *= bound) > REPETITION_MAX)
				return why_set(why, ERR_INVALID,
				    "repeats more than %d times in all with {m,n}", REPETITION_MAX);
		}
	}
	return ERR_OK;
}

enum err
regex_check(const char *pattern, size_t groups, struct why *why)
{
	char text[128];
	regex_t re;
	size_t found;
	enum err e;
	int code;

	if (*pattern == '\0')
		return why_set(why, ERR_INVALID, "is empty and would match anything");
	if (strlen(pattern) > REGEX_MAX_BYTES)
		return why_set(why, ERR_INVALID, "is longer than %d bytes", REGEX_MAX_BYTES);
	if ((e = pattern_limits(pattern, why)) != ERR_OK)
		return e;
	if ((code = regcomp(&re, pattern, REG_EXTENDED)) != 0) {
		regerror(code, &re, text, sizeof(text));
		return why_set(
		    why, ERR_INVALID, "is no POSIX extended regular expression: %s", text);
	}
	found = re.re_nsub;
	regfree(&re);
	if (found < groups)
		return why_set(why, ERR_INVALID, "has no group; put ( ) round the part to capture");
	return ERR_OK;
}
