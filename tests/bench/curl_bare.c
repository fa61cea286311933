#include "tests/bench/curl_bare.h"
#include "base/mem.h"
#include "base/time.h"
#include "tests/bench/checks_feed.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct bare {
	CURLM *multi;
	int ep;
	long timeout_ms;
	int checks;
	int started;
	int done;
};

static size_t
on_data(char *data, size_t one, size_t len, void *ctx)
{
	(void)data;
	(void)one;
	(void)ctx;
	return len;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct bare *b = ctx;
	struct epoll_event ev = {.data.fd = fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(b->ep, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	epoll_ctl(b->ep, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
	curl_multi_assign(b->multi, fd, b);
	return 0;
}

static int
on_timer(CURLM *multi, long ms, void *ctx)
{
	(void)multi;
	((struct bare *)ctx)->timeout_ms = ms;
	return 0;
}

static CURL *
bare_handle(int number, const struct bare_options *o)
{
	CURL *h = curl_easy_init();
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.%d:%d/", 1 + number % o->addresses, o->port);
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_data);
	return h;
}

static void
bare_collect(struct bare *b)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(b->multi, &left)) != NULL) {
		CURL *h = m->easy_handle;

		if (m->data.result != CURLE_OK) {
			fprintf(
			    stderr, "bench: bare loop: %s\n", curl_easy_strerror(m->data.result));
			exit(1);
		}
		b->done++;
		curl_multi_remove_handle(b->multi, h);
		if (b->started < b->checks) {
			b->started++;
			curl_multi_add_handle(b->multi, h);
		}
	}
}

static void
bare_loop(struct bare *b)
{
	struct epoll_event events[256];
	int running;

	while (b->done < b->checks) {
		int n =
		    epoll_wait(b->ep, events, 256, b->timeout_ms < 0 ? 1000 : (int)b->timeout_ms);

		if (n == 0)
			curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		for (int i = 0; i < n; i++)
			curl_multi_socket_action(b->multi, events[i].data.fd,
			    (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
				(events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				(events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0),
			    &running);
		bare_collect(b);
		bench_check_deadline();
	}
}

double
curl_bare_rate(const struct bare_options *o)
{
	struct bare b = {
	    .multi = curl_multi_init(), .ep = epoll_create1(EPOLL_CLOEXEC), .checks = o->checks};
	CURL **handles = mem_array((size_t)o->in_flight, sizeof(CURL *));
	int64_t start;

	curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(b.multi, CURLMOPT_SOCKETDATA, &b);
	curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(b.multi, CURLMOPT_TIMERDATA, &b);
	for (int i = 0; i < o->in_flight; i++)
		handles[i] = bare_handle(i, o);
	start = time_mono_ns();
	for (b.started = 0; b.started < o->in_flight; b.started++)
		curl_multi_add_handle(b.multi, handles[b.started]);
	bare_loop(&b);
	start = time_mono_ns() - start;
	for (int i = 0; i < o->in_flight; i++)
		curl_easy_cleanup(handles[i]);
	curl_multi_cleanup(b.multi);
	close(b.ep);
	free(handles);
	return o->checks * 1e9 / (double)start;
}
