/*
 * POSIX extended regular expressions (regcomp(3)) on answers of hostile systems, at a bounded cost.
 *
 * The C library's matcher tries every start and so needs quadratic time on the worst answers (6 s for
 * `a.*b` on 64 KiB of a's). Here a text is searched line by line, lines in overlapping windows of
 * PATTERN_WINDOW_BYTES, and the search gives up when the caller's budget of CPU time is used up. So ^ and $ are the ends
 * of a line (a CR before the LF is not part of it), and a match is at most PATTERN_MATCH_BYTES long.
 * Back-references are refused. One thread at a time.
 */
#ifndef DRILLD_CHECKER_PATTERN_H
#define DRILLD_CHECKER_PATTERN_H

#include "base/err.h"
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#define PATTERN_TEXT_MAX_BYTES 1024            /* of the expression */
#define PATTERN_SUBJECT_MAX_BYTES (256 * 1024) /* what comes after is not searched */
#define PATTERN_WINDOW_BYTES 2048
#define PATTERN_MATCH_BYTES 1024

struct pattern {
	regex_t regex;
	const char *source; /* borrowed */
};

/* ERR_INVALID with why; nothing to free then. source must outlive the pattern. */
enum err pattern_compile(struct pattern *p, const char *source, struct why *why) MUST_CHECK;
void pattern_free(struct pattern *p);

enum pattern_result { PATTERN_FOUND, PATTERN_ABSENT, PATTERN_TOO_COSTLY };

/*
 * A NUL follows the text (it may hold others). Takes the CPU time it needs off *budget_ms. The first match:
 * match[0] is the whole of it, match[1] the first group (rm_so -1 if it took no part).
 */
enum pattern_result pattern_find(
    const struct pattern *p, const char *text, size_t len, double *budget_ms, regmatch_t match[2]);

/*
 * The next match at or after *from, which moves past it. PATTERN_ABSENT when there is no more; places in match count
 * from the text's beginning.
 */
enum pattern_result pattern_next(const struct pattern *p, const char *text, size_t len,
    size_t *from, double *budget_ms, regmatch_t match[2]);

/* This thread's CPU time: a busy machine does not turn a good answer into a bad one. */
double cpu_now_ms(void);

#endif
