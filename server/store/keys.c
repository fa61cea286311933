#include "store/keys.h"

#include "base/mem.h"
#include "store/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 32
#define KEY_TEXT_BYTES (2 * KEY_BYTES + 1) /* hex and a newline */

_Static_assert(SIGN_SECRET_BYTES == KEY_BYTES && FLAG_KEY_BYTES == KEY_BYTES, "one file format");

/* Whoever can read a key can forge flags or checkpoints, so a key that others may read is refused. */
static enum err
key_check_mode(int fd, const char *path, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return why_set(why, ERR_IO, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_INVALID, "%s is not a file", path);
	if ((st.st_mode & 077) != 0)
		return why_set(why, ERR_FORBIDDEN,
		    "%s can be read or changed by others (mode %04o); run: chmod 600 %s", path,
		    (unsigned)(st.st_mode & 07777), path);
	return ERR_OK;
}

static enum err
key_read(int fd, const char *path, uint8_t out[KEY_BYTES], struct why *why)
{
	char text[KEY_TEXT_BYTES + 1]; /* one more, to see a file that goes on */
	ssize_t n = read(fd, text, sizeof(text));
	enum err e = ERR_OK;

	if (n < 0)
		e = why_set(why, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	else if (n != KEY_TEXT_BYTES || text[KEY_TEXT_BYTES - 1] != '\n' ||
		 !hex_decode(text, KEY_TEXT_BYTES - 1, out))
		e = why_set(
		    why, ERR_CORRUPT, "%s does not hold a key: 64 hex digits and a newline", path);
	mem_wipe(text, sizeof(text));
	return e;
}

static enum err
key_make(const char *keys_dir, const char *name, const uint8_t key[KEY_BYTES], struct why *why)
{
	char text[KEY_TEXT_BYTES + 1];
	enum err e;

	hex_encode(key, KEY_BYTES, text);
	text[KEY_TEXT_BYTES - 1] = '\n';
	e = datadir_write(keys_dir, name, text, KEY_TEXT_BYTES, why);
	mem_wipe(text, sizeof(text));
	return e;
}

/* Reads the key, or keeps and writes the fresh one given in key. */
static enum err
key_load(
    const char *keys_dir, const char *name, bool create, uint8_t key[KEY_BYTES], struct why *why)
{
	char path[PATH_MAX];
	enum err e = datadir_path(keys_dir, name, path, sizeof(path), why);
	int fd;

	if (e != ERR_OK)
		return e;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0) {
		if (errno == ENOENT && create)
			return key_make(keys_dir, name, key, why);
		return why_set(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open %s: %s",
		    path, strerror(errno));
	}
	if ((e = key_check_mode(fd, path, why)) == ERR_OK)
		e = key_read(fd, path, key, why);
	close(fd);
	return e;
}

static enum err
keys_dir_check(const char *path, struct why *why)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return why_set(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || (st.st_mode & 077) != 0)
		return why_set(why, ERR_FORBIDDEN,
		    "%s must be a directory that nobody else may enter; run: chmod 700 %s", path,
		    path);
	return ERR_OK;
}

enum err
keys_load(const char *dir, bool create, struct keys *out, struct why *why)
{
	char path[PATH_MAX];
	struct signer *signer;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = datadir_path(dir, "keys", path, sizeof(path), why)) != ERR_OK)
		return e;
	if (create && (e = datadir_make(dir, why)) != ERR_OK)
		return e;
	if (create && (e = datadir_make(path, why)) != ERR_OK)
		return e;
	if ((e = keys_dir_check(path, why)) != ERR_OK)
		return e;
	sign_generate(out->sign_secret, out->sign_public);
	random_bytes(out->flag, sizeof(out->flag));
	if ((e = key_load(path, "sign.key", create, out->sign_secret, why)) != ERR_OK ||
	    (e = key_load(path, "flag.key", create, out->flag, why)) != ERR_OK) {
		keys_wipe(out);
		return e;
	}
	signer = signer_new(out->sign_secret);
	signer_public(signer, out->sign_public);
	signer_free(signer);
	return ERR_OK;
}

void
keys_wipe(struct keys *k)
{
	mem_wipe(k, sizeof(*k));
}
