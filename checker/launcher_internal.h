/*
 * What the launcher's files share: launcher.c (the process), launcher_jobs.c (programs under way), launcher_strays.c
 * (processes that they leave behind), launcher_user.c (whom they become), launcher_bwrap.c (bubblewrap), launcher_spawn.c (between fork and exec).
 */
#ifndef DRILLD_CHECKER_LAUNCHER_INTERNAL_H
#define DRILLD_CHECKER_LAUNCHER_INTERNAL_H

#include "checker/launcher.h"
#include "checker/launcher_wire.h"
#include "checker/scratch.h"
#include <sys/resource.h>

#define FIRST_OWN_FD 10            /* below: what programs get under these numbers */
#define REMOVALS_MAX EXEC_JOBS_MAX /* past it no program is started */
#define ENV_FIXED_MAX 5
#define BWRAP_ARGS_MAX 40

/* ---- launcher_user.c ---- */

struct exec_user {
	bool change; /* we are root */
	bool each;   /* a uid for each slot, from uid on; else all are uid */
	uid_t uid;
	gid_t gid;
	int locks[2]; /* hold the range, or -1 */
};

/* What --exec-user says. Before the fork: it may ask the system's user database. */
enum err exec_user_parse(const char *text, struct exec_user *out, struct why *why) MUST_CHECK;
/* In the launcher: takes a range that nobody else has, or one uid for all; note says what is not as asked. */
void exec_user_claim(struct exec_user *u, struct buf *note);
struct scratch_owner exec_user_of(const struct exec_user *u, unsigned slot);
/* One of a range that is no slot's. */
uid_t exec_user_killer(const struct exec_user *u);

/* ---- launcher_spawn.c ---- */

enum spawn_step {
	STEP_NONE,
	STEP_SESSION,
	STEP_DESCRIPTORS,
	STEP_LIMITS,
	STEP_USER,
	STEP_PARENT,
	STEP_BEGIN,
	STEP_INTERPRETER,
	STEP_EXEC
};

struct spawn_limit {
	int resource;
	struct rlimit value;
};
#define SPAWN_LIMITS_MAX 6

/* All that a child needs; strings are the caller's. */
struct spawn {
	const char *program; /* resolved: what is examined */
	const char *file;    /* what is executed: the same, or bubblewrap */
	char *const *argv;
	char *const *env;
	const char *begin_in;
	struct spawn_limit limits[SPAWN_LIMITS_MAX];
	size_t limit_count;
	int fds[WIRE_FDS_MAX + 1]; /* become 0, 1, ...; all from FIRST_OWN_FD on */
	size_t fd_count;
	struct scratch_owner user;
};

/* Its pid, the first of a new session and group; -1 with why, worded for the organizers. */
pid_t spawn_run(const struct spawn *s, struct why *why);
/* Kills every process of a uid that is a slot's; killer: a uid that nobody else has. */
void spawn_kill_all_of(uid_t uid, uid_t killer);

/* ---- launcher_jobs.c ---- */

struct running {
	uint64_t id;
	pid_t pid;                  /* 0: the slot is free */
	struct scratch_dir scratch; /* stays with the slot as long as it is as new */
};

struct removal {
	char name[SCRATCH_NAME_MAX];
	struct scratch_owner owner;
	unsigned tries; /* without anything gained */
};

struct launcher {
	int socket;
	int signals; /* signalfd of SIGCHLD */
	int null;
	struct exec_user user;
	struct scratch scratch;
	struct why refusal; /* why no program can be run; else "" */
	bool bubblewrap;
	char bwrap_path[PATH_MAX];
	char path_variable[4096]; /* PATH=... */
	uint64_t made;            /* scratch directories so far: names them */

	struct running jobs[EXEC_JOBS_MAX];
	unsigned free_slots[EXEC_JOBS_MAX]; /* a ring: the one free for longest comes first */
	unsigned free_first, live;
	/* Each program that runs may add one when it ends, a start that finds its directory touched another. */
	struct removal removals[REMOVALS_MAX + EXEC_JOBS_MAX + 1];
	unsigned removal_count;
	bool strays; /* left-behind processes are still dying */

	unsigned user_threads; /* that a shared user had running at counted_ms */
	unsigned started_since;
	int64_t counted_ms;

	struct wire_message message;
	struct wire_request request;
};

/*
 * Runs a program in the next free slot. fds become 1, 2, ...; they stay the caller's. ERR_OK with the slot, or why (of
 * which the organizers read).
 */
enum err job_start(struct launcher *l, const struct wire_request *r, const int *fds,
    size_t fd_count, unsigned *slot, struct why *why) MUST_CHECK;
/* Frees the slot of a program that has been reaped, removes its scratch directory. */
void job_forget(struct launcher *l, unsigned slot);
void job_signal(struct launcher *l, uint64_t id, int number);
/* Reaps what has ended, reports it, kills what it has left behind. */
void jobs_reap(struct launcher *l);
/* Goes on with removing; for how long to wait until the next call, -1: nothing is left to do. */
int jobs_tidy(struct launcher *l);
/* Kills everything and removes every directory. */
void jobs_end(struct launcher *l);

struct running *job_of(
    struct launcher *l, pid_t pid); /* the program whose first process it is, or NULL */

/* ---- launcher_strays.c ---- */

/* Kills what ended programs have left behind; live: how many of our children are programs. Sets l->strays. */
void strays_end(struct launcher *l, unsigned live);

/* ---- launcher.c ---- */

/* Appends a sentence to a note, with "; " between two. */
void note_add(struct buf *note, const char *text);

/* ---- launcher_bwrap.c ---- */

/* The arguments that run r's program (resolved) under bubblewrap, from the scratch directory's path. */
struct bwrap {
	char *argv[BWRAP_ARGS_MAX + EXEC_ARGS_MAX];
};
void bwrap_arguments(const struct launcher *l, const struct wire_request *r, const char *program,
    const char *scratch, struct bwrap *out);
/* Runs /bin/true in it. False with why not. */
bool bwrap_probe(struct launcher *l, struct why *why);

#endif
