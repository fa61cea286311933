#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
out_of_memory(size_t count, size_t bytes_each)
{
	fprintf(stderr, "out of memory: no room for %zu x %zu bytes\n", count, bytes_each);
	abort();
}

void *
mem_array(size_t count, size_t bytes_each)
{
	void *p = calloc(count > 0 ? count : 1, bytes_each > 0 ? bytes_each : 1);

	if (p == NULL)
		out_of_memory(count, bytes_each);
	return p;
}

void *
mem_alloc(size_t bytes)
{
	return mem_array(1, bytes);
}

void *
mem_resize(void *p, size_t count, size_t bytes_each)
{
	void *q = reallocarray(p, count > 0 ? count : 1, bytes_each);

	if (q == NULL)
		out_of_memory(count, bytes_each);
	return q;
}

char *
mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	memcpy(copy, s, len);
	return copy;
}

void *
mem_grow(void *p, size_t count, size_t bytes_each)
{
	return (count & (count - 1)) == 0 ? mem_resize(p, count > 0 ? count * 2 : 1, bytes_each)
					  : p;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

void
mem_wipe(void *p, size_t bytes)
{
	explicit_bzero(p, bytes);
}
