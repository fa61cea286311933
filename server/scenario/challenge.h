/*
 * challenge.yaml -> struct challenge, its steps compiled to the program that the checkers run.
 *
 * Called by build.c once for each challenge that a scenario names. docs/challenge.md is the reference.
 * Not thread safe.
 */
#ifndef DRILLD_SCENARIO_CHALLENGE_H
#define DRILLD_SCENARIO_CHALLENGE_H

#include "scenario/fields.h"
#include "scenario/scenario.h"

#define CHALLENGE_FILE "challenge.yaml"
#define CHALLENGE_FILE_MAX_BYTES (1024u * 1024)
#define CHALLENGE_TIMEOUT_MS 5000 /* or the tick, if that is shorter */
#define EXPLOIT_TIMEOUT_MS 30000
#define EXPLOIT_TIMEOUT_MS_MAX 600000
#define ENO_TIMEOUT_MS 20000 /* the same; its tasks need seconds each (docs/checkers.md) */

/* Where challenges come from: the folders under dir or, for the fuzzer, one text for every name. */
struct challenge_source {
	const char *dir;
	const char *text;
	size_t len;
};

/*
 * Loads the challenge `id`. tick_ms limits its timeout; 0 where the drill has no valid tick. Strings go to
 * the arena. ERR_NOT_FOUND, ERR_IO: there is no such file, why says so, for the one who named it.
 * ERR_INVALID: the file's own mistakes have been appended to mistakes.
 */
enum err challenge_load(const struct challenge_source *source, const char *id, int64_t tick_ms,
    struct arena *arena, struct challenge *out, struct buf *mistakes, struct why *why) MUST_CHECK;

/* ---- for the parts of the reader: challenge.c, steps.c, rules.c, template.c ---- */

struct in_challenge {
	struct place at;
	struct text id;
	struct name title;
	struct text contract;
	struct number port, timeout_ms, flags;
	struct node vars, steps, checker, exploit;
};

/*
 * Checks vars and steps; round_ms is what the whole round may take, dir the challenge's folder, absolute, from
 * which certificates and keys are taken (NULL in the fuzzer: none is). The program as canonical JSON in r's
 * arena, or NULL if the file has mistakes.
 */
const char *steps_compile(
    struct reader *r, const struct in_challenge *in, int64_t round_ms, const char *dir);

/* The same for the steps of an exploit: a list, which runs as `check` does. */
const char *exploit_steps_compile(
    struct reader *r, const struct node *steps, int64_t round_ms, const char *dir);

/* `exploit`, into out. exploit.c. */
void exploit_build(
    struct reader *r, const struct node *given, const char *dir, struct challenge *out);

/*
 * The same for `checker`, which an external contract has. dir: its folder, absolute; NULL in the fuzzer. slots: its
 * flag places.
 */
struct challenge_place {
	enum contract contract;
	const char *dir;
	int slots;
};
const char *external_compile(
    struct reader *r, yaml_node_t *node, const struct challenge_place *place);

#endif
