/*
 * The action telnet: libcurl answers the option negotiation (RFC 854), the step's lines are sent and waited for
 * in between. libcurl asks for more to send ten times a second.
 */
#include "base/mem.h"
#include "checker/curl_step.h"

#include <stdlib.h>
#include <string.h>

struct telnet_plan {
	struct curl_plan curl;
	struct template terminal; /* its type, or source NULL */
	struct talk *lines;       /* send and expect only */
	size_t count;
};

/* The lines as they are sent and looked for, and how far it has come. */
struct conversation {
	struct curl_talk *talk;
	const struct telnet_plan *plan;
	struct buf *texts;
	size_t next;
	size_t sent;     /* of the present line */
	size_t consumed; /* of the answer, by earlier expects */
};

/* ---- reading ---- */

static enum err
read_line(struct reading *r, const struct json_t *pair, struct talk *out)
{
	const char *kind = jr_string(jr_at(pair, 0), NULL);
	bool expect = kind != NULL && strcmp(kind, "expect") == 0;

	if (jr_count(pair) != 2 || kind == NULL || (!expect && strcmp(kind, "send") != 0))
		return why_set(r->why, ERR_INVALID,
		    "an entry of \"talk\" is a pair of send or expect and its text");
	out->kind = expect ? TALK_EXPECT : TALK_SEND;
	return reading_template(r, jr_at(pair, 1), "a line of a talk", &out->text);
}

static enum err
telnet_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "fails", "terminal", "talk", NULL};
	struct telnet_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	const struct json_t *list;
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK ||
	    (e = curl_plan_text(r, o, "terminal", false, &plan->terminal)) != ERR_OK ||
	    (e = reading_list(r, o, "talk", STEP_ITEMS_MAX, &list, &plan->count)) != ERR_OK)
		return e;
	plan->lines = arena_array(&r->program->arena, plan->count, sizeof *plan->lines);
	for (size_t i = 0; i < plan->count; i++)
		if ((e = read_line(r, jr_at(list, i), &plan->lines[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* ---- the conversation ---- */

/* Whether the expected text of the present line has come. */
static bool
expected(struct conversation *c)
{
	const struct buf *body = &c->talk->answer.body, *text = &c->texts[c->next];
	const char *at =
	    body->len > c->consumed
		? memmem(body->data + c->consumed, body->len - c->consumed, text->data, text->len)
		: NULL;

	if (at == NULL)
		return false;
	c->consumed = (size_t)(at - body->data) + text->len;
	return true;
}

/* libcurl's CURLOPT_READFUNCTION; it copies what it sends, room bytes at most. */
static size_t
on_turn(char *room, size_t one, size_t count, void *conversation)
{
	struct conversation *c = conversation;
	const struct buf *text;
	size_t n;

	while (c->next < c->plan->count && c->plan->lines[c->next].kind == TALK_EXPECT) {
		if (!expected(c))
			return CURL_READFUNC_PAUSE;
		c->next++;
	}
	if (c->next == c->plan->count) {
		c->talk->enough = true;
		return CURL_READFUNC_ABORT;
	}
	text = &c->texts[c->next];
	n = text->len - c->sent < one * count ? text->len - c->sent : one * count;
	memcpy(room, text->data + c->sent, n);
	c->sent += n;
	if (c->sent == text->len) {
		c->next++;
		c->sent = 0;
	}
	return n;
}

static void
conversation_free(void *conversation)
{
	struct conversation *c = conversation;

	for (size_t i = 0; i < c->plan->count; i++)
		buf_free(&c->texts[i]);
	free(c->texts);
	free(c);
}

static enum err
render_texts(struct conversation *c, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < c->plan->count; i++)
		buf_init(&c->texts[i], PAYLOAD_MAX_BYTES);
	for (size_t i = 0; i < c->plan->count && e == ERR_OK; i++) {
		e = template_render(
		    &c->plan->lines[i].text, c->talk->x->vars, ESCAPE_NONE, &c->texts[i], why);
		(void)buf_room(&c->texts[i], 1); /* so that data is not NULL */
	}
	return e;
}

static enum err
telnet_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct telnet_plan *plan = (const struct telnet_plan *)t->plan;
	struct conversation *c = mem_alloc(sizeof *c);
	enum err e;

	buf_putc(url, '/');
	c->talk = t;
	c->plan = plan;
	c->texts = mem_alloc((plan->count + 1) * sizeof *c->texts);
	t->more = c;
	t->release = conversation_free;
	if ((e = render_texts(c, why)) != ERR_OK)
		return e;
	if (plan->terminal.source != NULL &&
	    (e = curl_talk_entry(t, "TTYPE=", &plan->terminal, why)) != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_TELNETOPTIONS, t->list);
	curl_easy_setopt(t->client.easy, CURLOPT_READFUNCTION, on_turn);
	curl_easy_setopt(t->client.easy, CURLOPT_READDATA, c);
	return ERR_OK;
}

static const struct curl_kind telnet = {.protocol = "TELNET",
    .scheme = "telnet",
    .scheme_tls = "telnet",
    .waits = true,
    .prepare = telnet_prepare};

static enum err
telnet_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &telnet, o);
}

const struct action action_telnet = {
    .name = "telnet", .read = telnet_read, .start = telnet_start, .cancel = curl_talk_cancel};
