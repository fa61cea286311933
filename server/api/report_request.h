/* What the routes of incident reports share: which report a request means, and telling one in an answer. */
#ifndef DRILLD_API_REPORT_REQUEST_H
#define DRILLD_API_REPORT_REQUEST_H

#include "api/report_view.h"
#include "api/route.h"

struct report_reader report_reader_of(const struct request *req);

/* The path's report. ERR_NOT_FOUND: there is none that this account may see, whether it is another's or nobody's. */
enum err report_of_request(
    struct request *req, int32_t *id, const struct report_chain **out) MUST_CHECK;

/* Emits an event of the report by whoever asks. */
enum err report_emit(struct request *req, enum event_kind kind, struct report_event *r) MUST_CHECK;

/* The whole report as this account sees it now, as the answer. */
void report_answer(struct request *req, struct response *out, int32_t id);

#endif
