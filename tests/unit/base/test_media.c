/* What an attachment is, and that it is what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/media.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	const char *p;
	size_t len;
};

#define B(text)                                                                                    \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* A local header of a zip: flags say that the sizes come later, as writers of streams do. */
#define ENTRY(len, name)                                                                           \
	"PK\3\4\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" len "\0\0\0" name
#define TYPES ENTRY("\x13", "[Content_Types].xml")
#define BMP "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0"

static const struct {
	struct bytes bytes;
	enum media_form form;
} samples[] = {
    {B("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), FORM_PNG},
    {B("\xff\xd8\xff\xe0\0\x10JFIF"), FORM_JPEG},
    {B("GIF89a\1\0\1\0"), FORM_GIF},
    {B("RIFF\x24\0\0\0WEBPVP8 "), FORM_WEBP},
    {B("RIFF\x24\0\0\0WAVEfmt \0"), FORM_UNKNOWN},
    {B(BMP), FORM_BMP},
    {B("BMW is not a picture"), FORM_TEXT},
    {B("%PDF-1.7\n%\xe2\xe3"), FORM_PDF},
    {B("hello"), FORM_TEXT},
    {B("\xe5\x88\x9d\xe6\x8a\xa5"), FORM_TEXT},              /* in UTF-8 */
    {B("\xb3\xf5\xb1\xa8,\x81\x30\x89\x30\r\n"), FORM_TEXT}, /* in GB18030, with four bytes */
    {B("\xef\xbb\xbf{\"a\":1}"), FORM_TEXT},
    {B("<34>Oct 11 22:14:15 host su: failed"), FORM_TEXT},
    {B("GET /?q=<script>alert(1)</script> HTTP/1.1"), FORM_TEXT}, /* evidence, not a page */
    {B("<?xml version=\"1.0\"?><nmaprun/>"), FORM_TEXT},
    {B("\xd4\xc3\xb2\xa1\2\0\4\0"), FORM_PCAP},
    {B("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a"), FORM_PCAPNG},
    {B(ENTRY("\5", "a.txt")), FORM_ZIP},
    {B("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), FORM_ZIP},
    {B(TYPES "data" ENTRY("\x0b", "_rels/.rels") "x" ENTRY("\x11", "word/document.xml")),
	FORM_DOCX},
    {B(ENTRY("\x0f", "xl/workbook.xml") "x" TYPES), FORM_XLSX},
    {B(TYPES ENTRY("\x14", "ppt/presentation.xml")), FORM_PPTX},
    {B(TYPES "and no part in sight"), FORM_OFFICE},
    {B(ENTRY("\x11", "word/document.xml") "but no list of types"), FORM_ZIP},
    {B(ENTRY("\xff", "name cut o")), FORM_ZIP},
    {B("PK\3\4"), FORM_ZIP},
    {B("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"), FORM_OLE},
    {B("\x1f\x8b\x08\0"), FORM_GZIP},
    {B("7z\xbc\xaf\x27\x1c\0\4"), FORM_7Z},
    {B("\0\0\0\x20"
       "ftypisom"),
	FORM_MP4},
    {B(""), FORM_EMPTY},
    {B("<!DOCTYPE html><p>"), FORM_HTML},
    {B("\xef\xbb\xbf \r\n\t<HTML lang=zh>"), FORM_HTML},
    {B("<!-- a -->"), FORM_HTML},
    {B("<script>alert(1)</script>"), FORM_HTML},
    {B("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x\"/>"), FORM_SVG},
    {B("<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<SVG>"), FORM_SVG},
    {B("#!/bin/sh\nrm"), FORM_SCRIPT},
    {B("\xef\xbb\xbf#!/bin/sh\n"), FORM_SCRIPT},
    {B("\n<?php system($_GET[0]);"), FORM_SCRIPT},
    {B("<%@ page import=\"java.io\" %>"), FORM_SCRIPT},
    {B("\x7f"
       "ELF\2\1\1\0"),
	FORM_ELF},
    {B("MZ\x90\0\3\0\0\0"), FORM_EXE},
    {B("\xff\xfeh\0i\0"), FORM_UTF16},
    {B("a\0b"), FORM_UNKNOWN},
    {B("\xff"), FORM_UNKNOWN},
    {B("cut in a character \xe5"), FORM_UNKNOWN},
};

static void
bytes_are_told_by_what_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct bytes b = samples[i].bytes;
		char *exact = mem_resize(NULL, b.len + 1, 1); /* where a sanitizer sees its end */
		enum media_form f;

		exact = mem_resize(exact, b.len > 0 ? b.len : 1, 1);
		memcpy(exact, b.p, b.len);
		f = media_sniff(exact, b.len, true);
		if (f != samples[i].form)
			fail_msg("sample %zu is %s", i, media_form_name(f));
		free(exact);
	}
}

static void
a_tar_is_told_by_its_header(void **state)
{
	char tar[512] = "notes.txt";

	(void)state;
	memcpy(tar + 257, "ustar", 5);
	assert_int_equal(media_sniff(tar, sizeof tar, true), FORM_TAR);
	assert_int_equal(media_sniff(tar, 261, true), FORM_UNKNOWN);
}

/* ---- claims ---- */

static enum err
check(const char *name, const char *type, struct bytes b, size_t piece, struct why *why)
{
	static struct media m;
	enum err e = media_begin(&m, name, type, why);

	for (size_t at = 0; e == ERR_OK && at < b.len; at += piece)
		e = media_add(&m, b.p + at, piece < b.len - at ? piece : b.len - at, why);
	return e != ERR_OK ? e : media_end(&m, why);
}

static void
what_agrees_is_taken(void **state)
{
	static const struct {
		const char *name, *type;
		struct bytes bytes;
	} list[] = {
	    {"a.png", "image/png", B("\x89PNG\r\n\x1a\n")},
	    {"a.PNG", "IMAGE/PNG; x=1", B("\x89PNG\r\n\x1a\n")},
	    {"a.jpeg", "", B("\xff\xd8\xff\xe0")},
	    {"a.log", "application/octet-stream", B("line\n")},
	    {"a.csv", "application/vnd.ms-excel", B("\xb3\xf5\xb1\xa8,1\n")},
	    {"a.json", "application/json; charset=utf-8", B("{}")},
	    {"a.pcap", "", B("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a")},
	    {"a.zip", "application/x-zip-compressed", B(ENTRY("\5", "a.txt"))},
	    {"a.zip", "application/zip", B(TYPES ENTRY("\x11", "word/document.xml"))},
	    {"a.docx", "", B(TYPES ENTRY("\x11", "word/document.xml"))},
	    {"a.docx", "", B(TYPES)},
	    {"a.xls", "application/vnd.ms-excel", B("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
	    {"a.tar.gz", "application/gzip", B("\x1f\x8b\x08")},
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		for (size_t piece = 1; piece < 100; piece += 98)
			if (check(list[i].name, list[i].type, list[i].bytes, piece, &why) != ERR_OK)
				fail_msg("%s: %s", list[i].name, why.text);
}

static void
lies_are_refused_with_both_sides(void **state)
{
	static const struct {
		const char *name, *type;
		struct bytes bytes;
		const char *said, *found;
	} list[] = {
	    {"a.png", "image/png", B("<script>x</script>"), "\".png\"", "is an HTML page"},
	    {"a.png", "text/plain", B(""), "Content-Type says text/plain", "image/png"},
	    {"a.txt", "text/html; charset=utf-8", B(""), "Content-Type says text/html;",
		"text/plain"},
	    {"a.pdf", "",
		B("\x7f"
		  "ELF"),
		"\".pdf\"", "is a program (ELF)"},
	    {"a.txt", "", B("MZ\x90\0"), "\".txt\"", "is a program for Windows"},
	    {"a.jpg", "", B("\x89PNG\r\n\x1a\n"), "\".jpg\"", "is a PNG picture"},
	    {"a.docx", "", B(ENTRY("\5", "a.txt")), "\".docx\"", "is a ZIP archive"},
	    {"a.docx", "", B(TYPES ENTRY("\x0f", "xl/workbook.xml")), "\".docx\"", "(xlsx)"},
	    {"a.txt", "", B("a\0b"), "\".txt\"", "not text in UTF-8 or GB18030"},
	    {"a.csv", "",
		B("\xff\xfe"
		  "a\0"),
		"\".csv\"", "UTF-16: save it as UTF-8"},
	    {"a.json", "", B("<svg/>"), "\".json\"", "is an SVG picture"},
	    {"a.log", "", B("#!/bin/sh"), "\".log\"", "is a script"},
	    {"a.png", "", B("\1\2\3\0"), "\".png\"", "of no kind that is known"},
	    {"a.png", "", B(""), "file is empty", ""},
	    {"a.exe", "", B("MZ"), "\".exe\" are not taken", "these are: png"},
	    {"a.html", "text/html", B(""), "\".html\" are not taken", "zip"},
	    {"a.svg", "image/svg+xml", B(""), "\".svg\" are not taken", ""},
	    {"noextension", "", B(""), "\".\" are not taken", ""},
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		assert_int_equal(
		    check(list[i].name, list[i].type, list[i].bytes, 1, &why), ERR_INVALID);
		if (strstr(why.text, list[i].said) == NULL ||
		    strstr(why.text, list[i].found) == NULL)
			fail_msg("%zu: %s", i, why.text);
	}
}

/* Beyond what is looked at as a whole, text must still be text, and a character may lie on a seam. */
static void
text_is_text_to_its_end(void **state)
{
	size_t len = 3 * (MEDIA_HEAD_BYTES / 3 + 1000);
	char *text = mem_resize(NULL, len, 1);
	struct why why;

	(void)state;
	for (size_t i = 0; i < len; i += 3)
		memcpy(text + i, "\xe6\x8a\xa5", 3);
	for (size_t piece = 1; piece < 70000; piece = piece * 7 + 1)
		assert_int_equal(
		    check("a.txt", "", (struct bytes){text, len}, piece, &why), ERR_OK);
	assert_int_equal(
	    check("a.txt", "", (struct bytes){text, len - 2}, 4096, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "not text"));
	text[len - 100] = '\0';
	assert_int_equal(check("a.txt", "", (struct bytes){text, len}, 4096, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "not text"));
	free(text);
}

static void
a_lie_is_found_before_the_end(void **state)
{
	static char zeros[MEDIA_HEAD_BYTES];
	static struct media m;
	struct why why;

	(void)state;
	assert_int_equal(media_begin(&m, "a.mp4", "", &why), ERR_OK);
	assert_int_equal(media_add(&m, zeros, sizeof zeros - 1, &why), ERR_OK);
	assert_int_equal(media_add(&m, zeros, 1, &why), ERR_INVALID);
}

static void
the_type_kept_is_ours(void **state)
{
	static struct media m;
	struct why why;

	(void)state;
	assert_int_equal(media_begin(&m, "a.csv", "application/vnd.ms-excel", &why), ERR_OK);
	assert_string_equal(media_type(&m), "text/csv");
	assert_int_equal(media_begin(&m, "a.PCAPNG", "application/octet-stream", &why), ERR_OK);
	assert_string_equal(media_type(&m), "application/x-pcapng");
}

/* ---- text ---- */

static bool
is_text(const char *s, size_t len)
{
	struct textform t = {0};

	textform_add(&t, s, len);
	return textform_holds(&t, true);
}

static void
text_is_one_of_two_encodings_throughout(void **state)
{
	(void)state;
	assert_true(is_text("", 0));
	assert_true(is_text("\xf0\x9f\x98\x80", 4));
	assert_true(is_text("\x90\x30\x81\x30", 4));
	assert_true(is_text("\xc4\xe3", 2));
	assert_false(is_text("\xc4\xe3\xff", 3));
	assert_false(is_text("\xc4", 1));
	assert_false(is_text("\x80", 1));
	assert_false(is_text("\x85\x30\x81\x30", 4)); /* not assigned */
	assert_false(is_text("\xe4\x30\x81\x30", 4));
	assert_false(is_text("\x81\x30\x80\x30", 4));
	assert_false(is_text("\x81\x30\x81\x3a", 4));
	assert_false(is_text("\x81\x7f", 2));
	assert_false(is_text("a\0", 2));
	assert_true(is_text("\xed\x9f\xbf", 3));
	assert_false(
	    is_text("\xf4\x90\x80\x80", 4)); /* beyond U+10FFFF; GB18030 knows no 80 in front */
}

/* Runs of ASCII are passed over by eight: what is among them is seen wherever it lies. */
static void
one_byte_among_ascii_is_seen(void **state)
{
	char text[27];

	(void)state;
	for (size_t at = 0; at < sizeof text; at++) {
		memset(text, 'a', sizeof text);
		text[at] = '\0';
		assert_false(is_text(text, sizeof text));
		text[at] = '\xff';
		assert_false(is_text(text, sizeof text));
		if (at + 2 < sizeof text) {
			memcpy(text + at, "\xe6\x8a\xa5", 3);
			assert_true(is_text(text, sizeof text));
			text[at + 1] = '\0';
			assert_false(is_text(text, sizeof text));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_told_by_what_they_are),
	    cmocka_unit_test(a_tar_is_told_by_its_header),
	    cmocka_unit_test(what_agrees_is_taken),
	    cmocka_unit_test(lies_are_refused_with_both_sides),
	    cmocka_unit_test(text_is_text_to_its_end),
	    cmocka_unit_test(a_lie_is_found_before_the_end),
	    cmocka_unit_test(the_type_kept_is_ours),
	    cmocka_unit_test(text_is_one_of_two_encodings_throughout),
	    cmocka_unit_test(one_byte_among_ascii_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
