/*
 * drillctl score: a game's facts under a policy. Prints rows and ranking, or the first mistake and its place.
 */
#include "base/json.h"
#include "core/facts.h"
#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define READ_BYTES (64 * 1024)

struct options {
	const struct policy *policy;
	const char *file;
	struct param params[PARAMS_MAX];
	size_t param_count;
};

/* Cuts KEY=VALUE in place. */
static int
option_param(struct options *o, char *text)
{
	char *equals = text == NULL ? NULL : strchr(text, '=');

	if (equals == NULL || equals == text)
		return command_usage(&command_score, "--param takes KEY=VALUE");
	if (o->param_count == PARAMS_MAX)
		return command_usage(&command_score, "more than %d parameters", PARAMS_MAX);
	*equals = '\0';
	o->params[o->param_count++] = (struct param){.key = text, .value = equals + 1};
	return EXIT_HOLDS;
}

static int
option_policy(struct options *o, const char *name)
{
	if (name == NULL)
		return command_usage(&command_score, "--policy takes one of: %s", policy_names());
	if ((o->policy = policy_find(name)) == NULL)
		return command_usage(
		    &command_score, "no policy \"%s\"; there are: %s", name, policy_names());
	return EXIT_HOLDS;
}

static int
options_read(struct options *o, int argc, char **argv)
{
	int status = EXIT_HOLDS;

	for (int i = 1; i < argc && status == EXIT_HOLDS; i++) {
		if (strcmp(argv[i], "--policy") == 0)
			status = option_policy(o, argv[++i]);
		else if (strcmp(argv[i], "--param") == 0)
			status = option_param(o, argv[++i]);
		else if (argv[i][0] == '-')
			status = command_usage(&command_score, "no option \"%s\"", argv[i]);
		else if (o->file != NULL)
			status = command_usage(&command_score, "one facts file at a time");
		else
			o->file = argv[i];
	}
	if (status != EXIT_HOLDS)
		return status;
	if (o->policy == NULL)
		return command_usage(
		    &command_score, "--policy is missing; there are: %s", policy_names());
	if (o->file == NULL)
		return command_usage(&command_score, "the facts file is missing");
	return EXIT_HOLDS;
}

static int
refuse_file(const char *file, const char *what)
{
	fprintf(stderr, "drillctl score: %s: %s\n", file, what);
	return EXIT_USAGE;
}

static int
read_file(const char *file, struct buf *text)
{
	FILE *in = fopen(file, "re");
	char *room;
	size_t n;
	int broken;

	if (in == NULL)
		return refuse_file(file, strerror(errno));
	while (
	    (room = buf_room(text, READ_BYTES)) != NULL && (n = fread(room, 1, READ_BYTES, in)) > 0)
		text->len += n;
	broken = ferror(in) ? errno : 0;
	fclose(in);
	if (broken != 0)
		return refuse_file(file, strerror(broken));
	if (buf_err(text) != ERR_OK)
		return refuse_file(file, "larger than 256 MiB");
	return EXIT_HOLDS;
}

static int
score_text(const struct options *o, const struct buf *text)
{
	struct facts *facts;
	struct why why;
	struct buf out;
	enum err e;
	int status = EXIT_HOLDS;

	if (facts_read(text->data, text->len, &facts, &why) != ERR_OK) {
		fprintf(stderr, "drillctl score: %s: %s\n", o->file, why.text);
		return EXIT_FAILS;
	}
	buf_init(&out, FACTS_RESULT_MAX_BYTES);
	e = facts_score(facts, o->policy, o->params, o->param_count, &out, &why);
	if (e != ERR_OK) {
		fprintf(stderr, "drillctl score: %s\n", why.text);
		status = e == ERR_INVALID ? EXIT_USAGE : EXIT_FAILS;
	} else if (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0) {
		fprintf(stderr, "drillctl score: standard output: %s\n", strerror(errno));
		status = EXIT_FAILS;
	}
	buf_free(&out);
	facts_free(facts);
	return status;
}

static int
run_score(int argc, char **argv)
{
	struct options o = {0};
	struct buf text;
	int status;

	if ((status = options_read(&o, argc, argv)) != EXIT_HOLDS)
		return status;
	buf_init(&text, FACTS_TEXT_MAX_BYTES + READ_BYTES);
	if ((status = read_file(o.file, &text)) == EXIT_HOLDS)
		status = score_text(&o, &text);
	buf_free(&text);
	return status;
}

const struct command command_score = {
    .name = "score",
    .usage = "score --policy NAME [--param KEY=VALUE ...] FACTS.json",
    .help =
	"Scores a facts file (docs/facts.md) with the same code as the live drill and prints\n"
	"{\"rows\":[...],\"ranking\":[...]}.\n"
	"Exit code 0 when it is scored, 1 when the file holds a mistake (which is named with its\n"
	"place), 2 when the command line is wrong or the file cannot be read.",
    .run = run_score,
};
