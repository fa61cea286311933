/*
 * drillctl events: the journal as a person or a script can read it.
 */
#include "base/json.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/printable.h"
#include "store/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SALT_HEX_BYTES 33
#define HOUR_MS (3600 * 1000)

struct options {
	const char *dir;
	uint64_t from;
	uint64_t to;
	const char *kind; /* or NULL: all */
	bool json;
	bool secrets;
};

struct printer {
	const struct options *o;
	struct buf line;
	char zone[64]; /* of the drill, or "" */
	int64_t hour;  /* the one that offset is known for */
	int offset_minutes;
};

/* ---- lines for a person ---- */

static void
put_drill_time(struct buf *out, int64_t ms)
{
	if (ms < 0) {
		buf_puts(out, "  -");
		return;
	}
	buf_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / HOUR_MS,
	    ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* In the drill's own time zone; looked up once for each hour, since offsets change on the hour. */
static void
put_wall_time(struct printer *p, int64_t at_ms)
{
	char text[RFC3339_BYTES];

	if (at_ms / HOUR_MS != p->hour) {
		p->hour = at_ms / HOUR_MS;
		if (p->zone[0] == '\0' || !zone_offset(p->zone, at_ms, &p->offset_minutes))
			p->offset_minutes = 0;
	}
	rfc3339_format(at_ms, p->offset_minutes, text);
	buf_puts(&p->line, text);
}

static void
put_human(struct printer *p, const struct journal_row *row)
{
	buf_printf(&p->line, "%8" PRIu64 "  ", row->seq);
	put_wall_time(p, row->at_ms);
	buf_puts(&p->line, "  ");
	put_drill_time(&p->line, row->drill_ms);
	buf_puts(&p->line, "  ");
	printable_put(&p->line, row->kind, strlen(row->kind));
	buf_puts(&p->line, "  ");
	printable_put(&p->line, row->actor, strlen(row->actor));
	buf_puts(&p->line, "  ");
	printable_put(&p->line, row->body, row->body_len);
	if (p->o->secrets && row->secret_len > 0) {
		buf_puts(&p->line, "  secret ");
		printable_put(&p->line, row->secret, row->secret_len);
	}
}

/* ---- lines for a script ---- */

/* The object itself; as a string where damage has left something that is none. */
static void
put_object(struct json_writer *w, const char *key, const char *text, size_t len)
{
	struct json_t *parsed = NULL;

	jw_key(w, key);
	if (jr_parse(text, len, &parsed, NULL) == ERR_OK && jr_is_object(parsed))
		jw_raw(w, text, len);
	else
		jw_strn(w, text, len);
	jr_free(parsed);
}

static void
put_json(struct printer *p, const struct journal_row *row)
{
	char hash[SHA256_HEX_BYTES], salt[SALT_HEX_BYTES];
	struct json_writer w;

	hex_encode(row->hash, SHA256_BYTES, hash);
	jw_begin(&w, &p->line);
	jw_object(&w);
	jw_kv_str(&w, "actor", row->actor);
	jw_kv_int(&w, "at_ms", row->at_ms);
	put_object(&w, "body", row->body, row->body_len);
	jw_kv_int(&w, "drill_ms", row->drill_ms);
	jw_kv_str(&w, "hash", hash);
	jw_kv_str(&w, "kind", row->kind);
	if (p->o->secrets && row->salt != NULL) {
		hex_encode(row->salt, SALT_HEX_BYTES / 2, salt);
		jw_kv_str(&w, "salt", salt);
	}
	if (p->o->secrets && row->secret_len > 0)
		put_object(&w, "secret", row->secret, row->secret_len);
	jw_kv_int(&w, "seq", (int64_t)row->seq);
	jw_object_end(&w);
}

/* ---- reading ---- */

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct printer *p = ctx;

	if (p->o->kind != NULL && strcmp(p->o->kind, row->kind) != 0)
		return ERR_OK;
	buf_reset(&p->line);
	if (p->o->json)
		put_json(p, row);
	else
		put_human(p, row);
	buf_putc(&p->line, '\n');
	if (p->line.failed)
		return why_set(why, ERR_LIMIT, "seq %" PRIu64 " is too large to print", row->seq);
	if (fwrite(p->line.data, 1, p->line.len, stdout) != p->line.len)
		return why_set(why, ERR_IO, "cannot write: %s", strerror(errno));
	return ERR_OK;
}

static enum err
find_zone(void *ctx, const struct journal_row *row, struct why *why)
{
	struct printer *p = ctx;
	struct json_t *body;
	const char *zone;

	if (jr_parse(row->body, row->body_len, &body, why) != ERR_OK)
		return ERR_OK; /* then times are in UTC */
	zone = jr_string(jr_get(body, "time_zone"), NULL);
	if (zone != NULL && strlen(zone) < sizeof(p->zone))
		memcpy(p->zone, zone, strlen(zone) + 1);
	jr_free(body);
	return ERR_OK;
}

static enum err
print_events(const struct options *o, struct why *why)
{
	struct journal_options jo = {.dir = o->dir, .read_only = true};
	struct printer p = {.o = o, .hour = INT64_MIN};
	struct journal *j;
	enum err e = journal_open(&jo, &j, why);

	if (e != ERR_OK)
		return e;
	buf_init(&p.line, 4 * EVENT_BODY_MAX_BYTES);
	if ((o->json || (e = journal_read(j, 1, 1, find_zone, &p, why)) == ERR_OK))
		e = journal_read(j, o->from, o->to, on_row, &p, why);
	if (e == ERR_OK && fflush(stdout) != 0)
		e = why_set(why, ERR_IO, "cannot write: %s", strerror(errno));
	buf_free(&p.line);
	journal_close(j);
	return e;
}

/* ---- the command line ---- */

static bool
parse_seq(const char *text, uint64_t *out)
{
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *out >= 1 && *out <= INT64_MAX;
}

static int
refuse_kind(const char *kind)
{
	char names[1024];
	size_t n = 0;

	for (int k = 0; k < EV_COUNT && n < sizeof(names); k++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", k > 0 ? ", " : "",
		    event_kind_name((enum event_kind)k));
	return command_usage(&command_events, "no kind \"%s\"; there are %s", kind, names);
}

/* Takes the option at argv[*i] and its value; 0 to go on, else the exit code. */
static int
parse_option(struct options *o, char **argv, int *i)
{
	const char *name = argv[*i], *value = argv[*i + 1]; /* argv ends with NULL */
	enum event_kind kind;

	if (strcmp(name, "--json") == 0) {
		o->json = true;
		return 0;
	}
	if (strcmp(name, "--secrets") == 0) {
		o->secrets = true;
		return 0;
	}
	++*i;
	if (strcmp(name, "--from") == 0 || strcmp(name, "--to") == 0)
		return parse_seq(value, name[2] == 'f' ? &o->from : &o->to)
			   ? 0
			   : command_usage(
				 &command_events, "%s wants a sequence number, 1 or more", name);
	if (strcmp(name, "--kind") != 0)
		return command_usage(&command_events, "no option %s", name);
	if (value == NULL || !event_kind_parse(value, &kind))
		return refuse_kind(value != NULL ? value : "");
	o->kind = value;
	return 0;
}

static int
events_run(int argc, char **argv)
{
	struct options o = {.from = 1};
	struct why why;
	enum err e;
	int code;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' && o.dir != NULL)
			return command_usage(&command_events, "one data directory at a time");
		if (argv[i][0] != '-')
			o.dir = argv[i];
		else if ((code = parse_option(&o, argv, &i)) != 0)
			return code;
	}
	if (o.dir == NULL)
		return command_usage(&command_events, "name the data directory");
	if ((e = print_events(&o, &why)) == ERR_OK)
		return EXIT_HOLDS;
	fflush(stdout);
	fprintf(stderr, "drillctl events: %s\n", why.text);
	return e == ERR_CORRUPT ? EXIT_FAILS : EXIT_USAGE;
}

const struct command command_events = {
    .name = "events",
    .usage = "events DIR [--from N] [--to N] [--kind KIND] [--json] [--secrets]",
    .help =
	"Prints the journal in the data directory DIR, one event on a line: sequence number, time "
	"in\n"
	"the drill's zone, drill time, kind, actor, body. Works beside a running server.\n"
	"\n"
	"  --from N, --to N  only these sequence numbers\n"
	"  --kind KIND       only this kind, such as flag.captured\n"
	"  --json            one JSON object on a line, the body as an object\n"
	"  --secrets         also the part that outsiders must not see, and with --json its salt\n"
	"\n"
	"exit: 0 printed, 1 the journal is damaged (see drillctl verify), 2 it cannot be read",
    .run = events_run,
};
