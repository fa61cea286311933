/*
 * What readers see of assets and posts: a department its own, direction and leaders all; nobody else anything, for holders
 * and phone numbers are in them. Live messages have neither. Pure.
 */
#ifndef DRILLD_API_INVENTORY_VIEW_H
#define DRILLD_API_INVENTORY_VIEW_H

#include "base/json.h"
#include "core/asset.h"
#include "core/post.h"
#include "core/role.h"

/* Whether entries of this department are there for this reader at all. */
bool inventory_shown(enum role role, int reader_team, int team);

/* Values. */
void post_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);
void asset_write_item(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);
void asset_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);

#endif
