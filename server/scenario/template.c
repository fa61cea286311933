/*
 * Scopes, templates, and JSON bodies.
 */
#include "scenario/template.h"

#include "base/json.h"
#include <stdlib.h>
#include <string.h>

#define JSON_BODY_MAX_BYTES (256u * 1024)

bool
variable_valid(const char *s, size_t len)
{
	if (len == 0 || len > VARIABLE_MAX_BYTES || (*s >= '0' && *s <= '9'))
		return false;
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") >= len;
}

void
scope_init(struct scope *s, struct arena *arena)
{
	*s = (struct scope){.names = arena_array(arena, SCOPE_MAX, sizeof(*s->names))};
}

bool
scope_has(const struct scope *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->count; i++)
		if (strncmp(s->names[i], name, len) == 0 && s->names[i][len] == '\0')
			return true;
	return false;
}

void
scope_add(struct scope *s, const char *name)
{
	if (s->count < SCOPE_MAX && !scope_has(s, name, strlen(name)))
		s->names[s->count++] = name;
}

bool
variable_check(struct reader *r, struct place at, const char *name)
{
	static const char *const built_in[] = {"flag", "tick", "host", "port"};

	if (!variable_valid(name, strlen(name))) {
		mistake_add(r->mistakes, at,
		    "%s is no name of a variable; it is a letter or _, then letters, digits and _, "
		    "at "
		    "most %d",
		    quoted(r->mistakes, name), VARIABLE_MAX_BYTES);
		return false;
	}
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(built_in[i], name) == 0) {
			mistake_add(r->mistakes, at,
			    "the variable %s always has its own value; choose another name", name);
			return false;
		}
	return true;
}

static void
name_unknown(struct reader *r, const struct scope *scope, struct place at, const char *name)
{
	if (mistakes_full(r->mistakes))
		return;
	if (scope->lists != NULL && scope_has(scope->lists, name, strlen(name)))
		mistake_add(r->mistakes, at,
		    "{{%s}} is a list; go over it with `each: {var: ..., in: %s, max: ...}`", name,
		    name);
	else
		mistake_add(r->mistakes, at, "{{%s}} has no value at this point; %s", name,
		    choices(r->mistakes, name, scope->names, scope->count));
}

/* The filters after the name, from their first bar on: "|base64|url". As in checker/filter.c. */
static void
filters_check(struct reader *r, struct place at, const char *s, size_t len)
{
	static const char *const filters[] = {
	    "base64", "hex", "md5", "sha256", "upper", "lower", "url", "raw"};
	size_t count = 0, n = sizeof(filters) / sizeof(filters[0]);

	for (const char *end = s + len; s < end; count++) {
		size_t part = strcspn(++s, "|}");
		const char *name = arena_strndup(r->arena, s, part);
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known = known || strcmp(filters[i], name) == 0;
		if (!known && !mistakes_full(r->mistakes))
			mistake_add(r->mistakes, at, "there is no filter %s; %s",
			    quoted(r->mistakes, name), choices(r->mistakes, name, filters, n));
		s += part;
	}
	if (count > FILTERS_MAX)
		mistake_add(r->mistakes, at, "%zu filters after one name; it takes at most %d",
		    count, FILTERS_MAX);
}

/* name[0..len) stands between {{ and }} in a text that begins at at. */
static void
name_check(
    struct reader *r, const struct scope *scope, struct place at, const char *name, size_t len)
{
	const char *inner = name + strspn(name, " "), *text;
	size_t n = strcspn(inner, " }"), plain = strcspn(name, "|}");

	if (variable_valid(name, plain) && plain <= len) {
		if (!scope_has(scope, name, plain))
			name_unknown(r, scope, at, arena_strndup(r->arena, name, plain));
		filters_check(r, at, name + plain, len - plain);
	} else if (variable_valid(inner, n) && inner + n <= name + len &&
		   strspn(inner + n, " ") + (size_t)(inner - name) + n == len) {
		/* Any other {{ stands for itself. */
		text = arena_strndup(r->arena, inner, n);
		mistake_add(r->mistakes, at, "{{ %s }} would be sent as it stands; write {{%s}}",
		    text, text);
	}
}

void
template_check(struct reader *r, const struct scope *scope, struct place at, const char *text)
{
	const char *open, *close;

	if (text == NULL)
		return;
	for (open = text; (open = strstr(open, "{{")) != NULL; open++) {
		if ((close = strstr(open, "}}")) == NULL)
			return;
		name_check(r, scope, at, open + 2, (size_t)(close - open - 2));
	}
}

/* ---- JSON ---- */

struct json_out {
	struct reader *r;
	const struct scope *scope;
	struct json_writer w;
};

/* RFC 8259 section 6, so that the digits may be copied as they are. */
static bool
json_number_valid(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (n == 0 || n > 15 || (*s == '0' && n > 1))
		return false;
	s += n;
	if (*s == '.') {
		n = strspn(++s, "0123456789");
		if (n == 0 || n > 15)
			return false;
		s += n;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		n = strspn(s, "0123456789");
		if (n == 0 || n > 2)
			return false;
		s += n;
	}
	return *s == '\0';
}

static void
json_scalar(struct json_out *o, yaml_node_t *node)
{
	const char *s = node_scalar(node);

	if (node_empty(node)) {
		jw_null(&o->w);
	} else if (node_plain(node) && (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)) {
		jw_bool(&o->w, *s == 't');
	} else if (node_plain(node) && json_number_valid(s)) {
		jw_raw(&o->w, s, strlen(s));
	} else {
		template_check(o->r, o->scope, node_place(node), s);
		jw_str(&o->w, s);
	}
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key.s, ((const struct pair *)b)->key.s);
}

/* Bounded by the depth of the tree, YAML_DEPTH_MAX. */
static void
json_value(struct json_out *o, yaml_node_t *node)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		jw_array(&o->w);
		for (yaml_node_item_t *i = node->data.sequence.items.start;
		     i < node->data.sequence.items.top; i++)
			json_value(o, tree_node(o->r->tree, *i));
		jw_array_end(&o->w);
		break;
	case YAML_MAPPING_NODE:
		(void)pairs_read(o->r, node, "json", JSON_MEMBERS_MAX, &pairs, &count);
		jw_object(&o->w);
		if (count > 1)
			qsort(pairs, count, sizeof(*pairs), by_key);
		for (size_t i = 0; i < count; i++) {
			jw_key(&o->w, pairs[i].key.s);
			json_value(o, pairs[i].value);
		}
		jw_object_end(&o->w);
		break;
	default:
		json_scalar(o, node);
		break;
	}
}

const char *
template_json(struct reader *r, const struct scope *scope, yaml_node_t *node)
{
	struct json_out o = {.r = r, .scope = scope};
	const char *text = NULL;
	struct buf b;

	buf_init(&b, JSON_BODY_MAX_BYTES);
	jw_begin(&o.w, &b);
	json_value(&o, node);
	if (buf_err(&b) != ERR_OK)
		mistake_add(r->mistakes, node_place(node), "json is longer than %u bytes",
		    JSON_BODY_MAX_BYTES);
	else
		text = arena_strndup(r->arena, b.data, b.len);
	buf_free(&b);
	return text;
}
