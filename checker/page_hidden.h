/*
 * Which elements of a page are open, and whether one of them hides what is in it. For page.c alone.
 */
#ifndef DRILLD_CHECKER_PAGE_HIDDEN_H
#define DRILLD_CHECKER_PAGE_HIDDEN_H

#include "checker/html.h"
#include <stdint.h>

#define OPEN_MAX 128 /* elements within another; what is deeper hides nothing */

struct open_elements {
	struct {
		uint32_t hash;
		bool hides;
	} stack[OPEN_MAX];
	int depth;
	unsigned deeper;            /* open ones that found no room */
	int hiding;                 /* how many of the stack hide */
	unsigned char by_hash[256]; /* open ones whose hash ends so: most end tags need no search */
	bool all;                   /* the whole page is within something hidden */
};

void elements_open(struct open_elements *e, const struct html *h);
void elements_close(struct open_elements *e, const struct html *h);

/* Whether the present tag is hidden: by itself, or by an element around it. */
bool elements_hide(const struct open_elements *e, const struct html *h);

#endif
