/*
 * Whether bytes that come in pieces are text: UTF-8 (RFC 3629) or GB18030 (GB 18030-2022), without NUL. Pure;
 * a struct belongs to one thread at a time.
 */
#ifndef DRILLD_BASE_TEXTFORM_H
#define DRILLD_BASE_TEXTFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised at the beginning. */
struct textform {
	bool not_utf8, not_gb18030;
	uint8_t left;      /* UTF-8: bytes that must follow */
	uint8_t low, high; /* what the next of them must lie between */
	uint8_t pair[3];   /* GB18030: of an unfinished character */
	uint8_t pair_len;
};

void textform_add(struct textform *t, const void *data, size_t len);

/* So far; at the end no character may be unfinished. */
bool textform_holds(const struct textform *t, bool at_end);

#endif
