#include "base/buf.h"
#include "base/log.h"
#include "base/time.h"
#include "checker/launcher_internal.h"
#include "checker/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REMOVE_AT_ONCE 64  /* entries when a program has ended: most leave none or a few */
#define REMOVE_A_TURN 2000 /* entries between two looks at the line: some ten milliseconds */
#define REMOVE_TRIES 500   /* turns without anything gained before a directory is given up */
#define TIDY_MS 20
#define BWRAP_PROCESSES 2 /* its own: the one that waits, and the namespace's first */
#define COUNT_MS 1000
#define THREADS_SPARE 64 /* of those that cannot be counted */
#define END_MS 5000

/* ---- where a program is ---- */

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0;
}

/* May the user enter the folder, or run the file? */
static bool
open_to(const struct scratch_owner *user, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	return (st.st_mode & (st.st_uid == user->uid      ? S_IXUSR
				 : st.st_gid == user->gid ? S_IXGRP
							  : S_IXOTH)) != 0;
}

/* A shell would pass over a program that its user cannot run, such as one below root's home. */
static bool
runs_for(const struct scratch_owner *user, const char *path)
{
	char folder[PATH_MAX];

	if (!user->change)
		return access(path, X_OK) == 0;
	snprintf(folder, sizeof folder, "%s", path);
	for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
		*at = '\0';
		if (!open_to(user, folder))
			return false;
	}
	return open_to(user, path);
}

/* In the folders of PATH, one that the user can run before others; false if it is in none. */
static bool
search(
    const char *name, const char *folders, const struct scratch_owner *user, char *out, size_t size)
{
	char path[PATH_MAX];
	bool found = false;

	for (const char *at = folders; *at != '\0';) {
		size_t n = strcspn(at, ":");

		if (n > 0 &&
		    (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)n, at, name) < size &&
		    is_program(path)) {
			bool runs = runs_for(user, path);

			if (runs || !found)
				snprintf(out, size, "%s", path);
			if (runs)
				return true;
			found = true;
		}
		at += n + (at[n] == ':');
	}
	return found;
}

static enum err
resolve(const struct wire_request *r, char *const *env, const struct scratch_owner *user, char *out,
    size_t size, struct why *why)
{
	const char *name = r->argv[0], *folders = "";

	for (; *env != NULL; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			folders = *env + 5;
	if (strchr(name, '/') != NULL) {
		if ((size_t)snprintf(out, size, "%s%s%s", name[0] == '/' ? "" : r->dir,
			name[0] == '/' ? "" : "/", name) < size)
			return ERR_OK;
		return why_set(why, ERR_LIMIT, "the path of %.100s is too long", name);
	}
	if (search(name, folders, user, out, size))
		return ERR_OK;
	return why_set(
	    why, ERR_NOT_FOUND, "there is no program %.100s in PATH (%.300s)", name, folders);
}

/* ---- what it gets ---- */

struct environment {
	char *list[EXEC_ARGS_MAX + ENV_FIXED_MAX + 1];
	char home[SCRATCH_PATH_MAX + 64], tmp[SCRATCH_PATH_MAX + 64];
};

static bool
is_given(char *const *given, const char *variable)
{
	size_t n = strcspn(variable, "=") + 1;

	for (; *given != NULL; given++)
		if (strncmp(*given, variable, n) == 0)
			return true;
	return false;
}

static void
make_environment(
    struct launcher *l, const struct wire_request *r, const char *scratch, struct environment *out)
{
	char *const fixed[ENV_FIXED_MAX] = {
	    l->path_variable, "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", out->home, out->tmp};
	size_t n = 0;

	snprintf(out->home, sizeof out->home, "HOME=%s", scratch);
	snprintf(out->tmp, sizeof out->tmp, "TMPDIR=%s", scratch);
	for (size_t i = 0; i < ENV_FIXED_MAX; i++)
		if (!is_given(r->env, fixed[i]))
			out->list[n++] = fixed[i];
	for (char *const *v = r->env; *v != NULL; v++)
		out->list[n++] = *v;
	out->list[n] = NULL;
}

struct user_threads {
	uid_t uid;
	unsigned count;
};

static void
count_threads(void *ctx, const struct process *p)
{
	struct user_threads *u = ctx;

	if (p->uid == u->uid)
		u->count += p->threads;
}

/* Where all share a user its limit moves with what the user has running. */
static rlim_t
shared_processes(struct launcher *l, int wanted)
{
	struct user_threads u = {.uid = l->user.change ? l->user.uid : geteuid()};

	if (time_mono_ms() - l->counted_ms >= COUNT_MS) {
		processes_each(count_threads, &u);
		l->user_threads = u.count + THREADS_SPARE;
		l->started_since = 0;
		l->counted_ms = time_mono_ms();
	}
	l->started_since += (unsigned)wanted;
	return l->user_threads + l->started_since;
}

static void
add_limit(struct spawn *s, int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max < hard)
		hard = now.rlim_max; /* stricter already */
	s->limits[s->limit_count++] =
	    (struct spawn_limit){resource, {soft < hard ? soft : hard, hard}};
}

static void
set_limits(struct launcher *l, const struct exec_limits *x, struct spawn *s)
{
	int processes = x->processes + (l->bubblewrap ? BWRAP_PROCESSES : 0);
	rlim_t most = l->user.each ? (rlim_t)processes : shared_processes(l, processes);

	add_limit(s, RLIMIT_CPU, (rlim_t)x->cpu_s, (rlim_t)x->cpu_s + 1);
	add_limit(s, RLIMIT_AS, (rlim_t)x->memory_bytes, (rlim_t)x->memory_bytes);
	add_limit(s, RLIMIT_NPROC, most, most);
	add_limit(s, RLIMIT_FSIZE, (rlim_t)x->file_bytes, (rlim_t)x->file_bytes);
	add_limit(s, RLIMIT_NOFILE, (rlim_t)x->files, (rlim_t)x->files);
	add_limit(s, RLIMIT_CORE, 0, 0);
}

/* ---- starting ---- */

static void
remove_scratch(struct launcher *l, unsigned slot)
{
	struct running *job = &l->jobs[slot];
	struct removal r = {.owner = exec_user_of(&l->user, slot)};
	struct scratch_work work = {.left = REMOVE_AT_ONCE};

	memcpy(r.name, job->scratch.name, sizeof r.name);
	job->scratch.name[0] = '\0';
	if (!scratch_destroy(&l->scratch, r.name, &r.owner, &work))
		l->removals[l->removal_count++] = r;
}

/* An empty directory for the slot's next program. */
static enum err
ready_scratch(struct launcher *l, unsigned slot, const struct scratch_owner *owner, struct why *why)
{
	struct running *job = &l->jobs[slot];
	char name[SCRATCH_NAME_MAX];

	if (job->scratch.name[0] != '\0') {
		if (scratch_take(&l->scratch, &job->scratch))
			return ERR_OK;
		remove_scratch(l, slot);
	}
	snprintf(name, sizeof name, "%llu", (unsigned long long)++l->made);
	return scratch_create(&l->scratch, name, owner, &job->scratch, why);
}

static enum err
take_slot(struct launcher *l, unsigned *slot, struct why *why)
{
	if (l->refusal.text[0] != '\0')
		return why_set(why, ERR_IO, "programs cannot be run: %s", l->refusal.text);
	if (l->live == EXEC_JOBS_MAX)
		return why_set(why, ERR_BUSY, "%d programs are running already", EXEC_JOBS_MAX);
	if (l->removal_count >= REMOVALS_MAX)
		return why_set(
		    why, ERR_BUSY, "%d scratch directories are still being removed", REMOVALS_MAX);
	*slot = l->free_slots[l->free_first];
	return ERR_OK;
}

static pid_t
spawn_in(struct launcher *l, const struct wire_request *r, const char *scratch, struct spawn *s,
    struct why *why)
{
	static struct environment env;
	static struct bwrap bwrap;
	char program[PATH_MAX];

	make_environment(l, r, scratch, &env);
	if (resolve(r, env.list, &s->user, program, sizeof program, why) != ERR_OK)
		return -1;
	s->program = s->file = program;
	s->argv = r->argv;
	s->env = env.list;
	s->begin_in = r->cwd == EXEC_CWD_DIR ? r->dir : scratch;
	if (l->bubblewrap) {
		bwrap_arguments(l, r, program, scratch, &bwrap);
		s->file = l->bwrap_path;
		s->argv = bwrap.argv;
	}
	set_limits(l, &r->limits, s);
	return spawn_run(s, why);
}

enum err
job_start(struct launcher *l, const struct wire_request *r, const int *fds, size_t fd_count,
    unsigned *slot, struct why *why)
{
	struct spawn s = {.fds = {l->null}, .fd_count = fd_count + 1};
	char scratch[SCRATCH_PATH_MAX + 32];
	struct running *job;
	enum err e = take_slot(l, slot, why);

	if (e != ERR_OK)
		return e;
	job = &l->jobs[*slot];
	s.user = exec_user_of(&l->user, *slot);
	if ((e = ready_scratch(l, *slot, &s.user, why)) != ERR_OK)
		return e;
	snprintf(scratch, sizeof scratch, "%s/%s", l->scratch.path, job->scratch.name);
	memcpy(s.fds + 1, fds, fd_count * sizeof *fds);
	job->pid = spawn_in(l, r, scratch, &s, why);
	if (job->pid < 0) {
		job->pid = 0;
		return ERR_IO;
	}
	job->id = r->id;
	l->free_first = (l->free_first + 1) % EXEC_JOBS_MAX;
	l->live++;
	return ERR_OK;
}

/* ---- what is left behind: files ---- */

/* True when this one is over, one way or the other. */
static bool
go_on_removing(struct launcher *l, struct removal *r, struct scratch_work *work)
{
	unsigned before = work->gained;

	if (scratch_destroy(&l->scratch, r->name, &r->owner, work))
		return true;
	if (work->gained > before)
		r->tries = 0;
	else if (++r->tries == REMOVE_TRIES)
		log_warn("launcher", "%s/%s cannot be removed", l->scratch.path, r->name);
	return r->tries == REMOVE_TRIES;
}

static void
remove_some(struct launcher *l, struct scratch_work *work)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < l->removal_count; i++)
		if (work->left == 0 || !go_on_removing(l, &l->removals[i], work))
			l->removals[kept++] = l->removals[i];
	l->removal_count = kept;
}

struct running *
job_of(struct launcher *l, pid_t pid)
{
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		if (l->jobs[i].pid == pid)
			return &l->jobs[i];
	return NULL;
}

/* ---- the end of a program ---- */

void
job_forget(struct launcher *l, unsigned slot)
{
	struct scratch_owner owner;

	l->jobs[slot].pid = 0;
	l->free_slots[(l->free_first + EXEC_JOBS_MAX - l->live) % EXEC_JOBS_MAX] = slot;
	l->live--;
	owner = exec_user_of(&l->user, slot);
	if (!scratch_give_back(&l->scratch, &l->jobs[slot].scratch, &owner))
		remove_scratch(l, slot);
}

static void
report(struct launcher *l, uint64_t id, int status)
{
	struct wire_ended m = {.type = WIRE_ENDED, .started = 1, .id = id, .code = -1};

	if (WIFSIGNALED(status))
		m.signal = WTERMSIG(status);
	else
		m.code = WEXITSTATUS(status);
	/* bubblewrap tells of a signal as a shell does. */
	if (l->bubblewrap && m.code > 128 && m.code <= 128 + 64) {
		m.signal = m.code - 128;
		m.code = -1;
	}
	/* If the checker is gone the line says so when it is next read. */
	(void)!wire_send(l->socket, &m, offsetof(struct wire_ended, why) + 1, NULL, 0);
}

/* Seen dead and not yet reaped: its pid, and so its group's, is still its own. */
static void
end_job(struct launcher *l, struct running *job)
{
	uint64_t id = job->id;
	int status = 0;

	kill(-job->pid, SIGKILL);
	waitpid(job->pid, &status, 0);
	job->pid = 0;
	strays_end(l, l->live - 1);
	job_forget(l, (unsigned)(job - l->jobs));
	report(l, id, status);
}

void
jobs_reap(struct launcher *l)
{
	siginfo_t info = {0};
	struct running *job;
	bool others = false;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
		if ((job = job_of(l, info.si_pid)) != NULL) {
			end_job(l, job);
		} else {
			waitpid(info.si_pid, NULL, 0);
			others = true;
		}
		info.si_pid = 0;
	}
	if (others)
		strays_end(l, l->live);
}

/* Under bubblewrap the program's group is that of the namespace's first process, which heeds nothing but SIGKILL. */
static void
ask_to_end(struct launcher *l, pid_t pid)
{
	pid_t first;

	if (!l->bubblewrap)
		kill(-pid, SIGTERM);
	else if (processes_children(pid, &first, 1) == 1)
		kill(-first, SIGTERM);
}

void
job_signal(struct launcher *l, uint64_t id, int number)
{
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++) {
		if (l->jobs[i].pid == 0 || l->jobs[i].id != id)
			continue;
		if (number == SIGTERM)
			ask_to_end(l, l->jobs[i].pid);
		else
			kill(-l->jobs[i].pid, SIGKILL);
		return;
	}
}

int
jobs_tidy(struct launcher *l)
{
	struct scratch_work work = {.left = REMOVE_A_TURN};

	if (l->removal_count > 0)
		remove_some(l, &work);
	if (l->strays) {
		jobs_reap(l);
		strays_end(l, l->live);
	}
	if (l->removal_count > 0 && work.gained > 0)
		return 0;
	return l->removal_count > 0 || l->strays ? TIDY_MS : -1;
}

static bool
has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Until nothing is left of what count counts, nor a child of ours, or the time is over. */
static void
finish_all(struct launcher *l, const unsigned *count, int64_t until_ms)
{
	struct pollfd none = {.fd = -1};

	while ((*count > 0 || has_children()) && time_mono_ms() < until_ms) {
		jobs_reap(l);
		strays_end(l, l->live);
		if (jobs_tidy(l) != 0)
			poll(&none, 1, 2);
	}
}

void
jobs_end(struct launcher *l)
{
	int64_t until_ms = time_mono_ms() + END_MS;

	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		if (l->jobs[i].pid != 0)
			kill(-l->jobs[i].pid, SIGKILL);
	strays_end(l, l->live);
	finish_all(l, &l->live, until_ms);
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		if (l->jobs[i].scratch.name[0] != '\0')
			remove_scratch(l, i);
	finish_all(l, &l->removal_count, until_ms);
}
