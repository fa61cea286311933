/* The query of a list: its page, and filters by text, percent-decoded. On the loop's thread. */
#ifndef DRILLD_API_QUERY_H
#define DRILLD_API_QUERY_H

#include "api/route.h"

#define QUERY_PAGE_DEFAULT 100
#define QUERY_PAGE_MAX 500
#define QUERY_TEXT_MAX_BYTES 200

/* ?after=ID&limit=N: items with an id above after, at most limit of them. */
struct query_page {
	int32_t after; /* 0 unless given */
	int32_t limit; /* 1..QUERY_PAGE_MAX, QUERY_PAGE_DEFAULT unless given */
};

/* ?name=text; NULL unless given. */
struct query_filter {
	const char *name;   /* NULL ends the list */
	const char **value; /* UTF-8, at most QUERY_TEXT_MAX_BYTES; the request's */
};

/*
 * Reads the whole query. filters may be NULL; page may be NULL where what is asked for is no list in pages. ERR_INVALID with why for a parameter that is neither, comes twice, or
 * has a value that it cannot have.
 */
enum err query_read(
    struct request *req, const struct query_filter *filters, struct query_page *page) MUST_CHECK;

/* ?lang=zh or en; Chinese unless given (lang NULL). ERR_INVALID with why for another one. */
enum err query_lang(struct request *req, const char *lang, bool *zh) MUST_CHECK;

#endif
