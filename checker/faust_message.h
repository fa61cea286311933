/*
 * What a checkerscript of the contract faust says on its descriptor 4: one JSON object a line, {"action",
 * "param"}. Pure. Source: ctf-gameserver (github.com/fausecteam/ctf-gameserver), checker/supervisor.py and
 * master.py, checkerlib/lib.py.
 */
#ifndef DRILLD_CHECKER_FAUST_MESSAGE_H
#define DRILLD_CHECKER_FAUST_MESSAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAUST_FLAGID_MAX 200 /* characters */

enum faust_action {
	FAUST_FLAG,
	FAUST_FLAGID,
	FAUST_LOAD,
	FAUST_STORE,
	FAUST_LOG,
	FAUST_RESULT,
	FAUST_ACTIONS
};

struct faust_message {
	enum faust_action action;
	bool has_number;   /* FLAG, RESULT: it could be read as a number */
	int64_t number;    /* FLAG: the tick; RESULT; LOG: the line, or 0 */
	const char *text;  /* FLAGID; LOAD and STORE: the key; LOG: the message */
	const char *data;  /* STORE; LOG: "PATH" or "" */
	const char *level; /* LOG: "INFO", ... */
};

/*
 * ERR_INVALID: no message of the contract; the original logs it, does not answer, and goes on. ERR_LIMIT: a
 * message that ends the check there (its parameter is of the wrong kind) or is over a limit here. Strings land in
 * the arena.
 */
enum err faust_read(const char *line, size_t len, struct arena *arena, struct faust_message *out,
    struct why *why) MUST_CHECK;

/* What a RESULT's number says; false if it is none of the contract's. */
bool faust_status(int64_t number, enum status *out);

#endif
