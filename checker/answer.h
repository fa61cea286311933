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
#include "checker/site.h"
#include "checker/vars.h"
#include <stdint.h>

/* With the headers and what the exchange itself needs a system makes a round hold at most 1 MiB. */
#define BODY_MAX_BYTES (768 * 1024)
#define BODY_MAX_TEXT "768 KiB"
#define HEADERS_MAX_BYTES (64 * 1024)
#define CAPTURE_MAX_BYTES 4096
#define LIST_MAX_BYTES (64 * 1024)  /* of all elements of a list, each of CAPTURE_MAX_BYTES */
#define RUN_MAX_BYTES (1024 * 1024) /* of all that a run captures */
#define COUNT_MAX 10000             /* matches that are counted */
#define ANSWER_REGEX_MS 50

struct answer {
	int status;         /* of HTTP, DNS's RCODE; 0 for the others */
	struct buf headers; /* the last response's, as they came */
	struct buf body;    /* all that a tcp peer sent, dns's records, the facts of a greeting */
	int64_t ms;         /* from the start of the step, unless the action has measured */
	double regex_ms;    /* CPU time left for expressions and pages of it */
	char site[SITE_HOST_MAX_BYTES]; /* the Host header that was sent, or "" */
	struct json_t *json;            /* the body, once something has asked for it */
	bool json_tried;
};

void answer_init(struct answer *a);
/* For the same step's next response: redirected, or a new try. */
void answer_reset(struct answer *a);
/* For the next step. */
void answer_begin(struct answer *a);
void answer_free(struct answer *a);

/* The body as JSON, or NULL if it is none; the answer's. */
const struct json_t *answer_json(struct answer *a);
/* Gives that back: a large one is not to lie about while the next step is waited for. */
void answer_drop_json(struct answer *a);
/* Remembers a Host header's value, without its port. */
void answer_set_site(struct answer *a, const char *host_header);

/*
 * True if the rule holds; otherwise said is a sentence for the public (it names neither what is looked for
 * nor anything the answer contains) and detail what only the organizers see.
 */
bool rule_holds(const struct rule *rule, struct answer *a, const struct vars *vars,
    struct why *said, struct why *detail);

/*
 * Sets the capture's variable, its value or list in the arena. ERR_NOT_FOUND with why (public) if the answer has none,
 * ERR_LIMIT if it is too long, or all that the run has captured would be.
 */
enum err capture_take(const struct capture *c, struct answer *a, struct arena *arena,
    struct vars *vars, struct why *why) MUST_CHECK;

/* For the rules that are not in rule.c. */
struct rule_look {
	const struct rule *rule;
	struct answer *answer;
	const struct vars *vars;
	struct why *said;
	struct why *detail;
};
bool count_holds(struct rule_look *l); /* rule_json.c */
bool json_holds(struct rule_look *l);
bool page_rule_holds(struct rule_look *l); /* rule_page.c */

/*
 * The next field of a header block with this name (case-insensitive) after *from (start with 0).
 * False at the end; value without spaces around it.
 */
bool header_next(
    const struct buf *headers, const char *name, size_t *from, const char **value, size_t *len);

#endif
