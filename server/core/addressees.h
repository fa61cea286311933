/*
 * To whom something is told: everybody, whole sides, single departments and red teams. Announcements and injects have
 * such a list. In an event it is a text of words with commas between: "all", or any of "blue", "red", "staff" and
 * teams' ids.
 */
#ifndef DRILLD_CORE_ADDRESSEES_H
#define DRILLD_CORE_ADDRESSEES_H

#include "base/err.h"
#include "core/config.h"
#include "core/role.h"
#include <stdbool.h>
#include <stddef.h>

#define ADDRESSEES_MAX_BYTES (TEAMS_MAX * (ID_MAX_BYTES + 1) + 32)

struct game;

struct addressees {
	bool all; /* the public, too */
	bool blue, red, staff;
	bool *teams; /* by team; NULL: none by itself */
};

/* "all", "blue", "red", "staff": no team is called so. */
bool addressees_is_group(const char *word);

/*
 * ERR_NOT_FOUND for a word that is no team, ERR_INVALID for none, one twice, or "all" with others. *out is the caller's:
 * addressees_free; NULL: only looks.
 */
enum err addressees_read(
    const struct game *g, const char *text, struct addressees *out, struct why *why) MUST_CHECK;
void addressees_free(struct addressees *a);

/* Whether one of this role is told; team: its index, or -1. */
bool addressees_have(const struct addressees *a, enum role role, int team);

#endif
