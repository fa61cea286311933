/* Pages cut into tags, URLs told own from foreign, and what is planted: on HTML as browsers read it. */
#include "base/asan.h"
#include "checker/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MIB (1024 * 1024)

/* ---- tags ---- */

/* "a(href=x)", "/a", "'text'": what comes out, in one line. */
static void
tags_n(const char *text, size_t len, const char *expected)
{
	enum html_kind kind;
	struct buf out;
	struct html h;

	buf_init(&out, 4096);
	html_begin(&h, text, len);
	while ((kind = html_next(&h)) != HTML_END) {
		buf_puts(&out, out.len > 0 ? " " : "");
		if (kind == HTML_RAW) {
			buf_printf(&out, "'%.*s'", (int)h.text.len, h.text.s);
			continue;
		}
		buf_printf(&out, "%s%s", kind == HTML_CLOSE ? "/" : "", h.name);
		for (int a = 0; a < HTML_ATTR_COUNT; a++)
			if (h.attr[a].s != NULL)
				buf_printf(&out, "(%s=%.*s)",
				    a == HTML_HANDLER ? h.handler
						      : html_attr_name((enum html_attr)a),
				    (int)h.attr[a].len, h.attr[a].s);
	}
	assert_string_equal(out.len > 0 ? out.data : "", expected);
	buf_free(&out);
}

static void
tags(const char *text, const char *expected)
{
	tags_n(text, strlen(text), expected);
}

static void
test_tags(void **state)
{
	(void)state;
	tags("", "");
	tags("a < b <3 <", "");
	tags("<A HREF=x>t</A >", "a(href=x) /a");
	tags("<a href = 'x y' HREF=z name=\"n\">", "a(href=x y)(name=n)");
	tags("<a href=x/y/>", "a(href=x/y/)");
	tags("<a/href=x/name=y>", "a(href=x/name=y)");
	tags("<a/href='x'/name='y'>", "a(href=x)(name=y)");
	tags("<a =href=x href>", "a(href=)");
	tags("<a hidden><b", "a(hidden=)");
	tags("<a onClick=x onload=y>", "a(onclick=x)");
	tags("<a href='x><b>", "");
	tags("</ a><//a><!x <a>><?php <a> ?>", "");
	tags("<!-- <a> --><b>", "b");
	tags("<!--><b><!---><i><!-- --!><u><!-- -- > -->", "b i u");
	tags("<!-- --- --><b><!-- <a>", "b");
	tags("<![CDATA[<a>]]><b>", "b");
	tags("<svg><![CDATA[><!--]]><b></svg>", "svg b /svg");
	tags("<svg/><style><a></style>", "svg style '<a>' /style");
	tags("<svg><style><a></style></svg>", "svg style a /style /svg");
	tags("<script>if (a<b) '<a></scripty>'</SCRIPT ><b>",
	    "script 'if (a<b) '<a></scripty>'' /script b");
	tags("<script></scrip<a></script", "script '</scrip<a></script'");
	tags("<title><a></title><textarea>\n<b></textarea>",
	    "title '<a>' /title textarea '\n<b>' /textarea");
	tags("<iframe src=x><a></iframe><plaintext></plaintext>",
	    "iframe(src=x) '<a>' /iframe plaintext '</plaintext>'");
	tags_n("<\0a><a\0 href=x><b \0href=y>", 26, "a(href=x) b");
	tags("<abcdefghijklmnopqrstuvwxyzabcdefghijklmnop href=x>", "(href=x)");
}

static void
decodes(const char *from, const char *expected)
{
	struct buf out;

	buf_init(&out, 1000);
	html_decode((struct html_span){from, strlen(from)}, &out);
	assert_string_equal(out.len > 0 ? out.data : "", expected);
	buf_free(&out);
}

static void
test_references(void **state)
{
	(void)state;
	decodes("", "");
	decodes("a&amp;b&lt;&gt;&quot;&apos;&colon;&sol;&Tab;", "a&b<>\"':/\t");
	decodes("&#58;&#x3a&#X3A;&#47x", ":::/x");
	decodes("&ampx=1&amp=2&amp;3&lt", "&ampx=1&amp=2&3<");
	decodes("&colon &unknown; & && &# &#x; &#xg", "&colon &unknown; & && &# &#x; &#xg");
	decodes("&#x4e2d;&#233;&#x1f600;&#0;&#xd800;&#99999999999;",
	    "\xe4\xb8\xad\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* ---- URLs ---- */

static void
url_is(const char *url, enum url_kind expected)
{
	static const char *const allow[] = {"cdn.example", "*.edu.example", NULL};
	const struct site site = {.own = {"10.0.0.1", "www.lib.example", "::1"}, .allow = allow};
	enum url_kind kind = site_url(&site, (struct html_span){url, strlen(url)});

	if (kind != expected)
		fail_msg("%s: %d, expected %d", url, (int)kind, (int)expected);
}

static void
test_urls(void **state)
{
	static const char *const own[] = {"", "/", "a/b?c=http://evil.example", "#x", "?q", "./a:b",
	    "http://10.0.0.1", "https://10.0.0.1:8443/x", "//WWW.lib.example./",
	    "http://u:p@10.0.0.1/", "http://[::1]:80/", "http://%77ww.lib.example",
	    " \n\thttp://10.0.0.1 ", "htt\np://10.0.0.1", "https://cdn.example/x",
	    "//a.edu.example", "/a//evil.example"};
	static const char *const foreign[] = {"http://evil.example", "//evil.example",
	    "\\\\evil.example", "/\\evil.example", "///evil.example", "https:evil.example",
	    "http:/evil.example", "\thtt\tp:/\n/evil.example", "http://10.0.0.1.evil.example",
	    "http://10.0.0.1@evil.example", "http://10.0.0.1:80@evil.example",
	    "http://10.0.0.1%2eevil.example", "http://edu.example", "http://xedu.example",
	    "weixin://x", "ftp://evil.example", "HTTP://0x0a000001/"};
	(void)state;

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		url_is(own[i], URL_OWN);
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
		url_is(foreign[i], URL_FOREIGN);
	url_is("javascript:x", URL_CODE);
	url_is("\x01 java\nscript:x", URL_CODE);
	url_is("VBScript:x", URL_CODE);
	url_is("data:text/html,x", URL_DATA);
	url_is("mailto:a@b", URL_NONE);
	url_is("tel:1", URL_NONE);
}

/* ---- pages ---- */

/* "foreign a href", "code script ", or "" if nothing is found. */
static void
finds(struct page_rule rule, const char *page, const char *expected)
{
	const struct site site = {.own = {"own.example"}};
	struct page_finding f;
	char said[100] = "";

	if (!page_holds(&rule, &site, page, strlen(page), &f))
		snprintf(said, sizeof said, "%s %s %s", f.what, f.tag, f.attr);
	if (strcmp(said, expected) != 0)
		fail_msg("%s\n  gave \"%s\", expected \"%s\"", page, said, expected);
}

static void
test_foreign(void **state)
{
	const struct page_rule all = {.foreign = ~0u}, links = {.foreign = PAGE_LINKS};
	(void)state;

	finds(all, "<a href='//own.example/x'><link rel=canonical href=/>", "");
	finds(all, "<link rel=canonical href=//x>", "foreign link href");
	finds(links, "<link rel='alternate' href=//x>", "foreign link href");
	finds(links, "<link rel='shortcut icon' href=//x>", "");
	finds(links, "<img src=//x><script src=//x></script>", "");
	finds(links, "<base href=//x><a href=y>", "foreign a href");
	finds(links, "<a href=y><base href='http://x/'>", "foreign a href");
	finds(links, "<base href=z/><base href=//x><a href=y>", "");
	finds(all, "<svg><a xlink:href='//x'>", "foreign a xlink:href");
	finds(all, "<svg><image href=//x>", "foreign image href");
	finds(all, "<source srcset=' , a 1x,//x'>", "foreign source srcset");
	finds(all, "<img srcset='data:image/png;base64,AA== 1x, b 2x'>", "");
	finds(all, "<img srcset='a, b,//x'>", ""); /* a comma within: one URL */
	finds(all, "<meta http-equiv=refresh content=5>", "");
	finds(all, "<meta http-equiv=refresh content='5;URL = \"//x\"'>", "foreign meta content");
	finds(all, "<meta http-equiv=refresh content='5, //x'>", "foreign meta content");
	finds(all, "<meta name=x content='0;url=//x'>", "");
	finds(all, "<p style='background: URL(//x)'>", "foreign p style");
	finds(all, "<style>@IMPORT url( \"//x\" )</style>", "foreign style ");
	finds(all, "<style>a{background:url(/x)} @import 'y';</style>", "");
	finds(all, "<td background=//x>", "foreign td background");
	finds(
	    all, "<iframe srcdoc='&lt;iframe srcdoc=\"&amp;lt;a href=//x>\">'>", "foreign a href");
	finds(all, "<iframe srcdoc='&lt;p>'>", "");
	finds(all, "<a href=data:text/html,x><img src=data:x>", "");
	finds(all, "<object data='data:x'>", "foreign object data");
	finds(all, "<noscript><a href=//x></noscript>", "foreign a href");
}

static void
test_code(void **state)
{
	const struct page_rule scripts = {.code = PAGE_SCRIPTS}, handlers = {.code = PAGE_HANDLERS},
			       urls = {.code = PAGE_URLS};
	(void)state;

	finds(scripts, "<script> \n</script><script src=x>y</script>", "");
	finds(scripts, "<script type='application/json'>{}</script>", "");
	finds(scripts, "<script type=>x</script>", "code script ");
	finds(scripts, "<script type='text/JavaScript'>x</script>", "code script ");
	finds(scripts, "<script type=module>x", "code script ");
	finds(scripts, "<svg><script>x</script></svg>", "code script ");
	finds(scripts, "<a onclick=x>", "");
	finds(handlers, "<script>x</script><a onclick=''>", "");
	finds(handlers, "<a onclick=x>", "code a onclick");
	finds(urls, "<a href='&#106;avascript:x'>", "code a href");
	finds(urls, "<form action=javascript:x>", "code form action");
	finds(urls, "<a href=/javascript:x>", "");
}

static void
test_hidden(void **state)
{
	const struct page_rule rule = {.hidden = PAGE_LINKS | PAGE_FRAMES};
	(void)state;

	finds(rule, "<p style=display:none>x</p><a href=x>", "");
	finds(rule, "<div style=display:none><p>x</div><a href=x>", "");
	finds(rule, "<div style=display:none><a>x</a><a name=y></div>", "");
	finds(rule, "<ul><li hidden>x<li><a href=x></ul>", "");
	finds(rule, "<p hidden>x<div><a href=x></div>", "");
	finds(rule, "<ul><li hidden><ul><li><a href=x></ul></ul>", "hidden a href");
	finds(rule, "<div style='display:none'><br><a href=x>", "hidden a href");
	finds(rule, "<div style='color:red;DISPLAY:\tNone !important'><a href=x>", "hidden a href");
	finds(rule, "<a style='display&colon;none' href=x>", "hidden a href");
	finds(rule, "<a style='xdisplay:none;opacity:0.5' href=x>", "");
	finds(rule, "<a style='display:none;display:block' href=x>", "");
	finds(rule, "<a style='opacity:0.0' href=x>", "hidden a href");
	finds(rule, "<a style='text-indent:-1000em' href=x>", "hidden a href");
	finds(rule, "<a style='margin-left:-10px;left:-999px' href=x>", "");
	finds(rule, "<a style='position:fixed;top:-999px' href=x>", "hidden a href");
	finds(rule, "<iframe height=1 src=x>", "hidden iframe src");
	finds(rule, "<iframe height='100%' width=1% src=x>", "");
	finds(rule, "<marquee width=10><area href=x>", "hidden area href");
	finds(rule, "<div hidden><iframe src=x></iframe></div>", "hidden iframe src");
	finds(rule, "<html><body><div hidden></span></p></body></html><a href=x>", "hidden a href");
	finds(rule, "<iframe hidden srcdoc='<a href=x>'>", "hidden iframe src");
	finds((struct page_rule){.hidden = PAGE_LINKS}, "<iframe hidden srcdoc='<a href=x>'>",
	    "hidden a href");
}

/* What is deeper than the stack hides nothing, and closing it all brings back what was there. */
static void
test_depth(void **state)
{
	const struct page_rule rule = {.hidden = PAGE_LINKS};
	struct buf page;
	(void)state;

	buf_init(&page, MIB);
	for (int i = 0; i < 5000; i++)
		buf_puts(&page, "<b>");
	buf_puts(&page, "<i hidden></i>");
	for (int i = 0; i < 5000; i++)
		buf_puts(&page, "</b>");
	buf_puts(&page, "<a href=x></a>");
	finds(rule, page.data, "");
	buf_puts(&page, "<i hidden><a href=x>");
	finds(rule, page.data, "hidden a href");
	buf_free(&page);
}

/* Of the processor. A megabyte of the worst takes less than a tenth of it; what grows with its square, minutes. */
#define COST_MAX_MS (UNDER_ASAN ? 20000 : 2000)

/* A megabyte of the worst, against all rules at once, is a matter of milliseconds. */
static void
test_cost(void **state)
{
	static const char *const pieces[] = {"<", "<a href=x>", "<a b=\"", "<!--", "<!-- -",
	    "<i></b>", "<b><i><u></b>", "<script>", "<style>url(", "url(", "<iframe srcdoc=\"&lt;",
	    "&amp;", "<b style=display:x>", "<a href='//own.example/' href=x onx='' ony=''>", "</",
	    "<![CDATA[", "<img srcset=', , ,x'>"};
	const struct page_rule rule = {.foreign = ~0u, .code = PAGE_URLS, .hidden = PAGE_FRAMES};
	const struct site site = {.own = {"own.example"}};
	struct page_finding f;
	struct buf page;
	(void)state;

	buf_init(&page, 2 * MIB);
	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		clock_t start =
		    clock(); /* of the processor: what else the machine does counts not */
		int ms;

		buf_reset(&page);
		while (page.len < MIB)
			buf_puts(&page, pieces[i]);
		(void)page_holds(&rule, &site, page.data, page.len, &f);
		if ((ms = (int)((clock() - start) * 1000 / CLOCKS_PER_SEC)) > COST_MAX_MS)
			fail_msg("\"%s\": %d ms", pieces[i], ms);
	}
	buf_free(&page);
}

/* ---- fields ---- */

static bool
add_value(void *ctx, const char *value, size_t len)
{
	buf_put(ctx, value, len);
	buf_puts(ctx, ";");
	return true;
}

static void
test_fields(void **state)
{
	static const char page[] = "<input name=a value='1&amp;2'><INPUT NAME='a'><button name=a "
				   "value=3><input name=b value=4>"
				   "<textarea name=a>\n<b>&lt;</textarea><textarea "
				   "name=b>x</textarea><input value=5 name='&#97;'>"
				   "<!-- <input name=a value=6> --><input name=a value=0123456789>";
	struct buf out;
	(void)state;

	buf_init(&out, 1000);
	page_fields(page, sizeof page - 1, "a", 8, add_value, &out);
	assert_string_equal(out.data, "1&2;;3;<b><;5;012345678;");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_urls),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_code),
	    cmocka_unit_test(test_hidden),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_cost),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
