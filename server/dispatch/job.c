#include "base/json.h"
#include "checker/protocol.h"
#include "dispatch/internal.h"

#include <stdio.h>
#include <string.h>

#define ROUND_FLAGS_MAX (2 * JOB_FLAGS_MAX)

/* The values of one slot out of what a whole round kept, their prefix taken off. */
struct slot_values {
	char prefix[8];
	struct json_writer w;
};

static enum err
take_value(void *ctx, const char *key, const struct json_t *value)
{
	struct slot_values *s = ctx;
	size_t len = strlen(s->prefix);

	if (strncmp(key, s->prefix, len) == 0 && jr_is_string(value))
		jw_kv_str(&s->w, key + len, jr_string(value, NULL));
	return ERR_OK;
}

/* "" if nothing was kept for the slot. */
static const char *
slot_saved(struct dispatch *d, const char *saved, int slot)
{
	struct slot_values s;
	struct json_t *o;
	struct buf out;
	const char *text;

	if (saved == NULL || saved[0] == '\0' || jr_parse(saved, strlen(saved), &o, NULL) != ERR_OK)
		return "";
	snprintf(s.prefix, sizeof s.prefix, "s%d.", slot & 7);
	buf_init(&out, JOB_LINE_MAX_BYTES);
	jw_begin(&s.w, &out);
	jw_object(&s.w);
	(void)!jr_each(o, take_value, &s);
	jw_object_end(&s.w);
	jr_free(o);
	text = out.failed ? "" : arena_strndup(&d->arena, out.data, out.len);
	buf_free(&out);
	return text;
}

/* This tick's flags are put, the others looked for; more than a job takes are left out. */
static void
add_flag(struct dispatch *d, struct job *job, const struct check_flag *f)
{
	bool present = f->tick == d->tick;
	struct job_flag out = {
	    .tick = f->tick, .slot = f->slot, .flag = f->text, .seed = f->seed, .saved = ""};

	if (present && job->put_count < JOB_FLAGS_MAX) {
		job->put[job->put_count++] = out;
	} else if (!present && job->get_count < JOB_FLAGS_MAX) {
		out.saved = slot_saved(d, f->saved, f->slot);
		job->get[job->get_count++] = out;
	}
}

void
job_write(struct dispatch *d, uint32_t system, uint64_t id, int64_t timeout_ms, struct buf *out)
{
	const struct check_target *target = &d->o.targets[system];
	struct check_flag *flags = arena_array(&d->arena, ROUND_FLAGS_MAX, sizeof *flags);
	size_t count = d->o.flags(d->o.ctx, system, d->tick, flags, ROUND_FLAGS_MAX);
	struct job *job = arena_alloc(&d->arena, sizeof *job);

	*job = (struct job){.id = id,
	    .challenge = target->challenge,
	    .host = target->host,
	    .port = target->port,
	    .tick = d->tick,
	    .tick_ms = d->o.tick_ms,
	    .timeout_ms = timeout_ms,
	    .team_id = target->team_id,
	    .team_name = target->team_name,
	    .team_number = target->team_number,
	    .state = d->o.state(d->o.ctx, system),
	    .verbose = d->o.verbose};
	for (size_t i = 0; i < count; i++)
		add_flag(d, job, &flags[i]);
	protocol_write_job(out, job);
}
