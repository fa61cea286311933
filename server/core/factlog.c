#include "core/factlog.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define CHUNK_FACTS 4096

/* 16 bytes: a drill of 150 teams with ten systems each makes 3,000 a tick. */
struct entry {
	int32_t tick;
	uint32_t flag;
	uint16_t team;
	uint16_t service;
	uint16_t system;
	uint8_t kind;
	uint8_t status;
};

_Static_assert(SYSTEMS_MAX <= UINT16_MAX && TEAMS_MAX <= UINT16_MAX && SERVICES_MAX <= UINT16_MAX,
    "an entry holds their indices");

struct factlog_chunk {
	struct entry entries[CHUNK_FACTS];
	struct factlog_chunk *next;
};

void
factlog_add(struct factlog *l, const struct fact *f, uint32_t system)
{
	size_t at = l->count % CHUNK_FACTS;

	if (at == 0) {
		struct factlog_chunk *c = mem_alloc(sizeof *c);

		if (l->last != NULL)
			l->last->next = c;
		else
			l->first = c;
		l->last = c;
	}
	l->last->entries[at] = (struct entry){.tick = f->tick,
	    .flag = f->flag,
	    .team = (uint16_t)f->team,
	    .service = (uint16_t)f->service,
	    .system = (uint16_t)system,
	    .kind = (uint8_t)f->kind,
	    .status = (uint8_t)f->status};
	l->count++;
}

void
factlog_close(struct factlog *l)
{
	while (l->first != NULL) {
		struct factlog_chunk *c = l->first;

		l->first = c->next;
		free(c);
	}
	*l = (struct factlog){0};
}

struct factlog_view
factlog_view(const struct factlog *l)
{
	return (struct factlog_view){.chunk = l->first, .left = l->count};
}

bool
factlog_next(struct factlog_view *v, struct fact *f, uint32_t *system)
{
	const struct entry *e;

	if (v->left == 0)
		return false;
	/* Only now that more is known to follow: the last chunk's link is the appender's. */
	if (v->at == CHUNK_FACTS) {
		v->chunk = v->chunk->next;
		v->at = 0;
	}
	e = &v->chunk->entries[v->at++];
	v->left--;
	*f = (struct fact){.kind = (enum fact_kind)e->kind,
	    .tick = e->tick,
	    .team = e->team,
	    .service = e->service,
	    .flag = e->flag,
	    .status = (enum status)e->status};
	*system = e->system;
	return true;
}
