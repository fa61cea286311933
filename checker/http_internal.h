/*
 * Between http_engine.c (curl's multi handle on the loop) and http_step.c (one exchange). Nobody else
 * includes this.
 */
#ifndef DRILLD_CHECKER_HTTP_INTERNAL_H
#define DRILLD_CHECKER_HTTP_INTERNAL_H

#include "checker/http_step.h"

bool http_engine_add(struct http_engine *e, struct http_client *c);
void http_engine_remove(struct http_engine *e, struct http_client *c);

/* The transfer has ended with this code and has left the engine. */
void http_client_finished(struct http_client *c, CURLcode code);

#endif
