/*
 * What exec.c and the launcher say to each other over their SOCK_SEQPACKET pair: one struct a message, in the
 * machine's own layout, for both ends are one program. A start carries its strings behind the struct and its
 * descriptors beside it. The reader of a start checks every field: a checker that has been taken over may send anything.
 */
#ifndef DRILLD_CHECKER_LAUNCHER_WIRE_H
#define DRILLD_CHECKER_LAUNCHER_WIRE_H

#include "base/buf.h"
#include "checker/exec.h"

#define WIRE_MAX_BYTES (EXEC_STRINGS_MAX_BYTES + 1024)
#define WIRE_FDS_MAX 4 /* become 1, 2 and, in a duplex start, 3, 4 */

enum wire_type {
	WIRE_HELLO = 1, /* launcher: it is ready */
	WIRE_START,     /* checker */
	WIRE_SIGNAL,    /* checker */
	WIRE_ENDED      /* launcher: once for each start */
};

struct wire_hello {
	uint32_t type;
	uint32_t bubblewrap;
	char note[WHY_MAX];
};

struct wire_start {
	uint32_t type;
	uint32_t duplex;
	uint32_t cwd;
	uint32_t argc;
	uint32_t envc;
	uint32_t strings_bytes; /* dir, argv, env, each with its NUL, behind the struct */
	uint64_t id;
	struct exec_limits limits; /* no 0 */
};

struct wire_signal {
	uint32_t type;
	int32_t number; /* SIGTERM or SIGKILL */
	uint64_t id;
};

/* Sent without what why does not fill. */
struct wire_ended {
	uint32_t type;
	int32_t started;
	int32_t code;
	int32_t signal;
	uint64_t id;
	char why[WHY_MAX];
};

/* A start as the launcher reads it; strings point into the message. */
struct wire_request {
	uint64_t id;
	const char *dir;
	char *argv[EXEC_ARGS_MAX + 1];
	char *env[EXEC_ARGS_MAX + 1];
	struct exec_limits limits;
	enum exec_cwd cwd;
	bool duplex;
};

/* ERR_INVALID or ERR_LIMIT with why if an option breaks its rule. */
enum err wire_write_start(
    struct buf *out, const struct exec_options *o, uint64_t id, struct why *why) MUST_CHECK;
/* bytes must be aligned for any type, and outlive out. */
enum err wire_read_start(
    char *bytes, size_t len, size_t fd_count, struct wire_request *out, struct why *why) MUST_CHECK;

/* ERR_BUSY: the pair is full (only if it does not block); ERR_CLOSED: the other end is gone. */
enum err wire_send(int fd, const void *bytes, size_t len, const int *fds, size_t count) MUST_CHECK;

struct wire_message {
	_Alignas(16) char bytes[WIRE_MAX_BYTES];
	size_t len;
	int fds[WIRE_FDS_MAX]; /* the receiver's to close; close on exec */
	size_t fd_count;
};
/* Never waits. ERR_BUSY: nothing there; ERR_CLOSED: the other end is gone; ERR_INVALID: it was too long. */
enum err wire_receive(int fd, struct wire_message *m) MUST_CHECK;

#endif
