/*
 * What readers see of the judging of a report (core/judging.h). Nobody sees a judge's marks before both are in, judges
 * not before the round has its result; judges see their own work without departments' and each other's names; departments
 * see results when they are released. Routes and live messages use these functions alone. Pure.
 */
#ifndef DRILLD_API_JUDGING_VIEW_H
#define DRILLD_API_JUDGING_VIEW_H

#include "api/report_view.h"
#include "core/judging.h"

struct judging_reader {
	struct report_reader r;
	const struct account *account; /* NULL over the live line */
};

/* Whether there is anything of this report's judging for this reader. */
bool judging_shown(const struct judging_reader *r, int32_t report);

/* The members of a list's item, into an open object. */
void judging_write_head(struct json_writer *w, const struct judging_reader *r, int32_t report);

/* The same with rounds, sheets and results; a value. */
void judging_write(struct json_writer *w, const struct judging_reader *r, int32_t report);

/* The rubric as a value. */
void judging_write_rubric(struct json_writer *w, const struct game *g);

#endif
