/*
 * A mail of hostile texts. Whatever mail_message_write accepts has our headers, each once, and a body of base64, in
 * lines that end with CR LF and are short; whatever the outbox lets in, it accepts. Input: address, subject, name and
 * text with a NUL after each.
 */
#include "base/mem.h"
#include "core/outbox.h"
#include "net/mail_message.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS 9
#define LINE_MAX_BYTES 76
#define ADDRESS_LINE_MAX_BYTES (MAIL_ADDRESS_MAX_BYTES + 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_mail: %s\n", what);
	abort();
}

/* The text up to the next 0, and past it. */
static const char *
take(char **rest, const char *end)
{
	char *text = *rest;

	*rest += strlen(text) + (*rest + strlen(text) < end);
	return text;
}

static void
check_line(const char *line, size_t len, bool address)
{
	must(len <= (address ? ADDRESS_LINE_MAX_BYTES : LINE_MAX_BYTES), "a line is too long");
	for (size_t i = 0; i < len; i++)
		must(line[i] >= ' ' && line[i] <= '~', "a byte that no line may have");
}

static void
check_message(const struct buf *b)
{
	static const char *const names[HEADERS] = {
	    "Date: ", "From: ", "To: ", "Subject: ", "Message-ID: ", "Auto-Submitted: ",
	    "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
	const char *line = b->data, *end;
	size_t headers = 0;
	bool body = false;

	must(strlen(b->data) == b->len, "a NUL");
	for (; *line != '\0'; line = end + 2) {
		must((end = strstr(line, "\r\n")) != NULL, "a line without end");
		check_line(line, (size_t)(end - line), !body && strchr(line, '@') < end);
		if (body) {
			must(strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123"
					  "456789+/=") == (size_t)(end - line),
			    "a body that is no base64");
		} else if (end == line) {
			must(headers == HEADERS, "a header is missing");
			body = true;
		} else if (*line != ' ') {
			must(headers < HEADERS &&
				 strncmp(line, names[headers], strlen(names[headers])) == 0,
			    "a header that is not ours");
			headers++;
		}
	}
	must(body, "no body");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = mem_alloc(size + 1), *rest = copy;
	struct mail_message m = {.from = "drill@example.edu", .id = "<1@example.edu>"};
	struct outbox o = {.count = 0};
	struct buf out;
	bool queued;

	memcpy(copy, data, size);
	m.to = take(&rest, copy + size);
	m.subject = take(&rest, copy + size);
	m.from_name = take(&rest, copy + size);
	m.text = take(&rest, copy + size);
	m.date_ms = (int64_t)size * 86400000;
	m.offset_minutes = (int)(size % 1680) - 840;
	queued = outbox_add(&o, 1, 1, 1, m.to, m.subject, m.text, NULL) == ERR_OK && *m.to != '\0';
	buf_init(&out, MAIL_MESSAGE_MAX_BYTES);
	if (mail_message_write(&m, &out, NULL) == ERR_OK)
		check_message(&out);
	else if (queued) {
		m.from_name = NULL;
		must(mail_message_write(&m, &out, NULL) == ERR_OK, "queued, but no mail");
	}
	buf_free(&out);
	outbox_free(&o);
	free(copy);
	return 0;
}
