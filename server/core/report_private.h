/* What the files of report.h share: report.c (its life as a family), report_event.c (texts), report_allows.c (rules). */
#ifndef DRILLD_CORE_REPORT_PRIVATE_H
#define DRILLD_CORE_REPORT_PRIVATE_H

#include "core/report.h"

void report_encode(const struct event *ev, struct json_writer *w);
void report_encode_secret(const struct event *ev, struct json_writer *w);
enum err report_decode(struct event *ev, const struct record_reader *r) MUST_CHECK;

enum err report_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/* Of the text of its present draft. */
size_t report_draft_bytes(const struct report_chain *c);

/* The systems of an event's list, which may be empty. As game_read_systems. */
enum err report_read_systems(
    const struct game *g, const char *text, struct system_list *out, struct why *why) MUST_CHECK;

#endif
