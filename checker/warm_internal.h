/*
 * Between warm.c (interpreters and what they run) and warm_source.c (their program).
 */
#ifndef DRILLD_CHECKER_WARM_INTERNAL_H
#define DRILLD_CHECKER_WARM_INTERNAL_H

extern const char warm_source[]; /* warm_zygote.py, NUL-terminated */

#endif
