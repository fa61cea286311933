/*
 * Documents: what people fill in (an incident report, a ticket's feedback, an attack result), as one JSON object whose
 * members are told by a table of fields. One table serves for checking what a client sends, for its canonical text in
 * the journal (which goes into an event's secret), for drafts, for showing it to readers, and for the difference
 * between two versions.
 *
 * For the routes, at the edge, and for the fold, which keeps the text. Pure; not thread safe per object.
 *
 * In the stored text a time is Unix milliseconds; a client sends and is shown RFC 3339. A member left out and a null
 * are the same.
 */
#ifndef DRILLD_CORE_DOCUMENT_H
#define DRILLD_CORE_DOCUMENT_H

#include "base/json.h"
#include "core/terms.h"
#include <stdbool.h>
#include <stdint.h>

#define DOCUMENT_PATH_MAX_BYTES 200
#define DOCUMENT_LIST_MAX 500 /* items of any list */
#define DOCUMENT_FIELDS_MAX 64

enum document_kind {
	DOCUMENT_LINE, /* text without control characters */
	DOCUMENT_TEXT, /* text of any number of lines */
	DOCUMENT_INT,
	DOCUMENT_BOOL,
	DOCUMENT_WORD, /* one of words */
	DOCUMENT_TIME,
	DOCUMENT_LINES, /* list of lines, each of 1..max bytes */
	DOCUMENT_OBJECT,
	DOCUMENT_OBJECTS, /* list of objects */
	DOCUMENT_INTS,    /* list of integers, each of min..max */
};

struct document_field {
	const char *key; /* NULL ends the table, which is sorted by key */
	enum document_kind kind;
	bool required; /* in a whole document: there, and no text of blanks alone or empty list */
	bool personal; /* a name, a phone number: not for every reader */
	int64_t min;   /* int, ints */
	int64_t max;   /* int, ints; of text the bytes, 1.. */
	size_t count;  /* of a list: at most so many items, 1..DOCUMENT_LIST_MAX */
	const struct terms *words;           /* word */
	const struct document_field *fields; /* object, objects */
	/* One more rule, for a line, a text, or each of the lines; NULL: none. expected says it: "a code such as 0107". */
	bool (*valid)(const char *text);
	const char *expected;
	/* One more rule for an object, when it is whole and its members hold: says what is wrong. NULL: none. */
	enum err (*rule)(const struct json_t *object, struct why *why);
};

/* How a document is taken. */
enum {
	DOCUMENT_WHOLE = 0,
	DOCUMENT_DRAFT = 1 << 0,  /* nothing is required, no rule is asked */
	DOCUMENT_PATCH = 1 << 1,  /* a draft's change: null takes a member away (RFC 7396) */
	DOCUMENT_STORED = 1 << 2, /* j is a text of this file's making: times are integers */
};

/*
 * Checks j by the table and appends the canonical text to out. ERR_INVALID or ERR_LIMIT names the first member that is
 * wrong by its path, "assets[2].state", and says what would be right; then out's content is not to be used.
 */
enum err document_check(const struct document_field *fields, const struct json_t *j, unsigned how,
    struct buf *out, struct why *why) MUST_CHECK;

/*
 * A draft (stored text, "" for none) changed by a client's merge patch: the new stored text is appended to out, whose
 * maximum is the limit of a draft. Lists are replaced whole, as RFC 7396 says. Errors as document_check.
 */
enum err document_patch(const struct document_field *fields, const char *draft,
    const struct json_t *patch, struct buf *out, struct why *why) MUST_CHECK;

/* RFC 7396 of two values; canonical text, appended to out. ERR_LIMIT: out is full. */
enum err document_merge(
    const struct json_t *target, const struct json_t *patch, struct buf *out) MUST_CHECK;

/* Who reads. */
struct document_view {
	bool personal;      /* members that are personal are shown */
	int offset_minutes; /* of the drill's time zone */
};

/* A stored document as a value: times in RFC 3339. */
void document_write(const struct document_field *fields, const struct json_t *stored,
    const struct document_view *view, struct json_writer *w);

/*
 * What differs between two stored documents, as an array of {"path", "before", "after"}, null for what was not there.
 * Lists are compared item by item: what stayed is found again wherever it is; what was changed in its place is told
 * member by member. An index is the later version's, of what is gone the former's.
 */
void document_diff(const struct document_field *fields, const struct json_t *before,
    const struct json_t *after, const struct document_view *view, struct json_writer *w);

/* Whether a table keeps the rules that are told above; for the tests of those who write one. */
bool document_table_valid(const struct document_field *fields);

#endif
