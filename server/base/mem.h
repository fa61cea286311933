/*
 * Memory that is there or the process is not. Every size that comes from outside is bounded before
 * it gets here, so running out means the machine has failed: abort with a clear line; the journal
 * has everything acknowledged and a restart folds it again. Thread safe.
 */
#ifndef DRILLD_BASE_MEM_H
#define DRILLD_BASE_MEM_H

#include <stddef.h>

/* All return memory that the caller frees with free(). mem_alloc clears it. */
void *mem_alloc(size_t bytes) __attribute__((malloc, returns_nonnull));
void *mem_array(size_t count, size_t bytes_each) __attribute__((malloc, returns_nonnull));
void *mem_resize(void *p, size_t count, size_t bytes_each) __attribute__((returns_nonnull));
/* Room for one more item behind count of them: the array doubles when it is full. */
void *mem_grow(void *p, size_t count, size_t bytes_each) __attribute__((returns_nonnull));
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *mem_strndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));

/* Overwrites a secret so that the compiler may not leave it out. */
void mem_wipe(void *p, size_t bytes);

#endif
