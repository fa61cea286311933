#include "store/verify_files.h"
#include "base/mem.h"
#include "store/blobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (128 * 1024)

struct look {
	struct blobs *blobs;
	struct hasher *hasher;
	char *buf;
	struct verify_files *out;
	struct why *why;
};

static enum err
hash_file(struct look *l, const struct attachment *a, int fd, char out[SHA256_HEX_BYTES])
{
	uint8_t hash[SHA256_BYTES];
	ssize_t n;

	hasher_begin(l->hasher);
	while ((n = read(fd, l->buf, READ_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(l->why, ERR_IO, "cannot read the file %s: %s", a->hash,
			    strerror(errno));
		hasher_add(l->hasher, l->buf, (size_t)n);
		l->out->bytes += (uint64_t)n;
	}
	hasher_end(l->hasher, hash);
	hex_encode(hash, sizeof hash, out);
	return ERR_OK;
}

/* The first of what is bad, by the event's number. */
static void
note_bad(struct look *l, const struct attachment *a, const char *problem)
{
	struct verify_files *out = l->out;
	struct why says;

	if (out->bad_seq != 0 && out->bad_seq < a->seq)
		return;
	out->bad_seq = a->seq;
	why_set(&says, ERR_CORRUPT, "the file %s that it names %s", a->hash, problem);
	memcpy(out->problem, says.text, sizeof out->problem);
}

/* One file, by the first event that names it. */
static enum err
look_at(struct look *l, const struct attachment *a)
{
	char hash[SHA256_HEX_BYTES];
	uint64_t bytes;
	enum err e;
	int fd;

	l->out->named++;
	e = blob_open(l->blobs, a->hash, &fd, &bytes, l->why);
	if (e == ERR_NOT_FOUND || e == ERR_CORRUPT) {
		note_bad(l, a, e == ERR_NOT_FOUND ? "is missing" : "is not a file");
		return ERR_OK;
	}
	if (e != ERR_OK)
		return e;
	if (bytes != (uint64_t)a->bytes) {
		note_bad(l, a, "has another length");
	} else if ((e = hash_file(l, a, fd, hash)) == ERR_OK) {
		if (strcmp(hash, a->hash) == 0)
			l->out->whole++;
		else
			note_bad(l, a, "was altered: it has another hash");
	}
	close(fd);
	return e;
}

static enum err
look_at_all(struct look *l, const struct game *g)
{
	const struct attachment **sorted = attachments_by_hash(g);
	enum err e = ERR_OK;

	for (size_t i = 0; sorted != NULL && e == ERR_OK && i < g->attachments->count; i++)
		if (i == 0 || strcmp(sorted[i - 1]->hash, sorted[i]->hash) != 0)
			e = look_at(l, sorted[i]);
	free(sorted);
	return e;
}

static uint64_t
count_names(const struct game *g)
{
	const struct attachment **sorted = attachments_by_hash(g);
	uint64_t n = 0;

	for (size_t i = 0; sorted != NULL && i < g->attachments->count; i++)
		n += i == 0 || strcmp(sorted[i - 1]->hash, sorted[i]->hash) != 0;
	free(sorted);
	return n;
}

enum err
verify_files(const char *dir, const struct game *g, struct verify_files *out, struct why *why)
{
	struct look l = {.out = out, .why = why};
	enum err e;

	memset(out, 0, sizeof *out);
	e = blobs_open_to_read(dir, &l.blobs, why);
	if (e == ERR_NOT_FOUND) {
		out->named = count_names(g);
		return ERR_OK;
	}
	if (e != ERR_OK)
		return e;
	out->there = true;
	l.hasher = hasher_new();
	l.buf = mem_resize(NULL, READ_BYTES, 1);
	e = look_at_all(&l, g);
	free(l.buf);
	hasher_free(l.hasher);
	blobs_close(l.blobs);
	return e == ERR_OK && out->bad_seq != 0 ? ERR_CORRUPT : e;
}
