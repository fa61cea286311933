#include "checker/dns_answer.h"
#include "base/arena.h"
#include "checker/answer.h"

#include <ares.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* RFC 1035 section 4.1 */
#define HEADER_BYTES 12
#define RECORD_BYTES 10 /* behind the owner: type, class, TTL, length */
#define RECORDS_MAX 4096
#define NAME_MAX_BYTES                                                                             \
	1024 /* 255 of RFC 1035, each as \DDD at worst; a hostile one would fill memory */
#define ALIASES_MAX 16
#define CLASS_IN 1

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_SRV = 33
};

struct record {
	const char *owner;
	int type;
	const uint8_t *data; /* within the message: names in it may point anywhere before */
	size_t len;
};

struct message {
	const uint8_t *bytes;
	size_t len;
	struct arena arena;
	const char *name; /* of the question, then what CNAMEs make of it */
	int type;
	struct record *records;
	size_t count;
	const char **lines;
	size_t line_count;
};

int
dns_type_find(const char *name)
{
	static const struct {
		const char *name;
		int type;
	} types[] = {{"A", TYPE_A}, {"AAAA", TYPE_AAAA}, {"CNAME", TYPE_CNAME}, {"MX", TYPE_MX},
	    {"NS", TYPE_NS}, {"PTR", TYPE_PTR}, {"SOA", TYPE_SOA}, {"SRV", TYPE_SRV},
	    {"TXT", TYPE_TXT}};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return 0;
}

static int
number16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t
number32(const uint8_t *p)
{
	return (uint32_t)number16(p) << 16 | (uint32_t)number16(p + 2);
}

/* ---- taking it to pieces ---- */

/* A name in small letters, the root a dot; *at moves behind it. NULL if it is malformed. */
static const char *
take_name(struct message *m, const uint8_t **at)
{
	char *text, *out;
	long used;

	if (*at >= m->bytes + m->len ||
	    ares_expand_name(*at, m->bytes, (int)m->len, &text, &used) != ARES_SUCCESS)
		return NULL;
	*at += used;
	if (strlen(text) > NAME_MAX_BYTES) {
		ares_free_string(text);
		return NULL;
	}
	out = arena_strdup(&m->arena, text[0] != '\0' ? text : ".");
	ares_free_string(text);
	for (char *c = out; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return out;
}

static bool
take_record(struct message *m, const uint8_t **at, struct record *out)
{
	const uint8_t *end = m->bytes + m->len;

	if ((out->owner = take_name(m, at)) == NULL || end - *at < RECORD_BYTES)
		return false;
	out->type = number16(*at + 2) == CLASS_IN ? number16(*at) : 0; /* nobody asked for others */
	out->len = (size_t)number16(*at + 8);
	out->data = *at + RECORD_BYTES;
	if ((size_t)(end - out->data) < out->len)
		return false;
	*at = out->data + out->len;
	return true;
}

static bool
take_message(struct message *m)
{
	const uint8_t *at = m->bytes + HEADER_BYTES, *end = m->bytes + m->len;
	size_t count;

	if (m->len < HEADER_BYTES || number16(m->bytes + 4) != 1)
		return false;
	if ((m->name = take_name(m, &at)) == NULL || end - at < 4)
		return false;
	m->type = number16(at);
	at += 4;
	count = (size_t)number16(m->bytes + 6);
	if (count > RECORDS_MAX)
		return false;
	m->records = arena_array(&m->arena, count, sizeof *m->records);
	while (m->count < count)
		if (!take_record(m, &at, &m->records[m->count++]))
			return false;
	return true;
}

/* ---- records as text ---- */

/* A name within a record's data, behind the first skip bytes, after text of its own; to end where the data end. */
static bool
put_name(struct message *m, const struct record *r, size_t skip, struct buf *out)
{
	const uint8_t *at = r->data + skip;
	const char *name = r->len > skip ? take_name(m, &at) : NULL;

	if (name == NULL || at != r->data + r->len)
		return false;
	buf_puts(out, name);
	return true;
}

static bool
put_address(const struct record *r, int family, size_t size, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (r->len != size || inet_ntop(family, r->data, text, sizeof text) == NULL)
		return false;
	buf_puts(out, text);
	return true;
}

/* Its strings one after the other; what would break the line as \DDD, as RFC 1035 section 5.1 writes it. */
static bool
put_text(const struct record *r, struct buf *out)
{
	size_t at = 0;

	while (at < r->len) {
		size_t end = at + 1 + r->data[at];

		if (end > r->len)
			return false;
		while (++at < end) {
			uint8_t c = r->data[at];

			if (c < 0x20 || c == 0x7f) {
				buf_printf(out, "\\%03d", c);
				continue;
			}
			if (c == '\\')
				buf_putc(out, c);
			buf_putc(out, (char)c);
		}
	}
	return r->len > 0;
}

static bool
put_soa(struct message *m, const struct record *r, struct buf *out)
{
	const uint8_t *at = r->data;
	const char *server = r->len > 0 ? take_name(m, &at) : NULL;
	const char *mailbox = server != NULL ? take_name(m, &at) : NULL;

	if (mailbox == NULL || at + 20 != r->data + r->len)
		return false;
	buf_printf(out, "%s %s", server, mailbox);
	for (int i = 0; i < 5; i++)
		buf_printf(out, " %u", number32(at + 4 * i));
	return true;
}

static bool
put_record(struct message *m, const struct record *r, struct buf *out)
{
	switch (r->type) {
	case TYPE_A:
		return put_address(r, AF_INET, 4, out);
	case TYPE_AAAA:
		return put_address(r, AF_INET6, 16, out);
	case TYPE_TXT:
		return put_text(r, out);
	case TYPE_SOA:
		return put_soa(m, r, out);
	case TYPE_MX:
		if (r->len < 2)
			return false;
		buf_printf(out, "%d ", number16(r->data));
		return put_name(m, r, 2, out);
	case TYPE_SRV:
		if (r->len < 6)
			return false;
		buf_printf(out, "%d %d %d ", number16(r->data), number16(r->data + 2),
		    number16(r->data + 4));
		return put_name(m, r, 6, out);
	default: /* CNAME, NS, PTR */
		return put_name(m, r, 0, out);
	}
}

/* ---- the answer ---- */

/* The name's CNAME, which is to be followed unless it was asked for. */
static bool
follow_alias(struct message *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct record *r = &m->records[i];
		const uint8_t *at = r->data;
		const char *target;

		if (r->type != TYPE_CNAME || strcmp(r->owner, m->name) != 0)
			continue;
		target = r->len > 0 ? take_name(m, &at) : NULL;
		m->name = target != NULL ? target : m->name;
		return target != NULL;
	}
	return false;
}

static bool
collect_lines(struct message *m)
{
	struct buf line;
	bool fine = true;

	buf_init(&line, 4 * 65536);
	for (size_t i = 0; i < m->count && fine; i++) {
		const struct record *r = &m->records[i];

		if (r->type != m->type || strcmp(r->owner, m->name) != 0)
			continue;
		buf_reset(&line);
		fine = put_record(m, r, &line) && !line.failed;
		if (fine)
			m->lines[m->line_count++] =
			    arena_strndup(&m->arena, line.len > 0 ? line.data : "", line.len);
	}
	buf_free(&line);
	return fine;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
read_answer(struct message *m)
{
	if (!take_message(m))
		return false;
	m->lines = arena_array(&m->arena, m->count + 1, sizeof *m->lines);
	for (int i = 0; m->type != TYPE_CNAME && i < ALIASES_MAX && follow_alias(m);)
		i++;
	if (!collect_lines(m))
		return false;
	qsort(m->lines, m->line_count, sizeof *m->lines, by_text);
	return true;
}

enum err
dns_answer_text(const uint8_t *bytes, size_t len, struct buf *out, int *rcode, struct why *why)
{
	struct message m = {.bytes = bytes, .len = len};
	bool fine = read_answer(&m);

	*rcode = len >= HEADER_BYTES ? bytes[3] & 0xf : 0;
	for (size_t i = 0; fine && i < m.line_count; i++) {
		buf_puts(out, m.lines[i]);
		buf_putc(out, '\n');
	}
	arena_free(&m.arena);
	if (!fine)
		return why_set(why, ERR_INVALID, "the answer is malformed");
	if (out->failed)
		return why_set(why, ERR_LIMIT, "the answer is longer than " BODY_MAX_TEXT);
	return ERR_OK;
}
