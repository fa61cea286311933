/*
 * Fuzzes the scenario reader: a scenario, then a line "=====", then the challenge it names.
 *
 * Whatever is accepted must be fit for the next in line: the core decodes the configuration, the checker
 * reads the program. Whatever is refused must say so with a place.
 */
#include "checker/program.h"
#include "scenario/parse.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX_BYTES (64u * 1024 * 1024)
#define SEPARATOR "\n=====\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_scenario: %s\n", what);
	abort();
}

static void
check_config(struct scenario *s)
{
	struct drill_config back = {.team_count = 0};
	struct json_t *j = NULL;
	struct json_writer w;
	struct buf text;
	struct why why;

	s->config.sign_key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	buf_init(&text, OUTPUT_MAX_BYTES);
	jw_begin(&w, &text);
	config_encode(&s->config, &w);
	require(jr_parse(text.data, text.len, &j, &why) == ERR_OK, "the configuration is no JSON");
	require(config_decode(j, &back, &why) == ERR_OK, why.text);
	jr_free(j);
	config_free(&back);
	buf_free(&text);
}

static void
check_programs(const struct scenario *s)
{
	for (size_t i = 0; i < s->challenge_count; i++) {
		struct program *program;
		struct why why;

		require(program_read(s->challenges[i].program, strlen(s->challenges[i].program),
			    &program, &why) == ERR_OK,
		    why.text);
		program_free(program);
	}
}

/* Lines "NAME:LINE:COLUMN: text", and at least one. */
static void
check_places(const struct buf *said)
{
	require(said->len > 0, "refused without a word");
	for (const char *line = said->data; *line != '\0'; line = strchr(line, '\n') + 1) {
		int at, column;
		char name[16];

		require(strchr(line, '\n') != NULL, "a line without end");
		if (strncmp(line, "F: there may be more", 20) == 0 || strncmp(line, "D/", 2) == 0)
			continue;
		require(
		    sscanf(line, "%15[F]:%d:%d: ", name, &at, &column) == 3 && at > 0 && column > 0,
		    line);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memmem(data, size, SEPARATOR, strlen(SEPARATOR));
	size_t len = cut != NULL ? (size_t)(cut - data) + 1 : size;
	const uint8_t *challenge = cut != NULL ? cut + strlen(SEPARATOR) : data + size;
	struct challenge_source source = {
	    .dir = "D", .text = (const char *)challenge, .len = (size_t)(data + size - challenge)};
	struct scenario s = {.account_count = 0};
	struct buf said, challenge_said;
	struct mistakes m;
	enum err e;

	buf_init(&said, OUTPUT_MAX_BYTES);
	buf_init(&challenge_said, OUTPUT_MAX_BYTES);
	mistakes_init(&m, "F");
	e = scenario_parse((const char *)data, len, &source, &s, &m, &challenge_said);
	mistakes_write(&m, &said);
	buf_put(&said, challenge_said.data, challenge_said.len);
	if (e == ERR_OK) {
		require(said.len == 0, "accepted with mistakes");
		check_config(&s);
		check_programs(&s);
	} else {
		check_places(&said);
	}
	mistakes_free(&m);
	buf_free(&challenge_said);
	buf_free(&said);
	scenario_free(&s);
	return 0;
}
