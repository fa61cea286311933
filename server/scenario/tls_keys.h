/*
 * What a step expects of a system's certificate and shows of its own: the keys verify, name, days_left, ca, cert and
 * key, wherever a step has them. Private to this floor; not thread safe.
 */
#ifndef DRILLD_SCENARIO_TLS_KEYS_H
#define DRILLD_SCENARIO_TLS_KEYS_H

#include "scenario/steps.h"

#define DAYS_LEFT_MAX 3650

struct in_tls_keys {
	struct number verify, days_left;
	struct node name;
	struct text ca, cert, key;
};

/* Rows for a table of fields of a struct with a member `tls` of that kind. */
#define TLS_KEYS_FIELDS(type)                                                                      \
	{"verify", KIND_BOOL, OPTIONAL, offsetof(type, tls.verify), 0, 0, NULL},                   \
	    {"name", KIND_NODE, OPTIONAL, offsetof(type, tls.name), 0, 0, NULL},                   \
	    {"days_left", KIND_INT, OPTIONAL, offsetof(type, tls.days_left), 0, DAYS_LEFT_MAX,     \
		NULL},                                                                             \
	    {"ca", KIND_TEXT, OPTIONAL, offsetof(type, tls.ca), 1, NAME_MAX_BYTES, NULL},          \
	    {"cert", KIND_TEXT, OPTIONAL, offsetof(type, tls.cert), 1, NAME_MAX_BYTES, NULL},      \
	{                                                                                          \
		"key", KIND_TEXT, OPTIONAL, offsetof(type, tls.key), 1, NAME_MAX_BYTES, NULL       \
	}

/*
 * Checks them and writes them into the object that s is writing; ca, cert and key as the texts of the files, which
 * are read from the challenge's folder.
 */
void tls_keys_write(struct section *s, const struct in_tls_keys *in);

#endif
