/* The launcher's line: what a checker that has been taken over might send is refused field by field. */
#include "checker/launcher_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct wire_message message;
static struct wire_request request;
static struct why why;

static struct wire_start *
head(void)
{
	return (struct wire_start *)(void *)message.bytes;
}

/* A good start, in message. */
static void
make(void)
{
	static const char *const argv[] = {"./checker", "put", "", NULL}, *const env[] = {
									      "A=1", NULL};
	const struct exec_options o = {.argv = argv, .env = env, .dir = "/challenges/one"};
	struct buf b;

	buf_init(&b, WIRE_MAX_BYTES);
	assert_int_equal(wire_write_start(&b, &o, 77, &why), ERR_OK);
	memcpy(message.bytes, b.data, b.len);
	message.len = b.len;
	buf_free(&b);
}

static enum err
read_it(size_t fds)
{
	return wire_read_start(message.bytes, message.len, fds, &request, &why);
}

static void
test_reads_back(void **state)
{
	(void)state;
	make();
	assert_int_equal(read_it(2), ERR_OK);
	assert_int_equal(request.id, 77);
	assert_string_equal(request.dir, "/challenges/one");
	assert_string_equal(request.argv[0], "./checker");
	assert_string_equal(request.argv[2], "");
	assert_null(request.argv[3]);
	assert_string_equal(request.env[0], "A=1");
	assert_null(request.env[1]);
	assert_int_equal(request.limits.cpu_s, EXEC_CPU_DEFAULT_S);
	assert_int_equal(request.limits.processes, EXEC_PROCESSES_DEFAULT);
	assert_false(request.duplex);
}

static void
test_every_field(void **state)
{
	static const struct exec_limits none;

	(void)state;
	make();
	assert_int_equal(read_it(4), ERR_INVALID); /* descriptors that nobody has asked for */
	assert_int_equal(read_it(0), ERR_INVALID);
	make(), head()->duplex = 1;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->duplex = 2;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->cwd = 7;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->argc = 0xffffffff;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->argc = 2; /* a string too many */
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->envc = 9;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->strings_bytes++;
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), message.bytes[message.len - 1] = 'x'; /* no NUL at the end */
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), message.bytes[sizeof(struct wire_start)] = '.'; /* dir is not absolute */
	assert_int_equal(read_it(2), ERR_INVALID);
	make(), head()->limits = none;
	assert_int_equal(read_it(2), ERR_LIMIT);
	make(), head()->limits.files = EXEC_FILES_MAX + 1;
	assert_int_equal(read_it(2), ERR_LIMIT);
	make(), head()->limits.file_bytes = -1;
	assert_int_equal(read_it(2), ERR_LIMIT);
}

/* Cut at any place it is refused, and nothing beyond its end is read (the sanitized build sees to that). */
static void
test_cut_anywhere(void **state)
{
	size_t whole;

	(void)state;
	make();
	whole = message.len;
	for (size_t len = 0; len < whole; len++) {
		char *copy = malloc(len + 1);

		memcpy(copy, message.bytes, len);
		assert_int_not_equal(wire_read_start(copy, len, 2, &request, &why), ERR_OK);
		free(copy);
	}
}

static void
test_descriptors_travel(void **state)
{
	int pair[2], pipes[2], fds[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(pipe(pipes), 0);
	fds[0] = pipes[1];
	fds[1] = pipes[1];
	assert_int_equal(wire_receive(pair[1], &message), ERR_BUSY);
	assert_int_equal(wire_send(pair[0], "x", 1, fds, 2), ERR_OK);
	assert_int_equal(wire_receive(pair[1], &message), ERR_OK);
	assert_int_equal(message.len, 1);
	assert_int_equal(message.fd_count, 2);
	assert_int_equal(write(message.fds[1], "y", 1), 1);
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	close(message.fds[0]);
	close(message.fds[1]);
	close(pair[0]);
	assert_int_equal(wire_receive(pair[1], &message), ERR_CLOSED);
	assert_int_equal(wire_send(pair[1], "x", 1, NULL, 0), ERR_CLOSED);
	close(pair[1]);
	close(pipes[0]);
	close(pipes[1]);
}

/* More of either than a message may have: refused, and no descriptor stays open. */
static void
test_too_much(void **state)
{
	static char text[WIRE_MAX_BYTES + 1];
	int pair[2], before, after, fds[8];
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof fds)];
	} control = {0};
	struct iovec data = {text, 1};
	struct msghdr m = {.msg_iov = &data,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(wire_send(pair[0], text, sizeof text, NULL, 0), ERR_OK);
	assert_int_equal(wire_receive(pair[1], &message), ERR_INVALID);
	control.head = (struct cmsghdr){
	    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fds)};
	for (int i = 0; i < 8; i++)
		fds[i] = pair[0];
	memcpy(CMSG_DATA(&control.head), fds, sizeof fds);
	before = dup(0);
	close(before);
	assert_int_equal(sendmsg(pair[0], &m, 0), 1);
	assert_int_equal(wire_receive(pair[1], &message), ERR_INVALID);
	after = dup(0);
	assert_int_equal(after, before);
	close(after);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_back),
	    cmocka_unit_test(test_every_field),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_descriptors_travel),
	    cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
