/* What result.c, result_text.c and result_rules.c share and nobody else sees. */
#ifndef DRILLD_CORE_RESULT_PRIVATE_H
#define DRILLD_CORE_RESULT_PRIVATE_H

#include "core/result.h"

/* result_text.c: as record_family's */
void result_encode(const struct event *ev, struct json_writer *w);
void result_encode_secret(const struct event *ev, struct json_writer *w);
enum err result_decode(struct event *ev, const struct record_reader *r) MUST_CHECK;

/* result_rules.c */
enum err result_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/* Of its texts. */
size_t result_content_bytes(const struct result_content *c);

/* The flaw of these, or 0. Words are the same without regard to case, spaces, hyphens and underscores. */
int32_t result_flaw_find(const struct game *g, uint16_t department, int32_t system,
    const char *asset, const char *weakness);

#endif
