#include "store/blobs.h"
#include "base/mem.h"
#include "store/datadir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DRAFTS "drafts" /* no shelf: those have two characters */
#define DRAFT_NAME_BYTES 40
#define SHELF_BYTES 3 /* "ab" */
#define HEX "0123456789abcdef"
#define FLUSH_BYTES (1024 * 1024)

struct blobs {
	int dir, drafts; /* descriptors of the two directories */
	uint64_t reserve_bytes;
	pthread_mutex_t lock;
	uint64_t promised_bytes; /* to writers, written or not */
};

struct blob_writer {
	struct blobs *blobs;
	int fd;
	char name[DRAFT_NAME_BYTES];
	struct hasher *hasher;
	uint64_t bytes, max_bytes, flushed;
};

/* ENOSPC and EDQUOT are nobody's mistake but want somebody's hand. */
static enum err
disk_error(struct why *why, const char *what, int error)
{
	if (error == ENOSPC || error == EDQUOT)
		return why_set(why, ERR_BUSY,
		    "the server's disk is full: tell the organizers, and send it again later");
	return why_set(why, ERR_IO, "cannot %s: %s", what, strerror(error));
}

/* ---- opening ---- */

static enum err
open_dir(int at, const char *name, int *fd, struct why *why)
{
	*fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *fd >= 0 ? ERR_OK
			: why_set(why, ERR_IO, "cannot open %s: %s", name, strerror(errno));
}

/* Calls each for every entry of the directory but "." and "..", until it returns an error. */
static enum err
each_entry(int at, const char *name,
    enum err (*each)(void *ctx, int dir, const char *entry, struct why *why), void *ctx,
    struct why *why)
{
	struct dirent *entry;
	enum err e;
	DIR *d;
	int fd;

	if ((e = open_dir(at, name, &fd, why)) != ERR_OK)
		return e;
	if ((d = fdopendir(fd)) == NULL) {
		close(fd);
		return why_set(why, ERR_IO, "cannot read %s: %s", name, strerror(errno));
	}
	while (e == ERR_OK && (entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			e = each(ctx, dirfd(d), entry->d_name, why);
	closedir(d);
	return e;
}

static enum err
remove_draft(void *ctx, int dir, const char *entry, struct why *why)
{
	(void)ctx;
	if (unlinkat(dir, entry, 0) == 0)
		return ERR_OK;
	return why_set(
	    why, ERR_IO, "cannot remove blobs/" DRAFTS "/%s: %s", entry, strerror(errno));
}

static enum err
make_dirs(const char *dir, struct blobs *b, struct why *why)
{
	char path[PATH_MAX], drafts[PATH_MAX];
	enum err e;

	if ((e = datadir_path(dir, "blobs", path, sizeof path, why)) != ERR_OK ||
	    (e = datadir_path(path, DRAFTS, drafts, sizeof drafts, why)) != ERR_OK ||
	    (e = datadir_make(path, why)) != ERR_OK || (e = datadir_make(drafts, why)) != ERR_OK ||
	    (e = open_dir(AT_FDCWD, path, &b->dir, why)) != ERR_OK)
		return e;
	return open_dir(b->dir, DRAFTS, &b->drafts, why);
}

/*
 * All of them, durably, before there is a writer: one that found a shelf which another thread had just made could not
 * know whether it would outlive a crash.
 */
static enum err
make_shelves(struct blobs *b, struct why *why)
{
	for (int i = 0; i < 256; i++) {
		const char name[SHELF_BYTES] = {HEX[i / 16], HEX[i % 16], '\0'};

		if (mkdirat(b->dir, name, 0700) != 0 && errno != EEXIST)
			return why_set(
			    why, ERR_IO, "cannot make blobs/%s: %s", name, strerror(errno));
	}
	return fsync(b->dir) == 0 ? ERR_OK
				  : why_set(why, ERR_IO, "cannot sync blobs: %s", strerror(errno));
}

static struct blobs *
blobs_new(uint64_t reserve_bytes)
{
	struct blobs *b = mem_alloc(sizeof *b);

	b->dir = b->drafts = -1;
	b->reserve_bytes = reserve_bytes;
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

enum err
blobs_open_to_read(const char *dir, struct blobs **out, struct why *why)
{
	struct blobs *b = blobs_new(0);
	char path[PATH_MAX];
	enum err e = datadir_path(dir, "blobs", path, sizeof path, why);

	if (e == ERR_OK && access(path, F_OK) != 0 && errno == ENOENT)
		e = why_set(why, ERR_NOT_FOUND, "%s is not there", path);
	if (e == ERR_OK)
		e = open_dir(AT_FDCWD, path, &b->dir, why);
	if (e != ERR_OK) {
		blobs_close(b);
		b = NULL;
	}
	*out = b;
	return e;
}

enum err
blobs_open(const char *dir, uint64_t reserve_bytes, struct blobs **out, struct why *why)
{
	struct blobs *b = blobs_new(reserve_bytes);
	enum err e;

	if ((e = make_dirs(dir, b, why)) == ERR_OK && (e = make_shelves(b, why)) == ERR_OK)
		e = each_entry(b->dir, DRAFTS, remove_draft, NULL, why);
	if (e != ERR_OK) {
		blobs_close(b);
		b = NULL;
	}
	*out = b;
	return e;
}

void
blobs_close(struct blobs *b)
{
	if (b == NULL)
		return;
	if (b->drafts >= 0)
		close(b->drafts);
	if (b->dir >= 0)
		close(b->dir);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* ---- room ---- */

/* Promises bytes to a writer, if they leave the reserve and what is promised to others alone. */
static bool
promise(struct blobs *b, uint64_t bytes)
{
	struct statvfs v;
	uint64_t room, asked;
	bool fits;

	if (fstatvfs(b->dir, &v) != 0)
		return true; /* writing will tell */
	room = (uint64_t)v.f_bavail * v.f_frsize;
	pthread_mutex_lock(&b->lock);
	asked = b->promised_bytes + bytes + b->reserve_bytes;
	fits = asked >= bytes && asked <= room;
	if (fits)
		b->promised_bytes += bytes;
	pthread_mutex_unlock(&b->lock);
	return fits;
}

static void
release(struct blobs *b, uint64_t bytes)
{
	pthread_mutex_lock(&b->lock);
	b->promised_bytes -= bytes;
	pthread_mutex_unlock(&b->lock);
}

/* ---- writing ---- */

static enum err
open_draft(struct blob_writer *w, struct why *why)
{
	uint8_t random[16];
	char hex[2 * sizeof random + 1];

	random_bytes(random, sizeof random);
	hex_encode(random, sizeof random, hex);
	snprintf(w->name, sizeof w->name, "%s", hex);
	w->fd = openat(
	    w->blobs->drafts, w->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return w->fd >= 0 ? ERR_OK : disk_error(why, "make a file", errno);
}

enum err
blob_begin(struct blobs *b, uint64_t max_bytes, struct blob_writer **out, struct why *why)
{
	struct blob_writer *w;
	enum err e;

	*out = NULL;
	if (!promise(b, max_bytes))
		return disk_error(why, "make a file", ENOSPC);
	w = mem_alloc(sizeof *w);
	*w = (struct blob_writer){.blobs = b, .max_bytes = max_bytes};
	if ((e = open_draft(w, why)) != ERR_OK) {
		release(b, max_bytes);
		free(w);
		return e;
	}
	w->hasher = hasher_new();
	hasher_begin(w->hasher);
	*out = w;
	return ERR_OK;
}

static enum err
write_all(int fd, const char *data, size_t len, struct why *why)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return disk_error(why, "write a file", errno);
		data += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err
blob_write(struct blob_writer *w, const void *data, size_t len, struct why *why)
{
	enum err e;

	if (len > w->max_bytes - w->bytes)
		return why_set(why, ERR_LIMIT, "a file may have at most %llu bytes",
		    (unsigned long long)w->max_bytes);
	if ((e = write_all(w->fd, data, len, why)) != ERR_OK)
		return e;
	hasher_add(w->hasher, data, len);
	w->bytes += len;
	/* The disk may begin while the rest is still on its way; what it costs is told by the fsync. */
	if (w->bytes - w->flushed >= FLUSH_BYTES) {
		sync_file_range(w->fd, (off_t)w->flushed, (off_t)(w->bytes - w->flushed),
		    SYNC_FILE_RANGE_WRITE);
		w->flushed = w->bytes;
	}
	return ERR_OK;
}

/* The directory that a name lies in. */
static enum err
open_shelf(struct blobs *b, const char *hash, int *fd, struct why *why)
{
	const char name[SHELF_BYTES] = {hash[0], hash[1], '\0'};

	return open_dir(b->dir, name, fd, why);
}

/* One that is there already is replaced by the same bytes: should it have been damaged, it is whole again. */
static enum err
give_name(struct blob_writer *w, const char *hash, struct why *why)
{
	enum err e;
	int shelf;

	if (fsync(w->fd) != 0)
		return disk_error(why, "sync a file", errno);
	if ((e = open_shelf(w->blobs, hash, &shelf, why)) != ERR_OK)
		return e;
	if (renameat(w->blobs->drafts, w->name, shelf, hash) != 0)
		e = disk_error(why, "name a file", errno);
	else if (fsync(shelf) != 0)
		e = disk_error(why, "sync a directory of blobs", errno);
	close(shelf);
	return e;
}

static void
writer_free(struct blob_writer *w)
{
	release(w->blobs, w->max_bytes);
	hasher_free(w->hasher);
	close(w->fd);
	free(w);
}

enum err
blob_commit(struct blob_writer *w, struct blob *out, struct why *why)
{
	uint8_t hash[SHA256_BYTES];
	enum err e;

	hasher_end(w->hasher, hash);
	hex_encode(hash, sizeof hash, out->hash);
	out->bytes = w->bytes;
	if ((e = give_name(w, out->hash, why)) != ERR_OK) {
		blob_abort(w);
		return e;
	}
	writer_free(w);
	return ERR_OK;
}

void
blob_abort(struct blob_writer *w)
{
	if (w == NULL)
		return;
	unlinkat(w->blobs->drafts, w->name, 0); /* gone already if only the last sync has failed */
	writer_free(w);
}

/* ---- reading ---- */

static bool
is_name(const char *hash)
{
	return strspn(hash, HEX) == SHA256_HEX_BYTES - 1 && hash[SHA256_HEX_BYTES - 1] == '\0';
}

/* "ab/abcd..." */
static void
path_of(const char *hash, char out[SHELF_BYTES + SHA256_HEX_BYTES])
{
	snprintf(out, SHELF_BYTES + SHA256_HEX_BYTES, "%.2s/%s", hash, hash);
}

enum err
blob_open(struct blobs *b, const char *hash, int *fd, uint64_t *bytes, struct why *why)
{
	char path[SHELF_BYTES + SHA256_HEX_BYTES];
	struct stat st;

	if (!is_name(hash))
		return why_set(why, ERR_NOT_FOUND, "\"%.80s\" is not a SHA-256 in hex", hash);
	path_of(hash, path);
	if ((*fd = openat(b->dir, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)) < 0)
		return errno == ENOENT ? why_set(why, ERR_NOT_FOUND, "there is no file %s", hash)
				       : why_set(why, ERR_IO, "cannot open blobs/%s: %s", path,
					     strerror(errno));
	if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(*fd);
		return why_set(why, ERR_CORRUPT, "blobs/%s is not a file", path);
	}
	*bytes = (uint64_t)st.st_size;
	return ERR_OK;
}

bool
blob_exists(struct blobs *b, const char *hash)
{
	char path[SHELF_BYTES + SHA256_HEX_BYTES];
	struct stat st;

	if (!is_name(hash))
		return false;
	path_of(hash, path);
	return fstatat(b->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* ---- sweeping ---- */

struct sweep {
	bool (*is_wanted)(void *ctx, const char *hash);
	void *ctx;
	size_t removed;
};

static enum err
sweep_file(void *ctx, int dir, const char *entry, struct why *why)
{
	struct sweep *s = ctx;

	if (!is_name(entry) || s->is_wanted(s->ctx, entry)) /* another name is none of ours */
		return ERR_OK;
	if (unlinkat(dir, entry, 0) != 0)
		return why_set(
		    why, ERR_IO, "cannot remove blobs/%.2s/%s: %s", entry, entry, strerror(errno));
	s->removed++;
	return ERR_OK;
}

static enum err
sweep_shelf(void *ctx, int dir, const char *entry, struct why *why)
{
	if (strlen(entry) != 2 || strspn(entry, HEX) != 2)
		return ERR_OK;
	return each_entry(dir, entry, sweep_file, ctx, why);
}

enum err
blobs_sweep(struct blobs *b, bool (*is_wanted)(void *ctx, const char *hash), void *ctx,
    size_t *removed, struct why *why)
{
	struct sweep s = {.is_wanted = is_wanted, .ctx = ctx};
	enum err e = each_entry(b->dir, ".", sweep_shelf, &s, why);

	*removed = s.removed;
	return e;
}
