/* The actions that move files: ftp, smb, sftp. */
#include "checker/curl_step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HOST_KEY_MAX_BYTES 64
#define KEY_FILE_MAX_BYTES (16 * 1024) /* what the sandbox lets a file have */

enum file_verb { FILE_LOGIN, FILE_DOWNLOAD, FILE_LIST, FILE_DELETE, FILE_UPLOAD };

struct file_plan {
	struct curl_plan curl;
	enum file_verb verb;
	struct template path;
	struct payload content;
	struct template share; /* smb */
	const char *host_key;  /* sftp: the SHA-256 in base64, or NULL */
	const char *key;       /* sftp: PEM, or NULL */
};

/* ---- reading ---- */

static enum err
read_upload(struct reading *r, const struct json_t *o, struct file_plan *out)
{
	static const char *const keys[] = {"path", "content", "hex", NULL};
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"upload\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "path", true, &out->path)) != ERR_OK)
		return e;
	return payload_read(r, o, &out->content);
}

static enum err
read_verb(struct reading *r, const struct json_t *o, struct file_plan *out)
{
	static const char *const verbs[] = {[FILE_DOWNLOAD] = "download",
	    [FILE_LIST] = "list",
	    [FILE_DELETE] = "delete",
	    [FILE_UPLOAD] = "upload"};

	for (int i = FILE_DOWNLOAD; i <= FILE_UPLOAD; i++) {
		if (jr_get(o, verbs[i]) == NULL)
			continue;
		if (out->verb != FILE_LOGIN)
			return why_set(r->why, ERR_INVALID,
			    "only one of \"download\", \"list\", \"delete\" and \"upload\"");
		out->verb = (enum file_verb)i;
	}
	if (out->verb == FILE_LOGIN)
		return ERR_OK;
	if (out->verb == FILE_UPLOAD)
		return read_upload(r, jr_get(o, "upload"), out);
	return curl_plan_text(r, o, verbs[out->verb], true, &out->path);
}

static enum err
ftp_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    CURL_PLAN_KEYS, "download", "list", "delete", "upload", NULL};
	struct file_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	return e == ERR_OK ? read_verb(r, o, plan) : e;
}

static enum err
smb_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    "port", "login", "fails", "share", "download", "upload", NULL};
	struct file_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK || (e = curl_plan_text(r, o, "share", true, &plan->share)) != ERR_OK ||
	    (e = read_verb(r, o, plan)) != ERR_OK)
		return e;
	return plan->verb != FILE_LOGIN
		   ? ERR_OK
		   : why_set(r->why, ERR_INVALID, "\"download\" or \"upload\" is expected");
}

static enum err
read_secret(
    struct reading *r, const struct json_t *o, const char *key, size_t max, const char **out)
{
	const char *text;
	enum err e;

	if (jr_get(o, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, key, max, &text, r->why)) == ERR_OK)
		*out = arena_strdup(&r->program->arena, text);
	return e;
}

static enum err
sftp_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    "port", "login", "fails", "host_key", "download", "list", "delete", "upload", NULL};
	struct file_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK ||
	    (e = read_secret(r, o, "host_key", HOST_KEY_MAX_BYTES, &plan->host_key)) != ERR_OK ||
	    (e = read_secret(r, jr_get(o, "login"), "key", KEY_FILE_MAX_BYTES, &plan->key)) !=
		ERR_OK)
		return e;
	return read_verb(r, o, plan);
}

/* ---- what is asked ---- */

static enum err
set_verb(struct curl_talk *t, const struct file_plan *plan, struct why *why)
{
	CURL *h = t->client.easy;
	enum err e;

	switch (plan->verb) {
	case FILE_UPLOAD:
		e = payload_render(&plan->content, t->x->vars, &t->sending, why);
		if (e == ERR_OK)
			curl_talk_upload(t);
		return e;
	case FILE_LOGIN:
	case FILE_DELETE:
		curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
		break;
	case FILE_DOWNLOAD:
	case FILE_LIST:
		break;
	}
	return ERR_OK;
}

/* The path after the host's slash; a listing's ends with a slash. */
static enum err
put_path(struct curl_talk *t, const struct file_plan *plan, struct buf *url, struct why *why)
{
	enum err e;

	if (plan->verb == FILE_LOGIN || plan->verb == FILE_DELETE)
		return ERR_OK;
	if ((e = curl_talk_url(t, &plan->path, "/", url, why)) != ERR_OK)
		return e;
	if (plan->verb == FILE_LIST && url->len > 0 && url->data[url->len - 1] != '/')
		buf_putc(url, '/');
	return ERR_OK;
}

/* The whole path in one command: a path that begins with / is from the root, any other from the login's folder. */
static enum err
ftp_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct file_plan *plan = (const struct file_plan *)t->plan;
	enum err e;

	buf_putc(url, '/');
	curl_easy_setopt(t->client.easy, CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
	curl_easy_setopt(t->client.easy, CURLOPT_FTP_SKIP_PASV_IP, 1L);
	t->dialogue = plan->verb != FILE_DOWNLOAD && plan->verb != FILE_LIST;
	if ((e = set_verb(t, plan, why)) != ERR_OK || (e = put_path(t, plan, url, why)) != ERR_OK)
		return e;
	if (plan->verb != FILE_DELETE)
		return ERR_OK;
	if ((e = curl_talk_entry(t, "DELE ", &plan->path, why)) == ERR_OK)
		curl_easy_setopt(t->client.easy, CURLOPT_QUOTE, t->list);
	return e;
}

static enum err
smb_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct file_plan *plan = (const struct file_plan *)t->plan;
	enum err e;

	buf_putc(url, '/');
	if ((e = curl_talk_url(t, &plan->share, "", url, why)) != ERR_OK)
		return e;
	buf_putc(url, '/');
	if ((e = put_path(t, plan, url, why)) != ERR_OK)
		return e;
	return set_verb(t, plan, why);
}

/*
 * libssh2 reads a key from a file only, and the checker has none: it gets one in memory, which its own path in
 * /proc opens as often as libssh2 likes.
 */
static enum err
set_key(struct curl_talk *t, const char *key, struct why *why)
{
	size_t len = strlen(key);
	char path[64];

	t->key_fd = memfd_create("key", MFD_CLOEXEC);
	if (t->key_fd < 0 || write(t->key_fd, key, len) != (ssize_t)len)
		return why_set(
		    why, ERR_IO, "the key finds no place in memory: %s", strerror(errno));
	snprintf(path, sizeof path, "/proc/self/fd/%d", t->key_fd);
	curl_easy_setopt(t->client.easy, CURLOPT_SSH_PRIVATE_KEYFILE, path);
	return ERR_OK;
}

/* rm "PATH", quoted as libcurl reads it. */
static enum err
set_remove(struct curl_talk *t, const struct template *path, struct why *why)
{
	struct buf line, command;
	enum err e;

	if ((e = curl_talk_line(t, path, &line, why)) != ERR_OK)
		return e;
	buf_init(&command, 2 * ARGUMENT_MAX_BYTES + 8);
	buf_puts(&command, "rm \"");
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] == '"' || line.data[i] == '\\')
			buf_putc(&command, '\\');
		buf_putc(&command, line.data[i]);
	}
	buf_putc(&command, '"');
	t->list = curl_slist_append(NULL, command.data);
	curl_easy_setopt(t->client.easy, CURLOPT_QUOTE, t->list);
	buf_free(&command);
	buf_free(&line);
	return ERR_OK;
}

/* libcurl takes every path as from the root but those that begin with /~/. */
static enum err
put_sftp_path(struct curl_talk *t, const struct file_plan *plan, struct buf *url, struct why *why)
{
	struct buf line;
	enum err e;

	if (plan->path.source == NULL) {
		buf_puts(url, "/~/");
		return ERR_OK;
	}
	if ((e = curl_talk_line(t, &plan->path, &line, why)) != ERR_OK)
		return e;
	buf_puts(url, line.data[0] == '/' ? "" : "/~/");
	buf_free(&line);
	if (plan->verb == FILE_DELETE)
		buf_putc(url, '/');
	return put_path(t, plan, url, why);
}

static enum err
sftp_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct file_plan *plan = (const struct file_plan *)t->plan;
	CURL *h = t->client.easy;
	enum err e;

	curl_easy_setopt(h, CURLOPT_SSH_AUTH_TYPES,
	    plan->key != NULL ? (long)CURLSSH_AUTH_PUBLICKEY
			      : (long)(CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD));
	if (plan->host_key != NULL)
		curl_easy_setopt(h, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, plan->host_key);
	if (plan->key != NULL && (e = set_key(t, plan->key, why)) != ERR_OK)
		return e;
	if ((e = put_sftp_path(t, plan, url, why)) != ERR_OK)
		return e;
	if (plan->verb == FILE_DELETE && (e = set_remove(t, &plan->path, why)) != ERR_OK)
		return e;
	return set_verb(t, plan, why);
}

/* ---- the actions ---- */

static void
file_describe(const struct step *step, struct buf *out)
{
	static const char *const words[] = {[FILE_LOGIN] = "login",
	    [FILE_DOWNLOAD] = "download",
	    [FILE_LIST] = "list",
	    [FILE_DELETE] = "delete",
	    [FILE_UPLOAD] = "upload"};
	const struct file_plan *plan = step->plan;

	buf_puts(out, words[plan->verb]);
	if (plan->path.source != NULL)
		buf_printf(out, " %.200s", plan->path.source);
}

static const struct curl_kind ftp = {.protocol = "FTP",
    .scheme = "ftp",
    .scheme_tls = "ftps",
    .has_status = true,
    .prepare = ftp_prepare};
/* libcurl takes a peer that says zeros for a server with an empty file. */
static const struct curl_kind smb = {.protocol = "SMB",
    .scheme = "smb",
    .scheme_tls = "smbs",
    .empty = "the file is empty",
    .prepare = smb_prepare};
static const struct curl_kind sftp = {.protocol = "SFTP",
    .scheme = "sftp",
    .scheme_tls = "sftp",
    .stranger = "its host key is another one",
    .prepare = sftp_prepare};

static enum err
ftp_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &ftp, o);
}

static enum err
smb_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &smb, o);
}

static enum err
sftp_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &sftp, o);
}

const struct action action_ftp = {.name = "ftp",
    .has_status = true,
    .read = ftp_read,
    .start = ftp_start,
    .cancel = curl_talk_cancel,
    .describe = file_describe};
const struct action action_smb = {.name = "smb",
    .read = smb_read,
    .start = smb_start,
    .cancel = curl_talk_cancel,
    .describe = file_describe};
const struct action action_sftp = {.name = "sftp",
    .read = sftp_read,
    .start = sftp_start,
    .cancel = curl_talk_cancel,
    .describe = file_describe};
