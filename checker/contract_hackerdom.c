/*
 * The contract of HackerDom's checksystem (github.com/HackerDom/checksystem): `checker info`, `checker check HOST`,
 * `checker put|get HOST ID FLAG VULN`. info says how many places there are and how often each is chosen; a round
 * puts one flag, to the place whose turn it is, gets it back, and gets one older flag of the same place.
 */
#include "base/json.h"
#include "checker/contract.h"
#include "checker/external_round.h"
#include "checker/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 100000
#define NUMBER_DIGITS 20

/* xxxx-xxxx-xxxx */
static void
hackerdom_first_id(const struct job_flag *flag, char out[EXTERNAL_ID_BYTES])
{
	struct arena arena = {0};
	const char *s = random_value(&arena, flag->seed,
	    &(struct random_var){.name = "flag_id", .kind = RANDOM_HEX, .length = 12});

	snprintf(out, EXTERNAL_ID_BYTES, "%.4s-%.4s-%.4s", s, s + 4, s + 8);
	arena_free(&arena);
}

/* ---- which place ---- */

/* "1:2:1": of four rounds the second and third go to place 2. */
static int
place_of_tick(const struct external_memo *memo, int32_t tick)
{
	int64_t sum = 0, turn;

	for (int i = 0; i < memo->places; i++)
		sum += memo->weights[i];
	if (sum == 0)
		return 1;
	turn = tick % sum;
	for (int i = 0; i < memo->places; i++)
		if ((turn -= memo->weights[i]) < 0)
			return i + 1;
	return 1;
}

static const struct job_flag *
flag_of_place(const struct job *job, int place)
{
	for (size_t i = 0; i < job->put_count; i++)
		if (job->put[i].slot == place - 1)
			return &job->put[i];
	return job->put_count > 0 ? &job->put[0] : NULL;
}

static int
place_of_older(const struct job_flag *flag, struct arena *arena)
{
	const char *vuln = external_saved(flag, SAVED_VULN, arena);

	return vuln != NULL ? atoi(vuln) : flag->slot + 1;
}

static const struct job_flag *
older_of_place(const struct job *job, int place, struct arena *arena)
{
	const struct job_flag *found[JOB_FLAGS_MAX];
	unsigned count = 0;

	for (size_t i = 0; i < job->get_count; i++)
		if (place_of_older(&job->get[i], arena) == place)
			found[count++] = &job->get[i];
	return count > 0 ? found[external_draw(job, arena, "older", count)] : NULL;
}

static void
hackerdom_list(const struct job *job, const struct external_plan *plan, struct arena *arena,
    struct external_actions *out)
{
	int place = place_of_tick(plan->memo, job->tick);
	const struct job_flag *flag = flag_of_place(job, place);
	const struct job_flag *older = older_of_place(job, place, arena);

	out->count = 0;
	out->items[out->count++] = (struct external_action){.mode = EXTERNAL_CHECK};
	if (flag != NULL) {
		out->items[out->count++] =
		    (struct external_action){EXTERNAL_PUT, flag, false, place};
		out->items[out->count++] =
		    (struct external_action){EXTERNAL_GET, flag, false, place};
	}
	if (older != NULL)
		out->items[out->count++] =
		    (struct external_action){EXTERNAL_GET, older, true, place};
}

/* ---- calls and answers ---- */

/* "public_flag_id" of an id that is a JSON object; NULL if there is none. */
static const char *
public_part(const char *id, struct arena *arena)
{
	const struct json_t *member;
	const char *out = NULL;
	struct json_t *o;
	char number[NUMBER_DIGITS + 4];

	if (jr_parse(id, strlen(id), &o, NULL) != ERR_OK)
		return NULL;
	member = jr_is_object(o) ? jr_get(o, "public_flag_id") : NULL;
	if (jr_is_string(member)) {
		out = arena_strdup(arena, jr_string(member, NULL));
	} else if (jr_is_int(member)) {
		snprintf(number, sizeof number, "%lld", (long long)jr_integer(member, 0));
		out = arena_strdup(arena, number);
	}
	jr_free(o);
	return out;
}

/* All of stdout but a newline at its end is the new id, "" and "0" are none. */
static enum err
hackerdom_placed(const struct external_plan *plan, const struct exec_result *r, struct arena *arena,
    struct external_placed *out, struct why *why)
{
	size_t len = r->out_len;
	const char *id;

	(void)plan;
	if (len > 0 && r->out[len - 1] == '\n')
		len--;
	if (len > 0 && len < r->out_len && r->out[len - 1] == '\r')
		len--;
	if (!utf8_valid(r->out, len))
		return why_set(
		    why, ERR_INVALID, "put printed an id that is no text (UTF-8 without NUL)");
	id = arena_strndup(arena, r->out, len);
	if (id[0] == '\0' || strcmp(id, "0") == 0)
		return ERR_OK;
	out->id = id;
	out->public_id = public_part(id, arena);
	return ERR_OK;
}

/* ---- info ---- */

/* The rest of the first line that begins with "vulns:", without blanks at its ends; NULL if there is none. */
static const char *
vulns_line(const char *text, size_t len, size_t *out_len)
{
	static const char key[] = "vulns:";
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		const char *from = text + sizeof key - 1, *to = eol != NULL ? eol : end;

		if (from <= to && memcmp(text, key, sizeof key - 1) == 0) {
			while (from < to && strchr(" \t\r\v\f", *from) != NULL)
				from++;
			while (to > from && strchr(" \t\r\v\f", to[-1]) != NULL)
				to--;
			*out_len = (size_t)(to - from);
			return from;
		}
		if (eol == NULL)
			break;
		text = eol + 1;
	}
	return NULL;
}

/* Numbers with colons between; a weight that is too large or left out counts as the largest or none. */
static void
hackerdom_informed(struct external_memo *memo, const char *text, size_t len)
{
	size_t n = 0;
	const char *line = text != NULL ? vulns_line(text, len, &n) : NULL;
	int places = 1, weight = 0;

	memo->places = 0;
	for (size_t i = 0; i < n; i++) {
		if (line[i] == ':' && places == PLACES_MAX)
			return;
		if (line[i] == ':') {
			memo->weights[places++ - 1] = weight;
			weight = 0;
		} else if (line[i] >= '0' && line[i] <= '9') {
			weight = weight * 10 + (line[i] - '0');
			weight = weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
		} else {
			return;
		}
	}
	memo->weights[places - 1] = weight;
	memo->places = n > 0 ? places : 0;
}

const struct external_contract external_hackerdom = {
    .modes = {[EXTERNAL_INFO] = "info",
	[EXTERNAL_CHECK] = "check",
	[EXTERNAL_PUT] = "put",
	[EXTERNAL_GET] = "get"},
    .list = hackerdom_list,
    .first_id = hackerdom_first_id,
    .args = external_args,
    .placed = hackerdom_placed,
    .informed = hackerdom_informed,
};

void
hackerdom_start(
    struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	external_round_start(host, program, job, arena, &external_hackerdom);
}
