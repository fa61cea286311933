/*
 * What drilld and drill-checker say to each other: JSON, one object a line, over the socketpair on
 * the checker's fd 3. The only header of checker/ that server/ includes. Every field is checked by
 * the reader.
 *
 * drilld -> checker
 *   {"type":"program","challenge":NAME,"program":{...}}       before the first job that names it;
 * docs/challenge.md
 *   {"type":"job","job":N,"challenge":NAME,"host":H,"port":P,"tick":T,"timeout_ms":MS,
 *    "tick_ms":MS,"team":{"id":ID,"name":TEXT,"number":N},"state"?:{...},"verbose"?:true,
 *    "put":[{"flag":F,"seed":HEX16,"slot":S}],
 *    "get":[{"flag":F,"saved":{...},"seed":HEX16,"slot":S,"tick":T}]}
 * checker -> drilld
 *   {"type":"ready","sandbox":"bubblewrap"|"rlimits","note":TEXT}   once, at the start: what external
 *                                                             programs run in, and what is to be said of that
 *   {"type":"result","job":N,"status":NAME,"ms":MS,"message":TEXT,"trace":TEXT,"saved":{...},
 *    "state"?:{...}}
 *
 * put: this tick's flags, one per slot; they are read back in the same round. get: older flags, the newest
 * tick first: those that were placed, or for the contract faust those of all the last FAUST_TICKS ticks.
 * saved: an object whose members are strings: `s0.NAME` for a value that slot 0's put saved. It
 * comes back in "get" of later ticks for that tick's flag, the prefix taken off. `s0.public` is what teams may
 * know to find the flag's place (attack information).
 * state: an object whose members are strings, kept for the system as long as the drill lasts: the job carries
 * all of it, the result what is to be added or replaced; left out when there is none.
 * team: the department; number counts the departments from 1 in the scenario's order.
 * verbose: the trace may be TRACE_MAX_BYTES long instead of MESSAGE_MAX_BYTES (drillctl probe).
 */
#ifndef DRILLD_CHECKER_PROTOCOL_H
#define DRILLD_CHECKER_PROTOCOL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKER_FD 3
/* JOB_FLAGS_MAX older flags with all that may be saved, and the system's state */
#define JOB_LINE_MAX_BYTES (640 * 1024)
#define PROGRAM_LINE_MAX_BYTES (1024 * 1024)
#define RESULT_LINE_MAX_BYTES (256 * 1024)
#define TRACE_MAX_BYTES (64 * 1024)
#define FAUST_TICKS 5 /* before the present one, whose flags a checkerscript may ask for */
#define JOB_FLAGS_MAX 64
#define SAVED_PLACED                                                                               \
	"placed" /* s0.placed: slot 0's flag is in the system, later rounds look for it */
#define SAVED_PUBLIC "public"
#define VARIABLE_NAME_MAX_BYTES 64
#define EXEC_USER_DEFAULT "2100000000" /* nobody's: above what SSSD and systemd give out */
#define EXEC_JOBS_MAX                                                                              \
	1024 /* external programs of a checker at a time; as root each has a uid of its own */

/* How a challenge's checker is spoken to: PROTOCOLS section 1, docs/checkers.md. */
enum contract {
	CONTRACT_STEPS,
	CONTRACT_FORCAD,
	CONTRACT_HACKERDOM,
	CONTRACT_CTF01D,
	CONTRACT_FAUST,
	CONTRACT_ENO,
	CONTRACT_EXPLOIT, /* no way to check: an attack that a retest runs */
	CONTRACT_COUNT
};

/* "steps", "forcad", ...; contract_parse accepts the same. */
const char *contract_name(enum contract c);
bool contract_parse(const char *name, enum contract *out);

struct job_flag {
	int32_t tick;
	int slot;
	const char *flag;
	const char *seed;  /* 16 hex digits */
	const char *saved; /* canonical JSON object, or "" */
};

struct job {
	uint64_t id;
	const char *challenge;
	const char *host;
	int port;
	int32_t tick;
	int64_t timeout_ms;
	int64_t tick_ms;
	const char *team_id;
	const char *team_name;
	int team_number;
	const char *state; /* canonical JSON object of strings, or "" */
	bool verbose;
	struct job_flag put[JOB_FLAGS_MAX];
	size_t put_count;
	struct job_flag get[JOB_FLAGS_MAX];
	size_t get_count;
};

struct job_result {
	uint64_t id;
	enum status status; /* ok recovering corrupt mumble down fault */
	int64_t ms;
	const char *message; /* at most MESSAGE_MAX_BYTES, UTF-8 */
	const char *trace;
	const char *saved; /* canonical JSON object of strings, at most SAVED_MAX_BYTES, or "" */
	const char
	    *state; /* the same, at most STATE_MAX_BYTES: what is added to the system's state */
};

enum line_type { LINE_PROGRAM, LINE_JOB, LINE_READY, LINE_RESULT };

/* Append one line without the newline. */
void protocol_write_program(struct buf *out, const char *challenge, const char *program_json);
void protocol_write_job(struct buf *out, const struct job *job);
void protocol_write_ready(struct buf *out, const char *sandbox, const char *note);
void protocol_write_result(struct buf *out, const struct job_result *r);

/*
 * Makes a line of text what a message or trace may be, in place: control characters become blanks, what is
 * not UTF-8 question marks. A program's texts may hold anything, and cutting one may split a character.
 */
void protocol_make_plain(char *text, size_t len);

/*
 * A line read by the checker (program, job) or by drilld (ready, result); the other side's types
 * are refused by the direction given. Strings land in the arena.
 */
struct line {
	enum line_type type;
	const char *challenge; /* program */
	const char *program;   /* program: canonical JSON */
	struct job *job;
	struct job_result result;
	const char *sandbox; /* ready: "bubblewrap" or "rlimits" */
	const char *note;    /* ready: plain text, at most MESSAGE_MAX_BYTES */
};
enum line_direction { TO_CHECKER, FROM_CHECKER };
enum err protocol_read(enum line_direction direction, const char *text, size_t len,
    struct arena *arena, struct line *out, struct why *why) MUST_CHECK;

/* Names of variables and saved values: a letter or _, then letters, digits and _. */
bool protocol_name_valid(const char *name, size_t len);

#endif
