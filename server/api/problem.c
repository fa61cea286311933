#include "api/problem.h"

static const struct {
	int status;
	const char *title;
	const char *detail; /* when nobody said more */
} problems[ERR_COUNT] = {
    [ERR_INVALID] = {400, "invalid", "the request is malformed"},
    [ERR_LIMIT] = {413, "limit", "the request is too large"},
    [ERR_NOT_FOUND] = {404, "not-found", "there is no such thing"},
    [ERR_METHOD] = {405, "method", "this path does not take this method"},
    [ERR_CONFLICT] = {409, "conflict", "the present state does not allow it"},
    [ERR_UNAUTHORIZED] = {401, "unauthorized", "sign in first"},
    [ERR_FORBIDDEN] = {403, "forbidden", "your role may not do this"},
    [ERR_RATE] = {429, "rate", "too often; later again"},
    [ERR_BUSY] = {503, "busy", "no room just now; try again"},
    [ERR_CLOSED] = {503, "closed", "the server is stopping"},
    [ERR_UNSUPPORTED] = {501, "unsupported", "not supported"},
};

int
problem_status(enum err e)
{
	return (unsigned)e < ERR_COUNT && problems[e].status != 0 ? problems[e].status : 500;
}

void
problem_write(struct response *out, enum err e, const struct why *why)
{
	int status = problem_status(e);
	const char *title = status == 500 ? "internal" : problems[e].title;
	const char *detail =
	    status == 500 ? "the server failed; its log says how" : problems[e].detail;
	struct json_writer w;

	out->status = status;
	out->content_type = "application/problem+json";
	buf_reset(&out->body);
	jw_begin(&w, &out->body);
	jw_object(&w);
	jw_kv_str(&w, "type", "about:blank");
	jw_kv_str(&w, "title", title);
	jw_kv_int(&w, "status", status);
	jw_kv_str(&w, "detail", why->text[0] != '\0' ? why->text : detail);
	jw_object_end(&w);
	if (e == ERR_UNAUTHORIZED)
		response_header(out, "WWW-Authenticate", "Bearer");
	if (e == ERR_BUSY)
		response_header(out, "Retry-After", "1");
}
