// The contract eno: the real drill-checker, portal and drilld with checkers of that contract, good ones and broken ones.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { scratch, start as startPortal, vulnerable } from "../../challenges/portal/test/portal.mjs";
import { CLOSED_PORT, Checker, builds, flagOf, getOf, putOf } from "./checker_process.mjs";
import { ROOT, drillctl, isAlive, startDrill, until } from "./lib.mjs";

assert.ok(builds.length > 0, "build/drill-checker is missing: run make first");

// ---- who takes part ----

/** A server of http or net on a free loopback port that ends with the test: its port. */
async function listen(t, server) {
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server.address().port;
}

/** A program that ends with the test, once the pattern has come on its stdout: {child, match}. */
async function launch(t, args, pattern) {
  const child = spawn("python3", args, { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exit;
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
  const match = await until(() => pattern.exec(text), () => `${args[0]} is ready: ${text}`);
  return { child, match, exit };
}

/** The portal's eno checker: its url; stop() ends it. */
async function portalChecker(t, portalPort) {
  const { child, match, exit } = await launch(t, [join(ROOT, "tests/e2e/checkers/eno.py"), String(portalPort)], /listening on (\d+)/);
  const stop = () => {
    child.kill("SIGKILL");
    return exit;
  };
  return { url: `http://127.0.0.1:${match[1]}`, stop };
}

/** In front of a portal: mode says what becomes of requests. forgets: drafts that hold a flag are gone when asked for. */
async function gate(t, portalPort) {
  const self = { mode: "open" };
  const withFlag = new Set();
  const server = http.createServer(async (req, res) => {
    if (self.mode === "silent") return;
    if (self.mode === "broken") return void res.writeHead(500).end("out of order");
    if (self.mode === "forgets" && req.method === "GET" && withFlag.has(req.url)) return void res.writeHead(404).end();
    let body = "";
    for await (const chunk of req) body += chunk;
    const onward = http.request({ host: "127.0.0.1", port: portalPort, method: req.method, path: req.url, headers: req.headers, agent: false }, (answer) => {
      if (body.includes("DRILL")) withFlag.add(answer.headers.location);
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    onward.end(body);
  });
  self.port = await listen(t, server);
  return self;
}

const INFO = { serviceName: "scripted", flagVariants: 2, noiseVariants: 1, havocVariants: 1, exploitVariants: 0 };

/** A checker that notes its tasks; reply(task) says what it answers, an object or a string. */
async function scripted(t, reply = () => ({ result: "OK" }), info = INFO) {
  const self = { tasks: [], asked: 0 };
  const server = http.createServer(async (req, res) => {
    const answer = (body) => res.end(typeof body === "object" ? JSON.stringify(body) : body);
    if (req.method === "GET" && req.url === "/service") {
      self.asked++;
      return answer(info);
    }
    let text = "";
    for await (const chunk of req) text += chunk;
    const task = JSON.parse(text);
    self.tasks.push({ ...task, type: req.headers["content-type"], path: `${req.method} ${req.url}` });
    const body = await reply(task, res);
    if (body !== undefined) answer(body);
  });
  self.url = `http://127.0.0.1:${await listen(t, server)}`;
  self.methods = () => self.tasks.map((task) => task.method);
  return self;
}

/** A drill-checker with one eno program; round(fields) is a job's result. It ends cleanly when use returns. */
async function withChecker(dir, program, use) {
  const checker = new Checker(dir);
  await checker.ready;
  checker.program("eno", { contract: "eno", ...program });
  await use((fields) => checker.job("eno", 8080, { verbose: true, timeout_ms: 20000, ...fields }), checker);
  assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
  assert.equal(checker.log, "");
}

const kept = (result, slot = 0) =>
  Object.fromEntries(Object.entries(result.saved).filter(([key]) => key.startsWith(`s${slot}.`)).map(([key, value]) => [key.slice(3), value]));

/** One line of the trace. */
const line = (result, pattern) => result.trace.split("\n").find((text) => pattern.test(text));

for (const dir of builds) {
  // ---- all results, against the real portal ----

  test(`${dir}: the portal: ok, then recovering when older flags are gone`, async (t) => {
    let portal = await startPortal(t, vulnerable, await scratch(t));
    const { url } = await portalChecker(t, portal.port);
    await withChecker(dir, { url }, async (round) => {
      const first = await round({ tick: 7, put: [putOf(7)] });
      assert.equal(first.status, "ok", first.trace);
      assert.equal(first.message, "");
      assert.match(first.saved["s0.public"], /^u[0-9a-f]{12}$/);
      assert.equal(first.saved["s0.placed"], "1");
      for (const name of ["putflag\\[tick 7 slot 0\\] variant 0", "getflag\\[tick 7 slot 0\\] variant 0", "putnoise variant 1", "getnoise variant 1", "havoc variant 1"])
        assert.match(first.trace, new RegExp(`^\\+\\d+ ms ${name}: OK, \\d+ ms$`, "m"));
      const second = await round({ tick: 8, put: [putOf(8)], get: [getOf(7, kept(first))] });
      assert.equal(second.status, "ok", second.trace);
      assert.match(second.trace, /getflag\[tick 7 slot 0\] variant 0: OK/);
      await portal.stop();
      portal = await startPortal(t, vulnerable, await scratch(t), { port: portal.port });
      const third = await round({ tick: 9, put: [putOf(9)], get: [getOf(8, kept(second)), getOf(7, kept(first))] });
      assert.equal(third.status, "recovering", third.trace);
      assert.match(third.message, /^flag of tick [78]: \/login answered 403, not 303$/);
    });
  });

  test(`${dir}: the portal: corrupt, mumble, down, down by silence, fault`, async (t) => {
    const portal = await startPortal(t, vulnerable, await scratch(t));
    const front = await gate(t, portal.port);
    const { url, stop } = await portalChecker(t, front.port);
    await withChecker(dir, { url, action_timeout_ms: 10000 }, async (round, checker) => {
      const cases = [
        ["open", "ok", /^$/],
        ["forgets", "corrupt", /^\/staff\/drafts\/\d+ answered 404, not 200$/],
        ["broken", "mumble", /^\/\S+ answered 500, not \d+$/],
      ];
      for (const [tick, [mode, status, message]] of cases.entries()) {
        front.mode = mode;
        const result = await round({ tick, put: [putOf(tick)] });
        assert.equal(result.status, status, result.trace);
        assert.match(result.message, message);
      }
      front.mode = "silent";
      checker.program("hasty", { contract: "eno", url, action_timeout_ms: 3000 });
      const silent = await checker.job("hasty", 8080, { tick: 7, put: [putOf(7)], verbose: true });
      assert.equal(silent.status, "down", silent.trace);
      assert.match(silent.message, /^(timed out after \d+ ms|no answer to \/\S+)$/);
      await stop();
      const gone = await round({ tick: 8, put: [putOf(8)] });
      assert.equal(gone.status, "fault", gone.trace);
      assert.equal(gone.message, "service: the checker's service has failed: connection refused");
    });
  });

  test(`${dir}: the portal does not listen: down`, async (t) => {
    const portal = await startPortal(t, vulnerable, await scratch(t));
    const { url } = await portalChecker(t, portal.port);
    await portal.stop();
    await withChecker(dir, { url }, async (round) => {
      const result = await round({ put: [putOf(7)] });
      assert.equal(result.status, "down", result.trace);
      assert.match(result.message, /^no answer to \/\S+$/);
      assert.deepEqual(result.saved, {});
    });
  });

  // ---- what is said ----

  test(`${dir}: a task has every member; put and get share a chain, also across ticks and processes`, async (t) => {
    const checker = await scripted(t, (task) => (task.method === "putflag" ? { result: "OK", attackInfo: `info ${task.variantId}` } : { result: "OK" }));
    let saved;
    await withChecker(dir, { url: checker.url, action_timeout_ms: 4000 }, async (round) => {
      const result = await round({ put: [putOf(7), putOf(7, 1), putOf(7, 2)] });
      assert.equal(result.status, "ok", result.trace);
      assert.deepEqual(result.saved, {
        "s0.placed": "1", "s0.public": "info 0", "s1.placed": "1", "s1.public": "info 1", "s2.placed": "1", "s2.public": "info 0",
      });
      saved = kept(result, 2);
    });
    const first = checker.tasks.splice(0);
    assert.equal(first.length, 3 + 1 + 1 + 3 + 1);
    const put = first.find((task) => task.method === "putflag" && task.flag === flagOf(7, 2));
    const { taskId, taskChainId, ...rest } = put;
    assert.deepEqual(rest, {
      method: "putflag", address: "127.0.0.1", teamId: 1, teamName: "图书馆", currentRoundId: 8, relatedRoundId: 8, flag: flagOf(7, 2),
      variantId: 0, timeout: 4000, roundLength: 60000, type: "application/json", path: "POST /",
    });
    assert.ok(Number.isSafeInteger(taskId));
    assert.match(taskChainId, /^flag_s\d+_r8_t1_i2$/);
    assert.equal(new Set(first.map((task) => task.taskId)).size, first.length, "each has a number of its own");
    for (const task of first) assert.equal(task.flag === null, !/flag/.test(task.method));
    const chain = (method, index) => first.find((task) => task.method === method && task.taskChainId.endsWith(`_i${index}`)).taskChainId;
    assert.equal(chain("putnoise", 0), chain("getnoise", 0));
    assert.match(chain("putnoise", 0), /^noise_s\d+_r8_t1_i0$/);
    assert.match(chain("havoc", 0), /^havoc_s\d+_r8_t1_i0$/);

    await withChecker(dir, { url: `${checker.url}/` }, async (round) => {
      const result = await round({ tick: 10, put: [putOf(10)], get: [getOf(7, saved, 2)] });
      assert.equal(result.status, "ok", result.trace);
    });
    const older = checker.tasks.find((task) => task.relatedRoundId === 8);
    assert.equal(older.method, "getflag");
    assert.equal(older.flag, flagOf(7, 2));
    assert.equal(older.taskChainId, taskChainId);
    assert.equal(older.currentRoundId, 11);
    assert.equal(older.timeout, 5000, "a quarter of the round");
    assert.equal(checker.asked, 2, "each round asks for the variants");
  });

  test(`${dir}: groups follow each other, a few tasks at once; what was not put is not asked for`, async (t) => {
    let under = 0, most = 0;
    const groups = { putflag: 0, putnoise: 0, havoc: 0, getflag: 1, getnoise: 1 };
    let latest = 0;
    const checker = await scripted(t, async (task) => {
      const group = task.relatedRoundId < task.currentRoundId ? 2 : groups[task.method];
      assert.ok(group >= latest, "a group is over before the next begins");
      latest = group;
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 200)); // for four to meet
      under--;
      return task.method === "putnoise" && task.variantId === 3 ? { result: "INTERNAL_ERROR", message: "a mistake" } : { result: "OK" };
    }, { ...INFO, noiseVariants: 6, havocVariants: 5 });
    await withChecker(dir, { url: checker.url }, async (round) => {
      const result = await round({ put: [putOf(7), putOf(7, 1)], get: [getOf(6), getOf(5)] });
      assert.equal(result.status, "ok", "a fault yields to what the others say");
      assert.match(result.trace, /putnoise variant 3: INTERNAL_ERROR, \d+ ms: a mistake/);
    });
    assert.equal(most, 4);
    assert.equal(checker.tasks.filter((task) => task.method === "getnoise").length, 5);
    assert.deepEqual(checker.tasks.slice(-2).map((task) => task.relatedRoundId).sort(), [6, 7]);
  });

  test(`${dir}: no flag is told, whatever a message says; a message is plain and bounded`, async (t) => {
    const checker = await scripted(t, (task) =>
      task.method === "putflag"
        ? { result: "OK", attackInfo: `here: ${task.flag}` }
        : { result: task.method === "havoc" ? "mumble" : "OK", message: `${flagOf(7)} and ${flagOf(6)}\n\u0000\u001b[31m\ud800${"长".repeat(2000)}` });
    await withChecker(dir, { url: checker.url }, async (round) => {
      const result = await round({ put: [putOf(7)], get: [getOf(6)] });
      assert.equal(result.status, "mumble", result.trace);
      assert.match(result.message, /^\[flag\] and \[flag\] \ufffd \[31m\ufffd长{200,}$/);
      assert.ok(Buffer.byteLength(result.message) <= 1024);
      assert.equal(result.saved["s0.public"], "here: [flag]");
      assert.doesNotMatch(JSON.stringify(result), /DRILL\{/);
    });
  });

  test(`${dir}: attack information too long to keep is left out, flags stay placed`, async (t) => {
    const checker = await scripted(t, (task) => ({ result: "OK", attackInfo: (task.flag === flagOf(7, 0) ? "x" : "y").repeat(task.flag === flagOf(7, 7) ? 1025 : 1000) }));
    await withChecker(dir, { url: checker.url }, async (round) => {
      const result = await round({ put: Array.from({ length: 8 }, (_, slot) => putOf(7, slot)) });
      assert.equal(result.status, "ok", result.trace);
      for (let slot = 0; slot < 8; slot++) assert.equal(result.saved[`s${slot}.placed`], "1");
      assert.equal(result.saved["s0.public"], "x".repeat(1000));
      assert.ok(!("s7.public" in result.saved));
      assert.match(result.trace, /attack information of slot 7 is left out: longer than 1024 bytes/);
      assert.match(result.trace, /attack information of slot [3-6] is left out: no room for it/);
    });
  });

  // ---- checkers that are broken or hostile ----

  test(`${dir}: whatever is wrong with the service is a fault, and says what`, async (t) => {
    const portOf = (server) => listen(t, server);
    const raw = (text) => portOf(net.createServer((socket) => socket.on("data", () => socket.end(text))));
    const says = (body, status = 200, headers = {}) => portOf(http.createServer((_, res) => res.writeHead(status, headers).end(body)));
    const endless = http.createServer((_, res) => {
      const more = () => {
        while (!res.destroyed && res.write(" ".repeat(65536)));
        if (!res.destroyed) res.once("drain", more);
      };
      more();
    });
    const elsewhere = await scripted(t);
    const cases = [
      [CLOSED_PORT, /connection refused/],
      [await portOf(net.createServer(() => {})), /timed out after \d+ ms/],
      [await portOf(net.createServer((socket) => socket.destroy())), /closed without an answer|connection reset/],
      [await raw("garbage\r\n\r\n"), /not HTTP/],
      [await raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), /ends early|breaks off/],
      [await says("{}", 500), /it answered with status 500/],
      [await says("", 302, { location: `${elsewhere.url}/service` }), /it answered with status 302/],
      [await says(""), /not JSON/],
      [await says("<html>busy</html>"), /not JSON/],
      [await says(" ".repeat(10 * 1024 * 1024)), /longer than 64 KiB/],
      [await portOf(endless), /longer than 64 KiB/],
      [await says("[]"), /no JSON object/],
      [await says("[".repeat(5000)), /not JSON/],
      [await says(JSON.stringify({ ...INFO, havocVariants: 65 })), /havocVariants/],
      [await says(JSON.stringify({ ...INFO, serviceName: undefined })), /serviceName/],
    ];
    const checker = new Checker(dir);
    await checker.ready;
    for (const [i, [port, reason]] of cases.entries()) {
      checker.program(`c${i}`, { contract: "eno", url: `http://127.0.0.1:${port}`, action_timeout_ms: /timed out/.test(reason) ? 1500 : 20000 });
      const result = await checker.job(`c${i}`, 8080, { put: [putOf(7)] });
      assert.equal(result.status, "fault", `${reason}: ${result.trace}`);
      assert.match(result.message, reason);
      assert.match(result.message, /^service: the checker's service has failed: /);
      assert.deepEqual(result.saved, {});
    }
    for (const [i, url] of ["https://127.0.0.1:1", "http://", "ftp://127.0.0.1/"].entries()) {
      checker.program(`url${i}`, { contract: "eno", url });
      const result = await checker.job(`url${i}`, 8080, { put: [putOf(7)] });
      assert.equal(result.status, "fault");
      assert.match(result.message, /is no address; such as http:\/\/127\.0\.0\.1:3031 is expected/);
    }
    assert.equal(elsewhere.asked, 0, "no redirect is followed");
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
  });

  test(`${dir}: the same in a task is a fault of that task alone; silence there is the system's`, async (t) => {
    const bad = {
      status: (res) => void res.writeHead(503).end(),
      garbage: () => "OK",
      unknown: () => ({ result: "FINE" }),
      huge: () => "x".repeat(10 * 1024 * 1024),
      closes: (res) => void res.destroy(),
    };
    for (const [name, reply] of Object.entries(bad)) {
      const all = await scripted(t, (_, res) => reply(res));
      const some = await scripted(t, (task, res) => (task.method === "havoc" ? reply(res) : { result: "OK" }));
      await withChecker(dir, { url: all.url }, async (round) => {
        const result = await round({ put: [putOf(7)], get: [getOf(6)] });
        assert.equal(result.status, "fault", `${name}: ${result.trace}`);
        assert.match(result.message, /^(putflag|putnoise|havoc|getflag): the checker's service has failed: ./);
        assert.deepEqual(result.saved, {});
      });
      await withChecker(dir, { url: some.url }, async (round) => {
        const result = await round({ put: [putOf(7)] });
        assert.equal(result.status, "ok", `${name}: ${result.trace}`);
        assert.match(line(result, /havoc variant/), /variant 0: fault, \d+ ms: ./);
      });
    }
    const silent = await scripted(t, (task) => (task.method === "putnoise" ? undefined : { result: "OK" }));
    await withChecker(dir, { url: silent.url, action_timeout_ms: 2000 }, async (round) => {
      const result = await round({ put: [putOf(7)], get: [getOf(6)] });
      assert.equal(result.status, "down", result.trace);
      assert.match(result.message, /^timed out after [2-9]\d{3,} ms$/);
      assert.equal(result.saved["s0.placed"], "1", "the others went on");
    });
    assert.ok(!silent.methods().includes("getflag"), "nothing can be worse, so nothing more is asked");
    const late = await scripted(t, (task) => (task.relatedRoundId < task.currentRoundId ? undefined : { result: "OK" }));
    await withChecker(dir, { url: late.url, action_timeout_ms: 2000 }, async (round) => {
      const result = await round({ put: [putOf(7)], get: [getOf(6)] });
      assert.equal(result.status, "recovering", result.trace);
      assert.match(result.message, /^flag of tick 6: timed out after [2-9]\d{3,} ms$/);
    });
  });

  test(`${dir}: no place for flags is a fault; nothing to do, too; a round ends in its time`, async (t) => {
    const none = await scripted(t, undefined, { ...INFO, flagVariants: 0, noiseVariants: 0, havocVariants: 0 });
    await withChecker(dir, { url: none.url }, async (round) => {
      const result = await round({ put: [putOf(7)], get: [getOf(6)] });
      assert.equal(result.status, "fault");
      assert.match(result.message, /flagVariants is 0/);
      assert.equal((await round({})).message, "the checker has nothing to do");
    });
    const slow = await scripted(t, async (task) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { result: task.method === "havoc" ? "MUMBLE" : "OK" };
    }, { ...INFO, noiseVariants: 64, havocVariants: 0 });
    await withChecker(dir, { url: slow.url }, async (round) => {
      const result = await round({ put: [putOf(7)], timeout_ms: 2000 });
      assert.equal(result.status, "down", result.trace);
      assert.ok(result.ms <= 5000, `${result.ms} ms`); // all of them would take 6400
      assert.match(result.trace, /too little of the round's time is left for \d+ tasks/);
    });
  });

  test(`${dir}: a round under way ends with the process, without a word`, async (t) => {
    const silent = await scripted(t, () => undefined);
    const checker = new Checker(dir);
    await checker.ready;
    checker.program("eno", { contract: "eno", url: silent.url });
    checker.job("eno", 8080, { put: [putOf(7)] }).catch(() => {});
    await until(() => silent.tasks.length === 3, "its tasks have come");
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
  });
}

// ---- through the whole server ----

/** The checker that docs/checkers.md shows, as a file. */
function documented(t) {
  const [, block] = /<!-- tests\/e2e\/contract_eno\.test\.mjs runs this block -->\n```python\n([\s\S]*?)```/.exec(
    readFileSync(join(ROOT, "docs/checkers.md"), "utf8"));
  const dir = mkdtempSync(join(tmpdir(), "drill-eno-"));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "notes.py"), block);
  return join(dir, "notes.py");
}

/** Below those that the kernel gives out: it stays free. */
async function freePort() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    const server = net.createServer().listen(port, "127.0.0.1");
    const free = await Promise.race([once(server, "listening").then(() => true), once(server, "error").then(() => false)]);
    if (!free) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

const accepts = (port) => new Promise((resolve) => {
  const socket = net.connect(port, "127.0.0.1", () => {
    socket.destroy();
    resolve(true);
  }).on("error", () => resolve(false));
});

/** Starts the documented checker for the systems at that port: its own port. */
async function startDocumented(t, systemsPort) {
  const port = await freePort();
  const child = spawn("python3", [documented(t), String(systemsPort), String(port)], { stdio: ["ignore", "ignore", "ignore"] });
  const exit = once(child, "exit");
  t.after(async () => {
    if (isAlive(child.pid)) child.kill("SIGKILL");
    await exit;
  });
  await until(() => accepts(port), "the documented checker listens");
  return port;
}

const CHALLENGE = (port) => `id: notes
title: {zh: 便签, en: Notes}
contract: eno
port: 8080
timeout_ms: 4500
checker: {url: "http://127.0.0.1:${port}", action_timeout_ms: 4000}
`;

test("the documented checker in a real drill: flags are put, found again in the next tick, and can be submitted", async (t) => {
  const drill = await startDrill({
    id: "eno", departments: 1, tick: 5000, ticks: 30, timeoutMs: 4500,
    challenge: async ([system]) => CHALLENGE(await startDocumented(t, system.port)),
  });
  t.after(() => drill.close());
  await drill.start();
  const [first] = await until(() => drill.flags().length > 0 && drill.flags(), "a flag is put");
  await drill.untilTick(3);
  const [verdict] = (await drill.submit("red-1", [first.flag])).json;
  assert.equal(verdict.verdict, "ok");
  assert.equal(await drill.stop(), 0);
  const checks = await drill.events("--kind", "check.done", "--secrets");
  assert.ok(checks.length >= 2, JSON.stringify(checks));
  for (const check of checks) assert.equal(check.body.status, "ok", JSON.stringify(check));
  assert.match(JSON.stringify(checks[1]), /getflag\[tick 0 slot 0\] variant 0: OK/);
  assert.match(JSON.stringify(checks[1]), /"public":"[0-9a-f]{16}"|s0\.public/);
});

test("probe prints the tasks of three rounds with the portal's checker", async (t) => {
  const portal = await startPortal(t, vulnerable, await scratch(t));
  const { url } = await portalChecker(t, portal.port);
  const dir = mkdtempSync(join(tmpdir(), "drill-eno-"));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, "challenges/site"), { recursive: true });
  writeFileSync(join(dir, "challenges/site/challenge.yaml"), `id: site
title: {zh: 网站, en: Site}
contract: eno
port: 8080
checker: {url: "${url}"}
`);
  writeFileSync(join(dir, "scenario.yaml"), `drill: {id: rehearsal, name: 演练, duration: 1h, tick: 60s}
departments: [{id: dep-0, name: 学院}]
systems: [{id: site-0, name: 网站, department: dep-0, challenge: site, address: "127.0.0.1:${portal.port}"}]
`);
  const probe = await drillctl("probe", join(dir, "scenario.yaml"), "site-0", "--times", "3", "--challenges", join(dir, "challenges"));
  assert.equal(probe.code, 0, probe.output);
  assert.match(probe.stdout, /contract eno\n/);
  for (const round of [1, 2, 3]) assert.match(probe.stdout, new RegExp(`^round ${round}: ok, \\d+ ms$`, "m"));
  const third = probe.stdout.slice(probe.stdout.indexOf("round 3"));
  for (const task of ["putflag[tick 2 slot 0]", "putnoise variant 0", "havoc variant 1", "getflag[tick 2 slot 0]", "getnoise variant 1", "getflag[tick 1 slot 0]", "getflag[tick 0 slot 0]"])
    assert.ok(third.includes(task), `${task}\n${third}`);
  assert.doesNotMatch(probe.stdout, /DRILL\{/, "no flag is printed");
});
