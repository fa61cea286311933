/*
 * drillctl history: what the checks of a system said, tick by tick.
 */
#include "core/config.h"
#include "ctl/online.h"
#include "ctl/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES (1024 * 1024) /* of a trace, which the server bounds lower */

struct options {
	struct online_options online;
	const char *system;
	int64_t from, to; /* -1: not given */
	bool trace;
};

static int
take_word(struct options *o, char **argv, int *i)
{
	const char *word = argv[*i];

	switch (online_option(&o->online, &command_history, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	if (strcmp(word, "--trace") == 0) {
		o->trace = true;
		return EXIT_HOLDS;
	}
	if (strcmp(word, "--ticks") == 0) {
		if (argv[++*i] != NULL && online_ticks(argv[*i], &o->from, &o->to))
			return EXIT_HOLDS;
		return command_usage(
		    &command_history, "--ticks wants FIRST-LAST, such as 12-15, or one tick");
	}
	if (word[0] == '-')
		return command_usage(&command_history, "no option %s", word);
	if (o->system != NULL)
		return command_usage(&command_history, "one system at a time");
	o->system = word;
	return EXIT_HOLDS;
}

/* A line for each line of the trace; a defended system's words are in it. */
static void
print_trace(const char *text)
{
	struct buf line;

	buf_init(&line, LINE_MAX_BYTES);
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		buf_reset(&line);
		printable_put(&line, text, len);
		printf("          %s\n", line.data != NULL ? line.data : "");
		text += len + (text[len] == '\n');
	}
	buf_free(&line);
}

static void
print_check(const struct json_t *c, bool trace)
{
	const char *message = online_text(c, "message");

	printf("%6" PRId64 "  %-10s %6" PRId64 " ms  %s%s\n", online_int(c, "tick"),
	    online_text(c, "status"), online_int(c, "ms"),
	    jr_boolean(jr_get(c, "voided"), false) ? "VOIDED " : "",
	    strcmp(message, "-") == 0 ? "" : message);
	if (jr_get(c, "void") != NULL)
		printf("        void %" PRId64 ": %s\n", online_int(c, "void"),
		    online_text(c, "void_reason"));
	if (trace)
		print_trace(jr_string(jr_get(c, "trace"), NULL));
}

static int
history_show(struct online *n, const struct options *o)
{
	const struct json_t *checks;
	struct json_t *answer;
	char path[200], range[64] = "";
	struct why why;
	enum err e;

	if (o->from >= 0)
		snprintf(range, sizeof range, "?from=%" PRId64 "&to=%" PRId64, o->from, o->to);
	snprintf(path, sizeof path, "/api/v1/systems/%s/checks%s", o->system, range);
	if ((e = online_get(n, path, &answer, &why)) != ERR_OK)
		return online_fail(&command_history, e, &why);
	checks = jr_get(answer, "checks");
	for (size_t i = 0; i < jr_count(checks); i++)
		print_check(jr_at(checks, i), o->trace);
	if (jr_count(checks) == 0)
		puts("no tick of these has been checked");
	jr_free(answer);
	return EXIT_HOLDS;
}

static int
history_run(int argc, char **argv)
{
	struct options o = {.from = -1, .to = -1};
	struct online *n;
	int code;

	for (int i = 1; i < argc; i++)
		if ((code = take_word(&o, argv, &i)) != EXIT_HOLDS)
			return code;
	if (o.system == NULL)
		return command_usage(&command_history, "name the system");
	if (!id_valid(o.system))
		return command_usage(&command_history, "\"%s\" is not a system's id", o.system);
	if ((code = online_open(&command_history, &o.online, &n)) != EXIT_HOLDS)
		return code;
	code = history_show(n, &o);
	online_close(n);
	return code;
}

const struct command command_history = {
    .name = "history",
    .usage = "history SYSTEM [--ticks A-B] [--trace] " ONLINE_USAGE,
    .help =
	"What the checks of a system said, tick by tick: status, duration, public message, and\n"
	"whether the result is void. A department sees its own systems, staff all.\n"
	"\n"
	"  --ticks A-B        these ticks, at most 100; else the last 20\n"
	"  --trace            the steps as well, for staff\n" ONLINE_HELP "\n"
	"exit: 0 printed, 1 refused, 2 wrong command line or no server there",
    .run = history_run,
};
