/*
 * The data directory of one campaign: making it, making its entries durable, and the lock that keeps a
 * second server out. Used by the journal and the keys, on the thread that opens them.
 */
#ifndef DRILLD_STORE_DATADIR_H
#define DRILLD_STORE_DATADIR_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DIR/name into out (of size bytes); ERR_LIMIT if it does not fit. */
enum err datadir_path(
    const char *dir, const char *name, char *out, size_t size, struct why *why) MUST_CHECK;

/* Makes the directory with mode 0700 if it is missing (its parent must exist), durably. */
enum err datadir_make(const char *dir, struct why *why) MUST_CHECK;

/* fsync of a directory: the names in it are on disk afterwards. */
enum err datadir_sync(const char *dir, struct why *why) MUST_CHECK;

/*
 * Writes DIR/name with mode 0600, durably, under another name first and then renamed: a crash leaves the
 * whole file or none.
 */
enum err datadir_write(
    const char *dir, const char *name, const void *data, size_t len, struct why *why) MUST_CHECK;

/* How large the file system is, and what of it an ordinary user may still fill. False if it does not say. */
bool datadir_space(const char *dir, uint64_t *size_bytes, uint64_t *free_bytes);

/*
 * Takes the exclusive lock on DIR/lock and writes the process id into it. *fd holds the lock until it is
 * closed, and the kernel lets go of it when the process dies. ERR_BUSY with the holder's pid.
 */
enum err datadir_lock(const char *dir, int *fd, struct why *why) MUST_CHECK;

#endif
