#include "base/date.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* H. Hinnant, "chrono-compatible low-level date algorithms": a year begins in March, an era has 400. */
int32_t
date_from_civil(int y, int m, int d)
{
	int era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void
date_to_civil(int32_t date, int *y, int *m, int *d)
{
	int64_t z = (int64_t)date + 719468, era, doe, yoe, doy, mp;

	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

int
date_month_days(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0))
		return 29;
	return days[m - 1];
}

int
date_weekday(int32_t date)
{
	int day = (int)(((int64_t)date + 4) % 7); /* 1970-01-01 was a Thursday */

	return day < 0 ? day + 7 : day;
}

/* The number of n digits at s; -1 if they are not all digits. */
static int
digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

bool
date_parse(const char *text, int32_t *out)
{
	int y, m, d;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	y = digits(text, 4);
	m = digits(text + 5, 2);
	d = digits(text + 8, 2);
	if (y < 0 || m < 1 || m > 12 || d < 1 || d > date_month_days(y, m))
		return false;
	*out = date_from_civil(y, m, d);
	return true;
}

void
date_format(int32_t date, char out[DATE_BYTES])
{
	int y, m, d;

	date = date < DATE_MIN ? DATE_MIN : date > DATE_MAX ? DATE_MAX : date;
	date_to_civil(date, &y, &m, &d);
	snprintf(out, DATE_BYTES, "%04d-%02d-%02d", y, m, d);
}

int64_t
date_local_ms(int64_t wall_ms, int offset_minutes)
{
	int64_t local, offset_ms = (int64_t)offset_minutes * 60000;

	if (__builtin_add_overflow(wall_ms, offset_ms, &local))
		return offset_ms < 0 ? INT64_MIN : INT64_MAX;
	return local;
}

int32_t
date_at(int64_t wall_ms, int offset_minutes)
{
	int64_t local = date_local_ms(wall_ms, offset_minutes), days = local / DAY_MS;

	if (local % DAY_MS < 0)
		days--;
	return days < DATE_MIN ? DATE_MIN : days > DATE_MAX ? DATE_MAX : (int32_t)days;
}

int64_t
date_begins_ms(int32_t date, int offset_minutes)
{
	return (int64_t)date * DAY_MS - (int64_t)offset_minutes * 60000;
}
