// The server as a program: the page it serves, TLS, what it refuses to start with, checkers that die, systems that
// hang, and the journal that shows every change of a byte.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import tls from "node:tls";
import { BUILD, PATIENCE_MS, childrenOf, drillctl, drilld, isAlive, startDrill, until } from "./lib.mjs";

const withDrill = (options, body) => async (t) => {
  const drill = await startDrill({ departments: 1, ...options });
  try {
    await body(drill, t);
  } finally {
    await drill.close();
  }
};

describe("the page", () => {
  test("is served with a policy that lets nothing foreign in, and again only when it has changed", withDrill({ tokens: false }, async (drill) => {
    const page = await drill.call("GET", "/");
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
    const policy = page.headers["content-security-policy"];
    assert.match(policy, /default-src '(self|none)'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe-inline|\*/);
    assert.equal(page.headers["cache-control"], "no-cache");
    for (const [given, status] of [[page.headers.etag, 304], ['"other"', 200]]) {
      const again = await drill.call("GET", "/", { headers: { "if-none-match": given } });
      assert.equal(again.status, status);
      assert.equal(again.text === "", status === 304);
      assert.equal(again.headers.etag, page.headers.etag);
    }
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.text)[1];
    const code = await drill.call("GET", script);
    assert.equal(code.status, 200);
    assert.match(code.headers["content-type"], /javascript/);
    assert.match(code.headers["cache-control"], /immutable/);
    assert.equal((await drill.call("HEAD", script)).headers["content-length"], String(Buffer.byteLength(code.text)));
    assert.equal((await drill.call("GET", "/login")).text, page.text, "the page's own addresses");
    assert.equal((await drill.call("GET", "/assets/none.js")).status, 404);
    assert.equal((await drill.call("POST", "/", { body: "" })).status, 404);
  }));
});

describe("TLS", () => {
  test("https and wss work, the cookie is then Secure; HTTP/2 by ALPN; TLS 1.1 is refused; plain HTTP gets no hang", withDrill({ tls: true, tick: 1000 }, async (drill) => {
    assert.match(drill.url, /^https:/);
    const login = await drill.call("POST", "/api/v1/session", { body: { account: "admin", password: drill.adminPassword } });
    assert.match(login.headers["set-cookie"][0], /; Secure/);
    assert.match(login.headers["strict-transport-security"], /max-age=\d+/);
    await drill.start();
    const live = await drill.live(undefined, { account: "admin" });
    await live.delta((d) => d.kind === "tick.closed");
    live.close();

    const session = http2.connect(drill.url, { rejectUnauthorized: false });
    const answers = await Promise.all(Array.from({ length: 20 }, () => new Promise((resolve, reject) => {
      const stream = session.request({ ":path": "/api/v1/board", authorization: `Bearer ${drill.tokens.judge}` });
      let status, text = "";
      stream.on("response", (headers) => (status = headers[":status"]));
      stream.setEncoding("utf8").on("data", (chunk) => (text += chunk)).on("end", () => resolve({ status, board: JSON.parse(text) })).on("error", reject);
    })));
    assert.equal(session.alpnProtocol, "h2");
    assert.ok(answers.every((a) => a.status === 200 && a.board.drill.id === "e2e"));
    session.close();

    const { port } = new URL(drill.url);
    const shake = (options) => new Promise((resolve) => {
      const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      }).on("error", (e) => resolve(e.code ?? e.message));
    });
    assert.equal(await shake({}), "TLSv1.3");
    assert.equal(await shake({ maxVersion: "TLSv1.2" }), "TLSv1.2");
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    const lenient = tls.createServer({ cert: readFileSync(drill.tls.cert), key: readFileSync(drill.tls.key), ...old }).listen(0, "127.0.0.1");
    await once(lenient, "listening");
    assert.equal(await shake({ ...old, port: lenient.address().port }), "TLSv1.1", "this client could");
    lenient.close();
    assert.equal(await shake(old), "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");

    const began = Date.now();
    await new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
      socket.on("close", resolve).on("error", () => {}).resume().setTimeout(PATIENCE_MS, () => socket.destroy());
    });
    assert.ok(Date.now() - began < PATIENCE_MS / 2, "plain HTTP to the TLS port is ended at once");
    assert.equal((await drill.health()).status, "ok");
  }));

  test("a certificate that does not fit or is not there is a clear refusal", withDrill({ tls: true, tokens: false }, async (drill) => {
    const args = (cert, key) => ["--data", join(drill.dir, "other"), "--scenario", drill.scenario, "--challenges", drill.challenges, "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key];
    writeFileSync(join(drill.dir, "empty.pem"), "");
    for (const [cert, key] of [[drill.tls.cert, "/nonexistent"], ["/nonexistent", drill.tls.key], [drill.tls.cert, join(drill.dir, "empty.pem")]]) {
      const { code, output } = await drilld(...args(cert, key));
      assert.equal(code, 1, output);
      assert.match(output, /nonexistent|empty\.pem/);
    }
    const { code, output } = await drilld("--data", join(drill.dir, "other"), "--tls-cert", drill.tls.cert);
    assert.equal(code, 1);
    assert.match(output, /--tls-cert and --tls-key go together/);
  }));
});

describe("what it does not start with", () => {
  test("beyond loopback without TLS it refuses, unless --insecure says so, which it warns of", withDrill({ tokens: false, extraArgs: ["--listen", "0.0.0.0:0", "--insecure"] }, async (drill) => {
    assert.match(drill.output, /insecure: listening on 0\.0\.0\.0 without TLS/);
    for (const address of ["0.0.0.0:0", "[::]:0"]) {
      const { code, output } = await drilld("--data", join(drill.dir, "other"), "--scenario", drill.scenario, "--challenges", drill.challenges, "--listen", address);
      assert.equal(code, 1, output);
      assert.match(output, /not loopback.*--tls-cert.*--insecure/);
    }
  }));

  test("a scenario with mistakes: each with file, line and column; nothing is left behind", withDrill({ tokens: false }, async (drill) => {
    const bad = join(drill.dir, "bad.yaml"), data = join(drill.dir, "other");
    writeFileSync(bad, readFileSync(drill.scenario, "utf8").replace("department: dept-1,", "department: dept-9,").replace("role: judge", "role: king"));
    const { code, output } = await drilld("--data", data, "--scenario", bad, "--challenges", drill.challenges, "--listen", "127.0.0.1:0");
    assert.equal(code, 1);
    const mistakes = output.split("\n").filter((line) => /^\S+bad\.yaml:\d+:\d+: ./.test(line));
    assert.equal(mistakes.length, 2, output);
    assert.match(mistakes[0], /dept-9/);
    assert.match(mistakes[1], /king/);
    assert.throws(() => statSync(join(data, "journal.db")));
    const same = await drillctl("check", bad, "--challenges", drill.challenges);
    assert.equal(same.code, 1);
    for (const mistake of mistakes) assert.ok(same.output.includes(mistake), same.output);
  }));

  test("a taken port does not cost the admin's password: it is told by the first start that listens", withDrill({ tokens: false }, async (drill) => {
    const data = join(drill.dir, "other"), args = ["--data", data, "--scenario", drill.scenario, "--challenges", drill.challenges];
    const first = await drilld(...args, "--listen", new URL(drill.url).host);
    assert.equal(first.code, 1);
    assert.match(first.output, /address already in use/);
    assert.doesNotMatch(first.output, /admin password/);
    const second = spawn(join(BUILD, "drilld"), [...args, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    second.stdout.on("data", (d) => (output += d));
    await until(() => output.includes("listening on"), "the second start listens");
    assert.match(output, /^admin password: \S{16}$/m);
    second.kill();
    assert.equal((await once(second, "exit"))[0], 0);
  }));

  test("a data directory that another server runs on, or that holds another drill, or none and no scenario", withDrill({ tokens: false }, async (drill) => {
    const start = (...more) => drilld("--data", drill.data, "--challenges", drill.challenges, "--listen", "127.0.0.1:0", ...more);
    const second = await start();
    assert.equal(second.code, 1, second.output);
    assert.match(second.output, /lock|another|runs|in use/i);
    assert.equal((await drill.health()).status, "ok", "the first one is unharmed");
    assert.equal(await drill.stop(), 0);
    const other = join(drill.dir, "other.yaml");
    writeFileSync(other, readFileSync(drill.scenario, "utf8").replace("flag_ticks: 5", "flag_ticks: 6"));
    const changed = await start("--scenario", other);
    assert.equal(changed.code, 1);
    assert.match(changed.output, /another scenario/);
    const none = await drilld("--data", join(drill.dir, "none"), "--listen", "127.0.0.1:0");
    assert.equal(none.code, 1);
    assert.match(none.output, /--scenario FILE/);
  }));

  test("a later start needs no scenario, and the keys are readable by the owner alone", withDrill({ tokens: false }, async (drill) => {
    for (const key of ["sign.key", "flag.key"]) assert.equal(statSync(join(drill.data, "keys", key)).mode & 0o777, 0o600);
    assert.equal(await drill.stop(), 0);
    const args = drill.args.bind(drill);
    drill.args = () => args().filter((arg, i, all) => arg !== "--scenario" && all[i - 1] !== "--scenario");
    await drill.restart();
    assert.doesNotMatch(drill.output, /admin password/, "told once");
    assert.equal((await drill.signIn("admin", drill.adminPassword)).role, "admin");
    await drill.stop();
    chmodSync(join(drill.data, "keys/flag.key"), 0o644);
    await assert.rejects(drill.restart(), /flag\.key/);
  }));

  test("how many checkers run may be said anew at each start, in the kept scenario or on the command line", withDrill({ tokens: false }, async (drill) => {
    const kept = join(drill.data, "scenario.yaml");
    const args = drill.args.bind(drill);
    drill.args = () => args().filter((arg, i, all) => arg !== "--scenario" && all[i - 1] !== "--scenario");
    const count = (n) => until(() => childrenOf(drill.pid).length === n, () => `${n} checkers: ${childrenOf(drill.pid)}`);
    const inFlight = () => childrenOf(drill.pid).map((pid) => / --in-flight (\d+)/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "))?.[1]);
    await count(1);
    assert.deepEqual(inFlight(), ["100"], "more than the systems there are");
    assert.equal(await drill.stop(), 0);
    writeFileSync(kept, readFileSync(kept, "utf8") + "checkers: {processes: 3, in_flight: 7, limits: {steps: 5}}\n");
    await drill.restart();
    await count(3);
    assert.deepEqual(inFlight(), ["7", "7", "7"]);
    assert.equal(await drill.stop(), 0);
    drill.options.extraArgs = ["--checkers", "2", "--in-flight", "9"];
    await drill.restart();
    await count(2);
    assert.deepEqual(inFlight(), ["9", "9"]);
    assert.equal(await drill.stop(), 0);
    writeFileSync(kept, readFileSync(kept, "utf8").replace("processes: 3", "processes: 30"));
    await assert.rejects(drill.restart(), /scenario\.yaml:\d+:23: processes is 30; it is 1 to 16/);
  }));

  test("--reset-admin gives a new password and the old one no longer signs in", withDrill({ tokens: false }, async (drill) => {
    const old = drill.adminPassword;
    await drill.stop();
    drill.options.extraArgs = ["--reset-admin"];
    await drill.restart();
    const password = /^admin password: (\S+)$/m.exec(drill.output)[1];
    assert.notEqual(password, old);
    assert.equal((await drill.signIn("admin", password)).role, "admin");
    await assert.rejects(drill.signIn("admin", old), /wrong/);
  }));
});

describe("checks", () => {
  test("a checker that is killed is replaced; its checks are faults, no team's failure; the drill goes on", withDrill({ departments: 2, tick: 6000, timeoutMs: 5500 }, async (drill) => {
    drill.systems.forEach((s) => (s.mode = "hang"));
    await drill.start();
    const [checker] = await until(() => childrenOf(drill.pid).length === 1 && childrenOf(drill.pid), "a checker");
    const live = await drill.live(undefined, { account: "admin" });
    await until(() => drill.systems.some((s) => s.asked), "a check under way");
    process.kill(checker, "SIGKILL");
    const fault = await live.delta((d) => d.kind === "check.done" && d.status === "fault");
    assert.match(fault.message, /checker/);
    assert.ok(drill.systems.find((s) => s.id === fault.system).asked);
    const [next] = await until(() => childrenOf(drill.pid).filter((pid) => pid !== checker).length === 1 && childrenOf(drill.pid), "a new checker");
    assert.notEqual(next, checker);
    drill.systems.forEach((s) => (s.mode = "ok"));
    const board = await drill.untilBoard((b) => b.systems.every((s) => s.status === "ok"), "all well again");
    const results = (await drill.events("--kind", "check.done")).filter((e) => e.seq <= board.seq && e.body.system === fault.system).map((e) => e.body.status);
    assert.ok(results.includes("fault"));
    assert.equal(board.systems.find((s) => s.id === fault.system).checked_ticks, results.filter((s) => s !== "fault" && s !== "none").length, "a fault counts as not checked");
    live.close();
    await drill.stop();
    assert.equal(isAlive(next), false, "no checker is left behind");
  }));

  test("a system that hangs is down, with the time it was given; one that answers wrongly is mumble; lost data is corrupt", withDrill({ departments: 4, tick: 5000, timeoutMs: 3000 }, async (drill) => {
    const expected = { "dept-1-notes": ["hang", "down", /time|tick/i], "dept-2-notes": ["broken", "mumble", /keep.*500|500/], "dept-3-notes": ["forgets", "corrupt", /read back.*404|404/], "dept-4-notes": ["ok", "ok", /^/] };
    for (const [id, [mode]] of Object.entries(expected)) drill.system(id).mode = mode;
    await drill.start();
    const board = await drill.untilBoard((b) => b.systems.every((s) => s.tick >= 0), "every system checked");
    for (const { id, status, message } of board.systems) {
      assert.equal(status, expected[id][1], `${id}: ${message}`);
      assert.match(message, expected[id][2]);
    }
  }));

  test("nothing listening is down", withDrill({}, async (drill) => {
    drill.systems[0].close();
    await drill.start();
    const board = await drill.untilBoard((b) => b.systems[0].tick >= 0, "the check");
    assert.equal(board.systems[0].status, "down");
    assert.match(board.systems[0].message, /connect/i);
  }));

  test("no system's answer reaches the checker's secrets: it runs as nobody when the server is root", { skip: process.getuid() !== 0 && "needs root" }, withDrill({ tokens: false }, async (drill) => {
    const uids = () => childrenOf(drill.pid).map((pid) => /^Uid:\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")).slice(1));
    await until(() => uids().length === 1 && uids()[0].every((uid) => uid !== "0"), () => `the checker gives up root: ${uids()}`);
  }));
});

test("the log says once what external programs of checks run in; a wrong sandbox is refused", withDrill({ tokens: false, extraArgs: ["--sandbox", "rlimits", "--checkers", "2"] }, async (drill) => {
  await until(() => /external programs run in limits alone/.test(drill.output), () => `the sandbox is told: ${drill.output}`);
  await drill.stop();
  assert.equal(drill.output.match(/external programs run in/g).length, 1);
  const wrong = await drilld("--data", "/nowhere", "--sandbox", "none");
  assert.equal(wrong.code, 1);
  assert.match(wrong.output, /--sandbox none: auto, bubblewrap or rlimits is expected/);
}));

describe("verify", () => {
  test("holds beside a running server and after it; any flipped byte is named by its event", withDrill({}, async (drill) => {
    await drill.start();
    const { flag } = await drill.flag("dept-1-notes");
    await drill.submit("red-1", [flag]);
    await drill.untilTick(2);
    const beside = await drillctl("verify", drill.data);
    assert.equal(beside.code, 0, beside.output);
    assert.equal(await drill.stop(), 0);
    const { head } = JSON.parse((await drillctl("verify", drill.data, "--json")).stdout);
    assert.match(head, /^[0-9a-f]{64}$/);
    const [{ seq }] = await drill.events("--kind", "flag.captured");
    const file = readFileSync(join(drill.data, "journal.db"));
    const at = file.indexOf('{"slot":0,"system":"dept-1-notes","team":"red-1"');
    assert.ok(at > 0, "the capture's row is in the file");
    const flipped = join(drill.dir, "flipped");
    cpSync(drill.data, flipped, { recursive: true });
    const changed = Buffer.from(file);
    changed[at + '{"slot":'.length] ^= 1; // slot 1 for 0
    writeFileSync(join(flipped, "journal.db"), changed);
    const { code, output } = await drillctl("verify", flipped);
    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`seq ${seq}\\b`));
    const json = await drillctl("verify", flipped, "--json");
    assert.equal(JSON.parse(json.stdout).bad_seq, seq);
  }));

  test("a directory that is no drill's is told from a damaged one", withDrill({ tokens: false }, async (drill) => {
    mkdirSync(join(drill.dir, "empty"));
    assert.equal((await drillctl("verify", join(drill.dir, "empty"))).code, 2);
    assert.equal((await drillctl("verify", "/nonexistent")).code, 2);
  }));
});

test("unknown options and arguments are refused with the way to help", async () => {
  for (const args of [["--nonsense"], ["--data", "/tmp", "extra"], ["--data", "/tmp", "--listen", "localhost:80"], ["--data", "/tmp", "--checkers", "0"], []]) {
    const { code, output } = await drilld(...args);
    assert.ok(code === 1 || code === 2, `${args}: ${code}`);
    assert.match(output, /--/);
  }
  assert.equal((await drilld("--help")).code, 0);
});
