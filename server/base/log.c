#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static enum log_level threshold = LOG_INFO;

void
log_set_level(enum log_level level)
{
	__atomic_store_n(&threshold, level, __ATOMIC_RELAXED);
}

static int
local_offset_minutes(int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return (int)(tm.tm_gmtoff / 60);
}

/* One write per line, so that lines of several threads and processes do not mix. */
static void
log_line(enum log_level level, const char *where, const char *fmt, va_list ap)
{
	static const char *const level_names[] = {"debug", "info", "warn", "error"};
	char line[LINE_MAX_BYTES], stamp[RFC3339_BYTES];
	int64_t now = time_wall_ms();
	size_t len;
	int n;

	rfc3339_format(now, local_offset_minutes(now), stamp);
	n = snprintf(line, sizeof line - 1, "%s %s %s: ", stamp, level_names[level], where);
	len = n < 0 ? 0 : (size_t)n;
	n = vsnprintf(line + len, sizeof line - 1 - len, fmt, ap);
	if (n > 0)
		len = len + (size_t)n < sizeof line - 2 ? len + (size_t)n : sizeof line - 2;
	text_tame(line, len, TEXT_LINE);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nowhere left to complain to */
}

void
log_write(enum log_level level, const char *where, const char *fmt, ...)
{
	va_list ap;

	if (level < __atomic_load_n(&threshold, __ATOMIC_RELAXED))
		return;
	va_start(ap, fmt);
	log_line(level, where, fmt, ap);
	va_end(ap);
}

void
log_die(const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_ERROR, where, fmt, ap);
	va_end(ap);
	exit(1);
}
