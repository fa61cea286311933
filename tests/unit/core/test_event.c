/* Events as the journal holds them: every kind comes back as it went in, and nothing malformed comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/announcement.h"
#include "core/event.h"

/* Each kind but drill.opened (test_config.c) as text; encoding what was decoded must give the same text. */
static const struct {
	enum event_kind kind;
	const char *body, *secret;
} texts[] = {
    {EV_DRILL_STARTED, "{}", ""},
    {EV_DRILL_PAUSED, "{\"down_ms\":1800000,\"reason\":\"the server was down\"}", ""},
    {EV_DRILL_RESUMED, "{\"reason\":\"\"}", ""},
    {EV_DRILL_ENDED, "{\"reason\":\"停电 \\\"now\\\"\"}", ""},
    {EV_DRILL_STOP_AFTER, "{\"tick\":7}", ""},
    {EV_TICK_BEGAN, "{\"tick\":0}", ""},
    {EV_TICK_CLOSED, "{\"tick\":100000}", ""},
    {EV_CHECK_DONE,
	"{\"message\":\"slow\",\"ms\":12,\"status\":\"mumble\",\"system\":\"s\",\"tick\":3}",
	"{\"saved\":\"{\\\"u\\\":1}\",\"trace\":\"GET /\\n500\"}"},
    {EV_CHECK_DONE, "{\"message\":\"\",\"ms\":0,\"status\":\"ok\",\"system\":\"s\",\"tick\":3}",
	""},
    {EV_FLAG_CAPTURED, "{\"slot\":7,\"system\":\"s\",\"team\":\"red\",\"tick\":3}", ""},
    {EV_CHECKPOINT, "{\"head\":\"ab\",\"scores\":\"cd\",\"sig\":\"ef\",\"upto\":9007199254740993}",
	""},
    {EV_ACCOUNT_CREATED, "{\"account\":\"a\",\"role\":\"red\",\"team\":\"red\"}", ""},
    {EV_ACCOUNT_PASSWORD, "{\"account\":\"a\"}", "{\"value\":\"scrypt$15\"}"},
    {EV_ACCOUNT_TOKEN, "{\"account\":\"a\"}", "{\"value\":\"00ff\"}"},
    {EV_CHECKS_HELD, "{\"challenge\":\"portal\",\"id\":1,\"reason\":\"r\",\"systems\":\"a,b\"}",
	""},
    {EV_CHECKS_HELD, "{\"challenge\":\"\",\"id\":2,\"reason\":\"r\",\"systems\":\"a\"}", ""},
    {EV_CHECKS_RELEASED, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_VOID_PROPOSED,
	"{\"from\":0,\"id\":1,\"reason\":\"断网\",\"systems\":\"a,b\",\"to\":100000}", ""},
    {EV_VOID_ADOPTED, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_VOID_DROPPED, "{\"id\":2147483647,\"reason\":\"r\"}", ""},
    {EV_ANNOUNCEMENT_MADE, "{\"id\":1,\"to\":\"all\",\"until\":0,\"urgent\":true}",
	"{\"text\":\"t\",\"title\":\"公告\"}"},
    {EV_ANNOUNCEMENT_SEEN, "{\"account\":\"a\",\"id\":1}", ""},
    {EV_ANNOUNCEMENT_WITHDRAWN, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_TICKET_REGISTERED,
	"{\"class\":\"backup\",\"department\":\"d\",\"id\":1,\"severity\":\"low\",\"source\":"
	"\"manual\",\"system\":\"\"}",
	"{\"asset\":\"屏\",\"title\":\"t\"}"},
    {EV_TICKET_NOTIFIED, "{\"due\":\"2027-06-23\",\"id\":1,\"offset\":480}", ""},
    {EV_TICKET_ACKNOWLEDGED, "{\"id\":1}", ""},
    {EV_TICKET_STARTED, "{\"id\":1}", ""},
    {EV_TICKET_FEEDBACK, "{\"id\":1}", "{\"signer\":\"s\",\"text\":\"t\"}"},
    {EV_TICKET_FEEDBACK, "{\"attachments\":[2,1],\"id\":1}", "{\"signer\":\"s\",\"text\":\"t\"}"},
    {EV_TICKET_RETESTED,
	"{\"attachments\":[3],\"id\":1,\"method\":\"exploit\",\"result\":\"unclear\"}",
	"{\"text\":\"log\"}"},
    {EV_TICKET_RETEST_BEGUN, "{\"id\":1}", ""},
    {EV_TICKET_RETESTED, "{\"id\":1,\"method\":\"exploit\",\"result\":\"unclear\"}",
	"{\"text\":\"log\"}"},
    {EV_TICKET_EXTENSION_ASKED, "{\"due\":\"2027-06-30\",\"id\":1}", "{\"text\":\"t\"}"},
    {EV_TICKET_EXTENSION_DECIDED, "{\"due\":\"2027-06-30\",\"granted\":true,\"id\":1}", ""},
    {EV_TICKET_RISK_ACCEPTED, "{\"id\":1,\"offset\":-60,\"until\":\"2027-12-31\"}", ""},
    {EV_TICKET_RISK_EXPIRED, "{\"due\":\"2028-01-05\",\"id\":1,\"offset\":0}", ""},
    {EV_TICKET_DUPLICATE, "{\"id\":1,\"of\":2}", ""},
    {EV_TICKET_FALSE_POSITIVE, "{\"id\":1}", "{\"text\":\"t\"}"},
    {EV_TICKET_REOPENED, "{\"due\":\"2027-06-30\",\"id\":1,\"offset\":0}", ""},
    {EV_TICKET_SUPERVISED, "{\"id\":1,\"level\":4}", ""},
    {EV_REPORT_DRAFTED, "{\"id\":1,\"stage\":\"initial\",\"team\":\"a\"}", "{\"text\":\"{}\"}"},
    {EV_REPORT_WITHDRAWN, "{\"id\":1}", ""},
    {EV_REPORT_SUBMITTED,
	"{\"class\":\"0107\",\"contained\":0,\"detected\":5,\"eradicated\":0,\"id\":1,"
	"\"importance\":\"important\",\"level\":\"II\",\"loss\":\"serious\",\"recovered\":0,"
	"\"stage\":\"final\",\"systems\":\"a,b\",\"team\":\"a\",\"year\":2027}",
	"{\"text\":\"{}\"}"},
    {EV_REPORT_RETURNED, "{\"id\":1}", "{\"reason\":\"r\"}"},
    {EV_REPORT_APPEALED, "{\"id\":1}", "{\"text\":\"t\"}"},
    {EV_REPORT_COMMENTED, "{\"id\":1,\"internal\":true}", "{\"text\":\"t\"}"},
    {EV_REPORT_DUPLICATE, "{\"id\":2,\"of\":1}", "{\"reason\":\"r\"}"},
    {EV_ATTACHMENT_STORED,
	"{\"bytes\":5,\"id\":1,\"media_type\":\"text/plain\",\"sha256\":\"00ff\"}",
	"{\"name\":\"日志.txt\"}"},
    {EV_ROE_ACCEPTED, "{\"rules\":\"0f\"}", ""},
    {EV_RESULT_RESUBMITTED,
	"{\"attachments\":[1],\"attacked\":1813453200000,\"claimed\":\"sso\",\"cleaned\":true,"
	"\"count\":3,\"department\":\"a\",\"id\":1,\"system\":\"\",\"technique\":\"T1059.001\"}",
	"{\"asset\":\"a\",\"cleanup\":\"c\",\"effect\":\"e\",\"evidence\":\"v\",\"path\":\"[]\","
	"\"weakness\":\"w\"}"},
    {EV_RESULT_SUBMITTED,
	"{\"attacked\":1813453200000,\"claimed\":\"sso\",\"cleaned\":true,\"count\":3,"
	"\"department\":\"a\","
	"\"id\":1,\"system\":\"\",\"team\":\"red-1\",\"technique\":\"T1059.001\"}",
	"{\"asset\":\"大屏\",\"cleanup\":\"c\",\"effect\":\"e\",\"evidence\":\"v\",\"path\":\"[]\","
	"\"weakness\":\"CVE-2021-44228\"}"},
    {EV_RESULT_RESUBMITTED,
	"{\"attacked\":0,\"claimed\":\"server\",\"cleaned\":false,\"count\":0,\"department\":\"a\","
	"\"id\":1,"
	"\"system\":\"s\",\"technique\":\"T1190\"}",
	"{\"asset\":\"\",\"cleanup\":\"\",\"effect\":\"\",\"evidence\":\"v\",\"path\":\"\","
	"\"weakness\":\"\"}"},
    {EV_RESULT_TAKEN, "{\"id\":1,\"over\":true}", "{\"reason\":\"r\"}"},
    {EV_RESULT_RETURNED, "{\"id\":1}", "{\"reason\":\"证据\"}"},
    {EV_RESULT_REJECTED, "{\"id\":1}", "{\"reason\":\"r\"}"},
    {EV_RESULT_CONFIRMED,
	"{\"count\":3,\"flaw\":1,\"id\":1,\"kind\":\"sso\",\"mlps\":3,\"overridden\":false,"
	"\"quality\":90,"
	"\"size\":630,\"unlisted\":false}",
	"{\"reason\":\"\",\"weakness\":\"w\"}"},
    {EV_RESULT_VOIDED, "{\"cause\":\"destruction\",\"id\":1,\"penalty\":200}",
	"{\"reason\":\"r\"}"},
    {EV_RESULT_REOPENED, "{\"id\":2}", "{\"reason\":\"r\"}"},
    {EV_KILL_SWITCHED, "{\"announcement\":1,\"hook\":true,\"reason\":\"r\"}", ""},
    {EV_KILL_UNDONE, "{\"reason\":\"r\"}", ""},
    {EV_KILL_HOOK, "{\"ms\":12,\"outcome\":\"failed\",\"status\":-1}",
	"{\"tail\":\"no such file\"}"},
    {EV_INJECT_DRAFTED,
	"{\"after\":\"\",\"allowed_ms\":0,\"channels\":1,\"common\":false,\"controller\":\"\","
	"\"evaluator\":\"\",\"id\":1,\"items\":[],\"number\":\"n\",\"offset_ms\":0,\"on\":"
	"\"success\",\"pass\":60,\"phase\":\"\",\"to\":\"blue\",\"when\":\"manual\"}",
	"{\"expected\":{\"en\":\"e\",\"zh\":\"z\"},\"from\":{\"en\":\"e\",\"zh\":\"z\"},\"items\":["
	"],\"objective\":{\"en\":\"e\",\"zh\":\"z\"},\"text\":{\"en\":\"e\",\"zh\":\"z\"},"
	"\"title\":{\"en\":\"e\",\"zh\":\"z\"}}"},
    {EV_INJECT_APPROVED, "{\"id\":1}", ""},
    {EV_INJECT_SCHEDULED, "{\"id\":1,\"offset_ms\":60000}", ""},
    {EV_INJECT_HELD, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_INJECT_SKIPPED, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_INJECT_CANCELLED, "{\"id\":1,\"reason\":\"r\"}", ""},
    {EV_INJECT_DELIVERED, "{\"by\":\"after\",\"id\":1,\"teams\":\"a,b\"}", ""},
    {EV_INJECT_ACKNOWLEDGED, "{\"id\":1,\"team\":\"a\"}", ""},
    {EV_INJECT_RESPONDED, "{\"answer\":1,\"id\":1,\"team\":\"a\",\"version\":1}",
	"{\"text\":\"t\"}"},
    {EV_INJECT_RESPONDED,
	"{\"answer\":1,\"attachments\":[7],\"id\":1,\"team\":\"a\",\"version\":2}",
	"{\"text\":\"t\"}"},
    {EV_INJECT_EXPIRED, "{\"id\":1}", ""},
    {EV_INJECT_EVALUATED,
	"{\"answer\":1,\"id\":1,\"marks\":[3],\"of\":1,\"reason\":\"\",\"team\":\"a\",\"version\":"
	"1}",
	""},
    {EV_INJECT_COMMENTED, "{\"answer\":1,\"id\":1,\"team\":\"a\"}", "{\"text\":\"t\"}"},
    {EV_INJECT_CLOSED, "{\"id\":1}", ""},
    {EV_MAIL_QUEUED, "{\"about\":\"inject\",\"number\":1,\"ref\":2,\"team\":\"a\"}",
	"{\"subject\":\"s\",\"text\":\"t\",\"to\":\"a@b.c\"}"},
    {EV_MAIL_SENT, "{\"number\":1}", ""},
    {EV_MAIL_FAILED, "{\"number\":1,\"permanent\":false}", "{\"error\":\"e\"}"},
    {EV_MAIL_AGAIN, "{\"number\":1}", ""},
    {EV_ACCOUNT_CREATED,
	"{\"account\":\"a\",\"department\":\"d\",\"role\":\"judge\",\"team\":\"\"}", ""},
    {EV_TRUTH_PAIRED, "{\"fact\":3,\"report\":7}", "{\"reason\":\"理由\"}"},
    {EV_TRUTH_UNPAIRED, "{\"fact\":3}", "{\"reason\":\"r\"}"},
    {EV_TRUTH_CONCEALED, "{\"concealed\":false,\"fact\":3}", "{\"reason\":\"r\"}"},
    {EV_JUDGING_TRIAGED, "{\"id\":1}", ""},
    {EV_JUDGING_DRAWN, "{\"id\":1,\"judges\":\"a,b\",\"round\":1}", ""},
    {EV_JUDGING_NAMED, "{\"id\":1,\"instead\":\"\",\"judge\":\"a\",\"round\":2}",
	"{\"reason\":\"r\"}"},
    {EV_JUDGING_MARKED, "{\"halves\":[50,1],\"id\":1,\"round\":1,\"version\":2}",
	"{\"reason\":\"r\"}"},
    {EV_JUDGING_REJECTED, "{\"id\":1}", "{\"reason\":\"r\"}"},
    {EV_JUDGING_RELEASED, "{\"id\":0}", ""},
    {EV_JUDGING_FINISHED, "{\"id\":1}", ""},
    {EV_JUDGING_ARCHIVED, "{\"id\":1}", ""},
    {EV_PLAN_ADOPTED,
	"{\"steps\":\"a,b\",\"team\":\"library\",\"threat\":\"ransomware\",\"version\":1}",
	"{\"text\":\"{}\"}"},
    {EV_PLAN_WITHDRAWN, "{\"team\":\"library\",\"threat\":\"ransomware\",\"version\":1}",
	"{\"reason\":\"r\"}"},
    {EV_PLAN_ACTIVATED, "{\"report\":3,\"steps\":\"a,b\",\"threat\":\"ransomware\",\"version\":0}",
	"{\"text\":\"{}\"}"},
    {EV_PLAN_STEP_TICKED,
	"{\"done\":1813453200000,\"report\":3,\"step\":\"a\",\"threat\":\"ransomware\"}",
	"{\"who\":\"Li Si\"}"},
    {EV_PLAN_STEP_SKIPPED, "{\"report\":3,\"step\":\"a\",\"threat\":\"ransomware\"}",
	"{\"reason\":\"r\"}"},
    {EV_POST_CREATED, "{\"id\":1,\"team\":\"library\"}",
	"{\"holder\":\"Wang Wu\",\"phone\":\"4711\",\"title\":\"Head\"}"},
    {EV_POST_CHANGED, "{\"id\":1}", "{\"phone\":\"4711\",\"title\":\"Head\"}"},
    {EV_POST_HANDED_OVER, "{\"id\":1}", "{\"holder\":\"Wang Wu\",\"phone\":\"4711\"}"},
    {EV_POST_RETIRED, "{\"id\":1}", "{\"reason\":\"r\"}"},
    {EV_ASSET_CREATED,
	"{\"data_class\":\"none\",\"exposure\":\"campus\",\"id\":1,\"in_charge\":1,\"kind\":"
	"\"website\","
	"\"level\":3,\"run_by\":0,\"system\":\"lib-portal\",\"team\":\"library\",\"used_by\":0,"
	"\"version\":1}",
	"{\"text\":\"{}\"}"},
    {EV_ASSET_CHANGED,
	"{\"data_class\":\"core\",\"exposure\":\"internet\",\"id\":1,\"in_charge\":0,\"kind\":"
	"\"data\","
	"\"level\":0,\"run_by\":0,\"system\":\"\",\"used_by\":2,\"version\":2}",
	"{\"text\":\"{}\"}"},
    {EV_ASSET_VERIFIED, "{\"id\":1}", ""},
    {EV_ASSET_RETIRED, "{\"id\":1}", "{\"reason\":\"r\"}"},
};

static enum err
decode(enum event_kind kind, const char *body, const char *secret, struct event *ev,
    struct arena *arena, struct why *why)
{
	struct drill_config config = {0};
	enum err e;

	*ev = (struct event){.kind = kind};
	why->text[0] = '\0';
	e = event_decode(ev, body, strlen(body), secret, strlen(secret), arena, &config, why);
	config_free(&config);
	return e;
}

static void
test_every_kind_round_trips(void **state)
{
	bool seen[EV_COUNT] = {[EV_DRILL_OPENED] = true};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena arena = {0};
		struct buf body, secret;
		struct event ev;
		struct why why;

		if (decode(texts[i].kind, texts[i].body, texts[i].secret, &ev, &arena, &why) !=
		    ERR_OK)
			fail_msg("%s: %s", texts[i].body, why.text);
		buf_init(&body, 4096);
		buf_init(&secret, 4096);
		assert_int_equal(event_encode(&ev, &body, &secret), ERR_OK);
		assert_string_equal(body.data, texts[i].body);
		assert_string_equal(secret.data != NULL ? secret.data : "", texts[i].secret);
		seen[texts[i].kind] = true;
		buf_free(&body);
		buf_free(&secret);
		arena_free(&arena);
	}
	for (int k = 0; k < EV_COUNT; k++)
		assert_true(seen[k]);
}

/* Events are written one behind the other; one without a secret leaves the others' alone. */
static void
test_no_secret_behind_others(void **state)
{
	struct announcement_event made = {.id = 1, .to = "all", .title = "t", .text = "x"};
	struct announcement_event seen = {.id = 1, .account = "a"};
	struct event first = {.kind = EV_ANNOUNCEMENT_MADE, .u.announcement = &made};
	struct event second = {.kind = EV_ANNOUNCEMENT_SEEN, .u.announcement = &seen};
	struct buf body, secret;

	(void)state;
	buf_init(&body, 4096);
	buf_init(&secret, 4096);
	assert_int_equal(event_encode(&first, &body, &secret), ERR_OK);
	assert_int_equal(event_encode(&second, &body, &secret), ERR_OK);
	assert_string_equal(secret.data, "{\"text\":\"x\",\"title\":\"t\"}");
	assert_int_equal(secret.len, strlen(secret.data));
	buf_free(&body);
	buf_free(&secret);
}

/* A published journal has no secrets: they read as empty, the rest as ever. */
static void
test_secrets_may_be_gone(void **state)
{
	struct arena arena = {0};
	struct event ev;
	struct why why;

	(void)state;
	assert_int_equal(
	    decode(EV_CHECK_DONE,
		"{\"message\":\"m\",\"ms\":1,\"status\":\"ok\",\"system\":\"s\",\"tick\":3}", "",
		&ev, &arena, &why),
	    ERR_OK);
	assert_string_equal(ev.u.check.trace, "");
	assert_string_equal(ev.u.check.saved, "");
	assert_int_equal(
	    decode(EV_ACCOUNT_TOKEN, "{\"account\":\"a\"}", "", &ev, &arena, &why), ERR_OK);
	assert_string_equal(ev.u.account.value, "");
	arena_free(&arena);
}

static void
test_malformed_is_refused(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *body, *says;
	} cases[] = {
	    {EV_TICK_BEGAN, "", ""},
	    {EV_TICK_BEGAN, "[]", ""},
	    {EV_TICK_BEGAN, "{}", "\"tick\" is missing"},
	    {EV_TICK_BEGAN, "{\"tick\":-1}", "from 0 to 100000"},
	    {EV_TICK_BEGAN, "{\"tick\":100001}", "from 0 to 100000"},
	    {EV_TICK_BEGAN, "{\"tick\":\"0\"}", "must be an integer"},
	    {EV_DRILL_PAUSED, "{\"down_ms\":-1,\"reason\":\"\"}", "down_ms"},
	    {EV_DRILL_ENDED, "{\"reason\":7}", "must be a string"},
	    {EV_CHECK_DONE,
		"{\"message\":\"\",\"ms\":0,\"status\":\"fine\",\"system\":\"s\",\"tick\":3}",
		"no status \"fine\""},
	    {EV_CHECK_DONE,
		"{\"message\":\"\",\"ms\":-1,\"status\":\"ok\",\"system\":\"s\",\"tick\":3}", "ms"},
	    {EV_FLAG_CAPTURED, "{\"slot\":8,\"system\":\"s\",\"team\":\"r\",\"tick\":3}",
		"from 0 to 7"},
	    {EV_CHECKPOINT, "{\"head\":\"\",\"scores\":\"\",\"sig\":\"\",\"upto\":0}", "upto"},
	    {EV_ACCOUNT_CREATED, "{\"account\":\"a\",\"role\":\"public\",\"team\":\"\"}",
		"no role \"public\""},
	    {EV_CHECKS_HELD, "{\"challenge\":\"\",\"id\":1,\"reason\":\"r\"}",
		"\"systems\" is missing"},
	    {EV_CHECKS_RELEASED, "{\"id\":0,\"reason\":\"r\"}", "from 1 to 2147483647"},
	    {EV_VOID_PROPOSED, "{\"from\":-1,\"id\":1,\"reason\":\"r\",\"systems\":\"a\",\"to\":1}",
		"from 0 to 100000"},
	    {EV_VOID_PROPOSED, "{\"from\":0,\"id\":1,\"reason\":\"r\",\"systems\":\"a\"}",
		"\"to\" is missing"},
	    {EV_VOID_ADOPTED, "{\"id\":1}", "\"reason\" is missing"},
	    {EV_PLAN_ACTIVATED, "{\"report\":0,\"steps\":\"\",\"threat\":\"t\",\"version\":0}",
		"from 1 to 30000"},
	    {EV_PLAN_STEP_TICKED, "{\"done\":0,\"report\":1,\"step\":\"a\",\"threat\":\"t\"}",
		"done"},
	    {EV_POST_CREATED, "{\"id\":1}", "\"team\" is missing"},
	    {EV_ASSET_VERIFIED, "{\"id\":10001}", "from 1 to 10000"},
	    {EV_ASSET_CHANGED,
		"{\"data_class\":\"x\",\"exposure\":\"campus\",\"id\":1,\"in_charge\":0,\"kind\":"
		"\"data\","
		"\"level\":0,\"run_by\":0,\"system\":\"\",\"used_by\":0,\"version\":2}",
		"class of data"},
	    {EV_DRILL_OPENED, "[]", "JSON object"},
	    {EV_COUNT, "{}", "unknown kind"},
	};
	struct arena arena = {0};
	struct event ev;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (decode(cases[i].kind, cases[i].body, "", &ev, &arena, &why) == ERR_OK)
			fail_msg("taken: %s", cases[i].body);
		if (strstr(why.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", why.text, cases[i].says);
	}
	assert_int_not_equal(
	    decode(EV_ACCOUNT_TOKEN, "{\"account\":\"a\"}", "{", &ev, &arena, &why), ERR_OK);
	arena_free(&arena);
}

static void
test_long_texts_are_refused(void **state)
{
	char body[REASON_MAX_BYTES + 40], reason[REASON_MAX_BYTES + 2];
	struct arena arena = {0};
	struct event ev;
	struct why why;

	(void)state;
	for (size_t len = REASON_MAX_BYTES; len <= REASON_MAX_BYTES + 1; len++) {
		memset(reason, 'a', len);
		reason[len] = '\0';
		snprintf(body, sizeof(body), "{\"reason\":\"%s\"}", reason);
		assert_int_equal(decode(EV_DRILL_ENDED, body, "", &ev, &arena, &why),
		    len == REASON_MAX_BYTES ? ERR_OK : ERR_LIMIT);
	}
	arena_free(&arena);
}

static void
test_too_large_to_encode(void **state)
{
	struct event ev = {.kind = EV_DRILL_ENDED, .u.clock.reason = "a long reason"};
	struct buf body, secret;

	(void)state;
	buf_init(&body, 10);
	buf_init(&secret, 10);
	assert_int_equal(event_encode(&ev, &body, &secret), ERR_LIMIT);
	buf_free(&body);
	buf_free(&secret);
}

static void
test_names(void **state)
{
	enum event_kind back;
	enum status status;
	enum role role;

	(void)state;
	for (int k = 0; k < EV_COUNT; k++) {
		assert_true(event_kind_parse(event_kind_name((enum event_kind)k), &back));
		assert_int_equal(back, k);
	}
	assert_false(event_kind_parse("drill.open", &back));
	assert_string_equal(event_kind_name(EV_COUNT), "?");
	for (int s = 0; s < ST_COUNT; s++) {
		assert_true(status_parse(status_name((enum status)s), &status));
		assert_int_equal(status, s);
	}
	assert_false(status_parse("OK", &status));
	assert_string_equal(verdict_name(V_OLD), "old");
	assert_string_equal(verdict_name(V_COUNT), "?");
	for (int r = ROLE_BLUE; r <= ROLE_ADMIN; r <<= 1) {
		assert_true(role_parse(role_name((enum role)r), &role));
		assert_int_equal(role, r);
	}
	assert_false(role_parse("public", &role));
	assert_string_equal(role_name(ROLE_BLUE | ROLE_RED), "?");
}

static void
test_checkpoint_message(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	checkpoint_message("d", 17, "ab", "cd", &out);
	assert_string_equal(out.data, "drilld checkpoint v1\nd\n17\nab\ncd\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_kind_round_trips),
	    cmocka_unit_test(test_no_secret_behind_others),
	    cmocka_unit_test(test_secrets_may_be_gone),
	    cmocka_unit_test(test_malformed_is_refused),
	    cmocka_unit_test(test_long_texts_are_refused),
	    cmocka_unit_test(test_too_large_to_encode),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_checkpoint_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
