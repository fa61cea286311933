/*
 * The letters that go with a ticket, drafted in both languages: the notice to put something right (整改通知书), the
 * reminder (催办函), the summons to a talk (督办约谈), the notice of criticism (通报). Filled from the ticket; people sign and
 * send them. Pure, thread safe.
 */
#ifndef DRILLD_CORE_NOTICE_H
#define DRILLD_CORE_NOTICE_H

#include "base/buf.h"
#include "core/game.h"

#define NOTICE_MAX_BYTES (64u * 1024)

enum notice_kind { NOTICE_NOTICE, NOTICE_REMINDER, NOTICE_TALK, NOTICE_CRITICISM, NOTICE_KINDS };

extern const struct terms terms_notices;

/* Chinese or English: zh says which. */
struct notice_options {
	enum notice_kind kind;
	bool zh;
	int64_t now_ms;
	int offset_minutes; /* of the drill's zone */
};

/*
 * Appends the letter as plain text of UTF-8, lines of any length, "\n" at their ends. ERR_CONFLICT with why for a
 * ticket without a notice number, and for a letter about lateness while it is not late.
 */
enum err notice_write(const struct game *g, const struct ticket *t, const struct notice_options *o,
    struct buf *out, struct why *why) MUST_CHECK;

#endif
