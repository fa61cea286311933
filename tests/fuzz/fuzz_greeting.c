/*
 * What systems say to steps that speak by themselves. The first byte chooses a greeting, a DNS answer or a talk, the
 * second in how large pieces the rest arrives.
 */
#include "checker/dns_answer.h"
#include "checker/greeting.h"
#include "checker/protocol.h"
#include "checker/talk.h"
#include "checker/tls_client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Text for rules: no NUL, and every line with a meaning. */
static void
facts_are_lines(const struct buf *facts)
{
	for (size_t i = 0; i < facts->len;) {
		const char *line = facts->data + i, *end = memchr(line, '\n', facts->len - i);

		must(end != NULL && memchr(line, '=', (size_t)(end - line)) != NULL);
		must(utf8_valid(line, (size_t)(end - line)));
		i += (size_t)(end - line) + 1;
	}
}

static void
greeting(const struct greeting_kind *kind, const uint8_t *data, size_t size, size_t piece)
{
	struct buf in, send, facts;
	struct greeting g = {.user = "drill", .database = "drill", .send = &send, .facts = &facts};
	enum greeting_next next;
	size_t at = 0;

	buf_init(&in, GREETING_MAX_BYTES);
	buf_init(&send, 4096);
	buf_init(&facts, FACTS_MAX_BYTES);
	next = greeting_run(kind, &g, &in, &at);
	while (size > 0 && (next == GREETING_MORE || next == GREETING_SECURE)) {
		size_t n = size < piece ? size : piece;

		buf_put(&in, data, n);
		if (in.failed)
			break;
		next = greeting_run(kind, &g, &in, &at);
		must(next != GREETING_AGAIN && at <= in.len && !send.failed);
		data += n;
		size -= n;
	}
	must(next != GREETING_WRONG || g.why.text[0] != '\0');
	if (!facts.failed)
		facts_are_lines(&facts);
	buf_free(&in);
	buf_free(&send);
	buf_free(&facts);
}

static void
dns(const uint8_t *data, size_t size)
{
	struct buf out;
	struct why why = {{0}};
	int rcode;

	buf_init(&out, BODY_MAX_BYTES);
	if (dns_answer_text(data, size, &out, &rcode, &why) == ERR_OK)
		must(out.len == 0 || out.data[out.len - 1] == '\n');
	else
		must(why.text[0] != '\0');
	must(rcode >= 0 && rcode <= 15);
	buf_free(&out);
}

/* An expect of text and one of a pattern in turn, over an answer that grows: a match is never behind the end. */
static void
talk(const uint8_t *data, size_t size, size_t piece)
{
	struct arena arena = {0};
	struct pattern pattern;
	struct talk lines[2] = {
	    {.kind = TALK_EXPECT}, {.kind = TALK_EXPECT_REGEX, .pattern = &pattern}};
	struct talk_place place = {0, 0};
	struct vars vars = {0};
	struct answer a;
	size_t next = 0;

	must(pattern_compile(&pattern, "^(a|[0-9]+) ?b*$", NULL) == ERR_OK);
	template_parse(&lines[0].text, &arena, "ab");
	answer_init(&a);
	for (; size > 0; data += piece, size -= piece) {
		enum talk_found found = TALK_FOUND;

		piece = piece < size ? piece : size;
		buf_put(&a.body, data, piece);
		while (found == TALK_FOUND && next < 64) {
			size_t before = place.consumed;

			found = talk_find(&place, &lines[next % 2], &a, &vars);
			must(place.consumed <= a.body.len && place.searched <= a.body.len);
			must(place.consumed >= before);
			next += found == TALK_FOUND;
		}
		if (found == TALK_TOO_COSTLY)
			break;
	}
	pattern_free(&pattern);
	answer_free(&a);
	arena_free(&arena);
}

/* Records to a client that expects everything of its certificate. */
static void
tls(const uint8_t *data, size_t size, size_t piece)
{
	static const char text[] =
	    "{\"check\":[{\"name\":\"n\",\"tls\":{\"days_left\":1,\"names\":[\"a.org\"]}}]}";
	static struct program *p;
	struct tls_client *c;
	enum tls_event event = TLS_WAIT;
	char plain[512];
	struct outcome o;
	struct buf out;
	size_t len;

	if (p == NULL)
		must(program_read(text, sizeof text - 1, &p, NULL) == ERR_OK);
	c = tls_client_new(
	    ((const struct tcp_plan *)p->sections[SECTION_CHECK].steps[0].plan)->tls, "a.org");
	buf_init(&out, 1024 * 1024);
	for (; size > 0 && event != TLS_FAILED && event != TLS_ENDED;
	     data += piece, size -= piece) {
		piece = piece < size ? piece : size;
		tls_client_feed(c, (const char *)data, piece);
		do
			event = tls_client_step(c, plain, sizeof plain, &len, &o);
		while (event == TLS_DATA || event == TLS_READY);
		tls_client_drain(c, &out);
	}
	must(event != TLS_FAILED || o.said.text[0] != '\0');
	buf_free(&out);
	tls_client_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct greeting_kind *kind;
	size_t piece;

	if (size < 2)
		return 0;
	kind = greeting_nth(data[0] % 8);
	piece = data[1] == 0 ? 1 : data[1];
	if (kind != NULL)
		greeting(kind, data + 2, size - 2, piece);
	else if (data[0] % 8 == 5)
		dns(data + 2, size - 2);
	else if (data[0] % 8 == 6)
		talk(data + 2, size - 2, piece);
	else
		tls(data + 2, size - 2, piece);
	return 0;
}
