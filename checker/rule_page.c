/* The rules on pages: what has been planted there. page.h does the looking. */
#include "base/json.h"
#include "checker/answer.h"
#include "checker/page.h"

#include <string.h>

static const char *
sentence(const struct rule *rule)
{
	if (rule->kind == RULE_NO_FOREIGN)
		return "the page has content from elsewhere";
	return rule->kind == RULE_NO_CODE ? "the page has code in it that must not be there"
					  : "the page has something hidden in it";
}

/* For organizers: the tag and the URL. */
static void
tell(struct rule_look *l, const struct page_finding *f)
{
	char url[sizeof f->url];

	strcpy(url, f->url);
	utf8_repair(url, strlen(url));
	(void)why_set(l->detail, ERR_OK, "%s: <%s%s%s> \"%s\"", f->what, f->tag,
	    f->attr[0] != '\0' ? " " : "", f->attr, url);
}

bool
page_rule_holds(struct rule_look *l)
{
	struct answer *a = l->answer;
	const char *host = vars_get(l->vars, "host", 4);
	const struct site site = {.own = {host, a->site}};
	double start_ms = cpu_now_ms();
	struct page_finding finding;
	bool holds;

	if (a->regex_ms <= 0) {
		(void)why_set(l->said, ERR_OK, "%s", sentence(l->rule));
		(void)why_set(l->detail, ERR_OK, "too costly to look through");
		return false;
	}
	holds = page_holds(
	    &l->rule->page, &site, a->body.len > 0 ? a->body.data : "", a->body.len, &finding);
	a->regex_ms -= cpu_now_ms() - start_ms;
	if (holds)
		return true;
	(void)why_set(l->said, ERR_OK, "%s", sentence(l->rule));
	tell(l, &finding);
	return false;
}
