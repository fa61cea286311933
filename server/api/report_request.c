#include "api/report_request.h"

struct report_reader
report_reader_of(const struct request *req)
{
	const struct drill *d = api_drill(req->api);

	return (struct report_reader){d->game, req->role, req->team, d->offset_minutes};
}

enum err
report_of_request(struct request *req, int32_t *id, const struct report_chain **out)
{
	const struct report_reader r = report_reader_of(req);
	enum err e = request_number(req, "report", id);

	if (e != ERR_OK)
		return e;
	*out = report_find(r.g, *id);
	return *out != NULL && report_shown(&r, *out)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "there is no report %d for you", *id);
}

enum err
report_emit(struct request *req, enum event_kind kind, struct report_event *r)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.report = r};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

void
report_answer(struct request *req, struct response *out, int32_t id)
{
	const struct report_reader r = report_reader_of(req);
	struct json_writer w;

	jw_begin(&w, &out->body);
	report_write(&w, &r, id);
}
