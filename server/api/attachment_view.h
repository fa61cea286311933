/*
 * What readers are told of an attachment that they may have (attachment_visible, or a record that they may see). Judges
 * do not learn whose a team's file is: not by its sender, and not by its name. Pure.
 */
#ifndef DRILLD_API_ATTACHMENT_VIEW_H
#define DRILLD_API_ATTACHMENT_VIEW_H

#include "base/json.h"
#include "core/attachment.h"

#define ATTACHMENT_NAME_BYTES (FILENAME_MAX_BYTES + 1)

/* The name that this role knows the file by: its own, or "attachment-7.pdf". */
void attachment_name(
    const struct game *g, int32_t id, enum role role, char out[ATTACHMENT_NAME_BYTES]);

/* The attachments of a record that this role may see, as a member of an open object: "attachments". */
void attachments_write(struct json_writer *w, const struct game *g,
    const struct attachment_list *list, enum role role, int offset_minutes);

/* One attachment as a value. */
void attachment_write(
    struct json_writer *w, const struct game *g, int32_t id, enum role role, int offset_minutes);

#endif
