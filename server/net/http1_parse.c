/*
 * Reading HTTP/1 requests with http-parser. Debian builds it without its strict mode, so what that would
 * check (names, line ends, chunk ends) is checked here: a proxy in front of us must never read another end of
 * a request than we do.
 */
#include "net/http1.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- the parser's callbacks ---- */

static int
on_begin(http_parser *p)
{
	struct http1 *h = p->data;

	h->x = exchange_new(h->conn);
	h->in_value = false;
	h->name_len = 0;
	h->keep = false;
	h->body_left = true;
	return 0;
}

static int
on_url(http_parser *p, const char *at, size_t len)
{
	struct exchange *x = ((struct http1 *)p->data)->x;

	if (x->target_len + len > HTTP_TARGET_MAX_BYTES) {
		exchange_fault(x, 414, "the request's target is longer than 4096 bytes");
		return 1; /* nothing is gained from the rest */
	}
	buf_put(&x->text, at, len);
	x->target_len += len;
	return 0;
}

static void
header_begin(struct http1 *h)
{
	exchange_header(h->x, h->name, h->name_len <= sizeof h->name ? h->name_len : 0);
	if (h->name_len > sizeof h->name)
		h->x->header_bytes += h->name_len;
}

/* RFC 9110 section 5.6.2 */
static bool
is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    (s[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s[i]) == NULL))
			return false;
	return true;
}

static int
on_field(http_parser *p, const char *at, size_t len)
{
	struct http1 *h = p->data;

	if (h->x->header_count == 0 && h->name_len == 0)
		buf_putc(&h->x->text, '\0'); /* ends the target */
	if (h->in_value) {
		exchange_value_end(h->x);
		h->in_value = false;
		h->name_len = 0;
	}
	if (h->name_len + len <= sizeof h->name)
		memcpy(h->name + h->name_len, at, len);
	h->name_len += len;
	if (!is_token(at, len))
		exchange_fault(h->x, 400, "a header's name has a character that no name may have");
	return h->x->fault != 0 || h->name_len > HTTP_HEADER_MAX_BYTES;
}

static int
on_value(http_parser *p, const char *at, size_t len)
{
	struct http1 *h = p->data;

	/* What goes on but not over the seam of two reads has been folded (RFC 9112 section 5.2). */
	if (!h->in_value)
		header_begin(h);
	else if (!h->value_open || at != h->feed_start)
		exchange_fault(h->x, 400, "a header is folded over two lines");
	h->in_value = true;
	h->value_open = at + len == h->feed_end;
	exchange_value(h->x, at, len);
	return h->x->fault != 0;
}

static int
on_headers_complete(http_parser *p)
{
	struct http1 *h = p->data;

	if (h->in_value)
		exchange_value_end(h->x);
	h->keep = http_should_keep_alive(p);
	h->pause = PAUSE_HEAD;
	http_parser_pause(p, 1);
	return 0;
}

static int
on_chunk_size(http_parser *p)
{
	((struct http1 *)p->data)->pause = PAUSE_CHUNK_SIZE;
	http_parser_pause(p, 1);
	return 0;
}

static int
on_chunk_end(http_parser *p)
{
	((struct http1 *)p->data)->pause = PAUSE_CHUNK_END;
	http_parser_pause(p, 1);
	return 0;
}

static int
on_body(http_parser *p, const char *at, size_t len)
{
	exchange_body(((struct http1 *)p->data)->x, at, len);
	return 0;
}

static int
on_complete(http_parser *p)
{
	struct http1 *h = p->data;

	h->body_left = false;
	h->pause = PAUSE_BODY;
	http_parser_pause(p, 1);
	return 0;
}

const http_parser_settings http1_settings = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_complete,
    .on_chunk_header = on_chunk_size,
    .on_chunk_complete = on_chunk_end,
};

/* ---- faults ---- */

void
http1_parse_fault(struct http1 *h)
{
	struct exchange *x = h->x;
	enum http_errno e = HTTP_PARSER_ERRNO(&h->parser);

	if (x == NULL || x->fault != 0)
		return;
	switch (e) {
	case HPE_HEADER_OVERFLOW:
		exchange_fault(x, 431, "the request's headers are longer than 4096 bytes together");
		break;
	case HPE_INVALID_VERSION:
		exchange_fault(x, 505, "versions are HTTP/1.1 and HTTP/1.0");
		break;
	case HPE_UNEXPECTED_CONTENT_LENGTH:
		exchange_fault(
		    x, 400, "give either one Content-Length or Transfer-Encoding: chunked");
		break;
	case HPE_CB_header_field:
		exchange_fault(x, 431, "a header's name is longer than 4096 bytes");
		break;
	default:
		exchange_fault(x, 400, http_errno_description(e));
	}
}

void
http1_check_head(struct http1 *h)
{
	struct exchange *x = h->x;
	const http_parser *p = &h->parser;
	const char *coding = exchange_field(x, FIELD_TRANSFER_ENCODING);

	if (p->http_major != 1 || p->http_minor > 1)
		exchange_fault(x, 505, "versions are HTTP/1.1 and HTTP/1.0");
	if (p->http_minor == 1 && exchange_field(x, FIELD_HOST)[0] == '\0')
		exchange_fault(x, 400, "HTTP/1.1 needs a Host header");
	if (p->uses_transfer_encoding && p->flags & F_CONTENTLENGTH)
		exchange_fault(
		    x, 400, "give either one Content-Length or Transfer-Encoding: chunked");
	if (p->uses_transfer_encoding && (p->http_minor == 0 || strcasecmp(coding, "chunked") != 0))
		exchange_fault(x, 501, "the only transfer coding is chunked, in HTTP/1.1");
}

const char *
http1_line_fault(const struct http1 *h, const char *data, size_t n, enum pause pause)
{
	char last = n > 0 ? data[n - 1] : h->last, before = n > 1 ? data[n - 2] : h->last;

	if (pause == PAUSE_HEAD || (pause == PAUSE_CHUNK_END && h->parser.flags & F_TRAILING))
		return data[n] == '\n' ? NULL : "a line ends in CR without LF";
	if (pause == PAUSE_CHUNK_SIZE || pause == PAUSE_CHUNK_END)
		return last == '\n' && before == '\r' ? NULL
						      : "a chunk or its size does not end in CR LF";
	return NULL;
}
