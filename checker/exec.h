/*
 * Runs external programs (checkers of other games) and follows each to its end. The programs are started by
 * the launcher (launcher.h), a process of its own that this file talks to; drill-checker's loop thread.
 *
 * A program gets: a session and process group of its own; descriptors 0 (/dev/null), 1 and 2 and, if asked
 * for, 3 and 4, no other; an empty scratch directory (mode 0700, HOME, TMPDIR) that is removed with all that is
 * in it when the program has ended; PATH, LANG=C.UTF-8, PYTHONDONTWRITEBYTECODE=1 and the variables given;
 * the limits below; no new privileges. Where bubblewrap works the file system is read-only but for the
 * scratch directory, /tmp is private and empty, and it sees no process but its own.
 *
 * Its end: SIGTERM to its group at the deadline, SIGKILL EXEC_GRACE_MS later. When its first process has
 * ended, everything it has left behind is killed, fled into another session or not; what its pipes hold
 * by then is still read, and they are closed, whoever else has them open.
 *
 * RLIMIT_NPROC counts per user, not per program. Started as root with a numeric --exec-user, the launcher
 * gives each program under way a uid of its own, so `processes` is exact and no program can signal, trace or read
 * another. Where all share one user (not root, a named --exec-user), the limit is what the user had running a
 * moment ago plus `processes` for each program started since: loose, but it stops a fork bomb.
 */
#ifndef DRILLD_CHECKER_EXEC_H
#define DRILLD_CHECKER_EXEC_H

#include "base/err.h"
#include "checker/protocol.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define EXEC_GRACE_MS 2000
#define EXEC_TIMEOUT_MAX_MS (10 * 60 * 1000)
#define EXEC_OUTPUT_MAX_BYTES (64 * 1024)  /* kept of stdout and of stderr */
#define EXEC_SEND_MAX_BYTES (256 * 1024)   /* sent to descriptor 3 and not yet read */
#define EXEC_ARGS_MAX 256                  /* arguments, and as many variables */
#define EXEC_STRINGS_MAX_BYTES (60 * 1024) /* argv, env and dir together, each with its NUL */

struct exec_host; /* the connection to the launcher; one a process */
struct exec;      /* one program under way */

/* Where it begins. */
enum exec_cwd { EXEC_CWD_SCRATCH, EXEC_CWD_DIR };

/* 0 = the default. */
struct exec_limits {
	int64_t
	    cpu_s; /* of each process; 1 to 3600, default 30; then SIGXCPU, a second later SIGKILL */
	int64_t memory_bytes; /* address space of each process; 16 MiB to 1 TiB, default 1 GiB */
	int processes;        /* threads count; 1 to 4096, default 64 */
	int64_t file_bytes;   /* each file it writes; 4 KiB to 1 TiB, default 64 MiB */
	int files;            /* descriptors of each process; 16 to 65536, default 256 */
};

#define EXEC_CPU_DEFAULT_S 30
#define EXEC_CPU_MAX_S 3600
#define EXEC_MEMORY_DEFAULT_BYTES ((int64_t)1 << 30)
#define EXEC_MEMORY_MIN_BYTES ((int64_t)16 << 20)
#define EXEC_MEMORY_MAX_BYTES ((int64_t)1 << 40)
#define EXEC_PROCESSES_DEFAULT 64
#define EXEC_PROCESSES_MAX 4096
#define EXEC_FILE_DEFAULT_BYTES ((int64_t)64 << 20)
#define EXEC_FILE_MIN_BYTES ((int64_t)4 << 10)
#define EXEC_FILE_MAX_BYTES ((int64_t)1 << 40)
#define EXEC_FILES_DEFAULT 256
#define EXEC_FILES_MIN 16
#define EXEC_FILES_MAX 65536

/* How a program ended. Texts are the program's bytes, not plain text: protocol_make_plain, utf8_repair. */
struct exec_result {
	bool
	    started; /* false: why says why not; the rest is 0, -1 or empty. The organizers' fault */
	struct why why;
	int exit_code;   /* -1: ended by a signal, or not started */
	int signal;      /* 0: ended by itself */
	bool timed_out;  /* its deadline passed first, however it ended then */
	const char *out; /* at most out_max bytes, NUL-terminated beyond them; never NULL */
	size_t out_len;
	const char *err;
	size_t err_len;
	int64_t ms; /* from exec_start to its end */
};

struct exec_options {
	/*
	 * Ends with NULL. argv[0] without a slash is looked up in PATH, a relative one with a slash is below
	 * dir. Others are handed over as they are: a file of the challenge's folder must be absolute.
	 */
	const char *const *argv;
	const char *const *
	    env; /* "NAME=VALUE" beyond the fixed ones, replacing one of these; ends with NULL; may be NULL */
	const char *dir; /* the challenge's folder, absolute; readable to all, never writable */
	enum exec_cwd cwd;
	struct exec_limits limits;
	int64_t timeout_ms; /* 1 to EXEC_TIMEOUT_MAX_MS */
	bool duplex;        /* descriptors 3 (it reads) and 4 (it writes) exist */
	size_t out_max,
	    err_max; /* kept; at most EXEC_OUTPUT_MAX_BYTES. What is beyond is read and dropped */
	/* From descriptor 4, as it comes, not split at lines; data is borrowed. May call exec_send, exec_cancel. */
	void (*on_data)(void *ctx, const char *data, size_t len);
	/* Once, never from within exec_start, after the last on_data; r is borrowed, x is gone afterwards. */
	void (*done)(void *ctx, const struct exec_result *r);
	void *ctx;
};

/*
 * launcher_fd: what launcher_start returned; owned by the host from here on. Waits (once, at start) until the
 * launcher has said which sandbox works. died: the launcher is gone, every program's done has been called;
 * the process has to end. NULL with why if the launcher does not answer.
 */
struct exec_host *exec_host_open(uv_loop_t *loop, int launcher_fd, void (*died)(void *ctx),
    void *ctx, struct why *why) MUST_CHECK;

/* Cancels what is under way, closes the line (the launcher ends), frees itself when the loop has closed its handles. */
void exec_host_close(struct exec_host *h);

/*
 * All of o is copied. NULL with why (a sentence for the organizers) if an option breaks its limit, EXEC_JOBS_MAX are
 * under way already, or there are no descriptors left. A program that is missing or cannot be run is reported by done.
 */
struct exec *exec_start(
    struct exec_host *h, const struct exec_options *o, struct why *why) MUST_CHECK;

/*
 * Queues bytes for descriptor 3. ERR_BUSY, and nothing is queued, when more than EXEC_SEND_MAX_BYTES would wait;
 * ERR_CLOSED when the program has closed it or there is none.
 */
enum err exec_send(struct exec *x, const char *data, size_t len) MUST_CHECK;

/* Kills it and what it has started. done is not called; x is gone. */
void exec_cancel(struct exec *x);

/* Programs under way, cancelled ones until they have been reaped. */
unsigned exec_running(const struct exec_host *h);

/* "bubblewrap" or "rlimits"; note: why not bubblewrap, who the programs run as, or "". */
const char *exec_sandbox(const struct exec_host *h);
const char *exec_sandbox_note(const struct exec_host *h);

#endif
