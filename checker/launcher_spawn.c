#include "base/asan.h"
#include "base/log.h"
#include "checker/launcher_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The child shares our memory and we wait until it has become the program (as vfork does): copying even a small
 * process costs more than all the rest here. So what runs in it is system calls alone, the stack is its own, and
 * what it has to say it says in *failure. AddressSanitizer would take its stack for ours: there it gets a copy of
 * the memory, and *failure is in a shared page.
 */
#define SPAWN_FLAGS ((UNDER_ASAN ? 0 : CLONE_VM) | CLONE_VFORK | SIGCHLD)

/* Nor may it ask for shadow memory beyond the limits that the child has taken on. */
#define IN_CHILD __attribute__((no_sanitize_address))

#define STACK_BYTES (64 * 1024)
#define HEAD_BYTES 256 /* of a file: what the kernel reads of a #! line */

struct failure {
	enum spawn_step step;
	int error;
	char interpreter[HEAD_BYTES];
};

struct child {
	const struct spawn *spawn;
	struct failure *failure;
	pid_t parent;
};

/* One shared page for what the child says, and its stack behind it; made once. */
static char *
shared_memory(void)
{
	static char *memory;

	if (memory == NULL)
		memory = mmap(NULL, STACK_BYTES + sizeof(struct failure), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (memory == MAP_FAILED)
		log_die("launcher", "no memory for a child's stack: %s", strerror(errno));
	return memory;
}

/* ---- the child: system calls alone ---- */

static void IN_CHILD __attribute__((noreturn)) fail(const struct child *c, enum spawn_step step)
{
	c->failure->error = errno;
	c->failure->step = step;
	_exit(127);
}

static bool IN_CHILD
take_descriptors(const struct spawn *s)
{
	for (size_t i = 0; i < s->fd_count; i++)
		if (dup2(s->fds[i], (int)i) < 0)
			return false;
	return close_range((unsigned)s->fd_count, ~0u, 0) == 0;
}

static bool IN_CHILD
take_limits(const struct spawn *s)
{
	for (size_t i = 0; i < s->limit_count; i++)
		if (setrlimit((__rlimit_resource_t)s->limits[i].resource, &s->limits[i].value) != 0)
			return false;
	return true;
}

/* By hand: the library's functions of these names speak with the threads that it believes in. */
static bool IN_CHILD
become(const struct scratch_owner *u)
{
	if (!u->change)
		return true;
	return syscall(SYS_setgroups, 0, NULL) == 0 &&
	       syscall(SYS_setresgid, u->gid, u->gid, u->gid) == 0 &&
	       syscall(SYS_setresuid, u->uid, u->uid, u->uid) == 0;
}

/* Whom the #! line names, in place; NULL if there is no such line. */
static char *IN_CHILD
interpreter_of(char *head)
{
	char *from, *to;

	if (head[0] != '#' || head[1] != '!')
		return NULL;
	for (from = head + 2; *from == ' ' || *from == '\t'; from++)
		;
	for (to = from; *to != '\0' && *to != ' ' && *to != '\t' && *to != '\n' && *to != '\r';
	     to++)
		;
	*to = '\0';
	return from;
}

/*
 * Finds what the kernel's ENOENT leaves open and what bubblewrap would say in words of its own, or run by a shell: a
 * script whose interpreter is missing, a text that is no script.
 */
static void IN_CHILD
examine(const struct child *c)
{
	char head[HEAD_BYTES + 1], *interpreter;
	int fd = open(c->spawn->program, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, head, HEAD_BYTES) : -1;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return; /* may be run and not be read */
	head[n] = '\0';
	if ((interpreter = interpreter_of(head)) == NULL) {
		errno = ENOEXEC;
		if (memchr(head, '\0', (size_t)n) == NULL)
			fail(c, STEP_EXEC);
		return;
	}
	if (access(interpreter, X_OK) == 0)
		return;
	memcpy(c->failure->interpreter, interpreter, strlen(interpreter) + 1);
	fail(c, STEP_INTERPRETER);
}

static void IN_CHILD __attribute__((noreturn)) execute(const struct child *c)
{
	const struct spawn *s = c->spawn;
	struct stat st;
	int error;

	if (s->file != s->program) {
		if (access(s->program, X_OK) != 0 || stat(s->program, &st) != 0)
			fail(c, STEP_EXEC);
		errno = EACCES;
		if (!S_ISREG(st.st_mode))
			fail(c, STEP_EXEC);
		examine(c);
	}
	execve(s->file, s->argv, s->env);
	error = errno;
	if (error == ENOENT)
		examine(c);
	errno = error;
	fail(c, STEP_EXEC);
}

static int IN_CHILD
run_child(void *arg)
{
	const struct child *c = arg;
	const struct spawn *s = c->spawn;
	sigset_t none;

	if (setsid() < 0)
		fail(c, STEP_SESSION);
	if (!take_descriptors(s))
		fail(c, STEP_DESCRIPTORS);
	if (!take_limits(s))
		fail(c, STEP_LIMITS);
	if (!become(&s->user))
		fail(c, STEP_USER);
	/* After the change of user, which resets it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != c->parent)
		fail(c, STEP_PARENT);
	if (chdir(s->begin_in) != 0)
		fail(c, STEP_BEGIN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execute(c);
}

/* ---- the parent ---- */

static void
say_exec(const struct spawn *s, int error, struct why *why)
{
	const char *p = s->program;

	if (error == ENOENT)
		(void)why_set(why, ERR_NOT_FOUND, "there is no program %s", p);
	else if (error == EACCES)
		(void)why_set(why, ERR_FORBIDDEN,
		    "%s cannot be run by uid %u: chmod +x it, and its folders must be open to all",
		    p, (unsigned)(s->user.change ? s->user.uid : geteuid()));
	else if (error == ENOEXEC)
		(void)why_set(why, ERR_INVALID,
		    "%s is neither a program of this machine nor a script with a #! line", p);
	else
		(void)why_set(why, ERR_IO, "cannot run %s: %s", p, strerror(error));
}

static void
say(const struct spawn *s, const struct failure *f, struct why *why)
{
	static const char *const steps[] = {[STEP_SESSION] = "setsid",
	    [STEP_DESCRIPTORS] = "placing descriptors",
	    [STEP_LIMITS] = "setting limits",
	    [STEP_USER] = "changing user",
	    [STEP_PARENT] = "watching its parent"};

	if (f->step == STEP_EXEC)
		say_exec(s, f->error, why);
	else if (f->step == STEP_INTERPRETER)
		(void)why_set(why, ERR_NOT_FOUND, "%s: its #! line names %s: %s", s->program,
		    f->interpreter, strerror(f->error));
	else if (f->step == STEP_BEGIN)
		(void)why_set(why, ERR_IO, "cannot enter %s: %s", s->begin_in, strerror(f->error));
	else
		(void)why_set(why, ERR_IO, "cannot start %s: %s: %s", s->program, steps[f->step],
		    strerror(f->error));
}

static pid_t
spawn_clone(int (*run)(void *arg), void *arg)
{
	char *stack_end = shared_memory() + STACK_BYTES;

	return clone(run, stack_end, SPAWN_FLAGS, arg);
}

pid_t
spawn_run(const struct spawn *s, struct why *why)
{
	struct failure *failure = (struct failure *)(void *)(shared_memory() + STACK_BYTES);
	struct child c = {.spawn = s, .failure = failure, .parent = getpid()};
	pid_t pid;

	*failure = (struct failure){.step = STEP_NONE};
	if ((pid = spawn_clone(run_child, &c)) < 0) {
		(void)why_set(why, ERR_IO, "no process for %s: %s", s->program, strerror(errno));
		return -1;
	}
	if (failure->step == STEP_NONE)
		return pid;
	say(s, failure, why);
	waitpid(pid, NULL, 0);
	return -1;
}

struct sweep {
	uid_t uid, killer;
};

/*
 * kill(-1) reaches whom our effective (or real) user may signal, in one sweep that no fork escapes. Whose real and saved
 * user is another one cannot be stopped by them meanwhile, and our own would be root.
 */
static int IN_CHILD
run_sweep(void *arg)
{
	const struct sweep *s = arg;

	if (syscall(SYS_setresuid, s->killer, s->uid, s->killer) == 0)
		kill(-1, SIGKILL);
	_exit(0);
}

void
spawn_kill_all_of(uid_t uid, uid_t killer)
{
	struct sweep s = {uid, killer};
	pid_t pid = spawn_clone(run_sweep, &s);

	if (pid > 0)
		waitpid(pid, NULL, 0);
}
