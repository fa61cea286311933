#include "core/account.h"
#include "base/mem.h"
#include "core/ids.h"

#include <stdlib.h>
#include <string.h>

struct account_index {
	struct ids by_id;
	/* Open addressing by the token hash's first bytes; entries of replaced tokens stay as graves. */
	struct account **by_token;
	size_t token_capacity;
	size_t token_used;
};

bool
account_id_reserved(const char *id)
{
	return strcmp(id, "clock") == 0 || strcmp(id, "checker") == 0 || strcmp(id, "server") == 0;
}

static void
forget_password(struct account *a)
{
	if (a->password != NULL)
		mem_wipe(a->password, strlen(a->password));
	free(a->password);
}

static void
account_free(struct account *a)
{
	free(a->id);
	forget_password(a);
	free(a);
}

void
accounts_free(struct account_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		account_free(t->items[i]);
	free(t->items);
	if (t->index != NULL) {
		ids_free(&t->index->by_id);
		free(t->index->by_token);
		free(t->index);
	}
	*t = (struct account_table){0};
}

enum err
accounts_add(struct account_table *t, const char *id, enum role role, int team)
{
	struct account *a;

	if (t->index == NULL)
		t->index = mem_alloc(sizeof *t->index);
	if (t->count == ACCOUNTS_MAX)
		return ERR_LIMIT;
	if (accounts_find(t, id) != NULL)
		return ERR_CONFLICT;
	if ((t->count & (t->count - 1)) == 0)
		t->items =
		    mem_resize(t->items, t->count > 0 ? t->count * 2 : 1, sizeof(struct account *));
	a = mem_alloc(sizeof *a);
	a->id = mem_strdup(id);
	a->place = t->count;
	a->role = role;
	a->team = team;
	a->department = -1;
	ids_add(&t->index->by_id, a->id, (int)t->count);
	t->items[t->count++] = a;
	return ERR_OK;
}

struct account *
accounts_find(const struct account_table *t, const char *id)
{
	int i = t->index != NULL ? ids_find(&t->index->by_id, id) : -1;

	return i >= 0 ? t->items[i] : NULL;
}

static size_t
token_slot(const uint8_t hash[SHA256_BYTES], size_t capacity)
{
	uint64_t h;

	memcpy(&h, hash, sizeof h);
	return (size_t)h & (capacity - 1);
}

struct account *
accounts_find_token(const struct account_table *t, const uint8_t hash[SHA256_BYTES])
{
	const struct account_index *x = t->index;

	if (x == NULL || x->token_capacity == 0)
		return NULL;
	for (size_t i = token_slot(hash, x->token_capacity); x->by_token[i] != NULL;
	     i = (i + 1) & (x->token_capacity - 1))
		if (secret_equal(x->by_token[i]->token, hash, SHA256_BYTES))
			return x->by_token[i];
	return NULL;
}

void
accounts_set_password(struct account *a, const char *scrypt_text)
{
	forget_password(a);
	a->password = mem_strdup(scrypt_text);
}

/* The index is built anew when half full, which also clears the graves of replaced tokens. */
static void
token_index_rebuild(struct account_table *t)
{
	struct account_index *x = t->index;
	size_t capacity = 16;

	while (capacity < t->count * 4)
		capacity *= 2;
	free(x->by_token);
	x->by_token = mem_array(capacity, sizeof *x->by_token);
	x->token_capacity = capacity;
	x->token_used = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct account *a = t->items[i];
		size_t s = token_slot(a->token, capacity);

		if (!a->has_token)
			continue;
		while (x->by_token[s] != NULL)
			s = (s + 1) & (capacity - 1);
		x->by_token[s] = a;
		x->token_used++;
	}
}

void
accounts_set_token(struct account_table *t, struct account *a, const uint8_t hash[SHA256_BYTES])
{
	struct account_index *x = t->index;
	size_t s;

	memcpy(a->token, hash, SHA256_BYTES);
	a->has_token = true;
	if ((x->token_used + 1) * 2 > x->token_capacity) {
		token_index_rebuild(t);
		return;
	}
	s = token_slot(hash, x->token_capacity);
	while (x->by_token[s] != NULL)
		s = (s + 1) & (x->token_capacity - 1);
	x->by_token[s] = a;
	x->token_used++;
}
