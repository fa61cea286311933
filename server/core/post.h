/*
 * Posts (岗位): duties belong to them, not to people. A post is of one department and has a holder; when it changes
 * hands, that is an event, and whatever names the post (assets, tickets) is the successor's from then on.
 *
 * Title, holder and phone number are in the events' secrets. Pure, as all of the fold. Source: DOMAIN sections 1
 * and 7, as in docs/incidents.md.
 */
#ifndef DRILLD_CORE_POST_H
#define DRILLD_CORE_POST_H

#include "core/decision.h"
#include "core/record.h"

#define POSTS_MAX 10000
#define POSTS_PER_TEAM_MAX 500
#define POST_TITLE_MAX_BYTES 200
#define POST_HOLDER_MAX_BYTES 120
#define POST_PHONE_MAX_BYTES 40
#define POST_HANDOVERS_MAX 200 /* of one post */

struct post_event {
	int32_t id;       /* 1, 2, ... */
	const char *team; /* created */

	/* secret */
	const char *title;  /* created, changed */
	const char *holder; /* created, handed over; "" is vacant */
	const char *phone;  /* created, changed, handed over; may be "" */
	const char *reason; /* retired */
};

/* Who held it, until when. */
struct post_holder {
	int64_t from_ms, until_ms;
	char *holder;
};

/* Its id is its place in the list + 1. */
struct post_entry {
	int team;
	char *title, *holder, *phone;
	int64_t since_ms;           /* of its holder */
	struct post_holder *former; /* in order */
	size_t former_count;
	size_t assets; /* in use that name it; counted once for each duty */
	struct decision retired;
};

struct posts {
	struct post_entry *items;
	size_t count;
	size_t *of_team; /* how many each has */
};

extern const struct record_family post_family;

/* By id, or NULL. */
const struct post_entry *post_find(const struct game *g, int32_t id);

/* A department's post of this title that is not retired: its id, or 0. */
int32_t post_by_title(const struct game *g, int team, const char *title);

/* For apply of what names it: delta 1 or -1. id 0 is no post. */
void post_count_asset(struct game *g, int32_t id, int delta);

/* "+86 10-6255 1234 ext. 8": digits, three at least, and what is written between them. */
bool phone_valid(const char *text);

#endif
