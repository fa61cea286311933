/*
 * Words with a fixed set: what may stand in a field of a record, with its name in both languages. One table
 * each, so that the routes, the page's labels, the journal and the documents say the same.
 *
 * For the fold, the routes and whoever writes documents. Pure, nothing allocated, thread safe. Source: DOMAIN
 * section 3, as in docs/incidents.md. A value is the index into its table and has the enumeration's name below.
 */
#ifndef DRILLD_CORE_TERMS_H
#define DRILLD_CORE_TERMS_H

#include "base/err.h"
#include "core/config.h"
#include <stdbool.h>

struct term {
	const char *id; /* in the API and the journal: [a-z0-9_]+ */
	struct i18n label;
};

struct terms {
	const char *what; /* "detection kind": for messages */
	const struct term *list;
	int count;
};

/* The stages of a report chain. */
enum report_stage { STAGE_INITIAL, STAGE_PROGRESS, STAGE_FINAL, STAGE_COUNT };

/* The phases of handling an incident (PDCERF), in their order. */
enum pdcerf {
	PDCERF_PREPARATION,
	PDCERF_DETECTION,
	PDCERF_CONTAINMENT,
	PDCERF_ERADICATION,
	PDCERF_RECOVERY,
	PDCERF_FOLLOW_UP,
	PDCERF_COUNT
};

/* How an incident was noticed. */
enum detection {
	DETECT_WAF,
	DETECT_IDS,
	DETECT_EDR,
	DETECT_HONEYPOT,
	DETECT_LOG,
	DETECT_USER_REPORT,
	DETECT_NOTICE,
	DETECT_PATROL,
	DETECT_COUNT
};

enum indicator {
	INDICATOR_IP,
	INDICATOR_DOMAIN,
	INDICATOR_URL,
	INDICATOR_MD5,
	INDICATOR_SHA256,
	INDICATOR_SM3,
	INDICATOR_EMAIL,
	INDICATOR_ACCOUNT,
	INDICATOR_PATH,
	INDICATOR_PROCESS,
	INDICATOR_REGISTRY,
	INDICATOR_USER_AGENT,
	INDICATOR_WEBSHELL,
	INDICATOR_COUNT
};

enum asset_state { ASSET_UNKNOWN, ASSET_SUSPECTED, ASSET_COMPROMISED, ASSET_CLEAN, ASSET_STATES };

/* What was done; a step of an emergency plan names those that tick it off. */
enum incident_action {
	ACT_ISOLATE,
	ACT_BLOCK,
	ACT_KILL,
	ACT_PATCH,
	ACT_RESET_PASSWORD,
	ACT_RESTORE,
	ACT_NOTIFY,
	ACT_PRESERVE_EVIDENCE,
	ACT_COUNT
};

/* Where a time in a report comes from. */
enum time_source { TIME_MEASURED, TIME_CLAIMED, TIME_JUDGED, TIME_SOURCES };

extern const struct terms terms_stages, terms_phases, terms_detections, terms_indicators,
    terms_asset_states, terms_actions, terms_time_sources;

/* The word of a value, "?" for one outside the table. */
const char *term_id(const struct terms *t, int value);

/* Its names; both "?" for a value outside the table. */
struct i18n term_label(const struct terms *t, int value);

/* True and *value if there is such a word; exactly as written, no case folding. */
bool term_parse(const struct terms *t, const char *id, int *value);

/* The same with a sentence: `there is no detection kind "x"; there are: waf, ids, ...`. ERR_INVALID. */
enum err term_want(const struct terms *t, const char *id, int *value, struct why *why) MUST_CHECK;

#endif
