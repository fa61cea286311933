#include "checker/pattern.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What all repetitions of one expression multiply to; regcomp copies the repeated part that often. */
#define REPEATS_MAX 10000

/* The end of a bracket expression that begins at s (its '['). */
static const char *
bracket_end(const char *s)
{
	s++;
	if (*s == '^')
		s++;
	if (*s == ']')
		s++;
	while (*s != '\0' && *s != ']') {
		if (s[0] == '[' && (s[1] == ':' || s[1] == '.' || s[1] == '=')) {
			const char close[] = {s[1], ']', '\0'}, *end = strstr(s + 2, close);

			if (end != NULL)
				s = end + 1;
		}
		s++;
	}
	return s;
}

/* The larger bound of the repetition that begins at s (its '{'). */
static long
repeat_bound(const char *s)
{
	char *end;
	long low = strtol(s + 1, &end, 10), high = low;

	if (*end == ',')
		high = strtol(end + 1, NULL, 10);
	return high > low ? high : low;
}

/* What regcomp accepts and would cost too much later, or would not mean what its author thinks. */
static enum err
check_source(const char *source, struct why *why)
{
	long repeats = 1, bound;

	if (strlen(source) > PATTERN_TEXT_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "a regular expression of %zu bytes; at most %d are taken", strlen(source),
		    PATTERN_TEXT_MAX_BYTES);
	for (const char *s = source; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] >= '1' && s[1] <= '9')
			return why_set(why, ERR_INVALID,
			    "the regular expression has the back-reference \\%c; POSIX extended "
			    "ones "
			    "have none",
			    s[1]);
		if (s[0] == '\n')
			return why_set(why, ERR_INVALID,
			    "the regular expression has a newline; it is matched line by line");
		if (s[0] == '\\' && s[1] != '\0')
			s++;
		else if (s[0] == '[' && *(s = bracket_end(s)) == '\0')
			break;
		else if (s[0] == '{' && (bound = repeat_bound(s)) > 1 &&
			 (bound > REPEATS_MAX || (repeats *= bound) > REPEATS_MAX))
			return why_set(why, ERR_LIMIT,
			    "the repetitions of the regular expression multiply to more than %d",
			    REPEATS_MAX);
	}
	return ERR_OK;
}

enum err
pattern_compile(struct pattern *p, const char *source, struct why *why)
{
	char text[160];
	enum err e = check_source(source, why);
	int code;

	if (e != ERR_OK)
		return e;
	if ((code = regcomp(&p->regex, source, REG_EXTENDED)) != 0) {
		regerror(code, &p->regex, text, sizeof text);
		return why_set(why, ERR_INVALID, "regular expression \"%.80s\": %s", source, text);
	}
	p->source = source;
	return ERR_OK;
}

void
pattern_free(struct pattern *p)
{
	regfree(&p->regex);
}

double
cpu_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct search {
	const struct pattern *pattern;
	regmatch_t *match;
	double until_ms;
	size_t
	    unclocked; /* work since the clock was read: reading it costs more than a short line */
	bool midline;  /* the first line is what is left of one */
};

static bool
out_of_budget(struct search *s, size_t work)
{
	s->unclocked += work + 64;
	if (s->unclocked < PATTERN_WINDOW_BYTES)
		return false;
	s->unclocked = 0;
	return cpu_now_ms() > s->until_ms;
}

static void
shift(regmatch_t *m, size_t by)
{
	if (m->rm_so < 0)
		return;
	m->rm_so += (regoff_t)by;
	m->rm_eo += (regoff_t)by;
}

static bool
find_in_window(struct search *s, const char *line, size_t from, size_t to, size_t len)
{
	int flags =
	    REG_STARTEND | (from > 0 || s->midline ? REG_NOTBOL : 0) | (to < len ? REG_NOTEOL : 0);

	s->match[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)(to - from)};
	if (regexec(&s->pattern->regex, line + from, 2, s->match, flags) != 0)
		return false;
	shift(&s->match[0], from);
	shift(&s->match[1], from);
	return true;
}

static enum pattern_result
find_in_line(struct search *s, const char *line, size_t len)
{
	size_t from = 0, to;

	for (;;) {
		to = len - from > PATTERN_WINDOW_BYTES ? from + PATTERN_WINDOW_BYTES : len;
		if (find_in_window(s, line, from, to, len))
			return PATTERN_FOUND;
		if (out_of_budget(s, to - from))
			return PATTERN_TOO_COSTLY;
		if (to == len)
			return PATTERN_ABSENT;
		from += PATTERN_WINDOW_BYTES - PATTERN_MATCH_BYTES;
	}
}

static enum pattern_result
find_in_lines(struct search *s, const char *text, size_t len)
{
	const char *line = text, *end = text + len, *newline;
	enum pattern_result r;
	size_t n;

	do {
		newline = memchr(line, '\n', (size_t)(end - line));
		n = (size_t)((newline != NULL ? newline : end) - line);
		if (n > 0 && newline != NULL && line[n - 1] == '\r')
			n--;
		if ((r = find_in_line(s, line, n)) != PATTERN_ABSENT) {
			shift(&s->match[0], (size_t)(line - text));
			shift(&s->match[1], (size_t)(line - text));
			return r;
		}
		line = newline != NULL ? newline + 1 : NULL;
		s->midline = false;
	} while (line != NULL && line < end);
	return PATTERN_ABSENT;
}

enum pattern_result
pattern_find(
    const struct pattern *p, const char *text, size_t len, double *budget_ms, regmatch_t match[2])
{
	size_t from = 0;

	return pattern_next(p, text, len, &from, budget_ms, match);
}

enum pattern_result
pattern_next(const struct pattern *p, const char *text, size_t len, size_t *from, double *budget_ms,
    regmatch_t match[2])
{
	double start_ms = cpu_now_ms();
	struct search s = {.pattern = p, .match = match, .until_ms = start_ms + *budget_ms};
	enum pattern_result r;

	if (*budget_ms <= 0)
		return PATTERN_TOO_COSTLY;
	if (len > PATTERN_SUBJECT_MAX_BYTES)
		len = PATTERN_SUBJECT_MAX_BYTES;
	if (*from > len)
		return PATTERN_ABSENT;
	s.midline = *from > 0 && text[*from - 1] != '\n';
	r = find_in_lines(&s, text + *from, len - *from);
	if (r == PATTERN_FOUND) {
		shift(&match[0], *from);
		shift(&match[1], *from);
		/* past an empty match, or it would be found for ever */
		*from = (size_t)match[0].rm_eo + (match[0].rm_eo == match[0].rm_so);
	}
	*budget_ms -= cpu_now_ms() - start_ms;
	return r;
}
