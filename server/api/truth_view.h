/*
 * What readers see of ground truth (core/truth.h). Judges see neither department nor system nor which result it was, but
 * the unit's number and the kind of system; departments see what their own final reports told of, after the drill's end.
 * Pure; on the loop's thread.
 */
#ifndef DRILLD_API_TRUTH_VIEW_H
#define DRILLD_API_TRUTH_VIEW_H

#include "api/report_view.h"
#include "core/truth.h"

/* The members by which a reader knows a department: "unit" for staff, "department" for all but judges. */
void truth_write_whose(struct json_writer *w, const struct report_reader *r, int team);

/* One fact as a value. */
void truth_write_fact(struct json_writer *w, const struct report_reader *r, int32_t fact);

/* The facts that a report tells of, as an array. */
void truth_write_facts_of(struct json_writer *w, const struct report_reader *r, int32_t report);

#endif
