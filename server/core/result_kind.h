/*
 * What an attack can come to, and how much that is: L, the size of a confirmed result, in points of the policy campus.
 * Every kind has its formula and its cap per department; caps are scoring's, the numbers are kept here.
 */
#ifndef DRILLD_CORE_RESULT_KIND_H
#define DRILLD_CORE_RESULT_KIND_H

#include "core/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_KINDS_MAX 32
#define RESULT_DEPARTMENT_CAP 2000 /* of L in all, per department */
#define RESULT_PENALTY 200         /* for destruction, or a target out of scope */

/* What is counted besides that it happened. */
enum result_measure {
	MEASURE_NONE,
	MEASURE_SYSTEMS, /* systems reached by the account */
	MEASURE_HOSTS,   /* hosts under control */
	MEASURE_RECORDS, /* persons whose data was reached */
	MEASURE_COUNT
};

struct result_kind {
	const char *id;
	struct i18n name;
	int32_t base; /* L of one */
	int32_t each; /* and of each that is counted */
	enum result_measure measure;
	int32_t count_max;
	int32_t cap; /* of L per department; 0: none but the one of all kinds */
};

/* Volumes of personal data, and the L of each: persons from .. on. */
struct result_volume {
	int32_t from, size;
};

const struct result_kind *result_kind_find(const char *id); /* or NULL */
/* By place in the table; NULL past the last. */
const struct result_kind *result_kind_at(size_t i);
const struct result_volume *result_volume_at(size_t i);
const char *result_measure_name(enum result_measure m); /* "none", "systems", ... */

/* L of one result; raised: the target is of MLPS level 3 or higher, or missing from the inventory. */
int32_t result_kind_size(const struct result_kind *k, int32_t count, bool raised);

/* Per cent of L that counts for the first, second, ... of the same flaw; position from 1. */
int result_repeat_percent(int32_t position);

#endif
