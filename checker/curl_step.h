/*
 * What the actions over libcurl but for http share: a plan's common part, an exchange on a thread of its own,
 * and what its end means. file_step.c, mail_step.c, ldap_step.c, mqtt_step.c and telnet_step.c are the actions.
 * The checker's one thread, but for curl's callbacks.
 */
#ifndef DRILLD_CHECKER_CURL_STEP_H
#define DRILLD_CHECKER_CURL_STEP_H

#include "checker/action.h"
#include "checker/curl_client.h"
#include "checker/curl_thread.h"
#include "checker/payload.h"

#define URL_MAX_BYTES (16 * 1024)
#define ARGUMENT_MAX_BYTES 8192 /* an address, a path, a command: one line of a protocol */

/* The first member of each plan. */
struct curl_plan {
	const struct tls_plan *tls; /* NULL: none */
	bool starttls;              /* TLS begins when asked for, not with the connection */
	bool has_login;
	struct template user, password;
	enum status fails; /* what it means that the system says no */
};

struct curl_talk;

struct curl_kind {
	const char *protocol; /* "FTP" */
	const char *scheme, *scheme_tls;
	const char *no; /* how a line begins that says no, or NULL */
	const char
	    *not_login; /* libcurl's sentence for a no that it takes for a refused login, or NULL */
	const char *stranger; /* what a failed verification of the peer is called, or NULL */
	const char *empty;    /* what it is called to have fetched nothing, or NULL: no mistake */
	bool waits;           /* it ends when `enough` has come, not with the connection */
	bool has_status;      /* codes of three digits: 400 and above are a no */
	/* Sets what is asked; url holds scheme and host. Errors as an action's start's. */
	enum err (*prepare)(struct curl_talk *t, struct buf *url, struct why *why);
};

/* One exchange; prepare fills it, the thread uses it, it frees itself at the end. */
struct curl_talk {
	struct curl_client client;
	struct curl_thread thread;
	struct exchange *x; /* NULL once nobody waits */
	char *host;         /* its own copy: the thread may look at a certificate when x is gone */
	const struct curl_kind *kind;
	const struct curl_plan *plan;
	struct answer answer;
	char error[CURL_ERROR_SIZE]; /* libcurl's sentence about the end, or "" */
	bool dialogue;               /* nothing is fetched: what the server said is the answer */
	bool enough;                 /* the answer is complete although curl was stopped */

	struct buf sending; /* what is uploaded */
	size_t sent;
	struct curl_slist *list;
	curl_mime *parts;
	int key_fd;                  /* of the login's key, or -1 */
	void (*release)(void *more); /* frees what a kind hangs on, if any */
	void *more;
};

/* The keys of the common part, for the list of a reader's keys. */
#define CURL_PLAN_KEYS "port", "tls", "starttls", "login", "fails"

/* Reads them; out->plan is set to the plan. */
enum err curl_plan_read(struct reading *r, const struct json_t *o, const char *const *keys,
    struct curl_plan *plan, struct step *out) MUST_CHECK;
/* A template that stands on a line of a protocol; required or left out (source NULL). */
enum err curl_plan_text(struct reading *r, const struct json_t *o, const char *key, bool required,
    struct template *out) MUST_CHECK;

/* An action's start and cancel. */
enum err curl_talk_start(
    struct exchange *x, const struct curl_kind *kind, struct outcome *o) MUST_CHECK;
void curl_talk_cancel(struct exchange *x);

/*
 * Renders a text for one line of a protocol: control characters are left out, so that a value gives no second
 * command. *out is valid until buf_free.
 */
enum err curl_talk_line(
    struct curl_talk *t, const struct template *text, struct buf *out, struct why *why) MUST_CHECK;
/* The same, appended to an URL percent-encoded but for the characters in keep. */
enum err curl_talk_url(struct curl_talk *t, const struct template *text, const char *keep,
    struct buf *url, struct why *why) MUST_CHECK;
/* The same as an entry of t->list, after prefix. */
enum err curl_talk_entry(struct curl_talk *t, const char *prefix, const struct template *text,
    struct why *why) MUST_CHECK;
/* t->sending is what is uploaded. */
void curl_talk_upload(struct curl_talk *t);

#endif
