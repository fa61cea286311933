/*
 * drillctl hold: which checkers are on hold, putting one there, releasing it.
 */
#include "ctl/online.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH "/api/v1/checks/holds"

struct options {
	struct online_options online;
	const char *system;
	const char *challenge;
	const char *reason;
	int64_t release; /* 0: not given */
};

/* ---- the command line ---- */

static int
take_word(struct options *o, char **argv, int *i)
{
	const char *word = argv[*i];

	switch (online_option(&o->online, &command_hold, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	++*i;
	if (strcmp(word, "--system") == 0)
		return online_value(&command_hold, &o->system, word, argv[*i]);
	if (strcmp(word, "--challenge") == 0)
		return online_value(&command_hold, &o->challenge, word, argv[*i]);
	if (strcmp(word, "--reason") == 0)
		return online_value(&command_hold, &o->reason, word, argv[*i]);
	if (strcmp(word, "--release") != 0)
		return command_usage(&command_hold, "no option %s", word);
	if (argv[*i] == NULL || !online_number(argv[*i], &o->release) || o->release == 0)
		return command_usage(&command_hold, "--release wants the number of a hold");
	return EXIT_HOLDS;
}

static int
options_read(struct options *o, int argc, char **argv)
{
	int code, targets;

	for (int i = 1; i < argc; i++)
		if ((code = take_word(o, argv, &i)) != EXIT_HOLDS)
			return code;
	targets = (o->system != NULL) + (o->challenge != NULL) + (o->release != 0);
	if (targets > 1)
		return command_usage(
		    &command_hold, "one of --system, --challenge and --release at a time");
	if (targets == 1 && o->reason == NULL)
		return command_usage(&command_hold, "--reason is missing: it goes on record");
	if (targets == 0 && o->reason != NULL)
		return command_usage(
		    &command_hold, "a reason for what? name --system, --challenge or --release");
	return EXIT_HOLDS;
}

/* ---- what it does ---- */

static void
print_hold(const struct json_t *h)
{
	const struct json_t *released = jr_get(h, "released"), *systems = jr_get(h, "systems");
	bool one = jr_string(jr_get(h, "challenge"), NULL) == NULL;
	const char *first = jr_string(jr_at(systems, 0), NULL);

	printf("%4" PRId64 "  %-8s  ", online_int(h, "id"),
	    jr_is_object(released) ? "released" : "on hold");
	if (one)
		printf("system %s", first != NULL ? first : "-");
	else
		printf("challenge %s, %zu systems", online_text(h, "challenge"), jr_count(systems));
	printf("\n      %s  %s: %s\n", online_text(h, "at"), online_text(h, "by"),
	    online_text(h, "reason"));
	if (jr_is_object(released))
		printf("      %s  %s: %s\n", online_text(released, "at"),
		    online_text(released, "by"), online_text(released, "reason"));
}

static enum err
list(struct online *n, struct why *why)
{
	struct json_t *answer;
	enum err e = online_get(n, PATH, &answer, why);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < jr_count(answer); i++)
		print_hold(jr_at(answer, i));
	if (jr_count(answer) == 0)
		puts("no checks were ever put on hold");
	jr_free(answer);
	return ERR_OK;
}

static void
write_body(const struct options *o, struct buf *out)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	if (o->challenge != NULL)
		jw_kv_str(&w, "challenge", o->challenge);
	jw_kv_str(&w, "reason", o->reason);
	if (o->system != NULL)
		jw_kv_str(&w, "system", o->system);
	jw_object_end(&w);
}

static enum err
change(struct online *n, const struct options *o, struct why *why)
{
	struct json_t *answer = NULL;
	struct buf body;
	char path[64];
	enum err e;

	buf_init(&body, 64 * 1024);
	write_body(o, &body);
	snprintf(path, sizeof path, PATH "/%" PRId64, o->release);
	if ((e = buf_err(&body)) != ERR_OK)
		why_set(why, e, "the reason is too long");
	else if (o->release != 0)
		e = online_delete(n, path, body.data, &answer, why);
	else
		e = online_post(n, PATH, body.data, &answer, why);
	buf_free(&body);
	if (e != ERR_OK)
		return e;
	if (o->release != 0)
		printf("hold %" PRId64 " is released\n", o->release);
	else
		print_hold(answer);
	jr_free(answer);
	return ERR_OK;
}

static int
hold_run(int argc, char **argv)
{
	struct options o = {0};
	struct online *n;
	struct why why;
	enum err e;
	int code;

	if ((code = options_read(&o, argc, argv)) != EXIT_HOLDS ||
	    (code = online_open(&command_hold, &o.online, &n)) != EXIT_HOLDS)
		return code;
	e = o.reason == NULL ? list(n, &why) : change(n, &o, &why);
	online_close(n);
	return e == ERR_OK ? EXIT_HOLDS : online_fail(&command_hold, e, &why);
}

const struct command command_hold = {
    .name = "hold",
    .usage = "hold [--system ID | --challenge ID | --release N] [--reason TEXT] " ONLINE_USAGE,
    .help =
	"Stops checking a system, or all systems of a challenge whose checker is broken, until it\n"
	"is released; wants the role director or admin. What is on hold counts as not checked.\n"
	"Without any of the three it lists what is on hold and what was.\n"
	"\n"
	"  --system ID        one system\n"
	"  --challenge ID     every system of this challenge\n"
	"  --release N        checks them again from the next tick on\n"
	"  --reason TEXT      goes on record; staff and the departments concerned see "
	"it\n" ONLINE_HELP "\n"
	"exit: 0 done, 1 refused, 2 wrong command line or no server there",
    .run = hold_run,
};
