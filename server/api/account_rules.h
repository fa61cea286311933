/* Which accounts there may be: for one that is created, and for a list of them. Pure. */
#ifndef DRILLD_API_ACCOUNT_RULES_H
#define DRILLD_API_ACCOUNT_RULES_H

#include "core/game.h"

/* Blue and red accounts belong to a team of their side, all others to none. ERR_INVALID with why. */
enum err account_team_fits(
    const struct game *g, enum role role, const char *team, struct why *why) MUST_CHECK;

/* A judge may work for a department, whose reports are then never drawn to the account. ERR_INVALID with why. */
enum err account_department_fits(
    const struct game *g, enum role role, const char *department, struct why *why) MUST_CHECK;

#endif
