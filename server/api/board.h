/*
 * The board and its parts as JSON (schemas Board, Ranking, Row, ... of openapi.json). Audience as in
 * net/live.h: what is the department's or the organizers' own is left out for all others here, once.
 */
#ifndef DRILLD_API_BOARD_H
#define DRILLD_API_BOARD_H

#include "api/drill.h"
#include "base/json.h"

#define BOARD_MAX_BYTES (64u * 1024 * 1024)

void board_write(const struct drill *d, int audience, struct buf *out);
void board_write_ranking(struct json_writer *w, const struct game *g); /* an array */
void board_write_rows(struct json_writer *w, const struct game *g);    /* an array */
void board_write_history(struct json_writer *w, const struct game *g); /* an object */
/* One system as an object, with message and trace as the audience may. */
void board_write_system(struct json_writer *w, const struct game *g, size_t system, int audience);

#endif
