/*
 * faust_read and what a check keeps, over hostile lines. Input: the system's state as the job has it, a newline, then
 * the lines of a checkerscript. What is stored must be found again and stay within its limit.
 */
#include "checker/faust_message.h"
#include "checker/state.h"
#include "core/event.h"

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
store(struct state *s, const struct faust_message *m, struct arena *arena)
{
	struct why why = {{0}};
	enum err e = state_set(s, m->text, m->data, arena, &why);

	if (e == ERR_OK)
		must(strcmp(state_get(s, m->text), m->data) == 0);
	else
		must(e == ERR_LIMIT && why.text[0] != '\0');
	/* A state that was too long before may only become shorter. */
	must(e != ERR_OK || s->json_bytes + 1 <= STATE_MAX_BYTES);
}

static void
take(struct state *s, const char *line, size_t len, struct arena *arena)
{
	struct faust_message m;
	struct why why = {{0}};
	enum status status;
	enum err e = faust_read(line, len, arena, &m, &why);

	if (e != ERR_OK) {
		must((e == ERR_INVALID || e == ERR_LIMIT) && why.text[0] != '\0');
		return;
	}
	must(m.action < FAUST_ACTIONS && m.text != NULL && m.data != NULL && m.level != NULL);
	if (m.action == FAUST_STORE)
		store(s, &m, arena);
	else if (m.action == FAUST_RESULT && m.has_number)
		must(!faust_status(m.number, &status) || (status >= ST_OK && status <= ST_DOWN));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	struct arena arena = {0};
	struct state s = {0};
	bool first = true;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((eol != NULL ? eol : end) - text);

		if (first)
			state_open(&s, arena_strndup(&arena, text, len), &arena);
		else
			take(&s, text, len, &arena);
		first = false;
		text = eol != NULL ? eol + 1 : end;
	}
	state_free(&s);
	arena_free(&arena);
	return 0;
}
