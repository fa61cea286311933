// What a challenge must prove, with the real checker, exploit and fix: each status a round can end with, and that
// the flag can be stolen from the one program and not from the other.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import test from "node:test";
import { Checker, newFlag } from "./checker.mjs";
import { fixed, root, scratch, start, vulnerable } from "./portal.mjs";

async function site(t, program) {
  const dir = await scratch(t);
  return { dir, ...(await start(t, program, dir)) };
}

async function exploit(port) {
  const child = spawn(process.execPath, [join(root, "challenges/portal/exploit/exploit.mjs"), "127.0.0.1", String(port)]);
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  const [code] = await once(child, "close");
  return { code, flags: out.split("\n").filter(Boolean) };
}

/** A portal in front of the portal: forwards, and hands each answer to change() before it goes out. */
async function between(t, port, change) {
  const server = createServer(async (req, res) => {
    const body = await textOf(req);
    const up = request({ port, host: "127.0.0.1", path: req.url, method: req.method, headers: req.headers });
    up.end(body);
    const [answer] = await once(up, "response");
    const said = { status: answer.statusCode, text: await textOf(answer) };
    await change(req, said);
    const headers = { ...answer.headers, "content-length": Buffer.byteLength(said.text) };
    res.writeHead(said.status, headers).end(said.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close(); // node 18: returns nothing
    server.closeAllConnections();
  });
  return server.address().port;
}

test("a clean portal is ok, round after round, older flags and a repeated round included", async (t) => {
  const checker = await Checker.start(t);
  const { port } = await site(t, vulnerable);
  const flags = [];
  for (let tick = 0; tick < 5; tick++) {
    const flag = newFlag(tick);
    await checker.place(port, flag, flags);
    flags.push(flag);
  }
  await checker.place(port, flags[4], flags.slice(0, 4));
});

/** What the steps of the challenge's exploit, which a retest runs, come to. */
async function retest(port) {
  const yaml = await readFile(join(root, "challenges/portal/challenge.yaml"), "utf8");
  const [, path, marker] = /^exploit:[^]*path: "([^"]+)"[^]*body_contains: (\w+)\}/m.exec(yaml);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  assert.equal(answer.status, 200);
  return (await answer.text()).includes(marker) ? "vulnerable" : "fixed";
}

test("the exploit takes the current flag from the portal, without knowing anything of it", async (t) => {
  const checker = await Checker.start(t);
  const { port } = await site(t, vulnerable);
  assert.deepEqual(await exploit(port), { code: 1, flags: [] }, "nothing to take yet");
  assert.equal(await retest(port), "vulnerable", "with no flag to take");
  const flags = [newFlag(0), newFlag(1), newFlag(2)];
  for (const flag of flags) {
    await checker.place(port, flag);
    const taken = await exploit(port);
    assert.equal(taken.code, 0);
    assert.equal(taken.flags[0], flag.text, "the newest comes first");
  }
  assert.deepEqual((await exploit(port)).flags, flags.map((f) => f.text).reverse());
  await checker.place(port, newFlag(3), flags); // the exploit has harmed nothing
});

test("the fixed portal is ok with the flags of before, and the exploit fails", async (t) => {
  const checker = await Checker.start(t);
  const old = await site(t, vulnerable);
  const flag = newFlag(0);
  await checker.place(old.port, flag);
  await old.stop();
  const { port } = await start(t, fixed, old.dir, { port: old.port });
  await checker.place(port, newFlag(1), [flag]);
  assert.deepEqual(await exploit(port), { code: 1, flags: [] });
  assert.equal(await retest(port), "fixed");
});

test("a tampered page is corrupt: replaced, added to, or in the other language; the style sheet too", async (t) => {
  const checker = await Checker.start(t);
  const { port, dir } = await site(t, vulnerable);
  await checker.place(port, newFlag(0));
  for (const [name, tamper] of [
    ["zh/front.html", () => "<h1>Hacked by nobody</h1>"],
    ["zh/layout.html", (text) => text.replace("</body>", "<script src=\"//evil.example/x.js\"></script></body>")],
    ["zh/layout.html", (text) => text.replace("违法和不良信息举报", "")],
    ["en/front.html", (text) => `${text}<iframe src="//evil.example"></iframe>`],
    ["zh/front.html", (text) => `${text}<div style="display: none"><a href="/notices/1">casino</a></div>`],
    ["zh/front.html", (text) => `${text}<a href="http&#58;//evil.example/">casino</a>`],
    ["zh/layout.html", (text) => text.replace("</head>", "<meta http-equiv=refresh content='0;url=//evil.example'></head>")],
    ["en/layout.html", (text) => text.replace("<body", '<body onload="location=name"')],
    ["style.css", (text) => `${text}body { display: none; }`],
  ]) {
    const file = join(dir, "site", name);
    const before = await readFile(file, "utf8");
    await writeFile(file, tamper(before));
    const { status, message } = await checker.round(port, newFlag(1));
    assert.equal(status, "corrupt", `${name}: ${message}`);
    await writeFile(file, before);
  }
  await checker.place(port, newFlag(2));
});

test("a stopped portal is down", async (t) => {
  const checker = await Checker.start(t);
  const { port, stop } = await site(t, vulnerable);
  await checker.place(port, newFlag(0));
  await stop();
  assert.equal((await checker.round(port, newFlag(1))).status, "down");
});

test("a lost older flag is recovering", async (t) => {
  const checker = await Checker.start(t);
  const old = await site(t, vulnerable);
  const lost = newFlag(0);
  await checker.place(old.port, lost);
  await old.stop();
  for (const name of ["portal.db", "portal.db-wal", "portal.db-shm"]) await rm(join(old.dir, name), { force: true });
  const { port } = await start(t, vulnerable, old.dir, { port: old.port });
  const kept = newFlag(1);
  await checker.place(port, kept);
  const { status, message } = await checker.round(port, newFlag(2), [lost, kept]);
  assert.equal(status, "recovering", message);
});

test("a lost newest flag is corrupt", async (t) => {
  const checker = await Checker.start(t);
  const { port, base } = await site(t, vulnerable);
  const thief = await between(t, port, async (req, said) => {
    const id = /\/staff\/drafts\/(\d+)/.exec(said.text)?.[1];
    if (req.method !== "POST" || req.url !== "/staff/drafts" || !id) return;
    const gone = await fetch(`${base}/staff/drafts/${id}/delete`, { method: "POST", redirect: "manual", headers: { cookie: req.headers.cookie } });
    assert.equal(gone.status, 303);
  });
  const { status, message } = await checker.round(thief, newFlag(0));
  assert.equal(status, "corrupt", message);
});

test("a broken function is mumble", async (t) => {
  const checker = await Checker.start(t);
  const { port } = await site(t, vulnerable);
  const breaks = {
    "nobody can sign in": (req, said) => req.url === "/login" && (said.status = 500),
    "the search finds nothing": (req, said) => req.url.startsWith("/search") && (said.text = "<ul></ul>"),
    "the search finds everything": (req, said) =>
      req.url.startsWith("/search") && (said.text = '<a href="/notices/1"></a><a href="/notices/2"></a>'),
    "anyone may enter the staff area": (req, said) => req.url === "/staff" && (said.status = 200),
    "any password will do": (req, said) => req.url === "/login" && said.status === 403 && (said.status = 303),
    "health fails": (req, said) => req.url === "/health" && (said.status = 503),
  };
  for (const [what, change] of Object.entries(breaks)) {
    const broken = await between(t, port, change);
    const { status, message } = await checker.round(broken, newFlag(0));
    assert.equal(status, "mumble", `${what}: ${message}`);
  }
  const straight = await between(t, port, () => {});
  await checker.place(straight, newFlag(1));
});
