/*
 * Scoring policies: pure modules that see facts and yield rows.
 *
 * A policy never sees a clock, a journal or a name of a person. It keeps its own incremental state,
 * so that a closing tick costs what changed in it. The live drill (game.c) and the facts file
 * (facts.c) feed the same code. Teams, services and flags are dense indices; a flag's index is
 * given when it is issued.
 */
#ifndef DRILLD_CORE_SCORE_H
#define DRILLD_CORE_SCORE_H

#include "base/err.h"
#include "core/config.h"
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct score_team {
	const char *id; /* for ties: whole numbers by value before other ids by bytes */
	bool nop;
	bool active;
	bool attacker; /* owns no systems by its role (a red team): has rows for its attack points
			  alone */
};

struct score_setup {
	const struct score_team *teams; /* borrowed until the policy is closed, as is the rest */
	size_t team_count;
	const int *service_weights;
	size_t service_count;
	const struct param *params;
	size_t param_count;
};

enum fact_kind {
	FACT_FLAG,    /* flag `flag` of team and service issued in tick: dense, ascending  */
	FACT_CAPTURE, /* team captured `flag` in tick; repeats by one team count once      */
	FACT_CHECK,   /* status of team's service in tick, at most once each               */
	FACT_CLOSE,   /* tick is closed                                                    */
};

struct fact {
	enum fact_kind kind;
	int32_t tick;
	uint32_t team; /* owner of the flag or the service; for FACT_CAPTURE who took it */
	uint32_t service;
	uint32_t flag;
	enum status status;
};

/* One row per (team, service) that counts. */
struct score_row {
	uint32_t team;
	uint32_t service;
	double attack;
	double defense;
	double sla;
	double total;
};

struct policy {
	const char *name;
	/* *state is closed with close. ERR_INVALID with why for an unknown or bad parameter. */
	enum err (*open)(const struct score_setup *setup, void **state, struct why *why);
	void (*apply)(void *state, const struct fact *fact);
	/*
	 * Writes at most team_count * service_count rows, by team then service; returns how many. A
	 * question, not a fact: however often it is asked, and after which facts, later answers are
	 * the same.
	 */
	size_t (*rows)(void *state, struct score_row *out);
	/* What the last capture of this flag is worth to its captor at present. */
	double (*capture_points)(void *state, uint32_t flag);
	void (*close)(void *state);
};

extern const struct policy policy_faust;

/* By name, or NULL. policy_names: "faust" ... comma separated, for messages. */
const struct policy *policy_find(const char *name);
const char *policy_names(void);

/* A team's place. Teams that are NOP or have no row are not listed. */
struct rank_row {
	uint32_t team;
	uint32_t rank; /* 1..n, none shared: by unrounded total, ties by team id */
	double attack;
	double defense;
	double sla;
	double total;
};

/* Sums rows by team and ranks them; out takes team_count entries; returns how many are listed. */
size_t score_ranking(const struct score_setup *setup, const struct score_row *rows,
    size_t row_count, struct rank_row *out);

/*
 * SHA-256 over the rows as lines "TEAM SERVICE ATTACK DEFENSE SLA TOTAL\n" with ids and points in
 * millionths, rounded half away from zero: what checkpoints carry and verifiers recompute.
 */
void score_digest(const struct score_setup *setup, const char *const *service_ids,
    const struct score_row *rows, size_t row_count, uint8_t out[32]);

#endif
