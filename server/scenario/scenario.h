/*
 * The organizer's YAML file -> struct scenario, with every mistake named by line and column.
 *
 * Used by drilld at start and by `drillctl check`; both accept exactly the same files. Parses with
 * libyaml's document tree, so that each value keeps its place and no mistake hides the next one.
 * docs/scenario.md is the reference for people; docs/challenge.md for challenge.yaml.
 */
#ifndef DRILLD_SCENARIO_SCENARIO_H
#define DRILLD_SCENARIO_SCENARIO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "checker/protocol.h"
#include "core/config.h"
#include "core/inject.h"
#include "core/role.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario_system {
	const char *challenge; /* index by name into challenges */
	const char *host;      /* IP address text, or a host name */
	int port;
	const char *incharge_post; /* the post in charge, or "" */
};

struct scenario_account {
	const char *id;
	enum role role;
	const char *team; /* or ""; a judge's is the department that the judge works for */
};

struct post {
	const char *department;
	const char *id;
	struct i18n title;
	const char *holder; /* or "" */
	const char *phone;  /* or "" */
};

struct challenge {
	const char *id;
	struct i18n title;
	enum contract contract;
	int port;
	int64_t timeout_ms;
	int slots;
	/* canonical JSON of what the checker needs: docs/challenge.md, docs/checkers.md */
	const char *program;
	/* the same of its exploit, which a retest runs; NULL: it has none */
	const char *exploit;
	enum contract exploit_contract; /* CONTRACT_STEPS or CONTRACT_EXPLOIT */
	int64_t exploit_ms;             /* what it may take */
};

#define CHECKER_PROCESSES_MAX 16
#define CHECKER_IN_FLIGHT_MAX 100000

/* How the checks are run on this machine: no part of the drill's config, it may be another at each start. */
struct scenario_checkers {
	unsigned processes;              /* 0: not said */
	unsigned in_flight;              /* of each process; 0: not said */
	unsigned limits[CONTRACT_COUNT]; /* at once in all; 0: not said */
};

/* The relay that takes the drill's mails. No part of the drill's config: host NULL, there is none. */
struct scenario_mail {
	const char *host; /* an IP address without brackets, or a name */
	int port;
	bool implicit; /* smtps: TLS from the first byte */
	bool tls;      /* nothing goes without it */
	const char *from;
	struct i18n from_name;     /* zh NULL: none */
	const char *user;          /* or NULL */
	const char *password_env;  /* with user, one of these two: a variable's name, */
	const char *password_file; /* an absolute path */
	const char *ca;            /* a file of certificates, or NULL: the system's */
	int64_t timeout_ms;        /* for one mail */
};

#define CONTACTS_MAX 20

/* Where a team's mails go. Personal: neither in the journal nor in anything public. */
struct scenario_contacts {
	const char **mail;
	size_t count;
};

#define HOOK_ARGUMENTS_MAX 32

/* A program of the organizers', executable_check has passed. */
struct scenario_hook {
	const char *const *argv; /* argv[0] an absolute path, NULL at the end; NULL: none */
	int64_t timeout_ms;
};

struct scenario {
	struct drill_config config;      /* sign_key is NULL here */
	struct scenario_system *systems; /* parallel to config.systems */
	struct scenario_account *accounts;
	size_t account_count;
	struct post *posts;
	size_t post_count;
	struct challenge *challenges;
	size_t challenge_count;
	struct scenario_checkers checkers;
	struct scenario_contacts *contacts; /* parallel to config.teams */
	struct scenario_mail mail;
	struct scenario_hook kill;
	struct inject_plan *injects; /* in the order in which they are made */
	size_t inject_count;
	struct arena arena;
};

#define SCENARIO_FILE_MAX_BYTES (4u * 1024 * 1024)

/*
 * Loads and checks FILE and the challenges it names (DIR/NAME/challenge.yaml). Every mistake is
 * appended to mistakes as one line "FILE:LINE:COLUMN: what is wrong and what would be right\n".
 * ERR_OK only without any, ERR_INVALID with some; ERR_NOT_FOUND or ERR_IO, with one line "FILE: why", if
 * FILE itself cannot be read. All that out points to, out->config included, lives in out->arena; the
 * caller ends with scenario_free in either case.
 */
enum err scenario_load(const char *file, const char *challenges_dir, struct scenario *out,
    struct buf *mistakes) MUST_CHECK;
void scenario_free(struct scenario *s);

/* Index by id, or NULL. */
const struct challenge *scenario_challenge(const struct scenario *s, const char *id);

#endif
