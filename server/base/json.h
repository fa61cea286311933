/*
 * JSON in and out.
 *
 * Out: a canonical writer over struct buf: no spaces, UTF-8, integers; the caller gives keys in
 * sorted order where canonical form matters (journal bodies) and an assertion in debug builds holds
 * it to that. In: jansson behind a few functions that refuse with a sentence a person can act on.
 * Parsing refuses text over JSON_TEXT_MAX_BYTES or the given limit, nesting deeper than
 * JSON_DEPTH_MAX, text that is not UTF-8, duplicate keys, NUL in strings and anything after the
 * value. Only this floor includes jansson.h, which owns the prefix json_: ours are jw_ (write) and
 * jr_ (read). Not thread safe per object.
 */
#ifndef DRILLD_BASE_JSON_H
#define DRILLD_BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 32
#define JSON_TEXT_MAX_BYTES (256u * 1024 * 1024)

/* ---- writing ---- */

struct json_writer {
	struct buf *out;
	int depth;
	bool comma[JSON_DEPTH_MAX + 1]; /* a value has been written on this level */
};

void jw_begin(struct json_writer *w, struct buf *out);
void jw_object(struct json_writer *w);
void jw_object_end(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_array_end(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);
void jw_str(
    struct json_writer *w, const char *s); /* NULL is written as null; bad UTF-8 as U+FFFD */
void jw_strn(struct json_writer *w, const char *s, size_t len);
void jw_int(struct json_writer *w, int64_t v);
void jw_real(
    struct json_writer *w, double v); /* shortest that reads back the same; NaN and Inf as null */
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
void jw_raw(struct json_writer *w, const char *json, size_t len); /* a value that is JSON already */

/* key and value in one call */
void jw_kv_str(struct json_writer *w, const char *key, const char *s);
void jw_kv_int(struct json_writer *w, const char *key, int64_t v);
void jw_kv_real(struct json_writer *w, const char *key, double v);
void jw_kv_bool(struct json_writer *w, const char *key, bool v);

/* ---- reading ---- */

struct json_t; /* jansson's; a `const struct json_t *` below may be any kind of value or NULL */

/* Parses len bytes. On success *out is owned by the caller: json_free. */
enum err jr_parse(const char *text, size_t len, struct json_t **out, struct why *why) MUST_CHECK;
void jr_free(struct json_t *j); /* NULL is fine */

bool jr_is_object(const struct json_t *j);
bool jr_is_array(const struct json_t *j);
bool jr_is_string(const struct json_t *j);
bool jr_is_int(const struct json_t *j);
bool jr_is_bool(const struct json_t *j);
bool jr_is_null(const struct json_t *j); /* not of NULL: that is no value */

/* The member, or NULL. */
const struct json_t *jr_get(const struct json_t *object, const char *key);
size_t jr_count(const struct json_t *array_or_object); /* 0 for other kinds */
const struct json_t *jr_at(const struct json_t *array, size_t i);

/* Calls visit for each member, in the order of the text; stops and returns at the first error. */
enum err jr_each(const struct json_t *object,
    enum err (*visit)(void *ctx, const char *key, const struct json_t *value),
    void *ctx) MUST_CHECK;

/* The plain value, with a default for another kind or NULL. The string belongs to j; *len may be
 * NULL. */
const char *jr_string(const struct json_t *j, size_t *len);
int64_t jr_integer(const struct json_t *j, int64_t otherwise);
double jr_number(const struct json_t *j, double otherwise);
bool jr_boolean(const struct json_t *j, bool otherwise);

/*
 * Members that must be there and of the kind, with a sentence that names key and kind when not:
 * a string of 1..max_bytes (0..max_bytes for json_want_text), an integer in [min, max].
 */
enum err jr_want_str(const struct json_t *o, const char *key, size_t max_bytes, const char **out,
    struct why *why) MUST_CHECK;
enum err jr_want_text(const struct json_t *o, const char *key, size_t max_bytes, const char **out,
    struct why *why) MUST_CHECK;
enum err jr_want_int(const struct json_t *o, const char *key, int64_t min, int64_t max,
    int64_t *out, struct why *why) MUST_CHECK;

/*
 * Refuses members that are not in the NULL-terminated list of names, naming the first stranger and
 * the keys there are.
 */
enum err jr_only_keys(const struct json_t *o, const char *const *names, struct why *why) MUST_CHECK;

/* The same value, whatever its members' order. NULL is equal to NULL alone. */
bool jr_equal(const struct json_t *a, const struct json_t *b);

/* The value as canonical text (sorted keys, no spaces), appended to out. */
enum err jr_canonical(const struct json_t *j, struct buf *out) MUST_CHECK;

/* True if the len bytes are valid UTF-8 without NUL. */
bool utf8_valid(const char *s, size_t len);
/* Makes them so: each byte that is NUL or part of no whole sequence becomes a question mark. */
void utf8_repair(char *s, size_t len);

#endif
