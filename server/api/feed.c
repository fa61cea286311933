#include "api/feed.h"
#include "api/feed_delta.h"
#include "api/feed_private.h"
#include "api/voice.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

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

void
feed_write_kept(const struct feed *f, struct json_writer *w)
{
	for (size_t i = 0; i < FEED_KEEP; i++) {
		const char *text = f->kept[(f->kept_next + i) % FEED_KEEP];

		if (text != NULL)
			jw_raw(w, text, strlen(text));
	}
}
