/* What assets and posts have in common: who may change a department's entries. Pure. */
#ifndef DRILLD_CORE_INVENTORY_H
#define DRILLD_CORE_INVENTORY_H

#include "base/err.h"

struct game;

/* Its own accounts, director and admin. team: index, or -1. ERR_NOT_FOUND, ERR_FORBIDDEN with why. */
enum err inventory_may_change(
    const struct game *g, const char *actor, int team, struct why *why) MUST_CHECK;

/* The department's index; ERR_INVALID with why where there is none. */
enum err inventory_department(
    const struct game *g, const char *id, int *team, struct why *why) MUST_CHECK;

#endif
