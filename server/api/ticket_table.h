/*
 * Tickets as a table that offices exchange (api/table.h): the ledger that goes out, and the list that comes in as CSV. On
 * the loop's thread.
 */
#ifndef DRILLD_API_TICKET_TABLE_H
#define DRILLD_API_TICKET_TABLE_H

#include "api/table.h"
#include "api/ticket_view.h"

/* ---- out ---- */

extern const struct table_form ticket_ledger;

/* One more row. ERR_LIMIT as table_fits. */
enum err ledger_add(
    struct table *l, const struct ticket_view *v, int32_t id, struct why *why) MUST_CHECK;

/* ---- in ---- */

#define TICKET_ROWS_MAX 5000

struct ticket_list {
	struct table_in table;       /* its mistakes */
	bool judge;                  /* registers them */
	struct ticket_event *events; /* to register, in the order of the rows; ids are set */
	size_t count;
};

/*
 * The file's text, UTF-8 or GB18030. Heads and words in either language. judge: who registers is one. All of out
 * lives in the arena. ERR_INVALID or ERR_LIMIT with why where it is no such table at all; otherwise out has every row or every mistake.
 */
enum err ticket_list_read(const struct game *g, bool judge, const char *text, size_t len,
    struct arena *arena, struct ticket_list *out, struct why *why) MUST_CHECK;

#endif
