/*
 * A DNS message as text for rules and captures: the records that were asked for, a line each, sorted. What a
 * message holds is hostile. No I/O; the checker's one thread.
 */
#ifndef DRILLD_CHECKER_DNS_ANSWER_H
#define DRILLD_CHECKER_DNS_ANSWER_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

/* "A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT" to its number; 0 for any other. */
int dns_type_find(const char *name);
#define DNS_TYPE_NAMES "A, AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT"

/*
 * Appends the answer section's records of the question's type whose owner is the question's name or what CNAMEs
 * make of it, in the form of docs/challenge.md. *rcode is the whole RCODE of the header. ERR_INVALID: the message is malformed; ERR_LIMIT:
 * out is full; why is a sentence for the public.
 */
enum err dns_answer_text(
    const uint8_t *message, size_t len, struct buf *out, int *rcode, struct why *why) MUST_CHECK;

#endif
