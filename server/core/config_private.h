/* What config.c and config_rules.c share and nobody else sees. */
#ifndef DRILLD_CORE_CONFIG_PRIVATE_H
#define DRILLD_CORE_CONFIG_PRIVATE_H

#include "core/config.h"
#include "core/ids.h"

/* The member "results", unless all of it is as usual. */
void config_encode_results(const struct drill_config *c, struct json_writer *w);

/* The members "rules" and "results", which may be missing; systems: id -> index, of the decoded ones. */
enum err config_decode_rules(const struct json_t *j, struct drill_config *c,
    const struct ids *systems, struct why *why) MUST_CHECK;

#endif
