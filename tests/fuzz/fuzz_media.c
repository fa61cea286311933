/*
 * Attachments: what their bytes are and what their names may be. Input: the name up to the first NUL, then
 * the claimed type up to the next, then the bytes.
 */
#include "base/filename.h"
#include "base/json.h"
#include "base/media.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Up to the next NUL; moves on behind it. */
static char *
text(const uint8_t **at, size_t *left)
{
	size_t len = strnlen((const char *)*at, *left), used = len < *left ? len + 1 : len;
	char *s = malloc(len + 1);

	memcpy(s, *at, len);
	s[len] = '\0';
	*at += used;
	*left -= used;
	return s;
}

/* A name that would be right is right; one that is fine is quoted without anything that ends the quotes. */
static void
name_holds(const char *name)
{
	char out[FILENAME_DISPOSITION_BYTES], *right, *end;
	struct why why, again;

	if (filename_check(name, &why) == ERR_OK) {
		must(utf8_valid(name, strlen(name)) && strchr(name, '/') == NULL);
		filename_disposition(name, out);
		must(strlen(out) < sizeof out);
		for (const char *p = out; *p != '\0'; p++)
			must(*p >= ' ' && *p < 0x7f);
		must(strstr(strchr(out, '"') + 1, "\"; filename*=UTF-8''") ==
		     strchr(strchr(out, '"') + 1, '"'));
		return;
	}
	if ((end = strstr(why.text, "\" would be")) == NULL)
		return;
	*end = '\0';
	right = strrchr(why.text, '"');
	must(right != NULL && filename_check(right + 1, &again) == ERR_OK);
}

/* In one piece or in many: the same. */
static enum err
run(const char *name, const char *type, const uint8_t *data, size_t size, size_t piece)
{
	struct media *m = malloc(sizeof *m);
	struct why why;
	enum err e = media_begin(m, name, type, &why);

	for (size_t at = 0; e == ERR_OK && at < size; at += piece)
		e = media_add(m, data + at, piece < size - at ? piece : size - at, &why);
	if (e == ERR_OK)
		e = media_end(m, &why);
	must(e != ERR_OK || media_type(m) != NULL);
	free(m);
	return e;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = text(&data, &size), *type = text(&data, &size);
	uint8_t *bytes = malloc(size + 1); /* its end is where the sanitizer sees it */

	bytes = realloc(bytes, size > 0 ? size : 1);
	memcpy(bytes, data, size);
	name_holds(name);
	must(media_form_name(media_sniff(bytes, size, true)) != NULL);
	must(media_form_name(media_sniff(bytes, size, false)) != NULL);
	must(run(name, type, bytes, size, size > 0 ? size : 1) == run(name, type, bytes, size, 7));
	free(bytes);
	free(name);
	free(type);
	return 0;
}
