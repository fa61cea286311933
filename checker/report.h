/*
 * What a job's result is made of, gathered while it runs: the trace, the values to keep for its flags and for
 * its system. For every contract; no I/O. The checker's one thread.
 */
#ifndef DRILLD_CHECKER_REPORT_H
#define DRILLD_CHECKER_REPORT_H

#include "base/buf.h"
#include "checker/host.h"
#include "checker/run.h"

struct stored {
	const char *key;
	const char *value;
};

struct report {
	const struct job *job;
	struct arena *arena; /* the job's: what is kept lives there */
	uv_loop_t *loop;
	uint64_t start_ms;
	struct saved saved;
	struct stored *stored;
	size_t stored_count, stored_cap;
	struct buf trace;
};

void report_init(struct report *r, const struct job *job, struct arena *arena, uv_loop_t *loop);
void report_free(struct report *r);

int64_t report_elapsed_ms(const struct report *r);

/*
 * Appends "+MS ms TEXT" as a line of the trace; control characters become blanks. What must not be seen by
 * organizers (the flag) is the caller's to leave out.
 */
void report_trace(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Keeps a value of the system under key for all later jobs; a later one of the same key replaces it. */
void report_store(struct report *r, const char *key, const char *value);

/*
 * Leaves the host's list and hands over the result. message: public, cut to MESSAGE_MAX_BYTES and made plain;
 * what the job keeps is only valid until report_free.
 */
void report_finish(struct report *r, struct host *host, struct task *task, enum status status,
    const char *message);

#endif
