#include "checker/curl_step.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- reading ---- */

enum err
curl_plan_text(
    struct reading *r, const struct json_t *o, const char *key, bool required, struct template *out)
{
	char what[64];
	enum err e;

	snprintf(what, sizeof what, "\"%s\"", key);
	if (jr_get(o, key) == NULL && !required)
		return ERR_OK;
	if ((e = reading_template(r, jr_get(o, key), what, out)) != ERR_OK)
		return e;
	return reading_has_control(out->source)
		   ? why_set(r->why, ERR_INVALID, "%s is one line", what)
		   : ERR_OK;
}

static enum err
read_login(struct reading *r, const struct json_t *o, struct curl_plan *out)
{
	const struct json_t *login = jr_get(o, "login");
	enum err e;

	if (login == NULL)
		return ERR_OK;
	if (!jr_is_object(login))
		return why_set(r->why, ERR_INVALID, "\"login\" must be an object");
	out->has_login = true;
	if ((e = curl_plan_text(r, login, "user", true, &out->user)) != ERR_OK)
		return e;
	return curl_plan_text(r, login, "password", false, &out->password);
}

static enum err
read_fails(struct reading *r, const struct json_t *o, struct curl_plan *out)
{
	const char *text;
	enum err e;

	out->fails = r->section == SECTION_GET ? ST_CORRUPT : ST_MUMBLE;
	if (jr_get(o, "fails") == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, "fails", 16, &text, r->why)) != ERR_OK)
		return e;
	if (!status_parse(text, &out->fails) ||
	    (out->fails != ST_DOWN && out->fails != ST_MUMBLE && out->fails != ST_CORRUPT))
		return why_set(r->why, ERR_INVALID,
		    "\"fails\" is \"%s\"; down, mumble or corrupt is expected", text);
	return ERR_OK;
}

enum err
curl_plan_read(struct reading *r, const struct json_t *o, const char *const *keys,
    struct curl_plan *plan, struct step *out)
{
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"%s\" must be an object", out->action->name);
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK ||
	    (e = curl_tls_plan_read(r, o, &plan->tls)) != ERR_OK ||
	    (e = read_login(r, o, plan)) != ERR_OK || (e = read_fails(r, o, plan)) != ERR_OK)
		return e;
	plan->starttls = jr_boolean(jr_get(o, "starttls"), false);
	out->plan = plan;
	return ERR_OK;
}

/* ---- texts ---- */

enum err
curl_talk_line(struct curl_talk *t, const struct template *text, struct buf *out, struct why *why)
{
	enum err e;

	buf_init(out, ARGUMENT_MAX_BYTES);
	(void)buf_room(out, 1); /* so that data is not NULL */
	if ((e = template_render(text, t->x->vars, ESCAPE_HEADER, out, why)) != ERR_OK)
		buf_free(out);
	else
		out->data[out->len] = '\0';
	return e;
}

enum err
curl_talk_url(struct curl_talk *t, const struct template *text, const char *keep, struct buf *url,
    struct why *why)
{
	struct buf line;
	enum err e;

	if ((e = curl_talk_line(t, text, &line, why)) != ERR_OK)
		return e;
	curl_client_escape(url, line.data, line.len, keep);
	buf_free(&line);
	return ERR_OK;
}

enum err
curl_talk_entry(
    struct curl_talk *t, const char *prefix, const struct template *text, struct why *why)
{
	struct curl_slist *longer;
	struct buf line, entry;
	enum err e;

	if ((e = curl_talk_line(t, text, &line, why)) != ERR_OK)
		return e;
	buf_init(&entry, ARGUMENT_MAX_BYTES + 256);
	buf_printf(&entry, "%s%s", prefix, line.data);
	if ((longer = curl_slist_append(t->list, entry.data)) != NULL)
		t->list = longer;
	buf_free(&entry);
	buf_free(&line);
	return ERR_OK;
}

static size_t
on_read(char *room, size_t one, size_t count, void *talk)
{
	struct curl_talk *t = talk;
	size_t left = t->sending.len - t->sent, n = one * count < left ? one * count : left;

	if (n > 0)
		memcpy(room, t->sending.data + t->sent, n);
	t->sent += n;
	return n;
}

void
curl_talk_upload(struct curl_talk *t)
{
	curl_easy_setopt(t->client.easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(t->client.easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(t->client.easy, CURLOPT_READDATA, t);
	curl_easy_setopt(t->client.easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->sending.len);
}

/* ---- the end ---- */

static void
talk_free(struct curl_talk *t)
{
	curl_client_close(&t->client);
	curl_slist_free_all(t->list);
	curl_mime_free(t->parts);
	buf_free(&t->sending);
	answer_free(&t->answer);
	free(t->host);
	if (t->key_fd >= 0)
		close(t->key_fd);
	if (t->release != NULL)
		t->release(t->more);
	free(t);
}

/* The step has a rule about the status, which judges a no as well. */
static bool
judges_status(const struct step *step)
{
	for (size_t i = 0; i < step->rule_count; i++)
		if (step->rules[i].kind == RULE_STATUS)
			return true;
	return false;
}

/* libcurl's ways to tell that the system understood and refused. */
static bool
is_no(CURLcode code)
{
	static const CURLcode codes[] = {CURLE_LOGIN_DENIED, CURLE_REMOTE_ACCESS_DENIED,
	    CURLE_REMOTE_FILE_NOT_FOUND, CURLE_REMOTE_FILE_EXISTS, CURLE_REMOTE_DISK_FULL,
	    CURLE_FTP_COULDNT_RETR_FILE, CURLE_FTP_COULDNT_SET_TYPE, CURLE_UPLOAD_FAILED,
	    CURLE_QUOTE_ERROR, CURLE_LDAP_CANNOT_BIND, CURLE_LDAP_SEARCH_FAILED, CURLE_SSH};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i] == code)
			return true;
	return false;
}

static void
say_no(const struct curl_talk *t, CURLcode code, struct outcome *o)
{
	bool login = code == CURLE_LOGIN_DENIED &&
		     (t->kind->not_login == NULL || strcmp(t->error, t->kind->not_login) != 0);

	o->status = t->plan->fails;
	if (t->kind->has_status && t->answer.status >= 400)
		(void)why_set(&o->said, ERR_OK,
		    login ? "it refuses the login, status %d" : "it says no, status %d",
		    t->answer.status);
	else
		(void)why_set(&o->said, ERR_OK, login ? "it refuses the login" : "it says no");
}

/* The connection ended, which libldap calls not to have been able to contact the server. */
static bool
is_end(const struct curl_talk *t, CURLcode code)
{
	return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
	       code == CURLE_ABORTED_BY_CALLBACK ||
	       (code == CURLE_COULDNT_CONNECT && curl_client_connected(&t->client));
}

static void
mumble(struct outcome *o, const char *text)
{
	o->status = ST_MUMBLE;
	(void)why_set(&o->said, ERR_OK, "%s", text);
}

/* A line begins with the protocol's word for a no. */
static bool
said_no(const struct curl_talk *t)
{
	const char *line = t->answer.headers.data, *no = t->kind->no;

	while (no != NULL && line != NULL) {
		if (strncmp(line, no, strlen(no)) == 0)
			return true;
		if ((line = strchr(line, '\n')) != NULL)
			line++;
	}
	return false;
}

static bool
understood_no(const struct curl_talk *t, CURLcode code)
{
	if (is_no(code))
		return true;
	return (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY) &&
	       ((t->kind->has_status && t->answer.status >= 400) || said_no(t));
}

static void
talk_outcome(struct curl_talk *t, struct outcome *o)
{
	CURLcode code = t->thread.code;
	bool nothing = t->thread.received == 0 && curl_client_connected(&t->client);

	if (t->thread.flooded)
		t->client.over =
		    "the answer is longer than " BODY_MAX_TEXT " with all that carries it";
	if (t->client.over == NULL && (t->enough || (code == CURLE_OK && !t->kind->waits))) {
		if (t->kind->empty != NULL && t->answer.body.len == 0 && t->sending.len == 0)
			mumble(o, t->kind->empty);
		return;
	}
	if (t->thread.shortage != 0)
		outcome_from_errno(o, t->thread.shortage);
	else if (t->client.over != NULL || t->client.tls.watch.said.text[0] != '\0')
		curl_client_outcome(&t->client, code, o);
	else if (nothing && t->thread.reset)
		outcome_from_errno(o, ECONNRESET);
	else if (nothing && code != CURLE_OPERATION_TIMEDOUT)
		mumble(o, "closed without an answer");
	else if (code == CURLE_PEER_FAILED_VERIFICATION && t->kind->stranger != NULL)
		mumble(o, t->kind->stranger);
	else if (code == CURLE_OK)
		mumble(o, "closed before the expected answer");
	else if (understood_no(t, code)) {
		if (t->answer.status == 0 || !judges_status(t->x->step))
			say_no(t, code, o);
	} else if (is_end(t, code))
		mumble(o, "the answer breaks off");
	else
		curl_client_outcome(&t->client, code, o);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code of the last line "NNN TEXT" that the server said, its farewell left out. */
static int
last_status(const struct buf *said)
{
	const char *line = said->data, *end = line + said->len;
	int status = 0;

	while (line != NULL && end - line > 3) {
		if (is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2]) && line[3] == ' ' &&
		    (status == 0 || memcmp(line, "221", 3) != 0))
			status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
		if ((line = memchr(line, '\n', (size_t)(end - line))) != NULL)
			line++;
	}
	return status;
}

static void
give_answer(struct curl_talk *t)
{
	struct answer *to = t->x->answer;
	struct buf *from = t->dialogue ? &t->answer.headers : &t->answer.body;

	buf_free(&to->body);
	to->body = *from;
	to->body.max_bytes = BODY_MAX_BYTES;
	buf_init(from, 0);
	to->status = t->answer.status;
}

static void
on_thread_done(struct curl_thread *thread)
{
	struct curl_talk *t =
	    (struct curl_talk *)((char *)thread - offsetof(struct curl_talk, thread));
	struct outcome o = {.status = ST_OK};
	struct exchange *x = t->x;

	if (x != NULL) {
		if (t->kind->has_status)
			t->answer.status = last_status(&t->answer.headers);
		talk_outcome(t, &o);
		give_answer(t);
		x->under_way = NULL;
	}
	talk_free(t);
	if (x != NULL)
		x->done(x->ctx, &o);
}

/* ---- the beginning ---- */

static enum err
set_login(struct curl_talk *t, struct why *why)
{
	struct buf text;
	enum err e;

	if (!t->plan->has_login)
		return ERR_OK;
	if ((e = curl_talk_line(t, &t->plan->user, &text, why)) != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_USERNAME, text.data);
	buf_free(&text);
	if ((e = curl_talk_line(t, &t->plan->password, &text, why)) != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_PASSWORD, text.data);
	buf_free(&text);
	return ERR_OK;
}

static enum err
prepare(struct curl_talk *t, struct why *why)
{
	const struct curl_plan *plan = t->plan;
	struct curl_target target = {
	    .scheme = plan->tls != NULL && !plan->starttls ? t->kind->scheme_tls : t->kind->scheme,
	    .host = t->host,
	    .ip = t->x->ip,
	    .port = t->x->port};
	struct buf url;
	enum err e;

	if ((e = curl_client_open(&t->client, why)) != ERR_OK)
		return e;
	curl_client_aim(&t->client, &target, plan->tls);
	curl_easy_setopt(t->client.easy, CURLOPT_ERRORBUFFER, t->error);
	if (plan->starttls)
		curl_easy_setopt(t->client.easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if ((e = set_login(t, why)) != ERR_OK)
		return e;
	buf_init(&url, URL_MAX_BYTES);
	curl_client_authority(&url, &target);
	e = t->kind->prepare(t, &url, why);
	if (e == ERR_OK && url.failed)
		e = why_set(why, ERR_LIMIT, "the step's texts make too long an URL");
	if (e == ERR_OK)
		curl_easy_setopt(t->client.easy, CURLOPT_URL, url.data);
	buf_free(&url);
	return e;
}

enum err
curl_talk_start(struct exchange *x, const struct curl_kind *kind, struct outcome *o)
{
	struct curl_talk *t = mem_alloc(sizeof *t);
	enum err e;

	t->x = x;
	t->host = mem_strdup(x->host);
	t->kind = kind;
	t->plan = x->step->plan;
	t->key_fd = -1;
	answer_init(&t->answer);
	buf_init(&t->sending, PAYLOAD_MAX_BYTES);
	t->client.answer = &t->answer;
	t->client.protocol = kind->protocol;
	o->status = ST_FAULT;
	e = prepare(t, &o->said);
	t->thread.easy = t->client.easy;
	t->thread.done = on_thread_done;
	if (e == ERR_OK && !curl_thread_start(x->threads, &t->thread))
		e = why_set(&o->said, ERR_BUSY, "the checker has no thread left");
	if (e == ERR_OK)
		x->under_way = t;
	else
		talk_free(t);
	return e;
}

void
curl_talk_cancel(struct exchange *x)
{
	struct curl_talk *t = x->under_way;

	t->x = NULL;
	x->under_way = NULL;
	curl_thread_cancel(&t->thread);
}
