/*
 * libcurl's multi interface driven by libuv: many HTTP exchanges in flight on the checker's one thread. One a
 * process. Only HTTP runs here: libcurl's other protocols wait for the peer inside their calls (curl_thread.h).
 */
#ifndef DRILLD_CHECKER_CURL_ENGINE_H
#define DRILLD_CHECKER_CURL_ENGINE_H

#include <stdbool.h>
#include <uv.h>

struct curl_engine;
struct curl_client;

struct curl_engine *curl_engine_new(uv_loop_t *loop);
/* Every client must be closed. The engine frees itself when the loop has closed its handles. */
void curl_engine_close(struct curl_engine *e);

/* Starts the transfer of the client's easy handle; its `finished` is called when it has ended and left. */
bool curl_engine_add(struct curl_engine *e, struct curl_client *c);
/* Ends it without that call. */
void curl_engine_remove(struct curl_engine *e, struct curl_client *c);

#endif
