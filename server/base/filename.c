#include "base/filename.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One character of valid UTF-8; returns its length. */
static size_t
character(const char *s, uint32_t *out)
{
	const uint8_t *p = (const uint8_t *)s;

	if (p[0] < 0x80) {
		*out = p[0];
		return 1;
	}
	if (p[0] < 0xe0) {
		*out = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
		return 2;
	}
	if (p[0] < 0xf0) {
		*out = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		return 3;
	}
	*out = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	       (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	return 4;
}

/* Not seen, or turning the writing round (Unicode Standard Annex 9): a name could look like another. */
static bool
is_hidden(uint32_t c)
{
	static const uint32_t ranges[][2] = {
	    {0x00, 0x1f},
	    {0x7f, 0x9f},
	    {0xad, 0xad},
	    {0x61c, 0x61c},
	    {0x115f, 0x1160},
	    {0x17b4, 0x17b5},
	    {0x180b, 0x180f},
	    {0x200b, 0x200f},
	    {0x2028, 0x202e},
	    {0x2060, 0x206f},
	    {0x3164, 0x3164},
	    {0xfe00, 0xfe0f},
	    {0xfeff, 0xfeff},
	    {0xffa0, 0xffa0},
	    {0xfff0, 0xfffb},
	    {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

static bool
is_path_part(uint32_t c)
{
	return c == '/' || c == '\\';
}

static bool
is_refused_by_windows(uint32_t c)
{
	return c < 0x80 && strchr("<>:\"|?*", (int)c) != NULL;
}

static bool
is_edge(char c)
{
	return c == '.' || c == ' ';
}

/* CON, PRN, AUX, NUL, COM0-9, LPT0-9, with any extension or none. */
static bool
is_device(const char *name)
{
	static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
	size_t len = strcspn(name, ".");

	while (len > 0 && name[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
		if (len == strlen(devices[i]) && strncasecmp(name, devices[i], len) == 0)
			return true;
	return len == 4 && name[3] >= '0' && name[3] <= '9' &&
	       (strncasecmp(name, "COM", 3) == 0 || strncasecmp(name, "LPT", 3) == 0);
}

/* The base name, without what may not be in it. Of a name that is too long, the end: there the extension is. */
static void
clean(const char *name, char out[FILENAME_MAX_BYTES + 1])
{
	const char *base = name;
	size_t n = 0, len, size = strlen(name);
	uint32_t c;

	for (const char *p = name; *p != '\0'; p++)
		if (is_path_part((unsigned char)*p) && p[1] != '\0')
			base = p + 1;
	if (size - (size_t)(base - name) > FILENAME_MAX_BYTES) {
		base = name + size - FILENAME_MAX_BYTES;
		while ((*base & 0xc0) == 0x80)
			base++;
	}
	for (const char *p = base; *p != '\0'; p += len) {
		len = character(p, &c);
		if (is_hidden(c) || is_path_part(c) || is_refused_by_windows(c) ||
		    (n == 0 && is_edge(*p)))
			continue;
		memcpy(out + n, p, len);
		n += len;
	}
	while (n > 0 && is_edge(out[n - 1]))
		n--;
	out[n] = '\0';
	if (is_device(out))
		out[0] = '\0';
}

static enum err
refuse(const char *name, const char *what, struct why *why)
{
	char right[FILENAME_MAX_BYTES + 1];

	clean(name, right);
	if (right[0] == '\0')
		return why_set(
		    why, ERR_INVALID, "the file's name %s; \"report.pdf\" would be one", what);
	return why_set(why, ERR_INVALID, "the file's name %s; \"%s\" would be right", what, right);
}

/* What is wrong with one of its characters, or NULL. */
static const char *
character_fault(const char *name)
{
	uint32_t c;

	for (const char *p = name; *p != '\0';) {
		p += character(p, &c);
		if (is_path_part(c))
			return "is a path: give its last part alone";
		if (is_hidden(c))
			return "has a character that is not seen or turns the writing round";
		if (is_refused_by_windows(c))
			return "has a character that not every system takes (< > : \" | ? *)";
	}
	return NULL;
}

enum err
filename_check(const char *name, struct why *why)
{
	size_t len = strlen(name);
	const char *fault;

	if (len == 0)
		return why_set(
		    why, ERR_INVALID, "the file has no name; \"report.pdf\" would be one");
	if (!utf8_valid(name, len))
		return why_set(why, ERR_INVALID, "the file's name is not UTF-8");
	if ((fault = character_fault(name)) != NULL)
		return refuse(name, fault, why);
	if (len > FILENAME_MAX_BYTES)
		return refuse(name, "is longer than 200 bytes", why);
	if (is_edge(name[0]) || is_edge(name[len - 1]))
		return refuse(name, "begins or ends with a dot or a space", why);
	if (is_device(name))
		return refuse(name, "is a device of Windows", why);
	return ERR_OK;
}

const char *
filename_extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? dot + 1 : "";
}

void
filename_disposition(const char *name, char out[FILENAME_DISPOSITION_BYTES])
{
	static const char attr[] =
	    "!#$&+-.^_`|~"; /* RFC 8187 attr-char, beside letters and digits */
	char *to = out + sprintf(out, "attachment; filename=\"");

	for (const char *p = name; *p != '\0'; p++)
		if ((*p & 0xc0) != 0x80) /* one for a character */
			*to++ = *p >= ' ' && *p < 0x7f && strchr("\"\\%", *p) == NULL ? *p : '_';
	to += sprintf(to, "\"; filename*=UTF-8''");
	for (const char *p = name; *p != '\0'; p++) {
		bool plain = (*p >= '0' && *p <= '9') ||
			     ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') || strchr(attr, *p) != NULL;

		to += plain ? sprintf(to, "%c", *p) : sprintf(to, "%%%02X", (unsigned char)*p);
	}
}
