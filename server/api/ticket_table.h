/*
 * Tickets as a table that offices exchange: the ledger that goes out as CSV or as a workbook, and the list that comes
 * in as CSV. On the loop's thread, but for ticket_ledger_xlsx.
 */
#ifndef DRILLD_API_TICKET_TABLE_H
#define DRILLD_API_TICKET_TABLE_H

#include "api/ticket_view.h"
#include "base/arena.h"
#include "base/buf.h"

/* ---- out ---- */

#define LEDGER_MAX_BYTES (48u * 1024 * 1024) /* of texts */

enum ledger_kind { LEDGER_TEXT, LEDGER_INT, LEDGER_DATE, LEDGER_MOMENT };

struct ledger_cell {
	const char *text; /* LEDGER_TEXT */
	int64_t number;   /* the others; a date or moment of 0 is an empty cell */
};

struct ledger {
	struct arena arena; /* all of it; ledger_free */
	bool zh;
	int offset_minutes;
	struct ledger_cell *cells; /* row by row */
	size_t rows, room;
	size_t bytes;
};

void ledger_open(struct ledger *l, const struct ticket_view *v, bool zh, size_t rows_max);
/* One more row, copied. ERR_LIMIT past LEDGER_MAX_BYTES. */
enum err ledger_add(
    struct ledger *l, const struct ticket_view *v, int32_t id, struct why *why) MUST_CHECK;
void ledger_csv(const struct ledger *l, struct buf *out);
/* On the pool: dir is for temporary files. */
enum err ledger_xlsx(
    const struct ledger *l, const char *dir, struct buf *out, struct why *why) MUST_CHECK;
void ledger_free(struct ledger *l);

/* ---- in ---- */

#define TICKET_ROWS_MAX 5000
#define TICKET_MISTAKES_MAX 100

struct ticket_mistake {
	int line, column; /* from 1; 0: of the file as a whole */
	struct why why;
};

struct ticket_list {
	struct ticket_event *events; /* to register, in the order of the rows; ids are set */
	size_t count;
	struct ticket_mistake *mistakes;
	size_t mistake_count; /* of those kept; there may be more past TICKET_MISTAKES_MAX */
};

/*
 * The file's text, UTF-8 or GB18030. Heads and words in either language. All of out lives in the arena. ERR_INVALID or
 * ERR_LIMIT with why where it is no such table at all; otherwise out has every row or every mistake.
 */
enum err ticket_list_read(const struct game *g, const char *text, size_t len, struct arena *arena,
    struct ticket_list *out, struct why *why) MUST_CHECK;

#endif
