/* Workbooks wait in line: one on the pool, a few behind it, nothing done for whoever has left or when the server stops. */
#include "site_rig.h"

#include "api/workbook.h"

/* Requests that the route has seen, whose turn has come, whose client has left. */
static atomic_int asked, gathered, gone;
static void (*api_on_gone)(void *ctx, struct http_exchange *x);
static struct account accounts[8];

static const struct table_column columns[] = {{{"列", "column"}, TABLE_INT, 10}};
static const struct table_form form = {.csv = "attachment; filename=\"a.csv\"",
    .xlsx = "attachment; filename=\"a.xlsx\"",
    .sheet = {"表", "Sheet"},
    .columns = columns,
    .count = 1};

static enum err
gather(struct request *req, struct table *t)
{
	gathered++;
	if (strcmp(req->x->query, "bad") == 0)
		return why_set(&req->why, ERR_INVALID, "a bad query");
	table_open(t, &form, false, 0, 1);
	table_row(t)->number = gathered;
	return ERR_OK;
}

static enum err
book_get(struct request *req, struct response *out)
{
	(void)out;
	req->account = &accounts[req->param[0][0] - 'a'];
	asked++;
	return workbook_answer(req, gather);
}

static const struct route route_book_get = {
    .method = "GET", .path = "/api/v1/book/{of}", .roles = ROLE_PUBLIC, .run = book_get};

const struct route *const routes[] = {&route_book_get, NULL};

/* ---- the server ---- */

static void
on_gone(void *ctx, struct http_exchange *x)
{
	api_on_gone(ctx, x);
	gone++;
}

static void
on_site_opening(struct rig *r)
{
	on_opening(r);
	api_on_gone = r->options.handler.on_gone;
	r->options.handler.on_gone = on_gone;
}

static struct rig *
start(void)
{
	struct rig *r = rig_new();

	site = (struct site){.drill = replay_new()};
	replay_open(site.drill);
	asked = gathered = gone = 0;
	r->opening = on_site_opening;
	site_start(r);
	return r;
}

static void
stop(struct rig *r)
{
	rig_stop(r);
	replay_free(site.drill);
}

/* Asked for, and in line when it returns. */
static int
ask_for(struct rig *r, char of, const char *query)
{
	char text[128];
	int fd = dial(r->port), before = asked;

	snprintf(text, sizeof text,
	    "GET /api/v1/book/%c%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", of, query);
	put(fd, text);
	rig_await(&asked, before + 1);
	return fd;
}

static void
expect(int fd, int status, const char *part)
{
	char *a = read_all(fd, NULL);

	assert_status(a, status);
	if (strstr(a, part) == NULL)
		fail_msg("no \"%s\" in %s", part, a);
	free(a);
	close(fd);
}

/* ---- the rules ---- */

static void
one_is_made_and_so_many_wait(void **state)
{
	struct rig *r = start();
	int fd[1 + WORKBOOKS_WAITING_MAX];

	(void)state;
	pool_hold(r);
	for (int i = 0; i <= WORKBOOKS_WAITING_MAX; i++)
		fd[i] = ask_for(r, (char)('a' + i % 5), "");
	expect(ask_for(r, 'f', ""), 503, "Retry-After: 1\r\n");
	assert_int_equal(gathered, 1);
	pool_let_go();
	for (int i = 0; i <= WORKBOOKS_WAITING_MAX; i++)
		expect(fd[i], 200, "filename=\"a.xlsx\"");
	assert_int_equal(gathered, 1 + WORKBOOKS_WAITING_MAX);
	expect(ask_for(r, 'f', ""), 200, "filename=\"a.xlsx\"");
	stop(r);
}

static void
an_account_leaves_room_for_others(void **state)
{
	struct rig *r = start();
	int fd[1 + WORKBOOKS_PER_ACCOUNT], other;

	(void)state;
	pool_hold(r);
	for (int i = 0; i <= WORKBOOKS_PER_ACCOUNT; i++)
		fd[i] = ask_for(r, 'a', "");
	expect(ask_for(r, 'a', ""), 429, "of this account");
	other = ask_for(r, 'b', "");
	pool_let_go();
	for (int i = 0; i <= WORKBOOKS_PER_ACCOUNT; i++)
		expect(fd[i], 200, "filename=\"a.xlsx\"");
	expect(other, 200, "filename=\"a.xlsx\"");
	stop(r);
}

static void
who_has_left_costs_nothing_and_holds_up_nobody(void **state)
{
	struct rig *r = start();
	int first, left[3], bad, last;

	(void)state;
	pool_hold(r);
	first = ask_for(r, 'a', "");
	for (int i = 0; i < 3; i++)
		left[i] = ask_for(r, 'b', "");
	bad = ask_for(r, 'c', "?bad");
	last = ask_for(r, 'd', "");
	for (int i = 0; i < 3; i++)
		hang_up(left[i]);
	rig_await(&gone, 3);
	pool_let_go();
	expect(first, 200, "filename=\"a.xlsx\"");
	expect(bad, 400, "a bad query");
	expect(last, 200, "filename=\"a.xlsx\"");
	assert_int_equal(gathered, 3);
	stop(r);
}

static void *
let_go_later(void *arg)
{
	(void)arg;
	rig_await(&gone, 5);
	pool_let_go();
	return NULL;
}

static void
a_server_that_stops_begins_no_more(void **state)
{
	struct rig *r = start();
	pthread_t thread;
	int fd[5];

	(void)state;
	pool_hold(r);
	for (int i = 0; i < 5; i++)
		fd[i] = ask_for(r, 'a', "");
	assert_int_equal(pthread_create(&thread, NULL, let_go_later, NULL), 0);
	stop(r);
	pthread_join(thread, NULL);
	assert_int_equal(gathered, 1);
	for (int i = 0; i < 5; i++)
		close(fd[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_is_made_and_so_many_wait),
	    cmocka_unit_test(an_account_leaves_room_for_others),
	    cmocka_unit_test(who_has_left_costs_nothing_and_holds_up_nobody),
	    cmocka_unit_test(a_server_that_stops_begins_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
