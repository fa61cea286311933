/*
 * protocol_read over hostile lines, both directions. Input: 'c' (to the checker) or anything else (from
 * it), then the line. A line that is taken must read back the same after it is written again.
 */
#include "checker/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
write_line(const struct line *line, struct buf *out)
{
	switch (line->type) {
	case LINE_PROGRAM:
		protocol_write_program(out, line->challenge, line->program);
		break;
	case LINE_JOB:
		protocol_write_job(out, line->job);
		break;
	case LINE_READY:
		protocol_write_ready(out, line->sandbox, line->note);
		break;
	case LINE_RESULT:
		protocol_write_result(out, &line->result);
		break;
	}
}

/* Our own writing is canonical, but may be longer than what came (escapes): then it ends here. */
static void
check_round_trip(enum line_direction direction, const struct line *line)
{
	struct arena arena = {0};
	struct buf first, second;
	struct line again;
	struct why why;
	enum err e;

	buf_init(&first, 2 * PROGRAM_LINE_MAX_BYTES);
	buf_init(&second, 2 * PROGRAM_LINE_MAX_BYTES);
	write_line(line, &first);
	must(buf_err(&first) == ERR_OK && memchr(first.data, '\n', first.len) == NULL);
	e = protocol_read(direction, first.data, first.len, &arena, &again, &why);
	must(e == ERR_OK || e == ERR_LIMIT);
	if (e == ERR_OK) {
		write_line(&again, &second);
		must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	}
	buf_free(&first);
	buf_free(&second);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct line line;
	struct why why = {{0}};
	enum line_direction direction;

	if (size < 1)
		return 0;
	direction = data[0] == 'c' ? TO_CHECKER : FROM_CHECKER;
	if (protocol_read(direction, (const char *)data + 1, size - 1, &arena, &line, &why) ==
	    ERR_OK)
		check_round_trip(direction, &line);
	else
		must(why.text[0] != '\0');
	arena_free(&arena);
	return 0;
}
