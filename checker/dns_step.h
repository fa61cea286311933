/*
 * dns steps on c-ares: one question to one server, the system itself or the one named, asked again while the step has
 * time. Nothing of the checker's own machine is looked at: no resolv.conf, hosts file or search domain.
 * The answer's status is the RCODE, its body the records (dns_answer.h). One dns_query a step.
 */
#ifndef DRILLD_CHECKER_DNS_STEP_H
#define DRILLD_CHECKER_DNS_STEP_H

#include "checker/action.h"

#define DNS_PORT 53

struct dns_plan {
	struct template name;
	int type;
	const char *type_name;
	const char *server; /* an address, or NULL: the system */
};

#endif
