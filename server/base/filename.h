/*
 * Names of files that somebody else will save: a base name that every system takes for what it looks like.
 * Pure.
 */
#ifndef DRILLD_BASE_FILENAME_H
#define DRILLD_BASE_FILENAME_H

#include "base/err.h"

#define FILENAME_MAX_BYTES 200

/*
 * ERR_OK, or ERR_INVALID with what is wrong with it and the name that would be right, if one is left: UTF-8 of
 * at most FILENAME_MAX_BYTES; no path; no character that is not seen or turns the writing round, none that
 * Windows refuses (< > : " | ? *); no dot or space at either end; not a device of Windows (CON, NUL, COM1 ...).
 */
enum err filename_check(const char *name, struct why *why) MUST_CHECK;

/* What follows the last dot, or "". */
const char *filename_extension(const char *name);

/*
 * The value of Content-Disposition that has it saved under this name and never shown in the page (RFC 6266,
 * RFC 8187): an ASCII stand-in and the name itself. out: FILENAME_DISPOSITION_BYTES.
 */
#define FILENAME_DISPOSITION_BYTES (64 + 4 * FILENAME_MAX_BYTES)
void filename_disposition(const char *name, char out[FILENAME_DISPOSITION_BYTES]);

#endif
