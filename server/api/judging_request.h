/* What the routes of judging share. On the loop's thread. */
#ifndef DRILLD_API_JUDGING_REQUEST_H
#define DRILLD_API_JUDGING_REQUEST_H

#include "api/judging_view.h"
#include "api/route.h"

struct judging_reader judging_reader_of(struct request *req);

/* The report of the path whose judging this reader may see; ERR_NOT_FOUND as if there were none. */
enum err judging_of_request(struct request *req, int32_t *id) MUST_CHECK;

/* The answer: this report's judging as the reader sees it. It was triaged. */
void judging_answer(struct request *req, struct response *out, int32_t id);

#endif
