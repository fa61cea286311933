/*
 * What a step does: a DNS question, echoes, or the greeting of a protocol.
 */
#include "scenario/steps.h"
#include "scenario/values.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#define DNS_NAME_MAX_BYTES 255
#define ECHOES_MAX 32
#define ECHO_SIZE_MIN 16
#define ECHO_SIZE_MAX 8192
#define ECHO_MS_MAX 10000
#define POSTGRESQL_NAME_MAX_BYTES 63

/* ---- dns ---- */

struct in_dns {
	struct place at;
	struct text name, type, server;
	struct number port;
};

static const struct field dns_fields[] = {
    {"name", KIND_TEXT, REQUIRED, offsetof(struct in_dns, name), 1, DNS_NAME_MAX_BYTES, NULL},
    {"type", KIND_TEXT, OPTIONAL, offsetof(struct in_dns, type), 1, 16, NULL},
    {"server", KIND_TEXT, OPTIONAL, offsetof(struct in_dns, server), 1, NAME_MAX_BYTES, NULL},
    {"port", KIND_INT, OPTIONAL, offsetof(struct in_dns, port), 1, PORT_MAX, NULL},
};
static const struct record dns_record = RECORD(struct in_dns, "a dns action", dns_fields);

static const char *const types[] = {"A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static void
type_check(struct reader *r, const struct text *type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (strcmp(types[i], type->s) == 0)
			return;
	mistake_add(r->mistakes, type->at, "type: %s is none that is asked for; %s",
	    quoted(r->mistakes, type->s), choices(r->mistakes, type->s, types, TYPE_COUNT));
}

static void
server_check(struct reader *r, const struct text *server)
{
	struct in6_addr any;

	if (inet_pton(AF_INET, server->s, &any) != 1 && inet_pton(AF_INET6, server->s, &any) != 1)
		mistake_add(r->mistakes, server->at,
		    "server: %s is no IP address; write such as 192.0.2.53, or leave it out to ask "
		    "the system itself",
		    quoted(r->mistakes, server->s));
}

void
compile_dns(struct section *s, yaml_node_t *node)
{
	struct in_dns in = {.at = {0, 0}};

	if (!record_read(s->r, node, &dns_record, &in))
		return;
	template_check(s->r, &s->scope, in.name.at, in.name.s);
	if (in.type.s != NULL)
		type_check(s->r, &in.type);
	if (in.server.s != NULL)
		server_check(s->r, &in.server);
	jw_key(s->w, "dns");
	jw_object(s->w);
	jw_kv_str(s->w, "name", in.name.s);
	if (in.port.good)
		jw_kv_int(s->w, "port", in.port.v);
	if (in.server.s != NULL)
		jw_kv_str(s->w, "server", in.server.s);
	jw_kv_str(s->w, "type", in.type.s != NULL ? in.type.s : "A");
	jw_object_end(s->w);
}

/* ---- icmp ---- */

struct in_icmp {
	struct place at;
	struct number count, interval_ms, loss_percent, size, wait_ms;
};

static const struct field icmp_fields[] = {
    {"count", KIND_INT, OPTIONAL, offsetof(struct in_icmp, count), 1, ECHOES_MAX, NULL},
    {"interval_ms", KIND_INT, OPTIONAL, offsetof(struct in_icmp, interval_ms), 10, ECHO_MS_MAX,
	NULL},
    {"loss_percent", KIND_INT, OPTIONAL, offsetof(struct in_icmp, loss_percent), 0, 99, NULL},
    {"size", KIND_INT, OPTIONAL, offsetof(struct in_icmp, size), ECHO_SIZE_MIN, ECHO_SIZE_MAX,
	NULL},
    {"wait_ms", KIND_INT, OPTIONAL, offsetof(struct in_icmp, wait_ms), 10, ECHO_MS_MAX, NULL},
};
static const struct record icmp_record = RECORD(struct in_icmp, "an icmp action", icmp_fields);

static int64_t
given(const struct number *n, int64_t otherwise)
{
	return n->good ? n->v : otherwise;
}

void
compile_icmp(struct section *s, yaml_node_t *node)
{
	struct in_icmp in = {.at = {0, 0}};
	int64_t count, interval_ms, wait_ms, all_ms;

	if (!record_read(s->r, node, &icmp_record, &in))
		return;
	count = given(&in.count, 3);
	interval_ms = given(&in.interval_ms, 200);
	wait_ms = given(&in.wait_ms, 1000);
	all_ms = (count - 1) * interval_ms + wait_ms;
	if (all_ms > s->round_ms)
		mistake_add(s->r->mistakes, in.at,
		    "%" PRId64 " echoes, one every %" PRId64 " ms, and %" PRId64
		    " ms for the last take %" PRId64 " ms, longer than the %" PRId64
		    " of the whole round; lower count, interval_ms or wait_ms",
		    count, interval_ms, wait_ms, all_ms, s->round_ms);
	jw_key(s->w, "icmp");
	jw_object(s->w);
	jw_kv_int(s->w, "count", count);
	jw_kv_int(s->w, "interval_ms", interval_ms);
	jw_kv_int(s->w, "loss_percent", given(&in.loss_percent, 0));
	jw_kv_int(s->w, "size", given(&in.size, 56));
	jw_kv_int(s->w, "wait_ms", wait_ms);
	jw_object_end(s->w);
}

/* ---- greetings ---- */

struct in_greeting {
	struct place at;
	struct number port;
	struct text user, database;
};

static const struct field greeting_fields[] = {
    {"port", KIND_INT, OPTIONAL, offsetof(struct in_greeting, port), 1, PORT_MAX, NULL},
    {"user", KIND_TEXT, OPTIONAL, offsetof(struct in_greeting, user), 1, POSTGRESQL_NAME_MAX_BYTES,
	NULL},
    {"database", KIND_TEXT, OPTIONAL, offsetof(struct in_greeting, database), 1,
	POSTGRESQL_NAME_MAX_BYTES, NULL},
};
/* The others have no names. */
static const struct record greeting_record = {
    "a greeting", greeting_fields, 1, sizeof(struct in_greeting)};
static const struct record postgresql_record =
    RECORD(struct in_greeting, "a postgresql action", greeting_fields);

static void
greeting_compile(struct section *s, yaml_node_t *node, const struct record *record)
{
	struct in_greeting in = {.at = {0, 0}};

	if (!record_read(s->r, node, record, &in))
		return;
	jw_key(s->w, s->action->name);
	jw_object(s->w);
	if (in.database.s != NULL)
		jw_kv_str(s->w, "database", in.database.s);
	if (in.port.good)
		jw_kv_int(s->w, "port", in.port.v);
	if (in.user.s != NULL)
		jw_kv_str(s->w, "user", in.user.s);
	jw_object_end(s->w);
}

void
compile_greeting(struct section *s, yaml_node_t *node)
{
	greeting_compile(s, node, &greeting_record);
}

void
compile_postgresql(struct section *s, yaml_node_t *node)
{
	greeting_compile(s, node, &postgresql_record);
}
