/*
 * The rubric by which report chains are marked: its items with their marks and guidance, and which of them the server
 * marks itself because it measures them. Part of the drill's configuration; the policy campus's own by default. Pure.
 */
#ifndef DRILLD_CORE_RUBRIC_H
#define DRILLD_CORE_RUBRIC_H

#include "core/config.h"
#include "core/terms.h"

#define RUBRIC_ITEMS_MAX 30
#define RUBRIC_MARKS_MAX 100 /* of one item */
#define RUBRIC_GUIDANCE_MAX_BYTES 2000

enum rubric_dimension {
	DIMENSION_DETECTION,
	DIMENSION_ANALYSIS,
	DIMENSION_CONTAINMENT, /* and eradication */
	DIMENSION_TIMELINESS,
	DIMENSION_COORDINATION,
	DIMENSION_TRACEBACK,
	DIMENSION_COUNT
};

/* Who marks it: the judges, or the server by a time since the attack. */
enum rubric_measure {
	RUBRIC_JUDGED,
	RUBRIC_REPORT,      /* the first filing */
	RUBRIC_CONTAINMENT, /* the filing that first reported a containment */
	RUBRIC_RECOVERY,    /* the first good check after the failed ones */
	RUBRIC_MEASURES
};

extern const struct terms terms_dimensions, terms_measures;

struct rubric_item {
	const char *id;
	struct i18n title, guidance; /* guidance may be "" */
	int32_t marks;               /* at most; >= 1 */
	enum rubric_dimension dimension;
	enum rubric_measure measure;
};

struct rubric {
	struct rubric_item *items;
	size_t count;
};

/* The drill's. */
const struct rubric *rubric_of(const struct drill_config *c);
int32_t rubric_full(const struct rubric *r);   /* marks of all items */
int32_t rubric_judged(const struct rubric *r); /* of those that judges mark */

/* In the configuration: a list, left out when it is the default one. */
void rubric_encode(const struct rubric *r, struct json_writer *w);
enum err rubric_decode(const struct json_t *j, struct drill_config *c, struct why *why) MUST_CHECK;

/* Ids once each, at least one item for judges, limits: ERR_INVALID with why. *at: the item that is wrong. */
enum err rubric_check(const struct rubric *r, size_t *at, struct why *why) MUST_CHECK;

#endif
