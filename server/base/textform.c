#include "base/textform.h"

#include <string.h>

static void
utf8_lead(struct textform *t, uint8_t c)
{
	t->low = 0x80;
	t->high = 0xbf;
	if (c < 0x80) {
		t->not_utf8 = c == 0;
	} else if (c >= 0xc2 && c <= 0xdf) {
		t->left = 1;
	} else if (c >= 0xe0 && c <= 0xef) {
		t->left = 2;
		if (c == 0xe0)
			t->low = 0xa0; /* shorter forms exist */
		else if (c == 0xed)
			t->high = 0x9f; /* surrogates */
	} else if (c >= 0xf0 && c <= 0xf4) {
		t->left = 3;
		if (c == 0xf0)
			t->low = 0x90;
		else if (c == 0xf4)
			t->high = 0x8f; /* beyond U+10FFFF */
	} else {
		t->not_utf8 = true;
	}
}

static void
utf8_add(struct textform *t, uint8_t c)
{
	if (t->left == 0) {
		utf8_lead(t, c);
		return;
	}
	t->not_utf8 = c < t->low || c > t->high;
	t->left--;
	t->low = 0x80;
	t->high = 0xbf;
}

/* Two bytes 81-FE 40-7E or 80-FE; four 81-84 or 90-E3, 30-39, 81-FE, 30-39: the rest of the plane is not assigned. */
static void
gb18030_add(struct textform *t, uint8_t c)
{
	switch (t->pair_len) {
	case 0:
		if (c < 0x80) {
			t->not_gb18030 = c == 0;
			return;
		}
		t->not_gb18030 = c == 0x80 || c == 0xff;
		break;
	case 1:
		if (c >= 0x40 && c != 0x7f && c != 0xff) {
			t->pair_len = 0;
			return;
		}
		t->not_gb18030 = c < 0x30 || c > 0x39 || (t->pair[0] > 0x84 && t->pair[0] < 0x90) ||
				 t->pair[0] > 0xe3;
		break;
	case 2:
		t->not_gb18030 = c < 0x81 || c > 0xfe;
		break;
	default:
		t->not_gb18030 = c < 0x30 || c > 0x39;
		t->pair_len = 0;
		return;
	}
	t->pair[t->pair_len++] = c;
}

/* Eight bytes at a time, as far as all of them are ASCII and none is NUL. */
static size_t
ascii_run(const uint8_t *p, size_t len)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t word;
	size_t n = 0;

	for (; len - n >= sizeof word; n += sizeof word) {
		memcpy(&word, p + n, sizeof word);
		if ((word & highs) != 0 || ((word - ones) & ~word & highs) != 0)
			break;
	}
	return n;
}

void
textform_add(struct textform *t, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len && (!t->not_utf8 || !t->not_gb18030); i++) {
		/* Within a character ASCII has another meaning, or none. */
		if ((t->not_utf8 || t->left == 0) && (t->not_gb18030 || t->pair_len == 0) &&
		    (i += ascii_run(p + i, len - i)) == len)
			return;
		if (!t->not_utf8)
			utf8_add(t, p[i]);
		if (!t->not_gb18030)
			gb18030_add(t, p[i]);
	}
}

bool
textform_holds(const struct textform *t, bool at_end)
{
	return (!t->not_utf8 && (!at_end || t->left == 0)) ||
	       (!t->not_gb18030 && (!at_end || t->pair_len == 0));
}
