/*
 * How long weaknesses of each severity may take to be put right, and when supervision rises: the scenario's section
 * `tickets`, in the drill's configuration. For the fold and the scenario. Pure, thread safe.
 */
#ifndef DRILLD_CORE_TICKET_RULES_H
#define DRILLD_CORE_TICKET_RULES_H

#include "base/err.h"
#include "base/json.h"
#include "core/workdays.h"
#include <stdbool.h>

#define TICKET_DAYS_MAX 250   /* working days of a year */
#define REMIND_DAYS_DEFAULT 1 /* the day before */

enum severity { SEVERITY_CRITICAL, SEVERITY_HIGH, SEVERITY_MEDIUM, SEVERITY_LOW, SEVERITY_COUNT };

/* Zeroed: all as usual. */
struct ticket_rules {
	int32_t days[SEVERITY_COUNT]; /* working days; 0: 3, 5, 10, 20 */
	int32_t remind;               /* working days before the due date; 0: 1 */
	int32_t
	    talk; /* working days after it; 0: as many as were given, which is then twice the time */
	int32_t
	    criticism; /* the same; 0: twice as many as were given, or as many again as until the talk */
};

/* Never 0. */
int ticket_days(const struct ticket_rules *r, enum severity s);

/*
 * The date on whose first moment a ticket that is due on a date comes to a level, 1..4: the working day before, the day
 * after, and so many working days overdue. They rise with the level.
 */
int32_t supervision_date(const struct ticket_rules *r, const struct calendar *c, enum severity s,
    int32_t due, int level);

/*
 * In the drill's configuration: {"criticism","days":{...},"remind","talk"}, without what is as usual. ERR_INVALID, too,
 * if criticism would not come after the talk.
 */
bool ticket_rules_empty(const struct ticket_rules *r);
void ticket_rules_encode(const struct ticket_rules *r, struct json_writer *w);
enum err ticket_rules_decode(
    const struct json_t *j, struct ticket_rules *r, struct why *why) MUST_CHECK;

#endif
