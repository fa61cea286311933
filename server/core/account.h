/*
 * Accounts: who may sign in, as which role, for which team. Part of the fold: created and changed
 * by events only. Sessions are not facts and live in api/session.h.
 */
#ifndef DRILLD_CORE_ACCOUNT_H
#define DRILLD_CORE_ACCOUNT_H

#include "base/err.h"
#include "base/hash.h"
#include "core/role.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCOUNTS_MAX 20000

struct account {
	char *id;
	size_t place; /* in the table */
	enum role role;
	int team;       /* index into the configuration's teams, or -1 */
	int department; /* of a judge who works for one: they never mark it; or -1 */
	uint32_t drawn; /* reports that were drawn to this judge (judging.h) */
	char *password; /* scrypt text or NULL: cannot sign in by password */
	bool has_token;
	uint8_t token[SHA256_BYTES]; /* SHA-256 of the bearer token */
};

struct account_table {
	struct account **items; /* in order of creation; pointers stay valid */
	size_t count;
	struct account_index *index;
};

/* "clock", "checker", "server": who acts in events where no account does; no account is called so. */
bool account_id_reserved(const char *id);

void accounts_free(struct account_table *t);
/* ERR_CONFLICT if the id is taken, ERR_LIMIT past ACCOUNTS_MAX. */
enum err accounts_add(struct account_table *t, const char *id, enum role role, int team) MUST_CHECK;
struct account *accounts_find(const struct account_table *t, const char *id); /* or NULL */
struct account *accounts_find_token(
    const struct account_table *t, const uint8_t hash[SHA256_BYTES]);
void accounts_set_password(struct account *a, const char *scrypt_text);
void accounts_set_token(
    struct account_table *t, struct account *a, const uint8_t hash[SHA256_BYTES]);

#endif
