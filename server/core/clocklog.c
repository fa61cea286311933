#include "core/clocklog.h"
#include "base/mem.h"

#include <stdlib.h>

void
clocklog_add(struct clocklog *log, int64_t wall_ms, int64_t drill_ms, bool runs)
{
	log->marks = mem_grow(log->marks, log->count, sizeof *log->marks);
	log->marks[log->count++] = (struct clock_mark){wall_ms, drill_ms, runs};
}

void
clocklog_free(struct clocklog *log)
{
	free(log->marks);
	*log = (struct clocklog){0};
}

int64_t
clocklog_set_back_ms(
    const struct clocklog *log, const struct clock_mark *before, const struct clock_mark *now)
{
	if (log->count == 0 || now->wall_ms >= before->wall_ms)
		return 0;
	return before->wall_ms + (now->drill_ms - before->drill_ms) - now->wall_ms;
}

void
clocklog_move(struct clocklog *log, int64_t back_ms)
{
	for (size_t i = 0; back_ms != 0 && i < log->count; i++)
		log->marks[i].wall_ms -= back_ms;
}

int64_t
clocklog_start_ms(const struct clocklog *log)
{
	return log->count > 0 ? log->marks[0].wall_ms : 0;
}

enum clock_claim
clocklog_claim(const struct clocklog *log, int64_t claimed_ms, int64_t now_ms, int64_t now_drill_ms)
{
	int64_t start_ms = clocklog_start_ms(log);

	if (start_ms > now_ms - now_drill_ms)
		start_ms = now_ms - now_drill_ms;
	if (claimed_ms < start_ms)
		return CLOCK_CLAIM_EARLY;
	return claimed_ms > now_ms ? CLOCK_CLAIM_LATE : CLOCK_CLAIM_FITS;
}

int64_t
clocklog_drill_ms(const struct clocklog *log, int64_t wall_ms)
{
	size_t low = 0,
	       high =
		   log->count; /* marks before low are not after wall_ms, from high on they are */
	const struct clock_mark *m;
	int64_t drill_ms;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (log->marks[middle].wall_ms <= wall_ms)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return 0;
	m = &log->marks[low - 1];
	drill_ms = m->runs ? m->drill_ms + (wall_ms - m->wall_ms) : m->drill_ms;
	/* The server was down before the pause that stands for it: the drill's clock did not run then. */
	return low < log->count && drill_ms > log->marks[low].drill_ms ? log->marks[low].drill_ms
								       : drill_ms;
}
