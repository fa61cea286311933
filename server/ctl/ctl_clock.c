/*
 * drillctl status and drillctl clock: how the drill stands, and the director's hand on its clock.
 */
#include "core/config.h"
#include "core/status.h"
#include "ctl/online.h"
#include "scenario/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- status ---- */

static void
print_drill(const struct json_t *drill)
{
	const struct json_t *name = jr_get(drill, "name");
	int64_t tick = online_int(drill, "tick");
	char length[DURATION_BYTES];

	duration_format(online_int(drill, "tick_ms"), length);
	printf("drill    %s, %s / %s\n", online_text(drill, "id"), online_text(name, "zh"),
	    online_text(name, "en"));
	printf("state    %s", online_text(drill, "state"));
	if (strcmp(online_text(drill, "reason"), "-") != 0)
		printf(" (%s)", online_text(drill, "reason"));
	if (tick < 0)
		printf("\ntick     none yet; ");
	else
		printf("\ntick     %" PRId64 " %s; ", tick,
		    jr_boolean(jr_get(drill, "tick_open"), false) ? "open" : "closed");
	printf("%s each, the last is %" PRId64 "\n", length, online_int(drill, "last_tick"));
}

static void
print_systems(const struct json_t *systems)
{
	size_t count = jr_count(systems), of_status;

	printf("systems  %zu:", count);
	for (int s = 0; s < ST_COUNT; s++) {
		of_status = 0;
		for (size_t i = 0; i < count; i++)
			of_status += strcmp(online_text(jr_at(systems, i), "status"),
					 status_name((enum status)s)) == 0;
		if (of_status > 0)
			printf(" %zu %s", of_status, status_name((enum status)s));
	}
	putchar('\n');
}

static void
print_ranking(const struct json_t *ranking)
{
	static const char *const parts[] = {"total", "attack", "defense", "sla"};

	if (jr_count(ranking) == 0)
		return;
	printf("\n%4s  %-24s %12s %12s %12s %12s\n", "rank", "team", "total", "attack", "defense",
	    "sla");
	for (size_t i = 0; i < jr_count(ranking); i++) {
		const struct json_t *row = jr_at(ranking, i);

		printf("%4" PRId64 "  %-24s", online_int(row, "rank"), online_text(row, "team"));
		for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
			printf(" %12.2f", jr_number(jr_get(row, parts[k]), 0));
		putchar('\n');
	}
}

static int
status_show(struct online *n)
{
	struct json_t *board;
	struct why why;
	enum err e = online_get(n, "/api/v1/board", &board, &why);

	if (e != ERR_OK)
		return online_fail(&command_status, e, &why);
	print_drill(jr_get(board, "drill"));
	print_systems(jr_get(board, "systems"));
	printf("head     seq %" PRId64 " %s\n", online_int(board, "head_seq"),
	    online_text(board, "head"));
	print_ranking(jr_get(board, "ranking"));
	jr_free(board);
	return EXIT_HOLDS;
}

static int
status_run(int argc, char **argv)
{
	struct online_options o = {0};
	struct online *n;
	int code;

	for (int i = 1; i < argc; i++)
		switch (online_option(&o, &command_status, argv, &i)) {
		case ONLINE_TAKEN:
			break;
		case ONLINE_WRONG:
			return EXIT_USAGE;
		case ONLINE_OTHER:
			return command_usage(&command_status, "no option %s", argv[i]);
		}
	if ((code = online_open(&command_status, &o, &n)) != EXIT_HOLDS)
		return code;
	code = status_show(n);
	online_close(n);
	return code;
}

const struct command command_status = {
    .name = "status",
    .usage = "status " ONLINE_USAGE,
    .help = "How the drill on a server stands: state, tick, systems by status, ranking, and the "
	    "head of\n"
	    "the journal at the last checkpoint. Needs no account where the board is public.\n"
	    "\n" ONLINE_HELP "\n"
	    "exit: 0 printed, 1 refused, 2 wrong command line or no server there",
    .run = status_run,
};

/* ---- clock ---- */

struct clock_options {
	struct online_options online;
	const char *action;
	const char *reason;
	int64_t tick; /* -1: not given */
};

static int
parse_tick(struct clock_options *o, const char *text)
{
	if (text == NULL || !online_number(text, &o->tick))
		return command_usage(&command_clock, "--tick wants a number, 0 or more");
	return EXIT_HOLDS;
}

/* Takes what stands at argv[*i]; the exit code, or 0 to go on. */
static int
clock_word(struct clock_options *o, char **argv, int *i)
{
	const char *word = argv[*i];

	switch (online_option(&o->online, &command_clock, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	if (strcmp(word, "--tick") == 0)
		return parse_tick(o, argv[++*i]);
	if (strcmp(word, "--reason") == 0) {
		o->reason = argv[++*i];
		return o->reason != NULL ? EXIT_HOLDS
					 : command_usage(&command_clock, "--reason wants a text");
	}
	if (word[0] == '-')
		return command_usage(&command_clock, "no option %s", word);
	if (o->action != NULL)
		return command_usage(&command_clock, "one action at a time");
	o->action = word;
	return EXIT_HOLDS;
}

static void
clock_body(const struct clock_options *o, struct buf *out)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "action", o->action);
	if (o->reason != NULL)
		jw_kv_str(&w, "reason", o->reason);
	if (o->tick >= 0)
		jw_kv_int(&w, "tick", o->tick);
	jw_object_end(&w);
}

static int
clock_move(struct online *n, const struct clock_options *o)
{
	struct json_t *answer;
	struct why why;
	struct buf body;
	enum err e;

	buf_init(&body, 64 * 1024);
	clock_body(o, &body);
	if ((e = buf_err(&body)) != ERR_OK)
		why_set(&why, e, "the reason is too long");
	else
		e = online_post(n, "/api/v1/clock", body.data, &answer, &why);
	buf_free(&body);
	if (e != ERR_OK)
		return online_fail(&command_clock, e, &why);
	printf("%s, tick %" PRId64 ", the last is %" PRId64 "\n", online_text(answer, "state"),
	    online_int(answer, "tick"), online_int(answer, "last_tick"));
	jr_free(answer);
	return EXIT_HOLDS;
}

static int
clock_run(int argc, char **argv)
{
	struct clock_options o = {.tick = -1};
	struct online *n;
	int code;

	for (int i = 1; i < argc; i++)
		if ((code = clock_word(&o, argv, &i)) != EXIT_HOLDS)
			return code;
	if (o.action == NULL)
		return command_usage(
		    &command_clock, "name the action: start, pause, resume, end or stop_after");
	if (strcmp(o.action, "stop_after") == 0 && o.tick < 0)
		return command_usage(&command_clock, "stop_after wants --tick N, the last tick");
	if ((code = online_open(&command_clock, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = clock_move(n, &o);
	online_close(n);
	return code;
}

const struct command command_clock = {
    .name = "clock",
    .usage = "clock ACTION [--reason TEXT] [--tick N] " ONLINE_USAGE,
    .help =
	"Moves the clock of the drill on a server; wants the role director or admin. Prints the\n"
	"state that it is in then. ACTION is one of\n"
	"\n"
	"  start       begin a planned drill now\n"
	"  pause       stop drill time: no tick, no deadline passes\n"
	"  resume      go on where it was paused\n"
	"  end         end it now, for good\n"
	"  stop_after  end it when tick N (--tick N) has closed\n"
	"\n"
	"  --reason TEXT      goes into the journal and onto the board\n" ONLINE_HELP "\n"
	"exit: 0 done, 1 refused, 2 wrong command line or no server there",
    .run = clock_run,
};
