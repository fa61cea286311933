#include "core/record.h"
#include "core/announcement.h"
#include "core/asset.h"
#include "core/attachment.h"
#include "core/engagement.h"
#include "core/inject.h"
#include "core/judging.h"
#include "core/kill.h"
#include "core/mail.h"
#include "core/plan.h"
#include "core/post.h"
#include "core/report.h"
#include "core/result.h"
#include "core/ticket.h"
#include "core/truth.h"

#include <string.h>

static const struct record_family *const families[] = {
    &announcement_family,
    &ticket_family,
    &report_family,
    &attachment_family,
    &plan_family,
    &post_family,
    &asset_family,
    &engagement_family,
    &result_family,
    &kill_family,
    &inject_family,
    &mail_family,
    &truth_family,
    &judging_family,
};

#define FAMILIES (sizeof families / sizeof families[0])

_Static_assert(FAMILIES == RECORD_FAMILIES, "record.h says how many there are");

int
record_family_at(enum event_kind kind)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (kind >= families[i]->first && kind <= families[i]->last)
			return (int)i;
	return -1;
}

const struct record_family *
record_family_of(enum event_kind kind)
{
	int at = record_family_at(kind);

	return at >= 0 ? families[at] : NULL;
}

bool
record_due_beside(const struct game *g, const struct record_time *now, unsigned beside,
    struct arena *arena, struct event *ev, struct record_time *next)
{
	*next = (struct record_time){INT64_MAX, INT64_MAX};
	for (size_t i = 0; i < FAMILIES; i++)
		if (families[i]->due != NULL && !(beside & 1u << i) &&
		    families[i]->due(g, now, arena, ev, next))
			return true;
	return false;
}

bool
record_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next)
{
	return record_due_beside(g, now, 0, arena, ev, next);
}

void
record_open_all(struct game *g)
{
	for (size_t i = 0; i < FAMILIES; i++)
		families[i]->open(g);
}

void
record_close_all(struct game *g)
{
	for (size_t i = 0; i < FAMILIES; i++)
		families[i]->close(g);
}

/* ---- reading ---- */

enum err
record_text(const struct record_reader *r, const char *key, size_t max_bytes, const char **out)
{
	const char *text;
	enum err e = jr_want_text(r->body, key, max_bytes, &text, r->why);

	if (e == ERR_OK)
		*out = arena_strdup(r->arena, text);
	return e;
}

enum err
record_int(const struct record_reader *r, const char *key, int64_t min, int64_t max, int64_t *out)
{
	return jr_want_int(r->body, key, min, max, out, r->why);
}

enum err
record_int32(const struct record_reader *r, const char *key, int32_t min, int32_t max, int32_t *out)
{
	int64_t v = 0;
	enum err e = jr_want_int(r->body, key, min, max, &v, r->why);

	*out = (int32_t)v;
	return e;
}

enum err
record_bool(const struct record_reader *r, const char *key, bool *out)
{
	const struct json_t *j = jr_get(r->body, key);

	*out = jr_boolean(j, false);
	if (j == NULL || jr_boolean(j, false) != jr_boolean(j, true))
		return why_set(r->why, ERR_INVALID, "\"%s\" must be true or false", key);
	return ERR_OK;
}

enum err
record_term(const struct record_reader *r, const char *key, const struct terms *terms, int *out)
{
	const char *word;
	enum err e = jr_want_text(r->body, key, ID_MAX_BYTES, &word, r->why);

	return e != ERR_OK ? e : term_want(terms, word, out, r->why);
}

const char *
record_secret(const struct record_reader *r, const char *key)
{
	const char *text = r->secret != NULL ? jr_string(jr_get(r->secret, key), NULL) : NULL;

	return text != NULL ? arena_strdup(r->arena, text) : "";
}
