/* From bytes to a form: signatures, entries of a zip, the tags that make text a page. */
#include "base/media.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TAR_MAGIC_AT 257
#define ZIP_LOCAL_BYTES 30 /* APPNOTE 4.3.7 */
#define ZIP_NAME_LEN_AT 26
#define BMP_HEADER_AT 14

static const char *const form_names[FORM_COUNT] = {
    [FORM_UNKNOWN] = "of no kind that is known here",
    [FORM_PNG] = "a PNG picture",
    [FORM_JPEG] = "a JPEG picture",
    [FORM_GIF] = "a GIF picture",
    [FORM_WEBP] = "a WebP picture",
    [FORM_BMP] = "a BMP picture",
    [FORM_PDF] = "a PDF document",
    [FORM_TEXT] = "text",
    [FORM_PCAP] = "a packet capture (pcap)",
    [FORM_PCAPNG] = "a packet capture (pcapng)",
    [FORM_ZIP] = "a ZIP archive",
    [FORM_OFFICE] = "an Office document (Open XML)",
    [FORM_DOCX] = "a Word document (docx)",
    [FORM_XLSX] = "an Excel workbook (xlsx)",
    [FORM_PPTX] = "a PowerPoint presentation (pptx)",
    [FORM_OLE] = "an Office document (doc, xls or ppt)",
    [FORM_GZIP] = "a gzip file",
    [FORM_7Z] = "a 7z archive",
    [FORM_TAR] = "a tar archive",
    [FORM_MP4] = "an MP4 video",
    [FORM_EMPTY] = "empty",
    [FORM_HTML] = "an HTML page",
    [FORM_SVG] = "an SVG picture, which may hold scripts",
    [FORM_SCRIPT] = "a script",
    [FORM_ELF] = "a program (ELF)",
    [FORM_EXE] = "a program for Windows",
    [FORM_UTF16] = "text in UTF-16: save it as UTF-8",
};

const char *
media_form_name(enum media_form f)
{
	return (unsigned)f < FORM_COUNT ? form_names[f] : form_names[FORM_UNKNOWN];
}

/* ---- signatures ---- */

struct head {
	const unsigned char *p;
	size_t len;
};

static bool
has(struct head h, size_t at, const char *bytes, size_t len)
{
	return h.len >= at + len && memcmp(h.p + at, bytes, len) == 0;
}

static enum media_form
by_signature(struct head h)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum media_form form;
	} list[] = {
	    {"\x89PNG\r\n\x1a\n", 8, FORM_PNG},
	    {"\xff\xd8\xff", 3, FORM_JPEG},
	    {"GIF87a", 6, FORM_GIF},
	    {"GIF89a", 6, FORM_GIF},
	    {"%PDF-", 5, FORM_PDF},
	    {"\xd4\xc3\xb2\xa1", 4, FORM_PCAP},
	    {"\xa1\xb2\xc3\xd4", 4, FORM_PCAP},
	    {"\x4d\x3c\xb2\xa1", 4, FORM_PCAP}, /* in nanoseconds */
	    {"\xa1\xb2\x3c\x4d", 4, FORM_PCAP},
	    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, FORM_OLE},
	    {"\x1f\x8b\x08", 3, FORM_GZIP},
	    {"7z\xbc\xaf\x27\x1c", 6, FORM_7Z},
	    {"\x7f"
	     "ELF",
		4, FORM_ELF},
	    {"\xff\xfe", 2, FORM_UTF16},
	    {"\xfe\xff", 2, FORM_UTF16},
	};

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (has(h, 0, list[i].bytes, list[i].len))
			return list[i].form;
	return FORM_UNKNOWN;
}

/* Those whose signature lies apart, or needs a second look. */
static enum media_form
by_structure(struct head h)
{
	static const unsigned char bmp_headers[] = {12, 40, 52, 56, 64, 108, 124};

	if (has(h, 0, "RIFF", 4) && has(h, 8, "WEBP", 4))
		return FORM_WEBP;
	if (has(h, 4, "ftyp", 4))
		return FORM_MP4;
	if (has(h, 0, "\x0a\x0d\x0d\x0a", 4) &&
	    (has(h, 8, "\x4d\x3c\x2b\x1a", 4) || has(h, 8, "\x1a\x2b\x3c\x4d", 4)))
		return FORM_PCAPNG;
	if (has(h, TAR_MAGIC_AT, "ustar", 5))
		return FORM_TAR;
	if (has(h, 0, "BM", 2) && has(h, BMP_HEADER_AT + 1, "\0\0\0", 3) &&
	    memchr(bmp_headers, h.p[BMP_HEADER_AT], sizeof bmp_headers) != NULL)
		return FORM_BMP;
	return FORM_UNKNOWN;
}

/* ---- zip ---- */

static bool
name_begins(const unsigned char *name, size_t len, const char *part)
{
	return len >= strlen(part) && memcmp(name, part, strlen(part)) == 0;
}

/* An entry's name, in a local header or in the central directory: which part of Office it belongs to. */
static enum media_form
zip_entry(const unsigned char *name, size_t len)
{
	if (name_begins(name, len, "word/"))
		return FORM_DOCX;
	if (name_begins(name, len, "xl/"))
		return FORM_XLSX;
	if (name_begins(name, len, "ppt/"))
		return FORM_PPTX;
	if (name_begins(name, len, "[Content_Types].xml"))
		return FORM_OFFICE;
	return FORM_ZIP;
}

/*
 * The names of the entries that lie in the head. An entry's length is not always in front of it (APPNOTE
 * 4.4.4, bit 3), so the next one is searched for by its signature. Office needs its list of types, and a part.
 */
static enum media_form
zip_form(struct head h)
{
	enum media_form part = FORM_ZIP, f;
	bool office = false;
	size_t len;

	for (size_t at = 0; at + ZIP_LOCAL_BYTES <= h.len; at++) {
		if (h.p[at] != 'P' || !has(h, at, "PK\3\4", 4))
			continue;
		len = (size_t)h.p[at + ZIP_NAME_LEN_AT] | (size_t)h.p[at + ZIP_NAME_LEN_AT + 1]
							      << 8;
		if (len > h.len - at - ZIP_LOCAL_BYTES)
			len = h.len - at - ZIP_LOCAL_BYTES;
		f = zip_entry(h.p + at + ZIP_LOCAL_BYTES, len);
		office |= f == FORM_OFFICE;
		if (f > FORM_OFFICE && part == FORM_ZIP)
			part = f;
	}
	if (!office)
		return FORM_ZIP;
	return part == FORM_ZIP ? FORM_OFFICE : part;
}

/* ---- text ---- */

/* WHATWG MIME Sniffing 7.1: what makes text a page; a tag's name ends in a space or '>'. */
static bool
is_html(const char *s, size_t len)
{
	static const char *const tags[] = {"<!doctype html", "<html", "<head", "<script", "<iframe",
	    "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b", "<body", "<br", "<p"};

	if (len >= 4 && strncmp(s, "<!--", 4) == 0)
		return true;
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		size_t n = strlen(tags[i]);

		if (len > n && strncasecmp(s, tags[i], n) == 0 &&
		    (isspace((unsigned char)s[n]) || s[n] == '/' || s[n] == '>'))
			return true;
	}
	return false;
}

static bool
has_text(const char *s, size_t len, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= len; i++)
		if (strncasecmp(s + i, part, n) == 0)
			return true;
	return false;
}

static enum media_form
text_form(struct head h)
{
	const char *s = (const char *)h.p;
	size_t len = h.len;

	if (has(h, 0, "\xef\xbb\xbf", 3)) {
		s += 3;
		len -= 3;
	}
	if (len >= 2 && s[0] == '#' && s[1] == '!')
		return FORM_SCRIPT;
	while (len > 0 && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	if (len >= 5 && (strncasecmp(s, "<?php", 5) == 0 || strncmp(s, "<%", 2) == 0))
		return FORM_SCRIPT;
	if (len >= 4 && (strncasecmp(s, "<svg", 4) == 0 ||
			    ((strncasecmp(s, "<?xm", 4) == 0 || strncmp(s, "<!", 2) == 0) &&
				has_text(s, len, "<svg"))))
		return FORM_SVG;
	return is_html(s, len) ? FORM_HTML : FORM_TEXT;
}

enum media_form
media_sniff(const void *head, size_t len, bool whole)
{
	struct head h = {head, len};
	struct textform text = {0};
	enum media_form f;

	if (len == 0)
		return FORM_EMPTY;
	if (has(h, 0, "PK\3\4", 4) || has(h, 0, "PK\5\6", 4))
		return zip_form(h);
	if ((f = by_signature(h)) != FORM_UNKNOWN || (f = by_structure(h)) != FORM_UNKNOWN)
		return f;
	textform_add(&text, head, len);
	if (textform_holds(&text, whole))
		return text_form(h);
	return has(h, 0, "MZ", 2) ? FORM_EXE : FORM_UNKNOWN;
}
