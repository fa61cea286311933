/*
 * The HTTP server: one thread that reads requests, within bounds, and hands them to pages.h.
 * Used by main.c from the program's first thread.
 */
#ifndef PORTAL_SERVER_H
#define PORTAL_SERVER_H

#include "request.h"

/* Connections at once; past it the oldest makes room, so that idle ones lock nobody out. */
#define CONNECTIONS_MAX 448
#define CONNECTION_IDLE_SECONDS 10
#define CONNECTION_MEMORY_BYTES (32 * 1024)
#define DRAIN_MAX_MS 500

struct server;

/* address: an IP address in text; port 0 takes a free one. NULL, said why on stderr, when that
 * cannot be had. */
struct server *server_start(struct portal *p, const char *address, const char *port);
int server_port(const struct server *s);
/* Accepts no more, finishes requests under way (DRAIN_MAX_MS at most), closes everything. */
void server_stop(struct server *s);

#endif
