/*
 * One line per happening on stderr: time, level, where, what. Called from any thread.
 *
 *   2027-06-20T09:00:00.123+08:00 info clock: drill started
 *
 * An error is logged once, where it is handled. Secrets (flags, tokens, passwords) are never
 * logged. What base/text.h refuses is replaced, so a hostile system cannot forge lines.
 */
#ifndef DRILLD_BASE_LOG_H
#define DRILLD_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below this level are dropped. Default LOG_INFO. */
void log_set_level(enum log_level level);

void log_write(enum log_level level, const char *where, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_debug(where, ...) log_write(LOG_DEBUG, where, __VA_ARGS__)
#define log_info(where, ...) log_write(LOG_INFO, where, __VA_ARGS__)
#define log_warn(where, ...) log_write(LOG_WARN, where, __VA_ARGS__)
#define log_error(where, ...) log_write(LOG_ERROR, where, __VA_ARGS__)

/* Logs at LOG_ERROR and exits with status 1. For starting up only; serving a request never dies. */
void log_die(const char *where, const char *fmt, ...) PRINTF_LIKE(2, 3) __attribute__((noreturn));

#endif
