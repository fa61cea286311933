#include "core/addressees.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdlib.h>
#include <string.h>

/* One word taken in; false: it was there before. */
static bool
once(bool *flag)
{
	bool first = !*flag;

	*flag = true;
	return first;
}

static bool *
group_of(struct addressees *a, const char *word)
{
	return strcmp(word, "all") == 0     ? &a->all
	       : strcmp(word, "blue") == 0  ? &a->blue
	       : strcmp(word, "red") == 0   ? &a->red
	       : strcmp(word, "staff") == 0 ? &a->staff
					    : NULL;
}

bool
addressees_is_group(const char *word)
{
	return group_of(&(struct addressees){.all = false}, word) != NULL;
}

static enum err
take_word(const struct game *g, const char *word, struct addressees *a, struct why *why)
{
	bool *flag = group_of(a, word);
	int team;

	if (flag == NULL) {
		if ((team = game_team(g, word)) < 0)
			return why_set(why, ERR_NOT_FOUND,
			    "\"%.64s\" is not a team; \"all\", \"blue\", \"red\", \"staff\" or a "
			    "team's id is expected",
			    word);
		flag = &a->teams[team];
	}
	return once(flag) ? ERR_OK : why_set(why, ERR_INVALID, "\"%s\" comes twice", word);
}

static enum err
read_words(const struct game *g, const char *text, struct addressees *a, struct why *why)
{
	char word[ID_MAX_BYTES + 1];
	size_t words = 0;
	enum err e;

	for (;; text++) {
		size_t len = strcspn(text, ",");

		if (len == 0 || len > ID_MAX_BYTES)
			return why_set(why, ERR_INVALID,
			    "addressees are \"all\", \"blue\", \"red\", \"staff\" or teams' ids");
		memcpy(word, text, len);
		word[len] = '\0';
		if ((e = take_word(g, word, a, why)) != ERR_OK)
			return e;
		words++;
		text += len;
		if (*text == '\0')
			break;
	}
	return a->all && words > 1
		   ? why_set(why, ERR_INVALID, "\"all\" stands alone among addressees")
		   : ERR_OK;
}

enum err
addressees_read(const struct game *g, const char *text, struct addressees *out, struct why *why)
{
	struct addressees a = {.teams = mem_array(g->config->team_count, sizeof *a.teams)};
	enum err e = read_words(g, text, &a, why);

	if (e == ERR_OK && out != NULL)
		*out = a;
	else
		addressees_free(&a);
	return e;
}

void
addressees_free(struct addressees *a)
{
	free(a->teams);
	a->teams = NULL;
}

bool
addressees_have(const struct addressees *a, enum role role, int team)
{
	if (a->all || (team >= 0 && a->teams[team]))
		return true;
	return (a->blue && role == ROLE_BLUE) || (a->red && role == ROLE_RED) ||
	       (a->staff && (role & ROLE_STAFF));
}
