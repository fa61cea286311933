/*
 * What the actions over libcurl share on this floor: TLS, a login, what is sent. Private to action*.c.
 */
#ifndef DRILLD_SCENARIO_ACTION_CURL_H
#define DRILLD_SCENARIO_ACTION_CURL_H

#include "scenario/steps.h"

#define LINE_MAX_BYTES 4096 /* an address, a path, a command */

extern const struct record part_record, upload_record, login_record, key_login_record;

struct in_login {
	struct place at;
	struct text user, password, key;
};

/* The keys that these actions have in common; the first member of each. */
struct in_common {
	struct place at;
	struct number port, starttls;
	struct node tls;
	struct text fails;
	struct in_login login;
};

#define COMMON_PORT(type)                                                                          \
	{                                                                                          \
		"port", KIND_INT, OPTIONAL, offsetof(type, common.port), 1, PORT_MAX, NULL         \
	}
#define COMMON_FAILS(type)                                                                         \
	{                                                                                          \
		"fails", KIND_TEXT, OPTIONAL, offsetof(type, common.fails), 1, 16, NULL            \
	}
#define COMMON_LOGIN(type)                                                                         \
	{                                                                                          \
		"login", KIND_RECORD, OPTIONAL, offsetof(type, common.login), 0, 0, &login_record  \
	}
#define COMMON_TLS(type)                                                                           \
	{"tls", KIND_NODE, OPTIONAL, offsetof(type, common.tls), 0, 0, NULL},                      \
	{                                                                                          \
		"starttls", KIND_BOOL, OPTIONAL, offsetof(type, common.starttls), 0, 0, NULL       \
	}

/* Writes them; with_tls for those that can have it. */
void common_compile(struct section *s, const struct in_common *in, bool with_tls);

/* `tls`: a bool or what is demanded; written in any case. node may be NULL. */
void tls_compile(struct section *s, yaml_node_t *node);

/* A text that is a template; nothing for one that was not given. */
void template_write(struct section *s, const char *key, const struct text *text);

struct in_payload {
	struct text content, hex;
};
void payload_compile(struct section *s, const struct in_payload *in);

/* The list of part_record under key; named: each part needs a name. */
void parts_compile(struct section *s, const char *key, const struct list *parts, bool named);

/* `upload: {path, content or hex}` of the actions that move files. */
struct in_upload {
	struct place at;
	struct text path;
	struct in_payload payload;
};
void upload_compile(struct section *s, const struct in_upload *in);

#endif
