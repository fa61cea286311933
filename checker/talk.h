/*
 * The expects of a talk: whether what came after the last match holds what its next line waits for. No I/O; the
 * checker's one thread.
 */
#ifndef DRILLD_CHECKER_TALK_H
#define DRILLD_CHECKER_TALK_H

#include "checker/answer.h"

#define TALK_TEXT_MAX_BYTES (512 * 1024) /* a line has at most 256 KiB before it is rendered */

/* How far a talk has got with the answer's body; zero at the start. */
struct talk_place {
	size_t consumed; /* bytes that earlier expects have matched */
	size_t searched; /* bytes in which the present one has not found anything */
};

enum talk_found { TALK_FOUND, TALK_NOT_YET, TALK_TOO_COSTLY };

/* line: an expect or expect_regex. TALK_FOUND moves on past the match. */
enum talk_found talk_find(
    struct talk_place *p, const struct talk *line, struct answer *a, const struct vars *vars);
/* All that has come so far is of no account to later expects. */
void talk_skip(struct talk_place *p, const struct answer *a);

#endif
