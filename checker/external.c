#include "checker/external.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MEBIBYTE ((int64_t)1024 * 1024)
#define MASK "[flag]"

/* ---- how it ended ---- */

static void
judge_signal(int number, struct external_verdict *out)
{
	out->status = ST_FAULT;
	if (number == SIGXCPU)
		(void)why_set(&out->said, ERR_OK, "the checker has used up its CPU time");
	else
		(void)why_set(&out->said, ERR_OK, "the checker was ended by signal %d (%s)", number,
		    strsignal(number));
}

static void
judge_code(int code, struct external_verdict *out)
{
	static const struct {
		int code;
		enum status status;
	} known[] = {{EXIT_UP, ST_OK}, {EXIT_CORRUPT, ST_CORRUPT}, {EXIT_MUMBLE, ST_MUMBLE},
	    {EXIT_DOWN, ST_DOWN}, {EXIT_CHECK_FAILED, ST_FAULT}, {EXIT_SERVICE_DISABLED, ST_FAULT}};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].code != code)
			continue;
		out->status = known[i].status;
		out->spoken = true;
		(void)why_set(&out->said, ERR_OK, "%s", external_words(out->status));
		return;
	}
	out->status = ST_FAULT;
	(void)why_set(
	    &out->said, ERR_OK, "the checker ended with exit code %d, which means nothing", code);
}

void
external_judge(const struct exec_result *r, int64_t limit_ms, struct external_verdict *out)
{
	*out = (struct external_verdict){.status = ST_FAULT};
	if (!r->started) {
		(void)why_set(
		    &out->said, ERR_OK, "the checker could not be started: %s", r->why.text);
	} else if (r->timed_out) {
		out->status = ST_DOWN;
		(void)why_set(&out->said, ERR_OK, "timed out after %lld ms", (long long)limit_ms);
	} else if (r->signal != 0) {
		judge_signal(r->signal, out);
	} else {
		judge_code(r->exit_code, out);
	}
}

const char *
external_words(enum status status)
{
	static const char *const words[ST_COUNT] = {
	    [ST_RECOVERING] = "works, but an older flag is missing",
	    [ST_CORRUPT] = "a flag or content is gone or changed",
	    [ST_MUMBLE] = "answers wrongly",
	    [ST_DOWN] = "does not answer",
	    [ST_FAULT] = "the checker itself failed",
	};

	return words[status] != NULL ? words[status] : "";
}

/* ---- its output ---- */

/* Takes one flag out of the text in place, wherever it stands; the new length. */
static size_t
mask_flag(char *text, size_t len, const char *flag)
{
	size_t flag_len = strlen(flag), mask_len = strlen(MASK);
	char *at;

	if (flag_len < mask_len)
		return len;
	for (size_t from = 0; (at = memmem(text + from, len - from, flag, flag_len)) != NULL;) {
		memcpy(at, MASK, mask_len);
		memmove(at + mask_len, at + flag_len, (size_t)(text + len - (at + flag_len)));
		len -= flag_len - mask_len;
		from = (size_t)(at - text) + mask_len;
	}
	return len;
}

static size_t
mask_flags(const struct job *job, char *text, size_t len)
{
	for (size_t i = 0; i < job->put_count; i++)
		len = mask_flag(text, len, job->put[i].flag);
	for (size_t i = 0; i < job->get_count; i++)
		len = mask_flag(text, len, job->get[i].flag);
	return len;
}

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The first or last max bytes of plain text, by whole characters. */
static char *
cut(char *text, size_t len, size_t max, bool tail)
{
	char *from = text;

	if (len <= max)
		return text;
	if (tail) {
		for (from = text + len - max; continues(*from); from++)
			;
		return from;
	}
	while (max > 0 && continues(text[max]))
		max--;
	text[max] = '\0';
	return text;
}

static char *
trim(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
	return text + strspn(text, " ");
}

const char *
external_text(struct arena *arena, const struct job *job, const char *bytes, size_t len, size_t max,
    bool tail)
{
	char *text = arena_strndup(arena, bytes, len);

	len = mask_flags(job, text, len);
	protocol_make_plain(text, len);
	text[len] = '\0';
	text = trim(text);
	return trim(cut(text, strlen(text), max, tail));
}

/* ---- how it is started ---- */

void
external_options(const struct external_plan *plan, struct arena *arena, const char *const *args,
    size_t arg_count, struct exec_options *out)
{
	size_t fixed = 0;
	const char **argv;

	while (plan->argv[fixed] != NULL)
		fixed++;
	argv = arena_array(arena, fixed + arg_count + 1, sizeof *argv);
	memcpy(argv, plan->argv, fixed * sizeof *argv);
	if (arg_count > 0)
		memcpy(argv + fixed, args, arg_count * sizeof *argv);
	*out = (struct exec_options){.argv = argv,
	    .env = plan->env,
	    .dir = plan->dir,
	    .cwd = plan->cwd_scratch ? EXEC_CWD_SCRATCH : EXEC_CWD_DIR,
	    .limits = {.cpu_s = plan->cpu_s,
		.memory_bytes = plan->memory_mb * MEBIBYTE,
		.processes = plan->processes,
		.file_bytes = plan->file_mb * MEBIBYTE},
	    .out_max = EXTERNAL_OUTPUT_BYTES,
	    .err_max = EXTERNAL_OUTPUT_BYTES};
}
