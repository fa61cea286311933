/*
 * The HTTP side of the drill: finds the route, knows who asks, runs the handler and holds the answer back
 * until what it tells is durable. One per server, on the loop's thread.
 */
#ifndef DRILLD_API_API_H
#define DRILLD_API_API_H

#include "api/drill.h"
#include "net/http.h"
#include "net/live.h"
#include "net/loop.h"
#include "store/blobs.h"

struct api;
struct checkers;
struct metrics;
struct request;
struct sessions;
struct uploads;
struct workbooks;

struct api_options {
	struct loop *loop;
	struct drill *drill;
	struct blobs *blobs; /* attachments; the api's from now on */
	const char *version; /* of the program; static */
};

struct api *api_new(const struct api_options *o);
void api_free(struct api *a); /* after http_close has drained */

/* What http_open wants. */
struct http_handler api_handler(struct api *a);
/* live_options.snapshot; ctx is the api. */
struct payload *api_snapshot(void *ctx, int audience, uint64_t *seq);
/* Known only after http_open and live_new. */
void api_attach(struct api *a, struct http_server *http, struct live_hub *hub);
/* Whose processes the metrics tell of. */
void api_attach_checkers(struct api *a, const struct checkers *checkers);

/* drill_options.committed: sends the answers that waited for events up to seq. */
void api_committed(struct api *a, uint64_t seq);

/* Appends the board as this audience may see it. */
void api_board(struct api *a, int audience, struct buf *out);

/* Live clients of this account must show again who they are. */
void api_cut_live(struct api *a, const struct account *account);

struct drill *api_drill(struct api *a);
struct loop *api_loop(struct api *a);
struct sessions *api_sessions(struct api *a);
struct blobs *api_blobs(struct api *a);
struct uploads *api_uploads(struct api *a);
struct workbooks *api_workbooks(struct api *a);
/* Files that are being opened, wait for the journal or are on their way out. */
unsigned api_files(const struct api *a);
void api_file_begins(
    struct request *req); /* counted until the server has it, or the request is gone */
struct http_server *api_http(struct api *a);            /* from api_attach on */
const struct metrics *api_metrics(const struct api *a); /* lives as long as the api */

#endif
