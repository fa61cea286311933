/*
 * What a checker of the contract eno answers. Input: 's' (to GET /service) or anything else (to a task), then the
 * answer. Whatever is taken is text without NUL, within its limits, and fits into a trace.
 */
#include "base/json.h"
#include "checker/eno_message.h"

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
must_be_text(const char *text)
{
	must(text != NULL && utf8_valid(text, strlen(text)));
}

static void
check_info(const struct eno_info *info)
{
	const int counts[] = {info->variants.flag, info->variants.noise, info->variants.havoc};
	struct job job = {.challenge = "c", .host = "h", .put_count = 2, .get_count = 1};
	struct arena arena = {0};
	struct eno_tasks tasks;

	for (size_t i = 0; i < 3; i++)
		must(counts[i] >= 0 && counts[i] <= ENO_VARIANTS_MAX);
	must_be_text(info->name);
	job.put[0].seed = job.put[1].seed = job.get[0].seed = "0123456789abcdef";
	eno_tasks_list(&job, &info->variants, &arena, &tasks);
	must(tasks.count == (size_t)(2 * counts[1] + counts[2] + (counts[0] > 0 ? 5 : 0)));
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct eno_answer answer;
	struct eno_info info;
	struct why why = {{0}};
	char *text;
	enum err e;

	if (size == 0 || size > ENO_ANSWER_MAX_BYTES)
		return 0;
	text = malloc(size > 1 ? size - 1 : 1); /* exactly as long, so that a step beyond is seen */
	memcpy(text, data + 1, size - 1);
	if (data[0] == 's') {
		e = eno_message_info(text, size - 1, &arena, &info, &why);
		if (e == ERR_OK)
			check_info(&info);
	} else {
		e = eno_message_answer(text, size - 1, &arena, &answer, &why);
		if (e == ERR_OK) {
			must(answer.result < ENO_RESULTS);
			must_be_text(answer.message);
			must_be_text(answer.attack_info);
		}
	}
	must((e == ERR_OK) == (why.text[0] == '\0'));
	free(text);
	arena_free(&arena);
	return 0;
}
