/*
 * What a department fills in for an incident report: the table of its fields (DOMAIN section 3), and what the fold takes
 * out of a whole one. The routes check by it at the edge; the text itself is the event's secret. Pure.
 */
#ifndef DRILLD_CORE_REPORT_DOCUMENT_H
#define DRILLD_CORE_REPORT_DOCUMENT_H

#include "base/arena.h"
#include "core/document.h"
#include "core/report.h"

/* Names, phone numbers and systems are personal: they tell judges whose report it is. */
extern const struct document_field report_fields[];

/*
 * Fills attachments, class, level, loss, importance, systems and times of r, whose stage is set, from a whole document (stored).
 * ERR_INVALID or ERR_NOT_FOUND with the member that is wrong: a system that is none, a level without its reason, what a
 * final report must have. Strings are in the arena.
 */
enum err report_document_read(const struct game *g, const struct json_t *stored,
    struct arena *arena, struct report_event *r, struct why *why) MUST_CHECK;

#endif
