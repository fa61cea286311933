/* The words with a fixed set: both languages, no word twice, and back from each word to its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/json.h"
#include "core/incident_level.h"
#include "core/terms.h"

static const struct {
	const struct terms *terms;
	int count;
} all[] = {
    {&terms_stages, STAGE_COUNT},
    {&terms_phases, PDCERF_COUNT},
    {&terms_detections, DETECT_COUNT},
    {&terms_indicators, INDICATOR_COUNT},
    {&terms_asset_states, ASSET_STATES},
    {&terms_actions, ACT_COUNT},
    {&terms_time_sources, TIME_SOURCES},
    {&terms_importance, IMPORTANCE_COUNT},
    {&terms_losses, LOSS_COUNT},
    {&terms_levels, LEVEL_COUNT},
};

static void
check_table(const struct terms *t, int count)
{
	int value;

	assert_int_equal(t->count, count);
	for (int i = 0; i < t->count; i++) {
		struct i18n label = term_label(t, i);

		assert_true(label.zh[0] != '\0' && utf8_valid(label.zh, strlen(label.zh)));
		assert_true(label.en[0] != '\0');
		assert_true(term_parse(t, term_id(t, i), &value));
		assert_int_equal(value, i); /* no word twice */
		for (int j = 0; j < i; j++)
			assert_string_not_equal(label.zh, term_label(t, j).zh);
	}
	assert_string_equal(term_id(t, count), "?");
	assert_string_equal(term_label(t, -1).en, "?");
	assert_false(term_parse(t, "?", &value));
	assert_false(term_parse(t, "", &value));
}

static void
test_all_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		check_table(all[i].terms, all[i].count);
}

static void
test_known_words(void **state)
{
	(void)state;
	assert_string_equal(term_id(&terms_phases, PDCERF_CONTAINMENT), "containment");
	assert_string_equal(term_label(&terms_phases, PDCERF_ERADICATION).zh, "根除");
	assert_string_equal(term_id(&terms_actions, ACT_PRESERVE_EVIDENCE), "preserve_evidence");
	assert_string_equal(term_id(&terms_indicators, INDICATOR_SM3), "sm3");
	assert_string_equal(term_label(&terms_levels, LEVEL_I).zh, "特别重大");
}

/* A word that is not there is answered with those that are, all of them, in every table. */
static void
test_want(void **state)
{
	struct why why;
	int value = -1;

	(void)state;
	assert_int_equal(term_want(&terms_detections, "edr", &value, &why), ERR_OK);
	assert_int_equal(value, DETECT_EDR);
	assert_int_equal(term_want(&terms_detections, "EDR", &value, &why), ERR_INVALID);
	assert_string_equal(why.text,
	    "there is no detection kind \"EDR\"; there are: waf, ids, edr, "
	    "honeypot, log, user_report, notice, patrol");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct terms *t = all[i].terms;
		const char *last = term_id(t, t->count - 1);

		assert_int_equal(term_want(t, "none of them", &value, &why), ERR_INVALID);
		assert_string_equal(why.text + strlen(why.text) - strlen(last), last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_tables),
	    cmocka_unit_test(test_known_words),
	    cmocka_unit_test(test_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
