/*
 * What readers see of an incident report. Departments see their own; judges see neither department nor names, phone
 * numbers or systems, but the unit's number (core/unit.h) and the kinds of systems; direction and leaders see all.
 * Routes and live messages write reports by these functions alone. Pure.
 */
#ifndef DRILLD_API_REPORT_VIEW_H
#define DRILLD_API_REPORT_VIEW_H

#include "base/json.h"
#include "core/report.h"
#include "core/role.h"

/* Who reads, in which zone. */
struct report_reader {
	const struct game *g;
	enum role role;
	int team; /* or -1 */
	int offset_minutes;
};

/* Whether there is such a report for this reader at all. */
bool report_shown(const struct report_reader *r, const struct report_chain *c);

/* The state as this reader knows it: a rejection is a result, which its department is told by its release. */
enum report_state report_state_shown(const struct report_reader *r, int32_t id);

/* The members of a list's item and of a live message, into an open object. */
void report_write_head(struct json_writer *w, const struct report_reader *r, int32_t id);

/* The same with versions, comments, the last document, and for its department the draft; a value. */
void report_write(struct json_writer *w, const struct report_reader *r, int32_t id);

/* One filing with its document, n in 1..version_count; a value. */
void report_write_version(
    struct json_writer *w, const struct report_reader *r, const struct report_chain *c, size_t n);

/* The chain's draft, a value; null for none. */
void report_write_draft(
    struct json_writer *w, const struct report_reader *r, const struct report_chain *c);

/* A document's text parsed, an empty one for "". The caller's: jr_free. NULL: it is damaged. */
struct json_t *report_document(const char *text);

/* Comment n (0..) as a value. */
void report_write_comment(
    struct json_writer *w, const struct report_reader *r, const struct report_comment *comment);

#endif
