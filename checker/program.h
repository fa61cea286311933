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
#include "checker/pattern.h"
#include "checker/protocol.h"
#include "checker/template.h"
#include "checker/vars.h"
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

#define STEPS_MAX 64      /* of a section */
#define STEP_ITEMS_MAX 64 /* headers, form members, rules, captures, lines of a talk: of a step */
#define SAVES_MAX 16      /* of a program */
#define VARS_MAX 64
#define STEP_TIMEOUT_MAX_MS 60000
#define FOLLOW_MAX 10

enum rule_kind {
	RULE_STATUS,
	RULE_BODY_CONTAINS,
	RULE_BODY_LACKS,
	RULE_BODY_REGEX,
	RULE_HEADER,
	RULE_LATENCY_MS_MAX,
	RULE_SIZE_MAX,
	RULE_SHA256,
	RULE_EQUALS
};

struct rule {
	enum rule_kind kind;
	enum status fails;
	struct template text;    /* body_contains, body_lacks, equals */
	struct template other;   /* equals */
	struct pattern *pattern; /* body_regex, header */
	const char *name;        /* header */
	int64_t number;          /* latency_ms_max, size_max */
	int *statuses;
	size_t status_count;
	uint8_t sha256[32];
};

enum capture_from { CAPTURE_JSON, CAPTURE_REGEX, CAPTURE_HEADER, CAPTURE_COOKIE };

struct capture {
	const char *var;
	enum capture_from from;
	const char *arg;
	struct pattern *pattern; /* regex */
};

/* A header, a form's member (its name a template, too), or a saved value. */
struct named {
	struct template name;
	struct template value;
};

enum body_kind { BODY_NONE, BODY_TEXT, BODY_FORM, BODY_JSON };

struct http_plan {
	const char *method;
	struct template path;
	struct named *headers;
	size_t header_count;
	enum body_kind body_kind;
	struct template body; /* text, JSON */
	struct named *form;
	size_t form_count;
	bool tls;
	int follow;
};

enum talk_kind { TALK_SEND, TALK_SEND_HEX, TALK_EXPECT, TALK_EXPECT_REGEX };

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
};

struct action; /* action.h */

struct step {
	const char *name;
	int64_t timeout_ms; /* 0: what is left of the round */
	int port;           /* 0: the system's, or the action's own default */
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
	struct step *steps;
	size_t count;
};

struct random_var {
	const char *name;
	enum random_kind kind;
	size_t length;
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

struct program {
	enum contract contract;
	const struct external_plan *external; /* NULL for steps */
	struct section sections[SECTION_COUNT];
	struct random_var *vars;
	size_t var_count;
	struct pattern **patterns; /* all of them, to free */
	size_t pattern_count;
	size_t pattern_cap;
	struct arena arena;
};

/* text: the "program" object. *out is the caller's: program_free. */
enum err program_read(
    const char *text, size_t len, struct program **out, struct why *why) MUST_CHECK;
void program_free(struct program *p);

const char *section_name(enum section_kind s); /* "put", "get", "check" */

#endif
