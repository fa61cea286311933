/*
 * jr_parse over hostile text. What is taken has a canonical form that is taken again and is its own canonical
 * form; and our writer's strings survive the reader.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
canonical(const char *text, size_t len, struct buf *out)
{
	struct json_t *j = NULL;
	struct why why;

	must(jr_parse(text, len, &j, &why) == ERR_OK);
	must(jr_canonical(j, out) == ERR_OK);
	jr_free(j);
}

static void
check_canonical(const char *text, size_t len)
{
	struct json_t *j = NULL;
	struct buf first, second;
	struct why why = {""};

	if (jr_parse(text, len, &j, &why) != ERR_OK) {
		must(why.text[0] != '\0' && utf8_valid(why.text, strlen(why.text)));
		return;
	}
	jr_free(j);
	buf_init(&first, 16 * 1024 * 1024);
	buf_init(&second, 16 * 1024 * 1024);
	canonical(text, len, &first);
	canonical(first.data, first.len, &second);
	must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	must(utf8_valid(first.data, first.len));
	buf_free(&first);
	buf_free(&second);
}

/* Whatever the bytes, what the writer makes of them is JSON; valid text comes back unchanged. */
static void
check_writer(const char *text, size_t len)
{
	struct json_writer w;
	struct json_t *j = NULL;
	struct why why;
	struct buf out;
	const char *back;
	size_t back_len;

	buf_init(&out, 16 * 1024 * 1024);
	jw_begin(&w, &out);
	jw_array(&w);
	jw_strn(&w, text, len);
	jw_array_end(&w);
	must(buf_err(&out) == ERR_OK);
	if (memchr(text, '\0', len) == NULL) { /* the reader refuses NUL in strings */
		must(jr_parse(out.data, out.len, &j, &why) == ERR_OK);
		back = jr_string(jr_at(j, 0), &back_len);
		must(back != NULL);
		must(!utf8_valid(text, len) || (back_len == len && memcmp(back, text, len) == 0));
		jr_free(j);
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_canonical((const char *)data, size);
	if (size > 0)
		check_writer((const char *)data, size);
	return 0;
}
