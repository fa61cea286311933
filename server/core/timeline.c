#include "core/timeline.h"
#include "base/mem.h"

#include <stdlib.h>

void
timeline_note(struct timeline *t, int64_t wall_ms, int64_t drill_ms, bool running)
{
	t->points = mem_grow(t->points, t->count, sizeof *t->points);
	t->points[t->count++] = (struct timeline_point){wall_ms, drill_ms, running};
}

void
timeline_close(struct timeline *t)
{
	free(t->points);
}

int64_t
timeline_start_ms(const struct timeline *t)
{
	return t->count > 0 ? t->points[0].wall_ms : 0;
}

int64_t
timeline_drill_ms(const struct timeline *t, int64_t wall_ms)
{
	const struct timeline_point *p = NULL;
	int64_t at;

	for (size_t i = 0; i < t->count && t->points[i].wall_ms <= wall_ms; i++)
		p = &t->points[i];
	if (p == NULL)
		return 0;
	at = p->drill_ms + (p->running ? wall_ms - p->wall_ms : 0);
	/* The wall clock may have been set: no moment is later than the next stop of the drill's. */
	if (p + 1 < t->points + t->count && at > p[1].drill_ms)
		at = p[1].drill_ms;
	return at;
}
