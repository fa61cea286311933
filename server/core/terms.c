#include "core/terms.h"

#include "base/buf.h"
#include <string.h>

#define CHOICES_MAX_BYTES 400 /* of a sentence: the longest table fits */

#define TERMS(name, what_, list_)                                                                  \
	const struct terms name = {what_, list_, sizeof(list_) / sizeof((list_)[0])}

static const struct term stages[] = {
    [STAGE_INITIAL] = {"initial", {"初报", "Initial report"}},
    [STAGE_PROGRESS] = {"progress", {"续报", "Progress report"}},
    [STAGE_FINAL] = {"final", {"终报", "Final report"}},
};
TERMS(terms_stages, "report stage", stages);

static const struct term phases[] = {
    [PDCERF_PREPARATION] = {"preparation", {"准备", "Preparation"}},
    [PDCERF_DETECTION] = {"detection", {"检测", "Detection"}},
    [PDCERF_CONTAINMENT] = {"containment", {"抑制", "Containment"}},
    [PDCERF_ERADICATION] = {"eradication", {"根除", "Eradication"}},
    [PDCERF_RECOVERY] = {"recovery", {"恢复", "Recovery"}},
    [PDCERF_FOLLOW_UP] = {"follow_up", {"跟踪", "Follow-up"}},
};
TERMS(terms_phases, "phase", phases);

static const struct term detections[] = {
    [DETECT_WAF] = {"waf", {"Web 应用防火墙", "Web application firewall"}},
    [DETECT_IDS] = {"ids", {"入侵检测", "Intrusion detection"}},
    [DETECT_EDR] = {"edr", {"终端检测与响应", "Endpoint detection and response"}},
    [DETECT_HONEYPOT] = {"honeypot", {"蜜罐", "Honeypot"}},
    [DETECT_LOG] = {"log", {"日志分析", "Log analysis"}},
    [DETECT_USER_REPORT] = {"user_report", {"用户报告", "User report"}},
    [DETECT_NOTICE] = {"notice", {"上级或外部通报", "Notice from outside"}},
    [DETECT_PATROL] = {"patrol", {"人工巡检", "Patrol"}},
};
TERMS(terms_detections, "detection kind", detections);

static const struct term indicators[] = {
    [INDICATOR_IP] = {"ip", {"IP 地址", "IP address"}},
    [INDICATOR_DOMAIN] = {"domain", {"域名", "Domain name"}},
    [INDICATOR_URL] = {"url", {"网址", "URL"}},
    [INDICATOR_MD5] = {"md5", {"MD5 散列值", "MD5 hash"}},
    [INDICATOR_SHA256] = {"sha256", {"SHA-256 散列值", "SHA-256 hash"}},
    [INDICATOR_SM3] = {"sm3", {"SM3 散列值", "SM3 hash"}},
    [INDICATOR_EMAIL] = {"email", {"邮件地址", "Mail address"}},
    [INDICATOR_ACCOUNT] = {"account", {"账号", "Account"}},
    [INDICATOR_PATH] = {"path", {"文件路径", "File path"}},
    [INDICATOR_PROCESS] = {"process", {"进程", "Process"}},
    [INDICATOR_REGISTRY] = {"registry", {"注册表项", "Registry key"}},
    [INDICATOR_USER_AGENT] = {"user_agent", {"用户代理", "User agent"}},
    [INDICATOR_WEBSHELL] = {"webshell", {"网页后门", "Web shell"}},
};
TERMS(terms_indicators, "indicator kind", indicators);

static const struct term asset_states[] = {
    [ASSET_UNKNOWN] = {"unknown", {"不明", "Unknown"}},
    [ASSET_SUSPECTED] = {"suspected", {"疑似受害", "Suspected"}},
    [ASSET_COMPROMISED] = {"compromised", {"已失陷", "Compromised"}},
    [ASSET_CLEAN] = {"clean", {"正常", "Clean"}},
};
TERMS(terms_asset_states, "asset state", asset_states);

static const struct term actions[] = {
    [ACT_ISOLATE] = {"isolate", {"隔离", "Isolate"}},
    [ACT_BLOCK] = {"block", {"封禁阻断", "Block"}},
    [ACT_KILL] = {"kill", {"清除", "Kill"}},
    [ACT_PATCH] = {"patch", {"修补加固", "Patch"}},
    [ACT_RESET_PASSWORD] = {"reset_password", {"重置口令", "Reset passwords"}},
    [ACT_RESTORE] = {"restore", {"恢复", "Restore"}},
    [ACT_NOTIFY] = {"notify", {"通报", "Notify"}},
    [ACT_PRESERVE_EVIDENCE] = {"preserve_evidence", {"保全证据", "Preserve evidence"}},
};
TERMS(terms_actions, "action kind", actions);

static const struct term time_sources[] = {
    [TIME_MEASURED] = {"measured", {"系统实测", "Measured"}},
    [TIME_CLAIMED] = {"claimed", {"部门填报", "Claimed"}},
    [TIME_JUDGED] = {"judged", {"裁判认定", "Judged"}},
};
TERMS(terms_time_sources, "source of a time", time_sources);

static bool
known(const struct terms *t, int value)
{
	return value >= 0 && value < t->count;
}

const char *
term_id(const struct terms *t, int value)
{
	return known(t, value) ? t->list[value].id : "?";
}

struct i18n
term_label(const struct terms *t, int value)
{
	return known(t, value) ? t->list[value].label : (struct i18n){"?", "?"};
}

bool
term_parse(const struct terms *t, const char *id, int *value)
{
	for (int i = 0; i < t->count; i++)
		if (strcmp(t->list[i].id, id) == 0) {
			*value = i;
			return true;
		}
	return false;
}

enum err
term_want(const struct terms *t, const char *id, int *value, struct why *why)
{
	struct buf list;
	enum err e;

	if (term_parse(t, id, value))
		return ERR_OK;
	buf_init(&list, CHOICES_MAX_BYTES);
	for (int i = 0; i < t->count; i++)
		buf_printf(&list, "%s%s", i > 0 ? ", " : "", t->list[i].id);
	e = why_set(
	    why, ERR_INVALID, "there is no %s \"%.40s\"; there are: %s", t->what, id, list.data);
	buf_free(&list);
	return e;
}
