/*
 * Hostile pages: cut into tags to their end, every rule on pages, the fields of forms. Input: the page.
 */
#include "checker/page.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
within(struct html_span span, const char *text, size_t size)
{
	return span.s == NULL || (span.s >= text && span.s + span.len <= text + size);
}

/* Every token moves on, and points into the page. */
static void
cut(const char *text, size_t size)
{
	struct html h;
	size_t before = 0;
	enum html_kind kind;

	html_begin(&h, text, size);
	while ((kind = html_next(&h)) != HTML_END) {
		must(h.at <= size && (h.at > before || kind == HTML_RAW));
		before = h.at;
		for (int a = 0; a < HTML_ATTR_COUNT; a++)
			must(within(h.attr[a], text, size));
		must(kind != HTML_RAW || within(h.text, text, size));
		must(h.foreign >= 0);
	}
	must(html_next(&h) == HTML_END);
}

static bool
take(void *ctx, const char *value, size_t len)
{
	size_t *count = ctx;

	must(len <= 17 && memchr(value, '\0', 0) == NULL);
	return ++*count < 100;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const allow[] = {"cdn.example", "*.edu.example", NULL};
	static const struct page_rule rules[] = {
	    {.foreign = ~0u, .allow = allow}, {.code = ~0u}, {.hidden = ~0u}};
	const struct site site = {.own = {"own.example", ""}};
	struct page_finding f;
	char *text = malloc(size + 1); /* its end is where the sanitizer sees it */
	size_t count = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	cut(text, size);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		must(page_holds(&rules[i], &site, text, size, &f) ||
		     (f.what != NULL && strlen(f.url) <= PAGE_URL_SHOWN_BYTES));
	page_fields(text, size, "a", 16, take, &count);
	(void)site_url(&site, (struct html_span){text, size});
	free(text);
	return 0;
}
