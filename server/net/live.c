#include "base/mem.h"
#include "net/live_private.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_HEAD_MAX 10
#define SNAPSHOTS_KEPT 8

struct payload {
	unsigned count;
	unsigned head; /* bytes of the frame header, right before the text */
	size_t len;    /* of the text */
	char data[];   /* FRAME_HEAD_MAX bytes, then the text */
};

struct slot {
	uint64_t seq;
	struct payload *public_;
	struct payload *staff;
	struct live_part *parts;
	size_t part_count;
	size_t bytes;
};

/* A snapshot made since the last publish serves everyone of its audience who comes before the next. */
struct kept {
	struct payload *payload;
	uint64_t seq;
	int audience;
};

struct live_hub {
	struct live_options o;
	struct slot *ring;   /* ring_frames slots; frame number n is in ring[n % ring_frames] */
	uint64_t first, end; /* absolute frame numbers [first, end) are in the ring */
	size_t bytes;        /* of the payloads in the ring */
	uint64_t reach_seq;  /* a client that has this seq misses nothing before the ring */
	uint64_t newest_seq;
	bool published;
	struct kept kept[SNAPSHOTS_KEPT];
	unsigned kept_next;
	struct live_client clients; /* list head of a circle */
	struct live_client *cursor; /* who is served next */
	unsigned client_count;
	unsigned unserved; /* clients to visit until everyone has been since the last publish */
	void (*on_work)(void *ctx);
	void *work_ctx;
	struct live_stats stats;
};

/* ---- payloads ---- */

struct payload *
payload_new(const char *text, size_t len)
{
	struct payload *p = mem_resize(NULL, 1, sizeof *p + FRAME_HEAD_MAX + len);
	unsigned char head[FRAME_HEAD_MAX] = {0x81}; /* FIN, text */
	unsigned n = 2;

	if (len < 126) {
		head[1] = (unsigned char)len;
	} else if (len < 65536) {
		head[1] = 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		n = 4;
	} else {
		head[1] = 127;
		for (int i = 0; i < 8; i++)
			head[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
		n = 10;
	}
	p->count = 1;
	p->head = n;
	p->len = len;
	memcpy(p->data + FRAME_HEAD_MAX - n, head, n);
	if (len > 0)
		memcpy(p->data + FRAME_HEAD_MAX, text, len);
	return p;
}

void
payload_hold(struct payload *p)
{
	p->count++;
}

void
payload_drop(struct payload *p)
{
	if (p != NULL && --p->count == 0)
		free(p);
}

const char *
payload_frame(const struct payload *p, size_t *len)
{
	*len = p->head + p->len;
	return p->data + FRAME_HEAD_MAX - p->head;
}

static struct payload *
held(struct payload *p)
{
	if (p != NULL)
		payload_hold(p);
	return p;
}

/* ---- the ring ---- */

static struct slot *
slot_at(struct live_hub *h, uint64_t number)
{
	return &h->ring[number % h->o.ring_frames];
}

static void
evict(struct live_hub *h)
{
	struct slot *s = slot_at(h, h->first++);

	h->reach_seq = s->seq;
	h->bytes -= s->bytes;
	payload_drop(s->public_);
	payload_drop(s->staff);
	for (size_t i = 0; i < s->part_count; i++)
		payload_drop(s->parts[i].payload);
	free(s->parts);
	*s = (struct slot){0};
}

static size_t
payload_bytes(const struct payload *p)
{
	return p != NULL ? p->len : 0;
}

/* Whether this part's payload is counted already: whole audiences have the same. */
static bool
is_shared(const struct live_frame *f, size_t part)
{
	const struct payload *p = f->parts[part].payload;

	return p == f->staff || p == f->public_ || (part > 0 && p == f->parts[part - 1].payload);
}

static void
slot_fill(struct slot *s, const struct live_frame *f)
{
	*s = (struct slot){.seq = f->seq, .public_ = held(f->public_), .staff = held(f->staff)};
	s->bytes = payload_bytes(f->public_) + payload_bytes(f->staff);
	if (f->part_count == 0)
		return;
	s->parts = mem_array(f->part_count, sizeof *s->parts);
	s->part_count = f->part_count;
	for (size_t i = 0; i < f->part_count; i++) {
		s->parts[i] = f->parts[i];
		held(f->parts[i].payload);
		if (!is_shared(f, i))
			s->bytes += payload_bytes(f->parts[i].payload);
	}
}

static void
snapshots_forget(struct live_hub *h)
{
	for (int i = 0; i < SNAPSHOTS_KEPT; i++) {
		payload_drop(h->kept[i].payload);
		h->kept[i].payload = NULL;
	}
}

/* Everybody gets a turn, as after a publish. */
static void
serve_all(struct live_hub *h)
{
	h->unserved = h->client_count;
	if (h->unserved > 0 && h->on_work != NULL)
		h->on_work(h->work_ctx);
}

void
live_publish(struct live_hub *h, const struct live_frame *f)
{
	struct slot *s;

	h->stats.published++;
	if (h->end - h->first == h->o.ring_frames)
		evict(h);
	s = slot_at(h, h->end++);
	slot_fill(s, f);
	h->bytes += s->bytes;
	while (h->bytes > h->o.ring_bytes && h->end - h->first > 1)
		evict(h);
	if (!h->published)
		h->reach_seq = f->seq; /* what came before the first frame is not known here */
	h->published = true;
	h->newest_seq = f->seq;
	snapshots_forget(h);
	serve_all(h);
}

void
live_cut(struct live_hub *h, const void *owner)
{
	for (struct live_client *c = h->clients.next; c != &h->clients; c = c->next)
		if (c->owner == owner)
			c->cut = true;
	serve_all(h);
}

void
live_resync(struct live_hub *h)
{
	while (h->end > h->first)
		evict(h);
	h->published = false;
	snapshots_forget(h);
	for (struct live_client *c = h->clients.next; c != &h->clients; c = c->next)
		c->cut = true;
	serve_all(h);
}

/* The first frame number whose seq is above; the seqs in the ring rise. */
static uint64_t
frame_after(struct live_hub *h, uint64_t seq)
{
	uint64_t low = h->first, high = h->end;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (slot_at(h, middle)->seq > seq)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct payload *
slot_for(const struct slot *s, int audience)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (s->parts[i].audience == audience)
			return s->parts[i].payload;
	return live_is_staff(audience) ? s->staff : s->public_;
}

/* ---- clients ---- */

struct live_hub *
live_new(const struct live_options *o)
{
	struct live_hub *h = mem_alloc(sizeof *h);

	h->o = *o;
	if (h->o.ring_frames == 0)
		h->o.ring_frames = 1;
	h->ring = mem_array(h->o.ring_frames, sizeof *h->ring);
	h->clients.prev = h->clients.next = h->cursor = &h->clients;
	return h;
}

void
live_free(struct live_hub *h)
{
	while (h->first < h->end)
		evict(h);
	snapshots_forget(h);
	free(h->ring);
	free(h);
}

unsigned
live_clients(const struct live_hub *h)
{
	return h->client_count;
}

bool
live_full(const struct live_hub *h)
{
	return h->client_count >= h->o.clients_max;
}

/* Counted for the caller; NULL if the owner has none. */
static struct payload *
snapshot(struct live_hub *h, int audience, uint64_t *seq)
{
	struct kept *k;
	struct payload *p;

	for (int i = 0; i < SNAPSHOTS_KEPT; i++) {
		if (h->kept[i].payload != NULL && h->kept[i].audience == audience) {
			*seq = h->kept[i].seq;
			return held(h->kept[i].payload);
		}
	}
	if ((p = h->o.snapshot(h->o.ctx, audience, seq)) == NULL)
		return NULL;
	k = &h->kept[h->kept_next++ % SNAPSHOTS_KEPT];
	payload_drop(k->payload);
	*k = (struct kept){.payload = p, .seq = *seq, .audience = audience};
	return held(p);
}

void
live_enter(struct live_hub *h, struct live_client *c, const struct live_join *join,
    void (*push)(struct live_client *c))
{
	bool resumes = h->published && join->since >= h->reach_seq && join->since <= h->newest_seq;

	*c = (struct live_client){
	    .hub = h, .push = push, .audience = join->audience, .owner = join->owner};
	c->after = join->since;
	if (!resumes) {
		c->after = 0;
		c->first = snapshot(h, join->audience, &c->after);
	}
	c->at = frame_after(h, c->after);
	/* In front of the cursor: a round that is under way does not visit it, it is pushed at once. */
	c->next = h->cursor;
	c->prev = h->cursor->prev;
	c->prev->next = c;
	c->next->prev = c;
	h->client_count++;
}

void
live_leave(struct live_client *c)
{
	struct live_hub *h = c->hub;

	if (h == NULL)
		return;
	if (h->cursor == c)
		h->cursor = c->next;
	c->prev->next = c->next;
	c->next->prev = c->prev;
	h->client_count--;
	payload_drop(c->first);
	*c = (struct live_client){0};
}

static enum live_take
take(struct live_client *c, struct payload **out)
{
	struct live_hub *h = c->hub;
	struct slot *s;

	if (c->cut)
		return LIVE_LOST;
	if (c->first != NULL) {
		*out = c->first;
		c->first = NULL;
		return LIVE_PAYLOAD;
	}
	if (c->at < h->first)
		return LIVE_LOST;
	while (c->at < h->end) {
		s = slot_at(h, c->at++);
		if (s->seq > c->after && (*out = held(slot_for(s, c->audience))) != NULL)
			return LIVE_PAYLOAD;
	}
	return LIVE_NOTHING;
}

enum live_take
live_take(struct live_client *c, struct payload **out)
{
	struct live_stats *stats = &c->hub->stats;
	enum live_take what = take(c, out);

	if (what == LIVE_PAYLOAD)
		stats->sent++;
	else if (what == LIVE_LOST && c->cut)
		stats->cut++;
	else if (what == LIVE_LOST)
		stats->behind++;
	return what;
}

void
live_silent(struct live_client *c)
{
	if (c->hub != NULL)
		c->hub->stats.silent++;
}

const struct live_stats *
live_stats(const struct live_hub *h)
{
	return &h->stats;
}

void
live_on_work(struct live_hub *h, void (*on_work)(void *ctx), void *ctx)
{
	h->on_work = on_work;
	h->work_ctx = ctx;
}

bool
live_pump(struct live_hub *h, unsigned count)
{
	struct live_client *c;

	while (h->unserved > 0 && count > 0) {
		if (h->client_count == 0) {
			h->unserved = 0;
			break;
		}
		c = h->cursor;
		h->cursor = c->next;
		if (c == &h->clients)
			continue;
		h->unserved--;
		count--;
		c->push(c);
	}
	return h->unserved > 0;
}
