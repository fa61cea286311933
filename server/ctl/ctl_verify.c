/*
 * drillctl verify: does this journal hold together, from the first event to the last, and are the files there?
 */
#include "base/json.h"
#include "ctl/ctl.h"
#include "store/verify.h"
#include "store/verify_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define JSON_MAX_BYTES (16u * 1024 * 1024)

static uint64_t
unsigned_tail(const struct verify_report *r)
{
	return r->events - r->last_checkpoint;
}

static void
print_ranking(const struct game *g)
{
	if (g->rank_count == 0)
		return;
	printf("\n%4s  %-24s %14s %14s %14s %14s\n", "rank", "team", "total", "attack", "defense",
	    "sla");
	for (size_t i = 0; i < g->rank_count; i++) {
		const struct rank_row *r = &g->ranking[i];

		printf("%4" PRIu32 "  %-24s %14.2f %14.2f %14.2f %14.2f\n", r->rank,
		    g->config->teams[r->team].id, r->total, r->attack, r->defense, r->sla);
	}
	putchar('\n');
}

static void
print_files(const struct verify_files *f)
{
	if (!f->there && f->named > 0)
		printf("files        %" PRIu64
		       " named, not looked at: there is no directory blobs here\n",
		    f->named);
	else
		printf("files        %" PRIu64 " named, %" PRIu64 " there and whole, %" PRIu64
		       " bytes read\n",
		    f->named, f->whole, f->bytes);
}

static void
print_text(const char *dir, const struct verify_report *r, const struct verify_files *f,
    const struct game *g)
{
	printf("journal      %s\n", dir);
	if (g->config != NULL)
		printf("drill        %s, %s, tick %" PRId32 "\n", g->config->id,
		    drill_state_name(g->state), g->tick);
	printf("events       %" PRIu64 "\n", r->events);
	printf("head         %s\n", r->head);
	if (r->checkpoints > 0)
		printf("checkpoints  %" PRIu64 ", the last one signs all up to seq %" PRIu64 "\n",
		    r->checkpoints, r->last_checkpoint);
	else
		puts("checkpoints  none");
	printf("unsigned     %" PRIu64 " at the end, chained but not signed yet%s\n",
	    unsigned_tail(r), r->checkpoints > 0 ? " (the last checkpoint itself is one)" : "");
	print_files(f);
	if (r->bad_seq == 0) {
		print_ranking(g);
		puts("The journal holds: every hash, every signature, every score.");
		if (f->bad_seq != 0)
			printf("\nDAMAGED      seq %" PRIu64 ": %s\n", f->bad_seq, f->problem);
		return;
	}
	printf("\nDAMAGED      seq %" PRIu64 ": %s\n", r->bad_seq, r->problem);
	puts("The figures above are of the events before it, which hold.");
}

static void
write_ranking(struct json_writer *w, const struct game *g)
{
	jw_key(w, "ranking");
	jw_array(w);
	for (size_t i = 0; i < g->rank_count; i++) {
		const struct rank_row *r = &g->ranking[i];

		jw_object(w);
		jw_kv_real(w, "attack", r->attack);
		jw_kv_real(w, "defense", r->defense);
		jw_kv_int(w, "rank", r->rank);
		jw_kv_real(w, "sla", r->sla);
		jw_kv_str(w, "team", g->config->teams[r->team].id);
		jw_kv_real(w, "total", r->total);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_files(struct json_writer *w, const struct verify_files *f)
{
	jw_key(w, "files");
	jw_object(w);
	if (f->bad_seq != 0)
		jw_kv_int(w, "bad_seq", (int64_t)f->bad_seq);
	jw_kv_int(w, "bytes", (int64_t)f->bytes);
	jw_kv_int(w, "named", (int64_t)f->named);
	if (f->bad_seq != 0)
		jw_kv_str(w, "problem", f->problem);
	jw_kv_bool(w, "there", f->there);
	jw_kv_int(w, "whole", (int64_t)f->whole);
	jw_object_end(w);
}

static void
print_json(const struct verify_report *r, const struct verify_files *f, const struct game *g)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, JSON_MAX_BYTES);
	jw_begin(&w, &out);
	jw_object(&w);
	if (r->bad_seq != 0)
		jw_kv_int(&w, "bad_seq", (int64_t)r->bad_seq);
	jw_kv_int(&w, "checkpoints", (int64_t)r->checkpoints);
	jw_kv_int(&w, "events", (int64_t)r->events);
	write_files(&w, f);
	jw_kv_str(&w, "head", r->head);
	jw_kv_int(&w, "last_checkpoint", (int64_t)r->last_checkpoint);
	jw_kv_bool(&w, "ok", r->bad_seq == 0 && f->bad_seq == 0);
	if (r->bad_seq != 0)
		jw_kv_str(&w, "problem", r->problem);
	write_ranking(&w, g);
	jw_kv_int(&w, "unsigned", (int64_t)unsigned_tail(r));
	jw_object_end(&w);
	puts(out.data);
	buf_free(&out);
}

static int
verify(const char *dir, bool json)
{
	struct game *g = game_new();
	struct verify_report report;
	struct verify_files files;
	struct why why;
	enum err e = verify_dir(dir, g, &report, &why), of_files = ERR_OK;

	if (e == ERR_OK || e == ERR_CORRUPT)
		of_files = verify_files(dir, g, &files, &why);
	if (of_files != ERR_OK && (e == ERR_OK || of_files != ERR_CORRUPT))
		e = of_files;

	if (e != ERR_OK && e != ERR_CORRUPT)
		fprintf(stderr, "drillctl verify: %s\n", why.text);
	else if (json)
		print_json(&report, &files, g);
	else
		print_text(dir, &report, &files, g);
	game_free(g);
	return e == ERR_OK ? EXIT_HOLDS : e == ERR_CORRUPT ? EXIT_FAILS : EXIT_USAGE;
}

static int
verify_run(int argc, char **argv)
{
	const char *dir = NULL;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (argv[i][0] == '-')
			return command_usage(&command_verify, "no option %s", argv[i]);
		else if (dir != NULL)
			return command_usage(&command_verify, "one data directory at a time");
		else
			dir = argv[i];
	}
	if (dir == NULL)
		return command_usage(&command_verify, "name the data directory");
	return verify(dir, json);
}

const struct command command_verify = {
    .name = "verify",
    .usage = "verify DIR [--json]",
    .help =
	"Walks the journal in the data directory DIR as a sceptic: recomputes the hash chain,\n"
	"checks every checkpoint's signature, applies every event anew and compares the scores\n"
	"that were signed. Works beside a running server and on a read-only copy.\n"
	"\n"
	"Prints a report and the ranking. On damage it names the first sequence number that does\n"
	"not hold, and what is wrong with it. Events after the last checkpoint are chained but\n"
	"not signed: compare the head with the one the board showed.\n"
	"\n"
	"Every file that an event names is read, and must have the length and the hash that the\n"
	"event says; of a copy without the directory blobs it says that it has not looked.\n"
	"\n"
	"exit: 0 all holds, 1 damage, 2 the directory cannot be read",
    .run = verify_run,
};
