/*
 * The actions ldap, mqtt and telnet.
 */
#include "scenario/action_curl.h"
#include "scenario/values.h"

#include <string.h>

#define ATTRIBUTE_MAX_BYTES 200

/* ---- ldap ---- */

struct in_ldap {
	struct in_common common;
	struct text base, scope, filter;
	struct node attributes;
};

static const struct field ldap_fields[] = {
    {"base", KIND_TEXT, REQUIRED, offsetof(struct in_ldap, base), 1, LINE_MAX_BYTES, NULL},
    {"scope", KIND_TEXT, OPTIONAL, offsetof(struct in_ldap, scope), 1, 16, NULL},
    {"filter", KIND_TEXT, OPTIONAL, offsetof(struct in_ldap, filter), 1, LINE_MAX_BYTES, NULL},
    {"attributes", KIND_NODE, OPTIONAL, offsetof(struct in_ldap, attributes), 0, 0, NULL},
    COMMON_LOGIN(struct in_ldap),
    COMMON_PORT(struct in_ldap),
    COMMON_TLS(struct in_ldap),
    COMMON_FAILS(struct in_ldap),
};
static const struct record ldap_record = RECORD(struct in_ldap, "an ldap action", ldap_fields);

static const char *
scope_name(struct section *s, const struct text *scope)
{
	static const char *const scopes[] = {"base", "one", "sub"};
	size_t count = sizeof(scopes) / sizeof(scopes[0]);

	if (scope->s == NULL)
		return "base";
	for (size_t i = 0; i < count; i++)
		if (strcmp(scopes[i], scope->s) == 0)
			return scope->s;
	mistake_add(s->r->mistakes, scope->at, "scope: %s is none; %s",
	    quoted(s->r->mistakes, scope->s), choices(s->r->mistakes, scope->s, scopes, count));
	return "base";
}

static void
attributes_write(struct section *s, yaml_node_t *node)
{
	struct field f = {
	    .key = "attributes", .kind = KIND_TEXT, .min = 1, .max = ATTRIBUTE_MAX_BYTES};
	yaml_node_t **entries;
	size_t count = 0;

	if (!entries_read(s->r, node, "attributes", 1, ENTRIES_MAX, &entries, &count))
		count = 0;
	jw_key(s->w, "attributes");
	jw_array(s->w);
	for (size_t i = 0; i < count; i++) {
		struct text name = {.at = node_place(entries[i])};

		field_read(s->r, entries[i], &f, &name);
		jw_str(s->w, name.s);
	}
	jw_array_end(s->w);
}

void
compile_ldap(struct section *s, yaml_node_t *node)
{
	struct in_ldap in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, &ldap_record, &in))
		return;
	jw_key(s->w, "ldap");
	jw_object(s->w);
	common_compile(s, &in.common, true);
	template_write(s, "base", &in.base);
	template_write(s, "filter", &in.filter);
	jw_kv_str(s->w, "scope", scope_name(s, &in.scope));
	if (in.attributes.node != NULL)
		attributes_write(s, in.attributes.node);
	jw_object_end(s->w);
}

/* ---- mqtt ---- */

struct in_publish {
	struct place at;
	struct text topic;
	struct in_payload payload;
};

static const struct field publish_fields[] = {
    {"topic", KIND_TEXT, REQUIRED, offsetof(struct in_publish, topic), 1, LINE_MAX_BYTES, NULL},
    {"content", KIND_RAW, ONE_OF, offsetof(struct in_publish, payload.content), 0,
	STEP_TEXT_MAX_BYTES, NULL},
    {"hex", KIND_TEXT, ONE_OF, offsetof(struct in_publish, payload.hex), 1, STEP_TEXT_MAX_BYTES,
	NULL},
};
static const struct record publish_record =
    RECORD(struct in_publish, "a message to publish", publish_fields);

struct in_subscribe {
	struct place at;
	struct text topic, until;
};

static const struct field subscribe_fields[] = {
    {"topic", KIND_TEXT, REQUIRED, offsetof(struct in_subscribe, topic), 1, LINE_MAX_BYTES, NULL},
    {"until", KIND_RAW, OPTIONAL, offsetof(struct in_subscribe, until), 1, LINE_MAX_BYTES, NULL},
};
static const struct record subscribe_record =
    RECORD(struct in_subscribe, "a subscription", subscribe_fields);

struct in_mqtt {
	struct in_common common;
	struct in_publish publish;
	struct in_subscribe subscribe;
};

static const struct field mqtt_fields[] = {
    {"publish", KIND_RECORD, ONE_OF, offsetof(struct in_mqtt, publish), 0, 0, &publish_record},
    {"subscribe", KIND_RECORD, ONE_OF, offsetof(struct in_mqtt, subscribe), 0, 0,
	&subscribe_record},
    COMMON_LOGIN(struct in_mqtt),
    COMMON_PORT(struct in_mqtt),
    COMMON_FAILS(struct in_mqtt),
};
static const struct record mqtt_record = RECORD(struct in_mqtt, "an mqtt action", mqtt_fields);

static void
mqtt_write(struct section *s, const struct in_mqtt *in)
{
	bool publish = in->publish.at.line != 0;

	jw_key(s->w, publish ? "publish" : "subscribe");
	jw_object(s->w);
	if (publish) {
		payload_compile(s, &in->publish.payload);
		template_write(s, "topic", &in->publish.topic);
	} else {
		template_write(s, "topic", &in->subscribe.topic);
		template_write(s, "until", &in->subscribe.until);
	}
	jw_object_end(s->w);
}

void
compile_mqtt(struct section *s, yaml_node_t *node)
{
	struct in_mqtt in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, &mqtt_record, &in))
		return;
	jw_key(s->w, "mqtt");
	jw_object(s->w);
	common_compile(s, &in.common, false);
	mqtt_write(s, &in);
	jw_object_end(s->w);
}

/* ---- telnet ---- */

struct in_telnet_line {
	struct place at;
	struct text send, expect;
};

static const struct field line_fields[] = {
    {"send", KIND_RAW, ONE_OF, offsetof(struct in_telnet_line, send), 1, STEP_TEXT_MAX_BYTES, NULL},
    {"expect", KIND_RAW, ONE_OF, offsetof(struct in_telnet_line, expect), 1, STEP_TEXT_MAX_BYTES,
	NULL},
};
static const struct record line_record =
    RECORD(struct in_telnet_line, "a line of a telnet talk", line_fields);

struct in_telnet {
	struct in_common common;
	struct text terminal;
	struct list talk;
};

static const struct field telnet_fields[] = {
    {"talk", KIND_LIST, REQUIRED, offsetof(struct in_telnet, talk), 1, ENTRIES_MAX, &line_record},
    {"terminal", KIND_TEXT, OPTIONAL, offsetof(struct in_telnet, terminal), 1, 64, NULL},
    COMMON_PORT(struct in_telnet),
};
static const struct record telnet_record =
    RECORD(struct in_telnet, "a telnet action", telnet_fields);

static void
talk_write(struct section *s, const struct list *talk)
{
	const struct in_telnet_line *lines = talk->items;

	jw_key(s->w, "talk");
	jw_array(s->w);
	for (size_t i = 0; i < talk->count; i++) {
		const struct text *text =
		    lines[i].send.s != NULL ? &lines[i].send : &lines[i].expect;

		template_check(s->r, &s->scope, text->at, text->s);
		jw_array(s->w);
		jw_str(s->w, lines[i].send.s != NULL ? "send" : "expect");
		jw_str(s->w, text->s);
		jw_array_end(s->w);
	}
	jw_array_end(s->w);
}

void
compile_telnet(struct section *s, yaml_node_t *node)
{
	struct in_telnet in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, &telnet_record, &in))
		return;
	jw_key(s->w, "telnet");
	jw_object(s->w);
	common_compile(s, &in.common, false);
	template_write(s, "terminal", &in.terminal);
	talk_write(s, &in.talk);
	jw_object_end(s->w);
}
