#include "checker/launcher.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/launcher_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"
#define KERNEL_SIGSET_BYTES 8
#define MESSAGES_A_TURN 64 /* before it looks after what has ended again */

void
note_add(struct buf *note, const char *text)
{
	if (note->len > 0)
		buf_puts(note, "; ");
	buf_puts(note, text);
}

/* ---- what it keeps of itself ---- */

static int
above_theirs(int fd)
{
	int own = fd >= FIRST_OWN_FD ? fd : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);

	if (own < 0)
		log_die("launcher", "no descriptors: %s", strerror(errno));
	if (own != fd)
		close(fd);
	return own;
}

/* Keeps the line and the log. Numbers below FIRST_OWN_FD stay taken: what comes with a start never has one of them. */
static void
arrange_descriptors(struct launcher *l, int socket)
{
	if (socket > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
	close_range((unsigned)socket + 1, ~0u, 0);
	l->socket = above_theirs(socket);
	l->null = above_theirs(open("/dev/null", O_RDWR | O_CLOEXEC));
	for (int fd = 0; fd < FIRST_OWN_FD; fd++)
		if (fd != STDERR_FILENO && dup3(l->null, fd, O_CLOEXEC) < 0)
			log_die("launcher", "no descriptors: %s", strerror(errno));
}

/* Everything is blocked for good: SIGCHLD is read, the rest is for the checker. Programs get an empty mask. */
static void
arrange_signals(struct launcher *l)
{
	static const unsigned long
	    by_default[8]; /* the kernel's struct sigaction, all of it 0: SIG_DFL */
	sigset_t all, chld;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* Programs inherit what is ignored. By hand: the library keeps 32 and 33, which make ignores, to itself. */
	for (int n = 1; n < NSIG; n++)
		syscall(SYS_rt_sigaction, n, &by_default, NULL, (size_t)KERNEL_SIGSET_BYTES);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	l->signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signals < 0)
		log_die("launcher", "signalfd: %s", strerror(errno));
}

/* Of root it keeps becoming another user, signalling him and giving him a directory. */
static void
drop_capabilities(void)
{
	const uint32_t kept =
	    1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL | 1u << CAP_CHOWN;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};

	for (int c = 0; c <= CAP_LAST_CAP; c++)
		if (c >= 32 || (kept & 1u << c) == 0)
			prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* one that is not there is dropped */
	if (syscall(SYS_capset, &head, data) != 0)
		log_die("launcher", "capset: %s", strerror(errno));
}

static void
restrict_self(const struct launcher *l)
{
	if (l->user.change)
		drop_capabilities();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		log_die("launcher", "prctl: %s", strerror(errno));
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "drill-launcher", 0, 0, 0);
}

/* ---- start ---- */

static void
prepare(struct launcher *l, struct buf *note)
{
	const char *path = getenv("PATH");

	umask(077);
	snprintf(l->path_variable, sizeof l->path_variable, "PATH=%s",
	    path != NULL && path[0] != '\0' ? path : PATH_DEFAULT);
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		l->free_slots[i] = i;
	exec_user_claim(&l->user, note);
	restrict_self(l);
	if (scratch_open(&l->scratch, SCRATCH_STALE_S, &l->refusal) != ERR_OK) {
		scratch_close(&l->scratch);
		note_add(note, "external programs cannot be run:");
		note_add(note, l->refusal.text);
	}
}

static void
choose_sandbox(struct launcher *l, enum launcher_sandbox wanted, struct buf *note)
{
	struct why why;

	if (wanted == SANDBOX_RLIMITS || l->scratch.fd < 0)
		return;
	if (bwrap_probe(l, &why))
		return;
	if (wanted == SANDBOX_BUBBLEWRAP)
		(void)why_set(&l->refusal, ERR_UNSUPPORTED, "--sandbox bubblewrap: %s", why.text);
	note_add(note, why.text);
}

static void
say_hello(const struct launcher *l, const struct buf *note)
{
	struct wire_hello m = {.type = WIRE_HELLO, .bubblewrap = l->bubblewrap};

	snprintf(m.note, sizeof m.note, "%s", note->len > 0 ? note->data : "");
	(void)!wire_send(l->socket, &m, sizeof m, NULL, 0);
}

/* ---- the line ---- */

static void
start(struct launcher *l, struct wire_message *m)
{
	struct wire_ended no = {.type = WIRE_ENDED, .code = -1};
	unsigned slot;
	struct why why;
	enum err e;

	e = wire_read_start(m->bytes, m->len, m->fd_count, &l->request, &why);
	if (e == ERR_OK)
		e = job_start(l, &l->request, m->fds, m->fd_count, &slot, &why);
	if (e == ERR_OK)
		return;
	no.id = l->request.id;
	snprintf(no.why, sizeof no.why, "%s", why.text);
	(void)!wire_send(l->socket, &no, sizeof no, NULL, 0);
}

static void
take_message(struct launcher *l, struct wire_message *m)
{
	struct wire_signal s;
	uint32_t type = 0;

	if (m->len >= sizeof type)
		memcpy(&type, m->bytes, sizeof type);
	if (type == WIRE_START) {
		start(l, m);
	} else if (type == WIRE_SIGNAL && m->len == sizeof s) {
		memcpy(&s, m->bytes, sizeof s);
		job_signal(l, s.id, s.number == SIGTERM ? SIGTERM : SIGKILL);
	}
	while (m->fd_count > 0)
		close(m->fds[--m->fd_count]);
}

/* False: the checker is gone. */
static bool
take_messages(struct launcher *l)
{
	enum err e = ERR_OK;

	for (int i = 0; i < MESSAGES_A_TURN && (e = wire_receive(l->socket, &l->message)) == ERR_OK;
	     i++)
		take_message(l, &l->message);
	return e == ERR_OK || e == ERR_BUSY || e == ERR_INVALID;
}

static void
serve(struct launcher *l)
{
	struct pollfd fds[] = {
	    {.fd = l->socket, .events = POLLIN}, {.fd = l->signals, .events = POLLIN}};
	struct signalfd_siginfo seen;
	int wait_ms = -1;

	for (;;) {
		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			log_die("launcher", "poll: %s", strerror(errno));
		if (fds[1].revents != 0) {
			while (read(l->signals, &seen, sizeof seen) > 0)
				;
			jobs_reap(l);
		}
		if (fds[0].revents != 0 && !take_messages(l))
			return;
		wait_ms = jobs_tidy(l);
	}
}

static void __attribute__((noreturn))
launcher_main(int socket, const struct exec_user *user, enum launcher_sandbox wanted)
{
	struct launcher *l = mem_alloc(sizeof *l);
	struct buf note;

	l->user = *user;
	buf_init(&note, WHY_MAX - 1);
	arrange_descriptors(l, socket);
	arrange_signals(l);
	if (setsid() < 0 || chdir("/") != 0)
		log_die("launcher", "setsid, chdir /: %s", strerror(errno));
	prepare(l, &note);
	choose_sandbox(l, wanted, &note);
	say_hello(l, &note);
	buf_free(&note);
	serve(l);
	jobs_end(l);
	scratch_close(&l->scratch);
	_exit(
	    EXIT_SUCCESS); /* what the process that we were forked from wants done at its exit is not ours */
}

int
launcher_start(const struct launcher_options *o, struct why *why)
{
	struct exec_user user;
	int fds[2];
	pid_t pid;

	if (exec_user_parse(o->user, &user, why) != ERR_OK)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		(void)why_set(why, ERR_IO, "no socket pair: %s", strerror(errno));
		return -1;
	}
	if ((pid = fork()) == 0)
		launcher_main(fds[1], &user, o->sandbox);
	close(fds[1]);
	if (pid > 0)
		return above_theirs(fds[0]); /* and above CHECKER_FD, which may be missing */
	(void)why_set(why, ERR_IO, "no process for the launcher: %s", strerror(errno));
	close(fds[0]);
	return -1;
}
