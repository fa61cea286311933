#include "api/judging_request.h"
#include "api/report_request.h"

struct judging_reader
judging_reader_of(struct request *req)
{
	return (struct judging_reader){report_reader_of(req), req->account};
}

enum err
judging_of_request(struct request *req, int32_t *id)
{
	const struct judging_reader r = judging_reader_of(req);
	enum err e = request_number(req, "report", id);

	if (e != ERR_OK)
		return e;
	return judging_shown(&r, *id) ? ERR_OK
				      : why_set(&req->why, ERR_NOT_FOUND,
					    "there is no judging of a report %d for you", *id);
}

void
judging_answer(struct request *req, struct response *out, int32_t id)
{
	const struct judging_reader r = judging_reader_of(req);
	struct json_writer w;

	jw_begin(&w, &out->body);
	judging_write(&w, &r, id);
}
