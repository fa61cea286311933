#include "core/rescore.h"
#include "base/mem.h"

#include <stdlib.h>

static void
close_tick(struct rescore *r, int32_t tick)
{
	if (tick < r->from)
		return;
	r->row_count = r->policy->rows(r->state, r->rows);
	r->rank_count = score_ranking(r->setup, r->rows, r->row_count, r->ranking);
	if (r->closed != NULL)
		r->closed(r->ctx, tick, r);
}

enum err
rescore_run(struct rescore *r, struct why *why)
{
	uint32_t system;
	struct fact f;
	enum err e;

	r->rows = NULL;
	r->ranking = NULL;
	r->row_count = r->rank_count = 0;
	if ((e = r->policy->open(r->setup, &r->state, why)) != ERR_OK) {
		r->state = NULL;
		return e;
	}
	r->rows = mem_array(r->setup->team_count * r->setup->service_count, sizeof *r->rows);
	r->ranking = mem_array(r->setup->team_count, sizeof *r->ranking);
	while (factlog_next(&r->facts, &f, &system)) {
		if (f.kind == FACT_CHECK && void_bits_has(r->voided, f.tick, system))
			f.status = ST_NONE;
		r->policy->apply(r->state, &f);
		if (f.kind == FACT_CLOSE)
			close_tick(r, f.tick);
	}
	return ERR_OK;
}

void
rescore_free(struct rescore *r)
{
	if (r->state != NULL)
		r->policy->close(r->state);
	free(r->rows);
	free(r->ranking);
	r->state = NULL;
	r->rows = NULL;
	r->ranking = NULL;
}
