/*
 * The facts file: a game reduced to what scoring needs, as one neutral JSON object, so that every policy can
 * be run and checked without a server. `drillctl score` and the golden tests call it, on one thread.
 * The format is in docs/facts.md. The policies it feeds are the live drill's own.
 */
#ifndef DRILLD_CORE_FACTS_H
#define DRILLD_CORE_FACTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/score.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FACTS_TEXT_MAX_BYTES JSON_TEXT_MAX_BYTES
#define FACTS_ID_MAX_BYTES 200
#define FACTS_RESULT_MAX_BYTES (256u * 1024 * 1024)

/* An id as the file has it: 7 and "7" are two ids, and each is printed back as it came. */
struct facts_id {
	const char *text; /* of a number its digits */
	bool number;
};

struct facts {
	struct arena arena;
	struct score_setup setup; /* without parameters */
	const struct facts_id *teams;
	const struct facts_id *services;
	int32_t ticks;     /* tick numbers go from 0 to this one, both included */
	struct fact *list; /* by tick: flags, then checks, then captures, then the close */
	size_t count;
};

/*
 * Reads len bytes of JSON. On success *out is the caller's: facts_free. Otherwise ERR_INVALID or ERR_LIMIT,
 * and why names the place: `captures[3].flag: no flag "x"`.
 */
enum err facts_read(const char *text, size_t len, struct facts **out, struct why *why) MUST_CHECK;
void facts_free(struct facts *f); /* NULL is fine */

/* Feeds every fact to a policy that was opened with a setup of these teams and services. */
void facts_play(const struct facts *f, const struct policy *policy, void *state);

/*
 * Scores the game and appends {"rows":[...],"ranking":[...]} and a line feed to out. ERR_INVALID for a
 * parameter that the policy does not take, ERR_LIMIT if out is full.
 */
enum err facts_score(const struct facts *f, const struct policy *policy, const struct param *params,
    size_t param_count, struct buf *out, struct why *why) MUST_CHECK;

#endif
