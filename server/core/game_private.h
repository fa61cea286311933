/* What game.c and game_apply.c share and nobody else sees. */
#ifndef DRILLD_CORE_GAME_PRIVATE_H
#define DRILLD_CORE_GAME_PRIVATE_H

#include "core/captures.h"
#include "core/game.h"
#include "core/ids.h"

struct game_private {
	struct ids team_ids;
	struct ids system_ids;
	struct captures captures;
	uint32_t *slot_base; /* by system: number of its first flag place within a tick */
	uint32_t slot_count; /* flag places of all systems */
	int *home;           /* by team: index of the department whose flags are its own, or -1 */
	struct saved_state *saved; /* by system and tick modulo flag_ticks */
	struct score_team *score_teams;
	int *weights;
	const char **service_ids;
	char *reason; /* what state_reason points to */
};

#endif
