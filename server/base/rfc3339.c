#include "base/rfc3339.h"
#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>

void
rfc3339_format(int64_t wall_ms, int offset_minutes, char out[RFC3339_BYTES])
{
	int64_t local = date_local_ms(wall_ms, offset_minutes);
	int64_t rest = local % 86400000;
	char date[DATE_BYTES];
	int off = abs(offset_minutes) % 1440;

	if (rest < 0)
		rest += 86400000;
	date_format(date_at(wall_ms, offset_minutes), date);
	snprintf(out, RFC3339_BYTES, "%sT%02d:%02d:%02d.%03d%c%02d:%02d", date,
	    (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60),
	    (int)(rest % 1000), offset_minutes < 0 ? '-' : '+', off / 60, off % 60);
}

/* Exactly n digits at *s as a number in [min, max]; moves *s on. */
static bool
digits(const char **s, int n, int min, int max, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return v >= min && v <= max;
}

static bool
one(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
parse_fraction(const char **s, int *ms)
{
	int scale = 100, count = 0;

	*ms = 0;
	if (**s != '.')
		return true;
	for ((*s)++; **s >= '0' && **s <= '9'; (*s)++, count++) {
		*ms += (**s - '0') * scale;
		scale /= 10;
	}
	return count > 0 && count <= 9;
}

static bool
parse_offset(const char **s, int *minutes)
{
	int h, m, sign;

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*minutes = 0;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	sign = **s == '-' ? -1 : 1;
	(*s)++;
	if (!digits(s, 2, 0, 23, &h) || !one(s, ':') || !digits(s, 2, 0, 59, &m))
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

bool
rfc3339_parse(const char *text, int64_t *wall_ms, int *offset_minutes)
{
	const char *s = text;
	int y, mo, d, h, mi, sec, ms, off;

	if (!digits(&s, 4, 0, 9999, &y) || !one(&s, '-') || !digits(&s, 2, 1, 12, &mo) ||
	    !one(&s, '-') || !digits(&s, 2, 1, 31, &d) || d > date_month_days(y, mo))
		return false;
	if (*s != 'T' && *s != 't' && *s != ' ')
		return false;
	s++;
	if (!digits(&s, 2, 0, 23, &h) || !one(&s, ':') || !digits(&s, 2, 0, 59, &mi) ||
	    !one(&s, ':') || !digits(&s, 2, 0, 59, &sec) || !parse_fraction(&s, &ms) ||
	    !parse_offset(&s, &off) || *s != '\0')
		return false;
	*wall_ms = (((int64_t)date_from_civil(y, mo, d) * 24 + h) * 60 + mi - off) * 60000 +
		   sec * 1000 + ms;
	if (offset_minutes != NULL)
		*offset_minutes = off;
	return true;
}
