/*
 * Attack results as those who may see them are shown them: the red team its own without judges' names, judges without the
 * red team's, the direction, leaders and administrators all of it, a department that it was affected. On the loop's thread.
 */
#ifndef DRILLD_API_RESULT_VIEW_H
#define DRILLD_API_RESULT_VIEW_H

#include "api/drill.h"
#include "base/json.h"

/* Who looks. */
struct result_viewer {
	enum role role;
	int team; /* index, or -1 */
};

bool result_visible(const struct game *g, const struct result *r, const struct result_viewer *v);

/* The result as one object; full: with its texts and its history. It must be visible. */
void write_result(struct json_writer *w, const struct drill *d, int32_t id,
    const struct result_viewer *v, bool full);

/* Members system (or null) and department of the target into an open object. */
void write_result_target(struct json_writer *w, const struct game *g, const struct result *r);

/* Member ruling: what a judge has confirmed, or null. */
void write_result_ruling(struct json_writer *w, const struct result *r);

#endif
