/*
 * The values of scenario.yaml that have a grammar of their own. Pure functions: text in, value or a
 * sentence out. Thread safe.
 */
#ifndef DRILLD_SCENARIO_VALUES_H
#define DRILLD_SCENARIO_VALUES_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define HOST_MAX_BYTES 253 /* RFC 1035 section 2.3.4, as text */
#define PORT_MAX 65535
#define REGEX_MAX_BYTES 512
#define DURATION_BYTES 48

/* "8h", "90s", "1h30m": whole numbers with ms, s, m, h, d, the larger unit first; more than nothing. */
enum err duration_parse(const char *text, int64_t *ms, struct why *why) MUST_CHECK;
/* The same back, such as 1h30m. */
void duration_format(int64_t ms, char out[DURATION_BYTES]);

/* RFC 3339 with offset, from 1970 on. */
enum err moment_parse(const char *text, int64_t *wall_ms, struct why *why) MUST_CHECK;

struct address {
	char host[HOST_MAX_BYTES + 1]; /* without brackets */
	int port;                      /* 0: none given */
};

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT; HOST an IPv4 address or a name (RFC 1123 section 2.1). */
enum err address_parse(const char *text, struct address *out, struct why *why) MUST_CHECK;

/* A POSIX extended regular expression with at least that many groups, cheap enough to compile. */
enum err regex_check(const char *pattern, size_t groups, struct why *why) MUST_CHECK;

#endif
