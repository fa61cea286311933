/*
 * Records: reports, tickets, announcements and their like. Each kind of record is a family of events with a file of its
 * own, core/NAME.[ch], that says how its events are written and read, when one may happen, and what it changes. The
 * table in record.c lists the families; event.c, game.c and game_apply.c ask it and know no family by name.
 *
 * Pure, as all of the fold. What only people may read (texts, names, phone numbers) belongs into an event's secret.
 */
#ifndef DRILLD_CORE_RECORD_H
#define DRILLD_CORE_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "core/event.h"
#include "core/terms.h"
#include <stdbool.h>
#include <stdint.h>

struct account;
struct game;

/* One event's texts, while it is read. Strings are copied into the arena. */
struct record_reader {
	const struct json_t *body;
	const struct json_t *secret; /* NULL: there is none, or it is a published bundle's */
	struct arena *arena;
	struct why *why;
};

/* A moment on both clocks. Drill time stands still in a pause. */
struct record_time {
	int64_t drill_ms;
	int64_t wall_ms; /* Unix milliseconds */
};

struct record_family {
	enum event_kind first, last; /* its kinds, one after the other in enum event_kind */

	/* Members of body and secret into an open object, keys in sorted order. encode_secret may be NULL. */
	void (*encode)(const struct event *ev, struct json_writer *w);
	void (*encode_secret)(const struct event *ev, struct json_writer *w);
	/* Fills ev->u; what it points to lives in the arena. */
	enum err (*decode)(struct event *ev, const struct record_reader *r);

	/*
	 * Whether it may happen now: ERR_INVALID, ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_CONFLICT or ERR_LIMIT with the rule
	 * that it breaks. Looks only. It must hold for an event of a published bundle, too, whose secrets are "".
	 */
	enum err (*allows)(const struct game *g, const struct event *ev, struct why *why);
	/* What it changes, after allows. */
	void (*apply)(struct game *g, const struct event *ev);

	/*
	 * What time alone brings about: true and the next event that is due now (kind, actor and u; in the arena), or false
	 * and in *next, which the caller has set, the earliest moments that will be due if they are earlier. NULL: nothing.
	 */
	bool (*due)(const struct game *g, const struct record_time *now, struct arena *arena,
	    struct event *ev, struct record_time *next);

	/*
	 * What a record is called ("report"), and whether this account may see the record of this id, which there is: who may
	 * have its attachments. NULL: its records name none.
	 */
	const char *noun;
	bool (*shows)(const struct game *g, int32_t id, const struct account *a);

	/* The family's part of the state: made when the drill is opened, freed with the game. */
	void (*open)(struct game *g);
	void (*close)(struct game *g);
};

#define RECORD_FAMILIES 14

/* The place in the table of this kind's family, below RECORD_FAMILIES; -1: it is of none. */
int record_family_at(enum event_kind kind);
/* The family of this kind of event, or NULL. */
const struct record_family *record_family_of(enum event_kind kind);

/* The next event of any family that is due, as record_family's due. *next: INT64_MAX where nothing will be. */
bool record_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next);
/* The same without some families: bits by their places. */
bool record_due_beside(const struct game *g, const struct record_time *now, unsigned beside,
    struct arena *arena, struct event *ev, struct record_time *next);

void record_open_all(struct game *g);
void record_close_all(struct game *g);

/* ---- for decode ---- */

/* A string of 0..max_bytes that must be there. */
enum err record_text(
    const struct record_reader *r, const char *key, size_t max_bytes, const char **out) MUST_CHECK;
/* An integer in [min, max] that must be there. */
enum err record_int(const struct record_reader *r, const char *key, int64_t min, int64_t max,
    int64_t *out) MUST_CHECK;
enum err record_int32(const struct record_reader *r, const char *key, int32_t min, int32_t max,
    int32_t *out) MUST_CHECK;
/* true or false, that must be there. */
enum err record_bool(const struct record_reader *r, const char *key, bool *out) MUST_CHECK;
/* A word of the table, that must be there, as its value. */
enum err record_term(
    const struct record_reader *r, const char *key, const struct terms *terms, int *out) MUST_CHECK;
/* The secret's string, "" if there is none. */
const char *record_secret(const struct record_reader *r, const char *key);

#endif
