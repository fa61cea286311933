#include "store/lookup.h"
#include "base/mem.h"
#include "store/db.h"

#include <stdlib.h>

struct lookup {
	struct db db;
};

struct found {
	enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why);
	void *ctx;
	bool any;
};

enum err
lookup_open(const char *dir, struct lookup **out, struct why *why)
{
	struct lookup *l = mem_alloc(sizeof *l);
	enum err e = db_open_beside(dir, &l->db, why);

	*out = NULL;
	if (e != ERR_OK) {
		free(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

static enum err
on_found(void *ctx, const struct journal_row *row, struct why *why)
{
	struct found *f = ctx;

	f->any = true;
	return f->on_row(f->ctx, row, why);
}

enum err
lookup_event(struct lookup *l, uint64_t seq,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why)
{
	struct found f = {.on_row = on_row, .ctx = ctx};
	enum err e;

	/* db_read takes 1 as from the very start, whatever numbers a forger put before it. */
	if (seq <= 1)
		return why_set(
		    why, ERR_NOT_FOUND, "event %llu cannot be looked up", (unsigned long long)seq);
	if ((e = db_read(&l->db, seq, seq, on_found, &f, why)) == ERR_OK && !f.any)
		e = why_set(why, ERR_NOT_FOUND, "event %llu is not in the journal",
		    (unsigned long long)seq);
	return e;
}

void
lookup_close(struct lookup *l)
{
	if (l == NULL)
		return;
	db_close(&l->db);
	free(l);
}
