/*
 * The checker's filter of system calls: what no check needs is refused, what checks are made of goes on. Each test is a
 * child, for a filter stays.
 */
#include "checker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs check behind the filter: it returns "" or what does not hold. */
static void
behind_filter(const char *(*check)(void))
{
	char said[128] = "";
	int fds[2], status;
	struct why why;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		const char *text;

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		text = sandbox_filter_calls(&why) == ERR_OK ? check() : why.text;
		(void)!write(fds[1], text, strlen(text));
		_exit(0);
	}
	close(fds[1]);
	(void)!read(fds[0], said, sizeof said - 1);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(said, "");
}

#define REFUSED(call, error)                                                                       \
	do {                                                                                       \
		errno = 0;                                                                         \
		if ((long)(call) != -1 || errno != (error))                                        \
			return #call;                                                              \
	} while (0)

static const char *
other_programs(void)
{
	static char *argv[] = {"/bin/true", NULL};

	REFUSED(execve("/bin/true", argv, argv), EPERM);
	REFUSED(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv, 0), EPERM);
	REFUSED(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM);
	REFUSED(syscall(SYS_clone3, NULL, 0), ENOSYS);
#if !defined(__SANITIZE_ADDRESS__) /* whose leak check needs them */
	REFUSED(fork(), EPERM);
	REFUSED(syscall(SYS_vfork), EPERM);
	REFUSED(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL), EPERM);
	REFUSED(kill(getppid(), 0), EPERM);
#endif
	return "";
}

static const char *
other_rights(void)
{
	REFUSED(setuid(getuid()), EPERM);
	REFUSED(setgroups(0, NULL), EPERM);
	REFUSED(unshare(CLONE_NEWUSER), EPERM);
	REFUSED(setns(0, 0), EPERM);
	REFUSED(mount("none", "/tmp", "tmpfs", 0, ""), EPERM);
	REFUSED(umount2("/nowhere", 0), EPERM);
	REFUSED(chroot("/"), EPERM);
	return "";
}

static const char *
the_kernel(void)
{
	REFUSED(syscall(SYS_bpf, 0, NULL, 0), EPERM);
	REFUSED(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), EPERM);
	REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
	REFUSED(syscall(SYS_finit_module, -1, "", 0), EPERM);
	REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM);
	REFUSED(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
	return "";
}

static const char *
families(void)
{
	static const int spoken[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

	for (int family = 0; family < 100; family++) {
		int fd = socket(family, SOCK_DGRAM, 0), is_spoken = 0;

		for (int i = 0; i < 4; i++)
			is_spoken |= spoken[i] == family;
		if (!is_spoken && (fd >= 0 || errno != EAFNOSUPPORT))
			return "a foreign family";
		if (is_spoken && fd < 0 && errno == EAFNOSUPPORT)
			return "a family of ours";
		if (fd >= 0)
			close(fd);
	}
	/* The kernel looks at the lower half alone. */
	REFUSED(syscall(SYS_socket, 0x100000000ul | AF_PACKET, SOCK_DGRAM, 0), EAFNOSUPPORT);
	return "";
}

static void *
in_thread(void *arg)
{
	struct addrinfo *found = NULL;

	(void)getaddrinfo("localhost", "80", NULL, &found);
	if (found != NULL)
		freeaddrinfo(found);
	return arg;
}

static const char *
what_checks_need(void)
{
	static char mark;
	pthread_t thread;
	void *back;
	int fd;

	if (pthread_create(&thread, NULL, in_thread, &mark) != 0)
		return "a thread";
	if (pthread_join(thread, &back) != 0 || back != &mark)
		return "its end";
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return "tcp";
	close(fd);
	/* A system may allow it to nobody: then it says so itself. */
	if (socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) < 0 && errno != EACCES && errno != EPERM)
		return "icmp";
	if ((fd = open("/etc/hosts", O_RDONLY)) < 0)
		return "a file";
	close(fd);
	return "";
}

static void
test_other_programs(void **state)
{
	(void)state;
	behind_filter(other_programs);
}

static void
test_other_rights(void **state)
{
	(void)state;
	behind_filter(other_rights);
}

static void
test_the_kernel(void **state)
{
	(void)state;
	behind_filter(the_kernel);
}

static void
test_families(void **state)
{
	(void)state;
	behind_filter(families);
}

static void
test_what_checks_need(void **state)
{
	(void)state;
	behind_filter(what_checks_need);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_other_programs),
	    cmocka_unit_test(test_other_rights),
	    cmocka_unit_test(test_the_kernel),
	    cmocka_unit_test(test_families),
	    cmocka_unit_test(test_what_checks_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
