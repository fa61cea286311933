/*
 * The one set of error codes of the whole project, and the sentence that goes with one.
 *
 * Every floor translates its libraries' codes (UV_*, SQLITE_*, CURLE_*) into these on its own
 * ground. Verdicts of flags and statuses of checks are values, not errors. A function that may
 * refuse its input takes a `struct why *` and writes what is wrong and what would be right.
 * Thread safe: no state.
 */
#ifndef DRILLD_BASE_ERR_H
#define DRILLD_BASE_ERR_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
	ERR_OK = 0,
	ERR_INVALID,      /* the input is malformed or breaks a rule                   */
	ERR_LIMIT,        /* the input is larger than its limit                        */
	ERR_NOT_FOUND,    /* the thing named does not exist                            */
	ERR_METHOD,       /* the path exists, not with this method                     */
	ERR_CONFLICT,     /* the present state does not allow it                       */
	ERR_UNAUTHORIZED, /* nobody has signed in                                      */
	ERR_FORBIDDEN,    /* signed in, but this role may not                          */
	ERR_RATE,         /* too often; later again                                    */
	ERR_BUSY,         /* no room just now (queue or pool full)                     */
	ERR_IO,           /* the operating system or a library failed                  */
	ERR_CORRUPT,      /* stored data does not hold together                        */
	ERR_CLOSED,       /* the peer is gone or the object is shutting down           */
	ERR_UNSUPPORTED,  /* known, but not by this build or this contract             */
	ERR_COUNT
};

#define WHY_MAX 512

/*
 * A sentence for a person, at most WHY_MAX - 1 bytes, cut at a UTF-8 boundary. Always UTF-8: what was quoted from a
 * stranger, or cut apart by a "%.40s", has question marks where it is not.
 */
struct why {
	char text[WHY_MAX];
};

/* A stable lower-case name: "invalid", "limit", ... Never NULL. */
const char *err_name(enum err e);

/* Writes the sentence (why may be NULL) and returns e, so that `return why_set(...)` reads well. */
enum err why_set(struct why *why, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
