/*
 * Who may do what: the roles of DOMAIN section 9 as bits, held in every route's record.
 */
#ifndef DRILLD_CORE_ROLE_H
#define DRILLD_CORE_ROLE_H

#include <stdbool.h>

enum role {
	ROLE_PUBLIC = 1 << 0, /* nobody has signed in */
	ROLE_BLUE = 1 << 1,
	ROLE_RED = 1 << 2,
	ROLE_JUDGE = 1 << 3,
	ROLE_DIRECTOR = 1 << 4,
	ROLE_LEADER = 1 << 5,
	ROLE_ADMIN = 1 << 6,
};

#define ROLE_STAFF (ROLE_JUDGE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN)
#define ROLE_SIGNED_IN (ROLE_BLUE | ROLE_RED | ROLE_STAFF)
#define ROLE_ANY (ROLE_PUBLIC | ROLE_SIGNED_IN)

/* "public", "blue", ... for exactly one role; "?" otherwise. role_parse accepts the same but not
 * "public". */
const char *role_name(enum role r);
bool role_parse(const char *name, enum role *out);

#endif
