/*
 * Tables as workbooks. Making one takes a second of the pool and a copy of all its rows: one is made at a time, a few
 * wait, each with nothing but its request, so that sign-ins find room on the pool and a server that stops waits for one
 * workbook at most. On the loop's thread.
 */
#ifndef DRILLD_API_WORKBOOK_H
#define DRILLD_API_WORKBOOK_H

#include "api/table.h"

#define WORKBOOKS_WAITING_MAX 16
#define WORKBOOKS_PER_ACCOUNT 4 /* waiting */

struct workbooks;

struct workbooks *workbooks_new(void);
void workbooks_free(struct workbooks *w); /* when none is under way; NULL is fine */

/*
 * Ends a handler: `return workbook_answer(...)`. The answer is deferred; gather is called when its turn comes, now or
 * later, and has to open the table and fill it in; after an error there is none. Whoever has left by then, or may not
 * any more, gets nothing and costs nothing. ERR_BUSY: too many wait; ERR_RATE: too many of this account.
 */
enum err workbook_answer(
    struct request *req, enum err (*gather)(struct request *req, struct table *t)) MUST_CHECK;

#endif
