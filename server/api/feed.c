#include "api/feed.h"
#include "api/feed_delta.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_MAX_BYTES (256u * 1024) /* a frame is closed when it grows past this */
#define PENDING_MAX_BYTES (256u * 1024 * 1024)
/*
 * After a frame the next one waits a moment and takes along what commits meanwhile: a frame costs a write
 * per client, and under load there are hundreds of commits a second.
 */
#define FRAME_GAP_MS 50
#define CLIENTS_PER_MS 50 /* so many clients more lengthen the gap by 1 ms */

/* A span of text in the pending buffer. */
struct span {
	size_t at, len;
};

struct delta {
	uint64_t seq;
	struct span public_;
	struct span staff; /* len 0: as the public one */
	struct span team;  /* len 0: as the public one */
	int team_index;
	/*
	 * A hold or a void: in a frame of its own, for these departments (ascending) see it as staff does,
	 * and the others may see nothing of it (public_.len 0).
	 */
	bool alone;
	int *teams;
	size_t team_count;
};

struct feed {
	struct live_hub *hub;
	int offset_minutes;
	int64_t at_ms; /* what `at` says */
	char at[RFC3339_BYTES];
	uint64_t durable; /* deltas up to this seq may go out */
	int64_t next_ms;  /* when the next frame may (monotonic) */
	struct buf text;
	struct delta *pending;
	size_t count, capacity;
	char *kept[FEED_KEEP]; /* a ring: kept_next is the oldest */
	size_t kept_next;
};

struct feed *
feed_new(int offset_minutes)
{
	struct feed *f = mem_alloc(sizeof *f);

	f->offset_minutes = offset_minutes;
	rfc3339_format(f->at_ms, f->offset_minutes, f->at);
	buf_init(&f->text, PENDING_MAX_BYTES);
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < FEED_KEEP; i++)
		free(f->kept[i]);
	for (size_t i = 0; i < f->count; i++)
		free(f->pending[i].teams);
	buf_free(&f->text);
	free(f->pending);
	free(f);
}

void
feed_attach(struct feed *f, struct live_hub *hub)
{
	f->hub = hub;
}

/* ---- making a delta ---- */

static struct span
write_delta(
    struct feed *f, const struct game *g, const struct event *ev, bool first, unsigned parts)
{
	struct span s = {.at = f->text.len};
	struct json_writer w;

	if (ev->at_ms != f->at_ms) { /* a batch of events has one time */
		f->at_ms = ev->at_ms;
		rfc3339_format(f->at_ms, f->offset_minutes, f->at);
	}
	jw_begin(&w, &f->text);
	jw_object(&w);
	jw_kv_int(&w, "seq", (int64_t)ev->seq);
	jw_kv_str(&w, "at", f->at);
	jw_kv_int(&w, "drill_ms", ev->drill_ms);
	jw_kv_str(&w, "kind", event_kind_name(ev->kind));
	delta_write_members(&w, g, ev, first, parts);
	jw_object_end(&w);
	s.len = f->text.len - s.at;
	return s;
}

static void
keep(struct feed *f, struct span s)
{
	free(f->kept[f->kept_next]);
	f->kept[f->kept_next] = mem_strndup(f->text.data + s.at, s.len);
	f->kept_next = (f->kept_next + 1) % FEED_KEEP;
}

static void
write_alone(struct feed *f, const struct game *g, const struct event *ev, struct delta *d)
{
	d->alone = true;
	d->public_.at = f->text.len;
	if (!delta_is_internal(g, ev)) {
		d->public_ = write_delta(f, g, ev, false, PART_STATE);
		d->teams = delta_owners(g, ev, &d->team_count);
	}
	d->staff = write_delta(f, g, ev, false, PART_STATE | PART_MESSAGE);
}

static void
write_audiences(
    struct feed *f, const struct game *g, const struct event *ev, bool first, struct delta *d)
{
	switch (ev->kind) {
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		write_alone(f, g, ev, d);
		break;
	case EV_CHECK_DONE:
		d->public_ = write_delta(f, g, ev, first, 0);
		d->team = write_delta(f, g, ev, first, PART_MESSAGE);
		d->staff = write_delta(f, g, ev, first, PART_MESSAGE | PART_TRACE);
		d->team_index = g->config->systems[game_system(g, ev->u.check.system)].team;
		break;
	default:
		d->public_ = write_delta(f, g, ev, first, 0);
		break;
	}
}

/* For the board's feed; of what carries a state with it, a short one. */
static void
keep_notable(
    struct feed *f, const struct game *g, const struct event *ev, bool first, const struct delta *d)
{
	struct span s = d->public_;

	if (d->alone)
		s = write_delta(f, g, ev, first, 0);
	if (!f->text.failed)
		keep(f, s);
	if (d->alone)
		f->text.len = s.at;
}

static void
forget_all(struct feed *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->pending[i].teams);
	f->count = 0;
	buf_reset(&f->text);
}

void
feed_event(
    struct feed *f, const struct game *g, const struct event *ev, enum status was, bool first)
{
	struct delta d = {.seq = ev->seq, .team_index = -1};

	if (!delta_published(ev->kind))
		return;
	write_audiences(f, g, ev, first, &d);
	if (delta_notable(g, ev, was))
		keep_notable(f, g, ev, first, &d);
	if (f->text.failed) { /* past any sane backlog: the deltas are given up, not the clients */
		forget_all(f);
		free(d.teams);
		if (f->hub != NULL)
			live_resync(f->hub);
		return;
	}
	if (f->count == f->capacity) {
		f->capacity = f->capacity > 0 ? f->capacity * 2 : 64;
		f->pending = mem_resize(f->pending, f->capacity, sizeof *f->pending);
	}
	f->pending[f->count++] = d;
}

void
feed_remember(
    struct feed *f, const struct game *g, const struct event *ev, enum status was, bool first)
{
	if (!delta_notable(g, ev, was))
		return;
	keep(f, write_delta(f, g, ev, first, 0));
	buf_reset(&f->text);
}

/* ---- frames ---- */

static const char frame_open[] = "{\"type\":\"deltas\",\"deltas\":[";

static void
append(struct buf *out, const struct feed *f, struct span s)
{
	buf_puts(out, out->len == 0 ? frame_open : ",");
	buf_put(out, f->text.data + s.at, s.len);
}

static struct payload *
finish(struct buf *out)
{
	struct payload *p;

	buf_puts(out, "]}");
	p = payload_new(out->data, out->len);
	buf_reset(out);
	return p;
}

/* The departments that see more than the public in pending[from, to): each once. */
static size_t
teams_of(const struct feed *f, size_t from, size_t to, int *teams, size_t max)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		size_t k = 0;

		if (f->pending[i].team_index < 0)
			continue;
		while (k < n && teams[k] != f->pending[i].team_index)
			k++;
		if (k == n && n < max)
			teams[n++] = f->pending[i].team_index;
	}
	return n;
}

static struct payload *
encode_range(const struct feed *f, size_t from, size_t to, int audience, struct buf *out)
{
	for (size_t i = from; i < to; i++) {
		const struct delta *d = &f->pending[i];
		bool staff = audience == LIVE_STAFF && d->staff.len > 0;
		bool team = audience >= 0 && d->team_index == audience;

		append(out, f, staff ? d->staff : team ? d->team : d->public_);
	}
	return finish(out);
}

/* Staff's payload is the concerned departments', too. */
static void
publish_alone(struct feed *f, size_t at)
{
	const struct delta *d = &f->pending[at];
	struct live_part *parts = mem_array(d->team_count + 1, sizeof *parts);
	struct live_frame frame = {.seq = d->seq, .parts = parts, .part_count = d->team_count};
	struct buf out;

	buf_init(&out, PENDING_MAX_BYTES);
	if (d->public_.len > 0)
		frame.public_ = encode_range(f, at, at + 1, LIVE_PUBLIC, &out);
	frame.staff = encode_range(f, at, at + 1, LIVE_STAFF, &out);
	for (size_t i = 0; i < d->team_count; i++)
		parts[i] = (struct live_part){.team = d->teams[i], .payload = frame.staff};
	live_publish(f->hub, &frame);
	if (frame.public_ != NULL)
		payload_drop(frame.public_);
	payload_drop(frame.staff);
	buf_free(&out);
	free(parts);
}

/* At most this many departments per frame get one of their own; a range is cut before it has more. */
#define PARTS_MAX 64

static void
publish_range(struct feed *f, size_t from, size_t to)
{
	int teams[PARTS_MAX];
	struct live_part parts[PARTS_MAX];
	struct live_frame frame = {.seq = f->pending[to - 1].seq, .parts = parts};
	struct buf out;

	buf_init(&out, PENDING_MAX_BYTES);
	frame.public_ = encode_range(f, from, to, LIVE_PUBLIC, &out);
	frame.part_count = teams_of(f, from, to, teams, PARTS_MAX);
	frame.staff =
	    frame.part_count > 0 ? encode_range(f, from, to, LIVE_STAFF, &out) : frame.public_;
	for (size_t i = 0; i < frame.part_count; i++) {
		parts[i].team = teams[i];
		parts[i].payload = encode_range(f, from, to, teams[i], &out);
	}
	live_publish(f->hub, &frame);
	if (frame.staff != frame.public_)
		payload_drop(frame.staff);
	payload_drop(frame.public_);
	for (size_t i = 0; i < frame.part_count; i++)
		payload_drop(parts[i].payload);
	buf_free(&out);
}

/* The end of the range that begins at from: few enough bytes and departments for one frame. */
static size_t
range_end(const struct feed *f, size_t from, size_t to)
{
	size_t bytes = 0, parts = 0, i;

	if (f->pending[from].alone)
		return from + 1;
	for (i = from; i < to && !f->pending[i].alone; i++) {
		bytes += f->pending[i].public_.len;
		parts += f->pending[i].team_index >= 0;
		if (i > from && (bytes > FRAME_MAX_BYTES || parts > PARTS_MAX))
			break;
	}
	return i;
}

/* Forgets pending[0, n) and moves the rest, which is usually nothing, to the front. */
static void
forget(struct feed *f, size_t n)
{
	size_t cut = n < f->count ? f->pending[n].public_.at : f->text.len;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		free(f->pending[i].teams);
	memmove(f->pending, f->pending + n, (f->count - n) * sizeof *f->pending);
	f->count -= n;
	buf_shift(&f->text, cut);
	for (size_t i = 0; i < f->count; i++) {
		f->pending[i].public_.at -= cut;
		f->pending[i].staff.at -= f->pending[i].staff.len > 0 ? cut : 0;
		f->pending[i].team.at -= f->pending[i].team.len > 0 ? cut : 0;
	}
}

static bool
has_durable(const struct feed *f)
{
	return f->count > 0 && f->pending[0].seq <= f->durable;
}

static void
publish_durable(struct feed *f)
{
	size_t n = 0;

	while (n < f->count && f->pending[n].seq <= f->durable)
		n++;
	for (size_t from = 0, to; f->hub != NULL && from < n; from = to) {
		to = range_end(f, from, n);
		if (f->pending[from].alone)
			publish_alone(f, from);
		else
			publish_range(f, from, to);
	}
	forget(f, n);
}

void
feed_committed(struct feed *f, uint64_t seq)
{
	f->durable = seq;
	if (f->hub == NULL) /* nobody to spare frames for */
		publish_durable(f);
}

int64_t
feed_due_ms(const struct feed *f)
{
	return has_durable(f) ? f->next_ms : INT64_MAX;
}

void
feed_step(struct feed *f, int64_t now_ms)
{
	if (!has_durable(f) || f->next_ms > now_ms)
		return;
	publish_durable(f);
	if (f->hub != NULL)
		f->next_ms = now_ms + FRAME_GAP_MS + live_clients(f->hub) / CLIENTS_PER_MS;
}

void
feed_write_kept(const struct feed *f, struct json_writer *w)
{
	for (size_t i = 0; i < FEED_KEEP; i++) {
		const char *text = f->kept[(f->kept_next + i) % FEED_KEEP];

		if (text != NULL)
			jw_raw(w, text, strlen(text));
	}
}
