/*
 * What a system answered to one step, and what the step's rules and captures say about it.
 * Everything in an answer is hostile: bounded, any bytes. No I/O; the checker's one thread.
 */
#ifndef DRILLD_CHECKER_ANSWER_H
#define DRILLD_CHECKER_ANSWER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "checker/program.h"
#include "checker/vars.h"
#include <stdint.h>

/* With the headers and what the exchange itself needs a system makes a round hold at most 1 MiB. */
#define BODY_MAX_BYTES (768 * 1024)
#define BODY_MAX_TEXT "768 KiB"
#define HEADERS_MAX_BYTES (64 * 1024)
#define CAPTURE_MAX_BYTES 4096
#define ANSWER_REGEX_MS 50

struct answer {
	int status;         /* of HTTP, DNS's RCODE; 0 for the others */
	struct buf headers; /* the last response's, as they came */
	struct buf body;    /* all that a tcp peer sent, dns's records, the facts of a greeting */
	int64_t ms;         /* from the start of the step, unless the action has measured */
	double regex_ms;    /* CPU time left for regular expressions on it */
};

void answer_init(struct answer *a);
void answer_reset(struct answer *a);
void answer_free(struct answer *a);

/*
 * True if the rule holds; otherwise said is a sentence for the public (it names neither what is looked for
 * nor anything the answer contains) and detail what only the organizers see.
 */
bool rule_holds(const struct rule *rule, struct answer *a, const struct vars *vars,
    struct why *said, struct why *detail);

/* The captured value, in the arena; ERR_NOT_FOUND with why (public) if the answer has none. */
enum err capture_value(const struct capture *c, struct answer *a, struct arena *arena,
    const char **out, struct why *why) MUST_CHECK;

/*
 * The next field of a header block with this name (case-insensitive) after *from (start with 0).
 * False at the end; value without spaces around it.
 */
bool header_next(
    const struct buf *headers, const char *name, size_t *from, const char **value, size_t *len);

#endif
