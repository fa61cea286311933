#include "checker/template.h"
#include "base/json.h"
#include "checker/protocol.h"

#include <string.h>

/* The end of a `{{NAME}}` that begins at s, or NULL if it is none. */
static const char *
variable_end(const char *s)
{
	const char *close;

	if (strncmp(s, "{{", 2) != 0 || (close = strstr(s, "}}")) == NULL)
		return NULL;
	return protocol_name_valid(s + 2, (size_t)(close - s - 2)) ? close + 2 : NULL;
}

/* Empty literals are left out: they would only cost a turn of the rendering loop. */
static size_t
put_piece(struct template_piece *out, size_t at, const char *from, const char *to, bool is_var)
{
	if (from == to)
		return 0;
	if (out != NULL)
		out[at] = (struct template_piece){from, (size_t)(to - from), is_var};
	return 1;
}

/* Writes the pieces to out, or with out NULL only counts them. */
static size_t
cut(const char *source, struct template_piece *out)
{
	const char *from = source, *s = source, *end;
	size_t n = 0;

	while (*s != '\0') {
		if ((end = variable_end(s)) == NULL) {
			s++;
			continue;
		}
		n += put_piece(out, n, from, s, false);
		n += put_piece(out, n, s + 2, end - 2, true);
		from = s = end;
	}
	return n + put_piece(out, n, from, s, false);
}

void
template_parse(struct template *t, struct arena *arena, const char *source)
{
	t->source = arena_strdup(arena, source);
	t->count = cut(t->source, NULL);
	t->pieces = arena_array(arena, t->count, sizeof *t->pieces);
	cut(t->source, t->pieces);
}

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void
put_url(struct buf *out, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (unreserved(s[i]))
			buf_putc(out, s[i]);
		else
			buf_put(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
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
put_value(struct buf *out, enum escape escape, const char *s, size_t len)
{
	switch (escape) {
	case ESCAPE_URL:
	case ESCAPE_FORM:
		put_url(out, s, len);
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

enum err
template_render(const struct template *t, const struct vars *vars, enum escape escape,
    struct buf *out, struct why *why)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct template_piece *p = &t->pieces[i];
		const char *value;

		if (!p->is_var) {
			put_value(out, escape == ESCAPE_FORM ? ESCAPE_FORM : ESCAPE_NONE, p->text,
			    p->len);
			continue;
		}
		if ((value = vars_get(vars, p->text, p->len)) == NULL)
			return why_set(why, ERR_NOT_FOUND, "the variable %.*s has no value",
			    (int)p->len, p->text);
		put_value(out, escape, value, strlen(value));
	}
	if (out->failed)
		return why_set(why, ERR_LIMIT, "the text is longer than %zu bytes", out->max_bytes);
	return ERR_OK;
}
