#include "core/rubric.h"

#include <string.h>

static const struct term dimensions[] = {
    [DIMENSION_DETECTION] = {"detection", {"监测发现", "Detection"}},
    [DIMENSION_ANALYSIS] = {"analysis", {"分析研判", "Analysis"}},
    [DIMENSION_CONTAINMENT] = {"containment", {"抑制与根除", "Containment and eradication"}},
    [DIMENSION_TIMELINESS] = {"timeliness", {"及时报告", "Reporting in time"}},
    [DIMENSION_COORDINATION] = {"coordination", {"协同处置", "Coordination"}},
    [DIMENSION_TRACEBACK] = {"traceback", {"溯源", "Traceback"}},
};
const struct terms terms_dimensions = {"dimension", dimensions, DIMENSION_COUNT};

static const struct term measures[] = {
    [RUBRIC_JUDGED] = {"judged", {"评委评分", "Marked by judges"}},
    [RUBRIC_REPORT] = {"report", {"首报用时", "Time to the first report"}},
    [RUBRIC_CONTAINMENT] = {"containment", {"抑制用时", "Time to containment"}},
    [RUBRIC_RECOVERY] = {"recovery", {"恢复用时", "Time to recovery"}},
};
const struct terms terms_measures = {"measure", measures, RUBRIC_MEASURES};

/* Source: SCORING, policy campus, q. */
static struct rubric_item campus_items[] = {
    {"detection", {"监测发现", "Detection"},
	{"发现途径是否可靠、证据是否充分、受影响资产是否找全。",
	    "How it was noticed, with what evidence, and whether all touched assets were found."},
	25, DIMENSION_DETECTION, RUBRIC_JUDGED},
    {"analysis", {"分析研判", "Analysis"},
	{"类别、级别、根因、攻击过程是否正确。",
	    "Whether class, level, root cause and the course of the attack are right."},
	15, DIMENSION_ANALYSIS, RUBRIC_JUDGED},
    {"containment", {"抑制与根除", "Containment and eradication"},
	{"措施是否有效、彻底、留存证据、不扩大影响。",
	    "Whether the measures worked, left nothing behind, kept evidence and did no further "
	    "harm."},
	25, DIMENSION_CONTAINMENT, RUBRIC_JUDGED},
    {"timeliness", {"及时报告", "Reporting in time"},
	{"由服务器按攻击时刻与首次提交时刻计分。",
	    "Marked by the server: from the attack to the first filing."},
	15, DIMENSION_TIMELINESS, RUBRIC_REPORT},
    {"coordination", {"协同处置", "Coordination"},
	{"通报、请示、协作是否按预案进行。",
	    "Whether others were told, asked and worked with as the plan says."},
	10, DIMENSION_COORDINATION, RUBRIC_JUDGED},
    {"traceback", {"溯源", "Traceback"},
	{"溯源到何种程度，依据是否成立。", "How far back it was traced, and whether that holds."},
	10, DIMENSION_TRACEBACK, RUBRIC_JUDGED},
};
static const struct rubric campus = {campus_items, sizeof campus_items / sizeof campus_items[0]};

const struct rubric *
rubric_of(const struct drill_config *c)
{
	return c->rubric != NULL ? c->rubric : &campus;
}

int32_t
rubric_full(const struct rubric *r)
{
	int32_t sum = 0;

	for (size_t i = 0; i < r->count; i++)
		sum += r->items[i].marks;
	return sum;
}

int32_t
rubric_judged(const struct rubric *r)
{
	int32_t sum = 0;

	for (size_t i = 0; i < r->count; i++)
		sum += r->items[i].measure == RUBRIC_JUDGED ? r->items[i].marks : 0;
	return sum;
}

static enum err
check_item(const struct rubric *r, size_t i, struct why *why)
{
	const struct rubric_item *item = &r->items[i];

	if (!id_valid(item->id))
		return why_set(
		    why, ERR_INVALID, "\"%.64s\" is no id; a-z, 0-9 and - are taken", item->id);
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->items[k].id, item->id) == 0)
			return why_set(why, ERR_INVALID, "item \"%s\" comes twice", item->id);
	return item->marks >= 1 && item->marks <= RUBRIC_MARKS_MAX
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "item \"%s\" has 1 to %d marks", item->id,
			 RUBRIC_MARKS_MAX);
}

enum err
rubric_check(const struct rubric *r, size_t *at, struct why *why)
{
	enum err e;

	*at = 0;
	if (r->count == 0 || r->count > RUBRIC_ITEMS_MAX)
		return why_set(why, ERR_INVALID, "a rubric has 1 to %d items", RUBRIC_ITEMS_MAX);
	for (*at = 0; *at < r->count; ++*at)
		if ((e = check_item(r, *at, why)) != ERR_OK)
			return e;
	*at = 0;
	return rubric_judged(r) > 0
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "nothing in the rubric is marked by judges");
}

/* ---- in the configuration: keys in sorted order ---- */

void
rubric_encode(const struct rubric *r, struct json_writer *w)
{
	jw_array(w);
	for (size_t i = 0; i < r->count; i++) {
		const struct rubric_item *item = &r->items[i];

		jw_object(w);
		jw_kv_str(w, "dimension", term_id(&terms_dimensions, (int)item->dimension));
		i18n_write(w, "guidance", &item->guidance);
		jw_kv_str(w, "id", item->id);
		jw_kv_int(w, "marks", item->marks);
		jw_kv_str(w, "measure", term_id(&terms_measures, (int)item->measure));
		i18n_write(w, "title", &item->title);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static enum err
get_text(struct drill_config *c, const struct json_t *o, const char *key, size_t max,
    struct i18n *out, struct why *why)
{
	const struct json_t *t = jr_get(o, key);
	const char *en, *zh;
	enum err e;

	if ((e = jr_want_text(t, "en", max, &en, why)) != ERR_OK ||
	    (e = jr_want_text(t, "zh", max, &zh, why)) != ERR_OK)
		return e;
	*out = (struct i18n){arena_strdup(&c->arena, zh), arena_strdup(&c->arena, en)};
	return ERR_OK;
}

static enum err
get_word(
    const struct json_t *o, const char *key, const struct terms *terms, int *out, struct why *why)
{
	const char *word;
	enum err e = jr_want_str(o, key, ID_MAX_BYTES, &word, why);

	return e != ERR_OK ? e : term_want(terms, word, out, why);
}

static enum err
get_item(struct drill_config *c, const struct json_t *o, struct rubric_item *item, struct why *why)
{
	int64_t marks = 0;
	int dimension = 0, measure = 0;
	const char *id;
	enum err e;

	if ((e = get_word(o, "dimension", &terms_dimensions, &dimension, why)) != ERR_OK ||
	    (e = get_word(o, "measure", &terms_measures, &measure, why)) != ERR_OK ||
	    (e = get_text(c, o, "guidance", RUBRIC_GUIDANCE_MAX_BYTES, &item->guidance, why)) !=
		ERR_OK ||
	    (e = get_text(c, o, "title", NAME_MAX_BYTES, &item->title, why)) != ERR_OK ||
	    (e = jr_want_int(o, "marks", 1, RUBRIC_MARKS_MAX, &marks, why)) != ERR_OK ||
	    (e = jr_want_str(o, "id", ID_MAX_BYTES, &id, why)) != ERR_OK)
		return e;
	item->id = arena_strdup(&c->arena, id);
	item->marks = (int32_t)marks;
	item->dimension = (enum rubric_dimension)dimension;
	item->measure = (enum rubric_measure)measure;
	return ERR_OK;
}

enum err
rubric_decode(const struct json_t *j, struct drill_config *c, struct why *why)
{
	struct rubric *r = arena_alloc(&c->arena, sizeof *r);
	size_t at;
	enum err e;

	if (!jr_is_array(j) || jr_count(j) > RUBRIC_ITEMS_MAX)
		return why_set(
		    why, ERR_INVALID, "\"rubrics\" must be a list of at most %d", RUBRIC_ITEMS_MAX);
	r->count = jr_count(j);
	r->items = arena_array(&c->arena, r->count + 1, sizeof *r->items);
	for (size_t i = 0; i < r->count; i++)
		if ((e = get_item(c, jr_at(j, i), &r->items[i], why)) != ERR_OK)
			return e;
	c->rubric = r;
	return rubric_check(r, &at, why);
}
