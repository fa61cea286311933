/* Members that many answers and live messages have, into an open object. */
#ifndef DRILLD_API_WRITE_H
#define DRILLD_API_WRITE_H

#include "base/json.h"
#include "core/config.h"

/* The moment in RFC 3339, in the drill's zone; null for 0, which stands for none. */
void write_time(struct json_writer *w, const char *key, int64_t wall_ms, int offset_minutes);

/* A text in both languages, {"zh", "en"}; write_both is the value alone. */
void write_i18n(struct json_writer *w, const char *key, const struct i18n *t);
void write_both(struct json_writer *w, const struct i18n *t);

/* The words of a text that has commas between them, as an array of strings. */
void write_words(struct json_writer *w, const char *key, const char *text);

#endif
