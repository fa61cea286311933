#include "core/report_document.h"
#include "core/game.h"
#include "core/indicator.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES 20000
#define LINE_MAX_BYTES 500
#define PERSON_MAX_BYTES 120
#define PHONE_MAX_BYTES 40
#define REASON_TEXT_MAX_BYTES 2000
#define ACTIONS_MAX 200
#define ASSETS_MAX 100
#define INDICATORS_MAX 300
#define YEAR_S (366 * 24 * 3600)
#define YUAN_MAX INT64_C(1000000000000)
#define RECORDS_MAX INT64_C(1000000000000)
#define PEOPLE_MAX 10000000

/* ---- rules of single members ---- */

static bool
is_class(const char *s)
{
	return incident_class_find(s) != NULL;
}

/* CVE-YEAR-NUMBER, the number of four digits and more (cve.org's rules of syntax since 2014). */
static bool
is_cve(const char *s)
{
	size_t year, number;

	if (strncmp(s, "CVE-", 4) != 0)
		return false;
	year = strspn(s + 4, "0123456789");
	if (year != 4 || s[8] != '-')
		return false;
	number = strspn(s + 9, "0123456789");
	return number >= 4 && number <= 12 && s[9 + number] == '\0';
}

/* +86 10-6255 1234 ext. 8: digits, and what is written between them. */
static bool
is_phone(const char *s)
{
	size_t digits = 0;

	for (const char *p = s; *p != '\0'; p++)
		digits += *p >= '0' && *p <= '9';
	return digits >= 3 && strspn(s, "0123456789+-() .#*ext/") == strlen(s);
}

static enum err
indicator_holds(const struct json_t *indicator, struct why *why)
{
	const char *value = jr_string(jr_get(indicator, "value"), NULL);
	int kind = INDICATOR_COUNT;

	(void)term_parse(&terms_indicators, jr_string(jr_get(indicator, "kind"), NULL), &kind);
	return indicator_check(kind, value, why);
}

/* ---- the tables, sorted by key ---- */

#define LINE(key_, max_) .key = key_, .kind = DOCUMENT_LINE, .max = max_
#define TEXT(key_) .key = key_, .kind = DOCUMENT_TEXT, .max = TEXT_MAX_BYTES
#define TIME(key_) .key = key_, .kind = DOCUMENT_TIME
#define WORD(key_, words_) .key = key_, .kind = DOCUMENT_WORD, .words = words_
#define INT(key_, max_) .key = key_, .kind = DOCUMENT_INT, .max = max_

static const struct document_field action_fields[] = {
    {LINE("approved_by", PERSON_MAX_BYTES), .personal = true},
    {TIME("at"), .required = true},
    {WORD("kind", &terms_actions), .required = true},
    {WORD("phase", &terms_phases), .required = true},
    {LINE("result", LINE_MAX_BYTES)},
    {LINE("target", LINE_MAX_BYTES)},
    {LINE("who", PERSON_MAX_BYTES), .personal = true},
    {0},
};

static const struct document_field asset_fields[] = {
    {LINE("action", LINE_MAX_BYTES)},
    {LINE("asset", LINE_MAX_BYTES), .required = true},
    {WORD("state", &terms_asset_states), .required = true},
    {0},
};

static const struct document_field impact_fields[] = {
    {INT("downtime_s", YEAR_S)},
    {INT("loss_yuan", YUAN_MAX)},
    {INT("people", PEOPLE_MAX)},
    {INT("records", RECORDS_MAX)},
    {TEXT("social")},
    {TEXT("systems")},
    {0},
};

static const struct document_field indicator_fields[] = {
    {LINE("action", LINE_MAX_BYTES)},
    {WORD("kind", &terms_indicators), .required = true},
    {LINE("value", LINE_MAX_BYTES), .required = true},
    {0},
};

static const struct document_field root_cause_fields[] = {
    {LINE("cve", 24), .valid = is_cve, .expected = "a CVE number such as CVE-2024-12345"},
    {TEXT("detail")},
    {LINE("type", LINE_MAX_BYTES)},
    {0},
};

const struct document_field report_fields[] = {
    {.key = "actions", .kind = DOCUMENT_OBJECTS, .count = ACTIONS_MAX, .fields = action_fields},
    {.key = "assets", .kind = DOCUMENT_OBJECTS, .count = ASSETS_MAX, .fields = asset_fields},
    {.key = "attachments",
	.kind = DOCUMENT_INTS,
	.min = 1,
	.max = ATTACHMENTS_MAX,
	.count = ATTACHMENTS_PER_RECORD_MAX},
    {LINE("author", PERSON_MAX_BYTES), .required = true, .personal = true},
    {LINE("class", INCIDENT_CODE_BYTES), .required = true, .valid = is_class,
	.expected = "a code of GB/T 20986-2023 such as 0107 (GET /api/v1/words has them)"},
    {TIME("contained")},
    {TEXT("course")},
    {TIME("detected"), .required = true},
    {WORD("detection", &terms_detections), .required = true},
    {TEXT("effect")},
    {TIME("eradicated")},
    {TEXT("evidence")},
    {TEXT("help")},
    {.key = "impact", .kind = DOCUMENT_OBJECT, .fields = impact_fields},
    {WORD("importance", &terms_importance)},
    {.key = "indicators",
	.kind = DOCUMENT_OBJECTS,
	.count = INDICATORS_MAX,
	.fields = indicator_fields,
	.rule = indicator_holds},
    {WORD("level", &terms_levels)},
    {.key = "level_reason", .kind = DOCUMENT_TEXT, .max = REASON_TEXT_MAX_BYTES},
    {WORD("loss", &terms_losses), .required = true},
    {TEXT("measures")},
    {TEXT("next_steps")},
    {LINE("phone", PHONE_MAX_BYTES), .required = true, .personal = true, .valid = is_phone,
	.expected = "a phone number such as +86 10-62551234"},
    {TEXT("recommendations")},
    {TIME("recovered")},
    {.key = "root_cause", .kind = DOCUMENT_OBJECT, .fields = root_cause_fields},
    {.key = "scene_preserved", .kind = DOCUMENT_BOOL},
    {LINE("signer", PERSON_MAX_BYTES), .personal = true},
    {TEXT("summary"), .required = true},
    {.key = "systems",
	.kind = DOCUMENT_LINES,
	.max = ID_MAX_BYTES,
	.count = REPORT_SYSTEMS_MAX,
	.personal = true},
    {.key = "tools", .kind = DOCUMENT_LINES, .max = LINE_MAX_BYTES, .count = 50},
    {INT("traceback", 4)},
    {0},
};

/* ---- what the fold takes out ---- */

static int
by_index(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The document's systems as a set; the event wants them in the configuration's order. */
static enum err
read_systems(const struct game *g, const struct json_t *list, struct arena *arena,
    struct system_list *out, struct why *why)
{
	out->systems = arena_array(arena, jr_count(list) + 1, sizeof *out->systems);
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *id = jr_string(jr_at(list, i), NULL);
		int at = game_system(g, id);

		if (at < 0)
			return why_set(
			    why, ERR_INVALID, "\"systems[%zu]\": no system \"%.64s\"", i, id);
		out->systems[out->count++] = (uint16_t)at;
	}
	if (out->count > 1)
		qsort(out->systems, out->count, sizeof *out->systems, by_index);
	for (size_t i = 1; i < out->count; i++)
		if (out->systems[i - 1] == out->systems[i])
			return why_set(why, ERR_INVALID, "\"systems\": \"%s\" comes twice",
			    g->config->systems[out->systems[i]].id);
	return ERR_OK;
}

static const char *
join_systems(const struct game *g, const struct system_list *list, struct arena *arena)
{
	struct buf text;
	const char *joined;

	buf_init(&text, REPORT_SYSTEMS_MAX * (ID_MAX_BYTES + 1));
	for (size_t i = 0; i < list->count; i++)
		buf_printf(
		    &text, "%s%s", i > 0 ? "," : "", g->config->systems[list->systems[i]].id);
	joined = arena_strdup(arena, text.len > 0 ? text.data : "");
	buf_free(&text);
	return joined;
}

/* The word's value, otherwise if there is none: document_check has held it to its table. */
static int
word(const struct json_t *o, const char *key, const struct terms *terms, int otherwise)
{
	const char *s = jr_string(jr_get(o, key), NULL);
	int value = otherwise;

	return s != NULL && term_parse(terms, s, &value) ? value : otherwise;
}

static bool
filled(const struct json_t *o, const char *key)
{
	const char *s = jr_string(jr_get(o, key), NULL);

	return s != NULL && s[strspn(s, " \t\r\n")] != '\0';
}

static enum err
read_level(const struct game *g, const struct json_t *doc, const struct system_list *systems,
    struct report_event *r, struct why *why)
{
	enum incident_level proposed;

	r->loss = (enum incident_loss)word(doc, "loss", &terms_losses, LOSS_MINOR);
	r->importance =
	    (enum importance)word(doc, "importance", &terms_importance, IMPORTANCE_ORDINARY);
	proposed = report_propose(g, systems, r->importance, r->loss);
	r->level = (enum incident_level)word(doc, "level", &terms_levels, (int)proposed);
	if (r->level != proposed && !filled(doc, "level_reason"))
		return why_set(why, ERR_INVALID,
		    "\"level\" is %s, but importance and loss give %s; another level wants a "
		    "\"level_reason\"",
		    term_id(&terms_levels, (int)r->level), term_id(&terms_levels, (int)proposed));
	return ERR_OK;
}

static enum err
final_is_whole(const struct json_t *doc, struct why *why)
{
	static const char *const wanted[] = {"course", "measures", "signer"};

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (!filled(doc, wanted[i]))
			return why_set(why, ERR_INVALID, "\"%s\" is missing; a final report has it",
			    wanted[i]);
	return ERR_OK;
}

enum err
report_document_read(const struct game *g, const struct json_t *stored, struct arena *arena,
    struct report_event *r, struct why *why)
{
	struct system_list systems = {0};
	enum err e = read_systems(g, jr_get(stored, "systems"), arena, &systems, why);

	if (e != ERR_OK || (e = attachments_want(stored, &r->attachments, why)) != ERR_OK ||
	    (e = read_level(g, stored, &systems, r, why)) != ERR_OK)
		return e;
	r->systems = join_systems(g, &systems, arena);
	r->class_code = arena_strdup(arena, jr_string(jr_get(stored, "class"), NULL));
	for (int i = 0; i < REPORT_TIMES; i++)
		r->times[i] = jr_integer(jr_get(stored, term_id(&terms_report_times, i)), 0);
	return r->stage == STAGE_FINAL ? final_is_whole(stored, why) : ERR_OK;
}
