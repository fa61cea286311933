/*
 * May this program be run with our rights? Asked when a scenario names one and again before it is started. Any thread.
 */
#ifndef DRILLD_SCENARIO_EXECUTABLE_H
#define DRILLD_SCENARIO_EXECUTABLE_H

#include "base/err.h"

/*
 * path is absolute and leads to a file that we may execute, that root or we own and nobody else may write; nor may anybody
 * else put another in its place: the same holds for the folders on the way to it and to what a link stands for (a folder
 * with the sticky bit is good enough). ERR_NOT_FOUND, ERR_INVALID or ERR_FORBIDDEN otherwise; why begins with the path.
 */
enum err executable_check(const char *path, struct why *why) MUST_CHECK;

#endif
