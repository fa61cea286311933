/* A real server with its api, a drill and a disk, for tests with routes of their own. */
#ifndef TESTS_UNIT_API_SITE_RIG_H
#define TESTS_UNIT_API_SITE_RIG_H

#include "tests/unit/net/pool_rig.h"

#include "api/api.h"
#include "api/upload.h"
#include "tests/replay/replay.h"

struct site {
	struct rig *net;
	struct replay *drill;
	struct api *api;
	uint64_t reserve_bytes;
};

/* rig.h's callbacks know their rig alone. */
static struct site site;

static void
on_opening(struct rig *r)
{
	struct api_options o = {.loop = r->loop, .drill = site.drill->drill, .version = "test"};
	struct why why;

	if (blobs_open(site.drill->dir, site.reserve_bytes, &o.blobs, &why) != ERR_OK)
		fail_msg("%s", why.text);
	site.api = api_new(&o);
	r->options.handler = api_handler(site.api);
}

static void
on_opened(struct rig *r)
{
	api_attach(site.api, r->server, NULL);
}

static void
on_ended(struct rig *r)
{
	(void)r;
	assert_int_equal(uploads_count(api_uploads(site.api)), 0);
	api_free(site.api);
}

__attribute__((unused)) static void
site_start(struct rig *r)
{
	if (r->opening == NULL) /* a test may have more to do there */
		r->opening = on_opening;
	r->opened_now = on_opened;
	r->ended = on_ended;
	rig_start(r);
}

#endif
