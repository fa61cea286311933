#include "core/decision.h"
#include "base/mem.h"

#include <stdlib.h>

void
decision_free(struct decision *d)
{
	free(d->by);
	free(d->reason);
}

void
decision_take(struct decision *d, int64_t at_ms, const char *by, const char *reason)
{
	decision_free(d);
	*d = (struct decision){.at_ms = at_ms, .by = mem_strdup(by), .reason = mem_strdup(reason)};
}
