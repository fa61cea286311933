/* tls, dns, icmp and greeting steps of compiled programs: what is not of the documented shape is refused. */
#include "checker/dns_step.h"
#include "checker/greeting_step.h"
#include "checker/icmp_step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
refused(const char *text, const char *reason)
{
	struct program *p = NULL;
	struct why why;
	enum err e = program_read(text, strlen(text), &p, &why);

	assert_null(p);
	if (e == ERR_OK || strstr(why.text, reason) == NULL)
		fail_msg("%s\n  gave %s\n  expected a reason with: %s", text, why.text, reason);
}

#define STEP(text) "{\"check\":[{\"name\":\"n\"," text "}]}"

static void
test_refusals(void **state)
{
	(void)state;
	refused(STEP("\"tls\":[]"), "\"tls\" must be an object");
	refused(STEP("\"tls\":{\"days\":1}"), "unknown key \"days\"");
	refused(STEP("\"tls\":{\"days_left\":-1}"), "\"days_left\"");
	refused(STEP("\"tls\":{\"names\":[\"\"]}"), "\"names\"");
	refused(STEP("\"tls\":{\"ca\":\"x\"}"), "\"ca\" is no text of PEM");
	refused(STEP("\"tls\":{\"cert\":\"x\"}"), "both or neither");
	refused(STEP("\"tls\":{\"key\":\"x\"}"), "both or neither");
	refused(STEP("\"tls\":{\"cert\":\"x\",\"key\":\"x\"}"), "\"cert\" is no text of PEM");
	refused(STEP("\"tls\":{\"talk\":[[\"starttls\",\"\"],[\"starttls\",\"\"]]}"), "once");
	refused(STEP("\"tcp\":{\"talk\":[[\"starttls\",\"\"]]}"), "a line of a tls step");
	refused(STEP("\"tls\":{},\"tcp\":{}"), "not both");
	refused(STEP("\"dns\":{\"type\":\"A\"}"), "\"name\" must be a string");
	refused(STEP("\"dns\":{\"name\":\"a\"}"), "\"type\" is missing");
	refused(STEP("\"dns\":{\"name\":\"a\",\"type\":\"ANY\"}"), "A, AAAA, CNAME");
	refused(STEP("\"dns\":{\"name\":\"a\",\"type\":\"A\",\"server\":\"ns\"}"), "an IP address");
	refused(STEP("\"dns\":{\"name\":\"a\",\"type\":\"A\"},\"assert\":[{\"rule\":\"status\","
		     "\"value\":[16]}]"),
	    "from 0 to 15");
	refused(STEP("\"icmp\":{\"count\":0}"), "\"count\"");
	refused(STEP("\"icmp\":{\"count\":33}"), "\"count\"");
	refused(STEP("\"icmp\":{\"size\":8193}"), "\"size\"");
	refused(STEP("\"icmp\":{\"loss_percent\":100}"), "\"loss_percent\"");
	refused(STEP("\"icmp\":{},\"assert\":[{\"rule\":\"status\",\"value\":[200]}]"),
	    "is not for icmp steps");
	refused(STEP("\"mysql\":7"), "\"mysql\" must be an object");
	refused(STEP("\"ssh\":{\"user\":\"x\"}"), "unknown key \"user\"");
	refused(STEP("\"postgresql\":{\"user\":\"\"}"), "\"user\"");
}

static void
test_defaults(void **state)
{
	const char *text = "{\"check\":[{\"name\":\"a\",\"dns\":{\"name\":\"x\",\"type\":\"SRV\"},"
			   "\"assert\":[{\"rule\":\"status\",\"value\":[0,15]}]},"
			   "{\"name\":\"b\",\"icmp\":{}},{\"name\":\"c\",\"postgresql\":{}},"
			   "{\"name\":\"d\",\"vnc\":{\"port\":5900}}]}";
	const struct step *steps;
	struct program *p;
	struct why why;
	(void)state;

	if (program_read(text, strlen(text), &p, &why) != ERR_OK)
		fail_msg("%s", why.text);
	steps = p->sections[SECTION_CHECK].steps;
	assert_int_equal(steps[0].port, DNS_PORT);
	assert_int_equal(((const struct dns_plan *)steps[0].plan)->type, 33);
	assert_null(((const struct dns_plan *)steps[0].plan)->server);
	assert_int_equal(((const struct icmp_plan *)steps[1].plan)->count, 3);
	assert_int_equal(((const struct icmp_plan *)steps[1].plan)->size, 56);
	assert_string_equal(((const struct greeting_plan *)steps[2].plan)->user, "drill");
	assert_string_equal(((const struct greeting_plan *)steps[3].plan)->kind->name, "vnc");
	assert_int_equal(steps[3].port, 5900);
	program_free(p);
}

/* ---- echoes ---- */

static void
judged(int sent, int received, int allowed, enum status status, const char *said)
{
	struct icmp_tally tally = {.sent = sent};
	struct answer a;
	struct outcome o;

	for (int i = 0; i < received; i++)
		icmp_tally_add(&tally, 1 + i);
	answer_init(&a);
	icmp_tally_judge(&tally, allowed, &a, &o);
	assert_int_equal(o.status, status);
	if (status != ST_OK)
		assert_string_equal(o.said.text, said);
	answer_free(&a);
}

static void
test_echoes(void **state)
{
	struct icmp_tally tally = {.sent = 4};
	struct answer a;
	struct outcome o;
	(void)state;

	judged(3, 3, 0, ST_OK, "");
	judged(3, 0, 99, ST_DOWN, "no echo came back");
	judged(3, 2, 33, ST_MUMBLE, "1 of 3 echoes were lost, at most 33 % expected");
	judged(3, 2, 34, ST_OK, "");
	judged(10, 8, 20, ST_OK, "");
	icmp_tally_add(&tally, 2.5);
	icmp_tally_add(&tally, 0.25);
	icmp_tally_add(&tally, 4);
	answer_init(&a);
	icmp_tally_judge(&tally, 25, &a, &o);
	assert_int_equal(a.ms, 3);
	assert_string_equal(a.body.data,
	    "sent=4\nreceived=3\nlost=1\nloss_percent=25\nms_min=0.250\n"
	    "ms_mean=2.250\nms_max=4.000\n");
	answer_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_echoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
