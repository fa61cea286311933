/*
 * Injects as JSON, for routes and the live line: who reads decides what is there. A department reads what was delivered
 * to it and its own answers; judges read plans, rubrics and answers by number, without a department's name; the
 * direction and leaders read all. Each writes members into an open object. On the loop's thread.
 */
#ifndef DRILLD_API_INJECT_WRITE_H
#define DRILLD_API_INJECT_WRITE_H

#include "api/drill.h"

/* Who reads departments' names: staff that does not mark. */
#define ROLE_NAMES (ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN)

/* {"at", "drill_ms"}, or null for what has not happened. */
void write_moment(
    struct json_writer *w, const char *key, const struct inject_moment *m, int offset_minutes);

/* What a department reads of an inject that was delivered to it; whole: texts and answers, too. */
void inject_write_own(struct json_writer *w, const struct game *g, const struct inject *in,
    const struct inject_part *p, bool whole, int offset_minutes);

/* What staff of that role reads; whole: texts and rubric, too. */
void inject_write_staff(
    struct json_writer *w, const struct inject *in, enum role role, bool whole, int offset_minutes);

/* The planned against what happened, for staff of that role. */
void inject_write_course(struct json_writer *w, const struct game *g, const struct inject *in,
    enum role role, int offset_minutes);

/* An answer, for staff of that role; whole: its texts and every version. */
void inject_write_answer(struct json_writer *w, const struct game *g,
    const struct inject_place *place, enum role role, bool whole, int offset_minutes);

#endif
