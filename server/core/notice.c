#include "core/notice.h"
#include "base/date.h"

#include <string.h>

static const struct term kinds[NOTICE_KINDS] = {
    [NOTICE_NOTICE] = {"notice", {"网络安全整改通知书", "Notice of rectification"}},
    [NOTICE_REMINDER] = {"reminder", {"整改催办函", "Reminder"}},
    [NOTICE_TALK] = {"talk", {"督办约谈通知", "Summons to a talk"}},
    [NOTICE_CRITICISM] = {"criticism", {"通报批评", "Notice of criticism"}},
};
const struct terms terms_notices = {"letter", kinds, NOTICE_KINDS};

/* What letters are made of, each in their language. */
struct parts {
	const char *title, *department, *subject, *severity, *weakness, *source;
	char number[TICKET_NUMBER_BYTES], due[DATE_BYTES], given[DATE_BYTES], today[DATE_BYTES];
	int overdue;
};

static const char *
in(bool zh, struct i18n text)
{
	return zh ? text.zh : text.en;
}

/* The asset as it was written down, or the system's name. */
static const char *
subject_of(const struct game *g, const struct ticket *t, bool zh)
{
	if (t->asset[0] != '\0')
		return t->asset;
	return t->system >= 0 ? in(zh, g->config->systems[t->system].name) : "-";
}

/* When it was last given time: by its notice, or when it was opened again. */
static int64_t
given_ms(const struct ticket *t)
{
	int64_t at_ms = t->at_ms;

	for (size_t i = 0; i < t->step_count; i++)
		if (t->steps[i].kind == EV_TICKET_NOTIFIED ||
		    t->steps[i].kind == EV_TICKET_REOPENED ||
		    t->steps[i].kind == EV_TICKET_RISK_EXPIRED)
			at_ms = t->steps[i].at_ms;
	return at_ms;
}

static struct parts
gather(const struct game *g, const struct ticket *t, const struct notice_options *o)
{
	struct parts p = {.title = in(o->zh, kinds[o->kind].label),
	    .department = in(o->zh, g->config->teams[t->team].name),
	    .subject = subject_of(g, t, o->zh),
	    .severity = in(o->zh, term_label(&terms_severities, (int)t->severity)),
	    .weakness = in(o->zh, term_label(&terms_weaknesses, (int)t->weakness)),
	    .source = in(o->zh, term_label(&terms_ticket_sources, (int)t->source.kind)),
	    .overdue = ticket_overdue(g, t, o->now_ms)};

	ticket_number(g, t, p.number);
	date_format(t->due, p.due);
	date_format(date_at(given_ms(t), o->offset_minutes), p.given);
	date_format(date_at(o->now_ms, o->offset_minutes), p.today);
	return p;
}

static void
line(struct buf *out, const char *label, const char *text)
{
	if (text[0] != '\0')
		buf_printf(out, "%s%s\n", label, text);
}

static void
facts(const struct ticket *t, const struct parts *p, bool zh, struct buf *out)
{
	line(out, zh ? "问题名称：" : "Problem: ", t->title);
	line(out, zh ? "涉及对象：" : "Concerns: ", p->subject);
	line(out, zh ? "问题类别：" : "Class: ", p->weakness);
	line(out, zh ? "严重程度：" : "Severity: ", p->severity);
	line(out, zh ? "问题来源：" : "Found by: ", p->source);
	line(out, zh ? "主管责任岗位：" : "Post in charge: ", t->in_charge);
	line(out, zh ? "运维责任岗位：" : "Post that runs it: ", t->run_by);
	line(out, zh ? "使用责任岗位：" : "Post that uses it: ", t->used_by);
}

static void
write_notice_zh(const struct ticket *t, const struct parts *p, struct buf *out)
{
	buf_puts(out, "经检查，你单位存在以下网络安全问题，现予通知，请立即组织整改。\n\n");
	facts(t, p, true, out);
	line(out, "问题证据：", t->evidence);
	line(out, "整改要求：", t->requirement);
	buf_printf(out,
	    "\n请于%s前完成整改，并提交经负责人签字的书面整改反馈；整改结果将由整改人员以外的人员复"
	    "测，通过后销号。确有困难不能按期完成的，请在到期前书面申请延期。\n",
	    p->due);
}

static void
write_notice_en(const struct ticket *t, const struct parts *p, struct buf *out)
{
	buf_puts(out, "The following weakness has been found in your department. Please put it "
		      "right without delay.\n\n");
	facts(t, p, false, out);
	line(out, "Evidence: ", t->evidence);
	line(out, "What is required: ", t->requirement);
	buf_printf(out,
	    "\nPlease finish by the end of %s and hand in a written answer signed by whoever is "
	    "responsible. Somebody who has not worked on it will retest; it is closed when the "
	    "retest is passed. If it cannot be done in time, ask for an extension in writing "
	    "before that day.\n",
	    p->due);
}

static void
write_reminder(const struct ticket *t, const struct parts *p, bool zh, struct buf *out)
{
	if (zh)
		buf_printf(out, "我办于%s发出的整改通知，应于%s前完成整改。", p->given, p->due);
	else
		buf_printf(out, "The notice of %s asked you to put the following right by %s. ",
		    p->given, p->due);
	if (zh && p->overdue > 0)
		buf_printf(
		    out, "现已逾期%d个工作日，请立即完成整改并提交书面反馈。\n\n", p->overdue);
	else if (zh)
		buf_puts(out, "期限将至，请抓紧完成整改并按期提交书面反馈。\n\n");
	else if (p->overdue > 0)
		buf_printf(out,
		    "It is overdue by %d working day(s). Please finish at once and answer in "
		    "writing.\n\n",
		    p->overdue);
	else
		buf_puts(out, "That day is near. Please finish and answer in writing by then.\n\n");
	facts(t, p, zh, out);
}

static void
write_talk(const struct ticket *t, const struct parts *p, bool zh, struct buf *out)
{
	if (zh)
		buf_printf(out,
		    "你单位下列问题应于%s前完成整改，经催办仍未完成，现已逾期%"
		    "d个工作日。请单位主要负"
		    "责人到网络安全领导小组办公室说明情况，并提出限期整改措施。\n\n",
		    p->due, p->overdue);
	else
		buf_printf(out,
		    "The following was to be put right by %s. In spite of reminders it is overdue "
		    "by %d working day(s). The head of the department is asked to explain this "
		    "to the office of the leading group and to say by when it will be done.\n\n",
		    p->due, p->overdue);
	facts(t, p, zh, out);
}

static void
write_criticism(const struct ticket *t, const struct parts *p, bool zh, struct buf *out)
{
	if (zh)
		buf_printf(out,
		    "%s下列网络安全问题应于%s前完成整改，经催办、约谈仍未完成，现已逾期%"
		    "d个工作日，予"
		    "以通报批评。责令立即完成整改，并书面说明原因和责任。\n\n",
		    p->department, p->due, p->overdue);
	else
		buf_printf(out,
		    "%s was to put the following right by %s. In spite of reminders and a talk it "
		    "is overdue by %d working day(s), for which the department is criticised. It "
		    "is to be done at once, with a written account of the causes and of who is "
		    "responsible.\n\n",
		    p->department, p->due, p->overdue);
	facts(t, p, zh, out);
}

static void
head(const struct parts *p, const struct notice_options *o, struct buf *out)
{
	buf_printf(out, "%s\n%s%s\n\n", p->title, o->zh ? "编号：" : "Number: ", p->number);
	if (o->kind != NOTICE_CRITICISM)
		buf_printf(out, o->zh ? "%s：\n" : "To: %s\n\n", p->department);
}

static enum err
may_be_written(const struct parts *p, enum notice_kind kind, struct why *why)
{
	if (p->number[0] == '\0')
		return why_set(why, ERR_CONFLICT,
		    "the ticket has no notice yet; it gets its number when it is notified");
	return kind >= NOTICE_TALK && p->overdue == 0
		   ? why_set(why, ERR_CONFLICT,
			 "it is not overdue; there are its notice and a reminder")
		   : ERR_OK;
}

enum err
notice_write(const struct game *g, const struct ticket *t, const struct notice_options *o,
    struct buf *out, struct why *why)
{
	struct parts p = gather(g, t, o);
	enum err e;

	if ((e = may_be_written(&p, o->kind, why)) != ERR_OK)
		return e;
	head(&p, o, out);
	switch (o->kind) {
	case NOTICE_NOTICE:
		(o->zh ? write_notice_zh : write_notice_en)(t, &p, out);
		break;
	case NOTICE_REMINDER:
		write_reminder(t, &p, o->zh, out);
		break;
	case NOTICE_TALK:
		write_talk(t, &p, o->zh, out);
		break;
	default:
		write_criticism(t, &p, o->zh, out);
		break;
	}
	buf_printf(out, "\n%s\n%s\n",
	    o->zh ? "网络安全领导小组办公室" : "Office of the leading group for network security",
	    p.today);
	return buf_err(out);
}
