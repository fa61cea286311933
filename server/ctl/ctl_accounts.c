/*
 * drillctl accounts, passwords and token: who may sign in, and what they sign in with. For the admin.
 */
#include "base/mem.h"
#include "core/config.h"
#include "ctl/online.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 10000 /* accounts a drill may have */

struct names_options {
	struct online_options online;
	char *const *names; /* into argv */
	size_t count;
};

/*
 * Options of the server's and account ids, up to max. The ids are moved to the front of argv, which
 * lives as long as the program. The exit code, or 0 to go on.
 */
static int
names_read(
    struct names_options *o, const struct command *c, int argc, char **argv, size_t names_max)
{
	*o = (struct names_options){.names = argv + 1};
	for (int i = 1; i < argc; i++) {
		switch (online_option(&o->online, c, argv, &i)) {
		case ONLINE_TAKEN:
			continue;
		case ONLINE_WRONG:
			return EXIT_USAGE;
		case ONLINE_OTHER:
			break;
		}
		if (argv[i][0] == '-')
			return command_usage(c, "no option %s", argv[i]);
		if (o->count == names_max)
			return command_usage(c, "unexpected argument \"%s\"", argv[i]);
		if (!id_valid(argv[i])) /* it becomes part of a path */
			return command_usage(
			    c, "\"%s\" is not an account: small letters, digits and -", argv[i]);
		argv[++o->count] = argv[i];
	}
	return EXIT_HOLDS;
}

/* POST /api/v1/accounts/{id}/WHAT, for the new secret that the answer holds. Free the answer. */
static enum err
issue(struct online *n, const char *id, const char *what, struct json_t **answer, struct why *why)
{
	char path[ID_MAX_BYTES + 64];
	enum err e;

	snprintf(path, sizeof path, "/api/v1/accounts/%s/%s", id, what);
	if ((e = online_post(n, path, "", answer, why)) != ERR_OK)
		return e;
	if (jr_string(jr_get(*answer, what), NULL) != NULL)
		return ERR_OK;
	jr_free(*answer);
	return why_set(why, ERR_IO, "the answer holds no %s; is this drilld?", what);
}

/* ---- accounts ---- */

static const char *
yes_no(const struct json_t *account, const char *key)
{
	return jr_boolean(jr_get(account, key), false) ? "yes" : "no";
}

static int
accounts_show(struct online *n)
{
	struct json_t *list;
	struct why why;
	enum err e = online_get(n, "/api/v1/accounts", &list, &why);

	if (e != ERR_OK)
		return online_fail(&command_accounts, e, &why);
	printf("%-24s %-9s %-24s %-9s %s\n", "account", "role", "team", "password", "token");
	for (size_t i = 0; i < jr_count(list); i++) {
		const struct json_t *a = jr_at(list, i);

		printf("%-24s %-9s %-24s %-9s %s\n", online_text(a, "id"), online_text(a, "role"),
		    online_text(a, "team"), yes_no(a, "has_password"), yes_no(a, "has_token"));
	}
	jr_free(list);
	return EXIT_HOLDS;
}

static int
accounts_run(int argc, char **argv)
{
	struct names_options o;
	struct online *n;
	int code;

	if ((code = names_read(&o, &command_accounts, argc, argv, 0)) != EXIT_HOLDS ||
	    (code = online_open(&command_accounts, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = accounts_show(n);
	online_close(n);
	return code;
}

const struct command command_accounts = {
    .name = "accounts",
    .usage = "accounts " ONLINE_USAGE,
    .help = "Lists the accounts of a drill, and whether each has a password and a token. Wants the "
	    "role admin.\n"
	    "\n" ONLINE_HELP "\n"
	    "exit: 0 printed, 1 refused, 2 wrong command line or no server there",
    .run = accounts_run,
};

/* ---- passwords ---- */

static const struct json_t *
account_find(const struct json_t *list, const char *id)
{
	for (size_t i = 0; i < jr_count(list); i++)
		if (strcmp(online_text(jr_at(list, i), "id"), id) == 0)
			return jr_at(list, i);
	return NULL;
}

static bool
is_named(const struct names_options *o, const char *id)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->names[i], id) == 0)
			return true;
	return false;
}

/* Named, or, where nobody is named, without a password so far. */
static bool
wants_password(const struct names_options *o, const struct json_t *account)
{
	if (o->count > 0)
		return is_named(o, online_text(account, "id"));
	return !jr_boolean(jr_get(account, "has_password"), true);
}

/* Each slip goes out at once: the server will not tell a password a second time. */
static enum err
print_slip(struct online *n, const struct json_t *account, struct why *why)
{
	const char *id = online_text(account, "id");
	struct json_t *answer;
	enum err e;

	if (!id_valid(id))
		return why_set(why, ERR_IO, "the server names an account that cannot be one");
	if ((e = issue(n, id, "password", &answer, why)) != ERR_OK)
		return e;
	printf("account   %s\nrole      %s\nteam      %s\npassword  %s\n\n", id,
	    online_text(account, "role"), online_text(account, "team"),
	    online_text(answer, "password"));
	if (fflush(stdout) != 0)
		e = why_set(why, ERR_IO, "%s has a new password that could not be printed", id);
	jr_free(answer);
	return e;
}

/* Who has signed in comes last: a new password ends that account's sessions, this one too. */
static enum err
print_slips(struct online *n, const struct names_options *o, const struct json_t *list,
    size_t *printed, struct why *why)
{
	const char *self = o->online.login != NULL ? o->online.login : "";
	enum err e;

	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < jr_count(list); i++) {
			const struct json_t *a = jr_at(list, i);

			if (!wants_password(o, a) ||
			    (strcmp(online_text(a, "id"), self) == 0) != (turn == 1))
				continue;
			if ((e = print_slip(n, a, why)) != ERR_OK)
				return e;
			++*printed;
		}
	return ERR_OK;
}

/* Nobody gets a new password if one of the names is wrong. */
static enum err
all_there(const struct names_options *o, const struct json_t *list, struct why *why)
{
	for (size_t i = 0; i < o->count; i++)
		if (account_find(list, o->names[i]) == NULL)
			return why_set(why, ERR_NOT_FOUND,
			    "no account \"%s\"; no password has been changed", o->names[i]);
	return ERR_OK;
}

static int
passwords_issue(struct online *n, const struct names_options *o)
{
	struct json_t *list;
	struct why why;
	size_t printed = 0;
	enum err e = online_get(n, "/api/v1/accounts", &list, &why);

	if (e != ERR_OK)
		return online_fail(&command_passwords, e, &why);
	if ((e = all_there(o, list, &why)) == ERR_OK)
		e = print_slips(n, o, list, &printed, &why);
	jr_free(list);
	if (e != ERR_OK)
		return online_fail(&command_passwords, e, &why);
	if (printed == 0)
		fputs("drillctl passwords: every account has one; name those that need another\n",
		    stderr);
	return EXIT_HOLDS;
}

static int
passwords_run(int argc, char **argv)
{
	struct names_options o;
	struct online *n;
	int code;

	if ((code = names_read(&o, &command_passwords, argc, argv, NAMES_MAX)) != EXIT_HOLDS ||
	    (code = online_open(&command_passwords, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = passwords_issue(n, &o);
	online_close(n);
	return code;
}

const struct command command_passwords = {
    .name = "passwords",
    .usage = "passwords [ACCOUNT ...] " ONLINE_USAGE,
    .help =
	"Issues a new password to each account named or, if none is, to each that has none yet, "
	"and\n"
	"prints a slip for each to cut out and hand over. The server keeps only a hash: what is\n"
	"printed here is printed nowhere else. An account's old password and sessions end. Wants\n"
	"the role admin.\n"
	"\n" ONLINE_HELP "\n"
	"exit: 0 printed, 1 refused, 2 wrong command line or no server there",
    .run = passwords_run,
};

/* ---- token ---- */

static int
token_issue(struct online *n, const char *id)
{
	struct json_t *answer;
	struct why why;
	enum err e = issue(n, id, "token", &answer, &why);
	bool printed;

	if (e != ERR_OK)
		return online_fail(&command_token, e, &why);
	printed = puts(online_text(answer, "token")) != EOF && fflush(stdout) == 0;
	jr_free(answer);
	if (printed)
		return EXIT_HOLDS;
	fprintf(stderr, "drillctl token: %s has a new token that could not be printed\n", id);
	return EXIT_FAILS;
}

static int
token_run(int argc, char **argv)
{
	struct names_options o;
	struct online *n;
	int code;

	if ((code = names_read(&o, &command_token, argc, argv, 1)) != EXIT_HOLDS)
		return code;
	if (o.count == 0)
		return command_usage(&command_token, "name the account");
	if ((code = online_open(&command_token, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = token_issue(n, o.names[0]);
	online_close(n);
	return code;
}

const struct command command_token = {
    .name = "token",
    .usage = "token ACCOUNT " ONLINE_USAGE,
    .help =
	"Issues a new token to an account, for its tools, and prints it alone on a line. The old\n"
	"token is void from then on. Wants the role admin.\n"
	"\n" ONLINE_HELP "\n"
	"exit: 0 printed, 1 refused, 2 wrong command line or no server there",
    .run = token_run,
};
