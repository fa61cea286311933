/*
 * Id -> index: a small open-addressing hash table. The ids are borrowed and must outlive the table. Not
 * thread safe.
 */
#ifndef DRILLD_CORE_IDS_H
#define DRILLD_CORE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_entry {
	const char *id;
	int index;
};

/* Zero-initialised is a valid empty table. */
struct ids {
	struct id_entry *entries;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/* False if the id is there already. */
bool ids_add(struct ids *t, const char *id, int index);
int ids_find(const struct ids *t, const char *id); /* or -1 */
void ids_free(struct ids *t);

#endif
