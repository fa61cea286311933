/*
 * The section `mail`: the relay that takes the drill's mails; and the addresses of a department.
 */
#include "core/mail_address.h"
#include "scenario/parse.h"
#include "scenario/values.h"
#include <string.h>

#define URL_MAX_BYTES 300
#define USER_MAX_BYTES 256
#define VARIABLE_MAX_BYTES 128
#define FILE_MAX_BYTES 4096
#define TIMEOUT_MS_MIN 1000
#define TIMEOUT_MS_MAX 600000
#define TIMEOUT_MS_DEFAULT 60000
#define PORT_SUBMISSION 587  /* RFC 6409 */
#define PORT_SUBMISSIONS 465 /* RFC 8314 */

struct in_mail {
	struct place at;
	struct text url, tls, from, user, password_env, password_file, ca;
	struct name from_name;
	struct number timeout;
};

static const struct field mail_fields[] = {
    {"url", KIND_TEXT, REQUIRED, offsetof(struct in_mail, url), 1, URL_MAX_BYTES, NULL},
    {"tls", KIND_TEXT, OPTIONAL, offsetof(struct in_mail, tls), 1, NAME_MAX_BYTES, NULL},
    {"from", KIND_TEXT, REQUIRED, offsetof(struct in_mail, from), 1, NAME_MAX_BYTES, NULL},
    {"from_name", KIND_NAME, OPTIONAL, offsetof(struct in_mail, from_name), 0, 0, NULL},
    {"user", KIND_TEXT, OPTIONAL, offsetof(struct in_mail, user), 1, USER_MAX_BYTES, NULL},
    {"password_env", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mail, password_env), 1,
	VARIABLE_MAX_BYTES, NULL},
    {"password_file", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mail, password_file), 1,
	FILE_MAX_BYTES, NULL},
    {"ca", KIND_TEXT, OPTIONAL, offsetof(struct in_mail, ca), 1, FILE_MAX_BYTES, NULL},
    {"timeout", KIND_DURATION, OPTIONAL, offsetof(struct in_mail, timeout), TIMEOUT_MS_MIN,
	TIMEOUT_MS_MAX, NULL},
};
static const struct record mail_record = RECORD(struct in_mail, "the mail", mail_fields);

/* SCHEME://HOST or SCHEME://HOST:PORT and nothing more; the password has a place of its own. */
static void
url_build(struct reader *r, const struct text *url, struct scenario_mail *out)
{
	static const char *const schemes[] = {"smtp://", "smtps://"};
	struct address address;
	struct why why;

	if (url->s == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (strncmp(url->s, schemes[i], n) != 0)
			continue;
		if (strchr(url->s + n, '@') != NULL) {
			mistake_add(r->mistakes, url->at,
			    "url: a user or password stands in it; write smtp://HOST:PORT, and "
			    "`user` and "
			    "`password_env` beside it");
			return;
		}
		if (address_parse(url->s + n, &address, &why) != ERR_OK) {
			mistake_add(r->mistakes, url->at, "url: behind %s %s %s", schemes[i],
			    quoted(r->mistakes, url->s + n), why.text);
			return;
		}
		out->implicit = i == 1;
		out->host = arena_strdup(r->arena, address.host);
		out->port = address.port != 0 ? address.port
			    : out->implicit   ? PORT_SUBMISSIONS
					      : PORT_SUBMISSION;
		return;
	}
	mistake_add(r->mistakes, url->at,
	    "url: %s is no relay; write smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the "
	    "start",
	    quoted(r->mistakes, url->s));
}

static void
tls_build(struct reader *r, const struct in_mail *in, struct scenario_mail *out)
{
	static const char *const names[] = {"required", "none"};

	out->tls = true;
	if (in->tls.s == NULL || strcmp(in->tls.s, "required") == 0)
		return;
	if (strcmp(in->tls.s, "none") != 0) {
		mistake_add(r->mistakes, in->tls.at, "tls: there is no %s; %s",
		    quoted(r->mistakes, in->tls.s), choices(r->mistakes, in->tls.s, names, 2));
		return;
	}
	out->tls = false;
	if (out->implicit)
		mistake_add(r->mistakes, in->tls.at,
		    "tls: smtps:// is TLS; leave tls out or write smtp://");
	if (in->user.at.line != 0)
		mistake_add(r->mistakes, in->tls.at,
		    "tls: without TLS the password of `user` could be read on the way; make it "
		    "required");
}

static void
file_build(struct reader *r, const char *key, const struct text *given, const char **out)
{
	if (given->s != NULL && given->s[0] != '/')
		mistake_add(r->mistakes, given->at, "%s: %s is no absolute path; begin it with /",
		    key, quoted(r->mistakes, given->s));
	else
		*out = given->s;
}

static void
sign_in_build(struct reader *r, const struct in_mail *in, struct scenario_mail *out)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	const char *name = in->password_env.s;
	bool password = in->password_env.at.line != 0 || in->password_file.at.line != 0;

	out->user = in->user.s;
	out->password_env = name;
	file_build(r, "password_file", &in->password_file, &out->password_file);
	if (name != NULL && (name[strspn(name, letters)] != '\0' || (*name >= '0' && *name <= '9')))
		mistake_add(r->mistakes, in->password_env.at,
		    "password_env: %s is no name of an environment variable; write one such as "
		    "DRILLD_MAIL_PASSWORD, never the password itself",
		    quoted(r->mistakes, name));
	if (in->user.at.line != 0 && !password)
		mistake_add(r->mistakes, in->user.at,
		    "user: has no password; add `password_env: VARIABLE` or `password_file: "
		    "/FILE`");
	if (in->user.at.line == 0 && password)
		mistake_add(r->mistakes, in->at, "mail: a password without `user: ...`");
}

static bool
address_good(struct reader *r, const char *key, const struct text *given)
{
	struct why why;

	if (given->s == NULL)
		return false;
	if (mail_address_check(given->s, &why) == ERR_OK)
		return true;
	mistake_add(
	    r->mistakes, given->at, "%s: %s %s", key, quoted(r->mistakes, given->s), why.text);
	return false;
}

void
mail_build(struct reader *r, const struct node *given, struct scenario_mail *out)
{
	struct in_mail in = {.at = {0, 0}};

	*out = (struct scenario_mail){.host = NULL};
	if (given->node == NULL || !record_read(r, given->node, &mail_record, &in))
		return;
	url_build(r, &in.url, out);
	tls_build(r, &in, out);
	sign_in_build(r, &in, out);
	file_build(r, "ca", &in.ca, &out->ca);
	if (address_good(r, "from", &in.from))
		out->from = in.from.s;
	out->from_name = in.from_name.v;
	out->timeout_ms = in.timeout.good ? in.timeout.v : TIMEOUT_MS_DEFAULT;
}

/* A list of addresses, each once. */
void
contacts_build(struct reader *r, const struct node *given, struct scenario_contacts *out)
{
	static const struct field entry = {
	    .key = "mail", .kind = KIND_TEXT, .min = 1, .max = NAME_MAX_BYTES * 2};
	yaml_node_t **nodes;
	size_t count;

	*out = (struct scenario_contacts){.count = 0};
	if (given->node == NULL ||
	    !entries_read(r, given->node, "mail", 1, CONTACTS_MAX, &nodes, &count))
		return;
	out->mail = arena_array(r->arena, count, sizeof *out->mail);
	for (size_t i = 0; i < count; i++) {
		struct text address = {.s = NULL};
		size_t twin;

		field_read(r, nodes[i], &entry, &address);
		if (!address_good(r, "mail", &address))
			continue;
		for (twin = 0; twin < out->count && strcmp(out->mail[twin], address.s) != 0; twin++)
			;
		if (twin < out->count)
			mistake_add(r->mistakes, address.at, "mail: %s is there twice",
			    quoted(r->mistakes, address.s));
		else
			out->mail[out->count++] = address.s;
	}
}
