/*
 * What a step does to the system: each kind of action (http, tcp, ...) is a file of its own with one record,
 * listed in action.c. round.c starts an exchange and waits for its end, knowing nothing of protocols. The
 * checker's one thread.
 */
#ifndef DRILLD_CHECKER_ACTION_H
#define DRILLD_CHECKER_ACTION_H

#include "checker/answer.h"
#include "checker/outcome.h"
#include "checker/program.h"
#include "checker/program_read.h"
#include <netinet/in.h>
#include <uv.h>

struct http_client;
struct curl_threads;

/* One step's dealings with the system; lives in the round. What an action allocates hangs on under_way. */
struct exchange {
	uv_loop_t *loop;
	const struct step *step;
	const char *host;                       /* as in the job: a name or an address */
	const char *ip;                         /* where to connect, as text */
	const struct sockaddr_storage *address; /* the same, its port not set */
	int port;                               /* the step's, or the system's */
	const struct vars *vars;
	struct answer *answer; /* empty at the start; the action fills it, but for ms */

	struct http_client *http;     /* the run's: it keeps the cookies */
	bool cookies;                 /* the run has several steps, so they are kept */
	struct curl_threads *threads; /* for curl's other protocols */

	/* The exchange is over: called once, never from within start nor after cancel. */
	void (*done)(void *ctx, const struct outcome *o);
	void *ctx;
	void *under_way; /* the action's own, NULL while nothing is under way */
};

struct action {
	const char *name; /* the key in a step: "http" */
	bool has_status;  /* the rule `status` means something */
	int status_min;   /* what it may ask for; 0 and 0: 100 to 999 */
	int status_max;
	bool has_headers; /* `header` rules, `header` and `cookie` captures do */
	/* Reads the action's object of a compiled program into step->plan (in r's arena) and step->port. */
	enum err (*read)(struct reading *r, const struct json_t *o, struct step *step);
	/*
	 * ERR_OK: under way, done follows. ERR_NOT_FOUND, ERR_LIMIT: a text of the plan could not be rendered,
	 * o->said says why. Any other: it is over already and *o is how it ended.
	 */
	enum err (*start)(struct exchange *x, struct outcome *o);
	void (*cancel)(struct exchange *x); /* under_way is not NULL; done is not called any more */
	/* Appends what the step asks, templates as written (rendered they might hold the flag); may be NULL. */
	void (*describe)(const struct step *step, struct buf *out);
};

extern const struct action action_http, action_tcp;
extern const struct action action_tls, action_dns, action_icmp;
extern const struct action action_mysql, action_postgresql, action_rdp, action_ssh, action_vnc;
extern const struct action action_ftp, action_smb, action_sftp;
extern const struct action action_smtp, action_imap, action_pop3;
extern const struct action action_ldap, action_mqtt, action_telnet;

/* By name, or NULL; names: "http, tcp" for messages. */
const struct action *action_find(const char *name);
/* The n-th of the table, or NULL past its end. */
const struct action *action_nth(size_t n);

/* The exchange's address with its port, for connect; *len is its size. */
const struct sockaddr *exchange_address(
    const struct exchange *x, struct sockaddr_storage *out, socklen_t *len);

#endif
