#include "base/media.h"
#include "base/filename.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define F(form) (1u << FORM_##form)
#define ANY_OFFICE (F(OFFICE) | F(DOCX) | F(XLSX) | F(PPTX))
#define TYPE_SHOWN_BYTES 60

struct media_kind {
	const char *extension;
	uint32_t forms; /* what its bytes may be */
	const char *type;
	const char *also[3]; /* other names that senders have for it */
};

#define WORD "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define EXCEL "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define POWERPOINT "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#define PCAP "application/vnd.tcpdump.pcap"
#define ZIPPED                                                                                     \
	{                                                                                          \
		"application/x-zip-compressed", "application/x-zip"                                \
	}

/* tshark writes pcapng whatever the name; browsers on Windows call a CSV Excel's. */
static const struct media_kind kinds[] = {
    {"png", F(PNG), "image/png", {NULL}},
    {"jpg", F(JPEG), "image/jpeg", {"image/pjpeg"}},
    {"jpeg", F(JPEG), "image/jpeg", {"image/pjpeg"}},
    {"gif", F(GIF), "image/gif", {NULL}},
    {"webp", F(WEBP), "image/webp", {NULL}},
    {"bmp", F(BMP), "image/bmp", {"image/x-ms-bmp"}},
    {"pdf", F(PDF), "application/pdf", {"application/x-pdf"}},
    {"txt", F(TEXT), "text/plain", {NULL}},
    {"log", F(TEXT), "text/plain", {"text/x-log"}},
    {"csv", F(TEXT), "text/csv", {"text/plain", "application/vnd.ms-excel"}},
    {"json", F(TEXT), "application/json", {"text/plain", "text/json"}},
    {"pcap", F(PCAP) | F(PCAPNG), PCAP, {"application/x-pcap", "application/x-pcapng"}},
    {"cap", F(PCAP) | F(PCAPNG), PCAP, {"application/x-pcap", "application/x-pcapng"}},
    {"pcapng", F(PCAPNG), "application/x-pcapng", {PCAP, "application/x-pcap"}},
    {"zip", F(ZIP) | ANY_OFFICE, "application/zip", ZIPPED},
    {"docx", F(DOCX) | F(OFFICE), WORD, ZIPPED},
    {"xlsx", F(XLSX) | F(OFFICE), EXCEL, ZIPPED},
    {"pptx", F(PPTX) | F(OFFICE), POWERPOINT, ZIPPED},
    {"doc", F(OLE), "application/msword", {NULL}},
    {"xls", F(OLE), "application/vnd.ms-excel", {NULL}},
    {"ppt", F(OLE), "application/vnd.ms-powerpoint", {NULL}},
    {"gz", F(GZIP), "application/gzip", {"application/x-gzip"}},
    {"tgz", F(GZIP), "application/gzip", {"application/x-gzip", "application/x-compressed"}},
    {"7z", F(7Z), "application/x-7z-compressed", {NULL}},
    {"tar", F(TAR), "application/x-tar", {NULL}},
    {"mp4", F(MP4), "video/mp4", {"application/mp4"}},
};

#define LIST                                                                                       \
	"png jpg jpeg gif webp bmp pdf txt log csv json pcap pcapng cap zip docx xlsx pptx doc "   \
	"xls ppt gz tgz 7z tar mp4"

static const struct media_kind *
kind_find(const char *extension)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcasecmp(kinds[i].extension, extension) == 0)
			return &kinds[i];
	return NULL;
}

static bool
is_type(const char *claimed, size_t len, const char *type)
{
	return type != NULL && strlen(type) == len && strncasecmp(claimed, type, len) == 0;
}

/* Without parameters; what claims nothing fits everything. */
static bool
type_fits(const struct media_kind *k, const char *claimed, size_t len)
{
	if (len == 0 || is_type(claimed, len, "application/octet-stream") ||
	    is_type(claimed, len, k->type))
		return true;
	for (size_t i = 0; i < sizeof k->also / sizeof k->also[0]; i++)
		if (is_type(claimed, len, k->also[i]))
			return true;
	return false;
}

enum err
media_begin(struct media *m, const char *name, const char *type, struct why *why)
{
	const char *extension = filename_extension(name);
	size_t len = strcspn(type, "; \t");

	m->head_len = 0;
	m->sniffed = false;
	m->text = (struct textform){0};
	if ((m->kind = kind_find(extension)) == NULL)
		return why_set(why, ERR_INVALID,
		    "files ending in \".%.20s\" are not taken; these are: " LIST, extension);
	if (type_fits(m->kind, type, len))
		return ERR_OK;
	return why_set(why, ERR_INVALID,
	    "the name ends in \".%s\", which is %s, and Content-Type says %.*s; send %s, or none",
	    m->kind->extension, m->kind->type,
	    (int)(len < TYPE_SHOWN_BYTES ? len : TYPE_SHOWN_BYTES), type, m->kind->type);
}

static bool
is_text(const struct media *m)
{
	return m->kind->forms == F(TEXT);
}

static enum err
not_text(const struct media *m, struct why *why)
{
	return why_set(why, ERR_INVALID,
	    "the name ends in \".%s\", but the file is not text in UTF-8 or GB18030",
	    m->kind->extension);
}

static enum err
sniff(struct media *m, bool whole, struct why *why)
{
	enum media_form f = media_sniff(m->head, m->head_len, whole);

	m->sniffed = true;
	if (m->kind->forms & 1u << f)
		return ERR_OK;
	if (f == FORM_EMPTY)
		return why_set(why, ERR_INVALID, "the file is empty");
	if (f == FORM_UNKNOWN && is_text(m))
		return not_text(m, why);
	return why_set(why, ERR_INVALID, "the name ends in \".%s\", but the file is %s",
	    m->kind->extension, media_form_name(f));
}

enum err
media_add(struct media *m, const void *data, size_t len, struct why *why)
{
	size_t room = sizeof m->head - m->head_len, n = len < room ? len : room;
	enum err e;

	if (n > 0)
		memcpy(m->head + m->head_len, data, n);
	m->head_len += n;
	if (!m->sniffed && m->head_len == sizeof m->head && (e = sniff(m, false, why)) != ERR_OK)
		return e;
	if (!is_text(m))
		return ERR_OK;
	textform_add(&m->text, data, len);
	return textform_holds(&m->text, false) || !m->sniffed ? ERR_OK : not_text(m, why);
}

enum err
media_end(struct media *m, struct why *why)
{
	enum err e;

	if (!m->sniffed && (e = sniff(m, true, why)) != ERR_OK)
		return e;
	return !is_text(m) || textform_holds(&m->text, true) ? ERR_OK : not_text(m, why);
}

const char *
media_type(const struct media *m)
{
	return m->kind->type;
}
