/* A decision of a person, as the fold keeps it: of holds, voids and records. */
#ifndef DRILLD_CORE_DECISION_H
#define DRILLD_CORE_DECISION_H

#include <stdint.h>

/* Who decided something, when and why. Zero-initialised: not decided yet. */
struct decision {
	int64_t at_ms; /* wall time */
	char *by;      /* account; NULL = not decided yet */
	char *reason;
};

/* Takes copies; a former decision is forgotten. */
void decision_take(struct decision *d, int64_t at_ms, const char *by, const char *reason);
void decision_free(struct decision *d);

#endif
