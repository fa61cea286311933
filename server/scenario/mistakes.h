/*
 * What is wrong with a file, and where: collected in any order, printed sorted by place.
 *
 * Used by everything on this floor; not thread safe. A place counts lines and columns from 1, columns in
 * characters, as editors show them. At most MISTAKES_MAX are kept: the rest would say the same again.
 */
#ifndef DRILLD_SCENARIO_MISTAKES_H
#define DRILLD_SCENARIO_MISTAKES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define MISTAKES_MAX 200
#define MISTAKES_TEXT_MAX_BYTES (1024u * 1024)

/* line 0: nowhere, which is how a value that was not given is known. */
struct place {
	int line;
	int column;
};

struct mistake {
	struct place at;
	size_t order; /* of discovery: ties keep it */
	const char *text;
};

struct mistakes {
	const char *file;
	struct mistake list[MISTAKES_MAX];
	size_t count;
	bool more; /* some did not fit, or were not looked for any more */
	struct arena arena;
};

void mistakes_init(struct mistakes *m, const char *file);
void mistakes_free(struct mistakes *m);

/* "what is wrong; what would be right", without a full stop. */
void mistake_add(struct mistakes *m, struct place at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* No room for another: whoever asks leaves out what only looks for more, and the reader is told. */
bool mistakes_full(struct mistakes *m);

/* Appends them as lines "FILE:LINE:COLUMN: text\n", sorted by place. */
void mistakes_write(struct mistakes *m, struct buf *out);

/*
 * Words for messages; all live as long as m.
 * quoted: the text in double quotes, shortened, with control characters escaped (no forged lines).
 * choices: `did you mean "near"? There are: a, b, c` or `there are: ...` or `there is none`.
 * nearest: the one that looks like a slip of the pen for wrong, or NULL.
 */
const char *quoted(struct mistakes *m, const char *text);
const char *choices(struct mistakes *m, const char *wrong, const char *const *names, size_t count);
const char *nearest(const char *wrong, const char *const *names, size_t count);

#endif
