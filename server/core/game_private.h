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

/* Feeds the policy and remembers what it was fed. system as for factlog_add. */
void game_feed(struct game *g, const struct fact *f, uint32_t system);
/* Remembers the ranking's totals as those after a closed tick: a new one, or one that is scored anew. */
void game_note_totals(
    struct game *g, int32_t tick, const struct rank_row *ranking, size_t rank_count);

/* Why the drill stands as it does, for the board: both texts in one. */
void game_say_why(struct game *g, const char *prefix, const char *reason);

/* game_hold.c, game_void.c: the transitions, and whether they are allowed (errors as game_allows). */
enum err hold_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;
void hold_apply(struct game *g, const struct event *ev);
enum err void_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;
enum err void_apply(struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/*
 * The systems of an event's list. ERR_NOT_FOUND for an unknown one, ERR_INVALID for one twice or out of
 * order. *out is the caller's (free its systems); NULL: only looks.
 */
enum err game_read_systems(
    const struct game *g, const char *text, struct system_list *out, struct why *why) MUST_CHECK;

#endif
