#include "checker/launcher_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the rules of a start, for both ends ---- */

static enum err
check_range(const char *what, int64_t value, int64_t min, int64_t max, struct why *why)
{
	if (value >= min && value <= max)
		return ERR_OK;
	return why_set(why, ERR_LIMIT, "%s of %lld; %lld to %lld is allowed", what,
	    (long long)value, (long long)min, (long long)max);
}

static enum err
check_limits(const struct exec_limits *l, struct why *why)
{
	enum err e;

	if ((e = check_range("a limit on CPU seconds", l->cpu_s, 1, EXEC_CPU_MAX_S, why)) !=
		ERR_OK ||
	    (e = check_range("a limit on memory", l->memory_bytes, EXEC_MEMORY_MIN_BYTES,
		 EXEC_MEMORY_MAX_BYTES, why)) != ERR_OK ||
	    (e = check_range("a limit on processes", l->processes, 1, EXEC_PROCESSES_MAX, why)) !=
		ERR_OK ||
	    (e = check_range("a limit on a file's size", l->file_bytes, EXEC_FILE_MIN_BYTES,
		 EXEC_FILE_MAX_BYTES, why)) != ERR_OK)
		return e;
	return check_range("a limit on open files", l->files, EXEC_FILES_MIN, EXEC_FILES_MAX, why);
}

static struct exec_limits
with_defaults(const struct exec_limits *l)
{
	return (struct exec_limits){
	    .cpu_s = l->cpu_s != 0 ? l->cpu_s : EXEC_CPU_DEFAULT_S,
	    .memory_bytes = l->memory_bytes != 0 ? l->memory_bytes : EXEC_MEMORY_DEFAULT_BYTES,
	    .processes = l->processes != 0 ? l->processes : EXEC_PROCESSES_DEFAULT,
	    .file_bytes = l->file_bytes != 0 ? l->file_bytes : EXEC_FILE_DEFAULT_BYTES,
	    .files = l->files != 0 ? l->files : EXEC_FILES_DEFAULT,
	};
}

static enum err
check_variable(const char *text, struct why *why)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		return why_set(
		    why, ERR_INVALID, "the variable \"%.60s\"; NAME=VALUE is expected", text);
	return ERR_OK;
}

static enum err
check_strings(const char *dir, const char *const *argv, const char *const *env, struct why *why)
{
	enum err e;

	if (dir == NULL || dir[0] != '/')
		return why_set(why, ERR_INVALID,
		    "the folder \"%.200s\" of a program is not absolute", dir != NULL ? dir : "");
	if (argv == NULL || argv[0] == NULL || argv[0][0] == '\0')
		return why_set(why, ERR_INVALID, "a program without a name");
	for (; env != NULL && *env != NULL; env++)
		if ((e = check_variable(*env, why)) != ERR_OK)
			return e;
	return ERR_OK;
}

/* ---- writing ---- */

static uint32_t
put_list(struct buf *out, const char *const *list)
{
	uint32_t n = 0;

	for (; list != NULL && list[n] != NULL && n <= EXEC_ARGS_MAX; n++)
		buf_put(out, list[n], strlen(list[n]) + 1);
	return n;
}

enum err
wire_write_start(struct buf *out, const struct exec_options *o, uint64_t id, struct why *why)
{
	struct wire_start head = {.type = WIRE_START,
	    .duplex = o->duplex,
	    .cwd = o->cwd,
	    .id = id,
	    .limits = with_defaults(&o->limits)};
	enum err e;

	if ((e = check_limits(&head.limits, why)) != ERR_OK ||
	    (e = check_strings(o->dir, o->argv, o->env, why)) != ERR_OK)
		return e;
	buf_put(out, &head, sizeof head);
	buf_put(out, o->dir, strlen(o->dir) + 1);
	head.argc = put_list(out, o->argv);
	head.envc = put_list(out, o->env);
	if (head.argc > EXEC_ARGS_MAX || head.envc > EXEC_ARGS_MAX)
		return why_set(why, ERR_LIMIT, "a program with more than %d arguments or variables",
		    EXEC_ARGS_MAX);
	if (buf_err(out) != ERR_OK || out->len - sizeof head > EXEC_STRINGS_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "a program's arguments and variables are longer than %d bytes together",
		    EXEC_STRINGS_MAX_BYTES);
	head.strings_bytes = (uint32_t)(out->len - sizeof head);
	memcpy(out->data, &head, sizeof head);
	return ERR_OK;
}

/* ---- reading ---- */

/* The next string, or NULL if there is no NUL before the end. */
static char *
take_string(char **at, char *end)
{
	char *s = *at, *nul = memchr(s, '\0', (size_t)(end - s));

	if (nul == NULL)
		return NULL;
	*at = nul + 1;
	return s;
}

static bool
take_list(char **at, char *end, uint32_t count, char **out)
{
	for (uint32_t i = 0; i < count; i++)
		if ((out[i] = take_string(at, end)) == NULL)
			return false;
	out[count] = NULL;
	return true;
}

enum err
wire_read_start(char *bytes, size_t len, size_t fd_count, struct wire_request *out, struct why *why)
{
	struct wire_start head;
	char *at = bytes + sizeof head, *end = bytes + len;
	enum err e;

	if (len < sizeof head)
		return why_set(why, ERR_INVALID, "a start of %zu bytes", len);
	memcpy(&head, bytes, sizeof head);
	out->id = head.id;
	if (head.argc > EXEC_ARGS_MAX || head.envc > EXEC_ARGS_MAX || head.duplex > 1 ||
	    head.cwd > EXEC_CWD_DIR || head.strings_bytes > EXEC_STRINGS_MAX_BYTES ||
	    head.strings_bytes != len - sizeof head || fd_count != (head.duplex ? 4 : 2))
		return why_set(why, ERR_INVALID, "a start whose numbers do not hold together");
	out->dir = take_string(&at, end);
	if (out->dir == NULL || !take_list(&at, end, head.argc, out->argv) ||
	    !take_list(&at, end, head.envc, out->env) || at != end)
		return why_set(why, ERR_INVALID, "a start whose strings do not fit its length");
	if ((e = check_limits(&head.limits, why)) != ERR_OK)
		return e;
	out->limits = head.limits;
	out->cwd = head.cwd;
	out->duplex = head.duplex;
	return check_strings(
	    out->dir, (const char *const *)out->argv, (const char *const *)out->env, why);
}

/* ---- the socket ---- */

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
};

static enum err
socket_error(void)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return ERR_BUSY;
	return errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED : ERR_IO;
}

enum err
wire_send(int fd, const void *bytes, size_t len, const int *fds, size_t count)
{
	struct iovec data = {(void *)bytes, len};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	union control control = {0};
	struct cmsghdr *c;
	ssize_t n;

	if (count > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(count * sizeof *fds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof *fds);
		memcpy(CMSG_DATA(c), fds, count * sizeof *fds);
	}
	while ((n = sendmsg(fd, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return n >= 0 ? ERR_OK : socket_error();
}

static void
take_descriptors(struct msghdr *m, struct wire_message *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		out->fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(out->fds, CMSG_DATA(c), out->fd_count * sizeof(int));
	}
}

enum err
wire_receive(int fd, struct wire_message *out)
{
	struct iovec data = {out->bytes, sizeof out->bytes};
	union control control;
	struct msghdr m = {.msg_iov = &data,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes};
	ssize_t n;

	out->fd_count = out->len = 0;
	while ((n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return socket_error();
	take_descriptors(&m, out);
	out->len = (size_t)n;
	if (n == 0)
		return ERR_CLOSED;
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		return ERR_OK;
	while (out->fd_count > 0)
		close(out->fds[--out->fd_count]);
	return ERR_INVALID;
}
