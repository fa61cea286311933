/*
 * The brake on what departments and red teams write, so that no account of theirs can fill the disk or hold up the others:
 * each may write WRITE_BRAKE_PER_SECOND times and WRITE_BRAKE_BYTES_PER_SECOND a second, with a burst of each. The bytes are
 * those of the request's body and what it has added to the journal, for a small change may store a whole document again.
 * In memory only. Reading, flags (the drill has rules of its own for them) and staff are not held. On the loop's thread.
 */
#ifndef DRILLD_API_WRITE_BRAKE_H
#define DRILLD_API_WRITE_BRAKE_H

#include "core/account.h"
#include <stddef.h>
#include <stdint.h>

#define WRITE_BRAKE_PER_SECOND 100
#define WRITE_BRAKE_BURST 100
#define WRITE_BRAKE_BYTES_PER_SECOND (512 * 1024)
#define WRITE_BRAKE_BYTES_BURST (4 * 1024 * 1024)

struct write_brake;

struct write_brake *write_brake_new(void);
void write_brake_free(struct write_brake *b);

/*
 * A write of a body of so many bytes: 0, and it is counted; or the seconds to wait, and only its refusal is. A body may be
 * larger than what is left: it has to be paid for before the next one.
 */
int write_brake_begin(
    struct write_brake *b, const struct account *a, uint64_t bytes, int64_t now_ms);
/* So much more came of one that was begun. */
void write_brake_add(struct write_brake *b, const struct account *a, uint64_t bytes);

/* Writes that had to wait, since the start. */
uint64_t write_brake_refused(const struct write_brake *b);

#endif
