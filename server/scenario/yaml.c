/*
 * Checks the text and its events first, then lets libyaml build the tree: by then nothing in it can
 * surprise, neither in size nor in shape.
 */
#include "scenario/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at s, or 0 if it is not UTF-8 (RFC 3629). */
static size_t
utf8_next(const uint8_t *s, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n == 0 || n > len || s[0] > 0xf4)
		return 0;
	*c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3fu);
	}
	if (n > 1 && (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff)))
		return 0;
	return n;
}

/* libyaml counts U+0085, U+2028 and U+2029 as line ends; editors do not, so places would be off. */
static bool
character_allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) ||
	       (c >= 0xa0 && c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe &&
		   c != 0xffff);
}

static bool
text_check(const uint8_t *s, size_t len, struct mistakes *m)
{
	struct place at = {1, 1};
	uint32_t c = 0;

	for (size_t i = 0, n; i < len; i += n) {
		if ((n = utf8_next(s + i, len - i, &c)) == 0) {
			mistake_add(
			    m, at, "byte 0x%02x is not UTF-8; save the file as UTF-8", s[i]);
			return false;
		}
		if (!character_allowed(c)) {
			mistake_add(m, at,
			    "character U+%04X may not stand here; remove it or, inside double "
			    "quotes, write it as \\u%04X",
			    c, c);
			return false;
		}
		if (c == '\n' || (c == '\r' && (i + 1 == len || s[i + 1] != '\n')))
			at = (struct place){at.line + 1, 1};
		else if (c != '\r')
			at.column++;
	}
	return true;
}

static struct place
mark_place(yaml_mark_t mark)
{
	return (struct place){(int)mark.line + 1, (int)mark.column + 1};
}

/* libyaml says what it missed; this says what a person usually did. */
static const char *
syntax_hint(const char *problem)
{
	static const struct {
		const char *problem, *hint;
	} hints[] = {
	    {"mapping values are not allowed",
		"indent keys of one mapping alike, and quote a text that contains \": \""},
	    {"did not find expected key", "keys of one mapping begin in the same column"},
	    {"could not find expected ':'", "every key is written as KEY: VALUE"},
	    {"cannot start any token", "indent with spaces, not tabs, and quote such a text"},
	    {"tab character", "indent with spaces, not tabs"},
	    {"unexpected end of stream", "a quote or bracket is not closed"},
	    {"expected '-' indicator", "entries of one list begin with - in the same column"},
	    {"expected ',' or ']'", "entries in [ ] are separated by commas and end with ]"},
	    {"expected ',' or '}'", "entries in { } are separated by commas and end with }"},
	    {"expected <document start>", "the file ends in the middle of something, or a line "
					  "is indented less than the first"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(problem, hints[i].problem) != NULL)
			return hints[i].hint;
	return "see docs/scenario.md for an example";
}

/* Full-width punctuation in the lines from first to last (from 0), where a Chinese keyboard left it. */
static bool
has_wide_marks(const char *text, size_t len, size_t first, size_t last)
{
	static const char marks[][4] = {"\uff1a", "\uff0c", "\uff5b", "\uff5d", "\uff3b", "\uff3d",
	    "\u201c", "\u201d", "\u3010", "\u3011"};
	size_t line = 0;

	for (size_t i = 0; i < len && line <= last; i++) {
		if (text[i] == '\n')
			line++;
		for (size_t k = 0; line >= first && k < sizeof(marks) / sizeof(marks[0]); k++)
			if (len - i >= 3 && memcmp(text + i, marks[k], 3) == 0)
				return true;
	}
	return false;
}

static void
syntax_mistake(const yaml_parser_t *p, const char *text, size_t len, struct mistakes *m)
{
	const char *problem = p->problem != NULL ? p->problem : "it cannot be parsed";
	size_t last = p->problem_mark.line;
	size_t first = p->context != NULL ? p->context_mark.line : last;
	const char *hint =
	    has_wide_marks(text, len, first, last)
		? "full-width punctuation stands there; write : , { } [ ] and \" in ASCII"
		: syntax_hint(problem);

	if (p->context != NULL)
		mistake_add(m, mark_place(p->problem_mark),
		    "not YAML: %s, %s that began on line %zu; %s", problem, p->context,
		    p->context_mark.line + 1, hint);
	else
		mistake_add(m, mark_place(p->problem_mark), "not YAML: %s; %s", problem, hint);
}

struct scan {
	struct mistakes *m;
	int documents;
	int depth;
	size_t nodes;
};

/* A NUL would end the text for C and go on for everyone else. */
static bool
scan_text(struct scan *s, struct place at, const yaml_char_t *text, size_t len)
{
	if (memchr(text, '\0', len) == NULL)
		return true;
	mistake_add(s->m, at, "a text holds a NUL (\\0); leave it out (a tcp step has send_hex)");
	return false;
}

/* Anchors and tags of an event that starts a value. */
static bool
scan_value(struct scan *s, struct place at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		mistake_add(
		    s->m, at, "anchors (&%.40s) are not used here; write the value out", anchor);
	else if (tag != NULL)
		mistake_add(s->m, at, "tags (%.60s) are not used here; leave it out", tag);
	else if (++s->nodes > YAML_NODES_MAX)
		mistake_add(s->m, at, "more than %d values; a scenario is smaller", YAML_NODES_MAX);
	else
		return true;
	return false;
}

static bool
scan_nested(struct scan *s, struct place at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (!scan_value(s, at, anchor, tag))
		return false;
	if (++s->depth <= YAML_DEPTH_MAX)
		return true;
	mistake_add(s->m, at, "nested more than %d deep; nothing here needs that", YAML_DEPTH_MAX);
	return false;
}

static bool
scan_event(struct scan *s, const yaml_event_t *e)
{
	struct place at = mark_place(e->start_mark);

	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++s->documents == 1)
			return true;
		mistake_add(s->m, at, "a second document begins; keep one to a file, without ---");
		return false;
	case YAML_ALIAS_EVENT:
		mistake_add(s->m, at, "aliases (*%.40s) are not used here; write the value out",
		    e->data.alias.anchor);
		return false;
	case YAML_SCALAR_EVENT:
		return scan_text(s, at, e->data.scalar.value, e->data.scalar.length) &&
		       scan_value(s, at, e->data.scalar.anchor, e->data.scalar.tag);
	case YAML_SEQUENCE_START_EVENT:
		return scan_nested(
		    s, at, e->data.sequence_start.anchor, e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return scan_nested(s, at, e->data.mapping_start.anchor, e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		s->depth--;
		return true;
	default:
		return true;
	}
}

static void
parser_begin(yaml_parser_t *p, const char *text, size_t len)
{
	if (!yaml_parser_initialize(p))
		abort();
	yaml_parser_set_encoding(p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(p, (const unsigned char *)text, len);
}

/* Every event once, before any tree is built. */
static bool
events_check(const char *text, size_t len, struct mistakes *m)
{
	struct scan s = {.m = m};
	yaml_parser_t p;
	yaml_event_t e;
	bool good = true, end = false;

	parser_begin(&p, text, len);
	while (good && !end) {
		if (!yaml_parser_parse(&p, &e)) {
			syntax_mistake(&p, text, len, m);
			good = false;
			break;
		}
		end = e.type == YAML_STREAM_END_EVENT;
		good = scan_event(&s, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	if (good && s.nodes == 0) {
		mistake_add(m, (struct place){1, 1}, "the file is empty; see docs for an example");
		good = false;
	}
	return good;
}

static const char *
skip_bom(const char *text, size_t *len)
{
	if (*len < 3 || memcmp(text, "\xef\xbb\xbf", 3) != 0)
		return text;
	*len -= 3;
	return text + 3;
}

enum err
tree_load(struct yaml_tree *t, const char *text, size_t len, struct mistakes *m)
{
	yaml_parser_t p;
	bool loaded;

	text = skip_bom(text, &len);
	if (!text_check((const uint8_t *)text, len, m) || !events_check(text, len, m))
		return ERR_INVALID;
	parser_begin(&p, text, len);
	if (!(loaded = yaml_parser_load(&p, &t->document)))
		syntax_mistake(&p, text, len, m);
	yaml_parser_delete(&p);
	if (!loaded)
		return ERR_INVALID;
	t->root = yaml_document_get_root_node(&t->document);
	return ERR_OK;
}

void
tree_free(struct yaml_tree *t)
{
	yaml_document_delete(&t->document);
}

yaml_node_t *
tree_node(struct yaml_tree *t, int index)
{
	return yaml_document_get_node(&t->document, index);
}

struct place
node_place(const yaml_node_t *node)
{
	return mark_place(node->start_mark);
}

const char *
node_scalar(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

bool
node_plain(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool
node_empty(const yaml_node_t *node)
{
	const char *s = node_scalar(node);

	return s != NULL && node_plain(node) &&
	       (*s == '\0' || strcmp(s, "~") == 0 || strcmp(s, "null") == 0);
}

const char *
node_found(struct mistakes *m, const yaml_node_t *node)
{
	if (node->type == YAML_MAPPING_NODE)
		return "a mapping";
	if (node->type == YAML_SEQUENCE_NODE)
		return "a list";
	return node_empty(node) ? "nothing" : quoted(m, node_scalar(node));
}
