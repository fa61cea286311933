#include "api/write_brake.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What is spent drains with time: new is all zero. In thousandths, as a rate a second is so many of them a millisecond. */
struct bucket {
	int64_t writes_milli, bytes_milli;
	int64_t at_ms;
};

struct write_brake {
	struct bucket *buckets; /* by the account's place */
	size_t count;
	uint64_t refused;
};

struct write_brake *
write_brake_new(void)
{
	return mem_alloc(sizeof(struct write_brake));
}

void
write_brake_free(struct write_brake *b)
{
	if (b == NULL)
		return;
	free(b->buckets);
	free(b);
}

static struct bucket *
bucket_of(struct write_brake *b, const struct account *a)
{
	size_t count = b->count > 0 ? b->count : 64;

	while (count <= a->place)
		count *= 2;
	if (count > b->count) {
		b->buckets = mem_resize(b->buckets, count, sizeof *b->buckets);
		memset(b->buckets + b->count, 0, (count - b->count) * sizeof *b->buckets);
		b->count = count;
	}
	return &b->buckets[a->place];
}

static int64_t
drained(int64_t spent_milli, int64_t per_second, int64_t ms)
{
	return ms < spent_milli / per_second ? spent_milli - ms * per_second : 0;
}

/* Until less than a burst is spent. */
static int64_t
wait_ms(int64_t spent_milli, int64_t per_second, int64_t burst)
{
	int64_t over = spent_milli - burst * 1000;

	return over >= 0 ? over / per_second + 1 : 0;
}

int
write_brake_begin(struct write_brake *b, const struct account *a, uint64_t bytes, int64_t now_ms)
{
	struct bucket *k = bucket_of(b, a);
	int64_t wait, wait_bytes;

	k->writes_milli = drained(k->writes_milli, WRITE_BRAKE_PER_SECOND, now_ms - k->at_ms);
	k->bytes_milli = drained(k->bytes_milli, WRITE_BRAKE_BYTES_PER_SECOND, now_ms - k->at_ms);
	k->at_ms = now_ms;
	wait = wait_ms(k->writes_milli, WRITE_BRAKE_PER_SECOND, WRITE_BRAKE_BURST);
	wait_bytes = wait_ms(k->bytes_milli, WRITE_BRAKE_BYTES_PER_SECOND, WRITE_BRAKE_BYTES_BURST);
	if (wait_bytes > wait)
		wait = wait_bytes;
	if (wait > 0) {
		b->refused++;
		return (int)((wait + 999) / 1000);
	}
	k->writes_milli += 1000;
	write_brake_add(b, a, bytes);
	return 0;
}

void
write_brake_add(struct write_brake *b, const struct account *a, uint64_t bytes)
{
	bucket_of(b, a)->bytes_milli += (int64_t)bytes * 1000;
}

uint64_t
write_brake_refused(const struct write_brake *b)
{
	return b->refused;
}
