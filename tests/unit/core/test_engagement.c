/* Rules of engagement in the fold: who accepts them, what waits for that, the scope, and that they come back from a config. */
#include "core_rig.h"

#include "core/engagement.h"

static struct i18n forbidden[] = {{"拒绝服务", "Denial of service"}};
static bool in_scope[] = {true, false};
static struct rules_config rules = {.version = "1",
    .text = {"文\n二", "text"},
    .forbidden = forbidden,
    .forbidden_count = 1,
    .in_scope = in_scope};

static struct game *
with_rules(struct rules_config *r)
{
	struct game *g;

	core_config.rules = r;
	g = core_game();
	core_config.rules = NULL;
	return g;
}

static struct event
accepted(const char *actor, const char *hash)
{
	static struct engagement_event a;

	a = (struct engagement_event){hash};
	return (struct event){.kind = EV_ROE_ACCEPTED, .actor = actor, .u.engagement = &a};
}

static struct event
captured(const char *actor)
{
	return (struct event){.kind = EV_FLAG_CAPTURED,
	    .actor = actor,
	    .u.capture = {.team = "red-1", .system = "library-portal"}};
}

static void
test_accepting(void **state)
{
	struct game *g = with_rules(&rules);
	char hash[65];

	(void)state;
	memcpy(hash, g->engagement->hash, sizeof hash);
	assert_int_equal(strlen(hash), 64);
	core_refused(g, accepted("chief", hash), ERR_FORBIDDEN, "red teams");
	core_refused(g, accepted("library-blue", hash), ERR_FORBIDDEN, "red teams");
	core_refused(g, accepted("nobody", hash), ERR_FORBIDDEN, "red teams");
	core_refused(g, accepted("red-1-hand", "0f"), ERR_CONFLICT, "not the rules");
	assert_int_equal(engagement_allows(g, "red-1-hand", &core_why), ERR_FORBIDDEN);
	assert_non_null(strstr(core_why.text, "/api/v1/rules/accept"));
	core_must(g, accepted("red-1-hand", hash));
	core_refused(g, accepted("red-1-hand", hash), ERR_CONFLICT, "before");
	assert_int_equal(engagement_allows(g, "red-1-hand", NULL), ERR_OK);
	assert_int_equal(engagement_allows(g, "red-2-hand", NULL), ERR_FORBIDDEN);
	assert_null(engagement_of(g, "red-2-hand"));
	game_free(g);
}

/* In the fold itself no flag is taken before, or out of scope, whatever a protocol forgets to ask. */
static void
test_what_waits(void **state)
{
	struct flag other = {0, 1, 0};
	struct game *g = with_rules(&rules);

	(void)state;
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	core_must(g, (struct event){.kind = EV_TICK_BEGAN});
	assert_int_equal(core_apply(g, captured("red-1-hand")), ERR_CORRUPT);
	core_must(g, accepted("red-1-hand", g->engagement->hash));
	core_must(g, captured("red-1-hand"));
	assert_true(engagement_in_scope(g, 0));
	assert_false(engagement_in_scope(g, 1));
	assert_int_equal(game_verdict(g, RED_1, &other), V_INV);
	game_free(g);
}

static void
test_without_rules(void **state)
{
	struct game *g = core_game();

	(void)state;
	assert_string_equal(g->engagement->hash, "");
	assert_int_equal(engagement_allows(g, "red-1-hand", NULL), ERR_OK);
	assert_true(engagement_in_scope(g, 1));
	core_refused(g, accepted("red-1-hand", ""), ERR_CONFLICT, "no rules");
	game_free(g);
}

/* Every word of them makes another hash; the fold has them as the scenario had them. */
static void
test_hash(void **state)
{
	struct rules_config other = rules, all = rules;
	struct game *a = with_rules(&rules), *b, *c;

	(void)state;
	other.version = "2";
	all.all = true;
	b = with_rules(&other);
	c = with_rules(&all);
	assert_string_not_equal(a->engagement->hash, b->engagement->hash);
	assert_string_not_equal(a->engagement->hash, c->engagement->hash);
	assert_true(c->config->rules->all);
	assert_true(engagement_in_scope(c, 1));
	assert_string_equal(a->config->rules->text.zh, "文\n二");
	assert_string_equal(a->config->rules->forbidden[0].en, "Denial of service");
	assert_int_equal(a->config->rules->forbidden_count, 1);
	game_free(a);
	game_free(b);
	game_free(c);
}

static enum err
decode_config(const char *rules_text)
{
	struct drill_config c = {.id = NULL};
	struct json_t *j = NULL;
	struct json_writer w;
	struct buf text;
	enum err e;

	buf_init(&text, EVENT_BODY_MAX_BYTES);
	jw_begin(&w, &text);
	config_encode(&core_config, &w);
	text.len--; /* the closing brace */
	buf_puts(&text, rules_text);
	assert_int_equal(jr_parse(text.data, text.len, &j, &core_why), ERR_OK);
	e = config_decode(j, &c, &core_why);
	jr_free(j);
	config_free(&c);
	buf_free(&text);
	return e;
}

/* What no scenario writes is refused: a journal of a stranger. */
static void
test_bad_config(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {",\"rules\":{}}", "forbidden"},
	    {",\"rules\":{\"forbidden\":[],\"scope\":\"some\"}}", "scope"},
	    {",\"rules\":{\"forbidden\":[],\"scope\":[\"nothing\"]}}", "nothing"},
	    {",\"rules\":{\"forbidden\":[],\"scope\":[7]}}", "scope"},
	    {",\"rules\":{\"forbidden\":[7],\"scope\":\"all\"}}", "en"},
	    {",\"rules\":{\"forbidden\":[],\"scope\":\"all\",\"text\":{\"en\":\"e\",\"zh\":\"z\"}}"
	     "}",
		"version"},
	    {",\"results\":{\"show_blue\":\"sometimes\"}}", "sometimes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(decode_config(cases[i].text), ERR_INVALID);
		if (strstr(core_why.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].text, core_why.text);
	}
	assert_int_equal(decode_config(",\"results\":{\"show_blue\":\"never\"}}"), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepting),
	    cmocka_unit_test(test_what_waits),
	    cmocka_unit_test(test_without_rules),
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_bad_config),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
