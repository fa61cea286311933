/*
 * Numbers for those who watch the server: a histogram to keep, and the text that Prometheus reads (the
 * exposition format, version 0.0.4). A counter is a uint64_t of its owner's, a gauge whatever the owner
 * knows; there is no registry: api/metrics.c asks the owners and writes. Not thread safe.
 *
 * Names and units are the caller's to get right: base units (_seconds, _bytes), counters in _total.
 */
#ifndef DRILLD_BASE_METRIC_H
#define DRILLD_BASE_METRIC_H

#include "base/buf.h"
#include <stdint.h>

#define METRIC_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define HISTOGRAM_BOUNDS_MAX 16

struct histogram {
	const double *bounds; /* ascending; they outlive it */
	unsigned bound_count;
	uint64_t
	    counts[HISTOGRAM_BOUNDS_MAX + 1]; /* each bucket's own; the last is beyond all bounds */
	double sum;
};

/* More than HISTOGRAM_BOUNDS_MAX bounds are cut off. */
void histogram_init(struct histogram *h, const double *bounds, unsigned count);
/* A value belongs to the first bound that it does not exceed. Below zero, or no number, counts as 0. */
void histogram_add(struct histogram *h, double value);
uint64_t histogram_count(const struct histogram *h);

#define HISTOGRAM_INIT(h, bounds) histogram_init(h, bounds, sizeof(bounds) / sizeof((bounds)[0]))

/* ---- the text ---- */

struct label {
	const char *name;
	const char *value; /* any UTF-8: it is escaped here */
};

/* Labels in place: LABELS({"verdict", "ok"}, ...). NULL stands for none. */
#define LABELS(...)                                                                                \
	(const struct label[])                                                                     \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			NULL, NULL                                                                 \
		}                                                                                  \
	}

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_text {
	struct buf *out;
	const char *name; /* of the family begun last */
};

/* Begins a family: every later value is one of its series. Each name once in a text. */
void metric_family(
    struct metric_text *t, const char *name, enum metric_type type, const char *help);
void metric_value(struct metric_text *t, const struct label *labels, double value);
void metric_count(struct metric_text *t, const struct label *labels, uint64_t value);
/* Its buckets, summed up, then _sum and _count. */
void metric_histogram(struct metric_text *t, const struct label *labels, const struct histogram *h);

/* A family of one series without labels. */
void metric_gauge(struct metric_text *t, const char *name, const char *help, double value);
void metric_counter(struct metric_text *t, const char *name, const char *help, uint64_t value);

#endif
