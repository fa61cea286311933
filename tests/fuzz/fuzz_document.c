/*
 * document_check and document_patch with the table of incident reports over hostile text. Input: a draft, and after the
 * first NUL a change of it. What is taken is its own canonical form; what readers are shown is taken again and comes to
 * the same; a document does not differ from itself, and a change gives a document that holds.
 */
#include "core/report_document.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static struct json_t *
parse(const struct buf *text)
{
	struct json_t *j = NULL;
	struct why why;

	must(jr_parse(text->data, text->len, &j, &why) == ERR_OK);
	return j;
}

static void
must_come_to(const struct json_t *j, unsigned how, const struct buf *text)
{
	struct buf again;
	struct why why;

	buf_init(&again, REPORT_TEXT_MAX_BYTES);
	must(document_check(report_fields, j, how, &again, &why) == ERR_OK);
	must(again.len == text->len && memcmp(again.data, text->data, text->len) == 0);
	buf_free(&again);
}

static void
check_shown(const struct json_t *stored, const struct buf *text)
{
	static const struct document_view views[] = {{true, 480}, {false, -210}};
	struct json_writer w;
	struct json_t *shown;
	struct buf out;

	for (size_t i = 0; i < 2; i++) {
		buf_init(&out, 16 * REPORT_TEXT_MAX_BYTES);
		jw_begin(&w, &out);
		document_write(report_fields, stored, &views[i], &w);
		shown = parse(&out);
		if (views[i].personal)
			must_come_to(shown, DOCUMENT_DRAFT, text);
		jr_free(shown);
		buf_free(&out);
	}
}

/* The differences as JSON; of a document to itself none. */
static void
check_difference(const struct json_t *before, const struct json_t *after, bool same)
{
	const struct document_view view = {true, 0};
	struct json_writer w;
	struct json_t *list;
	struct buf out;

	buf_init(&out, 64 * REPORT_TEXT_MAX_BYTES);
	jw_begin(&w, &out);
	document_diff(report_fields, before, after, &view, &w);
	list = parse(&out);
	must((jr_count(list) == 0) == same);
	jr_free(list);
	buf_free(&out);
}

static void
check_change(const struct json_t *before, const struct buf *draft, const struct json_t *change)
{
	struct json_t *after;
	struct buf out;
	struct why why = {""};

	buf_init(&out, REPORT_TEXT_MAX_BYTES);
	if (document_patch(report_fields, draft->data, change, &out, &why) == ERR_OK) {
		after = parse(&out);
		must_come_to(after, DOCUMENT_DRAFT | DOCUMENT_STORED, &out);
		check_difference(before, after, jr_equal(before, after));
		jr_free(after);
	} else {
		must(why.text[0] != '\0');
	}
	buf_free(&out);
}

static void
check_draft(const struct json_t *j, const char *change, size_t change_len)
{
	struct json_t *stored, *c = NULL;
	struct why why = {""};
	struct buf text;

	buf_init(&text, REPORT_TEXT_MAX_BYTES);
	if (document_check(report_fields, j, DOCUMENT_DRAFT, &text, &why) == ERR_OK) {
		stored = parse(&text);
		must_come_to(stored, DOCUMENT_DRAFT | DOCUMENT_STORED, &text);
		check_shown(stored, &text);
		check_difference(stored, stored, true);
		if (jr_parse(change, change_len, &c, &why) == ERR_OK)
			check_change(stored, &text, c);
		jr_free(stored);
		jr_free(c);
	} else {
		must(why.text[0] != '\0');
	}
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = memchr(text, '\0', size);
	size_t len = end != NULL ? (size_t)(end - text) : size;
	struct json_t *j = NULL;
	struct why why;

	if (jr_parse(text, len, &j, &why) == ERR_OK)
		check_draft(j, end != NULL ? end + 1 : "", end != NULL ? size - len - 1 : 0);
	jr_free(j);
	return 0;
}
