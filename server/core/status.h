/*
 * The result of checking one system in one tick, and the verdict on one submitted flag.
 * Source: PROTOCOLS sections 1 and 2, as in docs/checkers.md and docs/api.md. Values, not errors.
 */
#ifndef DRILLD_CORE_STATUS_H
#define DRILLD_CORE_STATUS_H

#include <stdbool.h>

/* In order of badness for the team: the worst of several wins, except that fault yields to all. */
enum status {
	ST_NONE,       /* not checked: the organizers' matter, no points either way       */
	ST_OK,         /* works, every flag of the window is there                        */
	ST_RECOVERING, /* works, but an older flag within the window is missing           */
	ST_CORRUPT,    /* a flag or content is gone or changed                            */
	ST_MUMBLE,     /* answers wrongly                                                 */
	ST_DOWN,       /* does not answer                                                 */
	ST_FAULT,      /* the checker itself failed: never the team's fault               */
	ST_COUNT
};

enum verdict { V_OK, V_DUP, V_OWN, V_OLD, V_INV, V_ERR, V_COUNT };

/* "none", "ok", "recovering", ...; status_parse accepts the same, false otherwise. */
const char *status_name(enum status s);
bool status_parse(const char *name, enum status *out);

/* "ok", "dup", "own", "old", "inv", "err" */
const char *verdict_name(enum verdict v);

#endif
