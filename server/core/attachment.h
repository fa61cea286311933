/*
 * Attachments: files that go with what people file. The file lies in DATA/blobs under the hash of its content
 * (store/blobs.h), durable before the event that names it; the fold knows what it is, whose, and of which record.
 *
 * An attachment is its sender's alone until a record names it, and from then on that record's, which no other one can
 * name: whoever may see the record may have the file. A family whose records name attachments has a
 * struct attachment_list in its event, calls the functions for families below, and says by .shows who sees a record.
 *
 * Pure, as all of the fold; readers on the loop's thread.
 */
#ifndef DRILLD_CORE_ATTACHMENT_H
#define DRILLD_CORE_ATTACHMENT_H

#include "base/filename.h"
#include "base/hash.h"
#include "core/record.h"

#define ATTACHMENT_MAX_BYTES (20 * 1024 * 1024)
#define ATTACHMENTS_MAX 100000
#define ATTACHMENTS_PER_TEAM_MAX 2000 /* the staff counts as one team */
#define ATTACHMENT_TEAM_MAX_BYTES (INT64_C(4) * 1024 * 1024 * 1024)
#define ATTACHMENT_TYPE_MAX_BYTES 100
#define ATTACHMENTS_PER_RECORD_MAX 20 /* that one filing names */

struct attachment_event {
	int32_t id;       /* 1, 2, ... */
	const char *hash; /* SHA-256 of the file in lower-case hex */
	int64_t bytes;
	const char *type; /* media type */
	const char *name; /* secret: as its sender calls it */
};

/* Its id is its place in the list + 1. */
struct attachment {
	uint64_t seq; /* of its event */
	int64_t at_ms;
	const struct account *by; /* whose team it is of; -1: the staff's */
	char hash[SHA256_HEX_BYTES];
	int64_t bytes;
	char *type;
	char *name;                         /* "" when folded from a published bundle */
	const struct record_family *family; /* of the record that it belongs to; NULL: of none */
	int32_t record;
};

struct attachment_use {
	uint32_t count;
	int64_t bytes;
};

struct attachments {
	struct attachment *items;
	size_t count;
	struct attachment_use *used; /* by team; the staff's after the last one */
};

extern const struct record_family attachment_family;

/* ---- questions ---- */

/* By id, or NULL. */
const struct attachment *attachment_find(const struct game *g, int32_t id);

/* Whether there is such an attachment for this account: the one answer for its file and what is said of it. */
bool attachment_visible(const struct game *g, const struct account *a, int32_t id);

/* Whether this team (-1: the staff) may store so many bytes more. ERR_LIMIT with the limit that it is over. */
enum err attachment_room(const struct game *g, int team, int64_t bytes, struct why *why) MUST_CHECK;

/* All of them by hash, those of one hash by id; NULL for none. The caller's: free. */
const struct attachment **attachments_by_hash(const struct game *g);

/* ---- for families whose records name attachments ---- */

/* Ids, each once: in events and in the state alike. */
struct attachment_list {
	int32_t ids[ATTACHMENTS_PER_RECORD_MAX];
	size_t count;
};

/*
 * The member "attachments" of an event's body, a stored document or a client's: none if it is left out. ERR_INVALID:
 * it is no list of ids; ERR_LIMIT: there are too many.
 */
enum err attachments_want(
    const struct json_t *object, struct attachment_list *out, struct why *why) MUST_CHECK;

/* The member of an event's body: left out when there are none. */
void attachments_encode(const struct attachment_list *list, struct json_writer *w);

/*
 * Whether the record of this family and id, which may be one that the event is about to make, may name them: they are
 * there, of the actor's team (-1: the staff), and of no other record. ERR_INVALID or ERR_CONFLICT. The
 * same sentence for another team's as for one that is not there.
 */
enum err attachments_allow(const struct game *g, const struct attachment_list *list, int team,
    const struct record_family *family, int32_t record, struct why *why) MUST_CHECK;

/* For apply, after attachments_allow: they are this record's now. */
void attachments_attach(struct game *g, const struct attachment_list *list,
    const struct record_family *family, int32_t record);

#endif
