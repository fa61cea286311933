/* The classes of GB/T 20986-2023 as shipped, what their reader refuses, and the matrix of levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/json.h"
#include "core/incident_class.h"
#include "core/incident_level.h"
#include <pthread.h>

static void
check_name(struct i18n n)
{
	assert_true(n.zh[0] != '\0' && n.en[0] != '\0');
	assert_true(utf8_valid(n.zh, strlen(n.zh)));
	for (const char *s = n.en; *s != '\0'; s++)
		assert_in_range(*s, 0x20, 0x7e);
}

/* The standard has 10 classes and 76 subclasses; no word stands for two of one class. */
static void
test_shipped_table(void **state)
{
	size_t count, groups = 1;
	const struct incident_class *list = incident_classes(&count);

	(void)state;
	assert_int_equal(count, 76);
	for (size_t i = 0; i < count; i++) {
		check_name(list[i].name);
		check_name(list[i].group_name);
		assert_ptr_equal(incident_class_find(list[i].code), &list[i]);
		for (size_t j = 0; j < i; j++)
			assert_false(strcmp(list[j].group, list[i].group) == 0 &&
				     strcmp(list[j].id, list[i].id) == 0);
		groups += i > 0 && strcmp(list[i - 1].group, list[i].group) != 0;
	}
	assert_int_equal(groups, 10);
}

static void
test_find(void **state)
{
	const struct incident_class *c = incident_class_find("0107");

	(void)state;
	assert_string_equal(c->group, "malware");
	assert_string_equal(c->group_name.zh, "恶意程序事件");
	assert_string_equal(c->id, "ransomware");
	assert_string_equal(c->name.zh, "勒索软件");
	assert_string_equal(c->name.en, "Ransomware");
	assert_string_equal(incident_class_find("0209")->id, "defacement");
	assert_string_equal(incident_class_find("1001")->group, "other");
	assert_null(incident_class_find("0111"));
	assert_null(incident_class_find("107"));
	assert_null(incident_class_find("01071"));
	assert_null(incident_class_find("code"));
	assert_null(incident_class_find(""));
}

static void *
find_in_thread(void *arg)
{
	(void)arg;
	return (void *)incident_class_find("0107");
}

/* Whoever asks first, on whichever thread: there is one table. */
static void
test_one_table_for_all_threads(void **state)
{
	pthread_t t[8];
	void *found;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&t[i], NULL, find_in_thread, NULL), 0);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(t[i], &found), 0);
		assert_ptr_equal(found, incident_class_find("0107"));
	}
}

#define HEAD "code\tclass\tclass_zh\tclass_en\tsub\tsub_zh\tsub_en\n"
#define FIRST "0101\tm\t恶\tM\tv\t病\tV\n"

static void
refused(const char *text, enum err want, const char *says)
{
	const struct incident_class *list;
	struct arena arena = {NULL, 0};
	struct why why = {""};
	size_t count;

	if (incident_classes_parse(text, &arena, &list, &count, &why) != want ||
	    strstr(why.text, says) == NULL)
		fail_msg("%s: \"%s\"", text, why.text);
	arena_free(&arena);
}

static void
test_refused(void **state)
{
	char *text = malloc(300 * 40), *end = text;

	(void)state;
	refused(HEAD FIRST, ERR_OK, "");
	refused(HEAD FIRST "0102\tm\t恶\tM\tw\t虫", ERR_INVALID, "line 3: it takes 7 cells");
	refused(HEAD FIRST "0102\tm\t恶\tM\tw\t虫\tW\tX\n", ERR_INVALID, "line 3: it takes 7");
	refused(HEAD FIRST "0102\tm\t恶\tM\t\t虫\tW\n", ERR_INVALID, "line 3: it takes 7");
	refused(HEAD FIRST "\n0102\tm\t恶\tM\tw\t虫\tW\n", ERR_INVALID, "line 3: it takes 7");
	refused(HEAD "101\tm\t恶\tM\tv\t病\tV\n", ERR_INVALID, "line 2: \"101\" is no code");
	refused(HEAD "0101a\tm\t恶\tM\tv\t病\tV\n", ERR_INVALID, "is no code");
	refused(HEAD FIRST "0101\tm\t恶\tM\tw\t虫\tW\n", ERR_INVALID, "0101 does not follow 0101");
	refused(HEAD FIRST "0102\tn\t恶\tM\tw\t虫\tW\n", ERR_INVALID, "has another name");
	refused(HEAD FIRST "0102\tm\t善\tM\tw\t虫\tW\n", ERR_INVALID, "has another name");
	refused(HEAD FIRST "0201\tn\t善\tN\tw\t虫\tW\n", ERR_OK, "");
	strcpy(end, HEAD);
	end += strlen(end);
	for (int i = 0; i <= INCIDENT_CLASSES_MAX; i++)
		end += sprintf(end, "%04d\tg%d\t类\tG\tx\t事\tX\n", i, i / 100);
	refused(text, ERR_LIMIT, "more than 256");
	free(text);
}

/* DOMAIN section 3, row by row: the worse the loss, the more important the object, the higher the level. */
static void
test_level_matrix(void **state)
{
	static const char *const expected[IMPORTANCE_COUNT][LOSS_COUNT] = {
	    [IMPORTANCE_ESPECIAL] = {"IV", "III", "II", "I"},
	    [IMPORTANCE_HIGH] = {"IV", "IV", "III", "II"},
	    [IMPORTANCE_ORDINARY] = {"IV", "IV", "IV", "III"},
	};

	(void)state;
	for (int i = 0; i < IMPORTANCE_COUNT; i++)
		for (int l = 0; l < LOSS_COUNT; l++)
			assert_string_equal(term_id(&terms_levels, level_propose((enum importance)i,
								       (enum incident_loss)l)),
			    expected[i][l]);
	for (int mlps = -1; mlps <= 5; mlps++)
		assert_int_equal(importance_of_mlps(mlps), mlps >= 4   ? IMPORTANCE_ESPECIAL
							   : mlps == 3 ? IMPORTANCE_HIGH
								       : IMPORTANCE_ORDINARY);
	assert_int_equal(level_propose((enum importance)9, (enum incident_loss) - 1), LEVEL_IV);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_table_for_all_threads), /* while nobody has asked */
	    cmocka_unit_test(test_shipped_table),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_level_matrix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
