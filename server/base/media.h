/*
 * What an attachment is: told from its bytes, and held against what its name and its sender say. Only kinds
 * on a list are taken; whatever a browser or a system might run (HTML, SVG, scripts, programs) is not among
 * them. Nothing is ever unpacked, so an archive costs what its own bytes cost, whatever is in it.
 *
 * Pure; a struct belongs to one thread at a time. The bytes' forms follow the WHATWG MIME Sniffing standard,
 * APPNOTE.TXT (ZIP), POSIX ustar, and each format's own signature.
 */
#ifndef DRILLD_BASE_MEDIA_H
#define DRILLD_BASE_MEDIA_H

#include "base/err.h"
#include "base/textform.h"
#include <stdbool.h>
#include <stddef.h>

#define MEDIA_HEAD_BYTES (16 * 1024) /* looked at as a whole */

/* What bytes can be told to be. */
enum media_form {
	FORM_UNKNOWN,
	FORM_PNG,
	FORM_JPEG,
	FORM_GIF,
	FORM_WEBP,
	FORM_BMP,
	FORM_PDF,
	FORM_TEXT,
	FORM_PCAP,
	FORM_PCAPNG,
	FORM_ZIP,
	FORM_OFFICE, /* Office Open XML, of no kind that can be told from its first bytes */
	FORM_DOCX,
	FORM_XLSX,
	FORM_PPTX,
	FORM_OLE, /* doc, xls, ppt: they begin alike */
	FORM_GZIP,
	FORM_7Z,
	FORM_TAR,
	FORM_MP4,
	/* never taken */
	FORM_EMPTY,
	FORM_HTML,
	FORM_SVG,
	FORM_SCRIPT,
	FORM_ELF,
	FORM_EXE,
	FORM_UTF16,
	FORM_COUNT
};

/* From the first bytes; whole: they are all there is. Text only as far as they go. */
enum media_form media_sniff(const void *head, size_t len, bool whole);
const char *media_form_name(enum media_form f); /* "a PNG picture", for a sentence */

/* A check under way. */
struct media {
	const struct media_kind *kind; /* by the name's extension */
	unsigned char head[MEDIA_HEAD_BYTES];
	size_t head_len;
	bool sniffed;
	struct textform text;
};

/*
 * Before the bytes: the name (filename_check has let it pass) must end in an extension of the list, and the
 * media type that was sent with it (may be "" or application/octet-stream: nothing is claimed; parameters are
 * ignored) must be that extension's. ERR_INVALID with both.
 */
enum err media_begin(
    struct media *m, const char *name, const char *type, struct why *why) MUST_CHECK;

/* The bytes in order. ERR_INVALID as soon as they are not what the name says: with what they are. */
enum err media_add(struct media *m, const void *data, size_t len, struct why *why) MUST_CHECK;
enum err media_end(struct media *m, struct why *why) MUST_CHECK;

/* The media type to keep and to send it with: static. */
const char *media_type(const struct media *m);

#endif
