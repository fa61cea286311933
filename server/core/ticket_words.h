/*
 * The words of a rectification ticket, with their names in both languages (core/terms.h), and where a ticket comes
 * from. For the fold, the routes, the lists that offices exchange and the letters. Pure, thread safe.
 * Source: DOMAIN section 6.
 */
#ifndef DRILLD_CORE_TICKET_WORDS_H
#define DRILLD_CORE_TICKET_WORDS_H

#include "core/terms.h"
#include "core/ticket_rules.h" /* enum severity */

/* registered -> notified -> acknowledged -> in_progress -> feedback_submitted -> retesting -> closed; the rest aside */
enum ticket_state {
	TICKET_REGISTERED,
	TICKET_NOTIFIED,
	TICKET_ACKNOWLEDGED,
	TICKET_IN_PROGRESS,
	TICKET_FEEDBACK_SUBMITTED,
	TICKET_RETESTING,
	TICKET_RETEST_FAILED,
	TICKET_CLOSED,
	TICKET_EXTENSION_PENDING,
	TICKET_RISK_ACCEPTED,
	TICKET_DUPLICATE,
	TICKET_FALSE_POSITIVE,
	TICKET_REOPENED,
	TICKET_STATES
};

/* What kind of weakness it is. */
enum weakness {
	WEAK_PASSWORD,
	WEAK_INJECTION,
	WEAK_CROSS_SITE,
	WEAK_FILE_UPLOAD,
	WEAK_REMOTE_EXECUTION,
	WEAK_ACCESS_CONTROL,
	WEAK_AUTHENTICATION,
	WEAK_UNPATCHED,
	WEAK_MISCONFIGURATION,
	WEAK_EXPOSURE,
	WEAK_MALICIOUS_CODE,
	WEAK_LOGGING,
	WEAK_ENCRYPTION,
	WEAK_BACKUP,
	WEAK_MANAGEMENT,
	WEAK_OTHER,
	WEAK_COUNT
};

/* How a retest is done; by what came of it. */
enum retest_method { RETEST_MANUAL, RETEST_SCAN, RETEST_EXPLOIT, RETEST_DOCUMENTS, RETEST_METHODS };
enum retest_result { RETEST_FIXED, RETEST_VULNERABLE, RETEST_UNCLEAR, RETEST_RESULTS };

/* How hard a ticket is pressed: the index is the level. */
#define SUPERVISION_LEVELS 5

extern const struct terms terms_ticket_states, terms_severities, terms_weaknesses,
    terms_retest_methods, terms_retest_results, terms_supervision, terms_ticket_sources;

/* ---- where it comes from ---- */

enum source_kind {
	SOURCE_RESULT,
	SOURCE_REPORT,
	SOURCE_INJECT,
	SOURCE_SELF_INSPECTION,
	SOURCE_INSPECTION,
	SOURCE_TEST_REPORT,
	SOURCE_MANUAL,
	SOURCE_KINDS
};

#define SOURCE_MAX_BYTES 32

struct ticket_source {
	enum source_kind kind;
	int32_t number; /* 0: none */
};

/*
 * "result:12", "inspection", "manual": a result, a report and an inject have a number, manual has none, the others may
 * have one. ERR_INVALID.
 */
enum err source_read(const char *text, struct ticket_source *out, struct why *why) MUST_CHECK;
void source_write(const struct ticket_source *s, char out[SOURCE_MAX_BYTES]);

#endif
