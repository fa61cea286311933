/* From deltas that wait to frames on the live line: what is durable, in frames of bounded size, paced. */
#include "api/feed_private.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_MAX_BYTES (256u * 1024) /* a frame is closed when it grows past this */
/*
 * After a frame the next one waits a moment and takes along what commits meanwhile: a frame costs a write
 * per client, and under load there are hundreds of commits a second.
 */
#define FRAME_GAP_MS 50
#define CLIENTS_PER_MS 50 /* so many clients more lengthen the gap by 1 ms */

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
