#include "api/write.h"
#include "base/time.h"

#include <string.h>

void
write_time(struct json_writer *w, const char *key, int64_t wall_ms, int offset_minutes)
{
	char text[RFC3339_BYTES];

	rfc3339_format(wall_ms, offset_minutes, text);
	jw_kv_str(w, key, wall_ms != 0 ? text : NULL);
}

void
write_both(struct json_writer *w, const struct i18n *t)
{
	jw_object(w);
	jw_kv_str(w, "zh", t->zh);
	jw_kv_str(w, "en", t->en);
	jw_object_end(w);
}

void
write_i18n(struct json_writer *w, const char *key, const struct i18n *t)
{
	jw_key(w, key);
	write_both(w, t);
}

void
write_words(struct json_writer *w, const char *key, const char *text)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t len; (len = strcspn(text, ",")) > 0; text += len + (text[len] == ','))
		jw_strn(w, text, len);
	jw_array_end(w);
}
