#include "site.h"

#include "builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct site {
	int fd; /* DIR/site: every file is opened below it */
};

static bool
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
builtin_install(struct site *s, const struct builtin *b)
{
	int fd = openat(s->fd, b->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	bool good;

	if (fd < 0)
		return errno == EEXIST; /* kept as the department has it */
	good = write_all(fd, b->start, (size_t)(b->end - b->start));
	close(fd);
	if (!good)
		unlinkat(s->fd, b->name, 0);
	return good;
}

static bool
folder_make(int at, const char *name)
{
	return mkdirat(at, name, 0755) == 0 || errno == EEXIST;
}

struct site *
site_open(const char *dir)
{
	struct site *s = calloc(1, sizeof *s);
	char path[4096];
	bool good;

	if (s == NULL)
		return NULL;
	snprintf(path, sizeof path, "%s/site", dir);
	good = folder_make(AT_FDCWD, path) &&
	       (s->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 &&
	       folder_make(s->fd, "zh") && folder_make(s->fd, "en");
	for (size_t i = 0; good && i < builtin_count; i++)
		good = builtin_install(s, &builtins[i]);
	if (good)
		return s;
	fprintf(stderr, "portal: %s: %s\n", path, strerror(errno));
	site_close(s);
	return NULL;
}

void
site_close(struct site *s)
{
	if (s->fd > 0)
		close(s->fd);
	free(s);
}

static bool
file_read(int fd, struct text *out)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		text_add(out, chunk, (size_t)n);
	return n == 0 && !out->failed;
}

bool
site_read(struct site *s, const char *name, struct text *out)
{
	/* O_NONBLOCK: a pipe in place of the file must not stop the site. */
	int fd = openat(s->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool good = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && file_read(fd, out);

	if (fd >= 0)
		close(fd);
	if (!good)
		fprintf(stderr, "portal: site/%s: missing, not a plain file, or over %d bytes\n",
		    name, SITE_FILE_MAX_BYTES);
	return good;
}

static void
slot_fill(const struct slot *slots, const char *key, size_t len, struct text *out)
{
	for (; slots->key != NULL; slots++) {
		if (strlen(slots->key) != len || memcmp(slots->key, key, len) != 0)
			continue;
		if (slots->html)
			text_add_string(out, slots->value);
		else
			text_add_html(out, slots->value);
		return;
	}
}

static void
template_fill(const char *t, const struct slot *slots, struct text *out)
{
	const char *open;
	const char *close;

	while ((open = strstr(t, "{{")) != NULL && (close = strstr(open, "}}")) != NULL) {
		text_add(out, t, (size_t)(open - t));
		slot_fill(slots, open + 2, (size_t)(close - open - 2), out);
		t = close + 2;
	}
	text_add_string(out, t);
}

bool
site_render(
    struct site *s, enum lang lang, const char *page, const struct slot *slots, struct text *out)
{
	struct text file = {.max_bytes = SITE_FILE_MAX_BYTES};
	char name[64];
	bool good;

	snprintf(name, sizeof name, "%s/%s.html", lang == LANG_EN ? "en" : "zh", page);
	good = site_read(s, name, &file);
	if (good && file.p != NULL)
		template_fill(file.p, slots, out);
	text_free(&file);
	return good && !out->failed;
}
