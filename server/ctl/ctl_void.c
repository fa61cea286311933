/*
 * drillctl void: which checks are void, what voiding some would change, adopting that or dropping it.
 */
#include "ctl/online.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH "/api/v1/checks/voids"
#define BODY_MAX_BYTES (1024 * 1024)

struct options {
	struct online_options online;
	const char *systems, *services, *challenges; /* ids with commas between */
	const char *reason;
	bool has_ticks;
	int64_t from, to;
	bool adopt;       /* adopt what is being proposed */
	int64_t adopt_id; /* adopt that one; 0: not given */
	int64_t drop_id;  /* likewise */
	int64_t show_id;
};

/* ---- the command line ---- */

static int
take_id(int64_t *out, const char *name, const char *value)
{
	if (value == NULL || !online_number(value, out) || *out == 0)
		return command_usage(&command_void, "%s wants the number of a void", name);
	return EXIT_HOLDS;
}

static int
take_ticks(struct options *o, const char *value)
{
	if (value == NULL || !online_ticks(value, &o->from, &o->to))
		return command_usage(
		    &command_void, "--ticks wants FIRST-LAST, such as 12-15, or one tick");
	o->has_ticks = true;
	return EXIT_HOLDS;
}

/* With a number it is about that void, without one about the void being proposed. */
static int
take_adopt(struct options *o, char **argv, int *i)
{
	if (argv[*i + 1] != NULL && online_number(argv[*i + 1], &o->adopt_id))
		return take_id(&o->adopt_id, "--adopt", argv[++*i]);
	o->adopt = true;
	return EXIT_HOLDS;
}

static int
take_word(struct options *o, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **value;
	} texts[] = {{"--systems", &o->systems}, {"--services", &o->services},
	    {"--challenges", &o->challenges}, {"--reason", &o->reason}};
	const char *word = argv[*i];

	switch (online_option(&o->online, &command_void, argv, i)) {
	case ONLINE_TAKEN:
		return EXIT_HOLDS;
	case ONLINE_WRONG:
		return EXIT_USAGE;
	case ONLINE_OTHER:
		break;
	}
	for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
		if (strcmp(word, texts[k].name) == 0)
			return online_value(&command_void, texts[k].value, word, argv[++*i]);
	if (strcmp(word, "--adopt") == 0)
		return take_adopt(o, argv, i);
	if (strcmp(word, "--drop") == 0)
		return take_id(&o->drop_id, word, argv[++*i]);
	if (strcmp(word, "--show") == 0)
		return take_id(&o->show_id, word, argv[++*i]);
	if (strcmp(word, "--ticks") == 0)
		return take_ticks(o, argv[++*i]);
	return command_usage(&command_void, "no option %s", word);
}

static bool
names_checks(const struct options *o)
{
	return o->systems != NULL || o->services != NULL || o->challenges != NULL || o->has_ticks;
}

static int
options_check(const struct options *o)
{
	bool proposes = names_checks(o), decides = o->adopt_id != 0 || o->drop_id != 0;

	if (proposes + (o->adopt_id != 0) + (o->drop_id != 0) + (o->show_id != 0) > 1)
		return command_usage(
		    &command_void, "propose, --adopt N, --drop N or --show N: one at a time");
	if (proposes && o->systems == NULL && o->services == NULL && o->challenges == NULL)
		return command_usage(
		    &command_void, "whose checks? name --systems, --services or --challenges");
	if (proposes && !o->has_ticks)
		return command_usage(&command_void, "--ticks FIRST-LAST is missing");
	if (o->adopt && !proposes)
		return command_usage(&command_void, "--adopt wants the number of a void");
	if ((proposes || decides) != (o->reason != NULL))
		return command_usage(&command_void,
		    o->reason == NULL ? "--reason is missing: it goes on record"
				      : "a reason for what? propose, or --adopt N, or --drop N");
	return EXIT_HOLDS;
}

static int
options_read(struct options *o, int argc, char **argv)
{
	int code;

	for (int i = 1; i < argc; i++)
		if ((code = take_word(o, argv, &i)) != EXIT_HOLDS)
			return code;
	return options_check(o);
}

/* ---- printing ---- */

static void
print_ticks(int64_t from, int64_t to)
{
	if (from == to)
		printf("tick %" PRId64, from);
	else
		printf("ticks %" PRId64 " to %" PRId64, from, to);
}

static void
print_void(const struct json_t *v)
{
	const struct json_t *decided = jr_get(v, "decided"), *systems = jr_get(v, "systems");
	const char *first = jr_string(jr_at(systems, 0), NULL);

	printf("%4" PRId64 "  %-8s  ", online_int(v, "id"), online_text(v, "state"));
	print_ticks(online_int(v, "from"), online_int(v, "to"));
	fputs(", ", stdout);
	if (jr_count(systems) == 1)
		printf("system %s", first != NULL ? first : "-");
	else
		printf("%zu systems", jr_count(systems));
	printf("\n      %s  %s: %s\n", online_text(v, "at"), online_text(v, "by"),
	    online_text(v, "reason"));
	if (jr_is_object(decided))
		printf("      %s  %s: %s\n", online_text(decided, "at"), online_text(decided, "by"),
		    online_text(decided, "reason"));
}

/* The last column is not filled up: no line ends in blanks. */
static void
print_place(const struct json_t *team, const char *part, bool last)
{
	const struct json_t *old = jr_get(team, "old"), *new = jr_get(team, "new");

	printf("  %10.2f -> %-*.2f", jr_number(jr_get(old, part), 0), last ? 0 : 10,
	    jr_number(jr_get(new, part), 0));
}

/* Old and new side by side, the biggest movers first, as the server lists them. */
static void
print_difference(const struct json_t *d)
{
	static const char *const parts[] = {"total", "attack", "defense", "sla"};
	const size_t count = sizeof parts / sizeof parts[0];
	const struct json_t *teams = jr_get(d, "teams");

	if (!jr_is_object(d))
		return;
	printf("      %" PRId64 " result%s; scores as of tick %" PRId64
	       ", without it -> with it\n\n",
	    online_int(d, "checks"), online_int(d, "checks") == 1 ? "" : "s",
	    online_int(d, "tick"));
	printf("%-24s  %-12s", "team", "rank");
	for (size_t k = 0; k < count; k++)
		printf("  %-*s", k + 1 < count ? 24 : 0, parts[k]);
	putchar('\n');
	for (size_t i = 0; i < jr_count(teams); i++) {
		const struct json_t *t = jr_at(teams, i);

		printf("%-24s  %4" PRId64 " -> %-4" PRId64, online_text(t, "team"),
		    online_int(jr_get(t, "old"), "rank"), online_int(jr_get(t, "new"), "rank"));
		for (size_t k = 0; k < count; k++)
			print_place(t, parts[k], k + 1 == count);
		putchar('\n');
	}
	putchar('\n');
}

/* ---- what it does ---- */

static enum err
list(struct online *n, struct why *why)
{
	struct json_t *answer;
	enum err e = online_get(n, PATH, &answer, why);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < jr_count(answer); i++)
		print_void(jr_at(answer, i));
	if (jr_count(answer) == 0)
		puts("no checks were ever proposed to be void");
	jr_free(answer);
	return ERR_OK;
}

static enum err
show(struct online *n, int64_t id, struct why *why)
{
	struct json_t *answer;
	char path[64];
	enum err e;

	snprintf(path, sizeof path, PATH "/%" PRId64, id);
	if ((e = online_get(n, path, &answer, why)) != ERR_OK)
		return e;
	print_void(answer);
	print_difference(jr_get(answer, "difference"));
	jr_free(answer);
	return ERR_OK;
}

static enum err
post(struct online *n, const char *path, struct buf *body, struct json_t **answer, struct why *why)
{
	enum err e = buf_err(body);

	if (e != ERR_OK)
		why_set(why, e, "the lists and the reason are too long");
	else
		e = online_post(n, path, body->data, answer, why);
	buf_free(body);
	return e;
}

static enum err
decide(struct online *n, int64_t id, bool adopt, const char *reason, struct why *why)
{
	struct json_t *answer;
	struct json_writer w;
	struct buf body;
	char path[64];
	enum err e;

	buf_init(&body, BODY_MAX_BYTES);
	jw_begin(&w, &body);
	jw_object(&w);
	jw_kv_str(&w, "action", adopt ? "adopt" : "drop");
	jw_kv_str(&w, "reason", reason);
	jw_object_end(&w);
	snprintf(path, sizeof path, PATH "/%" PRId64, id);
	if ((e = post(n, path, &body, &answer, why)) != ERR_OK)
		return e;
	print_void(answer);
	jr_free(answer);
	return ERR_OK;
}

/* A,B as a list of texts; nothing if it was not given. */
static void
write_list(struct json_writer *w, const char *key, const char *ids)
{
	if (ids == NULL)
		return;
	jw_key(w, key);
	jw_array(w);
	for (;;) {
		size_t len = strcspn(ids, ",");

		jw_strn(w, ids, len);
		if (ids[len] == '\0')
			break;
		ids += len + 1;
	}
	jw_array_end(w);
}

static void
write_proposal(const struct options *o, struct buf *out)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	write_list(&w, "challenges", o->challenges);
	jw_kv_str(&w, "reason", o->reason);
	write_list(&w, "services", o->services);
	write_list(&w, "systems", o->systems);
	jw_key(&w, "ticks");
	jw_object(&w);
	jw_kv_int(&w, "from", o->from);
	jw_kv_int(&w, "to", o->to);
	jw_object_end(&w);
	jw_object_end(&w);
}

static enum err
propose(struct online *n, const struct options *o, struct why *why)
{
	struct json_t *answer;
	struct buf body;
	int64_t id;
	enum err e;

	buf_init(&body, BODY_MAX_BYTES);
	write_proposal(o, &body);
	if ((e = post(n, PATH, &body, &answer, why)) != ERR_OK)
		return e;
	print_void(answer);
	print_difference(jr_get(answer, "difference"));
	id = online_int(answer, "id");
	jr_free(answer);
	fflush(stdout); /* it stands there before anything is adopted */
	return o->adopt ? decide(n, id, true, o->reason, why) : ERR_OK;
}

static int
void_run(int argc, char **argv)
{
	struct options o = {0};
	struct online *n;
	struct why why;
	enum err e;
	int code;

	if ((code = options_read(&o, argc, argv)) != EXIT_HOLDS ||
	    (code = online_open(&command_void, &o.online, &n)) != EXIT_HOLDS)
		return code;
	if (names_checks(&o))
		e = propose(n, &o, &why);
	else if (o.show_id != 0)
		e = show(n, o.show_id, &why);
	else if (o.adopt_id != 0 || o.drop_id != 0)
		e = decide(n, o.adopt_id + o.drop_id, o.adopt_id != 0, o.reason, &why);
	else
		e = list(n, &why);
	online_close(n);
	return e == ERR_OK ? EXIT_HOLDS : online_fail(&command_void, e, &why);
}

const struct command command_void = {
    .name = "void",
    .usage =
	"void [--systems A,B] [--services S,T] [--challenges C] --ticks A-B --reason TEXT "
	"[--adopt] | void --show N | void --adopt N --reason TEXT | void --drop N --reason TEXT "
	"| void " ONLINE_USAGE,
    .help =
	"Voids checks: they count as not checked, as if they had never been made. Proposing wants\n"
	"the role judge, director or admin, prints the ranking with and without them, and changes\n"
	"nothing; adopting and dropping want director or admin. An adopted void may be dropped "
	"again,\n"
	"which brings the scores back. Without options it lists them all.\n"
	"\n"
	"  --systems A,B      these systems,\n"
	"  --services S,T     and all systems of these services,\n"
	"  --challenges C     and all systems of these challenges\n"
	"  --ticks A-B        in these ticks, both included; all of them have closed\n"
	"  --reason TEXT      goes on record; staff and the departments concerned see it\n"
	"  --adopt            adopt it at once, after the difference has been printed\n"
	"  --adopt N, --drop N, --show N   the one of that number\n" ONLINE_HELP "\n"
	"exit: 0 done, 1 refused, 2 wrong command line or no server there",
    .run = void_run,
};
