/*
 * What facts.c reads the items of a facts file with: the place it is at, so that each mistake names its own,
 * and one function per kind of member. For facts.c alone.
 */
#ifndef DRILLD_CORE_FACTS_ITEM_H
#define DRILLD_CORE_FACTS_ITEM_H

#include "base/json.h"
#include "core/facts.h"

struct id {
	const char *text; /* NULL for a number; belongs to the JSON */
	int64_t number;
	uint32_t index;
};

/* The ids of one list, for look-ups once id_index_sort has sorted them. */
struct id_index {
	const char *noun;
	struct id *ids;
	size_t count;
};

struct facts_reader {
	struct why *why;
	const char *list; /* the place: list[at] */
	size_t at;
	struct arena *arena; /* of the facts */
	struct score_team *score_teams;
	struct facts_id *kept_teams;
	struct facts_id *kept_services;
	int *weights;
	struct id_index teams;
	struct id_index services;
	struct id_index flags;
	int32_t tick_max;
	int32_t tick_last;  /* the highest met so far */
	struct fact *items; /* flags, then checks, then captures, in the order of the file */
	size_t flag_count, check_count, capture_count;
};

/* "LIST[AT].KEY: ..."; key may be NULL. */
enum err item_refuse(const struct facts_reader *r, const char *key, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* An id as JSON, so that no control character of a file reaches a terminal. */
struct id_text {
	char json[6 * FACTS_ID_MAX_BYTES + 3];
};
const char *id_show(const struct id *id, struct id_text *out); /* returns out->json */

struct facts_id id_keep(struct arena *a, const struct id *id);

/* Sorts, and refuses the second of two ids that are the same. */
enum err id_index_sort(struct facts_reader *r, const char *list, struct id_index *in) MUST_CHECK;

/* Each takes one member of item; those named item_want_* insist on it. */
enum err item_want_id(const struct facts_reader *r, const struct json_t *item, const char *key,
    struct id *out) MUST_CHECK;
enum err item_want_ref(const struct facts_reader *r, const struct json_t *item, const char *key,
    const struct id_index *in, uint32_t *out) MUST_CHECK;
enum err item_want_owner(
    const struct facts_reader *r, const struct json_t *item, uint32_t *out) MUST_CHECK;
enum err item_want_tick(struct facts_reader *r, const struct json_t *item, int32_t *out) MUST_CHECK;
enum err item_want_status(
    const struct facts_reader *r, const struct json_t *item, enum status *out) MUST_CHECK;
enum err item_bool(
    const struct facts_reader *r, const struct json_t *item, const char *key, bool *out) MUST_CHECK;
enum err item_name(const struct facts_reader *r, const struct json_t *item) MUST_CHECK;
enum err item_weight(const struct facts_reader *r, const struct json_t *item, int *out) MUST_CHECK;

#endif
