/*
 * What a step sends as it is, a text with templates or bytes, alone or as the parts of a form with files.
 * The checker's one thread.
 */
#ifndef DRILLD_CHECKER_PAYLOAD_H
#define DRILLD_CHECKER_PAYLOAD_H

#include "checker/program_read.h"
#include <curl/curl.h>

#define PAYLOAD_MAX_BYTES (1024 * 1024)

/* "content" (a template) or "hex" of the object. */
enum err payload_read(struct reading *r, const struct json_t *o, struct payload *out) MUST_CHECK;

/* The list under key: objects of "name", "filename", "type" (all optional here) and a payload. */
enum err payload_read_parts(struct reading *r, const struct json_t *o, const char *key,
    struct part **out, size_t *count) MUST_CHECK;

/* Appends it. Errors as template_render's. */
enum err payload_render(
    const struct payload *p, const struct vars *vars, struct buf *out, struct why *why) MUST_CHECK;

/*
 * Appends the parts to *out, which is made if it is NULL; the caller's in any case: curl_mime_free. encoding:
 * "base64" or NULL for none.
 */
enum err payload_mime(const struct part *parts, size_t count, CURL *easy, const struct vars *vars,
    const char *encoding, curl_mime **out, struct why *why) MUST_CHECK;

#endif
