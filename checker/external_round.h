/*
 * One round of a contract whose program is started once for each thing to do (forcad, hackerdom, ctf01d): a list
 * of actions, one after the other, each a start of the program with a mode and perhaps a flag. What differs
 * between the contracts is a record of pure functions. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_EXTERNAL_ROUND_H
#define DRILLD_CHECKER_EXTERNAL_ROUND_H

#include "checker/external.h"
#include "checker/host.h"

#define EXTERNAL_ACTIONS_MAX (3 * JOB_FLAGS_MAX + 1)
#define EXTERNAL_ARGS_MAX 5
#define EXTERNAL_ID_BYTES 64 /* of a first id, with its NUL */

/* Names of saved values (protocol.h): the id by which get asks, if put has changed it; the place it was put to. */
#define SAVED_ID "id"
#define SAVED_VULN "vuln"

enum external_mode { EXTERNAL_INFO, EXTERNAL_CHECK, EXTERNAL_PUT, EXTERNAL_GET, EXTERNAL_MODES };

struct external_action {
	enum external_mode mode;
	const struct job_flag *flag; /* put and get */
	bool older;                  /* a flag of an earlier tick: losing it is recovering */
	int vuln;                    /* the place, from 1; 0: the contract has none */
};

struct external_actions {
	struct external_action items[EXTERNAL_ACTIONS_MAX];
	size_t count;
};

/* One start of the program. */
struct external_call {
	const char *mode;
	const char *host;
	const char *port;
	const char *id; /* "" in check */
	const char *flag;
	const char *vuln;
	bool has_flag;
};

/* What a good put answered. NULL: nothing. */
struct external_placed {
	const char *id;
	const char *public_id;
};

struct external_contract {
	const char *modes[EXTERNAL_MODES]; /* how the program is told; NULL: never asked */
	bool ok_speaks;                    /* what check prints is shown when all is well, too */
	/* What a round does, in its order. Draws from the job's seeds: the same job gives the same list. */
	void (*list)(const struct job *job, const struct external_plan *plan, struct arena *arena,
	    struct external_actions *out);
	/* What an id is before put has said otherwise. */
	void (*first_id)(const struct job_flag *flag, char out[EXTERNAL_ID_BYTES]);
	/* argv beyond the plan's; how many. */
	size_t (*args)(const struct external_call *call, const char *out[EXTERNAL_ARGS_MAX]);
	/* Reads a good put's output. ERR_INVALID with why if it cannot be an id. NULL: it says nothing. */
	enum err (*placed)(const struct external_plan *plan, const struct exec_result *r,
	    struct arena *arena, struct external_placed *out, struct why *why);
	/* Reads what the program says of itself (NULL if not properly) into plan->memo. */
	void (*informed)(struct external_memo *memo, const char *text, size_t len);
};

extern const struct external_contract external_forcad, external_hackerdom, external_ctf01d,
    external_exploit;

/* A contract_start with the contract's record. */
void external_round_start(struct host *host, const struct program *program, struct job *job,
    struct arena *arena, const struct external_contract *contract);

/*
 * A number below n (n > 0) out of the round's seeds; what names the choice. So that the numbers of a round are
 * the same whenever it is repeated, and no defender can tell them from outside.
 */
unsigned external_draw(const struct job *job, struct arena *arena, const char *what, unsigned n);

/* A saved value of an older flag, or NULL. */
const char *external_saved(const struct job_flag *flag, const char *name, struct arena *arena);

/* `check HOST`, `put|get HOST ID FLAG VULN`: args of forcad and hackerdom. */
size_t external_args(const struct external_call *call, const char *out[EXTERNAL_ARGS_MAX]);

/* A program's output without blanks at its ends as an id: at most max bytes of UTF-8 without NUL. */
enum err external_id(const char *text, size_t len, size_t max, struct arena *arena,
    const char **out, struct why *why) MUST_CHECK;

#endif
