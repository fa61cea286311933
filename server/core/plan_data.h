/*
 * Emergency plans (应急预案): what to do when a kind of threat strikes, step by step in the order of PDCERF, who
 * does it and within how long. The campus's default plans for eight threats are in the program; a department's
 * own version has the same shape and is read by the same reader.
 *
 * For the fold, the routes and the documents. Default plans are read once, at the first question, and are never
 * freed; thread safe. Source: DOMAIN section 7, as in docs/incidents.md.
 */
#ifndef DRILLD_CORE_PLAN_DATA_H
#define DRILLD_CORE_PLAN_DATA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "core/config.h"
#include "core/terms.h"
#include <stddef.h>
#include <stdint.h>

#define PLANS_MAX 32
#define PLAN_STEPS_MAX 40
#define PLAN_CLASSES_MAX 20
#define PLAN_TEXT_MAX_BYTES 1000               /* of a step's or a summary's text in one language */
#define PLAN_WITHIN_MAX_MINUTES (60 * 24 * 60) /* sixty days */

/* Who takes a step. */
enum plan_role {
	PLAN_HEAD,
	PLAN_SECURITY_OFFICER,
	PLAN_ADMINISTRATOR,
	PLAN_DUTY,
	PLAN_USER,
	PLAN_DATA_OWNER,
	PLAN_CENTRE,
	PLAN_OFFICE,
	PLAN_PUBLICITY,
	PLAN_ROLES
};
extern const struct terms terms_plan_roles;

struct plan_step {
	const char *id; /* once in its plan */
	enum pdcerf phase;
	enum plan_role who;
	int within_minutes; /* from activation, 1 to PLAN_WITHIN_MAX_MINUTES */
	uint32_t
	    actions; /* 1u << ACT_..: any of these in this phase ticks it off; 0: only by hand */
	struct i18n text;
};

struct plan {
	const char *id; /* of the threat: "ransomware" */
	struct i18n name;
	struct i18n summary;
	const char *const *classes; /* codes of GB/T 20986 that it is for; may be none */
	size_t class_count;
	const struct plan_step *steps; /* phases never go back */
	size_t step_count;             /* at least 1 */
};

/* The campus's default plans. */
const struct plan *plan_defaults(size_t *count);

/* By id, or NULL; the one for a class of incidents (its code), or NULL if none says that it is for it. */
const struct plan *plan_default(const char *id);
/* "there are: a, b": for who names another. ERR_NOT_FOUND with why. */
enum err plan_no_default(const char *id, struct why *why) MUST_CHECK;
const struct plan *plan_for_class(const char *code);

/* The step's index, or -1. */
int plan_step_find(const struct plan *p, const char *id);

/*
 * One plan from JSON, its strings copied into the arena:
 * {"id","name":{zh,en},"summary":{zh,en},"classes":["0107"],"steps":[{"id","phase","who","within_minutes",
 * "actions":["isolate"],"text":{zh,en}}]}. A text needs one language, which then stands for both. Refuses unknown
 * keys, unknown words, ids that are there twice, phases that go back, texts over their limits or with control
 * characters; the sentence names the step.
 */
enum err plan_parse(
    const struct json_t *j, struct arena *arena, struct plan *out, struct why *why) MUST_CHECK;

/* {"plans":[...]}: what plan_defaults reads. Refuses an id or a class that two plans have. */
enum err plans_parse(const char *text, struct arena *arena, const struct plan **out, size_t *count,
    struct why *why) MUST_CHECK;

/* The plan as the object that plan_parse reads, keys sorted. */
void plan_encode(const struct plan *p, struct json_writer *w);

#endif
