/*
 * drillctl kill: the kill switch of the drill on a server.
 */
#include "ctl/online.h"

#include <stdio.h>
#include <string.h>

struct kill_options {
	struct online_options online;
	const char *reason;
	bool undo;
};

/* Takes what stands at argv[*i]; the exit code, or 0 to go on. */
static int
kill_word(struct kill_options *o, char **argv, int *i)
{
	const char *word = argv[*i];

	switch (online_option(&o->online, &command_kill, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	if (strcmp(word, "--reason") == 0) {
		int code = online_value(&command_kill, &o->reason, word, argv[*i + 1]);

		*i += 1;
		return code;
	}
	if (strcmp(word, "--undo") != 0)
		return command_usage(&command_kill, "no option %s", word);
	o->undo = true;
	return EXIT_HOLDS;
}

static void
print_switch(const struct json_t *answer)
{
	const struct json_t *last = jr_at(jr_get(answer, "rounds"), 0);
	bool killed = jr_boolean(jr_get(answer, "killed"), false);
	const char *hook = online_text(jr_get(last, "hook"), "outcome");

	printf("the kill switch is %s; the drill is %s\n", killed ? "ON" : "undone",
	    online_text(answer, "state"));
	if (killed && strcmp(hook, "none") == 0)
		puts("no program is configured: cut the red network by hand");
	else if (killed)
		puts("its program is being run: see GET /api/v1/kill, or the log, for what came of "
		     "it");
	else if (strcmp(online_text(answer, "state"), "paused") == 0)
		puts("`drillctl clock resume` lets the drill go on");
}

static int
kill_move(struct online *n, const struct kill_options *o)
{
	struct json_t *answer;
	struct json_writer w;
	struct why why;
	struct buf body;
	enum err e;

	buf_init(&body, 64 * 1024);
	jw_begin(&w, &body);
	jw_object(&w);
	jw_kv_str(&w, "reason", o->reason);
	jw_object_end(&w);
	if ((e = buf_err(&body)) != ERR_OK)
		why_set(&why, e, "the reason is too long");
	else
		e = o->undo ? online_delete(n, "/api/v1/kill", body.data, &answer, &why)
			    : online_post(n, "/api/v1/kill", body.data, &answer, &why);
	buf_free(&body);
	if (e != ERR_OK)
		return online_fail(&command_kill, e, &why);
	print_switch(answer);
	jr_free(answer);
	return EXIT_HOLDS;
}

static int
kill_run(int argc, char **argv)
{
	struct kill_options o = {.undo = false};
	struct online *n;
	int code;

	for (int i = 1; i < argc; i++)
		if ((code = kill_word(&o, argv, &i)) != EXIT_HOLDS)
			return code;
	if (o.reason == NULL)
		return command_usage(
		    &command_kill, "--reason TEXT is missing: everybody is told it");
	if ((code = online_open(&command_kill, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = kill_move(n, &o);
	online_close(n);
	return code;
}

const struct command command_kill = {
    .name = "kill",
    .usage = "kill --reason TEXT [--undo] " ONLINE_USAGE,
    .help =
	"Stops the drill on a server in one step: the clock stands, no flag and no attack result "
	"is taken,\n"
	"everybody gets an urgent announcement, and the scenario's program runs (it cuts the red\n"
	"network). Wants the role director or admin; undoing it wants the role director. An "
	"undone\n"
	"drill stays paused until its clock is resumed.\n"
	"\n"
	"  --reason TEXT      why; everybody is told\n"
	"  --undo             undo it\n" ONLINE_HELP "\n"
	"exit: 0 done, 1 refused, 2 wrong command line or no server there",
    .run = kill_run,
};
