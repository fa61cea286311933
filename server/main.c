/*
 * drilld: argv -> scenario -> wire the floors -> run the loop -> exit code. Exit codes: 0 ended by signal
 * or by request, 1 could not start or the journal failed.
 */
#include "api/api.h"
#include "api/checkers.h"
#include "api/drill.h"
#include "api/drill_mails.h"
#include "api/feed.h"
#include "api/kill_hook.h"
#include "api/mailer.h"
#include "api/metrics.h"
#include "api/relay.h"
#include "api/sweep.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/time.h"
#include "net/http.h"
#include "net/live.h"
#include "net/loop.h"
#include "options.h"
#include "scenario/scenario.h"
#include "store/datadir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CONNECTIONS_MAX 60000
#define LIVE_CLIENTS_MAX 50000
#define IDLE_SECONDS 60
#define RING_FRAMES 16384
#define RING_BYTES (16u * 1024 * 1024)
#define MISTAKES_MAX_BYTES (1024 * 1024)
#define JOURNAL_RESERVE_BYTES (256u * 1024 * 1024) /* of the disk: attachments leave it alone */
#define MAIL_GRACE_MS 3000                         /* for mails under way when the server stops */

struct server {
	struct options options;
	struct scenario scenario;
	struct loop *loop;
	struct waker *waker;
	struct timer *tick;
	struct drill *drill;
	struct api *api;
	struct live_hub *hub;
	struct http_server *http;
	struct metrics_listener *metrics; /* NULL: not asked for */
	struct checkers *checkers;
	struct kill_hook *kill;
	struct mailer *mailer; /* NULL: there is no relay */
	unsigned to_stop;      /* of checkers, mailer and hook, those that have not stopped yet */
	bool stopping;
	int exit_code;
};

/* ---- starting up: may die with a clear message ---- */

static void
load_scenario(struct server *s, const char *file)
{
	struct buf mistakes;
	struct why why;

	buf_init(&mistakes, MISTAKES_MAX_BYTES);
	if (scenario_load(file, s->options.challenges, &s->scenario, &mistakes) != ERR_OK) {
		fputs(mistakes.data != NULL ? mistakes.data : "", stderr);
		log_die("scenario", "%s cannot be used; `drillctl check` tells the same", file);
	}
	buf_free(&mistakes);
	if (s->scenario.mail.host != NULL && relay_check(&s->scenario.mail, &why) != ERR_OK)
		log_die("mail", "%s; `drillctl mail` tries the relay", why.text);
}

/* DIR/scenario.yaml is the scenario as first loaded: later starts need no other. */
static void
keep_scenario(const struct server *s)
{
	char path[4200], *data;
	struct why why;
	size_t len;
	FILE *f;

	if (datadir_path(s->options.data, "scenario.yaml", path, sizeof path, &why) != ERR_OK)
		log_die("scenario", "%s", why.text);
	if (s->options.scenario == NULL || access(path, F_OK) == 0)
		return;
	if ((f = fopen(s->options.scenario, "re")) == NULL)
		log_die("scenario", "%s: %s", s->options.scenario, strerror(errno));
	data = mem_alloc(SCENARIO_FILE_MAX_BYTES);
	len = fread(data, 1, SCENARIO_FILE_MAX_BYTES, f);
	if (ferror(f))
		log_die("scenario", "%s: %s", s->options.scenario, strerror(errno));
	fclose(f);
	if (datadir_write(s->options.data, "scenario.yaml", data, len, &why) != ERR_OK)
		log_die("scenario", "%s", why.text);
	free(data);
}

static void
find_scenario(struct server *s)
{
	char path[4200];
	struct why why;

	if (s->options.scenario != NULL) {
		load_scenario(s, s->options.scenario);
		return;
	}
	if (datadir_path(s->options.data, "scenario.yaml", path, sizeof path, &why) != ERR_OK)
		log_die("scenario", "%s", why.text);
	if (access(path, F_OK) != 0)
		log_die("scenario", "%s holds no drill yet: give --scenario FILE", s->options.data);
	load_scenario(s, path);
}

static bool
admin_has_password(const struct drill *d)
{
	const struct account *a = accounts_find(&d->game->accounts, "admin");

	return a != NULL && a->password != NULL;
}

/* A new random password for the account admin, printed once: nothing but its hash is kept. */
static void
give_admin(struct drill *d)
{
	char password[32], hash[PASSWORD_HASH_BYTES];
	enum err e = ERR_OK;
	struct why why;

	if (accounts_find(&d->game->accounts, "admin") == NULL)
		e = drill_account_create(d, "admin", ROLE_ADMIN, "", "server", &why);
	random_token(12, password);
	password_hash(password, hash);
	if (e == ERR_OK)
		e = drill_account_secret(d, EV_ACCOUNT_PASSWORD, "admin", hash, "server", &why);
	if (e != ERR_OK)
		log_die("accounts", "%s", why.text);
	drill_settle(d);
	if (!drill_durable(d))
		log_die("accounts", "the admin's password could not be stored");
	printf("admin password: %s\n", password);
	fflush(stdout);
	mem_wipe(password, sizeof password);
}

/* Thousands of watching clients need as many descriptors; what the system grants is the limit. */
static unsigned
raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return 1000;
	if (r.rlim_cur < CONNECTIONS_MAX + 200u) {
		struct rlimit want = {CONNECTIONS_MAX + 200, r.rlim_max};

		if (want.rlim_max < want.rlim_cur)
			want.rlim_max = geteuid() == 0 ? want.rlim_cur : r.rlim_max;
		if (want.rlim_cur > want.rlim_max)
			want.rlim_cur = want.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &want) == 0)
			r = want;
	}
	return r.rlim_cur > CONNECTIONS_MAX + 200u ? CONNECTIONS_MAX
						   : (unsigned)r.rlim_cur * 9 / 10;
}

/* ---- what the drill calls ---- */

static void begin_stop(struct server *s);

static void
on_journal(void *ctx) /* on the writer thread */
{
	struct server *s = ctx;

	if (s->waker != NULL)
		waker_wake(s->waker);
}

static void
on_wake(void *ctx)
{
	struct server *s = ctx;

	drill_reap(s->drill);
	if (s->drill->has_failed)
		begin_stop(s);
}

static int64_t
on_wall(void *ctx)
{
	(void)ctx;
	return time_wall_ms();
}

static int64_t
on_mono(void *ctx)
{
	(void)ctx;
	return time_mono_ms();
}

static void
on_committed(void *ctx, uint64_t seq)
{
	struct server *s = ctx;

	if (s->api != NULL)
		api_committed(s->api, seq);
	if (s->kill != NULL)
		kill_hook_committed(s->kill, seq);
	if (s->mailer != NULL)
		mailer_committed(s->mailer, seq);
}

static void
on_failed(void *ctx, const char *why)
{
	struct server *s = ctx;

	if (s->checkers == NULL)
		log_die("server", "%s", why);
	log_error("server",
	    "stopping; once the cause is mended, start again: nothing acknowledged is lost");
	s->exit_code = 1;
	if (s->waker != NULL)
		waker_wake(s->waker); /* on_wake stops: here a request may be under way */
}

/* ---- the loop ---- */

static void
on_turn_end(void *ctx)
{
	struct server *s = ctx;
	int64_t next;

	if (s->stopping)
		return;
	drill_turn(s->drill);
	drill_flush(s->drill);
	next = drill_next_ms(s->drill);
	if (next == INT64_MAX)
		timer_stop(s->tick);
	else
		timer_at(s->tick, next);
}

/* The work is done at the turn's end; the timer only sees to it that there is a turn. */
static void
on_tick(void *ctx)
{
	(void)ctx;
}

/* Checkers, mailer and hook, in whatever order: when all have stopped there is nothing more to write down. */
static void
on_part_stopped(void *ctx)
{
	struct server *s = ctx;

	if (--s->to_stop > 0)
		return;
	drill_flush(s->drill);
	drill_settle(s->drill);
	drill_reap(s->drill);                                   /* the answers that waited go out */
	feed_step(s->drill->feed, feed_due_ms(s->drill->feed)); /* and the last frame, at once */
	drill_settle(s->drill);
	http_close(s->http);
	metrics_stop(s->metrics);
	timer_close(s->tick);
	waker_close(s->waker);
	s->waker = NULL;
	loop_on_turn_end(s->loop, NULL, NULL);
	loop_signals_close(s->loop);
}

static void
begin_stop(struct server *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	http_stop_accepting(s->http);
	timer_stop(s->tick);
	s->to_stop = s->mailer != NULL ? 3 : 2;
	kill_hook_stop(s->kill, on_part_stopped, s);
	if (s->mailer != NULL)
		mailer_stop(s->mailer, MAIL_GRACE_MS, on_part_stopped, s);
	checkers_stop(s->checkers);
}

static void
on_signal(void *ctx, int signum)
{
	struct server *s = ctx;

	if (s->stopping)
		_exit(128 + signum);
	log_info("server", "stopping; a second signal stops at once");
	begin_stop(s);
}

/* ---- wiring ---- */

static void
open_drill(struct server *s)
{
	struct drill_options o = {.scenario = &s->scenario,
	    .dir = s->options.data,
	    .notify = on_journal,
	    .wall_ms = on_wall,
	    .mono_ms = on_mono,
	    .committed = on_committed,
	    .failed = on_failed,
	    .ctx = s};
	struct why why;
	bool fresh;

	if (drill_open(&o, &s->drill, &fresh, &why) != ERR_OK)
		log_die("drill", "%s", why.text);
	keep_scenario(s);
}

static void
open_http(struct server *s, unsigned connections)
{
	struct api_options ao = {.loop = s->loop, .drill = s->drill, .version = DRILLD_VERSION};
	struct live_options lo = {.ring_frames = RING_FRAMES,
	    .ring_bytes = RING_BYTES,
	    .clients_max = LIVE_CLIENTS_MAX,
	    .snapshot = api_snapshot};
	struct http_options ho = {.address = s->options.address,
	    .port = s->options.port,
	    .tls_cert = s->options.tls_cert,
	    .tls_key = s->options.tls_key,
	    .connections_max = connections,
	    .idle_seconds = IDLE_SECONDS};
	struct why why;

	if (blobs_open(s->options.data, JOURNAL_RESERVE_BYTES, &ao.blobs, &why) != ERR_OK)
		log_die("blobs", "%s", why.text);
	if (sweep_blobs(s->drill->game, ao.blobs, &why) != ERR_OK)
		log_die("blobs", "%s", why.text);
	s->api = api_new(&ao);
	lo.ctx = s->api;
	s->hub = live_new(&lo);
	ho.handler = api_handler(s->api);
	ho.hub = s->hub;
	if (http_open(s->loop, &ho, &s->http, &why) != ERR_OK)
		log_die("http", "%s", why.text);
	api_attach(s->api, s->http, s->hub);
	feed_attach(s->drill->feed, s->hub);
}

static void
open_metrics(struct server *s)
{
	struct why why;

	if (s->options.metrics_address[0] != '\0' &&
	    metrics_listen(s->loop, s->options.metrics_address, s->options.metrics_port,
		api_metrics(s->api), &s->metrics, &why) != ERR_OK)
		log_die("metrics", "%s", why.text);
}

static void
start_checkers(struct server *s)
{
	struct checkers_options o = {.loop = s->loop,
	    .drill = s->drill,
	    .program = s->options.checker,
	    .user = s->options.checker_user,
	    .exec_user = s->options.exec_user,
	    .sandbox = s->options.sandbox,
	    .plan = checker_plan(
		&s->scenario, s->options.checkers, s->options.in_flight, process_cores()),
	    .stopped = on_part_stopped,
	    .ctx = s};

	if (access(o.program, X_OK) != 0)
		log_die("checkers", "%s: %s; give --checker FILE", o.program, strerror(errno));
	s->checkers = checkers_start(&o);
	api_attach_checkers(s->api, s->checkers);
}

static void
on_mail_sent(void *ctx, int32_t number)
{
	drill_mail_sent(((struct server *)ctx)->drill, number);
}

static void
on_mail_failed(void *ctx, int32_t number, bool permanent, const char *error)
{
	drill_mail_failed(((struct server *)ctx)->drill, number, permanent, error);
}

static void
start_mailer(struct server *s)
{
	struct mailer_options o = {.loop = s->loop,
	    .mail = &s->scenario.mail,
	    .drill_id = s->scenario.config.id,
	    .offset_minutes = s->drill->offset_minutes,
	    .outbox = &s->drill->game->mails->outbox,
	    .wall_ms = on_wall,
	    .sent = on_mail_sent,
	    .failed = on_mail_failed,
	    .ctx = s};
	struct why why;

	if (s->scenario.mail.host == NULL)
		return;
	if (mailer_new(&o, &s->mailer, &why) != ERR_OK)
		log_die("mail", "%s", why.text);
	/* What waited when the server went down. */
	mailer_committed(s->mailer, s->drill->progress.committed);
}

static void
tell_url(const char *what, const char *scheme, const char *address, int port, const char *path)
{
	bool v6 = strchr(address, ':') != NULL;

	printf("%s %s://%s%s%s:%d%s\n", what, scheme, v6 ? "[" : "", address, v6 ? "]" : "", port,
	    path);
}

static void
tell_ready(const struct server *s)
{
	if (s->metrics != NULL)
		tell_url("metrics on", "http", s->options.metrics_address, metrics_port(s->metrics),
		    "/metrics");
	tell_url("listening on", s->options.tls_cert != NULL ? "https" : "http", s->options.address,
	    http_port(s->http), "");
	fflush(stdout);
}

static void
start(struct server *s)
{
	unsigned connections = raise_descriptor_limit();
	struct why why;

	find_scenario(s);
	if (loop_open(&s->loop, &why) != ERR_OK)
		log_die("loop", "%s", why.text);
	s->waker = waker_new(s->loop, on_wake, s);
	s->tick = timer_new(s->loop, on_tick, s);
	open_drill(s);
	s->kill = kill_hook_new(s->loop, s->drill);
	open_http(s, connections);
	open_metrics(s);
	/* Only now that nothing in the way of listening can swallow the one line that tells it. */
	if (s->options.reset_admin || !admin_has_password(s->drill))
		give_admin(s->drill);
	loop_on_signal(s->loop, on_signal, s);
	start_checkers(s);
	start_mailer(s);
	loop_on_turn_end(s->loop, on_turn_end, s);
	tell_ready(s);
}

static int
finish(struct server *s)
{
	metrics_free(s->metrics);
	kill_hook_free(s->kill);
	drill_close(s->drill);
	api_free(s->api);
	live_free(s->hub);
	checkers_free(s->checkers);
	mailer_free(s->mailer);
	if (loop_close(s->loop) != ERR_OK && s->exit_code == 0)
		s->exit_code = 1;
	scenario_free(&s->scenario);
	return s->exit_code;
}

int
main(int argc, char **argv)
{
	struct server s = {.exit_code = 0};

	options_parse(argc, argv, &s.options);
	if (s.options.verbose)
		log_set_level(LOG_DEBUG);
	start(&s);
	loop_run(s.loop);
	return finish(&s);
}
