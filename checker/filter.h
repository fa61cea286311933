/*
 * What {{NAME|FILTER}} does to a value before it is written: codings and digests that requests are made of. The scenario
 * floor knows the same names (server/scenario/template.c). No state; any thread.
 */
#ifndef DRILLD_CHECKER_FILTER_H
#define DRILLD_CHECKER_FILTER_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

enum filter {
	FILTER_BASE64, /* RFC 4648 section 4, with padding */
	FILTER_HEX,    /* lower case */
	FILTER_MD5,    /* in hex */
	FILTER_SHA256, /* in hex */
	FILTER_UPPER,  /* of ASCII */
	FILTER_LOWER,
	FILTER_URL, /* RFC 3986: all but unreserved characters are encoded */
	FILTER_RAW, /* in a path: characters that a URL may hold stay as they are */
	FILTER_COUNT
};

bool filter_parse(const char *name, size_t len, enum filter *out);

/* Appends the filtered text to out (its own memory), which fails past its maximum. RAW changes nothing here. */
void filter_apply(enum filter f, const char *s, size_t len, struct buf *out);

/* RFC 3986 percent-encoding of all but unreserved characters, or also but those of which URLs are made. */
void put_url(struct buf *out, const char *s, size_t len, bool keep_reserved);

#endif
