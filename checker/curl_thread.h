/*
 * libcurl transfers on a thread each. libcurl 7.88 waits for the peer inside its calls wherever FTP, SMTP, IMAP
 * and POP3 end a transfer and for all of TELNET; on the loop's thread a system that keeps silent there would
 * hold up every other system's checks. A thread ends with its transfer or soon after it is cancelled.
 *
 * All functions are the checker's one thread's.
 */
#ifndef DRILLD_CHECKER_CURL_THREAD_H
#define DRILLD_CHECKER_CURL_THREAD_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define CURL_THREADS_MAX 1000 /* transfers under way; more are refused */

/* Of each: two connections twice, what wakes libcurl's own loop, a key. */
#define CURL_THREAD_DESCRIPTORS 7
#define CURL_THREAD_SOCKETS 4 /* a control connection and data connections */

struct curl_threads;

struct curl_threads *curl_threads_new(uv_loop_t *loop);
/* All transfers must have been cancelled; it frees itself when the last thread has ended. */
void curl_threads_close(struct curl_threads *pool);

/* Embedded; zero-initialised with easy and done set. */
struct curl_thread {
	CURL *easy; /* ready to be performed; the thread's until done */
	/* Called once, on the loop's thread, after a cancel, too. */
	void (*done)(struct curl_thread *t);

	CURLcode code;     /* how it ended */
	bool cancelled;    /* nobody waits for it any more */
	int shortage;      /* the errno with which a socket could not be made, or 0 */
	bool reset;        /* a connection was reset */
	bool flooded;      /* more came than any answer may take with all that goes with it */
	uint64_t received; /* bytes, on all its connections */

	struct curl_threads *pool;
	struct curl_thread *next;
	uv_thread_t id;
	uv_mutex_t lock; /* of sockets */
	struct {
		int fd;   /* libcurl's, -1 for none */
		int ours; /* a second descriptor of the same connection */
	} sockets[CURL_THREAD_SOCKETS];
	int turns_ended;       /* of libcurl's loop, in a row, with a connection at its end */
	uint64_t closed_bytes; /* received on connections that are closed */
	atomic_bool stop;
};

/* False: there is no thread left for it, done is not called. */
bool curl_thread_start(struct curl_threads *pool, struct curl_thread *t);
/* Cuts its connections; done follows. */
void curl_thread_cancel(struct curl_thread *t);

#endif
