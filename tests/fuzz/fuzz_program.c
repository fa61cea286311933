/*
 * program_read over hostile texts, and a program's rules, captures and templates over a hostile answer.
 * Input: the program, and after the first NUL the answer's headers and body (a second NUL between them).
 */
#include "checker/judge.h"
#include "checker/walk.h"

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
put_part(struct buf *out, const uint8_t **from, size_t *left)
{
	const uint8_t *end = *left > 0 ? memchr(*from, '\0', *left) : NULL;
	size_t len = end != NULL ? (size_t)(end - *from) : *left;

	buf_put(out, *from, len);
	if (end != NULL)
		len++;
	*from += len;
	*left -= len;
}

/* Every way through a section's loops ends within the bound that the reader holds it to. */
static void
walk_all(const struct section *s, struct vars *vars, struct arena *arena)
{
	const struct step *step;
	struct walk w;
	struct why why;
	int steps = 0;

	walk_begin(&w, s);
	while (walk_next(&w, vars, arena, &step, &why) == ERR_OK && step != NULL)
		must(++steps <= STEPS_RUN_MAX);
}

static void
judge_all(const struct program *p, struct answer *answer)
{
	struct job_flag flag = {.flag = "F{x}", .seed = "0123456789abcdef", .saved = ""};
	struct job job = {.challenge = "c", .host = "h", .port = 1};
	struct arena arena = {0}, run_arena = {0};
	struct saved saved = {0};
	struct vars vars;

	for (int kind = 0; kind < SECTION_COUNT; kind++) {
		const struct section *s = &p->sections[kind];
		struct run run = {
		    (enum section_kind)kind, kind == SECTION_CHECK ? NULL : &flag, false};

		run_vars(&run, &job, p, &saved, &run_arena, &vars);
		for (size_t i = 0; i < s->count; i++) {
			if (s->steps[i].loop != NULL)
				continue;
			struct judgement j = {
			    &run, &s->steps[i], answer, &vars, &run_arena, &saved, &arena};
			struct outcome o = {.status = ST_OK};
			struct why detail = {{0}};

			judge_step(&j, &o, &detail);
			must(o.status == ST_OK || o.said.text[0] != '\0');
		}
		walk_all(s, &vars, &run_arena);
	}
	arena_free(&arena);
	arena_free(&run_arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program *p = NULL;
	struct answer answer;
	struct why why = {{0}};
	struct buf text;

	answer_init(&answer);
	buf_init(&text, 1024 * 1024);
	put_part(&text, &data, &size);
	put_part(&answer.headers, &data, &size);
	buf_put(&answer.body, data, size);
	if (program_read(text.len > 0 ? text.data : "", text.len, &p, &why) == ERR_OK)
		judge_all(p, &answer);
	else
		must(p == NULL && why.text[0] != '\0');
	program_free(p);
	answer_free(&answer);
	buf_free(&text);
	return 0;
}
