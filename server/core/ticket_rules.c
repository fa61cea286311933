#include "core/ticket_rules.h"
#include "core/ticket_words.h"

#include <string.h>

int
ticket_days(const struct ticket_rules *r, enum severity s)
{
	static const int usual[SEVERITY_COUNT] = {3, 5, 10, 20};

	return r->days[s] > 0 ? r->days[s] : usual[s];
}

/* The working day that is n of them before the date. */
static int32_t
workdays_before(const struct calendar *c, int32_t date, int n)
{
	while (n > 0)
		n -= workday_is(c, --date);
	return date;
}

static int
talk_days(const struct ticket_rules *r, enum severity s)
{
	return r->talk > 0 ? r->talk : ticket_days(r, s);
}

static int
criticism_days(const struct ticket_rules *r, enum severity s)
{
	int talk = talk_days(r, s);

	return r->criticism > talk ? r->criticism : 2 * talk;
}

int32_t
supervision_date(
    const struct ticket_rules *r, const struct calendar *c, enum severity s, int32_t due, int level)
{
	switch (level) {
	case 1:
		return workdays_before(c, due, r->remind > 0 ? r->remind : REMIND_DAYS_DEFAULT);
	case 2:
		return due + 1;
	case 3:
		return workdays_due(c, due, talk_days(r, s));
	default:
		return workdays_due(c, due, criticism_days(r, s));
	}
}

/* ---- in the configuration ---- */

bool
ticket_rules_empty(const struct ticket_rules *r)
{
	static const struct ticket_rules none;

	return memcmp(r, &none, sizeof none) == 0;
}

static void
put(struct json_writer *w, const char *key, int32_t v)
{
	if (v > 0)
		jw_kv_int(w, key, v);
}

void
ticket_rules_encode(const struct ticket_rules *r, struct json_writer *w)
{
	jw_object(w);
	put(w, "criticism", r->criticism);
	jw_key(w, "days");
	jw_object(w);
	put(w, "critical", r->days[SEVERITY_CRITICAL]);
	put(w, "high", r->days[SEVERITY_HIGH]);
	put(w, "low", r->days[SEVERITY_LOW]);
	put(w, "medium", r->days[SEVERITY_MEDIUM]);
	jw_object_end(w);
	put(w, "remind", r->remind);
	put(w, "talk", r->talk);
	jw_object_end(w);
}

static enum err
take(const struct json_t *j, const char *key, int32_t *out, struct why *why)
{
	int64_t v = 0;
	enum err e;

	if (jr_get(j, key) == NULL)
		return ERR_OK;
	e = jr_want_int(j, key, 1, TICKET_DAYS_MAX, &v, why);
	*out = (int32_t)v;
	return e;
}

enum err
ticket_rules_decode(const struct json_t *j, struct ticket_rules *r, struct why *why)
{
	const struct json_t *days = jr_get(j, "days");
	enum err e = ERR_OK;

	*r = (struct ticket_rules){.remind = 0};
	if (!jr_is_object(j))
		return why_set(why, ERR_INVALID, "\"tickets\" must be an object");
	for (int s = 0; e == ERR_OK && s < SEVERITY_COUNT; s++)
		e = take(days, term_id(&terms_severities, s), &r->days[s], why);
	if (e != ERR_OK || (e = take(j, "remind", &r->remind, why)) != ERR_OK ||
	    (e = take(j, "talk", &r->talk, why)) != ERR_OK ||
	    (e = take(j, "criticism", &r->criticism, why)) != ERR_OK)
		return e;
	return r->talk > 0 && r->criticism > 0 && r->criticism <= r->talk
		   ? why_set(why, ERR_INVALID, "criticism comes after the talk")
		   : ERR_OK;
}
