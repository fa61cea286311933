#include "core/incident_level.h"

static const struct term importances[] = {
    [IMPORTANCE_ORDINARY] = {"ordinary", {"一般", "Ordinary"}},
    [IMPORTANCE_HIGH] = {"important", {"重要", "Important"}},
    [IMPORTANCE_ESPECIAL] = {"especially_important", {"特别重要", "Especially important"}},
};
const struct terms terms_importance = {"importance", importances, IMPORTANCE_COUNT};

static const struct term losses[] = {
    [LOSS_MINOR] = {"minor", {"较小", "Minor"}},
    [LOSS_CONSIDERABLE] = {"considerable", {"较大", "Considerable"}},
    [LOSS_SERIOUS] = {"serious", {"严重", "Serious"}},
    [LOSS_ESPECIAL] = {"especially_serious", {"特别严重", "Especially serious"}},
};
const struct terms terms_losses = {"loss", losses, LOSS_COUNT};

static const struct term levels[] = {
    [LEVEL_I] = {"I", {"特别重大", "Especially serious"}},
    [LEVEL_II] = {"II", {"重大", "Serious"}},
    [LEVEL_III] = {"III", {"较大", "Considerable"}},
    [LEVEL_IV] = {"IV", {"一般", "Ordinary"}},
};
const struct terms terms_levels = {"level", levels, LEVEL_COUNT};

static const enum incident_level matrix[IMPORTANCE_COUNT][LOSS_COUNT] = {
    [IMPORTANCE_ORDINARY] = {LEVEL_IV, LEVEL_IV, LEVEL_IV, LEVEL_III},
    [IMPORTANCE_HIGH] = {LEVEL_IV, LEVEL_IV, LEVEL_III, LEVEL_II},
    [IMPORTANCE_ESPECIAL] = {LEVEL_IV, LEVEL_III, LEVEL_II, LEVEL_I},
};

enum importance
importance_of_mlps(int mlps)
{
	if (mlps >= 4)
		return IMPORTANCE_ESPECIAL;
	return mlps == 3 ? IMPORTANCE_HIGH : IMPORTANCE_ORDINARY;
}

enum incident_level
level_propose(enum importance importance, enum incident_loss loss)
{
	if ((unsigned)importance >= IMPORTANCE_COUNT)
		importance = IMPORTANCE_ORDINARY;
	if ((unsigned)loss >= LOSS_COUNT)
		loss = LOSS_MINOR;
	return matrix[importance][loss];
}
