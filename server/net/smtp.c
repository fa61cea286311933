#include "net/smtp.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "core/mail_address.h"
#include "net/loop_uv.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STACK_BYTES (512 * 1024)
#define ANSWER_MAX_BYTES 300
#define GOODBYE_MS 2000 /* for the answer to QUIT: the mail is taken by then */

enum phase { PHASE_BEFORE, PHASE_TEXT, PHASE_END, PHASE_TAKEN };

/* One place for a mail under way. Between start and end of its thread all but stop and fd belong to that. */
struct sender {
	struct smtp *owner;
	struct sender *next; /* in ended */
	bool busy;
	smtp_done *done;
	void *ctx;

	CURL *easy; /* kept: it holds the certificates that were read */
	struct buf message;
	size_t read;
	struct curl_slist *to;
	enum phase phase;
	int64_t taken_ms;
	char answer[ANSWER_MAX_BYTES]; /* the relay's last line */
	CURLcode code;
	long status;

	uv_thread_t thread;
	uv_mutex_t lock; /* of fd */
	int fd;          /* a second descriptor of its connection, or -1 */
	atomic_bool stop;
};

struct smtp {
	struct smtp_relay relay; /* with strings of its own */
	struct waker *waker;
	uv_mutex_t lock; /* of ended */
	struct sender *ended;
	unsigned at_once, under_way;
	bool closing;
	void (*closed)(void *ctx);
	void *ctx;
	struct sender *senders;
};

/* ---- on the thread: what libcurl asks for ---- */

static size_t
on_read(char *to, size_t one, size_t max, void *sender)
{
	struct sender *s = sender;
	size_t left = s->message.len - s->read;
	size_t n = one * max < left ? one * max : left;

	memcpy(to, s->message.data + s->read, n);
	s->read += n;
	s->phase = s->read < s->message.len ? PHASE_TEXT : PHASE_END;
	return n;
}

/* A line that the relay answers with. The one after the end of the text says whether it takes the mail. */
static size_t
on_answer(char *line, size_t one, size_t len, void *sender)
{
	struct sender *s = sender;
	size_t n = len;

	(void)one;
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	/* 221 answers QUIT, whatever came before. */
	if (s->phase == PHASE_TAKEN || (n >= 3 && memcmp(line, "221", 3) == 0))
		return len;
	n = n < sizeof s->answer ? n : sizeof s->answer - 1;
	memcpy(s->answer, line, n);
	s->answer[n] = '\0';
	if (s->phase == PHASE_END && n >= 3 && memcmp(line, "250", 3) == 0) {
		s->phase = PHASE_TAKEN;
		s->taken_ms = time_mono_ms();
	}
	return len;
}

/* Called at every turn of libcurl's own loop. */
static int
on_progress(void *sender, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct sender *s = sender;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&s->stop) ||
	       (s->phase == PHASE_TAKEN && time_mono_ms() - s->taken_ms > GOODBYE_MS);
}

static void
forget_connection(struct sender *s)
{
	uv_mutex_lock(&s->lock);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	uv_mutex_unlock(&s->lock);
}

/* A second descriptor of the connection, so that the loop's thread may cut it, whatever libcurl does with its own. */
static curl_socket_t
on_open(void *sender, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct sender *s = sender;
	int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);

	(void)purpose;
	if (fd < 0)
		return CURL_SOCKET_BAD;
	forget_connection(s);
	uv_mutex_lock(&s->lock);
	s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	uv_mutex_unlock(&s->lock);
	return fd;
}

static void
run(void *sender)
{
	struct sender *s = sender;
	struct smtp *o = s->owner;

	s->code = curl_easy_perform(s->easy);
	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->status);
	forget_connection(s);
	uv_mutex_lock(&o->lock);
	s->next = o->ended;
	o->ended = s;
	waker_wake(o->waker); /* under the lock: it may be closed once s is taken */
	uv_mutex_unlock(&o->lock);
}

/* ---- what an attempt came to ---- */

static const struct {
	CURLcode code;
	const char *text;
} reasons[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "the relay's name is not known"},
    {CURLE_COULDNT_CONNECT, "the relay does not take connections"},
    {CURLE_OPERATION_TIMEDOUT, "the relay does not answer in time"},
    {CURLE_USE_SSL_FAILED, "the relay does not begin TLS, without which nothing is sent"},
    {CURLE_PEER_FAILED_VERIFICATION, "the relay's certificate does not stand for it"},
    {CURLE_SSL_CONNECT_ERROR, "the TLS handshake with the relay failed"},
    {CURLE_SSL_CACERT_BADFILE, "the certificates to trust cannot be read"},
    {CURLE_LOGIN_DENIED, "the relay does not accept user and password"},
    {CURLE_RECV_ERROR, "the relay broke the connection off"},
    {CURLE_GOT_NOTHING, "the relay broke the connection off"},
};

/* NULL: the relay's own words say it best. */
static const char *
reason(const struct sender *s)
{
	bool answered = s->status >= 400;

	if (answered && s->phase == PHASE_BEFORE && s->code == CURLE_WEIRD_SERVER_REPLY)
		return "the relay lets nobody in";
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].code == s->code)
			return reasons[i].text;
	if (answered)
		return NULL;
	if (s->code == CURLE_SEND_ERROR || s->code == CURLE_WEIRD_SERVER_REPLY)
		return "the relay broke the connection off";
	return curl_easy_strerror(s->code);
}

/*
 * RFC 5321 section 4.2.1: 5xx for the mail, its address or its text is for good. 5xx to a greeting, for want of a sign-in
 * or of TLS (RFC 4954 section 6) is about the relay and us, and may be put right.
 */
static bool
is_for_good(const struct sender *s)
{
	if (s->status < 500 || s->status > 599 || s->status == 530 || s->status == 534 ||
	    s->status == 535 || s->status == 538)
		return false;
	return s->code == CURLE_SEND_ERROR ||
	       (s->code == CURLE_WEIRD_SERVER_REPLY && s->phase == PHASE_END);
}

/* No control character is left, the two-byte ones of UTF-8 (C1) included. */
static void
tame(char *text)
{
	utf8_repair(text, strlen(text));
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
		else if (text[0] == '\xc2' && (unsigned char)text[1] < 0xa0)
			text[0] = text[1] = ' ';
	}
}

static void
read_result(struct sender *s, struct smtp_result *r)
{
	const char *words = reason(s);

	*r = (struct smtp_result){.outcome = SMTP_LATER, .code = (int)s->status};
	if (s->phase == PHASE_TAKEN) {
		*r = (struct smtp_result){.outcome = SMTP_SENT, .code = 250};
		return;
	}
	if (atomic_load(&s->stop))
		r->outcome = SMTP_CANCELLED, words = "cut off";
	else if (is_for_good(s))
		r->outcome = SMTP_REFUSED;
	tame(s->answer);
	if (words == NULL)
		(void)why_set(&r->logged, ERR_OK, "the relay says %ld", s->status);
	else
		(void)why_set(&r->logged, ERR_OK, "%s", words);
	if (s->status >= 400 && strtol(s->answer, NULL, 10) == s->status)
		(void)why_set(&r->said, ERR_OK, "%s%s%s", words != NULL ? words : "the relay says",
		    words != NULL ? ": " : " ", s->answer);
	else
		r->said = r->logged;
}

/* ---- on the loop's thread: an attempt ---- */

static enum err
set_relay(CURL *h, const struct smtp_relay *r, struct why *why)
{
	bool v6 = strchr(r->host, ':') != NULL;
	char url[700];

	snprintf(url, sizeof url, "%s://%s%s%s:%d/%s",
	    r->tls == SMTP_TLS_IMPLICIT ? "smtps" : "smtp", v6 ? "[" : "", r->host, v6 ? "]" : "",
	    r->port, r->helo);
	if (curl_easy_setopt(h, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps") != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_USERNAME, r->user) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_PASSWORD, r->password) != CURLE_OK ||
	    (r->ca != NULL && curl_easy_setopt(h, CURLOPT_CAINFO, r->ca) != CURLE_OK))
		return why_set(why, ERR_IO, "libcurl cannot send mail");
	curl_easy_setopt(h, CURLOPT_USE_SSL,
	    r->tls == SMTP_TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)r->total_ms);
	/* For what no other time is set: the answer to QUIT. */
	curl_easy_setopt(h, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(r->connect_ms / 1000 + 1));
	return ERR_OK;
}

/* Nothing of the process's surroundings takes part: no proxy variables, no .netrc, no signals. */
static void
set_callbacks(CURL *h, struct sender *s)
{
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	/* A look-up that hangs does not hold up the end. */
	curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(h, CURLOPT_READDATA, s);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_answer);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, s);
}

static enum err
set_up(struct sender *s, struct why *why)
{
	CURL *h = curl_easy_init();
	enum err e;

	if (h == NULL)
		return why_set(why, ERR_IO, "curl_easy_init failed");
	set_callbacks(h, s);
	if ((e = set_relay(h, &s->owner->relay, why)) != ERR_OK) {
		curl_easy_cleanup(h);
		return e;
	}
	s->easy = h;
	return ERR_OK;
}

/* RFC 5321 section 4.1.1.2: paths stand in angle brackets. */
static enum err
set_envelope(struct sender *s, const struct mail_message *m, struct why *why)
{
	char path[MAIL_ADDRESS_MAX_BYTES + 3];

	curl_slist_free_all(s->to);
	snprintf(path, sizeof path, "<%s>", m->to);
	if ((s->to = curl_slist_append(NULL, path)) == NULL)
		return why_set(why, ERR_IO, "libcurl has no memory left");
	snprintf(path, sizeof path, "<%s>", m->from);
	curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, s->to);
	curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, path);
	curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->message.len);
	return ERR_OK;
}

static enum err
begin(struct sender *s, const struct mail_message *m, struct why *why)
{
	const uv_thread_options_t options = {
	    .flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_BYTES};
	enum err e;

	buf_reset(&s->message);
	if ((e = mail_message_write(m, &s->message, why)) != ERR_OK ||
	    (s->easy == NULL && (e = set_up(s, why)) != ERR_OK) ||
	    (e = set_envelope(s, m, why)) != ERR_OK)
		return e;
	s->read = 0;
	s->phase = PHASE_BEFORE;
	s->answer[0] = '\0';
	atomic_store(&s->stop, false);
	if (uv_thread_create_ex(&s->thread, &options, run, s) != 0)
		return why_set(why, ERR_IO, "no thread can be made to send a mail");
	return ERR_OK;
}

enum err
smtp_send(struct smtp *o, const struct mail_message *m, smtp_done *done, void *ctx, struct why *why)
{
	struct sender *s = o->senders;
	enum err e;

	if (o->closing)
		return why_set(why, ERR_CLOSED, "no more mails are sent");
	if (o->under_way == o->at_once)
		return why_set(why, ERR_BUSY, "%u mails are under way", o->under_way);
	while (s->busy)
		s++;
	if ((e = begin(s, m, why)) != ERR_OK)
		return e;
	s->busy = true;
	s->done = done;
	s->ctx = ctx;
	o->under_way++;
	return ERR_OK;
}

unsigned
smtp_under_way(const struct smtp *o)
{
	return o->under_way;
}

/* ---- on the loop's thread: the ends ---- */

static void
relay_free(struct smtp_relay *r)
{
	if (r->password != NULL)
		mem_wipe((char *)r->password, strlen(r->password));
	free((char *)r->host);
	free((char *)r->ca);
	free((char *)r->helo);
	free((char *)r->user);
	free((char *)r->password);
}

static void
finish(struct smtp *o)
{
	void (*closed)(void *ctx) = o->closed;
	void *ctx = o->ctx;

	for (unsigned i = 0; i < o->at_once; i++) {
		struct sender *s = &o->senders[i];

		curl_easy_cleanup(s->easy);
		curl_slist_free_all(s->to);
		buf_free(&s->message);
		uv_mutex_destroy(&s->lock);
	}
	waker_close(o->waker);
	uv_mutex_destroy(&o->lock);
	relay_free(&o->relay);
	free(o->senders);
	free(o);
	closed(ctx);
}

static struct sender *
take_ended(struct smtp *o)
{
	struct sender *ended;

	uv_mutex_lock(&o->lock);
	ended = o->ended;
	o->ended = NULL;
	uv_mutex_unlock(&o->lock);
	return ended;
}

static void
on_wake(void *smtp)
{
	struct smtp *o = smtp;
	struct sender *next;

	for (struct sender *s = take_ended(o); s != NULL; s = next) {
		struct smtp_result r;

		next = s->next;
		uv_thread_join(&s->thread);
		read_result(s, &r);
		s->busy = false;
		o->under_way--;
		s->done(s->ctx, &r); /* may begin the next one in this very place */
	}
	if (o->closing && o->under_way == 0)
		finish(o);
}

void
smtp_close(struct smtp *o, void (*closed)(void *ctx), void *ctx)
{
	if (o->closing)
		return;
	o->closing = true;
	o->closed = closed;
	o->ctx = ctx;
	for (unsigned i = 0; i < o->at_once; i++) {
		struct sender *s = &o->senders[i];

		if (!s->busy)
			continue;
		atomic_store(&s->stop, true);
		uv_mutex_lock(&s->lock);
		if (s->fd >= 0)
			shutdown(s->fd, SHUT_RDWR);
		uv_mutex_unlock(&s->lock);
	}
	waker_wake(o->waker);
}

/* ---- opening ---- */

static char *
copy(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static void
init_mutex(uv_mutex_t *m)
{
	if (uv_mutex_init(m) != 0)
		log_die("smtp", "the system has no mutex left");
}

enum err
smtp_open(struct loop *l, const struct smtp_relay *r, unsigned at_once, struct smtp **out,
    struct why *why)
{
	struct smtp *o;

	if (at_once < 1 || at_once > SMTP_AT_ONCE_MAX)
		return why_set(
		    why, ERR_INVALID, "%u mails at once; it is 1 to %d", at_once, SMTP_AT_ONCE_MAX);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return why_set(why, ERR_IO, "libcurl cannot begin");
	o = mem_alloc(sizeof *o);
	o->relay = *r;
	o->relay.host = copy(r->host);
	o->relay.ca = copy(r->ca);
	o->relay.helo = copy(r->helo);
	o->relay.user = copy(r->user);
	o->relay.password = copy(r->password);
	o->at_once = at_once;
	o->senders = mem_array(at_once, sizeof *o->senders);
	init_mutex(&o->lock);
	for (unsigned i = 0; i < at_once; i++) {
		o->senders[i].owner = o;
		o->senders[i].fd = -1;
		buf_init(&o->senders[i].message, MAIL_MESSAGE_MAX_BYTES);
		init_mutex(&o->senders[i].lock);
	}
	o->waker = waker_new(l, on_wake, o);
	*out = o;
	return ERR_OK;
}
