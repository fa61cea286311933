#include "core/inventory.h"
#include "core/game.h"

enum err
inventory_may_change(const struct game *g, const char *actor, int team, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, actor);

	if (by != NULL && (by->role & (ROLE_DIRECTOR | ROLE_ADMIN)))
		return ERR_OK;
	if (by == NULL || by->role != ROLE_BLUE)
		return why_set(why, ERR_FORBIDDEN,
		    "assets and posts are kept by their department, director and admin");
	return by->team == team ? ERR_OK
				: why_set(why, ERR_NOT_FOUND, "your department has no such entry");
}

enum err
inventory_department(const struct game *g, const char *id, int *team, struct why *why)
{
	*team = game_team(g, id);
	return *team >= 0 && g->config->teams[*team].kind == TEAM_BLUE
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "there is no department \"%.64s\"", id);
}
