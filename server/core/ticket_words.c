#include "core/ticket_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TERMS(name, what_, list_)                                                                  \
	const struct terms name = {what_, list_, sizeof(list_) / sizeof((list_)[0])}

static const struct term states[TICKET_STATES] = {
    [TICKET_REGISTERED] = {"registered", {"已登记", "Registered"}},
    [TICKET_NOTIFIED] = {"notified", {"已通知", "Notified"}},
    [TICKET_ACKNOWLEDGED] = {"acknowledged", {"已签收", "Acknowledged"}},
    [TICKET_IN_PROGRESS] = {"in_progress", {"整改中", "In progress"}},
    [TICKET_FEEDBACK_SUBMITTED] = {"feedback_submitted", {"已反馈", "Feedback submitted"}},
    [TICKET_RETESTING] = {"retesting", {"复测中", "Retesting"}},
    [TICKET_RETEST_FAILED] = {"retest_failed", {"复测未通过", "Retest failed"}},
    [TICKET_CLOSED] = {"closed", {"已销号", "Closed"}},
    [TICKET_EXTENSION_PENDING] = {"extension_pending", {"延期待批", "Extension pending"}},
    [TICKET_RISK_ACCEPTED] = {"risk_accepted", {"风险接受", "Risk accepted"}},
    [TICKET_DUPLICATE] = {"duplicate", {"重复", "Duplicate"}},
    [TICKET_FALSE_POSITIVE] = {"false_positive", {"误报", "False positive"}},
    [TICKET_REOPENED] = {"reopened", {"重新打开", "Reopened"}},
};
TERMS(terms_ticket_states, "state of a ticket", states);

static const struct term severities[SEVERITY_COUNT] = {
    [SEVERITY_CRITICAL] = {"critical", {"严重", "Critical"}},
    [SEVERITY_HIGH] = {"high", {"高危", "High"}},
    [SEVERITY_MEDIUM] = {"medium", {"中危", "Medium"}},
    [SEVERITY_LOW] = {"low", {"低危", "Low"}},
};
TERMS(terms_severities, "severity", severities);

static const struct term weaknesses[WEAK_COUNT] = {
    [WEAK_PASSWORD] = {"weak_password", {"弱口令", "Weak password"}},
    [WEAK_INJECTION] = {"injection", {"注入", "Injection"}},
    [WEAK_CROSS_SITE] = {"cross_site", {"跨站攻击", "Cross-site attack"}},
    [WEAK_FILE_UPLOAD] = {"file_upload", {"任意文件上传", "Unrestricted file upload"}},
    [WEAK_REMOTE_EXECUTION] = {"remote_execution", {"远程代码执行", "Remote code execution"}},
    [WEAK_ACCESS_CONTROL] = {"access_control", {"越权访问", "Broken access control"}},
    [WEAK_AUTHENTICATION] = {"authentication", {"认证缺陷", "Broken authentication"}},
    [WEAK_UNPATCHED] = {"unpatched", {"未修补漏洞", "Unpatched software"}},
    [WEAK_MISCONFIGURATION] = {"misconfiguration", {"配置不当", "Misconfiguration"}},
    [WEAK_EXPOSURE] = {"exposure", {"信息泄露", "Information exposure"}},
    [WEAK_MALICIOUS_CODE] = {"malicious_code", {"恶意代码", "Malicious code"}},
    [WEAK_LOGGING] = {"logging", {"日志审计不足", "Logging and audit"}},
    [WEAK_ENCRYPTION] = {"encryption", {"加密缺失", "Missing encryption"}},
    [WEAK_BACKUP] = {"backup", {"备份恢复不足", "Backup and restore"}},
    [WEAK_MANAGEMENT] = {"management", {"管理制度缺失", "Management"}},
    [WEAK_OTHER] = {"other", {"其他", "Other"}},
};
TERMS(terms_weaknesses, "class of weakness", weaknesses);

static const struct term methods[RETEST_METHODS] = {
    [RETEST_MANUAL] = {"manual", {"人工复测", "By hand"}},
    [RETEST_SCAN] = {"scan", {"扫描", "Scan"}},
    [RETEST_EXPLOIT] = {"exploit", {"漏洞验证程序", "Exploit"}},
    [RETEST_DOCUMENTS] = {"documents", {"资料核查", "Documents"}},
};
TERMS(terms_retest_methods, "way to retest", methods);

static const struct term results[RETEST_RESULTS] = {
    [RETEST_FIXED] = {"fixed", {"已修复", "Fixed"}},
    [RETEST_VULNERABLE] = {"vulnerable", {"仍存在", "Still vulnerable"}},
    [RETEST_UNCLEAR] = {"unclear", {"无法判定", "Unclear"}},
};
TERMS(terms_retest_results, "result of a retest", results);

static const struct term supervision[SUPERVISION_LEVELS] = {
    {"none", {"无", "None"}},
    {"reminder", {"到期提醒", "Reminder"}},
    {"overdue", {"逾期督办", "Overdue"}},
    {"talk", {"约谈", "Talk"}},
    {"criticism", {"通报批评", "Notice of criticism"}},
};
TERMS(terms_supervision, "level of supervision", supervision);

static const struct term sources[SOURCE_KINDS] = {
    [SOURCE_RESULT] = {"result", {"攻击成果", "Attack result"}},
    [SOURCE_REPORT] = {"report", {"事件报告", "Incident report"}},
    [SOURCE_INJECT] = {"inject", {"演练情景", "Inject"}},
    [SOURCE_SELF_INSPECTION] = {"self_inspection", {"自查", "Self-inspection"}},
    [SOURCE_INSPECTION] = {"inspection", {"现场检查", "Inspection"}},
    [SOURCE_TEST_REPORT] = {"test_report", {"检测报告", "Test report"}},
    [SOURCE_MANUAL] = {"manual", {"手工登记", "By hand"}},
};
TERMS(terms_ticket_sources, "source of a ticket", sources);

static bool
read_number(const char *text, int32_t *out)
{
	char *end;
	long n;

	if (text[0] < '1' || text[0] > '9' || strlen(text) > 9)
		return false;
	n = strtol(text, &end, 10);
	*out = (int32_t)n;
	return *end == '\0';
}

enum err
source_read(const char *text, struct ticket_source *out, struct why *why)
{
	size_t len = strcspn(text, ":");
	char kind[SOURCE_MAX_BYTES];
	enum err e;
	int v = 0;

	*out = (struct ticket_source){SOURCE_MANUAL, 0};
	snprintf(kind, sizeof kind, "%.*s", (int)(len < sizeof kind ? len : sizeof kind), text);
	if ((e = term_want(&terms_ticket_sources, kind, &v, why)) != ERR_OK)
		return e;
	out->kind = (enum source_kind)v;
	if (text[len] == ':' && !read_number(text + len + 1, &out->number))
		return why_set(
		    why, ERR_INVALID, "the source's number is expected, such as %s:12", kind);
	if (out->kind <= SOURCE_INJECT && out->number == 0)
		return why_set(why, ERR_INVALID, "which %s? Its number is expected, such as %s:12",
		    kind, kind);
	return out->kind == SOURCE_MANUAL && out->number != 0
		   ? why_set(why, ERR_INVALID, "a source \"manual\" has no number")
		   : ERR_OK;
}

void
source_write(const struct ticket_source *s, char out[SOURCE_MAX_BYTES])
{
	const char *kind = term_id(&terms_ticket_sources, (int)s->kind);

	if (s->number > 0)
		snprintf(out, SOURCE_MAX_BYTES, "%s:%d", kind, s->number);
	else
		snprintf(out, SOURCE_MAX_BYTES, "%s", kind);
}
