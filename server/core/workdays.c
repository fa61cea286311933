#include "core/workdays.h"

#include "base/date.h"

static bool
weekend(int32_t date)
{
	int day = date_weekday(date);

	return day == 0 || day == 6;
}

/* How many of the list are before the date. */
static size_t
before(const struct date_list *l, int32_t date)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->dates[middle] < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
listed(const struct date_list *l, int32_t date)
{
	size_t i = before(l, date);

	return i < l->count && l->dates[i] == date;
}

bool
workday_is(const struct calendar *c, int32_t date)
{
	if (weekend(date))
		return listed(&c->working_weekends, date);
	return !listed(&c->holidays, date);
}

/* Ends: the lists of holidays are bounded, and every week has working days but for them. */
int32_t
workday_from(const struct calendar *c, int32_t date)
{
	while (!workday_is(c, date))
		date++;
	return date;
}

int32_t
workdays_due(const struct calendar *c, int32_t given_on, int n)
{
	int32_t date = given_on;

	if (n > WORKDAYS_MAX)
		n = WORKDAYS_MAX;
	do
		date = workday_from(c, date + 1);
	while (--n > 0);
	return date;
}

/* Mondays to Fridays among the dates from 1970-01-01 (a Thursday) to before this one; negative before it. */
static int64_t
weekdays_before(int32_t date)
{
	int64_t since_monday = (int64_t)date + 3, weeks = since_monday / 7, rest;

	if (since_monday % 7 < 0)
		weeks--;
	rest = since_monday - weeks * 7;
	return weeks * 5 + (rest < 5 ? rest : 5);
}

/* Of the list's dates in [from, to), those on a weekend or those on a weekday. */
static int64_t
count_listed(const struct date_list *l, int32_t from, int32_t to, bool on_weekend)
{
	int64_t n = 0;

	for (size_t i = before(l, from); i < l->count && l->dates[i] < to; i++)
		n += weekend(l->dates[i]) == on_weekend;
	return n;
}

int
workdays_overdue(const struct calendar *c, int32_t due, int32_t today)
{
	if (today <= due)
		return 0;
	return (int)(weekdays_before(today + 1) - weekdays_before(due + 1) -
		     count_listed(&c->holidays, due + 1, today + 1, false) +
		     count_listed(&c->working_weekends, due + 1, today + 1, true));
}

int32_t
workdays_due_at(const struct calendar *c, int64_t given_ms, int offset_minutes, int n)
{
	return workdays_due(c, date_at(given_ms, offset_minutes), n);
}

/* ---- in the configuration ---- */

bool
calendar_empty(const struct calendar *c)
{
	return c->holidays.count == 0 && c->working_weekends.count == 0;
}

static void
put_dates(struct json_writer *w, const char *key, const struct date_list *l)
{
	char text[DATE_BYTES];

	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < l->count; i++) {
		date_format(l->dates[i], text);
		jw_str(w, text);
	}
	jw_array_end(w);
}

void
calendar_encode(const struct calendar *c, struct json_writer *w)
{
	jw_object(w);
	put_dates(w, "holidays", &c->holidays);
	put_dates(w, "working_weekends", &c->working_weekends);
	jw_object_end(w);
}

static enum err
get_dates(const struct json_t *j, const char *key, struct date_list *l, struct arena *arena,
    struct why *why)
{
	const struct json_t *list = jr_get(j, key);
	size_t count = jr_count(list);

	if (!jr_is_array(list))
		return why_set(why, ERR_INVALID, "\"%s\" must be a list of dates", key);
	if (count > CALENDAR_DATES_MAX)
		return why_set(
		    why, ERR_LIMIT, "%zu %s; at most %d are taken", count, key, CALENDAR_DATES_MAX);
	l->dates = arena_array(arena, count, sizeof(*l->dates));
	for (l->count = 0; l->count < count; l->count++) {
		const char *text = jr_string(jr_at(list, l->count), NULL);

		if (text == NULL || !date_parse(text, &l->dates[l->count]))
			return why_set(why, ERR_INVALID,
			    "\"%s\": expected dates such as 2026-10-01, found \"%.20s\"", key,
			    text != NULL ? text : "another kind");
		if (l->count > 0 && l->dates[l->count - 1] >= l->dates[l->count])
			return why_set(why, ERR_INVALID,
			    "\"%s\": %s is not after the date before it", key, text);
	}
	return ERR_OK;
}

enum err
calendar_decode(const struct json_t *j, struct calendar *c, struct arena *arena, struct why *why)
{
	const struct date_list *work = &c->working_weekends;
	char text[DATE_BYTES];
	enum err e;

	if ((e = get_dates(j, "holidays", &c->holidays, arena, why)) != ERR_OK ||
	    (e = get_dates(j, "working_weekends", &c->working_weekends, arena, why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < work->count; i++) {
		date_format(work->dates[i], text);
		if (!weekend(work->dates[i]))
			return why_set(why, ERR_INVALID,
			    "\"working_weekends\": %s is no Saturday and no Sunday", text);
		if (listed(&c->holidays, work->dates[i]))
			return why_set(why, ERR_INVALID, "%s is a holiday and worked", text);
	}
	return ERR_OK;
}
