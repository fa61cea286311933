/*
 * drillctl's way to a running server: options, credentials and one JSON call at a time over libcurl.
 * Who asks is told by a token (environment DRILL_TOKEN, or --token-file) or by signing in (--login, with
 * the password from DRILL_PASSWORD or asked for without echo); no secret is ever on the command line,
 * where every user of the machine could read it. For the commands in server/ctl; one thread.
 */
#ifndef DRILLD_CTL_ONLINE_H
#define DRILLD_CTL_ONLINE_H

#include "base/json.h"
#include "ctl/ctl.h"

/* For a command's usage and help. */
#define ONLINE_USAGE "--url URL [--login ACCOUNT | --token-file FILE] [--cacert FILE] [--insecure]"
#define ONLINE_HELP                                                                                \
	"  --url URL          the server, such as https://drill.example.edu or "                   \
	"http://127.0.0.1:8000\n"                                                                  \
	"  --login ACCOUNT    sign in; the password is taken from DRILL_PASSWORD, or asked for\n"  \
	"  --token-file FILE  the file holds an account's token; else DRILL_TOKEN is one\n"        \
	"  --cacert FILE      trust this certificate (PEM) instead of the system's\n"              \
	"  --insecure         allow http:// to another machine: secrets cross the network in the " \
	"clear\n"

struct online_options {
	const char *url;
	const char *login;
	const char *token_file;
	const char *cacert;
	bool insecure;
};

struct online;

/* What online_option found at argv[*i]. */
enum online_taken {
	ONLINE_TAKEN, /* one of the options above; *i stands on its last word */
	ONLINE_OTHER, /* not one of them */
	ONLINE_WRONG, /* one of them without its value: told already, return EXIT_USAGE */
};
enum online_taken online_option(
    struct online_options *o, const struct command *c, char **argv, int *i);

/* Reads the credentials and signs in if asked to. Returns EXIT_HOLDS, or the exit code after telling why. */
int online_open(
    const struct command *c, const struct online_options *o, struct online **out) MUST_CHECK;
/* Signs out; NULL is fine. */
void online_close(struct online *n);

/*
 * GET, or POST or DELETE with a body of JSON ("" for none). On success *out is the answer, freed by the caller with
 * jr_free. A refusal is the server's own sentence; a server that cannot be reached is ERR_IO.
 */
enum err online_get(
    struct online *n, const char *path, struct json_t **out, struct why *why) MUST_CHECK;
enum err online_post(struct online *n, const char *path, const char *body, struct json_t **out,
    struct why *why) MUST_CHECK;

enum err online_delete(struct online *n, const char *path, const char *body, struct json_t **out,
    struct why *why) MUST_CHECK;

/* value is what stands behind the option name, NULL if nothing does; EXIT_HOLDS, or the exit code after telling why. */
int online_value(
    const struct command *c, const char **out, const char *name, const char *value) MUST_CHECK;
/* "A-B", or "A" for A-A, from 0; false for anything else. */
bool online_ticks(const char *text, int64_t *from, int64_t *to);
/* Digits alone. */
bool online_number(const char *text, int64_t *out);
/* An integer member, or 0. */
int64_t online_int(const struct json_t *object, const char *key);

/* A member that is a text, or "-"; drillctl prints it, so control characters make it "?". */
const char *online_text(const struct json_t *object, const char *key);

/* Prints "drillctl NAME: WHY" and returns the exit code: refused is EXIT_FAILS, not to be had EXIT_USAGE. */
int online_fail(const struct command *c, enum err e, const struct why *why);

#endif
