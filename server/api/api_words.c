/* The words with a fixed set that people write into records, with their names in both languages. */
#include "api/routes.h"
#include "api/write.h"
#include "base/hash.h"
#include "core/asset_words.h"
#include "core/incident_class.h"
#include "core/incident_level.h"
#include "core/result_kind.h"
#include "core/terms.h"
#include "core/ticket_words.h"

#include <stdio.h>
#include <string.h>

/* By what the members of records are called, where there is one; docs/api.md has them in this order. */
static const struct {
	const char *key;
	const struct terms *terms;
} lists[] = {
    {"levels", &terms_levels},
    {"losses", &terms_losses},
    {"importance", &terms_importance},
    {"detections", &terms_detections},
    {"stages", &terms_stages},
    {"phases", &terms_phases},
    {"actions", &terms_actions},
    {"indicators", &terms_indicators},
    {"asset_states", &terms_asset_states},
    {"ticket_classes", &terms_weaknesses},
    {"severities", &terms_severities},
    {"ticket_sources", &terms_ticket_sources},
    {"retest_methods", &terms_retest_methods},
    {"retest_results", &terms_retest_results},
    {"asset_kinds", &terms_asset_kinds},
    {"exposures", &terms_exposures},
    {"data_classes", &terms_data_classes},
    {"encryptions", &terms_encryptions},
    {"backups", &terms_backups},
};

static void
write_word(struct json_writer *w, const char *id, const struct i18n *name)
{
	jw_object(w);
	jw_kv_str(w, "word", id);
	write_i18n(w, "name", name);
	jw_object_end(w);
}

static void
write_classes(struct json_writer *w)
{
	size_t count;
	const struct incident_class *all = incident_classes(&count);

	jw_key(w, "classes");
	jw_array(w);
	for (size_t i = 0; i < count; i++) {
		jw_object(w);
		jw_kv_str(w, "word", all[i].code);
		write_i18n(w, "name", &all[i].name);
		jw_kv_str(w, "group", all[i].group);
		write_i18n(w, "group_name", &all[i].group_name);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_result_kinds(struct json_writer *w)
{
	const struct result_kind *k;

	jw_key(w, "result_kinds");
	jw_array(w);
	for (size_t i = 0; (k = result_kind_at(i)) != NULL; i++)
		write_word(w, k->id, &k->name);
	jw_array_end(w);
}

static void
write_lists(struct json_writer *w)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		jw_key(w, lists[i].key);
		jw_array(w);
		for (int v = 0; v < lists[i].terms->count; v++)
			write_word(w, lists[i].terms->list[v].id, &lists[i].terms->list[v].label);
		jw_array_end(w);
	}
}

/* The words are the program's: the same for everybody until another version runs, by which the answer is tagged. */
static void
tag(struct request *req, struct response *out)
{
	static char etag[2 * SHA256_BYTES + 3];
	uint8_t hash[SHA256_BYTES];

	sha256(out->body.data, out->body.len, hash);
	etag[0] = '"';
	hex_encode(hash, sizeof hash, etag + 1);
	strcat(etag, "\"");
	out->headers[0][0] = "ETag";
	out->headers[0][1] = etag;
	out->headers[1][0] = "Cache-Control";
	out->headers[1][1] = "private, no-cache";
	if (strcmp(req->x->if_none_match, etag) != 0)
		return;
	out->status = 304;
	buf_reset(&out->body);
}

/* GET /api/v1/words -> 200 {"classes": [{"word", "name", "group", "group_name"}], "levels": [{"word", "name"}], ...} */
static enum err
words_get(struct request *req, struct response *out)
{
	struct json_writer w;

	response_object(out, &w);
	write_classes(&w);
	write_lists(&w);
	write_result_kinds(&w);
	jw_object_end(&w);
	tag(req, out);
	return ERR_OK;
}

const struct route route_words_get = {
    .method = "GET",
    .path = "/api/v1/words",
    .roles = ROLE_SIGNED_IN,
    .at_once = true,
    .run = words_get,
};
