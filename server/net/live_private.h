/*
 * What the WebSocket code (ws.c) and the server (http.c) need of the hub. The hub itself knows neither
 * sockets nor libuv: it says who is owed what, and asks to be pumped when something new is there.
 */
#ifndef DRILLD_NET_LIVE_PRIVATE_H
#define DRILLD_NET_LIVE_PRIVATE_H

#include "net/live.h"

/* One listener, embedded in its connection. */
struct live_client {
	struct live_client *prev, *next;
	struct live_hub *hub; /* NULL: not in a hub */
	void (*push)(struct live_client *c);
	struct payload *first; /* the snapshot it begins with, counted; NULL once taken */
	const void *owner;
	bool cut;       /* closed at its next turn */
	uint64_t after; /* frames up to this seq are not for it */
	uint64_t at;    /* absolute number of the next frame to look at */
	int audience;
};

enum live_take {
	LIVE_NOTHING, /* it has everything there is */
	LIVE_PAYLOAD, /* *out is its next payload, counted for the caller */
	LIVE_LOST,    /* its next frame has fallen off the ring */
};

/* A whole WebSocket text frame (RFC 6455 section 5.2, unmasked), the same bytes for every client. */
const char *payload_frame(const struct payload *p, size_t *len);
void payload_hold(struct payload *p);

bool live_full(const struct live_hub *h);
void live_enter(struct live_hub *h, struct live_client *c, const struct live_join *join,
    void (*push)(struct live_client *c));
void live_leave(struct live_client *c); /* does nothing when it is in no hub */
enum live_take live_take(struct live_client *c, struct payload **out);
void live_silent(struct live_client *c); /* it is given up, for it answers no ping */

/* on_work is called when live_publish has left work for live_pump. */
void live_on_work(struct live_hub *h, void (*on_work)(void *ctx), void *ctx);

/* Pushes to at most count clients; true while some have not been served. */
bool live_pump(struct live_hub *h, unsigned count);

#endif
