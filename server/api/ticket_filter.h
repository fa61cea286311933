/* The filters that lists of tickets take, the tables that go out too. On the loop's thread. */
#ifndef DRILLD_API_TICKET_FILTER_H
#define DRILLD_API_TICKET_FILTER_H

#include "api/query.h"
#include "api/ticket_view.h"

struct ticket_filter {
	/* as they were given; NULL: not */
	const char *state, *department, *severity, *overdue, *source, *supervision;
	unsigned states;                 /* bits; all where it is not given */
	int team, severity_is, level_is; /* -1: not given */
	int overdue_is;
	struct ticket_source source_is;
	bool any_number; /* of the source's kind */
};

/* The whole query; lang: where ?lang= goes, NULL: there is none here; page as query_read has it. ERR_INVALID with why. */
enum err ticket_filter_read(struct request *req, const char **lang, struct query_page *page,
    struct ticket_filter *f) MUST_CHECK;

bool ticket_passes(
    const struct ticket_filter *f, const struct ticket_view *v, const struct ticket *t);

#endif
