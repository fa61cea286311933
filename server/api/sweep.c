#include "api/sweep.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

struct wanted {
	const struct attachment **sorted;
	size_t count;
};

static int
compare_name(const void *hash, const void *item)
{
	return strcmp(hash, (*(const struct attachment *const *)item)->hash);
}

static bool
is_wanted(void *ctx, const char *hash)
{
	const struct wanted *w = ctx;

	return w->count > 0 &&
	       bsearch(hash, w->sorted, w->count, sizeof *w->sorted, compare_name) != NULL;
}

enum err
sweep_blobs(const struct game *g, struct blobs *b, struct why *why)
{
	struct wanted w = {attachments_by_hash(g), g->attachments->count};
	size_t removed;
	enum err e = blobs_sweep(b, is_wanted, &w, &removed, why);

	free(w.sorted);
	if (e == ERR_OK && removed > 0)
		log_warn("blobs", "%zu files that no event names were removed", removed);
	return e;
}
