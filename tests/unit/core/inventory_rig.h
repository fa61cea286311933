/* Events of posts and assets for tests of the fold, by the library's account. */
#ifndef TESTS_CORE_INVENTORY_RIG_H
#define TESTS_CORE_INVENTORY_RIG_H

#include "core_rig.h"

#include "core/asset.h"
#include "core/post.h"

static struct post_event rig_posts[16];
static struct asset_event rig_assets[16];
static size_t rig_at;

static inline struct event
post_event(enum event_kind kind, int32_t id, const char *title, const char *holder)
{
	struct post_event *p = &rig_posts[rig_at++ % 16];

	*p = (struct post_event){.id = id,
	    .team = "library",
	    .title = title,
	    .holder = holder,
	    .phone = "4711",
	    .reason = "r"};
	return (struct event){.kind = kind, .actor = "library-blue", .u.post = p};
}

/* Created as version 1, changed to this version. */
static inline struct event
asset_event(enum event_kind kind, int32_t id, int32_t version, const char *text, int32_t in_charge)
{
	struct asset_event *a = &rig_assets[rig_at++ % 16];

	*a = (struct asset_event){.id = id,
	    .team = "library",
	    .version = version,
	    .facts = {.kind = ASSET_WEBSITE, .system = "", .posts = {in_charge}},
	    .text = text,
	    .reason = "r"};
	return (struct event){.kind = kind, .actor = "library-blue", .u.asset = a};
}

static inline struct event
by(struct event ev, const char *actor)
{
	ev.actor = actor;
	return ev;
}

#endif
