// The server's numbers: who may read them, that they are what Prometheus reads, that they move with what happens, and
// that the listener of their own serves nothing else.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseExposition, valueOf } from "./exposition.mjs";
import { childrenOf, drilld, request, startDrill, until } from "./lib.mjs";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";
const withListener = { extraArgs: ["--metrics-listen", "127.0.0.1:0"] };
const listenerOf = (drill) => /^metrics on (http:\S+)\/metrics$/m.exec(drill.output)[1];

async function scrape(drill) {
  const answer = await drill.as("director", "GET", "/metrics");
  assert.equal(answer.status, 200, answer.text);
  const families = parseExposition(answer.text);
  return Object.assign((name, labels) => valueOf(families, name, labels), { families, text: answer.text });
}

describe("the route", () => {
  let drill;
  before(async () => (drill = await startDrill({ departments: 2, reds: [["red-1"]], ...withListener })));
  after(() => drill?.close());

  for (const [account, status] of Object.entries({ admin: 200, director: 200, judge: 200, leader: 403, "dept-1-blue": 403, "red-1": 403 }))
    test(`${account} gets ${status}`, async () => {
      const answer = await drill.as(account, "GET", "/metrics");
      assert.equal(answer.status, status);
      assert.equal(answer.headers["content-type"], status === 200 ? TYPE : "application/problem+json");
    });

  test("nobody who has not signed in, and a session as well as a token", async () => {
    assert.equal((await drill.call("GET", "/metrics")).status, 401);
    assert.equal((await drill.call("GET", "/metrics", { token: "x".repeat(43) })).status, 401);
    const { cookie } = await drill.signIn("judge", await drill.newPassword("judge"));
    assert.equal((await drill.call("GET", "/metrics", { headers: { cookie } })).status, 200);
  });

  test("it is read only", async () => {
    const head = await drill.as("admin", "HEAD", "/metrics");
    assert.equal(head.status, 200);
    assert.equal(head.text, "");
    assert.ok(Number(head.headers["content-length"]) > 1000);
    const posted = await drill.as("admin", "POST", "/metrics", { body: "x" });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.allow, "GET, HEAD");
    assert.match((await drill.as("admin", "GET", "/metrics/")).headers["content-type"], /html/, "the page's, as any other address");
  });

  test("it is what Prometheus reads: each family once, with HELP and TYPE, no series twice", async () => {
    const { families } = await scrape(drill);
    for (const name of families.keys()) assert.match(name, /^(drilld|process)_/);
    for (const [name, type] of Object.entries({
      drilld_build_info: "gauge", drilld_drill_state: "gauge", drilld_tick: "gauge", drilld_tick_last_lag_seconds: "gauge", drilld_tick_lag_seconds: "histogram",
      drilld_checks_total: "counter", drilld_check_duration_seconds: "histogram", drilld_checks_waiting: "gauge", drilld_checks_running: "gauge",
      drilld_check_start_lag_seconds: "histogram", drilld_checker_processes: "gauge", drilld_checker_restarts_total: "counter", drilld_flags_total: "counter",
      drilld_http_requests_total: "counter", drilld_http_request_duration_seconds: "histogram", drilld_live_clients: "gauge", drilld_live_frames_sent_total: "counter",
      drilld_live_clients_dropped_total: "counter", drilld_journal_events_appended_total: "counter", drilld_journal_committed_seq: "gauge",
      drilld_journal_commit_duration_seconds: "histogram", drilld_journal_batch_events: "histogram", drilld_journal_waiting_bytes: "gauge", drilld_data_free_bytes: "gauge",
      drilld_mail_queue: "gauge", drilld_mail_given_up: "gauge", drilld_mail_sent_total: "counter", drilld_mail_failed_total: "counter",
      drilld_sessions: "gauge", drilld_logins_total: "counter", drilld_writes_braked_total: "counter", process_resident_memory_bytes: "gauge", process_cpu_seconds_total: "counter", process_open_fds: "gauge",
      process_start_time_seconds: "gauge",
    })) assert.equal(families.get(name)?.type, type, name);
  });

  test("no label names a system, a team or a person, and its names are few", async () => {
    await drill.call("GET", "/some-address-of-a-client");
    await drill.call("GET", "/api/v1/another");
    await drill.as("admin", "POST", "/api/v1/accounts/red-1/token");
    const { families } = await scrape(drill);
    const names = new Set(["version", "compiler", "drill", "policy", "state", "edge", "result", "verdict", "contract", "reason", "resource", "status", "le"]);
    let series = 0;
    for (const { samples } of families.values())
      for (const { labels, line } of samples) {
        series++;
        for (const [name, value] of Object.entries(labels)) {
          assert.ok(names.has(name), line);
          assert.doesNotMatch(value, /dept-1|red-1|notes|another|some-address|director|leader/, line);
        }
      }
    assert.ok(series < 1000, `${series} series`);
  });
});

describe("the listener of its own", () => {
  let drill, url;
  before(async () => {
    drill = await startDrill({ departments: 1, ...withListener });
    url = listenerOf(drill);
  });
  after(() => drill?.close());

  test("tells anybody who gets there, and counts nothing as the server's own requests", async () => {
    const before = await scrape(drill);
    const { status, headers, text } = await request(url, "GET", "/metrics");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], TYPE);
    const own = parseExposition(text);
    assert.deepEqual([...own.keys()], [...before.families.keys()]);
    const metrics = { resource: "metrics", status: "2xx" };
    assert.equal(valueOf(own, "drilld_http_requests_total", metrics), before("drilld_http_requests_total", metrics) + 1, "the scrape before, and not this one");
    assert.equal((await request(url, "HEAD", "/metrics")).text, "");
    assert.equal((await request(url, "GET", "/metrics?x=1")).status, 200);
  });

  test("is bounded in connections, and free again when they have gone", async () => {
    const { port } = new URL(url);
    const sockets = Array.from({ length: 40 }, () => net.connect(port, "127.0.0.1").on("error", () => {}).resume());
    await Promise.all(sockets.map((s) => once(s, "connect")));
    const open = () => sockets.filter((s) => !s.destroyed).length;
    // Those of the requests before may still be closing, and count.
    await until(() => open() <= 16, () => `at most 16 stay open, not ${open()}`);
    assert.ok(open() >= 10, `${open()}`);
    assert.equal((await drill.health()).status, "ok", "the server itself has room");
    sockets.forEach((s) => s.destroy());
    await until(async () => (await request(url, "GET", "/metrics").catch(() => ({}))).status === 200, "room again");
  });

  test("serves nothing else: no page, no API, no live socket, no other method", async () => {
    for (const path of ["/", "/login", "/metrics/", "/Metrics", "/api/v1/health", "/api/v1/board", "/api/v1/openapi.json", "/flags", "/assets/x.js"])
      for (const method of ["GET", "POST", "PUT"]) {
        const answer = await request(url, method, path, { token: drill.tokens.admin, body: method === "GET" ? undefined : "[]" });
        assert.equal(answer.status, 404, `${method} ${path}`);
        assert.equal(answer.text, "here is nothing but GET /metrics\n");
      }
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const answer = await request(url, method, "/metrics", { body: "x".repeat(100000) });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, "GET, HEAD");
    }
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
    assert.equal((await request(url, "GET", "/api/v1/live", { headers: upgrade })).status, 404);
    assert.equal((await request(url, "GET", "/%zz")).status, 400);
  });

  test("drops who asks for nothing", async () => {
    const socket = net.connect(new URL(url).port, "127.0.0.1").on("error", () => {}).resume();
    const began = Date.now();
    await once(socket, "close");
    assert.ok(Date.now() - began < 40000); // who asks has ten seconds; a busy machine may be late with it
  });

  test("beyond loopback it needs --insecure, which the log repeats; a wrong or taken address is named", async () => {
    const start = (...more) => drilld("--data", join(drill.dir, "other"), "--scenario", drill.scenario, "--challenges", drill.challenges, "--listen", "127.0.0.1:0", ...more);
    for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:9100"]) {
      const { code, output } = await start("--metrics-listen", address);
      assert.equal(code, 1);
      assert.match(output, /--metrics-listen.*not loopback.*--insecure/);
    }
    for (const [address, said] of [["9100", /--metrics-listen 9100: ADDRESS:PORT is expected/], ["localhost:9100", /not a numeric/], ["127.0.0.1:x", /--metrics-listen x: a number/]]) {
      const { code, output } = await start("--metrics-listen", address);
      assert.equal(code, 1);
      assert.match(output, said);
    }
    const taken = await start("--metrics-listen", new URL(url).host);
    assert.equal(taken.code, 1);
    assert.match(taken.output, /metrics: cannot listen on 127\.0\.0\.1.*in use/);
    assert.doesNotMatch(taken.output, /admin password/);
  });

  test("with --insecure it listens anywhere", async () => {
    const open = await startDrill({ departments: 1, tokens: false, extraArgs: ["--metrics-listen", "0.0.0.0:0", "--insecure"] });
    try {
      assert.match(open.output, /insecure: metrics on 0\.0\.0\.0 without TLS and token/);
      assert.equal((await request(listenerOf(open), "GET", "/metrics")).status, 200);
      assert.equal(await open.stop(), 0, "and ends with the server");
    } finally {
      await open.close();
    }
  });
});

describe("the numbers move", () => {
  let drill;
  before(async () => (drill = await startDrill({ departments: 2, reds: [["red-1", "dept-1"]], tick: 2000, ticks: 600, timeoutMs: 2000 })));
  after(() => drill?.close());

  test("state, tick, checks and their times", async () => {
    const before = await scrape(drill);
    assert.equal(before("drilld_drill_state", { state: "planned" }), 1);
    assert.equal(before("drilld_tick"), -1);
    assert.equal(before("drilld_build_info", { version: "1.0.0", compiler: before.families.get("drilld_build_info").samples[0].labels.compiler }), 1);
    drill.system("dept-2-notes").mode = "broken";
    await drill.start();
    await drill.untilTick(2);
    const now = await scrape(drill);
    for (const state of ["planned", "paused", "ended"]) assert.equal(now("drilld_drill_state", { state }), 0);
    assert.equal(now("drilld_drill_state", { state: "running" }), 1);
    assert.ok(now("drilld_tick") >= 2);
    assert.ok(now("drilld_drill_time_seconds") >= 4);
    assert.equal(now("drilld_tick_length_seconds"), 2);
    assert.ok(now("drilld_tick_lag_seconds_count", { edge: "begin" }) >= 3);
    assert.ok(now("drilld_tick_lag_seconds_count", { edge: "close" }) >= 2);
    const ok = now("drilld_checks_total", { contract: "steps", result: "ok" }), bad = now("drilld_checks_total", { contract: "steps", result: "mumble" });
    assert.ok(ok >= 2 && bad >= 2, `${ok} ok, ${bad} mumble`);
    assert.equal(now("drilld_check_duration_seconds_count", { contract: "steps" }), ok + bad);
    assert.ok(now("drilld_check_start_lag_seconds_count") >= ok + bad);
    assert.equal(now("drilld_systems", { result: "mumble" }), 1);
    assert.equal(now("drilld_systems_held"), 0);
    assert.equal(now("drilld_checker_processes"), 1);
    assert.equal(now("drilld_checker_processes_wanted"), 1);
    assert.ok(now("drilld_checks_waiting") + now("drilld_checks_running") <= 2);
  });

  test("flags by verdict, the journal, and the requests that brought them", async () => {
    drill.system("dept-2-notes").mode = "ok";
    const before = await scrape(drill);
    const { flag } = await drill.flag("dept-2-notes", (await drill.board()).drill.tick);
    const { flag: own } = await drill.flag("dept-1-notes");
    await drill.submit("red-1", [flag, flag, own, "nonsense"]);
    await drill.submit("red-1", "not a list");
    const now = await scrape(drill);
    const more = (name, labels) => now(name, labels) - before(name, labels);
    for (const [verdict, n] of Object.entries({ ok: 1, dup: 1, own: 1, inv: 1, old: 0, err: 0 })) assert.equal(more("drilld_flags_total", { verdict }), n, verdict);
    assert.equal(more("drilld_http_requests_total", { resource: "flags", status: "2xx" }), 1);
    assert.equal(more("drilld_http_requests_total", { resource: "flags", status: "4xx" }), 1);
    assert.equal(more("drilld_http_request_duration_seconds_count", { resource: "flags" }), 2);
    assert.ok(more("drilld_http_request_duration_seconds_sum", { resource: "flags" }) > 0);
    assert.ok(more("drilld_journal_events_appended_total") >= 1);
    assert.ok(now("drilld_journal_committed_seq") <= now("drilld_journal_events_appended_total"));
    assert.ok(more("drilld_journal_committed_seq") >= 1);
    assert.ok(more("drilld_journal_commit_duration_seconds_count") >= 1);
    assert.ok(now("drilld_journal_batch_events_sum") >= now("drilld_journal_batch_events_count"));
    assert.equal(now("drilld_journal_failed"), 0);
    const [size, free] = [now("drilld_data_size_bytes"), now("drilld_data_free_bytes")];
    assert.ok(free > 0 && free <= size);
  });

  test("sign-ins, sessions, and what is refused", async () => {
    const password = await drill.newPassword("judge");
    const before = await scrape(drill);
    const login = (given) => drill.call("POST", "/api/v1/session", { body: { account: "judge", password: given } });
    assert.equal((await login(password)).status, 200);
    for (let i = 0; i < 5; i++) assert.equal((await login("wrong")).status, 401);
    // Hashing may take longer than the brake's first second: the waits grow until one is met.
    let wrong = 5, braked = 0;
    await until(async () => {
      const { status } = await login("wrong");
      wrong += status === 401;
      braked += status === 429;
      return braked > 0;
    }, "the brake");
    const now = await scrape(drill);
    const more = (name, labels) => now(name, labels) - before(name, labels);
    assert.equal(more("drilld_logins_total", { result: "ok" }), 1);
    assert.equal(more("drilld_logins_total", { result: "wrong" }), wrong);
    assert.equal(more("drilld_logins_total", { result: "braked" }), braked);
    assert.equal(more("drilld_sessions"), 1);
    assert.equal(more("drilld_http_requests_total", { resource: "session", status: "4xx" }), wrong + braked);
  });

  test("live clients, their frames, and why they were dropped", async () => {
    const before = await scrape(drill);
    const live = await drill.live(undefined, { account: "judge" });
    await live.delta((d) => d.kind === "tick.closed");
    const during = await scrape(drill);
    assert.equal(during("drilld_live_clients"), 1);
    assert.ok(during("drilld_live_frames_sent_total") - before("drilld_live_frames_sent_total") >= live.frames.length);
    assert.ok(during("drilld_live_frames_published_total") > before("drilld_live_frames_published_total"));
    assert.equal(during("drilld_http_requests_total", { resource: "live", status: "1xx" }) - before("drilld_http_requests_total", { resource: "live", status: "1xx" }), 1);
    await drill.as("admin", "POST", "/api/v1/accounts/judge/password");
    await live.closed;
    const after = await scrape(drill);
    assert.equal(after("drilld_live_clients"), 0);
    assert.equal(after("drilld_live_clients_dropped_total", { reason: "cut" }) - before("drilld_live_clients_dropped_total", { reason: "cut" }), 1);
    assert.equal(after("drilld_live_clients_dropped_total", { reason: "behind" }), 0);
  });

  test("every address is counted by what it is, and those that are none together", async () => {
    const before = await scrape(drill);
    await drill.call("GET", "/");
    await drill.call("GET", "/login");
    await drill.health();
    await drill.call("GET", "/api/v1/nothing-here");
    await drill.call("GET", "/%zz");
    const now = await scrape(drill);
    for (const [resource, status, n] of [["page", "2xx", 2], ["health", "2xx", 1], ["none", "4xx", 2], ["metrics", "2xx", 1]])
      assert.equal(now("drilld_http_requests_total", { resource, status }) - before("drilld_http_requests_total", { resource, status }), n, resource);
    assert.equal(now("drilld_http_request_duration_seconds_count", { resource: "none" }) - before("drilld_http_request_duration_seconds_count", { resource: "none" }), 1, "what cannot be read has no time");
  });

  test("the process: memory, time, descriptors, start", async () => {
    const now = await scrape(drill);
    assert.ok(now("process_resident_memory_bytes") > 1e6 && now("process_resident_memory_bytes") <= now("process_virtual_memory_bytes"));
    assert.ok(now("process_cpu_seconds_total") > 0);
    assert.ok(now("process_open_fds") > 5 && now("process_open_fds") < now("process_max_fds"));
    const age = Date.now() / 1000 - now("process_start_time_seconds");
    assert.ok(age > 0 && age < 3600, `${age} s old`);
  });

  test("a checker that dies is a restart", async () => {
    const before = await scrape(drill);
    const [pid] = childrenOf(drill.pid);
    process.kill(pid, "SIGKILL");
    await until(async () => {
      const now = await scrape(drill);
      return now("drilld_checker_restarts_total") === before("drilld_checker_restarts_total") + 1 && now("drilld_checker_processes") === 1;
    }, "counted, and back");
  });

  test("a server that was held up begins its tick late, and says how much", async () => {
    const before = await scrape(drill);
    const lag = (s) => s("drilld_tick_lag_seconds_sum", { edge: "begin" }) + s("drilld_tick_lag_seconds_sum", { edge: "close" });
    drill.child.kill("SIGSTOP");
    await sleep(5000);
    drill.child.kill("SIGCONT");
    const now = await until(async () => {
      const s = await scrape(drill);
      return lag(s) > lag(before) && s("drilld_tick_overdue_seconds") === 0 && s;
    }, "a late tick, and it has caught up");
    // Held up for 2.5 ticks, it had at least one edge due for more than a tick.
    assert.ok(lag(now) - lag(before) > 2, `${lag(now) - lag(before)} s`);
  });

  test("a pause is no lag", async () => {
    assert.equal((await drill.clock("pause", { reason: "lunch" })).status, 200);
    const paused = await scrape(drill);
    assert.equal(paused("drilld_drill_state", { state: "paused" }), 1);
    await sleep(1500);
    const still = await scrape(drill);
    assert.equal(still("drilld_tick_overdue_seconds"), 0);
    assert.equal(still("drilld_drill_time_seconds"), paused("drilld_drill_time_seconds"));
    await drill.clock("resume");
    const begun = paused("drilld_tick_lag_seconds_count", { edge: "begin" });
    const now = await until(async () => {
      const s = await scrape(drill);
      return s("drilld_tick_lag_seconds_count", { edge: "begin" }) > begun && s;
    }, "the next tick");
    assert.ok(now("drilld_tick_last_lag_seconds", { edge: "begin" }) < 1.5, "less than the pause");
  });
});

describe("trouble of the organizers' own", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, tick: 2000, ticks: 600 });
    await drill.start();
  });
  after(() => drill?.close());

  test("systems on hold are counted", async () => {
    const held = await drill.as("director", "POST", "/api/v1/checks/holds", { body: { system: "dept-2-notes", reason: "cable" } });
    assert.ok(held.status < 300, held.text);
    assert.equal((await scrape(drill))("drilld_systems_held"), 1);
    assert.equal((await drill.as("director", "DELETE", "/api/v1/checks/holds/1", { body: { reason: "found" } })).status < 300, true);
    assert.equal((await scrape(drill))("drilld_systems_held"), 0);
  });

  test("the log tells once that a challenge's checks fail of themselves, and once that they do not", async () => {
    const system = drill.system("dept-1-notes");
    system.mode = "hang";
    system.asked = false;
    await until(() => system.asked, "a check is under way");
    for (const pid of drill.children()) process.kill(pid, "SIGKILL");
    system.mode = "ok";
    const fails = /the check of notes fails of itself, in tick \d+ at \S+ first: checker died/g, well = /no check of notes fails of itself any more/g;
    await until(() => well.test(drill.output), () => drill.output);
    assert.equal(drill.output.match(fails).length, 1, drill.output);
    assert.equal(drill.output.match(well).length, 1, drill.output);
  });
});
