/* Whom the lot falls on, and when it is drawn. */
#include "base/hash.h"
#include "core/judging_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- how many are wanted ---- */

static int
wants_of_first(
    const struct game *g, const struct report_chain *report, const struct judging_round *r)
{
	size_t have = r != NULL ? judging_sheets(r) : 0;

	if (report->state == REPORT_TRIAGED)
		return have < 2 ? 2 - (int)have : 0;
	return report->state == REPORT_UNDER_REVIEW && r != NULL && judging_torn(g, r);
}

int
judging_wants(const struct game *g, int32_t id)
{
	const struct report_chain *report = report_find(g, id);
	const struct judging_chain *c = judging_find(g, id);

	if (c == NULL || report == NULL)
		return 0;
	if (report->state != REPORT_APPEALED)
		return wants_of_first(g, report, c->rounds[0]);
	if (c->rounds[1] == NULL)
		return 2;
	return judging_torn(g, c->rounds[1]);
}

/* ---- the lot ---- */

/* FNV-1a: the lot is even, and anybody can draw it again. */
static uint64_t
lot(const struct game *g, int32_t id, const char *account)
{
	uint64_t h = 14695981039346656037u;
	const char *texts[] = {g->config->id, g->config->sign_key, account};

	for (size_t i = 0; i < 3; i++)
		for (const char *s = texts[i]; s != NULL && *s != '\0'; s++)
			h = (h ^ (uint8_t)*s) * 1099511628211u;
	for (int i = 0; i < 4; i++)
		h = (h ^ ((uint32_t)id >> (8 * i) & 0xff)) * 1099511628211u;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	return h ^ h >> 33;
}

static bool
took_part(const struct judging_chain *c, const struct account *a)
{
	for (int n = 0; n < JUDGING_ROUNDS; n++)
		for (size_t i = 0; c->rounds[n] != NULL && i < c->rounds[n]->count; i++)
			if (c->rounds[n]->sheets[i].judge == a)
				return true;
	return false;
}

static bool
may_be_drawn(const struct game *g, int32_t id, const struct account *a)
{
	return a->role == ROLE_JUDGE && a->department != report_find(g, id)->team &&
	       !took_part(judging_find(g, id), a);
}

size_t
judging_free(const struct game *g, int32_t id)
{
	size_t count = 0;

	for (size_t i = 0; i < g->accounts.count; i++)
		count += may_be_drawn(g, id, g->accounts.items[i]);
	return count;
}

static bool
before(const struct game *g, int32_t id, const struct account *a, const struct account *b)
{
	uint64_t x, y;

	if (a->drawn != b->drawn)
		return a->drawn < b->drawn;
	x = lot(g, id, a->id);
	y = lot(g, id, b->id);
	return x != y ? x < y : strcmp(a->id, b->id) < 0;
}

/* Puts an account among the best so far, of which there are at most wanted. */
static size_t
insert(const struct game *g, int32_t id, const struct account *a, const struct account **best,
    size_t count, size_t wanted)
{
	size_t at = count;

	while (at > 0 && before(g, id, a, best[at - 1]))
		at--;
	if (at == wanted)
		return count;
	count = count < wanted ? count + 1 : count;
	memmove(&best[at + 1], &best[at], (count - 1 - at) * sizeof *best);
	best[at] = a;
	return count;
}

size_t
judging_draw(const struct game *g, int32_t id, int wanted, const struct account **out)
{
	size_t count = 0;

	for (size_t i = 0; wanted > 0 && i < g->accounts.count; i++) {
		const struct account *a = g->accounts.items[i];

		if (may_be_drawn(g, id, a))
			count = insert(g, id, a, out, count, (size_t)wanted);
	}
	return count == (size_t)wanted || report_find(g, id)->state == REPORT_APPEALED ? count : 0;
}

/* ---- when ---- */

static void
make_event(const struct game *g, int32_t id, size_t count, const struct account **judges,
    struct arena *arena, struct event *ev)
{
	bool second = report_find(g, id)->state == REPORT_APPEALED;
	struct judging_event *j = arena_alloc(arena, sizeof *j);
	char *text = arena_alloc(arena, 2 * (ID_MAX_BYTES + 1));

	strcpy(text, judges[0]->id);
	if (count > 1)
		strcat(strcat(text, ","), judges[1]->id);
	*j = (struct judging_event){.id = id,
	    .round = second ? 2 : 1,
	    .judges = text,
	    .judge = "",
	    .instead = "",
	    .reason = ""};
	ev->kind = EV_JUDGING_DRAWN;
	ev->actor = "server";
	ev->u.judging = j;
}

bool
judging_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next)
{
	struct judging *all = g->judging;
	const struct account *judges[2];

	(void)now;
	(void)next;
	if (all->waiting_count == 0 ||
	    (all->idle_changed == all->waiting_changed && all->idle_accounts == g->accounts.count))
		return false;
	for (size_t i = 0; i < all->waiting_count; i++) {
		int32_t id = all->waiting[i];
		size_t count = judging_draw(g, id, judging_wants(g, id), judges);

		if (count > 0) {
			make_event(g, id, count, judges, arena, ev);
			return true;
		}
	}
	all->idle_changed = all->waiting_changed;
	all->idle_accounts = g->accounts.count;
	return false;
}
