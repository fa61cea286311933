/*
 * Assets (资产): every website, information system, network facility, important data set and LED screen of a department,
 * with its level, exposure, protection, and the three posts that answer for it.
 *
 * An asset is a document by one table of fields (asset_entry_fields); what lists filter by and statistics count is in the
 * events' bodies, the document in their secrets. Holders and phone numbers are the posts' (post.h), never an asset's.
 * Pure, as all of the fold. Source: DOMAIN section 7, as in docs/incidents.md.
 */
#ifndef DRILLD_CORE_ASSET_H
#define DRILLD_CORE_ASSET_H

#include "core/asset_words.h"
#include "core/decision.h"
#include "core/document.h"
#include "core/record.h"

#define ASSET_ENTRIES_MAX 10000
#define ASSET_ENTRIES_PER_TEAM_MAX 2000
#define ASSET_VERSIONS_MAX 10000
#define ASSET_NAME_MAX_BYTES 200
#define ASSET_LINE_MAX_BYTES 500
#define ASSET_NOTES_MAX_BYTES 4000
#define ASSET_TEXT_MAX_BYTES (32u * 1024) /* of a document */
#define ASSET_DAYS_MAX 36500

extern const struct document_field asset_entry_fields[];

/* What is told of it without its texts. */
struct asset_facts {
	enum asset_kind kind;
	enum asset_exposure exposure;
	enum data_class data_class;
	int32_t level;         /* MLPS (等级保护) 1 to 5; 0: none */
	const char *system;    /* of the drill, of the same department; "" for none */
	int32_t posts[DUTIES]; /* 0: none */
};

struct asset_event {
	int32_t id;               /* 1, 2, ... */
	const char *team;         /* created */
	int32_t version;          /* created: 1; changed: the next one */
	struct asset_facts facts; /* created, changed */

	/* secret */
	const char *text;   /* created, changed: the document */
	const char *reason; /* retired */
};

/* Its id is its place in the list + 1. */
struct asset_entry {
	int team;
	int32_t version;
	struct asset_facts facts;    /* its system is the configuration's text */
	char *name, *address, *text; /* "" of a published bundle */
	int64_t at_ms, changed_ms;
	char *changed_by;
	int64_t verified_ms; /* 0: never */
	char *verified_by;
	struct decision retired;
};

struct assets {
	struct asset_entry *items;
	size_t count;
	size_t *of_team;
};

extern const struct record_family asset_family;

/* By id, or NULL. */
const struct asset_entry *asset_entry_find(const struct game *g, int32_t id);

/* A department's asset of this name that is not retired: its id, or 0. */
int32_t asset_by_name(const struct game *g, int team, const char *name);

/* The facts of a stored document (document_check has taken it); its system's text lives in the arena. */
void asset_read_facts(const struct json_t *stored, struct arena *arena, struct asset_facts *out);

/* Whether an asset of this department may have them: its system and posts are the department's. */
enum err asset_facts_hold(
    const struct game *g, int team, const struct asset_facts *f, struct why *why) MUST_CHECK;

#endif
