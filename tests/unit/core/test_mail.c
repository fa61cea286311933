/* Mails as events: whose each is, what may follow what, the queue after it, and their texts. */
#include "core_rig.h"

#include "core/mail.h"

static struct mail_event made;

static struct event
event(enum event_kind kind, const char *actor, struct mail_event m)
{
	made = m;
	made.about = made.about != NULL ? made.about : "";
	made.team = made.team != NULL ? made.team : "";
	made.to = made.to != NULL ? made.to : "";
	made.subject = made.subject != NULL ? made.subject : "";
	made.text = made.text != NULL ? made.text : "";
	made.error = made.error != NULL ? made.error : "";
	return (struct event){.kind = kind, .actor = actor, .u.mail = &made};
}

static struct event
queued(int32_t number, const char *team)
{
	return event(EV_MAIL_QUEUED, "server",
	    (struct mail_event){.number = number,
		.about = "inject",
		.ref = 7,
		.team = team,
		.to = "office@example.edu",
		.subject = "subject",
		.text = "text"});
}

static struct event
sent(int32_t number)
{
	return event(EV_MAIL_SENT, "server", (struct mail_event){.number = number});
}

static struct event
failed(int32_t number, bool permanent)
{
	return event(EV_MAIL_FAILED, "server",
	    (struct mail_event){
		.number = number, .permanent = permanent, .error = "no such mailbox"});
}

static struct event
again(int32_t number, const char *actor)
{
	return event(EV_MAIL_AGAIN, actor, (struct mail_event){.number = number});
}

static void
test_the_way(void **state)
{
	struct game *g = core_game();
	const struct outbox *o = &g->mails->outbox;

	(void)state;
	core_must(g, queued(1, "library"));
	core_must(g, queued(2, ""));
	assert_int_equal(g->mails->notes[0].team, LIBRARY);
	assert_int_equal(g->mails->notes[0].ref, 7);
	assert_int_equal(g->mails->notes[1].team, -1);
	assert_int_equal(o->counts[MAIL_QUEUED], 2);
	assert_true(outbox_get(o, 2)->seq == g->seq);
	core_must(g, sent(1));
	core_must(g, failed(2, false));
	assert_int_equal(outbox_get(o, 2)->state, MAIL_QUEUED);
	core_must(g, failed(2, true));
	assert_int_equal(outbox_get(o, 2)->state, MAIL_FAILED);
	core_must(g, again(2, "chief"));
	assert_int_equal(outbox_get(o, 2)->state, MAIL_QUEUED);
	core_must(g, sent(2));
	assert_int_equal(g->mails->sent, 2);
	assert_int_equal(g->mails->attempts_failed, 2);
	game_free(g);
}

static void
test_refusals(void **state)
{
	struct game *g = core_game();
	struct event ev;

	(void)state;
	core_refused(g, queued(2, "library"), ERR_CONFLICT, "the next one is 1");
	core_refused(g, queued(1, "nobody"), ERR_NOT_FOUND, "no team");
	ev = queued(1, "library");
	ev.actor = "chief";
	core_refused(g, ev, ERR_FORBIDDEN, "only the server");
	ev = queued(1, "library");
	made.subject = "two\nlines";
	core_refused(g, ev, ERR_INVALID, "control character");
	core_refused(g, sent(1), ERR_NOT_FOUND, "no mail 1");
	core_must(g, queued(1, "library"));
	core_refused(g, again(1, "chief"), ERR_CONFLICT, "only a failed one");
	core_must(g, failed(1, true));
	core_refused(g, sent(1), ERR_CONFLICT, "is failed");
	core_refused(g, again(1, "judge-1"), ERR_FORBIDDEN, "the direction");
	core_must(g, again(1, "chief"));
	core_must(g, sent(1));
	core_refused(g, sent(1), ERR_CONFLICT, "is sent");
	core_refused(g, failed(1, false), ERR_CONFLICT, "is sent");
	game_free(g);
}

/* Addresses and texts are secret; a bundle without them folds, and sends nothing. */
static void
test_text(void **state)
{
	static const char body[] =
	    "{\"about\":\"inject\",\"number\":1,\"ref\":7,\"team\":\"library\"}";
	struct game *g = core_game();
	int64_t again_ms;
	struct event bare;

	(void)state;
	core_text_is(queued(1, "library"), body,
	    "{\"subject\":\"subject\",\"text\":\"text\",\"to\":\"office@example.edu\"}");
	core_text_is(sent(1), "{\"number\":1}", "");
	core_text_is(failed(1, true), "{\"number\":1,\"permanent\":true}",
	    "{\"error\":\"no such mailbox\"}");
	core_text_is(again(1, "chief"), "{\"number\":1}", "");
	bare = *core_decode(EV_MAIL_QUEUED, body, "");
	bare.actor = "server";
	core_must(g, bare);
	assert_null(outbox_due(&g->mails->outbox, INT64_MAX, UINT64_MAX, NULL, 0, &again_ms));
	bare = *core_decode(EV_MAIL_FAILED, "{\"number\":1,\"permanent\":true}", "");
	bare.actor = "server";
	core_must(g, bare);
	core_cannot_decode(EV_MAIL_QUEUED, "{\"number\":0}", "number");
	core_cannot_decode(EV_MAIL_FAILED, "{\"number\":1}", "permanent");
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_way),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
