/*
 * Text that people's programs save as UTF-8, with or without byte order mark, or as GB18030 (GBK and GB 2312 are
 * part of it) -> UTF-8.
 *
 * What is valid UTF-8 is UTF-8: text in GB18030 with a handful of Chinese characters is not, for its bytes pair
 * otherwise. What was UTF-8 for a while and then breaks is refused as broken UTF-8 and not read as GB18030, which
 * would turn it into other characters. For whatever takes files from outside, before csv_parse. Thread safe.
 */
#ifndef DRILLD_BASE_CHARSET_H
#define DRILLD_BASE_CHARSET_H

#include "base/buf.h"
#include "base/err.h"
#include <stddef.h>

enum charset { CHARSET_UTF8, CHARSET_GB18030, CHARSET_COUNT };

/*
 * Appends the text as UTF-8, without its byte order mark, to out, which the caller has given its maximum; found may
 * be NULL. ERR_INVALID with the byte (counted from 1) and the line of what does not decode, or for UTF-16 and NUL;
 * ERR_LIMIT if it does not fit; ERR_UNSUPPORTED if the C library has no GB18030 on this machine. out is as it was
 * after an error.
 */
enum err charset_to_utf8(
    const char *text, size_t len, struct buf *out, enum charset *found, struct why *why) MUST_CHECK;

#endif
