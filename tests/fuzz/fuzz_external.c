/*
 * What external checkers print, over hostile bytes: texts for people, ids, what a program says of itself; and what a
 * round does with what was kept. Input: one byte that picks the contract, tag and text, then stdout, a NUL, stderr.
 */
#include "base/json.h"
#include "checker/external_round.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FLAG "DRILL{abcdefgh}"
#define TEXT_MAX 64

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Plain, within its limit, and without the flag. */
static void
check_text(const struct job *job, const char *bytes, size_t len, bool tail, struct arena *arena)
{
	const char *text = external_text(arena, job, bytes, len, TEXT_MAX, tail);
	size_t n = strlen(text);

	must(n <= TEXT_MAX && strstr(text, FLAG) == NULL && utf8_valid(text, n));
	for (size_t i = 0; i < n; i++)
		must((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
	must(n == 0 || (text[0] != ' ' && text[n - 1] != ' '));
}

static void
check_placed(const struct external_contract *c, const struct external_plan *plan,
    const struct exec_result *r, struct arena *arena)
{
	struct external_placed p = {NULL, NULL};
	struct why why = {{0}};

	if (c->placed == NULL)
		return;
	if (c->placed(plan, r, arena, &p, &why) != ERR_OK) {
		must(why.text[0] != '\0');
		return;
	}
	must(p.id == NULL || utf8_valid(p.id, strlen(p.id)));
}

static void
check_list(const struct external_contract *c, const struct external_plan *plan,
    const struct job *job, struct arena *arena)
{
	struct external_actions a;

	c->list(job, plan, arena, &a);
	must(a.count <= EXTERNAL_ACTIONS_MAX);
	for (size_t i = 0; i < a.count; i++)
		must((a.items[i].flag != NULL) == (a.items[i].mode != EXTERNAL_CHECK));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct external_contract *const contracts[] = {
	    &external_forcad, &external_hackerdom, &external_ctf01d};
	uint8_t pick = size > 0 ? data[0] : 0;
	const struct external_contract *c = contracts[pick % 3];
	const char *out = (const char *)data + (size > 0), *nul;
	size_t left = size - (size > 0);
	struct external_memo memo = {.known = true};
	struct external_plan plan = {.puts = 1 + pick % 4,
	    .gets = 1 + pick % 5,
	    .forcad_tag = (enum forcad_tag)(pick / 3 % 3),
	    .memo = &memo};
	struct job job = {.tick = 7 + pick,
	    .put_count = 1,
	    .put = {{.tick = 7 + pick, .flag = FLAG, .seed = "0123456789abcdef", .saved = ""}},
	    .get_count = 1,
	    .get = {{.tick = 6, .flag = "OLD{}x", .seed = "0123456789abcdee", .saved = ""}}};
	struct exec_result r = {.started = true, .exit_code = EXIT_UP};
	struct arena arena = {0};

	nul = memchr(out, '\0', left);
	r.out_len = nul != NULL ? (size_t)(nul - out) : left;
	r.err_len = nul != NULL ? left - r.out_len - 1 : 0;
	r.out = arena_strndup(&arena, out, r.out_len);
	r.err = arena_strndup(&arena, nul != NULL ? nul + 1 : "", r.err_len);
	check_text(&job, r.out, r.out_len, pick & 1, &arena);
	check_text(&job, r.err, r.err_len, pick & 1, &arena);
	if (c->informed != NULL)
		c->informed(&memo, r.out, r.out_len);
	check_placed(c, &plan, &r, &arena);
	job.get[0].saved = r.err;
	check_list(c, &plan, &job, &arena);
	arena_free(&arena);
	return 0;
}
