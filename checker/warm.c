#include "checker/warm.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/exec_internal.h"
#include "checker/warm_internal.h"

#include <endian.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 13 /* of a frame: kind, id, length */
#define FRAME_MAX_BYTES (256 * 1024)
#define REASON_MAX_BYTES 300
/* An interpreter serves so long and so many, then another takes over: nothing grows for ever. */
#define RETIRE_MS (EXEC_TIMEOUT_MAX_MS / 2)
#define RETIRE_RUNS 20000
#define RETRY_MS 60000 /* after one that ended by itself or refused, cold starts for so long */
#define TOGETHER 32    /* checks of one script at once, for the limit on processes */
#define DESCRIPTORS 4096
#define ZYGOTES_MAX 256

enum zygote_state { ZYGOTE_STARTING, ZYGOTE_READY, ZYGOTE_REFUSED, ZYGOTE_ENDED };

struct zygote {
	struct warm_host *host;
	struct zygote *next;
	struct warm_command command; /* its script is a copy; no args */
	char *script, *dir;
	struct exec_limits limits;
	enum zygote_state state;
	bool told;     /* the log has been told that it refuses */
	bool retiring; /* no further starts; it goes with its last run */
	bool parsing;  /* callbacks are under way: it must stay */
	struct exec *process;
	struct exec *runs; /* by next_warm */
	unsigned served;
	uint64_t since_ms; /* of its start or its end */
	struct buf in;
};

struct warm_host {
	struct exec_host *exec;
	uv_loop_t *loop;
	struct zygote *zygotes;
	unsigned count;
};

/* ---- interpreters ---- */

static void
zygote_free(struct zygote *z)
{
	struct zygote **at = &z->host->zygotes;

	while (*at != z)
		at = &(*at)->next;
	*at = z->next;
	z->host->count--;
	buf_free(&z->in);
	free(z->script);
	free(z->dir);
	free(z);
}

/* One that is retiring and has nothing left to do goes. */
static void
zygote_settle(struct zygote *z)
{
	if (!z->retiring || z->runs != NULL || z->parsing)
		return;
	if (z->process != NULL)
		exec_cancel(z->process);
	zygote_free(z);
}

static void
put_head(char *out, char kind, uint64_t id, size_t len)
{
	uint64_t wire_id = htole64(id);
	uint32_t wire_len = htole32((uint32_t)len);

	out[0] = kind;
	memcpy(out + 1, &wire_id, sizeof wire_id);
	memcpy(out + 9, &wire_len, sizeof wire_len);
}

static enum err
send_frame(struct zygote *z, char kind, uint64_t id, const char *data, size_t len)
{
	struct buf frame;
	char head[HEAD_BYTES];
	enum err e;

	if (z->process == NULL)
		return ERR_CLOSED;
	buf_init(&frame, FRAME_MAX_BYTES + HEAD_BYTES);
	put_head(head, kind, id, len);
	buf_put(&frame, head, sizeof head);
	buf_put(&frame, data, len);
	e = frame.failed ? ERR_LIMIT : exec_send(z->process, frame.data, frame.len);
	buf_free(&frame);
	return e;
}

/* ---- what an interpreter says ---- */

static struct exec *
find_run(const struct zygote *z, uint64_t id)
{
	struct exec *x = z->runs;

	while (x != NULL && x->id != id)
		x = x->next_warm;
	return x;
}

static void
take_out(struct zygote *z, struct exec *x)
{
	struct exec **at = &z->runs;

	while (*at != x)
		at = &(*at)->next_warm;
	*at = x->next_warm;
	x->zygote = NULL;
}

static void
run_ended(struct zygote *z, struct exec *x, const char *data, size_t len)
{
	struct exec_result r = {.started = true, .exit_code = -1};
	int32_t numbers[2];

	if (len != sizeof numbers)
		return;
	memcpy(numbers, data, sizeof numbers);
	r.exit_code = (int)le32toh((uint32_t)numbers[0]);
	r.signal = (int)le32toh((uint32_t)numbers[1]);
	take_out(z, x);
	exec_finish(x, &r);
}

static void
run_failed(struct zygote *z, struct exec *x, const char *why, size_t len)
{
	struct exec_result r = {.exit_code = -1};

	(void)why_set(&r.why, ERR_IO, "its warm interpreter: %.*s", (int)len, why);
	take_out(z, x);
	exec_finish(x, &r);
}

/* The interpreter could not fork it: nothing of it has run, so that it can still be started cold. */
static void
run_refused(struct zygote *z, struct exec *x)
{
	struct exec_result r = {.exit_code = -1};

	take_out(z, x);
	if (exec_start_cold(x, &r.why) == ERR_OK)
		return;
	exec_close_theirs(x);
	exec_finish(x, &r);
}

static void
refused(struct zygote *z, const char *why, size_t len)
{
	char text[REASON_MAX_BYTES + 1];

	snprintf(text, sizeof text, "%.*s", (int)len, why);
	protocol_make_plain(text, strlen(text));
	z->state = ZYGOTE_REFUSED;
	if (!z->told)
		log_info("warm", "%s is started anew for each check: %s", z->script, text);
	z->told = true;
}

/* About a run: it may have been cancelled, and every callback may cancel it. */
static void
take_run_frame(struct zygote *z, char kind, uint64_t id, const char *data, size_t len)
{
	struct exec *x = find_run(z, id);

	if (x == NULL)
		return;
	if (kind == 'O' || kind == 'E')
		exec_keep(x, kind == 'O' ? PIPE_OUT : PIPE_ERR, data, len);
	else if (kind == 'F' && x->on_data != NULL)
		x->on_data(x->ctx, data, len);
	else if (kind == 'X')
		run_ended(z, x, data, len);
	else if (kind == 'B' && !x->timed_out)
		run_refused(z, x);
	else if (kind == 'B')
		run_failed(z, x, data, len);
}

static void
take_frame(struct zygote *z, char kind, uint64_t id, const char *data, size_t len)
{
	if (kind == 'R')
		z->state = ZYGOTE_READY;
	else if (kind == 'N')
		refused(z, data, len);
	else if (kind == 'L')
		z->retiring = true;
	else
		take_run_frame(z, kind, id, data, len);
}

/* False: what comes is no frame of ours. */
static bool
take_frames(struct zygote *z)
{
	size_t from = 0;

	while (z->in.len - from >= HEAD_BYTES) {
		const char *head = z->in.data + from;
		uint64_t id;
		uint32_t len;

		memcpy(&id, head + 1, sizeof id);
		memcpy(&len, head + 9, sizeof len);
		id = le64toh(id);
		len = le32toh(len);
		if (len > FRAME_MAX_BYTES)
			return false;
		if (z->in.len - from < HEAD_BYTES + len)
			break;
		take_frame(z, head[0], id, head + HEAD_BYTES, len);
		from += HEAD_BYTES + len;
	}
	buf_shift(&z->in, from);
	return true;
}

static void
fail_runs(struct zygote *z, const char *why)
{
	while (z->runs != NULL)
		run_failed(z, z->runs, why, strlen(why));
}

/* It is no use any more: what it runs is lost, and for a while checks are started cold. */
static void
give_up(struct zygote *z, const char *why)
{
	struct exec *process = z->process;

	z->process = NULL;
	if (z->state != ZYGOTE_REFUSED) {
		z->state = ZYGOTE_ENDED;
		log_warn("warm", "the interpreter of %s %s; checks are started cold for %d s",
		    z->script, why, RETRY_MS / 1000);
	}
	z->since_ms = uv_now(z->host->loop);
	if (process != NULL)
		exec_cancel(process);
	fail_runs(z, why);
}

static void
on_frames(void *ctx, const char *data, size_t len)
{
	struct zygote *z = ctx;
	bool good;

	z->parsing = true;
	buf_put(&z->in, data, len);
	good = !z->in.failed && take_frames(z);
	if (!good)
		give_up(z, "said what it may not");
	z->parsing = false;
	zygote_settle(z);
}

static void
on_process_ended(void *ctx, const struct exec_result *r)
{
	struct zygote *z = ctx;
	char why[REASON_MAX_BYTES];

	z->process = NULL;
	if (z->state == ZYGOTE_REFUSED)
		return;
	if (r->timed_out &&
	    z->runs == NULL) { /* nobody has needed it for long: as if it had never been */
		z->retiring = true;
		zygote_settle(z);
		return;
	}
	if (!r->started)
		snprintf(why, sizeof why, "cannot be started: %.200s", r->why.text);
	else
		snprintf(why, sizeof why, "ended by itself (exit code %d, signal %d)", r->exit_code,
		    r->signal);
	z->parsing = true;
	give_up(z, why);
	z->parsing = false;
	zygote_settle(z);
}

/* ---- starting one ---- */

static struct exec_limits
zygote_limits(const struct exec_limits *l)
{
	int processes = (l->processes > 0 ? l->processes : EXEC_PROCESSES_DEFAULT) * TOGETHER;

	return (struct exec_limits){.cpu_s = EXEC_CPU_MAX_S,
	    .memory_bytes = l->memory_bytes,
	    .processes = processes < EXEC_PROCESSES_MAX ? processes : EXEC_PROCESSES_MAX,
	    .file_bytes = l->file_bytes,
	    .files = DESCRIPTORS};
}

static void
zygote_launch(struct zygote *z)
{
	bool private = strcmp(exec_sandbox(z->host->exec), "bubblewrap") == 0;
	char cpu[24], files[24];
	const char *argv[] = {z->command.interpreter, "-c", warm_source, z->script, cpu, files,
	    private ? "1" : "0", NULL};
	struct exec_options o = {.argv = argv,
	    .dir = z->dir,
	    .cwd = EXEC_CWD_SCRATCH,
	    .limits = zygote_limits(&z->limits),
	    .timeout_ms = EXEC_TIMEOUT_MAX_MS,
	    .duplex = true,
	    .err_max = 4096,
	    .on_data = on_frames,
	    .done = on_process_ended,
	    .ctx = z};
	struct why why;

	snprintf(cpu, sizeof cpu, "%lld",
	    (long long)(z->limits.cpu_s > 0 ? z->limits.cpu_s : EXEC_CPU_DEFAULT_S));
	snprintf(
	    files, sizeof files, "%d", z->limits.files > 0 ? z->limits.files : EXEC_FILES_DEFAULT);
	z->state = ZYGOTE_STARTING;
	z->since_ms = uv_now(z->host->loop);
	z->served = 0;
	buf_reset(&z->in);
	if ((z->process = exec_start(z->host->exec, &o, &why)) == NULL)
		give_up(z, why.text);
}

static void
zygote_new(struct warm_host *w, const struct warm_command *c, const struct exec_options *o)
{
	struct zygote *z;

	if (w->count == ZYGOTES_MAX)
		return;
	z = mem_alloc(sizeof *z);
	z->host = w;
	z->command = *c;
	z->script = mem_strdup(c->script);
	z->dir = mem_strdup(o->dir);
	z->limits = o->limits;
	buf_init(&z->in, 2 * FRAME_MAX_BYTES);
	z->next = w->zygotes;
	w->zygotes = z;
	w->count++;
	zygote_launch(z);
}

static bool
same_limits(const struct exec_limits *a, const struct exec_limits *b)
{
	return a->cpu_s == b->cpu_s && a->memory_bytes == b->memory_bytes &&
	       a->processes == b->processes && a->file_bytes == b->file_bytes &&
	       a->files == b->files;
}

static bool
is_for(const struct zygote *z, const struct warm_command *c, const struct exec_options *o)
{
	return strcmp(z->script, c->script) == 0 &&
	       strcmp(z->command.interpreter, c->interpreter) == 0 && strcmp(z->dir, o->dir) == 0 &&
	       same_limits(&z->limits, &o->limits);
}

static bool
is_worn(const struct zygote *z)
{
	return uv_now(z->host->loop) - z->since_ms > RETIRE_MS || z->served >= RETIRE_RUNS;
}

/* It may serve until the run must be over: its own time has an end. */
static bool
lasts_for(const struct zygote *z, const struct exec_options *o)
{
	int64_t age_ms = (int64_t)(uv_now(z->host->loop) - z->since_ms);

	return age_ms + o->timeout_ms + EXEC_GRACE_MS < EXEC_TIMEOUT_MAX_MS;
}

/* It has ended, or has refused what its author may have mended since: worth another start. */
static bool
is_due(const struct zygote *z)
{
	return z->process == NULL && uv_now(z->host->loop) - z->since_ms > RETRY_MS &&
	       (z->state == ZYGOTE_ENDED || z->state == ZYGOTE_REFUSED);
}

/* The interpreter that serves this command now, or NULL; sees to it that there will be one. */
static struct zygote *
find_zygote(struct warm_host *w, const struct warm_command *c, const struct exec_options *o)
{
	struct zygote *ready = NULL, *coming = NULL;

	for (struct zygote *z = w->zygotes; z != NULL; z = z->next) {
		if (z->retiring || !is_for(z, c, o))
			continue;
		if (z->state == ZYGOTE_READY && !lasts_for(z, o))
			continue;
		if (z->state == ZYGOTE_READY && (ready == NULL || is_worn(ready)))
			ready = z;
		else if (z->state != ZYGOTE_READY)
			coming = z;
	}
	if (ready != NULL && coming == NULL && is_worn(ready))
		zygote_new(w, c, o); /* it serves until the next one is ready */
	if (ready == NULL && coming == NULL)
		zygote_new(w, c, o);
	if (ready == NULL && coming != NULL && is_due(coming))
		zygote_launch(coming);
	return ready;
}

/* Those that another has taken over from go with their last run. */
static void
retire_worn(struct warm_host *w, const struct zygote *but)
{
	struct zygote *next;

	for (struct zygote *z = w->zygotes; z != NULL; z = next) {
		next = z->next;
		if (z == but || z->state != ZYGOTE_READY || !is_worn(z) ||
		    strcmp(z->script, but->script) != 0)
			continue;
		z->retiring = true;
		zygote_settle(z);
	}
}

/* ---- runs ---- */

static void
write_list(struct json_writer *w, const char *key, const char *const *list)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		jw_str(w, list[i]);
	jw_array_end(w);
}

static enum err
send_start(struct zygote *z, const struct exec *x, const struct warm_command *c,
    const struct exec_options *o)
{
	struct json_writer w;
	struct buf text;
	enum err e;

	buf_init(&text, FRAME_MAX_BYTES);
	jw_begin(&w, &text);
	jw_object(&w);
	write_list(&w, "args", c->args);
	jw_kv_str(&w, "dir", o->cwd == EXEC_CWD_DIR ? o->dir : "");
	jw_kv_bool(&w, "duplex", o->duplex);
	write_list(&w, "env", o->env);
	jw_kv_int(&w, "err_max", (int64_t)x->kept[1].max_bytes);
	jw_kv_int(&w, "out_max", (int64_t)x->kept[0].max_bytes);
	jw_object_end(&w);
	e = text.failed ? ERR_LIMIT : send_frame(z, 'S', x->id, text.data, text.len);
	buf_free(&text);
	return e;
}

bool
warm_start(struct warm_host *w, struct exec *x, const struct exec_options *o)
{
	struct warm_command c;
	struct zygote *z;

	if (!warm_command(o->argv, &c) || (z = find_zygote(w, &c, o)) == NULL ||
	    send_start(z, x, &c, o) != ERR_OK)
		return false;
	z->served++;
	x->zygote = z;
	x->next_warm = z->runs;
	z->runs = x;
	if (!is_worn(z))
		retire_worn(w, z);
	return true;
}

enum err
warm_send(struct exec *x, const char *data, size_t len)
{
	return send_frame(x->zygote, 'D', x->id, data, len);
}

void
warm_signal(struct exec *x, int number)
{
	char byte = (char)number;

	(void)!send_frame(x->zygote, 'K', x->id, &byte, 1);
}

void
warm_leave(struct exec *x)
{
	struct zygote *z = x->zygote;

	warm_signal(x, SIGKILL);
	take_out(z, x);
	zygote_settle(z);
}

void
warm_stuck(struct exec *x)
{
	struct zygote *z = x->zygote;

	z->retiring = true;
	z->parsing = true;
	give_up(z, "does not report an end");
	z->parsing = false;
	zygote_settle(z);
}

/* ---- life ---- */

struct warm_host *
warm_host_new(struct exec_host *exec, uv_loop_t *loop)
{
	struct warm_host *w = mem_alloc(sizeof *w);

	w->exec = exec;
	w->loop = loop;
	return w;
}

void
warm_host_free(struct warm_host *w)
{
	while (w != NULL && w->zygotes != NULL)
		zygote_free(w->zygotes);
	free(w);
}
