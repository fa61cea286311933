/* The configuration in the journal: what goes in comes out, and every limit holds on the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/config.h"

static const char valid[] =
    "{\"flag_prefix\":\"DRILL\",\"flag_ticks\":5,\"id\":\"d\",\"name\":{\"en\":\"D\",\"zh\":\"演\"}"
    ","
    "\"params\":[[\"k\",\"v\"]],\"policy\":\"faust\",\"public_board\":true,"
    "\"services\":[{\"id\":\"web\",\"name\":{\"en\":\"W\",\"zh\":\"网\"},\"weight\":3}],"
    "\"sign_key\":\"ab\",\"start_ms\":1813453200000,"
    "\"systems\":[{\"id\":\"s\",\"mlps\":2,\"name\":{\"en\":\"S\",\"zh\":\"系\"},\"service\":"
    "\"web\","
    "\"slots\":2,\"team\":\"lib\",\"weight\":4}],"
    "\"teams\":[{\"home\":\"\",\"id\":\"lib\",\"kind\":\"blue\",\"name\":{\"en\":\"L\",\"zh\":"
    "\"图\"},"
    "\"nop\":true},{\"home\":\"lib\",\"id\":\"red\",\"kind\":\"red\",\"name\":{\"en\":\"R\",\"zh\":"
    "\"红\"},"
    "\"nop\":false}],\"tick_ms\":60000,\"ticks\":480,\"time_zone\":\"Asia/Shanghai\"}";

static enum err
decode(const char *text, struct drill_config *c, struct why *why)
{
	struct json_t *j;
	enum err e;

	memset(c, 0, sizeof(*c));
	why->text[0] = '\0';
	if (jr_parse(text, strlen(text), &j, why) != ERR_OK)
		fail_msg("%s: %s", text, why->text);
	e = config_decode(j, c, why);
	jr_free(j);
	return e;
}

static void
test_round_trip(void **state)
{
	struct drill_config c;
	struct json_writer w;
	struct buf out;
	struct why why;

	(void)state;
	assert_int_equal(decode(valid, &c, &why), ERR_OK);
	assert_int_equal(c.team_count, 2);
	assert_true(c.teams[0].nop);
	assert_null(c.teams[0].home);
	assert_string_equal(c.teams[1].home, "lib");
	assert_int_equal(c.teams[1].kind, TEAM_RED);
	assert_int_equal(c.systems[0].slots, 2);
	assert_string_equal(c.params[0].value, "v");
	assert_string_equal(c.name.zh, "演");
	assert_int_equal(config_system(&c, "web"), -1);
	buf_init(&out, 1 << 20);
	jw_begin(&w, &out);
	config_encode(&c, &w);
	assert_string_equal(out.data, valid);
	buf_free(&out);
	config_free(&c);
}

/* valid with its first OLD replaced. */
static char *
edited(const char *old, const char *new)
{
	const char *at = strstr(valid, old);
	size_t size = strlen(valid) + strlen(new) + 1;
	char *text = malloc(size);

	assert_non_null(at);
	snprintf(text, size, "%.*s%s%s", (int)(at - valid), valid, new, at + strlen(old));
	return text;
}

static void
expect(const char *old, const char *new, enum err want, const char *says)
{
	char *text = edited(old, new);
	struct drill_config c;
	struct why why;
	enum err e = decode(text, &c, &why);

	if (e != want || strstr(why.text, says) == NULL)
		fail_msg("%s: %s \"%s\"", new, err_name(e), why.text);
	config_free(&c);
	free(text);
}

static void
test_every_limit(void **state)
{
	(void)state;
	expect("\"flag_ticks\":5", "\"flag_ticks\":0", ERR_INVALID, "from 1 to 1000");
	expect("\"flag_ticks\":5", "\"flag_ticks\":1000", ERR_OK, "");
	expect("\"flag_ticks\":5", "\"flag_ticks\":1001", ERR_INVALID, "from 1 to 1000");
	expect("\"tick_ms\":60000", "\"tick_ms\":999", ERR_INVALID, "from 1000 to 3600000");
	expect("\"tick_ms\":60000", "\"tick_ms\":1000", ERR_OK, "");
	expect("\"tick_ms\":60000", "\"tick_ms\":3600001", ERR_INVALID, "from 1000 to 3600000");
	expect("\"ticks\":480", "\"ticks\":0", ERR_INVALID, "from 1 to 100000");
	expect("\"ticks\":480", "\"ticks\":100000", ERR_OK, "");
	expect("\"ticks\":480", "\"ticks\":100001", ERR_INVALID, "from 1 to 100000");
	expect("\"mlps\":2", "\"mlps\":6", ERR_INVALID, "from 0 to 5");
	expect("\"slots\":2", "\"slots\":0", ERR_INVALID, "from 1 to 8");
	expect("\"slots\":2", "\"slots\":9", ERR_INVALID, "from 1 to 8");
	expect("\"weight\":3", "\"weight\":0", ERR_INVALID, "from 1 to 1000000");
	expect("\"weight\":4", "\"weight\":1000001", ERR_INVALID, "from 1 to 1000000");
	expect("\"start_ms\":1813453200000", "\"start_ms\":-1", ERR_INVALID, "start_ms");
	expect("\"DRILL\"", "\"SEVENTEEN_LETTERS\"", ERR_LIMIT, "at most 16");
	expect("\"DRILL\"", "\"DR-LL\"", ERR_INVALID, "flag prefix \"DR-LL\"");
	expect("\"DRILL\"", "\"\"", ERR_INVALID, "flag prefix");
	expect("\"id\":\"d\"", "\"id\":\"-d\"", ERR_INVALID, "\"-d\" is not an id");
	expect("\"id\":\"d\"", "\"id\":\"D\"", ERR_INVALID, "\"D\" is not an id");
	expect("\"id\":\"d\"", "\"id\":7", ERR_INVALID, "must be a string");
	expect("\"ticks\":480,", "", ERR_INVALID, "\"ticks\" is missing");
}

static void
test_references_and_doubles(void **state)
{
	(void)state;
	expect("\"id\":\"red\"", "\"id\":\"lib\"", ERR_INVALID, "team \"lib\" twice");
	expect("\"kind\":\"red\"", "\"kind\":\"green\"", ERR_INVALID, "red or blue");
	expect("\"home\":\"lib\"", "\"home\":\"nobody\"", ERR_INVALID, "no department \"nobody\"");
	expect("\"team\":\"lib\"", "\"team\":\"red\"", ERR_INVALID, "no department \"red\"");
	expect("\"service\":\"web\"", "\"service\":\"ftp\"", ERR_INVALID, "no service \"ftp\"");
	expect("[[\"k\",\"v\"]]", "[[\"k\"]]", ERR_INVALID, "[key, value]");
	expect("[[\"k\",\"v\"]]", "{}", ERR_INVALID, "\"params\" must be a list");
	expect("\"systems\":[",
	    "\"systems\":[{\"id\":\"t\",\"mlps\":0,\"name\":{\"en\":\"\",\"zh\":\"\"},\"service\":"
	    "\"web\","
	    "\"slots\":1,\"team\":\"lib\",\"weight\":1},",
	    ERR_INVALID, "its department has another of service \"web\"");
}

/* Flag places of all systems times ticks: what the scores keep a number for. */
static void
test_flags_in_all(void **state)
{
	struct drill_config c = {0};
	struct json_writer w;
	struct why why;
	struct buf out;

	(void)state;
	c.id = c.policy = c.flag_prefix = "x";
	c.name = (struct i18n){"x", "x"};
	c.time_zone = "UTC";
	c.tick_ms = 1000;
	c.flag_ticks = 1;
	c.ticks = TICKS_MAX;
	c.team_count = c.service_count = c.system_count = 0;
	c.teams = arena_array(&c.arena, 126, sizeof(*c.teams));
	c.services = arena_array(&c.arena, 1, sizeof(*c.services));
	c.systems = arena_array(&c.arena, 126, sizeof(*c.systems));
	c.services[c.service_count++] = (struct service_config){"s", {"s", "s"}, 1};
	for (int i = 0; i < 126; i++) {
		char *id = arena_alloc(&c.arena, 16);

		snprintf(id, 16, "t%d", i);
		c.teams[c.team_count++] = (struct team_config){.id = id, .name = {id, id}};
		c.systems[c.system_count++] = (struct system_config){
		    .id = id, .name = {id, id}, .team = (uint16_t)i, .slots = 8, .weight = 1};
	}
	for (size_t n = 125; n <= 126; n++) { /* 125 x 8 x 100,000 is just the limit */
		struct drill_config back;

		c.system_count = n;
		buf_init(&out, 1 << 20);
		jw_begin(&w, &out);
		config_encode(&c, &w);
		assert_int_equal(decode(out.data, &back, &why), n == 125 ? ERR_OK : ERR_LIMIT);
		config_free(&back);
		buf_free(&out);
	}
	config_free(&c);
}

static void
test_ids_and_prefixes(void **state)
{
	char id[ID_MAX_BYTES + 2];

	(void)state;
	memset(id, 'a', sizeof(id));
	id[ID_MAX_BYTES] = '\0';
	assert_true(id_valid(id));
	id[ID_MAX_BYTES] = 'a';
	id[ID_MAX_BYTES + 1] = '\0';
	assert_false(id_valid(id));
	assert_true(id_valid("0-9"));
	assert_false(id_valid(""));
	assert_false(id_valid("-a"));
	assert_false(id_valid("a_b"));
	assert_false(id_valid("é"));
	assert_false(id_valid("a/b"));
	assert_true(flag_prefix_valid("CTF_2027"));
	assert_false(flag_prefix_valid("CTF 2027"));
	assert_false(flag_prefix_valid("{"));
}

/* The calendar is optional, as in journals from before there was one, and stands first when it is there. */
static void
test_calendar(void **state)
{
	static const char with[] = "{\"calendar\":{\"holidays\":[\"2026-10-01\",\"2026-10-02\"],"
				   "\"working_weekends\":[\"2026-09-27\"]},\"flag_prefix\"";
	char *text = edited("{\"flag_prefix\"", with);
	struct drill_config c;
	struct json_writer w;
	struct why why;
	struct buf out;

	(void)state;
	assert_int_equal(decode(text, &c, &why), ERR_OK);
	assert_int_equal(c.calendar.holidays.count, 2);
	assert_int_equal(c.calendar.working_weekends.count, 1);
	buf_init(&out, 1 << 20);
	jw_begin(&w, &out);
	config_encode(&c, &w);
	assert_string_equal(out.data, text);
	buf_free(&out);
	config_free(&c);
	free(text);
	expect("{\"flag_prefix\"", "{\"calendar\":[],\"flag_prefix\"", ERR_INVALID,
	    "\"holidays\" must be a list");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_every_limit),
	    cmocka_unit_test(test_references_and_doubles),
	    cmocka_unit_test(test_flags_in_all),
	    cmocka_unit_test(test_calendar),
	    cmocka_unit_test(test_ids_and_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
