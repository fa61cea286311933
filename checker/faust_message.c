#include "checker/faust_message.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX_BYTES 24
#define SHOWN_BYTES 40

static const char *const names[FAUST_ACTIONS] = {[FAUST_FLAG] = "FLAG",
    [FAUST_FLAGID] = "FLAGID",
    [FAUST_LOAD] = "LOAD",
    [FAUST_STORE] = "STORE",
    [FAUST_LOG] = "LOG",
    [FAUST_RESULT] = "RESULT"};

static enum err
find_action(const char *name, enum faust_action *out, struct why *why)
{
	for (int i = 0; i < FAUST_ACTIONS; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out = (enum faust_action)i;
		return ERR_OK;
	}
	return why_set(why, ERR_INVALID, "there is no action \"%.*s\"", SHOWN_BYTES, name);
}

/* As Python's int() does: a number, or a text that is one. */
static bool
as_number(const struct json_t *j, int64_t *out)
{
	const char *text;
	size_t len;
	double real;
	char *end;

	if (jr_is_int(j)) {
		*out = jr_integer(j, 0);
		return true;
	}
	if ((text = jr_string(j, &len)) == NULL) {
		real = jr_number(j, -1);
		*out = real >= 0 && real < 1e15 ? (int64_t)real : -1;
		return real >= 0 && real < 1e15;
	}
	if (len == 0 || len > NUMBER_MAX_BYTES)
		return false;
	errno = 0;
	*out = strtoll(text, &end, 10);
	end += strspn(end, " \t\r\n");
	return errno == 0 && end != text && *end == '\0';
}

static const char *
copy(struct arena *arena, const struct json_t *j)
{
	const char *text = jr_string(j, NULL);

	return text != NULL ? arena_strdup(arena, text) : NULL;
}

/* ---- by action ---- */

static enum err
read_flag(const struct json_t *param, struct faust_message *out, struct why *why)
{
	if (!jr_is_object(param))
		return why_set(why, ERR_LIMIT, "FLAG: its param is no object");
	out->has_number = as_number(jr_get(param, "tick"), &out->number);
	return ERR_OK;
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static enum err
read_text(
    const struct json_t *param, struct arena *arena, struct faust_message *out, struct why *why)
{
	if ((out->text = copy(arena, param)) == NULL)
		return why_set(why, ERR_LIMIT, "%s: its param is no string", names[out->action]);
	if (out->action == FAUST_FLAGID && characters(out->text) > FAUST_FLAGID_MAX)
		return why_set(why, ERR_LIMIT, "FLAGID: %zu characters, at most %d are taken",
		    characters(out->text), FAUST_FLAGID_MAX);
	return ERR_OK;
}

static enum err
read_store(
    const struct json_t *param, struct arena *arena, struct faust_message *out, struct why *why)
{
	out->text = copy(arena, jr_get(param, "key"));
	out->data = copy(arena, jr_get(param, "data"));
	if (out->text == NULL || out->data == NULL)
		return why_set(
		    why, ERR_LIMIT, "STORE: its param has no strings \"key\" and \"data\"");
	return ERR_OK;
}

static const char *
level_name(int64_t level, struct arena *arena)
{
	static const char *const levels[] = {
	    "NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
	char text[32];

	if (level >= 0 && level <= 50 && level % 10 == 0)
		return levels[level / 10];
	snprintf(text, sizeof text, "level %lld", (long long)level);
	return arena_strdup(arena, text);
}

static enum err
read_log(
    const struct json_t *param, struct arena *arena, struct faust_message *out, struct why *why)
{
	int64_t level = 20;

	if ((out->text = copy(arena, jr_get(param, "message"))) == NULL)
		return why_set(why, ERR_INVALID, "LOG: its param has no string \"message\"");
	if (!as_number(jr_get(param, "levelno"), &level))
		level = 20;
	out->level = level_name(level, arena);
	if (!as_number(jr_get(param, "lineno"), &out->number))
		out->number = 0;
	out->data = copy(arena, jr_get(param, "pathname"));
	if (out->data == NULL)
		out->data = "";
	return ERR_OK;
}

static enum err
read_param(
    const struct json_t *param, struct arena *arena, struct faust_message *out, struct why *why)
{
	switch (out->action) {
	case FAUST_FLAG:
		return read_flag(param, out, why);
	case FAUST_FLAGID:
	case FAUST_LOAD:
		return read_text(param, arena, out, why);
	case FAUST_STORE:
		return read_store(param, arena, out, why);
	case FAUST_LOG:
		return read_log(param, arena, out, why);
	case FAUST_RESULT:
	case FAUST_ACTIONS:
		break;
	}
	out->has_number = as_number(param, &out->number);
	return ERR_OK;
}

enum err
faust_read(
    const char *line, size_t len, struct arena *arena, struct faust_message *out, struct why *why)
{
	const struct json_t *param;
	const char *action;
	struct json_t *j;
	enum err e;

	*out = (struct faust_message){.text = "", .data = "", .level = ""};
	if (jr_parse(line, len, &j, why) != ERR_OK)
		return ERR_INVALID;
	action = jr_string(jr_get(j, "action"), NULL);
	param = jr_get(j, "param");
	if (action == NULL || param == NULL)
		e = why_set(why, ERR_INVALID, "it has no \"action\" (a string) and \"param\"");
	else if ((e = find_action(action, &out->action, why)) == ERR_OK)
		e = read_param(param, arena, out, why);
	jr_free(j);
	return e;
}

bool
faust_status(int64_t number, enum status *out)
{
	static const enum status statuses[] = {
	    ST_OK, ST_DOWN, ST_MUMBLE, ST_CORRUPT, ST_RECOVERING};

	if (number < 0 || number >= (int64_t)(sizeof statuses / sizeof statuses[0]))
		return false;
	*out = statuses[number];
	return true;
}
