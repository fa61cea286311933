/*
 * Scoring a facts file: the policy is fed as the live drill feeds it, then rows and ranking as JSON.
 */
#include "base/json.h"
#include "base/mem.h"
#include "core/facts.h"

#include <stdlib.h>
#include <string.h>

void
facts_play(const struct facts *f, const struct policy *policy, void *state)
{
	for (size_t i = 0; i < f->count; i++)
		policy->apply(state, &f->list[i]);
}

static void
write_id(struct json_writer *w, const char *key, const struct facts_id *id)
{
	jw_key(w, key);
	if (id->number)
		jw_raw(w, id->text, strlen(id->text));
	else
		jw_str(w, id->text);
}

static void
write_row(struct json_writer *w, const struct facts *f, const struct score_row *row)
{
	jw_object(w);
	write_id(w, "team", &f->teams[row->team]);
	write_id(w, "service", &f->services[row->service]);
	jw_kv_real(w, "attack", row->attack);
	jw_kv_real(w, "defense", row->defense);
	jw_kv_real(w, "sla", row->sla);
	jw_kv_real(w, "total", row->total);
	jw_object_end(w);
}

static void
write_place(struct json_writer *w, const struct facts *f, const struct rank_row *place)
{
	jw_object(w);
	write_id(w, "team", &f->teams[place->team]);
	jw_kv_real(w, "total", place->total);
	jw_kv_int(w, "rank", place->rank);
	jw_object_end(w);
}

static void
write_result(const struct facts *f, const struct score_row *rows, size_t row_count,
    const struct rank_row *places, size_t place_count, struct buf *out)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_key(&w, "rows");
	jw_array(&w);
	for (size_t i = 0; i < row_count; i++)
		write_row(&w, f, &rows[i]);
	jw_array_end(&w);
	jw_key(&w, "ranking");
	jw_array(&w);
	for (size_t i = 0; i < place_count; i++)
		write_place(&w, f, &places[i]);
	jw_array_end(&w);
	jw_object_end(&w);
	buf_putc(out, '\n');
}

enum err
facts_score(const struct facts *f, const struct policy *policy, const struct param *params,
    size_t param_count, struct buf *out, struct why *why)
{
	struct score_setup setup = f->setup;
	struct score_row *rows;
	struct rank_row *places;
	size_t row_count;
	void *state;
	enum err e;

	setup.params = params;
	setup.param_count = param_count;
	if ((e = policy->open(&setup, &state, why)) != ERR_OK)
		return e;
	rows = mem_array(setup.team_count * setup.service_count, sizeof(*rows));
	places = mem_array(setup.team_count, sizeof(*places));
	facts_play(f, policy, state);
	row_count = policy->rows(state, rows);
	write_result(
	    f, rows, row_count, places, score_ranking(&setup, rows, row_count, places), out);
	policy->close(state);
	free(rows);
	free(places);
	if (buf_err(out) != ERR_OK)
		return why_set(
		    why, ERR_LIMIT, "the result does not fit in %zu bytes", out->max_bytes);
	return ERR_OK;
}
