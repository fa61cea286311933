#include "core/unit.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lot {
	uint8_t hash[SHA256_BYTES];
	size_t team;
};

static int
by_hash(const void *a, const void *b)
{
	return memcmp(((const struct lot *)a)->hash, ((const struct lot *)b)->hash, SHA256_BYTES);
}

static struct lot
draw(const struct drill_config *c, int64_t opened_ms, const char *seed, size_t team)
{
	struct lot lot = {.team = team};
	struct buf text;

	buf_init(&text, 1024);
	if (seed != NULL && seed[0] != '\0')
		buf_printf(&text, "drilld unit v2\n%s\n%s", seed, c->teams[team].id);
	else
		buf_printf(&text, "drilld unit v1\n%s\n%s\n%lld\n%s", c->id,
		    c->sign_key != NULL ? c->sign_key : "", (long long)opened_ms,
		    c->teams[team].id);
	sha256(text.data, text.len, lot.hash);
	buf_free(&text);
	return lot;
}

int *
units_draw(const struct drill_config *c, int64_t opened_ms, const char *seed)
{
	struct lot *lots = mem_array(c->team_count, sizeof *lots);
	int *units = mem_array(c->team_count, sizeof *units);
	size_t count = 0;

	for (size_t i = 0; i < c->team_count; i++)
		if (c->teams[i].kind == TEAM_BLUE)
			lots[count++] = draw(c, opened_ms, seed, i);
	qsort(lots, count, sizeof *lots, by_hash);
	for (size_t i = 0; i < count; i++)
		units[lots[i].team] = (int)i + 1;
	free(lots);
	return units;
}

void
unit_name(int unit, char zh[UNIT_NAME_BYTES], char en[UNIT_NAME_BYTES])
{
	snprintf(zh, UNIT_NAME_BYTES, "单位 %d", unit);
	snprintf(en, UNIT_NAME_BYTES, "Unit %d", unit);
}
