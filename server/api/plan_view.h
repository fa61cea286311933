/*
 * What readers see of emergency plans: the plans themselves, and one at work for an incident. Judges see a plan at work
 * without its department: no names, no accounts, the campus's name for the plan. Routes and live messages write plans by
 * these functions alone. Pure.
 */
#ifndef DRILLD_API_PLAN_VIEW_H
#define DRILLD_API_PLAN_VIEW_H

#include "api/report_view.h"
#include "core/plan.h"

/* A version of a plan: own NULL or version 0 is the campus's. */
struct plan_pick {
	int team; /* -1: of the campus */
	const struct plan_own *own;
	int32_t version;
	const struct plan *plan;
};

/* Members of a list's item, into an open object. */
void plan_write_head(
    struct json_writer *w, const struct report_reader *r, const struct plan_pick *pick);

/* The same with the plan and its history, a value. */
void plan_write(struct json_writer *w, const struct report_reader *r, const struct plan_pick *pick);

/* Members of a plan at work: how far it is, each step; into an open object. */
void plan_write_run(struct json_writer *w, const struct report_reader *r,
    const struct plan_run *run, int64_t now_drill_ms);

#endif
