#include "dispatch/internal.h"

#define SPREAD_PERCENT 80

/* SplitMix64 (Steele, Lea, Flood 2014): any seed, also 0, gives a good stream. */
static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Fisher and Yates. The remainder's bias, below 2^-40 for a million systems, shows nobody anything. */
static void
shuffle(struct check *checks, size_t count, uint64_t *state)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = random_next(state) % i;
		struct check c = checks[i - 1];

		checks[i - 1] = checks[j];
		checks[j] = c;
	}
}

void
schedule_spread(struct check *checks, size_t count, int64_t now_ms, int64_t span_ms, uint64_t seed)
{
	double part = count > 0 ? (double)span_ms * SPREAD_PERCENT / 100 / (double)count : 0;
	uint64_t state = seed;

	shuffle(checks, count, &state);
	for (size_t i = 0; i < count; i++) {
		double u = (double)(random_next(&state) >> 11) * 0x1p-53;

		checks[i].at_ms = now_ms + (int64_t)(((double)i + u) * part);
	}
}
