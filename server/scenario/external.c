/*
 * checker: of challenge.yaml: how the external checker of a contract other than steps is run, compiled to the
 * program that docs/checkers.md describes.
 */
#include "base/json.h"
#include "scenario/challenge.h"
#include "scenario/values.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX 60
#define WORD_MAX_BYTES 1024
#define ENV_MAX 32
#define PROGRAM_MAX_BYTES (256 * 1024)
#define CPU_S_DEFAULT 10
#define MEMORY_MB_DEFAULT 512
#define PROCESSES_DEFAULT 64
#define FILE_MB_DEFAULT 16
#define CPU_S_MAX 3600
#define MEGABYTES_MAX (1024 * 1024)
#define PROCESSES_MAX 4096
#define REPEATS_MAX 16

struct in_limits {
	struct place at;
	struct number cpu_s, memory_mb, processes, file_mb;
};

static const struct field limit_fields[] = {
    {"cpu_s", KIND_INT, OPTIONAL, offsetof(struct in_limits, cpu_s), 1, CPU_S_MAX, NULL},
    {"memory_mb", KIND_INT, OPTIONAL, offsetof(struct in_limits, memory_mb), 16, MEGABYTES_MAX,
	NULL},
    {"processes", KIND_INT, OPTIONAL, offsetof(struct in_limits, processes), 1, PROCESSES_MAX,
	NULL},
    {"file_mb", KIND_INT, OPTIONAL, offsetof(struct in_limits, file_mb), 1, MEGABYTES_MAX, NULL},
};
static const struct record limit_record = RECORD(struct in_limits, "limits", limit_fields);

struct in_checker {
	struct place at;
	struct node run, env;
	struct text cwd, tag, url;
	struct number warm, puts, gets, action_timeout_ms;
	struct in_limits limits;
};

static const struct field checker_fields[] = {
    {"run", KIND_NODE, OPTIONAL, offsetof(struct in_checker, run), 0, 0, NULL},
    {"env", KIND_NODE, OPTIONAL, offsetof(struct in_checker, env), 0, 0, NULL},
    {"cwd", KIND_TEXT, OPTIONAL, offsetof(struct in_checker, cwd), 1, ID_MAX_BYTES, NULL},
    {"warm", KIND_BOOL, OPTIONAL, offsetof(struct in_checker, warm), 0, 0, NULL},
    {"limits", KIND_RECORD, OPTIONAL, offsetof(struct in_checker, limits), 0, 0, &limit_record},
    {"action_timeout_ms", KIND_INT, OPTIONAL, offsetof(struct in_checker, action_timeout_ms), 100,
	600000, NULL},
    {"tag", KIND_TEXT, OPTIONAL, offsetof(struct in_checker, tag), 1, ID_MAX_BYTES, NULL},
    {"puts", KIND_INT, OPTIONAL, offsetof(struct in_checker, puts), 1, REPEATS_MAX, NULL},
    {"gets", KIND_INT, OPTIONAL, offsetof(struct in_checker, gets), 1, REPEATS_MAX, NULL},
    {"url", KIND_TEXT, OPTIONAL, offsetof(struct in_checker, url), 1, WORD_MAX_BYTES, NULL},
};
static const struct record checker_record = RECORD(struct in_checker, "a checker", checker_fields);

struct compiling {
	struct reader *r;
	struct json_writer *w;
	const struct challenge_place *place;
	const struct in_checker *in;
};

/* ---- run ---- */

/* A word that names a file in the challenge's folder becomes that file's full path. */
static const char *
word_resolve(struct compiling *c, const char *word)
{
	char path[PATH_MAX];
	struct stat st;
	int n;

	if (c->place->dir == NULL || word[0] == '-')
		return word;
	n = word[0] == '/' ? snprintf(path, sizeof(path), "%s", word)
			   : snprintf(path, sizeof(path), "%s/%s", c->place->dir, word);
	if (n >= (int)sizeof(path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return word;
	return arena_strdup(c->r->arena, path);
}

/* The interpreter to propose for a script that cannot be run as it is. */
static const char *
interpreter_of(const char *script)
{
	const char *dot = strrchr(script, '.');

	return dot != NULL && strcmp(dot, ".sh") == 0 ? "sh" : "python3";
}

/* Whether the folders of this machine's PATH have it. */
static bool
in_path(const char *name)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	while (at != NULL && *at != '\0') {
		size_t n = strcspn(at, ":");

		if ((size_t)snprintf(path, sizeof path, "%.*s/%s", (int)n, at, name) <
			sizeof path &&
		    access(path, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	return false;
}

/*
 * A file of the folder is run as it is: it must be executable. Anything else is looked for in PATH when it is run,
 * maybe on another machine; but what looks like a script or a whole command and is nowhere is a slip.
 */
static void
program_check(struct compiling *c, struct place at, const char *word, const char *path)
{
	struct mistakes *m = c->r->mistakes;

	if (c->place->dir == NULL)
		return;
	if (path[0] == '/' && access(path, X_OK) != 0)
		mistake_add(m, at,
		    "run: %s cannot be executed; make it so (chmod +x) or name its interpreter, "
		    "such as run: [%s, %s]",
		    quoted(m, word), interpreter_of(word), word);
	else if (path[0] != '/' && strchr(path, '/') == NULL && strchr(word, ' ') != NULL)
		mistake_add(m, at,
		    "run: %s is looked for as one name; write a list of its words, such as run: "
		    "[python3, checker.py]",
		    quoted(m, word));
	else if (path[0] != '/' &&
		 (strchr(path, '/') != NULL || (strchr(path, '.') != NULL && !in_path(path))))
		mistake_add(
		    m, at, "run: there is no file %s in %s", quoted(m, word), c->place->dir);
}

static bool
is_python(const char *program)
{
	const char *name = strrchr(program, '/');
	size_t len;

	name = name != NULL ? name + 1 : program;
	len = strlen(name);
	return strncmp(name, "python", 6) == 0 || (len > 3 && strcmp(name + len - 3, ".py") == 0);
}

static bool
is_script(const char *word)
{
	const char *dot = strrchr(word, '.');

	return word[0] != '-' && dot != NULL &&
	       (strcmp(dot, ".py") == 0 || strcmp(dot, ".sh") == 0);
}

/* Writes argv; whether it is a Python program is what it returns. */
static bool
run_compile(struct compiling *c)
{
	struct field word = {.key = "run", .kind = KIND_TEXT, .min = 1, .max = WORD_MAX_BYTES};
	yaml_node_t *node = c->in->run.node, **words = &node;
	bool python = false;
	size_t count = 1;

	if (node == NULL) {
		mistake_add(c->r->mistakes, c->in->at,
		    "run is missing; it says what to start, such as run: [python3, checker.py]");
		return false;
	}
	if (node->type == YAML_SEQUENCE_NODE &&
	    !entries_read(c->r, node, "run", 1, WORDS_MAX, &words, &count))
		return false;
	jw_key(c->w, "argv");
	jw_array(c->w);
	for (size_t i = 0; i < count; i++) {
		struct text text = {.s = NULL};
		const char *path;

		field_read(c->r, words[i], &word, &text);
		if (text.s == NULL)
			continue;
		path = word_resolve(c, text.s);
		if (i == 0) {
			program_check(c, text.at, text.s, path);
			python = is_python(text.s);
		} else if (i == 1 && path[0] != '/' && is_script(text.s) && c->place->dir != NULL)
			mistake_add(c->r->mistakes, text.at, "run: there is no file %s in %s",
			    quoted(c->r->mistakes, text.s), c->place->dir);
		jw_str(c->w, path);
	}
	jw_array_end(c->w);
	return python;
}

/* ---- env, cwd, limits ---- */

static bool
env_name_valid(const char *s)
{
	return (*s < '0' || *s > '9') &&
	       s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] ==
		   '\0';
}

static void
env_compile(struct compiling *c)
{
	struct field word = {.kind = KIND_TEXT, .min = 1, .max = WORD_MAX_BYTES};
	char line[2 * WORD_MAX_BYTES];
	struct pair *pairs = NULL;
	size_t count = 0;

	jw_key(c->w, "env");
	jw_array(c->w);
	if (c->in->env.node != NULL)
		(void)pairs_read(c->r, c->in->env.node, "env", ENV_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++) {
		struct text value = {.s = NULL};

		if (!env_name_valid(pairs[i].key.s))
			mistake_add(c->r->mistakes, pairs[i].key.at,
			    "env: %s is no variable's name; it is made of letters, digits and _",
			    quoted(c->r->mistakes, pairs[i].key.s));
		word.key = pairs[i].key.s;
		field_read(c->r, pairs[i].value, &word, &value);
		if (value.s == NULL)
			continue;
		snprintf(line, sizeof(line), "%s=%s", pairs[i].key.s, value.s);
		jw_str(c->w, line);
	}
	jw_array_end(c->w);
}

static void
cwd_compile(struct compiling *c)
{
	static const char *const places[] = {"challenge", "scratch"};
	const struct text *cwd = &c->in->cwd;
	bool scratch = cwd->s != NULL && strcmp(cwd->s, "scratch") == 0;

	if (cwd->s != NULL && !scratch && strcmp(cwd->s, "challenge") != 0)
		mistake_add(c->r->mistakes, cwd->at, "cwd: %s is no place to start in; %s",
		    quoted(c->r->mistakes, cwd->s), choices(c->r->mistakes, cwd->s, places, 2));
	jw_kv_bool(c->w, "cwd_scratch", scratch);
}

static int64_t
number_or(const struct number *n, int64_t otherwise)
{
	return n->good ? n->v : otherwise;
}

static void
limits_compile(struct compiling *c)
{
	const struct in_limits *l = &c->in->limits;

	jw_key(c->w, "limits");
	jw_object(c->w);
	jw_kv_int(c->w, "cpu_s", number_or(&l->cpu_s, CPU_S_DEFAULT));
	jw_kv_int(c->w, "file_mb", number_or(&l->file_mb, FILE_MB_DEFAULT));
	jw_kv_int(c->w, "memory_mb", number_or(&l->memory_mb, MEMORY_MB_DEFAULT));
	jw_kv_int(c->w, "processes", number_or(&l->processes, PROCESSES_DEFAULT));
	jw_object_end(c->w);
}

/* ---- by contract ---- */

/* A key that means nothing for this contract is a mistake: who wrote it expects something of it. */
static void
not_for(struct compiling *c, const char *key, struct place at)
{
	if (at.line != 0)
		mistake_add(c->r->mistakes, at,
		    "%s: has no meaning for the contract %s; leave it out", key,
		    contract_name(c->place->contract));
}

static void
forcad_compile(struct compiling *c)
{
	static const char *const tags[] = {"default", "pfr", "nfr"};
	const struct text *tag = &c->in->tag;
	bool known = tag->s == NULL;

	for (size_t i = 0; i < 3 && tag->s != NULL; i++)
		known = known || strcmp(tags[i], tag->s) == 0;
	if (!known)
		mistake_add(c->r->mistakes, tag->at, "tag: there is no %s; %s",
		    quoted(c->r->mistakes, tag->s), choices(c->r->mistakes, tag->s, tags, 3));
	if (c->in->puts.good && c->in->puts.v > c->place->slots)
		mistake_add(c->r->mistakes, c->in->puts.at,
		    "puts is %lld, flags is %d; each put of a tick goes to a place of its own",
		    (long long)c->in->puts.v, c->place->slots);
	jw_kv_int(c->w, "gets", number_or(&c->in->gets, 1));
	jw_kv_int(c->w, "puts", number_or(&c->in->puts, 1));
	jw_kv_str(c->w, "tag", tag->s != NULL ? tag->s : "default");
}

static void
eno_compile(struct compiling *c)
{
	const struct text *url = &c->in->url;
	const char *rest;

	if (c->in->url.at.line == 0)
		mistake_add(c->r->mistakes, c->in->at,
		    "url is missing; it says where the checker listens, such as "
		    "url: http://127.0.0.1:3031");
	if (url->s == NULL)
		return;
	rest = strncmp(url->s, "http://", 7) == 0 ? url->s + 7 : "";
	if (rest[0] == '\0' || strpbrk(rest, "@?# \"<>\\") != NULL)
		mistake_add(c->r->mistakes, url->at,
		    "url: %s is no address of a checker; write such as http://127.0.0.1:3031",
		    quoted(c->r->mistakes, url->s));
	jw_kv_str(c->w, "url", url->s);
}

static void
command_compile(struct compiling *c)
{
	bool python = run_compile(c);

	cwd_compile(c);
	jw_kv_str(c->w, "dir", c->place->dir != NULL ? c->place->dir : "/");
	env_compile(c);
	limits_compile(c);
	jw_kv_bool(c->w, "warm", c->in->warm.good ? c->in->warm.v == 1 : python);
	if (c->place->contract == CONTRACT_FORCAD)
		forcad_compile(c);
}

static void
strangers_refuse(struct compiling *c)
{
	const struct in_checker *in = c->in;

	if (c->place->contract == CONTRACT_ENO) {
		not_for(c, "run", in->run.at);
		not_for(c, "env", in->env.at);
		not_for(c, "cwd", in->cwd.at);
		not_for(c, "warm", in->warm.at);
		not_for(c, "limits", in->limits.at);
	} else {
		not_for(c, "url", in->url.at);
	}
	if (c->place->contract != CONTRACT_FORCAD) {
		not_for(c, "tag", in->tag.at);
		not_for(c, "puts", in->puts.at);
		not_for(c, "gets", in->gets.at);
	}
}

static void
program_compile(struct compiling *c)
{
	jw_object(c->w);
	if (c->in->action_timeout_ms.good)
		jw_kv_int(c->w, "action_timeout_ms", c->in->action_timeout_ms.v);
	jw_kv_str(c->w, "contract", contract_name(c->place->contract));
	if (c->place->contract == CONTRACT_ENO)
		eno_compile(c);
	else
		command_compile(c);
	jw_object_end(c->w);
}

const char *
external_compile(struct reader *r, yaml_node_t *node, const struct challenge_place *place)
{
	struct in_checker in = {.at = {0, 0}};
	struct json_t *program = NULL;
	struct buf text, canonical;
	struct json_writer w;
	struct compiling c = {r, &w, place, &in};
	const char *out = NULL;

	if (!record_read(r, node, &checker_record, &in))
		return NULL;
	buf_init(&text, PROGRAM_MAX_BYTES);
	buf_init(&canonical, PROGRAM_MAX_BYTES);
	jw_begin(&w, &text);
	strangers_refuse(&c);
	program_compile(&c);
	if (text.failed)
		mistake_add(r->mistakes, in.at, "checker is longer than %d bytes when compiled",
		    PROGRAM_MAX_BYTES);
	else if (r->mistakes->count == 0 &&
		 jr_parse(text.data, text.len, &program, NULL) == ERR_OK &&
		 jr_canonical(program, &canonical) == ERR_OK)
		out = arena_strndup(r->arena, canonical.data, canonical.len);
	jr_free(program);
	buf_free(&canonical);
	buf_free(&text);
	return out;
}
