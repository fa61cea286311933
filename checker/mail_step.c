/* The actions of mail: smtp sends one, imap and pop3 read it. */
#include "checker/curl_step.h"

#include <string.h>
#include <strings.h>

struct smtp_plan {
	struct curl_plan curl;
	struct template from, helo;
	struct template *to;
	size_t to_count;
	struct template message; /* whole, or source NULL: of what follows */
	struct named *headers;
	size_t header_count;
	struct template body;
	struct part *attach;
	size_t attach_count;
};

/* append last: its text has lines */
enum imap_verb { IMAP_FOLDERS, IMAP_FETCH, IMAP_SEARCH, IMAP_COMMAND, IMAP_APPEND };

struct imap_plan {
	struct curl_plan curl;
	enum imap_verb verb;
	struct template folder, text, section;
};

enum pop3_verb { POP3_LIST, POP3_RETR, POP3_DELETE };

struct pop3_plan {
	struct curl_plan curl;
	enum pop3_verb verb;
	struct template number;
};

/* ---- reading ---- */

static enum err
read_to(struct reading *r, const struct json_t *o, struct smtp_plan *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "to", STEP_ITEMS_MAX, &list, &out->to_count)) != ERR_OK)
		return e;
	if (out->to_count == 0)
		return why_set(r->why, ERR_INVALID, "\"to\" is a list of at least one address");
	out->to = arena_array(&r->program->arena, out->to_count, sizeof *out->to);
	for (size_t i = 0; i < out->to_count; i++)
		if ((e = reading_template(r, jr_at(list, i), "an address", &out->to[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

static enum err
read_message(struct reading *r, const struct json_t *o, struct smtp_plan *out)
{
	enum err e;

	if ((jr_get(o, "message") != NULL && (e = reading_template(r, jr_get(o, "message"),
						  "\"message\"", &out->message)) != ERR_OK) ||
	    (jr_get(o, "body") != NULL &&
		(e = reading_template(r, jr_get(o, "body"), "\"body\"", &out->body)) != ERR_OK) ||
	    (e = reading_pairs(
		 r, o, "headers", STEP_ITEMS_MAX, &out->headers, &out->header_count)) != ERR_OK)
		return e;
	for (size_t i = 0; i < out->header_count; i++)
		if (out->headers[i].name.source[0] == '\0' ||
		    reading_has_control(out->headers[i].name.source) ||
		    reading_has_control(out->headers[i].value.source) ||
		    strchr(out->headers[i].name.source, ':') != NULL)
			return why_set(r->why, ERR_INVALID,
			    "header %zu: a name of letters, digits and - and a value on one line "
			    "are expected",
			    i + 1);
	return payload_read_parts(r, o, "attach", &out->attach, &out->attach_count);
}

static enum err
smtp_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    CURL_PLAN_KEYS, "from", "to", "helo", "message", "headers", "body", "attach", NULL};
	struct smtp_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK || (e = curl_plan_text(r, o, "from", true, &plan->from)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "helo", false, &plan->helo)) != ERR_OK ||
	    (e = read_to(r, o, plan)) != ERR_OK)
		return e;
	return read_message(r, o, plan);
}

/* The one key of these that is there, its place in verbs; 0 for none. */
static enum err
read_mail_verb(struct reading *r, const struct json_t *o, const char *const *verbs, int count,
    int *verb, struct template *text)
{
	*verb = 0;
	for (int i = 1; i < count; i++) {
		if (jr_get(o, verbs[i]) == NULL)
			continue;
		if (*verb != 0)
			return why_set(r->why, ERR_INVALID, "only one of \"%s\" and \"%s\"",
			    verbs[*verb], verbs[i]);
		*verb = i;
	}
	return *verb != 0 ? curl_plan_text(r, o, verbs[*verb], true, text) : ERR_OK;
}

static const char *const imap_verbs[] = {[IMAP_FOLDERS] = "folders",
    [IMAP_FETCH] = "fetch",
    [IMAP_SEARCH] = "search",
    [IMAP_APPEND] = "append",
    [IMAP_COMMAND] = "command"};
static const char *const pop3_verbs[] = {
    [POP3_LIST] = "list", [POP3_RETR] = "retr", [POP3_DELETE] = "delete"};

static enum err
imap_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    CURL_PLAN_KEYS, "folder", "section", "fetch", "search", "append", "command", NULL};
	struct imap_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);
	int verb = 0;

	if (e != ERR_OK || (e = curl_plan_text(r, o, "folder", false, &plan->folder)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "section", false, &plan->section)) != ERR_OK)
		return e;
	if ((e = read_mail_verb(r, o, imap_verbs, IMAP_APPEND, &verb, &plan->text)) != ERR_OK)
		return e;
	plan->verb = (enum imap_verb)verb;
	if (jr_get(o, "append") == NULL)
		return ERR_OK;
	if (verb != 0)
		return why_set(
		    r->why, ERR_INVALID, "only one of \"append\" and \"%s\"", imap_verbs[verb]);
	plan->verb = IMAP_APPEND;
	return reading_template(r, jr_get(o, "append"), "\"append\"", &plan->text);
}

static enum err
pop3_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {CURL_PLAN_KEYS, "retr", "delete", NULL};
	struct pop3_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);
	int verb = 0;

	if (e != ERR_OK)
		return e;
	e = read_mail_verb(r, o, pop3_verbs, 3, &verb, &plan->number);
	plan->verb = (enum pop3_verb)verb;
	return e;
}

/* ---- a message ---- */

static bool
has_header(const struct smtp_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->header_count; i++)
		if (strcasecmp(plan->headers[i].name.source, name) == 0)
			return true;
	return false;
}

static enum err
add_header(struct curl_talk *t, struct curl_slist **lines, const char *name,
    const struct template *value, struct why *why)
{
	struct curl_slist *longer;
	struct buf text, line;
	enum err e;

	if ((e = curl_talk_line(t, value, &text, why)) != ERR_OK)
		return e;
	buf_init(&line, 2 * ARGUMENT_MAX_BYTES);
	buf_printf(&line, "%s: %s", name, text.data);
	if ((longer = curl_slist_append(*lines, line.data != NULL ? line.data : name)) != NULL)
		*lines = longer;
	buf_free(&line);
	buf_free(&text);
	return ERR_OK;
}

/* As written, before them what a mail always has. */
static enum err
add_headers(
    struct curl_talk *t, const struct smtp_plan *plan, struct curl_slist **lines, struct why *why)
{
	enum err e = ERR_OK;

	if (!has_header(plan, "From"))
		e = add_header(t, lines, "From", &plan->from, why);
	for (size_t i = 0; i < plan->to_count && e == ERR_OK && !has_header(plan, "To"); i++)
		e = add_header(t, lines, "To", &plan->to[i], why);
	for (size_t i = 0; i < plan->header_count && e == ERR_OK; i++)
		e = add_header(
		    t, lines, plan->headers[i].name.source, &plan->headers[i].value, why);
	return e;
}

/* Lines of a mail end with CR LF (RFC 5321 section 2.3.8), those of a YAML text with LF. */
static void
put_lines(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			buf_putc(out, '\r');
		buf_putc(out, text[i]);
	}
}

static enum err
render_lines(struct curl_talk *t, const struct template *text, struct buf *out, struct why *why)
{
	struct buf plain;
	enum err e;

	buf_init(&plain, PAYLOAD_MAX_BYTES);
	if ((e = template_render(text, t->x->vars, ESCAPE_NONE, &plain, why)) == ERR_OK) {
		put_lines(out, plain.data != NULL ? plain.data : "", plain.len);
		e = out->failed ? why_set(why, ERR_LIMIT, "the message is too long") : ERR_OK;
	}
	buf_free(&plain);
	return e;
}

static enum err
upload_lines(struct curl_talk *t, const struct template *text, struct why *why)
{
	enum err e = render_lines(t, text, &t->sending, why);

	if (e == ERR_OK)
		curl_talk_upload(t);
	return e;
}

static enum err
upload_plain(
    struct curl_talk *t, const struct smtp_plan *plan, struct curl_slist *lines, struct why *why)
{
	for (; lines != NULL; lines = lines->next)
		buf_printf(&t->sending, "%s\r\n", lines->data);
	if (!has_header(plan, "Content-Type"))
		buf_puts(&t->sending,
		    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n");
	buf_puts(&t->sending, "\r\n");
	return upload_lines(t, &plan->body, why);
}

static enum err
upload_parts(struct curl_talk *t, const struct smtp_plan *plan, struct why *why)
{
	struct part body = {.type = "text/plain; charset=utf-8"};
	CURL *h = t->client.easy;
	enum err e;

	if ((e = render_lines(t, &plan->body, &t->sending, why)) != ERR_OK)
		return e;
	body.content.bytes = t->sending.data != NULL ? t->sending.data : "";
	body.content.len = t->sending.len;
	if ((e = payload_mime(&body, 1, h, t->x->vars, NULL, &t->parts, why)) != ERR_OK ||
	    (e = payload_mime(plan->attach, plan->attach_count, h, t->x->vars, "base64", &t->parts,
		 why)) != ERR_OK)
		return e;
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, t->more);
	curl_easy_setopt(h, CURLOPT_MIMEPOST, t->parts);
	return ERR_OK;
}

static void
free_lines(void *lines)
{
	curl_slist_free_all(lines);
}

/* ---- smtp ---- */

static enum err
set_message(struct curl_talk *t, const struct smtp_plan *plan, struct why *why)
{
	struct curl_slist *lines = NULL;
	enum err e;

	if (plan->message.source != NULL)
		return upload_lines(t, &plan->message, why);
	e = add_headers(t, plan, &lines, why);
	t->more = lines;
	t->release = free_lines;
	if (e != ERR_OK)
		return e;
	return plan->attach_count > 0 ? upload_parts(t, plan, why)
				      : upload_plain(t, plan, lines, why);
}

static enum err
smtp_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	static const struct template nobody = {.source = ""};
	const struct smtp_plan *plan = (const struct smtp_plan *)t->plan;
	struct buf from;
	enum err e;

	t->dialogue = true;
	buf_puts(url, plan->helo.source == NULL ? "/localhost" : "/");
	if ((e = curl_talk_url(
		 t, plan->helo.source != NULL ? &plan->helo : &nobody, "", url, why)) != ERR_OK ||
	    (e = curl_talk_line(t, &plan->from, &from, why)) != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_MAIL_FROM, from.data);
	buf_free(&from);
	for (size_t i = 0; i < plan->to_count && e == ERR_OK; i++)
		e = curl_talk_entry(t, "", &plan->to[i], why);
	if (e != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_MAIL_RCPT, t->list);
	return set_message(t, plan, why);
}

/* ---- imap and pop3 ---- */

/* A command of one's own goes percent-encoded: libcurl decodes it. */
static enum err
set_command(struct curl_talk *t, const struct template *text, struct why *why)
{
	struct buf command;
	enum err e;

	buf_init(&command, 4 * ARGUMENT_MAX_BYTES);
	if ((e = curl_talk_url(t, text, "", &command, why)) == ERR_OK && command.data != NULL)
		curl_easy_setopt(t->client.easy, CURLOPT_CUSTOMREQUEST, command.data);
	buf_free(&command);
	return e;
}

static enum err
put_folder(struct curl_talk *t, const struct imap_plan *plan, struct buf *url, struct why *why)
{
	buf_putc(url, '/');
	if (plan->folder.source != NULL)
		return curl_talk_url(t, &plan->folder, "/", url, why);
	if (plan->verb != IMAP_FOLDERS && plan->verb != IMAP_COMMAND)
		buf_puts(url, "INBOX");
	return ERR_OK;
}

static enum err
imap_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct imap_plan *plan = (const struct imap_plan *)t->plan;
	enum err e;

	t->dialogue = plan->verb == IMAP_APPEND;
	if ((e = put_folder(t, plan, url, why)) != ERR_OK)
		return e;
	switch (plan->verb) {
	case IMAP_FOLDERS:
		return ERR_OK;
	case IMAP_APPEND:
		return upload_lines(t, &plan->text, why);
	case IMAP_COMMAND:
		return set_command(t, &plan->text, why);
	case IMAP_SEARCH:
		buf_putc(url, '?');
		return curl_talk_url(t, &plan->text, "", url, why);
	case IMAP_FETCH:
		buf_puts(url, ";MAILINDEX=");
		if ((e = curl_talk_url(t, &plan->text, "", url, why)) != ERR_OK ||
		    plan->section.source == NULL)
			return e;
		buf_puts(url, ";SECTION=");
		return curl_talk_url(t, &plan->section, "", url, why);
	}
	return ERR_OK;
}

static enum err
pop3_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct pop3_plan *plan = (const struct pop3_plan *)t->plan;

	buf_putc(url, '/');
	t->dialogue = plan->verb == POP3_DELETE;
	if (plan->verb == POP3_DELETE) {
		curl_easy_setopt(t->client.easy, CURLOPT_CUSTOMREQUEST, "DELE");
		curl_easy_setopt(t->client.easy, CURLOPT_NOBODY, 1L);
	}
	return curl_talk_url(t, &plan->number, "", url, why);
}

/* ---- the actions ---- */

static void
smtp_describe(const struct step *step, struct buf *out)
{
	const struct smtp_plan *plan = step->plan;

	buf_printf(out, "to %.200s", plan->to[0].source);
}

static void
imap_describe(const struct step *step, struct buf *out)
{
	const struct imap_plan *plan = step->plan;

	buf_puts(out, imap_verbs[plan->verb]);
}

static void
pop3_describe(const struct step *step, struct buf *out)
{
	const struct pop3_plan *plan = step->plan;

	buf_puts(out, pop3_verbs[plan->verb]);
}

static const struct curl_kind smtp = {.protocol = "SMTP",
    .scheme = "smtp",
    .scheme_tls = "smtps",
    .has_status = true,
    .prepare = smtp_prepare};
static const struct curl_kind imap = {.protocol = "IMAP",
    .scheme = "imap",
    .scheme_tls = "imaps",
    .not_login = "Select failed",
    .prepare = imap_prepare};
static const struct curl_kind pop3 = {.protocol = "POP3",
    .scheme = "pop3",
    .scheme_tls = "pop3s",
    .no = "-ERR",
    .prepare = pop3_prepare};

static enum err
smtp_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &smtp, o);
}

static enum err
imap_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &imap, o);
}

static enum err
pop3_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &pop3, o);
}

const struct action action_smtp = {.name = "smtp",
    .has_status = true,
    .read = smtp_read,
    .start = smtp_start,
    .cancel = curl_talk_cancel,
    .describe = smtp_describe};
const struct action action_imap = {.name = "imap",
    .read = imap_read,
    .start = imap_start,
    .cancel = curl_talk_cancel,
    .describe = imap_describe};
const struct action action_pop3 = {.name = "pop3",
    .read = pop3_read,
    .start = pop3_start,
    .cancel = curl_talk_cancel,
    .describe = pop3_describe};
