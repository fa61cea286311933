/*
 * drillctl retest: runs the exploit of a ticket's challenge against its system and gives the result to the server, with
 * the log as its evidence. What is attacked stands in the scenario: the ticket names the system, never an address.
 */
#include "base/mem.h"
#include "base/text.h"
#include "checker/protocol.h"
#include "core/ticket.h"
#include "ctl/ctl.h"
#include "ctl/online.h"
#include "ctl/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/v1/tickets"
#define PATH_BYTES 96
#define OUTPUT_MAX_BYTES (64u * 1024 * 1024)
#define BODY_MAX_BYTES (128u * 1024)

struct options {
	struct online_options online;
	const char *file;
	int64_t ticket;
	const char *challenges, *checker, *user, *exec_user, *sandbox;
	bool dry_run;
};

/* ---- the command line ---- */

static const char **
value_of(struct options *o, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {{"--challenges", &o->challenges}, {"--checker", &o->checker},
	    {"--checker-user", &o->user}, {"--exec-user", &o->exec_user},
	    {"--sandbox", &o->sandbox}};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].value;
	return NULL;
}

static int
take_word(struct options *o, char **argv, int *i)
{
	const char *word = argv[*i];
	const char **value;

	switch (online_option(&o->online, &command_retest, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	if ((value = value_of(o, word)) != NULL)
		return online_value(&command_retest, value, word, argv[++*i]);
	if (strcmp(word, "--dry-run") == 0)
		o->dry_run = true;
	else if (word[0] == '-')
		return command_usage(&command_retest, "no option %s", word);
	else if (o->file == NULL)
		o->file = word;
	else if (o->ticket == 0 && online_number(word, &o->ticket) && o->ticket > 0)
		return EXIT_HOLDS;
	else
		return command_usage(&command_retest, "what is \"%s\" for?", word);
	return EXIT_HOLDS;
}

static int
options_read(struct options *o, int argc, char **argv)
{
	int code;

	for (int i = 1; i < argc; i++)
		if ((code = take_word(o, argv, &i)) != EXIT_HOLDS)
			return code;
	if (o->file == NULL)
		return command_usage(&command_retest, "which SCENARIO?");
	return o->ticket > 0 ? EXIT_HOLDS : command_usage(&command_retest, "which TICKET?");
}

/* ---- the ticket ---- */

static void
ticket_path(const struct options *o, const char *step, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, PATH "/%" PRId64 "%s", o->ticket, step);
}

/* Its system's index in the scenario, whose challenge has an exploit. */
static enum err
find_system(const struct scenario *s, const struct json_t *ticket, size_t *out, struct why *why)
{
	const char *id = jr_string(jr_get(ticket, "system"), NULL);
	int system = id != NULL ? config_system(&s->config, id) : -1;

	if (id == NULL)
		return why_set(
		    why, ERR_CONFLICT, "the ticket is about no system: retest it by hand");
	if (system < 0)
		return why_set(why, ERR_NOT_FOUND,
		    "the scenario has no system \"%s\": is it this drill's?", id);
	*out = (size_t)system;
	return scenario_challenge(s, s->systems[system].challenge)->exploit != NULL
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "challenge %s has no exploit: retest \"%s\" by hand",
			 s->systems[system].challenge, id);
}

/* Who has begun the retest that is under way. */
static const char *
retester(const struct json_t *ticket)
{
	const struct json_t *steps = jr_get(ticket, "steps");
	const char *by = "";

	for (size_t i = 0; i < jr_count(steps); i++)
		if (strcmp(online_text(jr_at(steps, i), "kind"), "retest_begun") == 0)
			by = online_text(jr_at(steps, i), "by");
	return by;
}

/* A retest that is under way is ended by who began it, or by the direction: the server's rule, asked before the attack. */
static enum err
goes_on(struct online *n, const struct json_t *ticket, struct why *why)
{
	struct json_t *session = NULL;
	const char *role;
	enum err e = online_get(n, "/api/v1/session", &session, why);

	if (e != ERR_OK)
		return e;
	role = online_text(session, "role");
	if (strcmp(role, "director") != 0 && strcmp(role, "admin") != 0 &&
	    strcmp(online_text(session, "account"), retester(ticket)) != 0)
		e = why_set(
		    why, ERR_CONFLICT, "\"%.64s\" is retesting the ticket", retester(ticket));
	jr_free(session);
	return e;
}

/* Whoever runs this takes the retest on: the server says whether they may, before anything is attacked. */
static enum err
take_on(const struct options *o, struct online *n, const struct json_t *ticket, struct why *why)
{
	const char *state = jr_string(jr_get(ticket, "state"), NULL);
	struct json_t *answer = NULL;
	char path[PATH_BYTES];
	enum err e;

	if (o->dry_run)
		return ERR_OK;
	if (state != NULL && strcmp(state, "retesting") == 0)
		return goes_on(n, ticket, why);
	ticket_path(o, "/retest", path);
	if ((e = online_post(n, path, "{}", &answer, why)) == ERR_OK)
		jr_free(answer);
	return e;
}

/* ---- the attack ---- */

/* The scenario with exploits in the place of checks, without flags. Its arrays are the caller's to free. */
static struct scenario
attacking(const struct scenario *s)
{
	struct scenario a = *s;

	a.challenges = mem_array(s->challenge_count, sizeof *a.challenges);
	a.config.systems = mem_array(s->config.system_count, sizeof *a.config.systems);
	memcpy(a.challenges, s->challenges, s->challenge_count * sizeof *a.challenges);
	memcpy(
	    a.config.systems, s->config.systems, s->config.system_count * sizeof *a.config.systems);
	for (size_t i = 0; i < a.challenge_count; i++) {
		struct challenge *c = &a.challenges[i];

		if (c->exploit == NULL)
			continue;
		c->program = c->exploit;
		c->contract = c->exploit_contract;
		c->timeout_ms = c->exploit_ms;
	}
	for (size_t i = 0; i < a.config.system_count; i++)
		a.config.systems[i].slots = 0;
	return a;
}

/* What the round of an exploit says of the weakness. */
static enum retest_result
result_of(const struct trial_result *r)
{
	switch (r->status) {
	case ST_OK:
		return RETEST_VULNERABLE;
	case ST_MUMBLE:
	case ST_CORRUPT:
		return RETEST_FIXED;
	default:
		return RETEST_UNCLEAR;
	}
}

/* What a ticket's text may not hold becomes a question mark: it came from a system that others have been at. */
static void
put_clean(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		for (n = 1; i + n < len && ((unsigned char)s[i + n] & 0xc0) == 0x80; n++)
			;
		if (text_check(s + i, n, TEXT_LINE, NULL) == ERR_OK)
			buf_put(out, s + i, n);
		else
			buf_putc(out, '?');
	}
}

/* The log: what the exploit said, then every step; fit for a ticket and for a terminal. */
static void
write_log(const struct trial_result *r, struct buf *out)
{
	const char *trace = r->trace;

	buf_printf(out, "exploit: %s, %lld ms\n", term_id(&terms_retest_results, (int)result_of(r)),
	    (long long)r->ms);
	if (r->message[0] != '\0') {
		put_clean(out, r->message, strlen(r->message));
		buf_putc(out, '\n');
	}
	while (*trace != '\0') {
		size_t len = strcspn(trace, "\n");

		put_clean(out, trace, len);
		buf_putc(out, '\n');
		trace += len + (trace[len] == '\n');
	}
}

static void
print_target(const struct scenario *s, size_t system)
{
	const char *host = s->systems[system].host;

	printf(strchr(host, ':') != NULL ? "%s at [%s]:%d, exploit of challenge %s\n"
					 : "%s at %s:%d, exploit of challenge %s\n",
	    s->config.systems[system].id, host, s->systems[system].port,
	    s->systems[system].challenge);
	fflush(stdout);
}

/* ERR_OK: *result and log are what came of it. */
static enum err
attack(const struct options *o, const struct scenario *s, size_t system, enum retest_result *result,
    struct buf *log, struct why *why)
{
	struct scenario a = attacking(s);
	struct trial_options to = {.scenario = &a,
	    .program = o->checker,
	    .user = o->user,
	    .exec_user = o->exec_user,
	    .sandbox = o->sandbox,
	    .in_flight = 1,
	    .ticks_max = 1};
	bool *wanted = mem_array(s->config.system_count, sizeof *wanted);
	struct trial *t;
	enum err e;

	wanted[system] = true;
	if ((e = trial_open(&to, &t, why)) == ERR_OK) {
		const struct trial_result *r = &trial_round(t, 0, wanted)[system];

		*result = result_of(r);
		write_log(r, log);
		trial_close(t);
	}
	free(wanted);
	free(a.challenges);
	free(a.config.systems);
	return e;
}

/* ---- the result ---- */

static enum err
give_result(const struct options *o, struct online *n, enum retest_result result,
    const struct buf *log, struct why *why)
{
	struct json_t *answer = NULL;
	struct json_writer w;
	char path[PATH_BYTES];
	struct buf body;
	enum err e;

	buf_init(&body, BODY_MAX_BYTES);
	jw_begin(&w, &body);
	jw_object(&w);
	jw_kv_str(&w, "method", term_id(&terms_retest_methods, RETEST_EXPLOIT));
	jw_kv_str(&w, "result", term_id(&terms_retest_results, (int)result));
	jw_key(&w, "text");
	jw_strn(&w, log->data, text_cut(log->data, log->len, TICKET_TEXT_MAX_BYTES));
	jw_object_end(&w);
	ticket_path(o, "/result", path);
	if ((e = online_post(n, path, body.data, &answer, why)) == ERR_OK) {
		printf("ticket %" PRId64 " is %s\n", o->ticket, online_text(answer, "state"));
		jr_free(answer);
	}
	buf_free(&body);
	return e;
}

static enum err
retest(const struct options *o, const struct scenario *s, struct online *n,
    enum retest_result *result, struct why *why)
{
	struct json_t *ticket = NULL;
	char path[PATH_BYTES];
	size_t system = 0;
	struct buf log;
	enum err e;

	buf_init(&log, OUTPUT_MAX_BYTES);
	ticket_path(o, "", path);
	if ((e = online_get(n, path, &ticket, why)) == ERR_OK &&
	    (e = find_system(s, ticket, &system, why)) == ERR_OK &&
	    (e = take_on(o, n, ticket, why)) == ERR_OK) {
		print_target(s, system);
		e = attack(o, s, system, result, &log, why);
	}
	if (e == ERR_OK) {
		fwrite(log.data, 1, log.len, stdout);
		e = o->dry_run ? ERR_OK : give_result(o, n, *result, &log, why);
	}
	jr_free(ticket);
	buf_free(&log);
	return e;
}

static int
with_server(const struct options *o, const struct scenario *s)
{
	enum retest_result result = RETEST_UNCLEAR;
	struct online *n;
	struct why why;
	enum err e;
	int code;

	if ((code = online_open(&command_retest, &o->online, &n)) != EXIT_HOLDS)
		return code;
	e = retest(o, s, n, &result, &why);
	online_close(n);
	if (e != ERR_OK)
		return online_fail(&command_retest, e, &why);
	if (fflush(stdout) != 0)
		return EXIT_USAGE;
	return result == RETEST_FIXED ? EXIT_HOLDS : EXIT_FAILS;
}

static int
retest_run(int argc, char **argv)
{
	struct options o = {.challenges = "challenges",
	    .user = "nobody",
	    .exec_user = EXEC_USER_DEFAULT,
	    .sandbox = "auto"};
	struct scenario s;
	struct buf mistakes;
	enum err e;
	int code;

	if ((code = options_read(&o, argc, argv)) != EXIT_HOLDS)
		return code;
	buf_init(&mistakes, OUTPUT_MAX_BYTES);
	if ((e = scenario_load(o.file, o.challenges, &s, &mistakes)) == ERR_OK) {
		code = with_server(&o, &s);
	} else {
		fwrite(mistakes.data, 1, mistakes.len, stderr);
		code = e == ERR_INVALID ? EXIT_FAILS : EXIT_USAGE;
	}
	scenario_free(&s);
	buf_free(&mistakes);
	return code;
}

const struct command command_retest = {
    .name = "retest",
    .usage = "retest SCENARIO TICKET [--dry-run] [--challenges DIR] [--checker FILE] "
	     "[--checker-user NAME] [--exec-user USER] [--sandbox KIND] " ONLINE_USAGE,
    .help =
	"Runs the exploit of a ticket's challenge against its system, from here, and gives the "
	"result to the\n"
	"server with the log as its evidence; wants an account that may retest the ticket. The "
	"address is the\n"
	"scenario's. A ticket that waits for its retest is taken on first.\n\n"
	"  --dry-run             attack and print, but tell the server nothing\n"
	"  --challenges DIR      where the challenges' folders are (default: challenges)\n"
	"  --checker FILE        drill-checker (default: beside drillctl)\n"
	"  --checker-user NAME   whom it becomes when you are root (default nobody)\n"
	"  --exec-user USER, --sandbox KIND\n"
	"                        of external programs, as drilld's\n" ONLINE_HELP "\n"
	"exit: 0 the weakness is fixed, 1 it is not, it cannot be said, or it was refused, 2 it "
	"could not be run",
    .run = retest_run,
};
