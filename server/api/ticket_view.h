/* A ticket as routes and the live line show it. On the loop's thread. */
#ifndef DRILLD_API_TICKET_VIEW_H
#define DRILLD_API_TICKET_VIEW_H

#include "base/json.h"
#include "core/game.h"

struct ticket_view {
	const struct game *g;
	int64_t now_ms;     /* for what is overdue */
	int offset_minutes; /* of the drill's time zone */
	bool judge;         /* whoever looks is one */
};

/* Members of one line of a list, into an open object. */
void write_ticket_line(struct json_writer *w, const struct ticket_view *v, int32_t id);
/* The whole ticket with its past, as one object. */
void write_ticket(struct json_writer *w, const struct ticket_view *v, int32_t id);
/* A date, or null for 0. */
void write_date(struct json_writer *w, const char *key, int32_t date);

#endif
