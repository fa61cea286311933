#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
time_wall_ms(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t
time_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t
time_mono_ms(void)
{
	return time_mono_ns() / 1000000;
}

/* A zone's name goes into a path and into TZ: letters, digits and a few signs, no dots. */
static bool
zone_name_safe(const char *zone)
{
	size_t len = strlen(zone);

	if (len == 0 || len > 60 || zone[0] == '/')
		return false;
	return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
	       len;
}

bool
zone_offset(const char *zone, int64_t wall_ms, int *offset_minutes)
{
	char path[128], tz[80], *old;
	time_t t = (time_t)(wall_ms / 1000);
	struct stat st;
	struct tm tm;

	if (!zone_name_safe(zone))
		return false;
	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
	if (strcmp(zone, "UTC") == 0) {
		*offset_minutes = 0;
		return true;
	}
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	old = getenv("TZ");
	old = old != NULL ? strdup(old) : NULL;
	snprintf(tz, sizeof tz, ":%s", zone);
	setenv("TZ", tz, 1);
	tzset();
	localtime_r(&t, &tm);
	if (old != NULL)
		setenv("TZ", old, 1);
	else
		unsetenv("TZ");
	tzset();
	free(old);
	*offset_minutes = (int)(tm.tm_gmtoff / 60);
	return true;
}
