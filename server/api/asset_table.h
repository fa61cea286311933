/*
 * Assets as a table that offices exchange (api/table.h): a row is an asset with the three posts that answer for it, their
 * holders and phone numbers. On the loop's thread.
 */
#ifndef DRILLD_API_ASSET_TABLE_H
#define DRILLD_API_ASSET_TABLE_H

#include "api/table.h"
#include "core/asset.h"
#include "core/ids.h"
#include "core/post.h"

extern const struct table_form asset_table;

/* One more row. ERR_LIMIT as table_fits. */
enum err asset_table_add(
    struct table *t, const struct game *g, int32_t id, struct why *why) MUST_CHECK;

#define ASSET_ROWS_MAX 2000

/* What a list brings: the posts that it names and that are not there yet, then the assets; ids are set. */
struct asset_list {
	struct table_in table; /* its mistakes */
	int team;              /* -1: of any department */
	struct post_event *posts;
	size_t post_count;
	struct asset_event *assets;
	size_t asset_count;
	struct ids known_posts,
	    known_assets; /* ids by department and name, these included; while it is read */
	size_t *new_posts, *new_assets; /* by team */
	size_t bytes;                   /* of their texts */
};

/*
 * UTF-8 or GB18030, heads and words in either language. team: the department whose assets alone may be in it, or -1.
 * All of out lives in the arena. ERR_INVALID or ERR_LIMIT with why where it is no such table at all; otherwise out has
 * every row or every mistake.
 */
enum err asset_list_read(const struct game *g, int team, const char *text, size_t len,
    struct arena *arena, struct asset_list *out, struct why *why) MUST_CHECK;

#endif
