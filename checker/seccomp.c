#include "base/asan.h"
#include "checker/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define FAMILIES_KNOWN 64 /* more than Linux has */

/* What fails with EPERM. A list of what is refused, not of what is allowed: libraries find new calls with every release. */
static const int refused[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    /* other processes: looking into them, taking their descriptors */
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(kcmp),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(move_pages),
    /* another user, other rights, other namespaces */
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setfsuid),
    SCMP_SYS(setfsgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(capset),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(chroot),
    SCMP_SYS(pivot_root),
    /* file systems */
    SCMP_SYS(mount),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(quotactl),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    /* the kernel itself */
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(acct),
    SCMP_SYS(syslog),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(vhangup),
};

/* With clone unless it makes a thread. LeakSanitizer forks, traces and signals at the end. */
static const int refused_but_for_asan[] = {
    SCMP_SYS(ptrace), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(kill)};

/* As if the kernel had none: who asks has another way. io_uring would go around this filter. */
static const int missing[] = {SCMP_SYS(clone3), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register)};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static int
add_all(scmp_filter_ctx f, const int *calls, size_t count, uint32_t action)
{
	int e = 0;

	for (size_t i = 0; i < count && e == 0; i++)
		e = seccomp_rule_add(
		    f, action, calls[i], 0); /* nothing for one of another machine */
	return e;
}

static bool
is_spoken(int family)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (families[i] == family)
			return true;
	return false;
}

/* Rule by rule, for one rule may look at an argument but once. The kernel takes the lower half of it. */
static int
add_socket(scmp_filter_ctx f)
{
	const uint32_t no = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	int e = 0;

	for (int n = 0; n < FAMILIES_KNOWN && e == 0; n++)
		if (!is_spoken(n))
			e = seccomp_rule_add(f, no, SCMP_SYS(socket), 1,
			    SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffu, (scmp_datum_t)n));
	if (e == 0)
		e = seccomp_rule_add(
		    f, no, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, FAMILIES_KNOWN, 0));
	return e;
}

#define COUNT(list) (sizeof list / sizeof list[0])

static int
add_rules(scmp_filter_ctx f)
{
	const uint32_t no = SCMP_ACT_ERRNO(EPERM);
	int e;

	if ((e = add_all(f, refused, COUNT(refused), no)) != 0 ||
	    (e = add_all(f, missing, COUNT(missing), SCMP_ACT_ERRNO(ENOSYS))) != 0 ||
	    (e = add_socket(f)) != 0 || UNDER_ASAN)
		return e;
	if ((e = add_all(f, refused_but_for_asan, COUNT(refused_but_for_asan), no)) != 0)
		return e;
	return seccomp_rule_add(
	    f, no, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
}

enum err
sandbox_filter_calls(struct why *why)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int e = f != NULL ? add_rules(f) : -ENOMEM;

	if (e == 0)
		e = seccomp_load(f);
	if (f != NULL)
		seccomp_release(f);
	if (e == 0)
		return ERR_OK;
	return why_set(
	    why, ERR_UNSUPPORTED, "no system call is filtered: seccomp: %s", strerror(-e));
}
