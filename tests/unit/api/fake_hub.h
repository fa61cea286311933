/*
 * In place of net/live.c: keeps what is published, so that a test sees the frames themselves. A program that
 * includes this must link nothing else that needs the real hub.
 */
#ifndef TESTS_API_FAKE_HUB_H
#define TESTS_API_FAKE_HUB_H

#include "base/mem.h"
#include "net/live.h"
#include <stdlib.h>
#include <string.h>

#define FAKE_FRAMES_MAX 4096
#define FAKE_PARTS_MAX 64

struct payload {
	int count;
	char text[];
};

struct fake_frame {
	uint64_t seq;
	char *public_, *staff;
	size_t part_count;
	int team[FAKE_PARTS_MAX];
	char *part[FAKE_PARTS_MAX];
};

struct live_hub {
	struct fake_frame frames[FAKE_FRAMES_MAX];
	size_t count;
};

static int fake_payloads; /* alive; 0 at the end of a test or somebody forgot to drop one */

struct payload *
payload_new(const char *text, size_t len)
{
	struct payload *p = mem_alloc(sizeof(*p) + len + 1);

	memcpy(p->text, text, len);
	p->count = 1;
	fake_payloads++;
	return p;
}

void
payload_drop(struct payload *p)
{
	if (p == NULL || --p->count > 0)
		return;
	fake_payloads--;
	free(p);
}

void
live_publish(struct live_hub *h, const struct live_frame *f)
{
	struct fake_frame *k = &h->frames[h->count++];

	if (h->count > FAKE_FRAMES_MAX || f->part_count > FAKE_PARTS_MAX)
		abort();
	k->seq = f->seq;
	k->public_ = f->public_ != NULL ? mem_strdup(f->public_->text) : NULL;
	k->staff = f->staff != NULL ? mem_strdup(f->staff->text) : NULL;
	k->part_count = f->part_count;
	for (size_t i = 0; i < f->part_count; i++) {
		k->team[i] = f->parts[i].audience;
		k->part[i] =
		    f->parts[i].payload != NULL ? mem_strdup(f->parts[i].payload->text) : NULL;
	}
}

unsigned
live_clients(const struct live_hub *h)
{
	(void)h;
	return 0;
}

void
live_resync(struct live_hub *h)
{
	h->count = 0;
}

static inline void
fake_hub_clear(struct live_hub *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->frames[i].public_);
		free(h->frames[i].staff);
		for (size_t k = 0; k < h->frames[i].part_count; k++)
			free(h->frames[i].part[k]);
	}
	h->count = 0;
}

#endif
