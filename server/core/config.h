/*
 * What a drill is made of, as the core needs it: the content of the journal's first event,
 * drill.opened.
 *
 * The scenario floor fills it from YAML, the core encodes it into the journal and decodes it again,
 * so a journal alone is enough to fold, verify and rescore. Everything lives in one arena.
 * Addresses, phone numbers and checks are not here: they are in the scenario (and, where the
 * journal must remember them, in the event's secret part).
 */
#ifndef DRILLD_CORE_CONFIG_H
#define DRILLD_CORE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "core/report_limits.h"
#include "core/ticket_rules.h"
#include "core/truth_config.h"
#include "core/workdays.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_MAX_BYTES 64    /* [a-z0-9][a-z0-9-]*, so that ids are safe in paths, metrics and logs */
#define NAME_MAX_BYTES 200 /* of a display name in one language */
#define TEAMS_MAX 1000     /* departments and red teams together */
#define SERVICES_MAX 100
#define SYSTEMS_MAX 10000
#define SLOTS_MAX 8 /* flag places per system */
#define TICK_MS_MIN 1000
#define TICK_MS_MAX (3600 * 1000)
#define TICKS_MAX 100000
#define FLAG_TICKS_MAX 1000
#define FLAG_PREFIX_MAX_BYTES 16 /* [A-Za-z0-9_]+ */
#define PARAMS_MAX 32
#define FLAGS_MAX 100000000u /* flag places of all systems x ticks */

/* Text in the drill's two languages; neither is NULL (a missing one repeats the other). */
struct i18n {
	const char *zh;
	const char *en;
};

enum team_kind { TEAM_BLUE, TEAM_RED };

struct team_config {
	const char *id;
	struct i18n name;
	enum team_kind kind;
	bool nop;         /* a blue team that only shows what an undefended system looks like */
	const char *home; /* red only: its own department (whose flags are its own), or NULL */
};

/* One kind of service; a team has at most one system of each. */
struct service_config {
	const char *id;
	struct i18n name;
	int weight; /* >= 1 */
};

struct system_config {
	const char *id;
	struct i18n name;
	uint16_t team;    /* index into teams: its owner, a blue team */
	uint16_t service; /* index into services */
	uint8_t mlps;     /* protection level 1..5, 0 = not filed */
	uint8_t slots;    /* flag places, 1..SLOTS_MAX */
	int weight;       /* >= 1 */
};

struct rubric; /* rubric.h */

struct param {
	const char *key;
	const char *value;
};

#define RULES_TEXT_MAX_BYTES 20000
#define RULES_FORBIDDEN_MAX 100
#define RULES_FORBIDDEN_MAX_BYTES 1000
#define RULES_VERSION_MAX_BYTES 64

/* The rules of engagement, which every red account accepts before it submits anything. */
struct rules_config {
	const char *version;
	struct i18n text;
	struct i18n *forbidden; /* actions */
	size_t forbidden_count;
	bool all;       /* every system may be attacked */
	bool *in_scope; /* else these, by system */
};

/* When a department is told that a confirmed attack result concerns one of its systems. */
enum show_blue { SHOW_AFTER_END, SHOW_AFTER_CONFIRMATION, SHOW_NEVER, SHOW_COUNT };

struct drill_config {
	struct arena arena;
	const char *id;
	struct i18n name;
	const char *time_zone; /* IANA name */
	int64_t start_ms;      /* wall time of the planned start; 0 = by hand */
	int64_t tick_ms;
	int32_t ticks; /* the drill ends by itself after tick number ticks - 1 has closed */
	int32_t flag_ticks;
	const char *flag_prefix;
	const char *policy;
	struct param *params;
	size_t param_count;
	bool public_board; /* the board is readable without signing in */
	struct team_config *teams;
	size_t team_count;
	struct service_config *services;
	size_t service_count;
	struct system_config *systems;
	size_t system_count;
	struct report_limits report_limits;
	struct calendar calendar;    /* not in the journals of drills opened before there was one */
	struct ticket_rules tickets; /* the same */
	struct rules_config *rules;  /* NULL: none */
	enum show_blue show_blue;    /* confirmed attack results */
	struct truth_config truth;
	const struct rubric *rubric; /* NULL: the default one, see rubric_of */
	const char *sign_key; /* Ed25519 public key, 64 hex digits; set by the server when it opens
				 the drill */
};

/* Canonical JSON of the configuration as one object. */
void config_encode(const struct drill_config *c, struct json_writer *w);

/*
 * Fills *c (zeroed by the caller) from config_encode's object, holding every limit above. Strings
 * are copied into c->arena; the caller ends with config_free in either case.
 */
enum err config_decode(const struct json_t *j, struct drill_config *c, struct why *why) MUST_CHECK;
void config_free(struct drill_config *c);

/* The rules alone, as one object: what is hashed and accepted. c->rules is not NULL. */
void config_encode_rules(const struct drill_config *c, struct json_writer *w);

/* {"en","zh"} */
void i18n_encode(const struct i18n *t, struct json_writer *w);

const char *show_blue_name(enum show_blue s); /* "after_end", ... */
bool show_blue_parse(const char *name, enum show_blue *out);

/* Index by id, or -1. Linear: for loading; the game keeps hash tables of its own. */
int config_system(const struct drill_config *c, const char *id);

bool id_valid(const char *id);
bool flag_prefix_valid(const char *prefix);

#endif
