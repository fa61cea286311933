#include "checker/curl_engine.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/curl_client.h"

#include <stdlib.h>

struct curl_engine {
	uv_loop_t *loop;
	uv_timer_t timer;
	CURLM *multi;
};

/* One of curl's sockets while curl wants to hear of it. */
struct watch {
	uv_poll_t poll;
	struct curl_engine *engine;
	curl_socket_t fd;
};

static void
on_watch_closed(uv_handle_t *h)
{
	free(h->data);
}

/* Hands finished transfers over; a done callback may add or remove others. */
static void
collect(struct curl_engine *e)
{
	struct curl_client *client;
	CURLMsg *msg;
	CURLcode code;
	int left;

	while ((msg = curl_multi_info_read(e->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		code = msg->data.result; /* msg is gone when its handle leaves the multi */
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&client);
		curl_engine_remove(e, client);
		client->finished(client, code);
	}
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	struct curl_engine *e = w->engine; /* w may go during the action */
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(e->multi, w->fd, flags, &running);
	collect(e);
}

static struct watch *
watch_new(struct curl_engine *e, curl_socket_t fd)
{
	struct watch *w = mem_alloc(sizeof *w);

	w->engine = e;
	w->fd = fd;
	w->poll.data = w;
	if (uv_poll_init_socket(e->loop, &w->poll, fd) != 0) {
		free(w);
		return NULL;
	}
	curl_multi_assign(e->multi, fd, w);
	return w;
}

/* curl's CURLMOPT_SOCKETFUNCTION. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *engine, void *socket)
{
	struct curl_engine *e = engine;
	struct watch *w = socket;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			curl_multi_assign(e->multi, fd, NULL);
			uv_close((uv_handle_t *)&w->poll, on_watch_closed);
		}
		return 0;
	}
	if (w == NULL && (w = watch_new(e, fd)) == NULL)
		return -1;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&w->poll, events, on_poll);
	return 0;
}

static void
on_timer(uv_timer_t *timer)
{
	struct curl_engine *e = timer->data;
	int running;

	curl_multi_socket_action(e->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(e);
}

/* curl's CURLMOPT_TIMERFUNCTION: when it wants to be called, in ms; -1 for never. */
static int
on_timer_wanted(CURLM *multi, long ms, void *engine)
{
	struct curl_engine *e = engine;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&e->timer);
	else
		uv_timer_start(&e->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

struct curl_engine *
curl_engine_new(uv_loop_t *loop)
{
	struct curl_engine *e = mem_alloc(sizeof *e);

	e->loop = loop;
	uv_timer_init(loop, &e->timer);
	e->timer.data = e;
	if ((e->multi = curl_multi_init()) == NULL)
		log_die("curl", "curl_multi_init failed");
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e);
	return e;
}

static void
on_engine_closed(uv_handle_t *h)
{
	free(h->data);
}

void
curl_engine_close(struct curl_engine *e)
{
	curl_multi_cleanup(e->multi);
	uv_close((uv_handle_t *)&e->timer, on_engine_closed);
}

bool
curl_engine_add(struct curl_engine *e, struct curl_client *c)
{
	return curl_multi_add_handle(e->multi, c->easy) == CURLM_OK;
}

void
curl_engine_remove(struct curl_engine *e, struct curl_client *c)
{
	curl_multi_remove_handle(e->multi, c->easy);
}
