#include "base/log.h"
#include "checker/launcher_internal.h"
#include "checker/processes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RANGES_MAX 32
#define LOCK_FILE "/run/drill-exec.lock"
#define SHARED_UID                                                                                 \
	65533 /* where no range is to be had: reserved by Debian, and there in a container's 65,536 */
#define RANGE_UIDS (EXEC_JOBS_MAX + 1) /* the last one's is the killer's */
#define UID_LAST (INT32_MAX - RANGES_MAX * RANGE_UIDS)

static enum err
parse_number(const char *text, struct exec_user *out, struct why *why)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || n < 1 || n > UID_LAST)
		return why_set(why, ERR_INVALID,
		    "--exec-user %s: a user's name or a number from 1 to %d is expected", text,
		    UID_LAST);
	out->each = true;
	out->uid = out->gid = (uid_t)n;
	return ERR_OK;
}

enum err
exec_user_parse(const char *text, struct exec_user *out, struct why *why)
{
	const struct passwd *user;

	*out = (struct exec_user){.change = geteuid() == 0, .locks = {-1, -1}};
	if (isdigit((unsigned char)text[0]))
		return parse_number(text, out, why);
	if (!out->change)
		return ERR_OK;
	if ((user = getpwnam(text)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "--exec-user %s: there is no such user", text);
	if (user->pw_uid == 0)
		return why_set(why, ERR_INVALID,
		    "--exec-user %s is root; an unprivileged user is expected", text);
	out->uid = user->pw_uid;
	out->gid = user->pw_gid;
	return ERR_OK;
}

struct scratch_owner
exec_user_of(const struct exec_user *u, unsigned slot)
{
	unsigned offset = u->each ? slot : 0;

	return (struct scratch_owner){u->change, u->uid + offset, u->gid + offset};
}

uid_t
exec_user_killer(const struct exec_user *u)
{
	return u->uid + EXEC_JOBS_MAX;
}

/* ---- a range for ourselves ---- */

/* Held as a name in the system's abstract socket space: gone with us, however we end. */
static int
lock_name(uid_t first)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int low, fd = -1;
	int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "drill-exec-%u", (unsigned)first);

	if ((low = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (bind(low, (struct sockaddr *)&a,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0)
		fd = fcntl(low, F_DUPFD_CLOEXEC, FIRST_OWN_FD);
	close(low);
	return fd;
}

/*
 * Each network namespace has names of its own. So the numbers are locked in a file, too, as its bytes. False: another
 * launcher has some of them. Where there can be no such file the name has to do, and *fd is -1.
 */
static bool
lock_numbers(uid_t first, int *fd)
{
	struct flock uids = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = RANGE_UIDS};
	int low = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ours = low < 0 || fcntl(low, F_OFD_SETLK, &uids) == 0;

	*fd = low >= 0 && ours ? fcntl(low, F_DUPFD_CLOEXEC, FIRST_OWN_FD) : -1;
	if (low >= 0)
		close(low);
	return ours;
}

static void
unlock_range(struct exec_user *u)
{
	for (int i = 0; i < 2; i++) {
		if (u->locks[i] >= 0)
			close(u->locks[i]);
		u->locks[i] = -1;
	}
}

static bool
lock_range(struct exec_user *u, uid_t first)
{
	if ((u->locks[0] = lock_name(first)) >= 0 && lock_numbers(first, &u->locks[1]))
		return true;
	unlock_range(u);
	return false;
}

struct tenants {
	uid_t first;
	bool named;
};

/* Who has a name is a person's or a service's; who has none is what a launcher that was killed has left behind. */
static void
evict(void *ctx, const struct process *p)
{
	struct tenants *t = ctx;

	if (p->uid < t->first || p->uid >= t->first + RANGE_UIDS)
		return;
	if (getpwuid(p->uid) != NULL)
		t->named = true;
	else
		kill(p->pid, SIGKILL);
}

/* A user namespace may have no such uid. */
static bool
can_become(uid_t uid)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(setresuid(uid, uid, uid) == 0 ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool
take_range(struct exec_user *u, uid_t first)
{
	struct tenants t = {.first = first};

	if (!lock_range(u, first))
		return false;
	processes_each(evict, &t);
	if (!t.named) {
		u->uid = u->gid = first;
		return true;
	}
	unlock_range(u);
	return false;
}

static void
share(struct exec_user *u, const char *why, struct buf *note)
{
	u->each = false;
	u->uid = u->gid = SHARED_UID;
	note_add(note, why);
}

void
exec_user_claim(struct exec_user *u, struct buf *note)
{
	char text[128];
	uid_t first = u->uid;

	if (!u->change) {
		u->each = false;
		snprintf(text, sizeof text,
		    "not started as root: programs run as the server's own user, uid %u",
		    (unsigned)geteuid());
		note_add(note, text);
		return;
	}
	if (!u->each)
		return;
	if (!can_become(first + RANGES_MAX * RANGE_UIDS - 1)) {
		share(u, "this container has no uids for a user per program: all share uid 65533",
		    note);
		return;
	}
	for (unsigned i = 0; i < RANGES_MAX; i++)
		if (take_range(u, first + i * RANGE_UIDS))
			return;
	share(u, "no free range of uids from --exec-user on: all programs share uid 65533", note);
}
