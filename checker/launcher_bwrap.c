#include "base/mem.h"
#include "base/time.h"
#include "checker/launcher_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TMP_MAX_BYTES "67108864"
#define PROBE_MS 5000

static bool
is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/*
 * Everything is there to read, /tmp and the other programs' scratch directories are hidden. What is needed of what
 * has been hidden is shown again: the challenge's folder, the scratch directory.
 */
void
bwrap_arguments(const struct launcher *l, const struct wire_request *r, const char *program,
    const char *scratch, struct bwrap *out)
{
	const char *const fixed[] = {"bwrap", "--die-with-parent", "--new-session", "--unshare-pid",
	    "--unshare-ipc", "--unshare-uts", "--ro-bind", "/", "/", "--dev", "/dev", "--proc",
	    "/proc", "--size", TMP_MAX_BYTES, "--tmpfs", "/tmp"};
	const char *const base[] = {"--size", "4096", "--tmpfs", l->scratch.path};
	const char *const folder[] = {"--ro-bind", r->dir, r->dir};
	const char *const begin[] = {"--bind", scratch, scratch, "--chdir",
	    r->cwd == EXEC_CWD_DIR ? r->dir : scratch, "--", program};
	size_t n = 0;

#define APPEND(list)                                                                               \
	do {                                                                                       \
		memcpy(&out->argv[n], list, sizeof list);                                          \
		n += sizeof list / sizeof list[0];                                                 \
	} while (0)
	APPEND(fixed);
	if (!is_below(l->scratch.path, "/tmp"))
		APPEND(base);
	if (is_below(r->dir, "/tmp") || is_below(r->dir, l->scratch.path))
		APPEND(folder);
	APPEND(begin);
#undef APPEND
	for (size_t i = 1; r->argv[i] != NULL; i++)
		out->argv[n++] = r->argv[i];
	out->argv[n] = NULL;
}

/* ---- does it work here? ---- */

static bool
find_bwrap(struct launcher *l)
{
	static const char *const places[] = {
	    "/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], X_OK) == 0) {
			snprintf(l->bwrap_path, sizeof l->bwrap_path, "%s", places[i]);
			return true;
		}
	return false;
}

/* False: it has not ended in time. */
static bool
wait_until(pid_t pid, int64_t until_ms, int *status)
{
	struct pollfd none = {.fd = -1};

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (time_mono_ms() >= until_ms)
			return false;
		poll(&none, 1, 2);
	}
	return true;
}

/* The first line of what it wrote, as the reason. */
static void
say_first_line(int fd, struct why *why)
{
	char text[300];
	ssize_t n = read(fd, text, sizeof text - 1);

	if (n <= 0) {
		(void)why_set(why, ERR_UNSUPPORTED, "bubblewrap fails without a word");
		return;
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	(void)why_set(why, ERR_UNSUPPORTED, "bubblewrap does not work here: %s", text);
}

static bool
follow(struct launcher *l, unsigned slot, int from, struct why *why)
{
	pid_t pid = l->jobs[slot].pid;
	int status = 0;

	if (!wait_until(pid, time_mono_ms() + PROBE_MS, &status)) {
		(void)why_set(
		    why, ERR_UNSUPPORTED, "bubblewrap does not end within %d ms", PROBE_MS);
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		status = 1;
	} else if (status != 0) {
		say_first_line(from, why);
	}
	job_forget(l, slot);
	return status == 0;
}

bool
bwrap_probe(struct launcher *l, struct why *why)
{
	struct wire_request *r = mem_alloc(sizeof *r);
	char program[] = "/bin/true";
	int pipe_fds[2], fds[2];
	unsigned slot;
	bool works = false;

	*r = (struct wire_request){.dir = "/",
	    .argv = {program},
	    .limits = {EXEC_CPU_DEFAULT_S, EXEC_MEMORY_DEFAULT_BYTES, EXEC_PROCESSES_DEFAULT,
		EXEC_FILE_DEFAULT_BYTES, EXEC_FILES_DEFAULT}};
	if (!find_bwrap(l)) {
		(void)why_set(why, ERR_NOT_FOUND, "bubblewrap is not installed");
	} else if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0) {
		(void)why_set(why, ERR_IO, "no pipe: %s", strerror(errno));
	} else {
		fds[0] = fds[1] = pipe_fds[1];
		l->bubblewrap = true;
		works = job_start(l, r, fds, 2, &slot, why) == ERR_OK &&
			follow(l, slot, pipe_fds[0], why);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
	}
	l->bubblewrap = works;
	free(r);
	return works;
}
