/*
 * The table of scoring policies, and what is the same for all of them: ranks and digest.
 */
#include "core/score.h"
#include "base/buf.h"
#include "base/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct policy *const policies[] = {
    &policy_faust,
};

const struct policy *
policy_find(const char *name)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (strcmp(policies[i]->name, name) == 0)
			return policies[i];
	return NULL;
}

const char *
policy_names(void)
{
	return "faust"; /* a test holds it against the table */
}

/* ---- ranking ---- */

static bool
is_whole_number(const char *id)
{
	return *id != '\0' && id[strspn(id, "0123456789")] == '\0';
}

/* Compares digits as numbers of any length. */
static int
compare_whole_numbers(const char *a, const char *b)
{
	size_t a_len, b_len;

	a += strspn(a, "0");
	b += strspn(b, "0");
	a_len = strlen(a);
	b_len = strlen(b);
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return strcmp(a, b);
}

static int
compare_ids(const char *a, const char *b)
{
	bool a_whole = is_whole_number(a), b_whole = is_whole_number(b);
	int c;

	if (a_whole != b_whole)
		return a_whole ? -1 : 1;
	if (a_whole && (c = compare_whole_numbers(a, b)) != 0)
		return c;
	return strcmp(a, b);
}

static int
compare_places(const void *left, const void *right, void *teams)
{
	const struct rank_row *a = left, *b = right;
	const struct score_team *team = teams;
	int c;

	if (a->total != b->total)
		return a->total > b->total ? -1 : 1;
	if ((c = compare_ids(team[a->team].id, team[b->team].id)) != 0)
		return c;
	return a->team < b->team ? -1 : a->team > b->team;
}

static void
rank_add(struct rank_row *place, const struct score_row *row)
{
	place->attack += row->attack;
	place->defense += row->defense;
	place->sla += row->sla;
	place->total += row->total;
}

size_t
score_ranking(const struct score_setup *setup, const struct score_row *rows, size_t row_count,
    struct rank_row *out)
{
	size_t count = 0;

	for (size_t i = 0; i < row_count; i++) {
		if (setup->teams[rows[i].team].nop)
			continue;
		if (count == 0 || out[count - 1].team != rows[i].team)
			out[count++] = (struct rank_row){.team = rows[i].team};
		rank_add(&out[count - 1], &rows[i]);
	}
	qsort_r(out, count, sizeof(*out), compare_places, (void *)setup->teams);
	for (size_t i = 0; i < count; i++)
		out[i].rank = (uint32_t)(i + 1);
	return count;
}

/* ---- digest ---- */

#define DIGEST_CHUNK_BYTES 16384

/* llround rounds half away from zero, as score.h says. */
static void
put_millionths(struct buf *line, double points)
{
	buf_putc(line, ' ');
	buf_put_int(line, llround(points * 1e6));
}

void
score_digest(const struct score_setup *setup, const char *const *service_ids,
    const struct score_row *rows, size_t row_count, uint8_t out[32])
{
	struct hasher *hasher = hasher_new();
	struct buf lines;

	buf_init(&lines, 4 * DIGEST_CHUNK_BYTES); /* ids are bounded: a line is far below a chunk */
	hasher_begin(hasher);
	for (size_t i = 0; i < row_count; i++) {
		buf_puts(&lines, setup->teams[rows[i].team].id);
		buf_putc(&lines, ' ');
		buf_puts(&lines, service_ids[rows[i].service]);
		put_millionths(&lines, rows[i].attack);
		put_millionths(&lines, rows[i].defense);
		put_millionths(&lines, rows[i].sla);
		put_millionths(&lines, rows[i].total);
		buf_putc(&lines, '\n');
		if (lines.len >= DIGEST_CHUNK_BYTES) {
			hasher_add(hasher, lines.data, lines.len);
			buf_reset(&lines);
		}
	}
	hasher_add(hasher, lines.data == NULL ? "" : lines.data, lines.len);
	hasher_end(hasher, out);
	hasher_free(hasher);
	buf_free(&lines);
}
