/* What the files of truth.h share. */
#ifndef DRILLD_CORE_TRUTH_PRIVATE_H
#define DRILLD_CORE_TRUTH_PRIVATE_H

#include "core/truth.h"

/* Whether the fact still counts. */
bool truth_alive(const struct game *g, const struct truth_fact *f);
bool truth_has_system(const struct report_chain *c, int32_t system);
/* The first filing of a chain not before this drill time, or -1. */
int64_t truth_filed_since(const struct report_chain *c, int64_t drill_ms);

/* truth_pair.c: the caller's, truth_free. */
struct truth *truth_build(const struct game *g);

#endif
