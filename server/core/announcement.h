/*
 * Announcements: what the direction tells everybody, or some; urgent or not; in force until a moment or its
 * withdrawal. Who has seen it is a fact, too.
 */
#ifndef DRILLD_CORE_ANNOUNCEMENT_H
#define DRILLD_CORE_ANNOUNCEMENT_H

#include "core/addressees.h"
#include "core/record.h"
#include "core/voids.h"

#define ANNOUNCEMENTS_MAX 10000
#define ANNOUNCEMENT_TITLE_MAX_BYTES 300
#define ANNOUNCEMENT_TEXT_MAX_BYTES 8000

struct announcement_event {
	int32_t id;          /* 1, 2, ... */
	const char *to;      /* made: addressees.h */
	bool urgent;         /* made */
	bool mail;           /* made: to departments' addresses, too */
	int64_t until_ms;    /* made: wall time it is in force until; 0 = until it is withdrawn */
	const char *title;   /* made, secret */
	const char *text;    /* made, secret */
	const char *account; /* seen: by whom */
	const char *reason;  /* withdrawn */
};

struct announcement_seen {
	const struct account *by;
	int64_t at_ms;
};

/* Its id is its place in the list + 1. */
struct announcement {
	int64_t at_ms, drill_ms;
	char *by;
	char *to;
	struct addressees addressees;
	bool urgent;
	bool mail;
	int64_t until_ms;
	char *title, *text;
	struct announcement_seen *seen; /* in order */
	size_t seen_count;
	struct decision withdrawn;
	int *mailed; /* teams that mails about it were queued for */
	size_t mailed_count;
};

struct announcements {
	struct announcement *items;
	size_t count;
};

extern const struct record_family announcement_family;

/* For mail.c: a mail about it was queued. One that is not there, or nobody's (team -1), is passed over. */
void announcement_note_mailed(struct game *g, int32_t id, int team);

/* By id, or NULL. */
const struct announcement *announcement_find(const struct game *g, int32_t id);
bool announcement_in_force(const struct announcement *a, int64_t now_ms);
bool announcement_mailed(const struct announcement *a, int team);
bool announcement_seen_by(const struct announcement *a, const struct account *by);

#endif
