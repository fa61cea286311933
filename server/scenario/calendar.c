/*
 * The section `calendar`: holidays and working weekends, as dates and ranges FIRST..LAST, made into sorted lists.
 */
#include "base/date.h"
#include "scenario/parse.h"
#include <stdlib.h>
#include <string.h>

#define RANGE_DAYS_MAX 100 /* longer is a slip of the pen in a year */
#define DATE_FORMS "write a date such as 2026-10-01 or a range such as 2026-10-01..2026-10-07"

/* A date and where it was written: the day of a range has the range's place. */
struct dated {
	int32_t date;
	struct place at;
};

struct dates {
	const char *what;
	struct dated *list;
	size_t count;
};

static bool
range_parse(const char *text, int32_t *first, int32_t *last)
{
	const char *dots = strstr(text, "..");
	char head[DATE_BYTES];

	if (dots == NULL) {
		*last = 0;
		return date_parse(text, first) && date_parse(text, last);
	}
	if ((size_t)(dots - text) >= sizeof(head))
		return false;
	memcpy(head, text, (size_t)(dots - text));
	head[dots - text] = '\0';
	return date_parse(head, first) && date_parse(dots + 2, last);
}

/* False after saying why the entry is no good. */
static bool
entry_parse(struct reader *r, yaml_node_t *node, const char *what, int32_t *first, int32_t *last)
{
	const char *s = node_scalar(node);
	struct place at = node_place(node);

	if (s == NULL || !range_parse(s, first, last))
		mistake_add(r->mistakes, at, "%s: %s is no date; " DATE_FORMS, what,
		    node_found(r->mistakes, node));
	else if (*last < *first)
		mistake_add(
		    r->mistakes, at, "%s: %s ends before it begins", what, quoted(r->mistakes, s));
	else if (*last - *first >= RANGE_DAYS_MAX)
		mistake_add(r->mistakes, at, "%s: %s is %d days long; a range has at most %d", what,
		    quoted(r->mistakes, s), (int)(*last - *first + 1), RANGE_DAYS_MAX);
	else
		return true;
	return false;
}

static void
dates_read(struct reader *r, const struct node *given, struct dates *out)
{
	yaml_node_t **entry = NULL;
	size_t count = 0;
	int32_t first, last;

	out->list = arena_array(r->arena, CALENDAR_DATES_MAX, sizeof(*out->list));
	if (given->node == NULL ||
	    !entries_read(r, given->node, out->what, 0, CALENDAR_DATES_MAX, &entry, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!entry_parse(r, entry[i], out->what, &first, &last))
			continue;
		for (; first <= last && out->count < CALENDAR_DATES_MAX; first++)
			out->list[out->count++] =
			    (struct dated){.date = first, .at = node_place(entry[i])};
		if (first <= last) {
			mistake_add(r->mistakes, node_place(entry[i]), "%s has more than %d days",
			    out->what, CALENDAR_DATES_MAX);
			return;
		}
	}
}

/* By date, then by place: of two equal ones the later in the file is the mistake. */
static int
by_date(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return x->at.column < y->at.column ? -1 : x->at.column > y->at.column;
}

static void
dates_build(struct reader *r, struct dates *in, struct date_list *out)
{
	char text[DATE_BYTES];

	qsort(in->list, in->count, sizeof(in->list[0]), by_date);
	out->dates = arena_array(r->arena, in->count + 1, sizeof(*out->dates));
	for (size_t i = 0; i < in->count; i++) {
		if (i > 0 && in->list[i].date == in->list[i - 1].date) {
			date_format(in->list[i].date, text);
			mistake_add(r->mistakes, in->list[i].at,
			    "%s: %s is there twice; the first is on line %d", in->what, text,
			    in->list[i - 1].at.line);
		} else {
			out->dates[out->count++] = in->list[i].date;
		}
	}
}

static const struct dated *
dates_find(const struct dates *d, int32_t date)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->list[i].date == date)
			return &d->list[i];
	return NULL;
}

static void
check_working(struct reader *r, const struct dates *working, const struct dates *holidays)
{
	static const char *const days[] = {
	    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	char text[DATE_BYTES];

	for (size_t i = 0; i < working->count && !mistakes_full(r->mistakes); i++) {
		const struct dated *d = &working->list[i],
				   *free_day = dates_find(holidays, d->date);
		int day = date_weekday(d->date);

		date_format(d->date, text);
		if (day != 0 && day != 6)
			mistake_add(r->mistakes, d->at,
			    "working_weekends: %s is a %s; only Saturdays and Sundays that are "
			    "worked are listed",
			    text, days[day]);
		else if (free_day != NULL)
			mistake_add(r->mistakes, d->at,
			    "working_weekends: %s is a holiday on line %d; it is one or the other",
			    text, free_day->at.line);
	}
}

void
calendar_build(struct reader *r, const struct in_calendar *in, struct calendar *out)
{
	struct dates holidays = {.what = "holidays"}, working = {.what = "working_weekends"};

	if (in->at.line == 0)
		return;
	dates_read(r, &in->holidays, &holidays);
	dates_read(r, &in->working_weekends, &working);
	dates_build(r, &holidays, &out->holidays);
	dates_build(r, &working, &out->working_weekends);
	check_working(r, &working, &holidays);
}
