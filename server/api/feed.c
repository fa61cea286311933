#include "api/feed.h"
#include "api/feed_delta.h"
#include "api/voice.h"
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

/* What one audience sees instead of what the public or staff does. */
struct view {
	int audience;
	struct span span; /* len 0: nothing */
};

struct delta {
	uint64_t seq;
	struct span public_;
	struct span staff; /* len 0: as the public one */
	struct span team;  /* len 0: as the public one */
	int team_index;
	/*
	 * A hold, a void or a record: in a frame of its own, for many audiences each may see something else, and the
	 * public or staff nothing (len 0).
	 */
	bool alone;
	struct view *views;
	size_t view_count;
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
		free(f->pending[i].views);
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

/* The members that every delta has, into the text; the object stays open. */
static struct span
begin_delta(struct feed *f, const struct event *ev, struct json_writer *w)
{
	struct span s = {.at = f->text.len};

	if (ev->at_ms != f->at_ms) { /* a batch of events has one time */
		f->at_ms = ev->at_ms;
		rfc3339_format(f->at_ms, f->offset_minutes, f->at);
	}
	jw_begin(w, &f->text);
	jw_object(w);
	jw_kv_int(w, "seq", (int64_t)ev->seq);
	jw_kv_str(w, "at", f->at);
	jw_kv_int(w, "drill_ms", ev->drill_ms);
	jw_kv_str(w, "kind", event_kind_name(ev->kind));
	return s;
}

static struct span
write_delta(
    struct feed *f, const struct game *g, const struct event *ev, bool first, unsigned parts)
{
	struct json_writer w;
	struct span s = begin_delta(f, ev, &w);

	delta_write_members(&w, g, ev, first, parts);
	jw_object_end(&w);
	s.len = f->text.len - s.at;
	return s;
}

/* What this audience is told of a record's event. */
static struct span
write_voice(struct feed *f, const struct game *g, const struct event *ev, const struct voice *v,
    int audience)
{
	struct json_writer w;
	struct span s = begin_delta(f, ev, &w);
	struct telling t = {g, ev, audience, f->offset_minutes};

	if (v->write(&t, &w)) {
		jw_object_end(&w);
		s.len = f->text.len - s.at;
	} else {
		f->text.len = s.at;
	}
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
add_view(struct delta *d, int audience, struct span s)
{
	d->views = mem_grow(d->views, d->view_count, sizeof *d->views);
	d->views[d->view_count++] = (struct view){audience, s};
}

/* The departments concerned see it as staff does. */
static void
write_hand(struct feed *f, const struct game *g, const struct event *ev, struct delta *d)
{
	int *teams = NULL;
	size_t count = 0;

	d->alone = true;
	if (!delta_is_internal(g, ev)) {
		d->public_ = write_delta(f, g, ev, false, PART_STATE);
		teams = delta_owners(g, ev, &count);
	}
	d->staff = write_delta(f, g, ev, false, PART_STATE | PART_MESSAGE);
	for (size_t i = 0; i < count; i++)
		add_view(d, teams[i], d->staff);
	free(teams);
}

static bool
same_text(const struct feed *f, struct span a, struct span b)
{
	return a.len == b.len && memcmp(f->text.data + a.at, f->text.data + b.at, a.len) == 0;
}

/* A view of its own only for who sees something else than usual; texts that are there already are shared. */
static void
write_view(struct feed *f, const struct game *g, const struct event *ev, const struct voice *v,
    int audience, struct delta *d)
{
	struct span usual = live_is_staff(audience) ? d->staff : d->public_;
	struct span s = write_voice(f, g, ev, v, audience);
	struct span last = d->view_count > 0 ? d->views[d->view_count - 1].span : d->staff;

	if (f->text.failed || same_text(f, s, usual)) {
		f->text.len = s.at;
		return;
	}
	if (same_text(f, s, last)) {
		f->text.len = s.at;
		s = last;
	} else if (same_text(f, s, d->staff)) {
		f->text.len = s.at;
		s = d->staff;
	}
	add_view(d, audience, s);
}

static void
write_record(struct feed *f, const struct game *g, const struct event *ev, const struct voice *v,
    struct delta *d)
{
	d->alone = true;
	d->public_ = write_voice(f, g, ev, v, LIVE_PUBLIC);
	d->staff = write_voice(f, g, ev, v, LIVE_DIRECTOR);
	write_view(f, g, ev, v, LIVE_JUDGE, d);
	write_view(f, g, ev, v, LIVE_LEADER, d);
	for (size_t i = 0; i < g->config->team_count; i++)
		write_view(f, g, ev, v, (int)i, d);
}

static void
write_audiences(
    struct feed *f, const struct game *g, const struct event *ev, bool first, struct delta *d)
{
	const struct voice *voice = voice_of(ev->kind);

	if (voice != NULL) {
		write_record(f, g, ev, voice, d);
		return;
	}
	switch (ev->kind) {
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		write_hand(f, g, ev, d);
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

/* For the board's feed: what everybody may see; of the hand on checks a short one without the state. */
static struct span
write_kept(struct feed *f, const struct game *g, const struct event *ev, bool first)
{
	const struct voice *voice = voice_of(ev->kind);

	return voice != NULL ? write_voice(f, g, ev, voice, LIVE_PUBLIC)
			     : write_delta(f, g, ev, first, 0);
}

static void
keep_notable(struct feed *f, const struct game *g, const struct event *ev, bool first)
{
	size_t before = f->text.len;
	struct span s = write_kept(f, g, ev, first);

	if (!f->text.failed && s.len > 0)
		keep(f, s);
	f->text.len = before;
}

static void
forget_all(struct feed *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->pending[i].views);
	f->count = 0;
	buf_reset(&f->text);
}

void
feed_event(
    struct feed *f, const struct game *g, const struct event *ev, enum status was, bool first)
{
	struct delta d = {.seq = ev->seq, .team_index = -1, .public_.at = f->text.len};

	if (!delta_published(ev->kind))
		return;
	write_audiences(f, g, ev, first, &d);
	if (delta_notable(g, ev, was))
		keep_notable(f, g, ev, first);
	if (f->text.failed) { /* past any sane backlog: the deltas are given up, not the clients */
		forget_all(f);
		free(d.views);
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
	keep_notable(f, g, ev, first);
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
		bool staff = live_is_staff(audience) && d->staff.len > 0;
		bool team = audience >= 0 && d->team_index == audience;

		append(out, f, staff ? d->staff : team ? d->team : d->public_);
	}
	return finish(out);
}

static struct payload *
encode_alone(const struct feed *f, struct span s)
{
	struct payload *p = NULL;
	struct buf out;

	if (s.len == 0)
		return NULL;
	buf_init(&out, PENDING_MAX_BYTES);
	append(&out, f, s);
	p = finish(&out);
	buf_free(&out);
	return p;
}

/* Shared, not only beginning where another one, which may be empty, does. */
static bool
same_span(struct span a, struct span b)
{
	return a.len > 0 && a.at == b.at && a.len == b.len;
}

/* The payload of a view: staff's, the one before, or (then it is in *own) one of its own. */
static struct payload *
encode_view(const struct feed *f, const struct delta *d, size_t view,
    const struct live_frame *frame, struct payload **own)
{
	const struct span s = d->views[view].span;

	*own = NULL;
	if (same_span(s, d->staff))
		return frame->staff;
	if (view > 0 && same_span(s, d->views[view - 1].span))
		return frame->parts[view - 1].payload;
	return *own = encode_alone(f, s);
}

static void
publish_alone(struct feed *f, size_t at)
{
	const struct delta *d = &f->pending[at];
	struct live_part *parts = mem_array(d->view_count + 1, sizeof *parts);
	struct payload **own = mem_array(d->view_count + 1, sizeof *own);
	struct live_frame frame = {.seq = d->seq,
	    .public_ = encode_alone(f, d->public_),
	    .staff = encode_alone(f, d->staff),
	    .parts = parts,
	    .part_count = d->view_count};

	for (size_t i = 0; i < d->view_count; i++)
		parts[i] =
		    (struct live_part){d->views[i].audience, encode_view(f, d, i, &frame, &own[i])};
	live_publish(f->hub, &frame);
	payload_drop(frame.public_);
	payload_drop(frame.staff);
	for (size_t i = 0; i < d->view_count; i++)
		payload_drop(own[i]);
	free(parts);
	free(own);
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
	    frame.part_count > 0 ? encode_range(f, from, to, LIVE_DIRECTOR, &out) : frame.public_;
	for (size_t i = 0; i < frame.part_count; i++) {
		parts[i].audience = teams[i];
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
		free(f->pending[i].views);
	memmove(f->pending, f->pending + n, (f->count - n) * sizeof *f->pending);
	f->count -= n;
	buf_shift(&f->text, cut);
	for (size_t i = 0; i < f->count; i++) {
		f->pending[i].public_.at -= cut;
		f->pending[i].staff.at -= f->pending[i].staff.len > 0 ? cut : 0;
		f->pending[i].team.at -= f->pending[i].team.len > 0 ? cut : 0;
		for (size_t k = 0; k < f->pending[i].view_count; k++)
			f->pending[i].views[k].span.at -= cut;
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
