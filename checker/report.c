#include "checker/report.h"
#include "base/json.h"
#include "core/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 2048

void
report_init(struct report *r, const struct job *job, struct arena *arena, uv_loop_t *loop)
{
	*r = (struct report){.job = job, .arena = arena, .loop = loop};
	r->start_ms = uv_now(loop);
	buf_init(&r->trace, TRACE_MAX_BYTES);
}

void
report_free(struct report *r)
{
	buf_free(&r->trace);
}

int64_t
report_elapsed_ms(const struct report *r)
{
	return (int64_t)(uv_now(r->loop) - r->start_ms);
}

/* What failed is at the end of a trace: when it is full, the lines of its first half make room. */
static void
make_room(struct report *r, size_t len)
{
	const char *end;

	if (r->trace.len + len <= TRACE_MAX_BYTES)
		return;
	end = memchr(r->trace.data + r->trace.len / 2, '\n', r->trace.len - r->trace.len / 2);
	buf_shift(&r->trace, end != NULL ? (size_t)(end - r->trace.data) + 1 : r->trace.len);
}

void
report_trace(struct report *r, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	int n = snprintf(line, sizeof line, "+%lld ms ", (long long)report_elapsed_ms(r));

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	protocol_make_plain(line, strlen(line));
	make_room(r, strlen(line) + 1);
	buf_printf(&r->trace, "%s\n", line);
}

void
report_store(struct report *r, const char *key, const char *value)
{
	struct stored *grown;
	size_t i;

	for (i = 0; i < r->stored_count && strcmp(r->stored[i].key, key) != 0; i++)
		;
	if (i == r->stored_cap) {
		r->stored_cap = r->stored_cap > 0 ? 2 * r->stored_cap : 16;
		grown = arena_array(r->arena, r->stored_cap, sizeof *grown);
		if (i > 0)
			memcpy(grown, r->stored, i * sizeof *grown);
		r->stored = grown;
	}
	if (i == r->stored_count)
		r->stored[r->stored_count++].key = arena_strdup(r->arena, key);
	r->stored[i].value = arena_strdup(r->arena, value);
}

static void
write_stored(const struct report *r, struct buf *out)
{
	struct json_writer w;

	if (r->stored_count == 0)
		return;
	jw_begin(&w, out);
	jw_object(&w);
	for (size_t i = 0; i < r->stored_count; i++)
		jw_kv_str(&w, r->stored[i].key, r->stored[i].value);
	jw_object_end(&w);
}

/*
 * The last max bytes of the trace, from the beginning of a line: what failed is at its end. A template shown in
 * part may have been cut within a character; the JSON writer's repair would make the text longer.
 */
static const char *
trace_tail(struct report *r, size_t max)
{
	const char *text = r->trace.data != NULL ? r->trace.data : "", *line;
	size_t len = r->trace.len;

	if (len > 0 && text[len - 1] == '\n')
		r->trace.data[--len] = '\0';
	if (len > 0)
		utf8_repair(r->trace.data, len);
	if (len <= max)
		return text;
	line = strchr(text + len - max, '\n');
	return line != NULL ? line + 1 : "";
}

void
report_finish(
    struct report *r, struct host *host, struct task *task, enum status status, const char *message)
{
	char said[MESSAGE_MAX_BYTES + 1];
	struct job_result result = {
	    .id = r->job->id, .status = status, .message = said, .ms = report_elapsed_ms(r)};
	struct buf saved, state;

	snprintf(said, sizeof said, "%s", message);
	protocol_make_plain(said, strlen(said));
	buf_init(&saved, SAVED_MAX_BYTES);
	buf_init(&state, STATE_MAX_BYTES);
	saved_write(&r->saved, &saved);
	write_stored(r, &state);
	if (state.failed) {
		result.status = ST_FAULT;
		result.message = "the checker keeps more than the limit for its system";
		buf_reset(&state);
	}
	result.saved = saved.len > 0 ? saved.data : "";
	result.state = state.len > 0 ? state.data : "";
	result.trace = trace_tail(r, r->job->verbose ? TRACE_MAX_BYTES : MESSAGE_MAX_BYTES);
	host_leave(host, task);
	host->finished(host->ctx, &result);
	buf_free(&saved);
	buf_free(&state);
}
