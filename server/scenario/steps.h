/*
 * The step language of challenge.yaml: what steps.c, loops.c, variables.c, action.c, rules.c, rules_page.c
 * and captures.c share. Private to them.
 *
 * Each *_compile checks one part of a step and writes its JSON; after a mistake what it writes is only
 * well-formed, since the program is thrown away.
 */
#ifndef DRILLD_SCENARIO_STEPS_H
#define DRILLD_SCENARIO_STEPS_H

#include "base/json.h"
#include "scenario/fields.h"
#include "scenario/template.h"

#define STEPS_MAX 64       /* of a section, those of groups among them */
#define STEPS_RUN_MAX 1000 /* of a run: every loop at its largest, every try counted */
#define LOOPS_DEEP_MAX 2
#define LOOP_MAX 256 /* elements */
#define RETRY_MAX 3
#define COUNT_MAX 10000 /* of the rule count */
#define CAPTURE_MAX_BYTES 4096
#define ENTRIES_MAX 64 /* headers, form members, rules, captures, lines of a talk: of a step */
#define SAVES_MAX 16   /* of put, in all */
#define VARS_MAX 64    /* of a challenge */
#define STEP_ACTIONS_MAX 24
#define STEP_NAME_MAX_BYTES 200
#define STEP_TEXT_MAX_BYTES (256 * 1024)
#define STEP_TIMEOUT_MS_MAX 60000
#define SIZE_MAX_BYTES (1024 * 1024)

struct in_step {
	struct place at;
	struct text name;
	struct node actions[STEP_ACTIONS_MAX]; /* in the order of steps.c's table; one is given */
	struct number timeout_ms, retry;
	struct text fails, unreachable;
	struct list assert_list;
	struct node capture, save, each, steps;
};

struct section;

struct in_assert {
	struct place at;
	struct text fails;
	struct node status;
	struct text body_contains, body_lacks, body_regex, body_regex_lacks;
	struct node header;
	struct number latency_ms_max, size_min, size_max;
	struct text sha256;
	struct node equals, count, json, no_foreign, no_code, no_hidden, allow;
};

/* What a step can do: each compiles its own part and writes it under its name (the table is in steps.c). */
struct step_action {
	const char *name;
	void (*compile)(struct section *s, yaml_node_t *node);
	bool has_status; /* the rule status means something */
	int status_min;  /* what it may ask for; 0 and 0: 100 to 599 */
	int status_max;
	bool has_headers; /* header rules, header and cookie captures do */
};

enum section_kind { SECTION_PUT, SECTION_GET, SECTION_CHECK };

/* Compiling one section. */
struct section {
	struct reader *r;
	struct json_writer *w;
	enum section_kind kind;
	const char *name;
	int64_t round_ms;
	const char *dir;                  /* the challenge's folder, absolute; NULL in the fuzzer */
	const struct step_action *action; /* the present step's, or NULL after a mistake */
	const char *fails;                /* what a failure of the present step means */
	int loops;                        /* around the present step */
	size_t count;                     /* steps so far, those of groups among them */
	struct scope lists;               /* lists that steps may go over */
	struct scope scope; /* names that the present step's action and assert may use */
	struct scope
	    after; /* with its own captures, which come after assert: for save and later steps */
	struct scope *saved; /* what put saves */
};

extern const struct record assert_record;

void compile_http(struct section *s, yaml_node_t *node);
void compile_tcp(struct section *s, yaml_node_t *node);
void compile_tls(struct section *s, yaml_node_t *node);
void compile_dns(struct section *s, yaml_node_t *node);
void compile_icmp(struct section *s, yaml_node_t *node);
void compile_greeting(struct section *s, yaml_node_t *node); /* mysql, rdp, ssh, vnc */
void compile_postgresql(struct section *s, yaml_node_t *node);
void compile_ftp(struct section *s, yaml_node_t *node);
void compile_smb(struct section *s, yaml_node_t *node);
void compile_sftp(struct section *s, yaml_node_t *node);
void compile_smtp(struct section *s, yaml_node_t *node);
void compile_imap(struct section *s, yaml_node_t *node);
void compile_pop3(struct section *s, yaml_node_t *node);
void compile_ldap(struct section *s, yaml_node_t *node);
void compile_mqtt(struct section *s, yaml_node_t *node);
void compile_telnet(struct section *s, yaml_node_t *node);
void rules_assert(struct section *s, const struct in_step *step);
/* To be called first: makes s->after of s->scope and the captured names. */
void rules_capture(struct section *s, const struct in_step *step);
void rules_save(struct section *s, const struct in_step *step);
/* The rules that take more than a text or a number; each writes "rule", "value" and what else belongs to it. */
void rule_count(struct section *s, yaml_node_t *node);
void rule_json(struct section *s, yaml_node_t *node);
void rule_page(struct section *s, const struct in_assert *in);
/* For text that a rule of "rule" and "value" consists of: the key of the value is written. */
void rule_write(struct section *s, const char *rule);

/* "down", "mumble" or "corrupt", or otherwise if none was given. */
const char *step_result(
    struct reader *r, const struct text *given, const char *key, const char *otherwise);
/* RFC 6901; says so if it is none. */
void step_pointer(struct reader *r, struct place at, const char *key, const char *pointer);

/* "vars": [...]; adds their names. known: what they may be made of. */
void vars_compile(struct reader *r, struct json_writer *w, yaml_node_t *node, struct scope *known);

/*
 * A step that goes over a list, with an action or with steps of its own: {"each", "name", "steps"}. write writes those.
 * Returns the most exchanges it comes to in a run.
 */
int64_t loop_compile(struct section *s, const struct in_step *step,
    int64_t (*write)(struct section *s, const struct in_step *step));

/* A text anywhere in a step: any bytes without NUL. NULL after a mistake. */
const char *step_text(struct reader *r, yaml_node_t *node, const char *key);
/* The text as a regular expression, in which templates do not work. */
void step_regex(struct reader *r, struct place at, const char *pattern, size_t groups);
/* headers, form and their like: [[NAME, VALUE], ...] under the key what; a header's value is one line. */
void step_pairs(struct section *s, yaml_node_t *node, const char *what, bool header);
/* Hex digits, between which spaces may stand; they are left out. */
const char *step_hex(struct reader *r, const char *key, const struct text *hex);
/* A header's name or a cookie's (RFC 9110 section 5.6.2). */
bool step_token(const char *s);

#endif
