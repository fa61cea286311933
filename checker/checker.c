#include "checker/checker.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/contract.h"
#include "checker/exec.h"
#include "checker/http_step.h"
#include "checker/link.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAMS_MAX 1000
#define MMAP_THRESHOLD_BYTES (128 * 1024)

struct named_program {
	char *challenge;
	struct program *program;
};

struct checker {
	struct checker_options o;
	uv_loop_t loop;
	uv_signal_t signals[2];
	struct link *link;
	struct host host;
	struct arena arena; /* of the line being read */
	struct named_program *programs;
	size_t program_count;
	enum err ended; /* ERR_OK unless a line or the link was bad */
	bool stopping;
};

/* Everything is told to end; the loop drains by itself. */
static void
stop(struct checker *c, enum err e)
{
	if (c->stopping)
		return;
	c->stopping = true;
	c->ended = e;
	host_cancel_all(&c->host);
	http_engine_close(c->host.http);
	exec_host_close(c->host.exec);
	for (size_t i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&c->signals[i], NULL);
	if (c->link != NULL)
		link_close(c->link);
}

/* ---- lines ---- */

static const struct program *
find_program(const struct checker *c, const char *challenge)
{
	for (size_t i = 0; i < c->program_count; i++)
		if (strcmp(c->programs[i].challenge, challenge) == 0)
			return c->programs[i].program;
	return NULL;
}

static enum err
add_program(struct checker *c, const struct line *line, struct why *why)
{
	struct named_program *grown;
	struct program *program;
	enum err e;

	if (c->program_count == PROGRAMS_MAX)
		return why_set(why, ERR_LIMIT, "more than %d programs", PROGRAMS_MAX);
	if (find_program(c, line->challenge) != NULL)
		return why_set(
		    why, ERR_INVALID, "a second program for the challenge %s", line->challenge);
	if ((e = program_read(line->program, strlen(line->program), &program, why)) != ERR_OK)
		return e;
	grown = mem_resize(c->programs, c->program_count + 1, sizeof *grown);
	grown[c->program_count++] = (struct named_program){mem_strdup(line->challenge), program};
	c->programs = grown;
	return ERR_OK;
}

static void
put_result(struct checker *c, const struct job_result *r)
{
	protocol_write_result(link_put(c->link), r);
	link_put_done(c->link);
}

static void
start_job(struct checker *c, struct job *job)
{
	const struct program *program = find_program(c, job->challenge);
	contract_start *start = program != NULL ? contract_starter(program->contract) : NULL;

	if (start != NULL) {
		start(&c->host, program, job, &c->arena);
		return;
	}
	log_warn("checker", "job %llu names the challenge %s, which %s",
	    (unsigned long long)job->id, job->challenge,
	    program == NULL ? "has no program" : "is of a contract unknown here");
	put_result(c, &(struct job_result){.id = job->id,
			  .status = ST_FAULT,
			  .message = "the checker does not know this challenge",
			  .trace = "",
			  .saved = "",
			  .state = ""});
}

static void
on_line(void *ctx, const char *text, size_t len)
{
	struct checker *c = ctx;
	struct line line;
	struct why why;
	enum err e = protocol_read(TO_CHECKER, text, len, &c->arena, &line, &why);

	if (e == ERR_OK && line.type == LINE_PROGRAM)
		e = add_program(c, &line, &why);
	else if (e == ERR_OK)
		start_job(c, line.job);
	if (e != ERR_OK) {
		log_error("checker", "bad line from drilld: %s", why.text);
		stop(c, ERR_INVALID);
	}
	arena_reset(&c->arena);
}

static bool
has_room(void *ctx)
{
	const struct checker *c = ctx;

	return c->host.count < c->o.in_flight;
}

static void
on_end(void *ctx, const char *why)
{
	struct checker *c = ctx;

	if (why[0] != '\0')
		log_error("checker", "the line to drilld failed: %s", why);
	stop(c, why[0] != '\0' ? ERR_IO : ERR_OK);
}

static void
on_finished(void *ctx, const struct job_result *r)
{
	struct checker *c = ctx;

	put_result(c, r);
	link_resume(c->link);
}

/* drilld counts what is under way as faults and starts another checker. */
static void
on_launcher_died(void *ctx)
{
	stop(ctx, ERR_IO);
}

static void
on_signal(uv_signal_t *s, int number)
{
	(void)number;
	stop(s->data, ERR_OK);
}

/* ---- life ---- */

static void
open_loop(struct checker *c)
{
	static const int numbers[] = {SIGTERM, SIGINT};

	if (uv_loop_init(&c->loop) != 0)
		log_die("checker", "the event loop cannot be made");
	for (size_t i = 0; i < 2; i++) {
		uv_signal_init(&c->loop, &c->signals[i]);
		c->signals[i].data = c;
		uv_signal_start(&c->signals[i], on_signal, numbers[i]);
	}
	c->host = (struct host){
	    .loop = &c->loop, .http = http_engine_new(&c->loop), .finished = on_finished, .ctx = c};
}

static enum err
open_exec(struct checker *c)
{
	struct why why;

	c->host.exec = exec_host_open(&c->loop, c->o.launcher_fd, on_launcher_died, c, &why);
	if (c->host.exec != NULL)
		return ERR_OK;
	log_error("checker", "%s", why.text);
	return ERR_IO;
}

static enum err
open_link(struct checker *c)
{
	struct link_options o = {.loop = &c->loop,
	    .fd = c->o.fd,
	    .room = has_room,
	    .line = on_line,
	    .end = on_end,
	    .ctx = c};
	struct why why;
	enum err e = link_open(&o, &c->link, &why);

	if (e != ERR_OK) {
		log_error("checker", "%s", why.text);
		return e;
	}
	protocol_write_ready(
	    link_put(c->link), exec_sandbox(c->host.exec), exec_sandbox_note(c->host.exec));
	link_put_done(c->link);
	return ERR_OK;
}

static void
free_programs(struct checker *c)
{
	for (size_t i = 0; i < c->program_count; i++) {
		program_free(c->programs[i].program);
		free(c->programs[i].challenge);
	}
	free(c->programs);
	arena_free(&c->arena);
}

enum err
checker_run(const struct checker_options *o)
{
	struct checker c = {.o = *o};
	enum err e;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_die("checker", "libcurl cannot be initialised");
	signal(SIGPIPE, SIG_IGN);
	/* Large answers are given back to the system: glibc would raise the threshold with the first one freed. */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
	open_loop(&c);
	if ((e = open_exec(&c)) != ERR_OK || (e = open_link(&c)) != ERR_OK)
		stop(&c, e);
	uv_run(&c.loop, UV_RUN_DEFAULT);
	free_programs(&c);
	if (uv_loop_close(&c.loop) != 0) {
		log_error("checker", "the event loop still has open handles");
		c.ended = ERR_IO;
	}
	curl_global_cleanup();
	uv_library_shutdown();
	return c.ended;
}
