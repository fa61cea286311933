#include "checker/curl_thread.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/tcp_info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACK_BYTES (512 * 1024)
#define TURNS_ENDED_MAX 100
#define RECEIVED_MAX_BYTES (4 * 1024 * 1024) /* an answer, its headers, and what carries them */

struct curl_threads {
	uv_async_t wake;
	uv_mutex_t lock;
	struct curl_thread *ended; /* under the lock */
	unsigned count;            /* threads under way */
	bool closing;
};

/* ---- on the thread ---- */

/*
 * libldap closes a connection on its own, libcurl then closes the same number once more, which may be another
 * thread's by then. So each connection has a second descriptor that only we close: by it a connection is cut, asked
 * for its state, and told from a stranger under the old number.
 */
static bool
enter_socket(struct curl_thread *t, int fd)
{
	int ours = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	bool entered = false;

	uv_mutex_lock(&t->lock);
	for (size_t i = 0; i < CURL_THREAD_SOCKETS && ours >= 0 && !entered; i++) {
		if (t->sockets[i].fd >= 0)
			continue;
		t->sockets[i].fd = fd;
		t->sockets[i].ours = ours;
		entered = true;
	}
	uv_mutex_unlock(&t->lock);
	if (!entered && ours >= 0) {
		close(ours);
		errno = EMFILE;
	}
	return entered;
}

static curl_socket_t
on_open(void *thread, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct curl_thread *t = thread;
	int fd;

	(void)purpose;
	if (atomic_load(&t->stop))
		return CURL_SOCKET_BAD;
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd >= 0 && enter_socket(t, fd))
		return fd;
	t->shortage = errno;
	if (fd >= 0)
		close(fd);
	return CURL_SOCKET_BAD;
}

static bool
same_socket(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Forgets the socket in that place and closes it, unless that has happened. */
static void
leave_socket(struct curl_thread *t, size_t i)
{
	int fd = t->sockets[i].fd, ours = t->sockets[i].ours;
	struct tcp_facts facts = tcp_info_read(ours);

	t->closed_bytes += facts.received;
	t->reset = t->reset || facts.reset;
	uv_mutex_lock(&t->lock);
	t->sockets[i].fd = -1;
	uv_mutex_unlock(&t->lock);
	if (same_socket(fd, ours))
		close(fd);
	close(ours);
}

static int
on_close(void *thread, curl_socket_t fd)
{
	struct curl_thread *t = thread;

	for (size_t i = 0; i < CURL_THREAD_SOCKETS; i++)
		if (t->sockets[i].fd == fd)
			leave_socket(t, i);
	return 0;
}

/*
 * libcurl's SMB does not see that the peer has closed: it would turn in its loop until the step's time is over. A
 * protocol that does needs no second turn.
 */
static void
look_at_sockets(struct curl_thread *t)
{
	bool ended = false;

	t->received = t->closed_bytes;
	for (size_t i = 0; i < CURL_THREAD_SOCKETS; i++) {
		struct tcp_facts facts;

		if (t->sockets[i].fd < 0)
			continue;
		facts = tcp_info_read(t->sockets[i].ours);
		t->received += facts.received;
		ended = ended || facts.ended;
	}
	t->turns_ended = ended ? t->turns_ended + 1 : 0;
	t->flooded = t->flooded || t->received > RECEIVED_MAX_BYTES;
}

/* libcurl's CURLOPT_XFERINFOFUNCTION, called at every turn of its own loop. */
static int
on_progress(void *thread, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct curl_thread *t = thread;

	(void)a, (void)b, (void)c, (void)d;
	look_at_sockets(t);
	return t->flooded || t->turns_ended > TURNS_ENDED_MAX || atomic_load(&t->stop);
}

static void
run(void *thread)
{
	struct curl_thread *t = thread;
	struct curl_threads *pool = t->pool;

	t->code = curl_easy_perform(t->easy);
	for (size_t i = 0; i < CURL_THREAD_SOCKETS; i++)
		if (t->sockets[i].fd >= 0)
			leave_socket(t, i);
	t->received = t->closed_bytes;
	uv_mutex_lock(&pool->lock);
	t->next = pool->ended;
	pool->ended = t;
	uv_async_send(&pool->wake); /* under the lock: the pool may be closed once t is taken */
	uv_mutex_unlock(&pool->lock);
}

/* ---- on the loop ---- */

static void
on_pool_closed(uv_handle_t *h)
{
	struct curl_threads *pool = h->data;

	uv_mutex_destroy(&pool->lock);
	free(pool);
}

static void
close_if_idle(struct curl_threads *pool)
{
	if (pool->closing && pool->count == 0)
		uv_close((uv_handle_t *)&pool->wake, on_pool_closed);
}

static void
on_wake(uv_async_t *wake)
{
	struct curl_threads *pool = wake->data;
	struct curl_thread *t, *next;

	uv_mutex_lock(&pool->lock);
	t = pool->ended;
	pool->ended = NULL;
	uv_mutex_unlock(&pool->lock);
	if (t == NULL)
		return;
	for (; t != NULL; t = next) {
		next = t->next;
		uv_thread_join(&t->id);
		uv_mutex_destroy(&t->lock);
		pool->count--;
		t->done(t);
	}
	close_if_idle(pool);
}

struct curl_threads *
curl_threads_new(uv_loop_t *loop)
{
	struct curl_threads *pool = mem_alloc(sizeof *pool);

	/* libldap's and Kerberos' own configuration says nothing about the systems of a drill. */
	if (setenv("LDAPNOINIT", "1", 1) != 0 || setenv("KRB5_CONFIG", "/dev/null", 1) != 0 ||
	    uv_mutex_init(&pool->lock) != 0 || uv_async_init(loop, &pool->wake, on_wake) != 0)
		log_die("curl", "no thread can be waited for");
	pool->wake.data = pool;
	return pool;
}

void
curl_threads_close(struct curl_threads *pool)
{
	pool->closing = true;
	close_if_idle(pool);
}

bool
curl_thread_start(struct curl_threads *pool, struct curl_thread *t)
{
	const uv_thread_options_t options = {
	    .flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_BYTES};

	if (pool->count >= CURL_THREADS_MAX || uv_mutex_init(&t->lock) != 0)
		return false;
	t->pool = pool;
	for (size_t i = 0; i < CURL_THREAD_SOCKETS; i++)
		t->sockets[i].fd = -1;
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);
	if (uv_thread_create_ex(&t->id, &options, run, t) != 0) {
		uv_mutex_destroy(&t->lock);
		return false;
	}
	pool->count++;
	return true;
}

void
curl_thread_cancel(struct curl_thread *t)
{
	t->cancelled = true;
	atomic_store(&t->stop, true);
	uv_mutex_lock(&t->lock);
	for (size_t i = 0; i < CURL_THREAD_SOCKETS; i++)
		if (t->sockets[i].fd >= 0)
			shutdown(t->sockets[i].ours, SHUT_RDWR);
	uv_mutex_unlock(&t->lock);
}
