/*
 * Errors as RFC 9457 problem documents.
 */
#ifndef DRILLD_API_PROBLEM_H
#define DRILLD_API_PROBLEM_H

#include "api/route.h"

int problem_status(enum err e);

/* Fills out with {"type","title","status","detail"}; adds WWW-Authenticate where due. */
void problem_write(struct response *out, enum err e, const struct why *why);

#endif
