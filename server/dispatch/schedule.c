#include "dispatch/internal.h"

#define SPREAD_PERCENT 80
#define PART_MIN                                                                                   \
	(1.0 / 3) /* of the spread, for each kind: its systems' moments stay hard to tell */

/* SplitMix64 (Steele, Lea, Flood 2014): any seed, also 0, gives a good stream. */
static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void
swap(struct check *a, struct check *b)
{
	struct check c = *a;

	*a = *b;
	*b = c;
}

/* Fisher and Yates. The remainder's bias, below 2^-40 for a million systems, shows nobody anything. */
static void
shuffle(struct check *checks, size_t count, uint64_t *state)
{
	for (size_t i = count; i > 1; i--)
		swap(&checks[i - 1], &checks[random_next(state) % i]);
}

/* Those with flags to the front; returns how many. */
static size_t
flags_first(struct check *checks, size_t count)
{
	size_t front = 0;

	for (size_t i = 0; i < count; i++)
		if (checks[i].first)
			swap(&checks[front++], &checks[i]);
	return front;
}

static void
spread(struct check *checks, size_t count, double from_ms, double span_ms, uint64_t *state)
{
	double part = count > 0 ? span_ms / (double)count : 0;

	shuffle(checks, count, state);
	for (size_t i = 0; i < count; i++) {
		double u = (double)(random_next(state) >> 11) * 0x1p-53;

		checks[i].at_ms = (int64_t)(from_ms + ((double)i + u) * part);
	}
}

void
schedule_spread(struct check *checks, size_t count, int64_t now_ms, int64_t span_ms, uint64_t seed)
{
	double whole = (double)span_ms * SPREAD_PERCENT / 100;
	size_t front = flags_first(checks, count);
	double part = count > 0 ? (double)front / (double)count : 0;
	uint64_t state = seed;

	if (front > 0 && front < count && part < PART_MIN)
		part = PART_MIN;
	if (front > 0 && front < count && part > 1 - PART_MIN)
		part = 1 - PART_MIN;
	spread(checks, front, (double)now_ms, whole * part, &state);
	spread(checks + front, count - front, (double)now_ms + whole * part, whole * (1 - part),
	    &state);
}
