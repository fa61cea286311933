/*
 * The level of an incident, I to IV, proposed from how important the object is and how much was lost. A person
 * may override it with a reason. Pure. Source: GB/T 20986-2023 as in DOMAIN section 3 and docs/incidents.md.
 */
#ifndef DRILLD_CORE_INCIDENT_LEVEL_H
#define DRILLD_CORE_INCIDENT_LEVEL_H

#include "core/terms.h"

enum importance { IMPORTANCE_ORDINARY, IMPORTANCE_HIGH, IMPORTANCE_ESPECIAL, IMPORTANCE_COUNT };
enum incident_loss { LOSS_MINOR, LOSS_CONSIDERABLE, LOSS_SERIOUS, LOSS_ESPECIAL, LOSS_COUNT };
enum incident_level { LEVEL_I, LEVEL_II, LEVEL_III, LEVEL_IV, LEVEL_COUNT }; /* I is the worst */

/* "ordinary" ..., "minor" ..., "I" ... "IV": see core/terms.h. */
extern const struct terms terms_importance, terms_losses, terms_levels;

/* Of a system's protection level: 4 and 5 especially important, 3 important, the rest ordinary. */
enum importance importance_of_mlps(int mlps);

/* Values outside their enumeration count as the least: ordinary, minor. */
enum incident_level level_propose(enum importance importance, enum incident_loss loss);

#endif
