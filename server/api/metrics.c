#include "api/metrics.h"
#include "base/process.h"
#include "store/datadir.h"

/* ---- the drill ---- */

static void
write_build(const struct metrics *m, struct metric_text *t)
{
	metric_family(t, "drilld_build_info", METRIC_GAUGE, "The program; always 1.");
	metric_value(t, LABELS({"version", m->version}, {"compiler", __VERSION__}), 1);
}

static void
write_state(const struct drill *d, struct metric_text *t)
{
	const struct drill_config *c = d->game->config;

	metric_family(t, "drilld_drill_info", METRIC_GAUGE, "The drill; always 1.");
	metric_value(t, LABELS({"drill", c->id}, {"policy", d->game->policy->name}), 1);
	metric_family(
	    t, "drilld_drill_state", METRIC_GAUGE, "1 for the state that the drill is in.");
	for (enum drill_state s = DRILL_PLANNED; s <= DRILL_ENDED; s++)
		metric_value(t, LABELS({"state", drill_state_name(s)}), d->game->state == s);
	metric_gauge(t, "drilld_killed", "1 while the kill switch is on.", d->game->kill->on);
	metric_gauge(t, "drilld_drill_time_seconds", "Drill time: pauses left out.",
	    (double)drill_now_ms(d) / 1e3);
}

/* A tick that the clock cannot begin or close, as while the disk is behind, has no lag yet. */
static double
overdue_seconds(const struct drill *d)
{
	struct due due = game_due(d->game);
	int64_t late = drill_now_ms(d) - due.drill_ms;

	return due.kind == DUE_NOTHING || late < 0 ? 0 : (double)late / 1e3;
}

static void
write_ticks(const struct drill *d, struct metric_text *t)
{
	static const char *const edges[TICK_EDGE_COUNT] = {
	    [TICK_EDGE_BEGIN] = "begin", [TICK_EDGE_CLOSE] = "close"};

	metric_gauge(t, "drilld_tick", "The open tick or the last closed one; -1 before the first.",
	    d->game->tick);
	metric_gauge(t, "drilld_tick_open", "1 while a tick is open.", d->game->tick_open);
	metric_gauge(t, "drilld_tick_length_seconds", "Length of a tick.",
	    (double)d->game->config->tick_ms / 1e3);
	metric_gauge(t, "drilld_tick_overdue_seconds",
	    "How long the next beginning or end of a tick has been due by now.",
	    overdue_seconds(d));
	metric_family(t, "drilld_tick_last_lag_seconds", METRIC_GAUGE,
	    "How long after it was due the last tick began or closed.");
	for (int i = 0; i < TICK_EDGE_COUNT; i++)
		metric_value(t, LABELS({"edge", edges[i]}), (double)d->stats.last_lag_ms[i] / 1e3);
	metric_family(t, "drilld_tick_lag_seconds", METRIC_HISTOGRAM,
	    "How long after they were due ticks began or closed.");
	for (int i = 0; i < TICK_EDGE_COUNT; i++)
		metric_histogram(t, LABELS({"edge", edges[i]}), &d->stats.tick_lag[i]);
}

static void
write_systems(const struct drill *d, struct metric_text *t)
{
	unsigned by_status[ST_COUNT] = {0}, held = 0;

	for (size_t i = 0; i < d->game->config->system_count; i++) {
		by_status[d->game->systems[i].status]++;
		held += d->game->systems[i].holds > 0;
	}
	metric_family(
	    t, "drilld_systems", METRIC_GAUGE, "Systems by the result of their last check.");
	for (int s = 0; s < ST_COUNT; s++)
		metric_value(t, LABELS({"result", status_name(s)}), by_status[s]);
	metric_gauge(t, "drilld_systems_held",
	    "Systems that are not checked for a hold of the organizers.", held);
}

static void
write_flags(const struct drill *d, struct metric_text *t)
{
	metric_family(t, "drilld_flags_total", METRIC_COUNTER, "Flags submitted, by verdict.");
	for (int v = 0; v < V_COUNT; v++)
		metric_count(t, LABELS({"verdict", verdict_name(v)}), d->verdicts[v]);
}

static void
write_mails(const struct mails *m, struct metric_text *t)
{
	metric_gauge(t, "drilld_mail_queue", "Mails that wait for the relay.",
	    (double)m->outbox.counts[MAIL_QUEUED]);
	metric_gauge(t, "drilld_mail_given_up", "Mails that were given up.",
	    (double)m->outbox.counts[MAIL_FAILED]);
	metric_counter(t, "drilld_mail_sent_total", "Mails that the relay has taken.", m->sent);
	metric_counter(t, "drilld_mail_failed_total", "Attempts to send a mail that failed.",
	    m->attempts_failed);
}

static void
write_drill(const struct drill *d, struct metric_text *t)
{
	write_state(d, t);
	write_ticks(d, t);
	write_systems(d, t);
	write_flags(d, t);
	write_mails(d->game->mails, t);
}

/* ---- the checks ---- */

static void
write_checks(const struct drill_stats *s, struct metric_text *t)
{
	metric_family(t, "drilld_checks_total", METRIC_COUNTER,
	    "Checks by contract and result; none: not checked, fault: the checker's own failure.");
	for (size_t i = 0; i < s->contract_count; i++)
		for (int r = 0; r < ST_COUNT; r++)
			metric_count(t,
			    LABELS({"contract", s->contracts[i].name}, {"result", status_name(r)}),
			    s->contracts[i].results[r]);
	metric_family(t, "drilld_check_duration_seconds", METRIC_HISTOGRAM,
	    "Time of the checks that a checker has answered.");
	for (size_t i = 0; i < s->contract_count; i++)
		metric_histogram(
		    t, LABELS({"contract", s->contracts[i].name}), &s->contracts[i].seconds);
}

static void
write_checkers(const struct checkers *checkers, struct metric_text *t)
{
	struct checkers_stats s = checkers_stats(checkers);

	metric_gauge(t, "drilld_checks_waiting", "Checks of this tick that have not been started.",
	    dispatch_waiting(s.dispatch));
	metric_gauge(t, "drilld_checks_running", "Checks that the checkers have in hand.",
	    dispatch_running(s.dispatch));
	metric_family(t, "drilld_check_start_lag_seconds", METRIC_HISTOGRAM,
	    "How long after its planned moment a check was started.");
	metric_histogram(t, NULL, dispatch_lag(s.dispatch));
	metric_gauge(t, "drilld_checker_processes", "Checker processes that run.", s.running);
	metric_gauge(
	    t, "drilld_checker_processes_wanted", "Checker processes that should run.", s.wanted);
	metric_counter(t, "drilld_checker_restarts_total",
	    "How often a checker has ended unasked, or could not be started.", s.restarts);
}

/* ---- the journal ---- */

static void
write_disk(const char *dir, struct metric_text *t)
{
	uint64_t size, left;

	if (!datadir_space(dir, &size, &left))
		return;
	metric_gauge(
	    t, "drilld_data_size_bytes", "Size of the data directory's file system.", (double)size);
	metric_gauge(
	    t, "drilld_data_free_bytes", "What is free on it for the server.", (double)left);
}

static void
write_journal(const struct drill *d, struct metric_text *t)
{
	struct journal_stats s;

	journal_stats(d->journal, &s);
	metric_counter(t, "drilld_journal_events_appended_total",
	    "Events of the drill, those that are still on their way to the disk among them.",
	    d->game->seq);
	metric_gauge(t, "drilld_journal_committed_seq", "The last event that is on disk.",
	    (double)d->progress.committed);
	metric_gauge(t, "drilld_journal_waiting_bytes",
	    "Memory of events that are not on disk yet.", (double)s.waiting_bytes);
	metric_gauge(
	    t, "drilld_journal_failed", "1 once an event could not be written.", d->has_failed);
	metric_family(t, "drilld_journal_commit_duration_seconds", METRIC_HISTOGRAM,
	    "Time of a commit, with its sync.");
	metric_histogram(t, NULL, &s.commit_seconds);
	metric_family(t, "drilld_journal_batch_events", METRIC_HISTOGRAM, "Events in a commit.");
	metric_histogram(t, NULL, &s.batch_events);
	write_disk(d->options.dir, t);
}

/* ---- clients ---- */

static void
write_connections(const struct http_server *http, struct metric_text *t)
{
	const struct http_stats *s = http_stats(http);

	metric_gauge(t, "drilld_http_connections", "Open connections, live clients among them.",
	    http_connections(http));
	metric_counter(
	    t, "drilld_http_connections_accepted_total", "Connections accepted.", s->connections);
	metric_family(t, "drilld_http_connections_dropped_total", METRIC_COUNTER,
	    "Connections closed: over the limit, or they did not fetch what was sent.");
	metric_count(t, LABELS({"reason", "limit"}), s->over_limit);
	metric_count(t, LABELS({"reason", "stuck"}), s->stuck);
}

static void
write_requests(const struct metrics *m, struct metric_text *t)
{
	static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
	const struct http_stats *s = http_stats(m->http);

	metric_family(t, "drilld_http_requests_total", METRIC_COUNTER,
	    "Requests answered, by resource and class of status.");
	for (unsigned k = 0; k < m->kinds->count; k++)
		for (int c = k == KIND_LIVE ? 1 : 2; c < 6; c++) /* it alone upgrades */
			metric_count(t,
			    LABELS({"resource", m->kinds->names[k]}, {"status", classes[c]}),
			    s->answers[k][c]);
	metric_family(t, "drilld_http_request_duration_seconds", METRIC_HISTOGRAM,
	    "Time from a request's end to its answer, the journal's commit included.");
	for (unsigned k = 0; k < m->kinds->count; k++)
		metric_histogram(t, LABELS({"resource", m->kinds->names[k]}), &s->seconds[k]);
}

static void
write_live(const struct live_hub *hub, struct metric_text *t)
{
	const struct live_stats *s = live_stats(hub);

	metric_gauge(t, "drilld_live_clients", "Live clients connected.", live_clients(hub));
	metric_counter(
	    t, "drilld_live_frames_published_total", "Frames made for live clients.", s->published);
	metric_counter(t, "drilld_live_frames_sent_total",
	    "Frames and snapshots sent, once for each client.", s->sent);
	metric_family(t, "drilld_live_clients_dropped_total", METRIC_COUNTER,
	    "Live clients dropped: too far behind, silent, or to show again who they are.");
	metric_count(t, LABELS({"reason", "behind"}), s->behind);
	metric_count(t, LABELS({"reason", "silent"}), s->silent);
	metric_count(t, LABELS({"reason", "cut"}), s->cut);
}

static void
write_sessions(const struct sessions *sessions, struct metric_text *t)
{
	static const char *const results[LOGIN_COUNT] = {[LOGIN_OK] = "ok",
	    [LOGIN_WRONG] = "wrong",
	    [LOGIN_BRAKED] = "braked",
	    [LOGIN_BUSY] = "busy"};

	metric_gauge(t, "drilld_sessions", "Browser sessions.", (double)sessions_count(sessions));
	metric_family(t, "drilld_logins_total", METRIC_COUNTER,
	    "Attempts to sign in; braked: after too many wrong ones, busy: too many at once.");
	for (int i = 0; i < LOGIN_COUNT; i++)
		metric_count(t, LABELS({"result", results[i]}), sessions_logins(sessions)[i]);
}

/* ---- the process: names by convention ---- */

static void
write_process(const struct metrics *m, struct metric_text *t)
{
	struct process_usage u;

	metric_gauge(
	    t, "process_start_time_seconds", "Start of the process, Unix time.", m->start_seconds);
	if (!process_usage(&u))
		return;
	metric_family(t, "process_cpu_seconds_total", METRIC_COUNTER,
	    "User and system time of the server, without its checkers.");
	metric_value(t, NULL, u.cpu_seconds);
	metric_gauge(
	    t, "process_resident_memory_bytes", "Resident memory.", (double)u.resident_bytes);
	metric_gauge(t, "process_virtual_memory_bytes", "Virtual memory.", (double)u.virtual_bytes);
	metric_gauge(t, "process_open_fds", "Open descriptors.", u.open_fds);
	metric_gauge(t, "process_max_fds", "How many may be open.", u.max_fds);
}

void
metrics_write(const struct metrics *m, struct buf *out)
{
	struct metric_text t = {.out = out};

	write_build(m, &t);
	write_drill(m->drill, &t);
	write_checks(&m->drill->stats, &t);
	if (m->checkers != NULL)
		write_checkers(m->checkers, &t);
	write_journal(m->drill, &t);
	if (m->http != NULL) {
		write_connections(m->http, &t);
		write_requests(m, &t);
	}
	if (m->hub != NULL)
		write_live(m->hub, &t);
	write_sessions(m->sessions, &t);
	metric_counter(&t, "drilld_writes_braked_total",
	    "Requests of departments and red teams that were refused for writing too much.",
	    write_brake_refused(m->brake));
	write_process(m, &t);
}
