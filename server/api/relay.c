#include "api/relay.h"
#include "base/mem.h"
#include "core/mail_address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD_MAX_BYTES 1024
#define CONNECT_MS_MAX 20000

/* ---- the password ---- */

static enum err
check_file(const char *path, int fd, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return why_set(why, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_INVALID, "%s is no file", path);
	if ((st.st_mode & 077) != 0)
		return why_set(why, ERR_FORBIDDEN,
		    "%s holds a password and is open to others; chmod 600 %s", path, path);
	return ERR_OK;
}

/* The file's only line, without its end. */
static enum err
read_file(const char *path, char out[PASSWORD_MAX_BYTES], struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;
	enum err e;

	if (fd < 0)
		return why_set(why, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	if ((e = check_file(path, fd, why)) != ERR_OK) {
		close(fd);
		return e;
	}
	n = read(fd, out, PASSWORD_MAX_BYTES - 1);
	close(fd);
	if (n < 0)
		return why_set(why, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r'))
		n--;
	out[n] = '\0';
	return ERR_OK;
}

static enum err
read_password(const struct scenario_mail *m, char out[PASSWORD_MAX_BYTES], struct why *why)
{
	const char *from = m->password_env != NULL ? m->password_env : m->password_file;
	const char *value;
	enum err e;

	out[0] = '\0';
	if (m->user == NULL)
		return ERR_OK;
	if (m->password_env == NULL) {
		if ((e = read_file(m->password_file, out, why)) != ERR_OK)
			return e;
	} else if ((value = getenv(from)) == NULL) {
		return why_set(why, ERR_NOT_FOUND,
		    "the mail's password is not there: set the environment variable %s", from);
	} else if (strlen(value) < PASSWORD_MAX_BYTES) {
		memcpy(out, value, strlen(value) + 1);
	}
	if (out[0] == '\0' || strpbrk(out, "\r\n") != NULL)
		return why_set(why, ERR_INVALID,
		    "%s holds no password of one line with at most %d bytes", from,
		    PASSWORD_MAX_BYTES - 1);
	return ERR_OK;
}

/* ---- the relay ---- */

enum err
relay_check(const struct scenario_mail *m, struct why *why)
{
	char password[PASSWORD_MAX_BYTES];
	enum err e = read_password(m, password, why);

	mem_wipe(password, sizeof password);
	if (e == ERR_OK && m->ca != NULL && access(m->ca, R_OK) != 0)
		return why_set(why, ERR_NOT_FOUND, "%s: %s", m->ca, strerror(errno));
	return e;
}

enum err
relay_open(struct loop *l, const struct scenario_mail *m, unsigned at_once, struct smtp **out,
    struct why *why)
{
	char password[PASSWORD_MAX_BYTES];
	struct smtp_relay r = {.host = m->host,
	    .port = m->port,
	    .tls = m->implicit ? SMTP_TLS_IMPLICIT
		   : m->tls    ? SMTP_TLS_REQUIRED
			       : SMTP_TLS_NONE,
	    .ca = m->ca,
	    .helo = mail_address_host(m->from),
	    .user = m->user,
	    .password = m->user != NULL ? password : NULL,
	    .connect_ms = m->timeout_ms < CONNECT_MS_MAX ? m->timeout_ms : CONNECT_MS_MAX,
	    .total_ms = m->timeout_ms};
	enum err e = relay_check(m, why);

	if (e == ERR_OK && (e = read_password(m, password, why)) == ERR_OK)
		e = smtp_open(l, &r, at_once, out, why);
	mem_wipe(password, sizeof password);
	return e;
}
