/*
 * A challenge's checks as the checker runs them: the compiled program of docs/challenge.md read into
 * structs, its templates cut and its regular expressions compiled. Read once, then shared by all rounds of
 * the challenge. drilld has checked the YAML already; this reader still refuses whatever is not of the
 * documented shape. The checker's one thread.
 */
#ifndef DRILLD_CHECKER_PROGRAM_H
#define DRILLD_CHECKER_PROGRAM_H

#include "base/arena.h"
#include "base/err.h"
#include "checker/page.h"
#include "checker/pattern.h"
#include "checker/protocol.h"
#include "checker/random.h"
#include "checker/template.h"
#include "checker/vars.h"
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

#define STEPS_MAX 64       /* of a section, those of groups among them */
#define STEPS_RUN_MAX 1000 /* of one run: each loop at its largest, each try counted */
#define LOOPS_DEEP_MAX 2
#define LOOP_MAX 256 /* elements; also of a captured list */
#define CAPTURE_LIST_MAX LOOP_MAX
#define RETRY_MAX 3
#define STEP_ITEMS_MAX 64 /* headers, form members, rules, captures, lines of a talk: of a step */
#define SAVES_MAX 16      /* of a program */
#define VARS_MAX 64
#define DERIVED_MAX_BYTES 4096 /* of a variable made of others */
#define STEP_TIMEOUT_MAX_MS 60000
#define FOLLOW_MAX 10

enum rule_kind {
	RULE_STATUS,
	RULE_BODY_CONTAINS,
	RULE_BODY_LACKS,
	RULE_BODY_REGEX,
	RULE_BODY_REGEX_LACKS,
	RULE_HEADER,
	RULE_LATENCY_MS_MAX,
	RULE_SIZE_MIN,
	RULE_SIZE_MAX,
	RULE_SHA256,
	RULE_EQUALS,
	RULE_COUNT,
	RULE_JSON,
	RULE_NO_FOREIGN,
	RULE_NO_CODE,
	RULE_NO_HIDDEN,
	RULE_KINDS
};

/* What a JSON pointer must lead to: JSON text whose strings are templates. */
struct json_member {
	const char *pointer;
	struct template value;
};

struct rule {
	enum rule_kind kind;
	enum status fails;
	struct template text;    /* body_contains, body_lacks, equals */
	struct template other;   /* equals */
	struct pattern *pattern; /* body_regex, body_regex_lacks, header, count */
	const char *name;        /* header; count: the JSON pointer */
	int64_t number;          /* latency_ms_max, size_min, size_max */
	int64_t min, max;        /* count */
	int *statuses;
	size_t status_count;
	struct json_member *members; /* json */
	size_t member_count;
	struct page_rule page; /* no_foreign, no_code, no_hidden */
	uint8_t sha256[32];
};

enum capture_from { CAPTURE_JSON, CAPTURE_REGEX, CAPTURE_HEADER, CAPTURE_COOKIE, CAPTURE_FORM };

struct capture {
	const char *var;
	enum capture_from from;
	const char *arg;
	struct pattern *pattern; /* regex */
	bool all;                /* into a list */
	const char *otherwise;   /* the value if the answer has none, or NULL */
};

/* A header, a form's member (its name a template, too), or a saved value. */
struct named {
	struct template name;
	struct template value;
};

enum body_kind { BODY_NONE, BODY_TEXT, BODY_FORM, BODY_JSON, BODY_UPLOAD };

/* What is sent as it is: a text, or bytes. */
struct payload {
	struct template text;
	const char *bytes; /* NULL: the text */
	size_t len;
};

/* A part of a form with files (RFC 7578), or a mail's attachment. */
struct part {
	struct template name;     /* of the form's member; source NULL in a mail */
	struct template filename; /* source NULL: none, a plain member */
	const char *type;         /* NULL: curl's guess by the file's name */
	struct payload content;
};

struct tls_plan; /* tls_plan.h */

struct http_plan {
	const char *method;
	struct template path;
	struct named *headers;
	size_t header_count;
	enum body_kind body_kind;
	struct template body; /* text, JSON */
	struct named *form;
	size_t form_count;
	struct part *parts; /* upload */
	size_t part_count;
	const struct tls_plan *tls; /* NULL: none */
	int follow;
};

enum talk_kind { TALK_SEND, TALK_SEND_HEX, TALK_EXPECT, TALK_EXPECT_REGEX, TALK_STARTTLS };

struct talk {
	enum talk_kind kind;
	struct template text; /* send, expect */
	const char *bytes;    /* send_hex */
	size_t len;
	struct pattern *pattern; /* expect_regex */
};

struct tcp_plan {
	struct talk *talk;
	size_t talk_count;
	const struct tls_wishes *tls; /* NULL for tcp */
	bool starttls;                /* a line of the talk begins TLS, not the connection */
};

struct action; /* action.h */

/* Goes over a captured list: the steps that follow it in the section are its body. */
struct each {
	const char *var;
	const char *in;
	int64_t min, max; /* fewer elements are a failure, more are left out */
	size_t body;      /* steps, those of inner loops among them */
};

struct step {
	const char *name;
	const struct each *loop; /* it is none that asks anything; or NULL */
	enum status fails;       /* a capture or a list without what it wants; the rules' default */
	enum status unreachable; /* no connection, or no answer in time */
	int retry;               /* further tries after that */
	int64_t timeout_ms;      /* 0: what is left of the round */
	int port;                /* 0: the system's, or the action's own default */
	const struct action *action;
	const void *plan; /* what the action read of the program: http_plan, tcp_plan, ... */
	struct rule *rules;
	size_t rule_count;
	struct capture *captures;
	size_t capture_count;
	struct named *saves;
	size_t save_count;
};

/* What forcad's put answers: default: stdout is the new id; pfr: stderr is, stdout is public; nfr: neither. */
enum forcad_tag { FORCAD_DEFAULT, FORCAD_PFR, FORCAD_NFR };

enum section_kind { SECTION_PUT, SECTION_GET, SECTION_CHECK, SECTION_COUNT };

struct section {
	struct step *steps; /* those of groups after the group, in the order of the file */
	size_t count;
};

/* Drawn for each flag, or made of what is known at a run's beginning. */
struct variable {
	const char *name;
	bool derived;
	struct template value; /* derived */
	struct random_var random;
};

#define PLACES_MAX 64 /* of a checker that says how many it has */

struct external_round; /* external_round.h */

/* What a program has said of itself; asked once, then known to all its rounds. */
struct external_memo {
	bool known;
	int places;              /* 0: it has not said */
	int weights[PLACES_MAX]; /* how often each is chosen */
	struct external_round *asking;
	struct external_round *waiting; /* for what it says; the first came first */
};

/* How an external checker is run, as docs/checkers.md describes; what a contract has no use for is 0. */
struct external_plan {
	const char *dir;         /* the challenge's folder, absolute */
	const char *const *argv; /* the program and its fixed arguments, NULL at the end */
	const char *const *env;  /* "NAME=VALUE", NULL at the end */
	bool cwd_scratch;        /* it begins in its scratch directory instead of dir */
	int64_t cpu_s;
	int64_t memory_mb;
	int processes;
	int64_t file_mb;
	int64_t action_timeout_ms; /* of one start of the program; 0: what is left of the round */
	bool warm;                 /* a Python program that may be forked from a warm interpreter */
	enum forcad_tag forcad_tag;
	int puts, gets;             /* forcad */
	const char *url;            /* eno: "http://HOST:PORT" */
	struct external_memo *memo; /* the one part of a program that its rounds change */
};

/* What a program holds of another library; it is run when the program is freed. */
struct disposal {
	struct disposal *next;
	void (*run)(void *arg);
	void *arg;
};

struct program {
	enum contract contract;
	const struct external_plan *external; /* NULL for steps */
	struct section sections[SECTION_COUNT];
	struct variable *vars;
	size_t var_count;
	struct pattern **patterns; /* all of them, to free */
	size_t pattern_count;
	size_t pattern_cap;
	struct disposal *disposals;
	struct arena arena;
};

/* text: the "program" object. *out is the caller's: program_free. */
enum err program_read(
    const char *text, size_t len, struct program **out, struct why *why) MUST_CHECK;
void program_free(struct program *p);

const char *section_name(enum section_kind s); /* "put", "get", "check" */

#endif
