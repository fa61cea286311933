/*
 * The section `injects`: the list of planned injects, made into plans (core/inject.h) that fit the drill.
 */
#include "scenario/parse.h"
#include "scenario/values.h"
#include <string.h>

#define TO_MAX TEAMS_MAX
#define CHANNELS 2

struct in_after {
	struct place at;
	struct text inject, on;
};

struct in_item {
	struct place at;
	struct text id;
	struct number marks;
	struct node title, guidance;
};

struct in_inject {
	struct place at;
	struct text id;
	struct node title, from, text, objective, expected, to, channel;
	struct number common, offset, manual, allowed, pass;
	struct in_after after;
	struct text phase, controller, evaluator;
	struct list rubric;
};

static const struct field after_fields[] = {
    {"inject", KIND_ID, REQUIRED, offsetof(struct in_after, inject), 0, 0, NULL},
    {"on", KIND_TEXT, REQUIRED, offsetof(struct in_after, on), 1, ID_MAX_BYTES, NULL},
};
static const struct record after_record = RECORD(struct in_after, "the condition", after_fields);

static const struct field item_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_item, id), 0, 0, NULL},
    {"marks", KIND_INT, REQUIRED, offsetof(struct in_item, marks), 1, INJECT_MARKS_MAX, NULL},
    {"title", KIND_NODE, REQUIRED, offsetof(struct in_item, title), 0, 0, NULL},
    {"guidance", KIND_NODE, OPTIONAL, offsetof(struct in_item, guidance), 0, 0, NULL},
};
static const struct record item_record = RECORD(struct in_item, "a rubric item", item_fields);

static const struct field inject_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_inject, id), 0, 0, NULL},
    {"title", KIND_NODE, REQUIRED, offsetof(struct in_inject, title), 0, 0, NULL},
    {"from", KIND_NODE, REQUIRED, offsetof(struct in_inject, from), 0, 0, NULL},
    {"text", KIND_NODE, REQUIRED, offsetof(struct in_inject, text), 0, 0, NULL},
    {"objective", KIND_NODE, OPTIONAL, offsetof(struct in_inject, objective), 0, 0, NULL},
    {"expected", KIND_NODE, OPTIONAL, offsetof(struct in_inject, expected), 0, 0, NULL},
    {"to", KIND_NODE, OPTIONAL, offsetof(struct in_inject, to), 0, 0, NULL},
    {"channel", KIND_NODE, OPTIONAL, offsetof(struct in_inject, channel), 0, 0, NULL},
    {"common", KIND_BOOL, OPTIONAL, offsetof(struct in_inject, common), 0, 0, NULL},
    {"at", KIND_DURATION, ONE_OF, offsetof(struct in_inject, offset), 1, INJECT_OFFSET_MS_MAX,
	NULL},
    {"manual", KIND_BOOL, ONE_OF, offsetof(struct in_inject, manual), 0, 0, NULL},
    {"after", KIND_RECORD, ONE_OF, offsetof(struct in_inject, after), 0, 0, &after_record},
    {"allowed", KIND_DURATION, OPTIONAL, offsetof(struct in_inject, allowed), 1000,
	INJECT_OFFSET_MS_MAX, NULL},
    {"pass", KIND_INT, OPTIONAL, offsetof(struct in_inject, pass), 1, 100, NULL},
    {"phase", KIND_TEXT, OPTIONAL, offsetof(struct in_inject, phase), 1, ID_MAX_BYTES, NULL},
    {"controller", KIND_ID, OPTIONAL, offsetof(struct in_inject, controller), 0, 0, NULL},
    {"evaluator", KIND_ID, OPTIONAL, offsetof(struct in_inject, evaluator), 0, 0, NULL},
    {"rubric", KIND_LIST, OPTIONAL, offsetof(struct in_inject, rubric), 0, INJECT_ITEMS_MAX,
	&item_record},
};
static const struct record inject_record = RECORD(struct in_inject, "an inject", inject_fields);

static const struct field list_field = {
    .key = "injects", .kind = KIND_LIST, .min = 0, .max = INJECTS_MAX, .record = &inject_record};

/* ---- texts in two languages ---- */

static struct i18n
line_read(struct reader *r, const struct node *given, const char *key)
{
	return words_read(r, given, key, INJECT_LINE_MAX_BYTES, TEXT_LINE);
}

static struct i18n
note_read(struct reader *r, const struct node *given, const char *key)
{
	return words_read(r, given, key, INJECT_NOTE_MAX_BYTES, TEXT_LINES);
}

static void
term_read(struct reader *r, const struct text *given, const char *key, const struct terms *terms,
    int *out)
{
	struct why why;

	if (given->s != NULL && term_want(terms, given->s, out, &why) != ERR_OK)
		mistake_add(r->mistakes, given->at, "%s: %s", key, why.text);
}

/* ---- to whom, how ---- */

/* A team whose id was wrong has none. */
static bool
is_defended(const struct drill_config *c, const char *id)
{
	for (size_t i = 0; i < c->team_count; i++)
		if (c->teams[i].id != NULL && strcmp(c->teams[i].id, id) == 0)
			return c->teams[i].kind == TEAM_BLUE && !c->teams[i].nop;
	return false;
}

static void
unknown_department(struct reader *r, const struct drill_config *c, struct place at, const char *id)
{
	const char **names = arena_array(r->arena, c->team_count + 1, sizeof *names);
	size_t count = 0;

	for (size_t i = 0; i < c->team_count; i++)
		if (c->teams[i].id != NULL && is_defended(c, c->teams[i].id))
			names[count++] = c->teams[i].id;
	mistake_add(r->mistakes, at, "to: %s is no department that is defended; %s",
	    quoted(r->mistakes, id), choices(r->mistakes, id, names, count));
}

/* Whether the list of words has this one. */
static bool
has_word(const struct buf *list, const char *id)
{
	size_t len = strlen(id);

	for (const char *at = list->len > 0 ? list->data : ""; *at != '\0'; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (n == len && memcmp(at, id, n) == 0)
			return true;
		at += n;
	}
	return false;
}

static const char *
to_read(struct reader *r, const struct node *given, const struct drill_config *c)
{
	static const struct field f = {.key = "to", .kind = KIND_ID};
	yaml_node_t **entries = NULL;
	const char *out;
	size_t count = 0;
	struct buf text;

	if (given->node == NULL)
		return "blue";
	if (!entries_read(r, given->node, "to", 1, TO_MAX, &entries, &count))
		return "blue";
	buf_init(&text, ADDRESSEES_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		struct text id = {.s = NULL};

		field_read(r, entries[i], &f, &id);
		if (id.s == NULL)
			continue;
		if (!is_defended(c, id.s))
			unknown_department(r, c, id.at, id.s);
		else if (has_word(&text, id.s))
			mistake_add(
			    r->mistakes, id.at, "to: %s is there twice", quoted(r->mistakes, id.s));
		buf_puts(&text, text.len > 0 ? "," : "");
		buf_puts(&text, id.s);
	}
	out = text.len > 0 ? arena_strndup(r->arena, text.data, text.len) : "blue";
	buf_free(&text);
	return out;
}

static unsigned
channel_read(struct reader *r, const struct node *given)
{
	static const struct field f = {.key = "channel", .kind = KIND_TEXT, .min = 1, .max = 16};
	static const char *const names[CHANNELS] = {"app", "mail"};
	yaml_node_t **entries = NULL;
	unsigned out = 0;
	size_t count = 0;

	if (given->node == NULL ||
	    !entries_read(r, given->node, "channel", 1, CHANNELS, &entries, &count))
		return INJECT_IN_APP;
	for (size_t i = 0; i < count; i++) {
		struct text word = {.s = NULL};

		field_read(r, entries[i], &f, &word);
		if (word.s == NULL)
			continue;
		if (strcmp(word.s, "app") == 0)
			out |= INJECT_IN_APP;
		else if (strcmp(word.s, "mail") == 0)
			out |= INJECT_BY_MAIL;
		else
			mistake_add(r->mistakes, word.at, "channel: there is no %s; %s",
			    quoted(r->mistakes, word.s),
			    choices(r->mistakes, word.s, names, CHANNELS));
	}
	return out != 0 ? out : INJECT_IN_APP;
}

static const char *
staff_read(struct reader *r, const struct text *given, const char *key, const struct scenario *s)
{
	size_t i;

	if (given->s == NULL)
		return "";
	for (i = 0; i < s->account_count; i++)
		if (s->accounts[i].id != NULL && strcmp(s->accounts[i].id, given->s) == 0)
			break;
	if (i == s->account_count || !(s->accounts[i].role & ROLE_STAFF))
		mistake_add(r->mistakes, given->at,
		    "%s: %s is no account of the staff; name one of a director, judge, leader or "
		    "admin in `accounts`",
		    key, quoted(r->mistakes, given->s));
	return given->s;
}

/* ---- when ---- */

/* Injects are made in the order of the list: one that waits for another stands below it. */
static void
after_read(
    struct reader *r, const struct in_inject *in, const struct scenario *s, struct inject_plan *p)
{
	const struct inject_plan *other = NULL;
	const char *names[INJECTS_MAX];
	int on = INJECT_SUCCESS;

	p->when = INJECT_AFTER;
	term_read(r, &in->after.on, "on", &terms_inject_outcomes, &on);
	p->on = (enum inject_outcome)on;
	p->after = in->after.inject.s != NULL ? in->after.inject.s : "";
	if (p->after[0] == '\0')
		return;
	for (size_t i = 0; i < s->inject_count; i++) {
		names[i] = s->injects[i].number != NULL ? s->injects[i].number : "";
		if (strcmp(names[i], p->after) == 0)
			other = &s->injects[i];
	}
	if (other == NULL)
		mistake_add(r->mistakes, in->after.inject.at,
		    "inject: there is no %s further up in the list; %s",
		    quoted(r->mistakes, p->after),
		    choices(r->mistakes, p->after, names, s->inject_count));
	else if (p->on == INJECT_EXPIRY && other->allowed_ms == 0)
		mistake_add(r->mistakes, in->after.at,
		    "after: \"%s\" never expires; give it `allowed: 30m`", p->after);
	else if (p->on != INJECT_EXPIRY && other->item_count == 0)
		mistake_add(r->mistakes, in->after.at,
		    "after: \"%s\" has neither success nor failure; give it a `rubric`", p->after);
}

static void
when_read(
    struct reader *r, const struct in_inject *in, const struct scenario *s, struct inject_plan *p)
{
	int64_t end = (int64_t)s->config.ticks * s->config.tick_ms;
	char text[DURATION_BYTES];

	p->after = "";
	p->when = INJECT_MANUAL;
	if (in->manual.good && in->manual.v == 0)
		mistake_add(r->mistakes, in->manual.at,
		    "manual: write `manual: true`, or `at: 1h30m` instead");
	if (in->after.at.line != 0)
		after_read(r, in, s, p);
	if (!in->offset.good)
		return;
	p->when = INJECT_AT;
	p->offset_ms = in->offset.v;
	if (end > 0 && p->offset_ms >= end) {
		duration_format(end, text);
		mistake_add(r->mistakes, in->offset.at,
		    "at: the drill ends after %s; an inject comes before that", text);
	}
}

/* ---- the rubric ---- */

static void
rubric_read(struct reader *r, const struct list *given, struct inject_plan *p)
{
	const struct in_item *items = given->items;

	p->item_count = given->count;
	p->items = arena_array(r->arena, given->count + 1, sizeof *p->items);
	for (size_t i = 0; i < given->count; i++) {
		p->items[i] = (struct inject_item){.id = items[i].id.s,
		    .marks = items[i].marks.good ? (int32_t)items[i].marks.v : 1,
		    .title = line_read(r, &items[i].title, "title"),
		    .guidance = note_read(r, &items[i].guidance, "guidance")};
		for (size_t k = 0; k < i && items[i].id.s != NULL; k++)
			if (items[k].id.s != NULL && strcmp(items[k].id.s, items[i].id.s) == 0)
				mistake_add(r->mistakes, items[i].id.at,
				    "id: this rubric has %s on line %d already",
				    quoted(r->mistakes, items[i].id.s), items[k].id.at.line);
	}
}

/* ---- the list ---- */

static void
check_common(struct reader *r, const struct in_inject *in)
{
	if (in->to.at.line != 0)
		mistake_add(r->mistakes, in->to.at,
		    "to: a common incident is for every department alike; leave `to` out");
	if (in->after.at.line != 0)
		mistake_add(r->mistakes, in->after.at,
		    "after: a common incident is for every department alike; give it `at` or "
		    "`manual`");
}

static void
check_twin(struct reader *r, const struct in_inject *all, size_t i)
{
	for (size_t k = 0; k < i && all[i].id.s != NULL; k++)
		if (all[k].id.s != NULL && strcmp(all[k].id.s, all[i].id.s) == 0) {
			mistake_add(r->mistakes, all[i].id.at,
			    "id: inject %s is on line %d already", quoted(r->mistakes, all[i].id.s),
			    all[k].id.at.line);
			return;
		}
}

static void
inject_build(
    struct reader *r, const struct in_inject *in, const struct scenario *s, struct inject_plan *p)
{
	*p = (struct inject_plan){.number = in->id.s,
	    .common = in->common.v == 1,
	    .phase = -1,
	    .allowed_ms = in->allowed.good ? in->allowed.v : 0,
	    .pass = in->pass.good ? (int32_t)in->pass.v : INJECT_PASS_DEFAULT};
	if (p->common)
		check_common(r, in);
	p->to = to_read(r, &in->to, &s->config);
	p->channels = channel_read(r, &in->channel);
	when_read(r, in, s, p);
	term_read(r, &in->phase, "phase", &terms_phases, &p->phase);
	p->controller = staff_read(r, &in->controller, "controller", s);
	p->evaluator = staff_read(r, &in->evaluator, "evaluator", s);
	p->from = line_read(r, &in->from, "from");
	p->title = line_read(r, &in->title, "title");
	p->text = words_read(r, &in->text, "text", INJECT_TEXT_MAX_BYTES, TEXT_LINES);
	p->objective = note_read(r, &in->objective, "objective");
	p->expected = note_read(r, &in->expected, "expected");
	rubric_read(r, &in->rubric, p);
}

void
injects_build(struct reader *r, const struct node *given, struct scenario *out)
{
	const struct in_inject *all;
	struct list list = {.count = 0};

	if (given->node == NULL)
		return;
	field_read(r, given->node, &list_field, &list);
	all = list.items;
	out->injects = arena_array(r->arena, list.count + 1, sizeof *out->injects);
	for (size_t i = 0; i < list.count; i++) {
		check_twin(r, all, i);
		inject_build(r, &all[i], out, &out->injects[i]);
		out->inject_count++;
	}
}
