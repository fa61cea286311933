/* The table of an asset's fields. */
#include "base/date.h"
#include "core/asset.h"
#include "core/post.h"

#define LINE(key_, max_) .key = key_, .kind = DOCUMENT_LINE, .max = max_
#define WORD(key_, words_) .key = key_, .kind = DOCUMENT_WORD, .words = words_
#define INT(key_, min_, max_) .key = key_, .kind = DOCUMENT_INT, .min = min_, .max = max_
#define DATE(key_)                                                                                 \
	.key = key_, .kind = DOCUMENT_LINE, .max = DATE_BYTES, .valid = is_date,                   \
	.expected = "a date such as 2027-06-20"

static bool
is_date(const char *text)
{
	int32_t date;

	return date_parse(text, &date);
}

/* Sorted by key. */
const struct document_field asset_entry_fields[] = {
    {LINE("address", ASSET_LINE_MAX_BYTES)},
    {DATE("assessed")},
    {WORD("backup", &terms_backups)},
    {WORD("data_class", &terms_data_classes)},
    {WORD("encryption", &terms_encryptions)},
    {WORD("exposure", &terms_exposures), .required = true},
    {LINE("filing_number", 60)},
    {INT("in_charge", 1, POSTS_MAX)},
    {WORD("kind", &terms_asset_kinds), .required = true},
    {INT("level", 0, 5)},
    {INT("log_retention_days", 0, ASSET_DAYS_MAX)},
    {LINE("name", ASSET_NAME_MAX_BYTES), .required = true},
    {.key = "notes", .kind = DOCUMENT_TEXT, .max = ASSET_NOTES_MAX_BYTES},
    {DATE("restore_tested")},
    {INT("run_by", 1, POSTS_MAX)},
    {LINE("system", ID_MAX_BYTES)},
    {INT("used_by", 1, POSTS_MAX)},
    {LINE("vendor", ASSET_NAME_MAX_BYTES)},
    {0},
};

static int
word(const struct json_t *stored, const char *key, const struct terms *terms, int otherwise)
{
	const char *text = jr_string(jr_get(stored, key), NULL);
	int value = otherwise;

	return text != NULL && term_parse(terms, text, &value) ? value : otherwise;
}

void
asset_read_facts(const struct json_t *stored, struct arena *arena, struct asset_facts *out)
{
	const char *system = jr_string(jr_get(stored, "system"), NULL);

	*out = (struct asset_facts){
	    .kind = (enum asset_kind)word(stored, "kind", &terms_asset_kinds, ASSET_SYSTEM),
	    .exposure =
		(enum asset_exposure)word(stored, "exposure", &terms_exposures, EXPOSURE_CAMPUS),
	    .data_class =
		(enum data_class)word(stored, "data_class", &terms_data_classes, DATA_NONE),
	    .level = (int32_t)jr_integer(jr_get(stored, "level"), 0),
	    .system = system != NULL ? arena_strdup(arena, system) : ""};
	for (int i = 0; i < DUTIES; i++)
		out->posts[i] = (int32_t)jr_integer(jr_get(stored, term_id(&terms_duties, i)), 0);
}
