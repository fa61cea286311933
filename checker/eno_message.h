/*
 * What is said to a checker of the contract eno and what it answers, as JSON. Pure. Answers are the checker's, but
 * what they quote is the system's: hostile. Source: EnoEngine, EnoCore.Models/CheckerApi; what Python checkers take
 * and give: github.com/enowars/enochecker_core.
 */
#ifndef DRILLD_CHECKER_ENO_MESSAGE_H
#define DRILLD_CHECKER_ENO_MESSAGE_H

#include "base/buf.h"
#include "checker/eno_tasks.h"

#define ENO_ANSWER_MAX_BYTES (64 * 1024)
#define ENO_ANSWER_MAX_TEXT "64 KiB"
#define ENO_NAME_MAX_BYTES 200

struct eno_info {
	const char *name; /* the service's, for people */
	struct eno_variants variants;
};

struct eno_answer {
	enum eno_result result;
	const char *message;     /* "" if there is none */
	const char *attack_info; /* the same */
};

/* The body of POST / for one task. Rounds count from 1. */
void eno_message_write(struct buf *out, const struct job *job, const struct eno_task *t, int64_t id,
    int64_t timeout_ms);

/*
 * The answer to GET /service, or to a task. text is changed in place: what a system may have smuggled into a quoted
 * message (NUL, halves of surrogate pairs, broken UTF-8) is replaced, for otherwise it could turn the checker's
 * verdict into a fault. Members unknown here are passed over. Strings land in the arena.
 */
enum err eno_message_info(
    char *text, size_t len, struct arena *arena, struct eno_info *out, struct why *why) MUST_CHECK;
enum err eno_message_answer(char *text, size_t len, struct arena *arena, struct eno_answer *out,
    struct why *why) MUST_CHECK;

#endif
