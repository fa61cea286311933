/*
 * drillctl program: what the checkers are given for a challenge.
 */
#include "ctl/ctl.h"
#include "scenario/challenge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISTAKES_OUTPUT_MAX_BYTES (4u * 1024 * 1024)

/* The folder's real path in two: what holds it, and its name, which is the challenge's id. */
static bool
folder_split(const char *path, char **parent, const char **id)
{
	char *real = realpath(path, NULL), *slash;

	if (real == NULL)
		return false;
	slash = strrchr(real, '/');
	*slash = '\0';
	*parent = real;
	*id = slash + 1;
	return true;
}

static int
program_print(const char *parent, const char *id)
{
	struct challenge_source source = {.dir = parent};
	struct challenge challenge;
	struct arena arena = {0};
	struct buf mistakes;
	struct why why;
	int code = EXIT_HOLDS;
	enum err e;

	buf_init(&mistakes, MISTAKES_OUTPUT_MAX_BYTES);
	e = challenge_load(&source, id, 0, &arena, &challenge, &mistakes, &why);
	if (e == ERR_OK) {
		puts(challenge.program);
	} else if (e == ERR_INVALID) {
		fwrite(mistakes.data, 1, mistakes.len, stdout);
		code = EXIT_FAILS;
	} else {
		fprintf(stderr, "drillctl program: %s/%s/" CHALLENGE_FILE " %s\n", parent, id,
		    why.text);
		code = EXIT_USAGE;
	}
	buf_free(&mistakes);
	arena_free(&arena);
	return fflush(stdout) == 0 ? code : EXIT_USAGE;
}

static int
program_run(int argc, char **argv)
{
	const char *id;
	char *parent;
	int code;

	if (argc != 2)
		return command_usage(
		    &command_program, "it takes one folder, such as challenges/portal");
	if (!folder_split(argv[1], &parent, &id))
		return command_usage(&command_program, "%s: there is no such folder", argv[1]);
	code = program_print(parent, id);
	free(parent);
	return code;
}

const struct command command_program = {
    .name = "program",
    .usage = "program CHALLENGE_DIR",
    .help = "Checks CHALLENGE_DIR/challenge.yaml and prints the program its checks compile to, as "
	    "one line\n"
	    "of JSON (docs/challenge.md). For who writes a challenge, or a checker.\n"
	    "Exit 0: printed; 1: mistakes, each with its place, on stdout; 2: cannot be read.",
    .run = program_run,
};
