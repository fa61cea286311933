/* What the files of document.h share. */
#ifndef DRILLD_CORE_DOCUMENT_PRIVATE_H
#define DRILLD_CORE_DOCUMENT_PRIVATE_H

#include "core/document.h"

/* Where in a document: a chain of steps that lives on the stack of the walk. */
struct document_step {
	const struct document_step *up; /* NULL: the document itself */
	const char *key;                /* NULL: item index of a list */
	size_t index;
};

/* "assets[2].state"; "" for the document itself. Cut at DOCUMENT_PATH_MAX_BYTES. */
void document_path(const struct document_step *at, struct buf *out);

#endif
