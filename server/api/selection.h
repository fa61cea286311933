/*
 * The systems that a request names: by their own ids, by their service, or by the challenge whose checker checks
 * them (which the scenario knows and the journal does not).
 */
#ifndef DRILLD_API_SELECTION_H
#define DRILLD_API_SELECTION_H

#include "api/route.h"

struct selection {
	bool *chosen; /* by system; the request's */
	size_t system_count;
};

enum selection_by { BY_SYSTEM, BY_SERVICE, BY_CHALLENGE };

void selection_open(struct selection *s, struct request *req);
/* Adds one system, or all of a service or challenge. ERR_INVALID with why if there is none of that id. */
enum err selection_add(
    struct selection *s, struct request *req, enum selection_by by, const char *id) MUST_CHECK;
/* Adds each id of the body's list, if it has one of that key. */
enum err selection_add_list(struct selection *s, struct request *req, enum selection_by by,
    const struct json_t *body, const char *key) MUST_CHECK;
/* Ascending, for as long as the request lives. */
struct system_list selection_list(const struct selection *s, struct request *req);

/* The ids as an array of JSON strings. */
void write_system_ids(struct json_writer *w, const struct game *g, const struct system_list *l);

/* Members reason, by, at (RFC 3339 in the drill's zone) of a decision into an open object. */
void write_decision(struct json_writer *w, const struct drill *d, const struct decision *by);
/* The member key: an object of these, or null while nobody has decided. */
void write_later_decision(
    struct json_writer *w, const struct drill *d, const char *key, const struct decision *by);

#endif
