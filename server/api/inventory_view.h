/*
 * What readers see of assets and posts: a department its own, direction and leaders all; nobody else anything, for holders
 * and phone numbers are in them. Live messages have neither. On the loop's thread.
 */
#ifndef DRILLD_API_INVENTORY_VIEW_H
#define DRILLD_API_INVENTORY_VIEW_H

#include "api/query.h"
#include "core/asset.h"
#include "core/post.h"

/* Whether entries of this department are there for this reader at all. */
bool inventory_shown(enum role role, int reader_team, int team);

/* ?department=ID, ?retired=true|false (false unless given) of a list. */
struct inventory_filter {
	const char *department, *retired;
	int team; /* -1: all that may be seen */
	bool retired_is;
};
enum err inventory_filter_read(struct request *req, struct inventory_filter *f) MUST_CHECK;

/* "department" of a body: a department's own may be left out. *id is the configuration's. */
enum err inventory_department_of(
    struct request *req, const struct json_t *body, int *team, const char **id) MUST_CHECK;

/* A text of a body, "" where it is not there: one line without control characters. */
enum err inventory_line(struct request *req, const struct json_t *body, const char *key,
    size_t max_bytes, const char **out) MUST_CHECK;

/* Values. */
void post_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);
void asset_write_item(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);
void asset_write(struct json_writer *w, const struct game *g, int32_t id, int offset_minutes);

#endif
