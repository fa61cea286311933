#include "checker/template.h"
#include "base/json.h"
#include "checker/protocol.h"

#include <string.h>

/* The filters between the name and the }}. False if one is unknown, or there are too many. */
static bool
read_filters(const char *s, const char *close, struct template_piece *out)
{
	while (s < close) {
		const char *bar = memchr(s + 1, '|', (size_t)(close - s - 1));
		const char *end = bar != NULL ? bar : close;

		s++; /* past the bar before the name */
		if (out->filter_count == FILTERS_MAX ||
		    !filter_parse(s, (size_t)(end - s), &out->filters[out->filter_count]))
			return false;
		out->raw = out->raw || out->filters[out->filter_count] == FILTER_RAW;
		out->filter_count++;
		s = end;
	}
	return true;
}

/* The end of a `{{NAME|FILTER}}` that begins at s, or NULL if it is none. */
static const char *
variable_end(const char *s, struct template_piece *out)
{
	const char *close;
	size_t len;

	if (strncmp(s, "{{", 2) != 0 || (close = strstr(s, "}}")) == NULL)
		return NULL;
	len = strcspn(s + 2, "|}");
	*out = (struct template_piece){.text = s + 2, .len = len, .is_var = true};
	if (!protocol_name_valid(s + 2, len) || !read_filters(s + 2 + len, close, out))
		return NULL;
	return close + 2;
}

/* Empty literals are left out: they would only cost a turn of the rendering loop. */
static size_t
put_literal(struct template_piece *out, size_t at, const char *from, const char *to)
{
	if (from == to)
		return 0;
	if (out != NULL)
		out[at] = (struct template_piece){.text = from, .len = (size_t)(to - from)};
	return 1;
}

/* Writes the pieces to out, or with out NULL only counts them. */
static size_t
cut(const char *source, struct template_piece *out)
{
	const char *from = source, *s = source, *end;
	struct template_piece var;
	size_t n = 0;

	while (*s != '\0') {
		if (*s != '{' || (end = variable_end(s, &var)) == NULL) {
			s++;
			continue;
		}
		n += put_literal(out, n, from, s);
		if (out != NULL)
			out[n] = var;
		n++;
		from = s = end;
	}
	return n + put_literal(out, n, from, s);
}

void
template_parse(struct template *t, struct arena *arena, const char *source)
{
	t->source = arena_strdup(arena, source);
	t->count = cut(t->source, NULL);
	t->pieces = arena_array(arena, t->count, sizeof *t->pieces);
	cut(t->source, t->pieces);
}

/* The JSON writer's string, its quotes taken off. */
static void
put_json(struct buf *out, const char *s, size_t len)
{
	struct json_writer w;
	size_t from = out->len;

	jw_begin(&w, out);
	jw_strn(&w, s, len);
	if (out->failed)
		return;
	memmove(out->data + from, out->data + from + 1, out->len - from - 2);
	out->len -= 2;
	out->data[out->len] = '\0';
}

static void
put_header(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x20 && s[i] != 0x7f)
			buf_putc(out, s[i]);
}

/* Each byte that is special, or none of ASCII's printable ones, as a backslash and two hex digits. */
static void
put_ldap(struct buf *out, const char *special, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c >= 0x7f || strchr(special, c) != NULL)
			buf_printf(out, "\\%02x", c);
		else
			buf_putc(out, s[i]);
	}
}

static void
put_value(struct buf *out, enum escape escape, bool raw, const char *s, size_t len)
{
	switch (escape) {
	case ESCAPE_URL:
		put_url(out, s, len, raw);
		break;
	case ESCAPE_FORM:
		put_url(out, s, len, false);
		break;
	case ESCAPE_JSON:
		put_json(out, s, len);
		break;
	case ESCAPE_HEADER:
		put_header(out, s, len);
		break;
	case ESCAPE_LDAP_FILTER:
		put_ldap(out, "()*\\", s, len);
		break;
	case ESCAPE_LDAP_DN:
		put_ldap(out, ",+\"\\<>;=# ", s, len);
		break;
	case ESCAPE_NONE:
		buf_put(out, s, len);
		break;
	}
}

/* The value through its filters, one after the other, in memory of its own. */
static enum err
put_filtered(const struct template_piece *p, enum escape escape, const char *value, struct buf *out)
{
	struct buf text[2];
	enum err e;

	buf_init(&text[0], out->max_bytes);
	buf_init(&text[1], out->max_bytes);
	buf_puts(&text[0], value);
	for (size_t i = 0; i < p->filter_count && !text[0].failed; i++) {
		struct buf swap = text[0];

		buf_reset(&text[1]);
		filter_apply(p->filters[i], swap.data != NULL ? swap.data : "", swap.len, &text[1]);
		text[0] = text[1];
		text[1] = swap;
	}
	if ((e = buf_err(&text[0])) == ERR_OK)
		put_value(
		    out, escape, p->raw, text[0].data != NULL ? text[0].data : "", text[0].len);
	buf_free(&text[0]);
	buf_free(&text[1]);
	return e;
}

/* ERR_NOT_FOUND for a variable without a value; what is too long is also seen by out. */
static enum err
put_variable(
    const struct template_piece *p, const struct vars *vars, enum escape escape, struct buf *out)
{
	const char *value = vars_get(vars, p->text, p->len);

	if (value == NULL)
		return ERR_NOT_FOUND;
	if (p->filter_count > 0)
		return put_filtered(p, escape, value, out);
	put_value(out, escape, false, value, strlen(value));
	return ERR_OK;
}

enum err
template_render(const struct template *t, const struct vars *vars, enum escape escape,
    struct buf *out, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < t->count && e == ERR_OK; i++) {
		const struct template_piece *p = &t->pieces[i];

		if (p->is_var)
			e = put_variable(p, vars, escape, out);
		else
			put_value(out, escape == ESCAPE_FORM ? ESCAPE_FORM : ESCAPE_NONE, false,
			    p->text, p->len);
		if (e == ERR_NOT_FOUND)
			return why_set(
			    why, e, "the variable %.*s has no value", (int)p->len, p->text);
	}
	if (e != ERR_OK || out->failed)
		return why_set(why, ERR_LIMIT, "the text is longer than %zu bytes", out->max_bytes);
	return ERR_OK;
}
