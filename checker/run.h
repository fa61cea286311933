/*
 * A round's runs (one pass through a section with the variables of one flag) and the values that its put
 * steps save. No I/O.
 */
#ifndef DRILLD_CHECKER_RUN_H
#define DRILLD_CHECKER_RUN_H

#include "base/buf.h"
#include "checker/program.h"
#include "checker/protocol.h"
#include "checker/vars.h"

struct run {
	enum section_kind section;
	const struct job_flag *flag; /* NULL in check */
	bool older; /* a flag of an earlier tick: failing makes the round recovering */
};

/* The n-th run of a job: put of each flag, get of each, check, get of older ones. False past the last. */
bool run_nth(const struct job *job, size_t n, struct run *out);

struct saved_value {
	int slot;
	const char *name;
	const char *value;
};

struct saved {
	struct saved_value *items;
	size_t count;
};

/*
 * Keeps a value of this slot; a later one of the same name replaces it. ERR_LIMIT, and nothing changed, if
 * all of them would be longer than SAVED_MAX_BYTES.
 */
enum err saved_set(
    struct saved *s, struct arena *arena, int slot, const char *name, const char *value) MUST_CHECK;

/* {"s0.name":"value",...}, sorted; nothing is written if there is none. */
void saved_write(const struct saved *s, struct buf *out);

/* All variables a run begins with. Values land in the arena. */
void run_vars(const struct run *run, const struct job *job, const struct program *program,
    const struct saved *saved, struct arena *arena, struct vars *out);

#endif
