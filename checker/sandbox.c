#include "checker/sandbox.h"
#include "base/asan.h"
#include "base/log.h"
#include "checker/curl_thread.h"
#include "checker/protocol.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Threads count, too: libuv's pool resolves names, and a transfer of curl_thread.h has one. So do the other
 * checkers of the same user.
 */
#define PROCESSES_MAX 8192
#define MEMORY_MAX_BYTES (8ull * 1024 * 1024 * 1024)
#define FILE_MAX_BYTES (16 * 1024) /* a key in memory, file_step.c */
#define LOG_FILE_MAX_BYTES (1ull * 1024 * 1024 * 1024)
#define DESCRIPTORS_SPARE 64
#define DESCRIPTORS_A_PROGRAM 4 /* the pipes of an external one */
#define DESCRIPTORS_MORE 3      /* of a round of the contract eno: its further connections */

static enum err
failed(struct why *why, const char *what)
{
	return why_set(why, ERR_IO, "%s: %s", what, strerror(errno));
}

/* Root becomes the user; anyone else stays who they are. */
static enum err
become(const char *name, struct why *why)
{
	const struct passwd *user;

	if (geteuid() != 0) {
		log_info("sandbox", "not started as root: staying uid %u", (unsigned)geteuid());
		return ERR_OK;
	}
	errno = 0;
	if ((user = getpwnam(name)) == NULL)
		return why_set(why, ERR_IO, "there is no user \"%s\"; name one with --user", name);
	if (user->pw_uid == 0)
		return why_set(why, ERR_IO,
		    "\"%s\" is root; --user names an unprivileged user such as nobody", name);
	if (setgroups(0, NULL) != 0)
		return failed(why, "setgroups");
	if (setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0)
		return failed(why, "setresgid");
	if (setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return failed(why, "setresuid");
	if (setuid(0) == 0)
		return why_set(why, ERR_IO, "root could be taken back; giving up");
	return ERR_OK;
}

static enum err
limit(int resource, rlim_t value, const char *what, struct why *why)
{
	struct rlimit r = {value, value};
	struct rlimit now;

	if (getrlimit(resource, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
		r.rlim_cur = r.rlim_max = now.rlim_max; /* stricter already */
	return setrlimit(resource, &r) == 0 ? ERR_OK : failed(why, what);
}

/* Before the user changes: only root may raise the hard limit. */
static enum err
limit_descriptors(unsigned in_flight, struct why *why)
{
	rlim_t need = 2 * (rlim_t)in_flight + DESCRIPTORS_SPARE;
	rlim_t threads = in_flight < CURL_THREADS_MAX ? in_flight : CURL_THREADS_MAX;
	unsigned programs = in_flight < EXEC_JOBS_MAX ? in_flight : EXEC_JOBS_MAX;
	rlim_t wanted = need + DESCRIPTORS_A_PROGRAM * (rlim_t)programs +
			CURL_THREAD_DESCRIPTORS * threads + DESCRIPTORS_MORE * (rlim_t)in_flight;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return failed(why, "getrlimit RLIMIT_NOFILE");
	/* Checkers of other contracts are no part of every drill: for them what there is has to do. */
	if (r.rlim_max < need)
		r.rlim_max = need;
	r.rlim_cur = wanted < r.rlim_max ? wanted : r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		return why_set(why, ERR_IO,
		    "%u rounds in flight need %lu descriptors and the limit does not allow it "
		    "(%s); "
		    "raise it (ulimit -n) or lower --in-flight",
		    in_flight, (unsigned long)need, strerror(errno));
	return ERR_OK;
}

/*
 * No file is written but keys in memory and the log, where stderr is a file. SIGXFSZ is ignored so that a full
 * log ends no check.
 */
static enum err
limit_files(struct why *why)
{
	struct stat st;
	bool log_is_file = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);

	signal(SIGXFSZ, SIG_IGN);
	return limit(
	    RLIMIT_FSIZE, log_is_file ? LOG_FILE_MAX_BYTES : FILE_MAX_BYTES, "RLIMIT_FSIZE", why);
}

static enum err
limit_rest(bool dropped, struct why *why)
{
	enum err e;

	if ((e = limit(RLIMIT_CORE, 0, "RLIMIT_CORE", why)) != ERR_OK ||
	    (e = limit_files(why)) != ERR_OK)
		return e;
	/* Counted over the whole user: only one that is the checker's own can be held to it. */
	if (dropped && (e = limit(RLIMIT_NPROC, PROCESSES_MAX, "RLIMIT_NPROC", why)) != ERR_OK)
		return e;
	if (UNDER_ASAN) /* its shadow memory alone is larger */
		return ERR_OK;
	return limit(RLIMIT_AS, MEMORY_MAX_BYTES, "RLIMIT_AS", why);
}

/* After the change of user, which resets the last two. */
static enum err
restrict_process(struct why *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed(why, "PR_SET_NO_NEW_PRIVS");
	/* LeakSanitizer traces its own process at the end and could not. */
	if (!UNDER_ASAN && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return failed(why, "PR_SET_DUMPABLE");
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
		return failed(why, "PR_SET_PDEATHSIG");
	return ERR_OK;
}

enum err
sandbox_close_descriptors(struct why *why)
{
	return close_range(CHECKER_FD + 1, ~0u, 0) == 0 ? ERR_OK : failed(why, "close_range");
}

enum err
sandbox_enter(const struct sandbox_options *o, struct why *why)
{
	bool root = geteuid() == 0;
	enum err e;

	umask(077);
	if (chdir("/") != 0)
		return failed(why, "chdir /");
	if ((e = limit_descriptors(o->in_flight, why)) != ERR_OK ||
	    (e = become(o->user, why)) != ERR_OK || (e = limit_rest(root, why)) != ERR_OK)
		return e;
	return restrict_process(why);
}
