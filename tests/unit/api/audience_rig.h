/* Feed and voices over a small real game that has begun, with a hub that keeps every frame: who is told what. */
#ifndef TESTS_API_AUDIENCE_RIG_H
#define TESTS_API_AUDIENCE_RIG_H

#include "fake_hub.h"

#include "../../replay/replay.h"

struct rig {
	struct replay *r;
	struct live_hub *hub;
};

static inline int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->hub = calloc(1, sizeof(*rig->hub));
	rig->r = replay_new();
	replay_open(rig->r);
	clock_hand(rig->r, "start");
	feed_attach(rig->r->drill->feed, rig->hub);
	*state = rig;
	return 0;
}

static inline int
teardown(void **state)
{
	struct rig *rig = *state;

	replay_free(rig->r);
	fake_hub_clear(rig->hub);
	free(rig->hub);
	free(rig);
	return fake_payloads; /* each payload was dropped as often as taken */
}

static inline void
assert_has(const char *text, const char *part, bool there)
{
	if ((strstr(text, part) != NULL) != there)
		fail_msg("%s: %s in %.2000s", part, there ? "is not" : "is", text);
}

/* Emits it, and gives the one frame that it makes. */
static inline struct fake_frame *
emit(struct rig *rig, struct event ev)
{
	size_t before = rig->hub->count;
	struct why why;

	if (drill_emit_allowed(rig->r->drill, &ev, &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(rig->r);
	assert_int_equal(rig->hub->count, before + 1);
	return &rig->hub->frames[before];
}

/* What this audience is told: its own part of the frame, or the usual one; "" for nothing. */
static inline const char *
told(const struct fake_frame *f, int audience)
{
	const char *usual = live_is_staff(audience) ? f->staff : f->public_;

	for (size_t i = 0; i < f->part_count; i++)
		if (f->team[i] == audience)
			usual = f->part[i];
	return usual != NULL ? usual : "";
}

static inline void
assert_told(const struct fake_frame *f, int audience, const char *has, const char *has_not)
{
	assert_has(told(f, audience), has, true);
	if (has_not != NULL)
		assert_has(told(f, audience), has_not, false);
}

/* These are told nothing at all. */
static inline void
assert_silent(const struct fake_frame *f, const int *audiences, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(told(f, audiences[i]), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
