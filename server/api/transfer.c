#include "api/transfer.h"
#include "api/upload.h"
#include "base/filename.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- to us ---- */

/* As URLSearchParams and encodeURIComponent write it: '+' is a space. NULL: malformed. */
static char *
decode(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;

	for (const char *p = text; *p != '\0'; p++) {
		uint8_t byte;

		*to = *p == '+' ? ' ' : *p;
		if (*p == '%') {
			if (p[1] == '\0' || !hex_decode(p + 1, 2, &byte) || byte == 0)
				return NULL;
			*to = (char)byte;
			p += 2;
		}
		to++;
	}
	*to = '\0';
	return out;
}

static enum err
read_name(struct request *r, const char **out)
{
	const char *query = r->x->query;

	if (strncmp(query, "name=", 5) != 0 || strchr(query, '&') != NULL)
		return why_set(&r->why, ERR_INVALID,
		    "give the file's name, and that alone: ?name=report.pdf, percent-encoded");
	if ((*out = decode(r->x->arena, query + 5)) == NULL)
		return why_set(&r->why, ERR_INVALID,
		    "?name= has a %% that two hexadecimal digits do not follow, or a NUL");
	return ERR_OK;
}

static void
on_taken(void *ctx, size_t len)
{
	struct request *r = ctx;

	http_taken(api_http(r->api), r->x, len);
}

static void
on_done(void *ctx, enum err e, const struct upload_file *file, const struct why *why)
{
	struct request *r = ctx;

	r->upload = NULL;
	if (e != ERR_OK) {
		r->why = *why;
		request_finish(r, e);
		return;
	}
	memcpy(r->file->hash, file->blob.hash, sizeof r->file->hash);
	r->file->bytes = file->blob.bytes;
	r->file->type = file->type;
	request_run(r);
}

enum err
transfer_begin(struct request *r)
{
	struct upload_options o = {.account = r->account,
	    .type = r->x->content_type,
	    .max_bytes = r->route->body_max_bytes,
	    .taken = on_taken,
	    .done = on_done,
	    .ctx = r};
	enum err e;

	if ((e = r->route->upload(r)) != ERR_OK || (e = read_name(r, &o.name)) != ERR_OK ||
	    (e = upload_begin(api_uploads(r->api), &o, &r->upload, &r->why)) != ERR_OK)
		return e;
	r->file = arena_alloc(r->x->arena, sizeof *r->file);
	r->file->name = o.name;
	r->x->streamed = true;
	return ERR_OK;
}

/* ---- from us ---- */

struct opening {
	struct request *req;
	struct blobs *blobs;
	char hash[SHA256_HEX_BYTES];
	int fd;
	uint64_t bytes;
	enum err failed;
	struct why why;
};

static void
opening_run(void *ctx)
{
	struct opening *o = ctx;

	o->failed = blob_open(o->blobs, o->hash, &o->fd, &o->bytes, &o->why);
}

static void
opening_done(void *ctx)
{
	struct opening *o = ctx;
	struct request *req = o->req;
	enum err e = o->failed;

	if (e == ERR_OK) {
		req->out.has_file = true;
		req->out.file = (struct http_file){o->fd, o->bytes};
	} else {
		req->why = o->why;
	}
	free(o);
	/* The fold says that it was written, so it is our failure. */
	request_finish(req, e == ERR_NOT_FOUND ? ERR_CORRUPT : e);
}

enum err
request_send_file(struct request *req, const char *hash, const char *name, const char *type)
{
	char *disposition = arena_alloc(req->x->arena, FILENAME_DISPOSITION_BYTES);
	struct opening *o;

	if (api_files(req->api) >= DOWNLOADS_MAX)
		return why_set(&req->why, ERR_BUSY, "too many files are on their way; try again");
	o = mem_alloc(sizeof *o);
	o->req = req;
	o->blobs = api_blobs(req->api);
	memcpy(o->hash, hash, strnlen(hash, sizeof o->hash - 1));
	if (loop_work(api_loop(req->api), opening_run, opening_done, o) != ERR_OK) {
		free(o);
		return why_set(&req->why, ERR_BUSY, "too much is being looked up; try again");
	}
	api_file_begins(req);
	filename_disposition(name, disposition);
	response_header(&req->out, "Content-Disposition", disposition);
	response_header(&req->out, "Accept-Ranges", "none");
	req->out.content_type = type;
	req->out.deferred = true;
	return ERR_OK;
}
