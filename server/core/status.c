#include "core/status.h"

#include <stddef.h>
#include <string.h>

static const char *const status_names[ST_COUNT] = {
    "none", "ok", "recovering", "corrupt", "mumble", "down", "fault"};
static const char *const verdict_names[V_COUNT] = {"ok", "dup", "own", "old", "inv", "err"};

const char *
status_name(enum status s)
{
	return (unsigned)s < ST_COUNT ? status_names[s] : "?";
}

bool
status_parse(const char *name, enum status *out)
{
	for (size_t i = 0; i < ST_COUNT; i++)
		if (strcmp(name, status_names[i]) == 0) {
			*out = (enum status)i;
			return true;
		}
	return false;
}

const char *
verdict_name(enum verdict v)
{
	return (unsigned)v < V_COUNT ? verdict_names[v] : "?";
}
