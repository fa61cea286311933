/*
 * plan_parse over hostile JSON: a department's own emergency plan. What is taken holds every limit, and what is
 * written of it is read as the same plan; what is refused says why.
 */
#include "core/plan_data.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MAX_BYTES (1u * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_plan(const struct plan *p)
{
	must(id_valid(p->id) && p->step_count >= 1 && p->step_count <= PLAN_STEPS_MAX);
	must(p->class_count <= PLAN_CLASSES_MAX);
	for (size_t i = 0; i < p->step_count; i++) {
		const struct plan_step *s = &p->steps[i];

		must(plan_step_find(p, s->id) == (int)i);
		must(s->within_minutes >= 1 && s->within_minutes <= PLAN_WITHIN_MAX_MINUTES);
		must(strlen(s->text.zh) <= PLAN_TEXT_MAX_BYTES && s->text.zh[0] != '\0');
		must(i == 0 || p->steps[i - 1].phase <= s->phase);
	}
}

static void
write_plan(const struct plan *p, struct buf *out)
{
	struct json_writer w;

	buf_init(out, OUT_MAX_BYTES);
	jw_begin(&w, out);
	plan_encode(p, &w);
	must(buf_err(out) == ERR_OK);
}

static void
check_again(const struct plan *p, struct arena *arena)
{
	struct buf first, second;
	struct json_t *j;
	struct plan back;
	struct why why;

	write_plan(p, &first);
	must(jr_parse(first.data, first.len, &j, &why) == ERR_OK);
	must(plan_parse(j, arena, &back, &why) == ERR_OK);
	jr_free(j);
	write_plan(&back, &second);
	must(strcmp(first.data, second.data) == 0);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {NULL, 0};
	struct why why = {""};
	struct json_t *j;
	struct plan p;

	if (jr_parse((const char *)data, size, &j, &why) != ERR_OK)
		return 0;
	if (plan_parse(j, &arena, &p, &why) == ERR_OK) {
		check_plan(&p);
		check_again(&p, &arena);
	} else {
		must(why.text[0] != '\0' && utf8_valid(why.text, strlen(why.text)));
	}
	jr_free(j);
	arena_free(&arena);
	return 0;
}
