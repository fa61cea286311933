/*
 * What the files that read a compiled program share: program.c (the object and its sections),
 * program_var.c (its variables),
 * program_step.c (a step), program_rule.c (its rules), program_capture.c, *_plan.c (its action),
 * program_external.c (a program of another contract).
 */
#ifndef DRILLD_CHECKER_PROGRAM_READ_H
#define DRILLD_CHECKER_PROGRAM_READ_H

#include "base/json.h"
#include "checker/program.h"

struct reading {
	struct program *program;
	struct why *why;
	enum section_kind section;
	int loops; /* around the present step */
};

/* All write r->why; strings land in the program's arena. A missing list is an empty one. */
enum err reading_list(struct reading *r, const struct json_t *o, const char *key, size_t max,
    const struct json_t **out, size_t *count) MUST_CHECK;
enum err reading_name(
    struct reading *r, const struct json_t *j, const char *what, const char **out) MUST_CHECK;
enum err reading_template(
    struct reading *r, const struct json_t *j, const char *what, struct template *out) MUST_CHECK;
enum err reading_pattern(
    struct reading *r, const struct json_t *j, struct pattern **out) MUST_CHECK;
enum err reading_pair(
    struct reading *r, const struct json_t *pair, const char *what, struct named *out) MUST_CHECK;
enum err reading_pairs(struct reading *r, const struct json_t *o, const char *key, size_t max,
    struct named **out, size_t *count) MUST_CHECK;

/* A JSON pointer. */
enum err reading_pointer(struct reading *r, const struct json_t *j, const char **out) MUST_CHECK;
/* A result that a failure means, down, mumble or corrupt; left as it is if there is no such key. */
enum err reading_result(
    struct reading *r, const struct json_t *o, const char *key, enum status *out) MUST_CHECK;

/* "port" of an action, 1 to 65535; 0 if it has none. */
enum err reading_port(struct reading *r, const struct json_t *o, int *out) MUST_CHECK;
/* run(arg) when the program is freed, whether it was read to its end or not. */
void reading_dispose(struct reading *r, void (*run)(void *arg), void *arg);
/* Whether a text holds control characters: it would not stay on its line of a protocol. */
bool reading_has_control(const char *s);

/* A program that names a contract other than steps. */
enum err program_read_external(struct reading *r, const struct json_t *o) MUST_CHECK;

enum err program_read_rules(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;
enum err program_read_captures(
    struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;
enum err program_read_var(
    struct reading *r, const struct json_t *o, struct variable *out) MUST_CHECK;
/* o: {"name", "each": {...}, "steps": [...]} -> out->loop, its body's length left open. */
enum err program_read_loop(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;
enum err program_read_step(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;

#endif
