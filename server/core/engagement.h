/*
 * The rules of engagement: which systems may be attacked, what nobody may do, and which red account has accepted that.
 * A scenario without the section `rules` has none to accept. Part of the fold.
 */
#ifndef DRILLD_CORE_ENGAGEMENT_H
#define DRILLD_CORE_ENGAGEMENT_H

#include "core/ids.h"
#include "core/record.h"

struct engagement_event {
	const char *rules; /* their hash, 64 hex digits */
};

struct engagement_acceptance {
	const struct account *by;
	int64_t at_ms;
};

struct engagement {
	char hash[2 * 32 + 1];                     /* of the scenario's rules; "": there are none */
	struct engagement_acceptance *acceptances; /* in order */
	size_t count;
	struct ids by; /* account -> place in acceptances */
};

extern const struct record_family engagement_family;

/* By this account, or NULL. */
const struct engagement_acceptance *engagement_of(const struct game *g, const char *account);

/* Whether this account may submit at all: ERR_FORBIDDEN, with how to accept, for one of a red team that has not. */
enum err engagement_allows(const struct game *g, const char *account, struct why *why) MUST_CHECK;

bool engagement_in_scope(const struct game *g, uint32_t system);

#endif
