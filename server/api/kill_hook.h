/*
 * Runs the kill switch's program once the switch is on disk, and makes an event of what came of it. After a restart the
 * program is not run again: nobody knows how far it had come, and that is what the event says then (drill_open.c).
 * On the loop's thread.
 */
#ifndef DRILLD_API_KILL_HOOK_H
#define DRILLD_API_KILL_HOOK_H

#include "api/drill.h"
#include "net/loop.h"

struct kill_hook;

struct kill_hook *kill_hook_new(struct loop *l, struct drill *d);
void kill_hook_free(struct kill_hook *k);

/* drill_options.committed: everything up to seq is on disk. */
void kill_hook_committed(struct kill_hook *k, uint64_t seq);

/* Ends a program that runs; stopped is called once, at once if none does. */
void kill_hook_stop(struct kill_hook *k, void (*stopped)(void *ctx), void *ctx);

#endif
