/*
 * Files to and from clients, for the routes. A route that takes one has .upload in its record and finds the
 * file, durable, in req->file when it runs; one that gives one ends with request_send_file. On the loop's
 * thread.
 */
#ifndef DRILLD_API_TRANSFER_H
#define DRILLD_API_TRANSFER_H

#include "api/route.h"

#define DOWNLOADS_MAX 128

/* What came with a request to a route with .upload. Lives as long as the request. */
struct request_file {
	const char *name; /* as filename_check has it */
	const char *type; /* media type, ours; static */
	char hash[SHA256_HEX_BYTES];
	uint64_t bytes;
};

/*
 * For api.c: the head of a request to a route with .upload has come and its role fits. Asks route->upload,
 * reads ?name=, and makes the body stream into DATA/blobs. ERR_INVALID: the name, or the type it was sent
 * with; ERR_BUSY, ERR_RATE: too many at once.
 */
enum err transfer_begin(struct request *r) MUST_CHECK;

/*
 * Ends a handler: `return request_send_file(...)`. The answer is that file of DATA/blobs, never shown in the page,
 * saved under its name; a Range is ignored. name and type live as long as the exchange. ERR_BUSY: too many at once.
 */
enum err request_send_file(
    struct request *req, const char *hash, const char *name, const char *type) MUST_CHECK;

#endif
