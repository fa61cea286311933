/*
 * challenge.yaml: its head, and loading it.
 */
#include "scenario/challenge.h"

#include "scenario/readfile.h"
#include "scenario/values.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 4096
#define TIMEOUT_MS_MIN 100

static const struct field challenge_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_challenge, id), 0, 0, NULL},
    {"title", KIND_NAME, REQUIRED, offsetof(struct in_challenge, title), 0, 0, NULL},
    {"contract", KIND_TEXT, REQUIRED, offsetof(struct in_challenge, contract), 1, ID_MAX_BYTES,
	NULL},
    {"port", KIND_INT, REQUIRED, offsetof(struct in_challenge, port), 1, PORT_MAX, NULL},
    {"timeout_ms", KIND_INT, OPTIONAL, offsetof(struct in_challenge, timeout_ms), TIMEOUT_MS_MIN,
	TICK_MS_MAX, NULL},
    {"flags", KIND_INT, OPTIONAL, offsetof(struct in_challenge, flags), 1, SLOTS_MAX, NULL},
    {"vars", KIND_NODE, OPTIONAL, offsetof(struct in_challenge, vars), 0, 0, NULL},
    {"steps", KIND_NODE, ONE_OF, offsetof(struct in_challenge, steps), 0, 0, NULL},
    {"checker", KIND_NODE, ONE_OF, offsetof(struct in_challenge, checker), 0, 0, NULL},
    {"exploit", KIND_NODE, OPTIONAL, offsetof(struct in_challenge, exploit), 0, 0, NULL},
};
static const struct record challenge_record =
    RECORD(struct in_challenge, "a challenge", challenge_fields);

static void
check_head(struct reader *r, const struct in_challenge *in, const char *id, int64_t tick_ms)
{
	char tick[DURATION_BYTES];

	if (in->id.s != NULL && strcmp(in->id.s, id) != 0)
		mistake_add(r->mistakes, in->id.at,
		    "id is \"%s\" in the folder \"%s\"; it is the folder's name", in->id.s, id);
	if (in->timeout_ms.good && tick_ms > 0 && in->timeout_ms.v > tick_ms) {
		duration_format(tick_ms, tick);
		mistake_add(r->mistakes, in->timeout_ms.at,
		    "timeout_ms is %" PRId64
		    ", longer than the drill's tick of %s; a round ends within "
		    "its tick: at most %" PRId64,
		    in->timeout_ms.v, tick, tick_ms);
	}
}

/* The contract named; CONTRACT_COUNT if there is none such. */
static enum contract
find_contract(struct reader *r, const struct text *name)
{
	const char *names[CONTRACT_COUNT];
	enum contract out;

	if (name->s == NULL)
		return CONTRACT_COUNT;
	if (contract_parse(name->s, &out) && out != CONTRACT_EXPLOIT)
		return out;
	for (int i = 0; i < CONTRACT_EXPLOIT; i++)
		names[i] = contract_name((enum contract)i);
	mistake_add(r->mistakes, name->at, "contract: there is no contract %s; %s",
	    quoted(r->mistakes, name->s), choices(r->mistakes, name->s, names, CONTRACT_EXPLOIT));
	return CONTRACT_COUNT;
}

/* steps belong to the contract steps, checker to all others. */
static bool
has_its_part(struct reader *r, const struct in_challenge *in, enum contract contract)
{
	bool steps = contract == CONTRACT_STEPS;
	const struct node *needed = steps ? &in->steps : &in->checker;
	const struct node *stranger = steps ? &in->checker : &in->steps;

	if (stranger->at.line != 0)
		mistake_add(r->mistakes, stranger->at,
		    "%s: has no meaning for the contract %s, which has %s",
		    steps ? "checker" : "steps", contract_name(contract),
		    steps ? "steps" : "checker");
	if (!steps && in->vars.at.line != 0)
		mistake_add(r->mistakes, in->vars.at,
		    "vars: has no meaning for the contract %s; leave it out",
		    contract_name(contract));
	if (contract == CONTRACT_FAUST && in->flags.good && in->flags.v > 1)
		mistake_add(r->mistakes, in->flags.at,
		    "flags is %" PRId64 "; a checkerscript of the contract faust places one a tick",
		    in->flags.v);
	return needed->node != NULL;
}

static const char *
program_compile(struct reader *r, const struct in_challenge *in, const char *dir)
{
	enum contract contract = find_contract(r, &in->contract);
	struct challenge_place place = {
	    .contract = contract, .dir = dir, .slots = in->flags.good ? (int)in->flags.v : 1};

	if (contract == CONTRACT_COUNT || !has_its_part(r, in, contract))
		return NULL;
	if (contract != CONTRACT_STEPS)
		return external_compile(r, in->checker.node, &place);
	return steps_compile(
	    r, in, in->timeout_ms.good ? in->timeout_ms.v : CHALLENGE_TIMEOUT_MS, dir);
}

/* What a round may take: as written, or the default, which never exceeds the tick. */
static int64_t
round_ms(const struct in_challenge *in, enum contract contract, int64_t tick_ms)
{
	int64_t usual = contract == CONTRACT_ENO ? ENO_TIMEOUT_MS : CHALLENGE_TIMEOUT_MS;

	if (in->timeout_ms.at.line != 0)
		return in->timeout_ms.v;
	return tick_ms > 0 && tick_ms < usual ? tick_ms : usual;
}

static void
read_tree(struct reader *r, const char *id, const char *dir, int64_t tick_ms, struct challenge *out)
{
	struct in_challenge in = {.at = {0, 0}};

	if (!record_read(r, r->tree->root, &challenge_record, &in))
		return;
	check_head(r, &in, id, tick_ms);
	out->program = program_compile(r, &in, dir);
	exploit_build(r, &in.exploit, dir, out);
	if (in.contract.s == NULL || !contract_parse(in.contract.s, &out->contract))
		out->contract = CONTRACT_STEPS;
	out->title = in.title.v;
	out->port = (int)in.port.v;
	out->timeout_ms = round_ms(&in, out->contract, tick_ms);
	out->slots = in.flags.good ? (int)in.flags.v : 1;
}

static enum err
read_text(const struct challenge_source *source, const char *path, struct buf *text,
    struct mistakes *m, struct why *why)
{
	enum err e;

	if (source->text != NULL) {
		buf_put(text, source->text, source->len);
		e = buf_err(text);
	} else {
		e = file_read(path, text, why);
	}
	if (e == ERR_LIMIT) {
		mistake_add(m, (struct place){1, 1}, "the file is larger than %u bytes",
		    CHALLENGE_FILE_MAX_BYTES);
		e = ERR_INVALID;
	}
	return e;
}

/* The challenge's folder as an absolute path: external checkers are started there. NULL in the fuzzer. */
static const char *
folder_of(const struct challenge_source *source, const char *id, struct arena *arena)
{
	char path[PATH_BYTES], real[PATH_MAX];

	if (source->text != NULL ||
	    snprintf(path, sizeof(path), "%s/%s", source->dir, id) >= PATH_BYTES ||
	    realpath(path, real) == NULL)
		return NULL;
	return arena_strdup(arena, real);
}

enum err
challenge_load(const struct challenge_source *source, const char *id, int64_t tick_ms,
    struct arena *arena, struct challenge *out, struct buf *mistakes, struct why *why)
{
	struct reader r = {.arena = arena};
	char path[PATH_BYTES];
	struct yaml_tree tree;
	struct mistakes m;
	struct buf text;
	enum err e;

	if (snprintf(path, sizeof(path), "%s/%s/" CHALLENGE_FILE, source->dir, id) >= PATH_BYTES)
		return why_set(why, ERR_IO, "has too long a path");
	mistakes_init(&m, path);
	buf_init(&text, CHALLENGE_FILE_MAX_BYTES);
	r.mistakes = &m;
	r.tree = &tree;
	if ((e = read_text(source, path, &text, &m, why)) == ERR_OK &&
	    (e = tree_load(&tree, text.data, text.len, &m)) == ERR_OK) {
		read_tree(&r, id, folder_of(source, id, arena), tick_ms, out);
		tree_free(&tree);
		e = m.count == 0 ? ERR_OK : ERR_INVALID;
	}
	mistakes_write(&m, mistakes);
	mistakes_free(&m);
	buf_free(&text);
	return e;
}
