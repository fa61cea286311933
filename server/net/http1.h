/*
 * An HTTP/1 connection, between http1.c (what happens when) and http1_parse.c (reading requests).
 * Floor-private; on the loop's thread.
 */
#ifndef DRILLD_NET_HTTP1_H
#define DRILLD_NET_HTTP1_H

#include "net/http_private.h"

#include <http_parser.h>

enum phase {
	P_READING, /* between requests, or within one */
	P_WAITING, /* the handler owes an answer */
	P_WRITING, /* an answer is on its way out */
	P_FILE,    /* one that is read from a file meanwhile */
	P_LINGER   /* the last answer is out; the rest is read and thrown away */
};

enum pause { PAUSE_NONE, PAUSE_HEAD, PAUSE_CHUNK_SIZE, PAUSE_CHUNK_END, PAUSE_BODY };

struct http1 {
	http_parser parser;
	struct conn *conn;
	struct exchange *x; /* NULL between requests */
	enum phase phase;
	enum pause pause; /* why the parser has been paused */
	struct buf ahead; /* bytes that came before their turn */
	char name[32];    /* of the header that is coming in; longer ones are none of ours */
	size_t name_len;
	char last;                         /* byte that was used up before those in hand */
	const char *feed_start, *feed_end; /* what the parser has in hand */
	uint64_t linger_ms;                /* since when */
	bool in_value, value_open, feeding, keep, body_left, linger_sent;
};

extern const http_parser_settings http1_settings;

/* Notes on the exchange why the parser has given up. */
void http1_parse_fault(struct http1 *h);

/* Notes what http-parser lets pass in a head and we do not. */
void http1_check_head(struct http1 *h);

/*
 * The parser has paused at a line's end: on its LF at the end of the head and of the trailers, behind it at
 * the end of a chunk's size and of a chunk. What is wrong there, or NULL. data: what the parser was given,
 * n: how much of it it has used up.
 */
const char *http1_line_fault(const struct http1 *h, const char *data, size_t n, enum pause pause);

#endif
