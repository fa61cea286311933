#include "api/account_rules.h"

enum err
account_team_fits(const struct game *g, enum role role, const char *id, struct why *why)
{
	bool of_team = role == ROLE_BLUE || role == ROLE_RED;
	int team = id[0] != '\0' ? game_team(g, id) : -1;

	if (!of_team && id[0] != '\0')
		return why_set(why, ERR_INVALID, "role %s has no \"team\"", role_name(role));
	if (of_team && id[0] == '\0')
		return why_set(why, ERR_INVALID, "role %s needs a \"team\"", role_name(role));
	if (of_team && team < 0)
		return why_set(why, ERR_INVALID, "\"team\": there is no team \"%s\"", id);
	if (of_team && (g->config->teams[team].kind == TEAM_RED) != (role == ROLE_RED))
		return why_set(
		    why, ERR_INVALID, "\"team\": \"%s\" is not a %s team", id, role_name(role));
	return ERR_OK;
}

enum err
account_department_fits(const struct game *g, enum role role, const char *id, struct why *why)
{
	int team = id[0] != '\0' ? game_team(g, id) : -1;

	if (id[0] == '\0')
		return ERR_OK;
	if (role != ROLE_JUDGE)
		return why_set(why, ERR_INVALID, "\"department\" is for judges; role %s has none",
		    role_name(role));
	return team >= 0 && g->config->teams[team].kind == TEAM_BLUE
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "\"department\": there is no department \"%s\"", id);
}
