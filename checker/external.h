/*
 * What the contracts that start a program have in common: how the program is started, what its end says about
 * the system, and its output as text that people may read. No I/O. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_EXTERNAL_H
#define DRILLD_CHECKER_EXTERNAL_H

#include "base/arena.h"
#include "checker/exec.h"
#include "checker/program.h"
#include "checker/protocol.h"

/*
 * Kept of a program's stdout and stderr: several times what is shown, so that a text with its flags taken out is
 * still long enough.
 */
#define EXTERNAL_OUTPUT_BYTES (16 * 1024)
#define EXTERNAL_TEXT_BYTES 1024 /* shown of either */

/* Which exit codes a contract knows; 101 to 104 have one meaning in all of them. */
#define EXIT_UP 101
#define EXIT_CORRUPT 102
#define EXIT_MUMBLE 103
#define EXIT_DOWN 104
#define EXIT_CHECK_FAILED 110
#define EXIT_SERVICE_DISABLED 111

struct external_verdict {
	enum status status;
	bool spoken; /* an exit code of the contract: its stdout says why */
	struct why said;
};

/*
 * What the end of a program means: its exit code; down if its time of limit_ms was over; fault if it could not
 * be started, was ended by a signal or a limit of its own, or answered with any other code.
 */
void external_judge(const struct exec_result *r, int64_t limit_ms, struct external_verdict *out);

/* What a status says to the department when the checker has no words for it; "" for ok. */
const char *external_words(enum status status);

/*
 * A program's output as one line of plain text without blanks at its ends: every flag of the job becomes "[flag]",
 * and it is at most max bytes long, cut between characters. tail: its last ones instead of its first.
 */
const char *external_text(struct arena *arena, const struct job *job, const char *bytes, size_t len,
    size_t max, bool tail);

/* dir, argv (args added to the plan's), limits, where it begins, what is kept. The caller sets the rest. */
void external_options(const struct external_plan *plan, struct arena *arena,
    const char *const *args, size_t arg_count, struct exec_options *out);

#endif
