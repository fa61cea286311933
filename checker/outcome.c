#include "checker/outcome.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	int code;
	enum status status;
	const char *text;
} causes[] = {
    {ECONNREFUSED, ST_DOWN, "connection refused"},
    {ECONNRESET, ST_DOWN, "connection reset"},
    {EPIPE, ST_DOWN, "connection reset"},
    {ECONNABORTED, ST_DOWN, "connection reset"},
    {ETIMEDOUT, ST_DOWN, "connection timed out"},
    {EHOSTUNREACH, ST_DOWN, "host unreachable"},
    {ENETUNREACH, ST_DOWN, "network unreachable"},
    {EMFILE, ST_FAULT, "the checker has no descriptor left"},
    {ENFILE, ST_FAULT, "the checker's machine has no descriptor left"},
    {ENOBUFS, ST_FAULT, "the checker's machine has no network buffer left"},
    {ENOMEM, ST_FAULT, "the checker has no memory left"},
    {EADDRNOTAVAIL, ST_FAULT, "the checker's machine has no port left"},
};

void
outcome_from_errno(struct outcome *o, int code)
{
	const char *text = "connection failed";

	o->status = ST_DOWN;
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		if (causes[i].code == code) {
			o->status = causes[i].status;
			text = causes[i].text;
		}
	}
	(void)why_set(&o->said, ERR_OK, "%s", text);
}
