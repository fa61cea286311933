#include "base/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- keeping ---- */

void
histogram_init(struct histogram *h, const double *bounds, unsigned count)
{
	*h = (struct histogram){.bounds = bounds};
	h->bound_count = count < HISTOGRAM_BOUNDS_MAX ? count : HISTOGRAM_BOUNDS_MAX;
}

void
histogram_add(struct histogram *h, double value)
{
	unsigned i = 0;

	if (!(value > 0)) /* the sum must never fall, or it is no counter */
		value = 0;
	while (i < h->bound_count && value > h->bounds[i])
		i++;
	h->counts[i]++;
	h->sum += value;
}

uint64_t
histogram_count(const struct histogram *h)
{
	uint64_t n = 0;

	for (unsigned i = 0; i <= h->bound_count; i++)
		n += h->counts[i];
	return n;
}

/* ---- writing ---- */

/* Line breaks and backslashes, and quotes in a label's value, must not end what they are in. */
static void
put_escaped(struct buf *out, const char *text, bool in_quotes)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\n')
			buf_puts(out, "\\n");
		else if (*p == '\\' || (in_quotes && *p == '"'))
			buf_printf(out, "\\%c", *p);
		else
			buf_putc(out, *p);
	}
}

/* As short as can be read back to the same number. */
static void
put_number(struct buf *out, double value)
{
	char text[40];

	if (isnan(value)) {
		buf_puts(out, "NaN");
	} else if (isinf(value)) {
		buf_puts(out, value > 0 ? "+Inf" : "-Inf");
	} else {
		snprintf(text, sizeof text, "%.15g", value);
		if (strtod(text, NULL) != value)
			snprintf(text, sizeof text, "%.17g", value);
		buf_puts(out, text);
	}
}

static void
put_label(struct buf *out, bool first, const char *name)
{
	buf_putc(out, first ? '{' : ',');
	buf_puts(out, name);
	buf_puts(out, "=\"");
}

/* NAME SUFFIX{labels,le="bound"} and the space before the value; bound NULL: no le. */
static void
put_series(
    struct metric_text *t, const char *suffix, const struct label *labels, const double *bound)
{
	bool first = true;

	buf_puts(t->out, t->name);
	buf_puts(t->out, suffix);
	for (; labels != NULL && labels->name != NULL; labels++, first = false) {
		put_label(t->out, first, labels->name);
		put_escaped(t->out, labels->value, true);
		buf_putc(t->out, '"');
	}
	if (bound != NULL) {
		put_label(t->out, first, "le");
		put_number(t->out, *bound);
		buf_putc(t->out, '"');
		first = false;
	}
	buf_puts(t->out, first ? " " : "} ");
}

void
metric_family(struct metric_text *t, const char *name, enum metric_type type, const char *help)
{
	static const char *const types[] = {[METRIC_COUNTER] = "counter",
	    [METRIC_GAUGE] = "gauge",
	    [METRIC_HISTOGRAM] = "histogram"};

	t->name = name;
	buf_printf(t->out, "# HELP %s ", name);
	put_escaped(t->out, help, false);
	buf_printf(t->out, "\n# TYPE %s %s\n", name, types[type]);
}

void
metric_value(struct metric_text *t, const struct label *labels, double value)
{
	put_series(t, "", labels, NULL);
	put_number(t->out, value);
	buf_putc(t->out, '\n');
}

static void
put_count(struct metric_text *t, uint64_t value)
{
	buf_printf(t->out, "%llu\n", (unsigned long long)value);
}

void
metric_count(struct metric_text *t, const struct label *labels, uint64_t value)
{
	put_series(t, "", labels, NULL);
	put_count(t, value);
}

void
metric_histogram(struct metric_text *t, const struct label *labels, const struct histogram *h)
{
	static const double infinite = INFINITY;
	uint64_t so_far = 0;

	for (unsigned i = 0; i <= h->bound_count; i++) {
		so_far += h->counts[i];
		put_series(t, "_bucket", labels, i < h->bound_count ? &h->bounds[i] : &infinite);
		put_count(t, so_far);
	}
	put_series(t, "_sum", labels, NULL);
	put_number(t->out, h->sum);
	buf_putc(t->out, '\n');
	put_series(t, "_count", labels, NULL);
	put_count(t, so_far);
}

void
metric_gauge(struct metric_text *t, const char *name, const char *help, double value)
{
	metric_family(t, name, METRIC_GAUGE, help);
	metric_value(t, NULL, value);
}

void
metric_counter(struct metric_text *t, const char *name, const char *help, uint64_t value)
{
	metric_family(t, name, METRIC_COUNTER, help);
	metric_count(t, NULL, value);
}
