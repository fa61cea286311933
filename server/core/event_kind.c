#include "core/event.h"

#include <string.h>

static const char *const kind_names[EV_COUNT] = {
    [EV_DRILL_OPENED] = "drill.opened",
    [EV_DRILL_STARTED] = "drill.started",
    [EV_DRILL_PAUSED] = "drill.paused",
    [EV_DRILL_RESUMED] = "drill.resumed",
    [EV_DRILL_ENDED] = "drill.ended",
    [EV_DRILL_STOP_AFTER] = "drill.stop_after",
    [EV_TICK_BEGAN] = "tick.began",
    [EV_TICK_CLOSED] = "tick.closed",
    [EV_CHECK_DONE] = "check.done",
    [EV_FLAG_CAPTURED] = "flag.captured",
    [EV_CHECKPOINT] = "checkpoint",
    [EV_ACCOUNT_CREATED] = "account.created",
    [EV_ACCOUNT_PASSWORD] = "account.password",
    [EV_ACCOUNT_TOKEN] = "account.token",
    [EV_CHECKS_HELD] = "checks.held",
    [EV_CHECKS_RELEASED] = "checks.released",
    [EV_VOID_PROPOSED] = "void.proposed",
    [EV_VOID_ADOPTED] = "void.adopted",
    [EV_VOID_DROPPED] = "void.dropped",
    [EV_ANNOUNCEMENT_MADE] = "announcement.made",
    [EV_ANNOUNCEMENT_SEEN] = "announcement.seen",
    [EV_ANNOUNCEMENT_WITHDRAWN] = "announcement.withdrawn",
    [EV_TICKET_REGISTERED] = "ticket.registered",
    [EV_TICKET_NOTIFIED] = "ticket.notified",
    [EV_TICKET_ACKNOWLEDGED] = "ticket.acknowledged",
    [EV_TICKET_STARTED] = "ticket.started",
    [EV_TICKET_FEEDBACK] = "ticket.feedback",
    [EV_TICKET_RETEST_BEGUN] = "ticket.retest_begun",
    [EV_TICKET_RETESTED] = "ticket.retested",
    [EV_TICKET_EXTENSION_ASKED] = "ticket.extension_asked",
    [EV_TICKET_EXTENSION_DECIDED] = "ticket.extension_decided",
    [EV_TICKET_RISK_ACCEPTED] = "ticket.risk_accepted",
    [EV_TICKET_RISK_EXPIRED] = "ticket.risk_expired",
    [EV_TICKET_DUPLICATE] = "ticket.duplicate",
    [EV_TICKET_FALSE_POSITIVE] = "ticket.false_positive",
    [EV_TICKET_REOPENED] = "ticket.reopened",
    [EV_TICKET_SUPERVISED] = "ticket.supervised",
    [EV_REPORT_DRAFTED] = "report.drafted",
    [EV_REPORT_WITHDRAWN] = "report.withdrawn",
    [EV_REPORT_SUBMITTED] = "report.submitted",
    [EV_REPORT_RETURNED] = "report.returned",
    [EV_REPORT_APPEALED] = "report.appealed",
    [EV_REPORT_COMMENTED] = "report.commented",
    [EV_REPORT_DUPLICATE] = "report.duplicate",
    [EV_ATTACHMENT_STORED] = "attachment.stored",
    [EV_PLAN_ADOPTED] = "plan.adopted",
    [EV_PLAN_WITHDRAWN] = "plan.withdrawn",
    [EV_PLAN_ACTIVATED] = "plan.activated",
    [EV_PLAN_STEP_TICKED] = "plan.step_ticked",
    [EV_PLAN_STEP_SKIPPED] = "plan.step_skipped",
    [EV_POST_CREATED] = "post.created",
    [EV_POST_CHANGED] = "post.changed",
    [EV_POST_HANDED_OVER] = "post.handed_over",
    [EV_POST_RETIRED] = "post.retired",
    [EV_ASSET_CREATED] = "asset.created",
    [EV_ASSET_CHANGED] = "asset.changed",
    [EV_ASSET_VERIFIED] = "asset.verified",
    [EV_ASSET_RETIRED] = "asset.retired",
    [EV_ROE_ACCEPTED] = "roe.accepted",
    [EV_RESULT_SUBMITTED] = "result.submitted",
    [EV_RESULT_RESUBMITTED] = "result.resubmitted",
    [EV_RESULT_TAKEN] = "result.taken",
    [EV_RESULT_RETURNED] = "result.returned",
    [EV_RESULT_REJECTED] = "result.rejected",
    [EV_RESULT_CONFIRMED] = "result.confirmed",
    [EV_RESULT_VOIDED] = "result.voided",
    [EV_RESULT_REOPENED] = "result.reopened",
    [EV_KILL_SWITCHED] = "kill.switched",
    [EV_KILL_UNDONE] = "kill.undone",
    [EV_KILL_HOOK] = "kill.hook",
    [EV_INJECT_DRAFTED] = "inject.drafted",
    [EV_INJECT_APPROVED] = "inject.approved",
    [EV_INJECT_SCHEDULED] = "inject.scheduled",
    [EV_INJECT_HELD] = "inject.held",
    [EV_INJECT_SKIPPED] = "inject.skipped",
    [EV_INJECT_CANCELLED] = "inject.cancelled",
    [EV_INJECT_DELIVERED] = "inject.delivered",
    [EV_INJECT_ACKNOWLEDGED] = "inject.acknowledged",
    [EV_INJECT_RESPONDED] = "inject.responded",
    [EV_INJECT_EXPIRED] = "inject.expired",
    [EV_INJECT_EVALUATED] = "inject.evaluated",
    [EV_INJECT_COMMENTED] = "inject.commented",
    [EV_INJECT_CLOSED] = "inject.closed",
    [EV_MAIL_QUEUED] = "mail.queued",
    [EV_MAIL_SENT] = "mail.sent",
    [EV_MAIL_FAILED] = "mail.failed",
    [EV_MAIL_AGAIN] = "mail.again",
    [EV_TRUTH_PAIRED] = "truth.paired",
    [EV_TRUTH_UNPAIRED] = "truth.unpaired",
    [EV_TRUTH_CONCEALED] = "truth.concealed",
    [EV_JUDGING_TRIAGED] = "judging.triaged",
    [EV_JUDGING_DRAWN] = "judging.drawn",
    [EV_JUDGING_NAMED] = "judging.named",
    [EV_JUDGING_MARKED] = "judging.marked",
    [EV_JUDGING_REJECTED] = "judging.rejected",
    [EV_JUDGING_RELEASED] = "judging.released",
    [EV_JUDGING_FINISHED] = "judging.finished",
    [EV_JUDGING_ARCHIVED] = "judging.archived",
};

const char *
event_kind_name(enum event_kind kind)
{
	return (unsigned)kind < EV_COUNT ? kind_names[kind] : "?";
}

bool
event_kind_parse(const char *name, enum event_kind *out)
{
	for (size_t i = 0; i < EV_COUNT; i++)
		if (strcmp(kind_names[i], name) == 0) {
			*out = (enum event_kind)i;
			return true;
		}
	return false;
}

bool
event_is_closing(enum event_kind kind)
{
	return kind == EV_TICK_CLOSED || kind == EV_DRILL_ENDED || kind == EV_VOID_ADOPTED ||
	       kind == EV_VOID_DROPPED;
}
