// The portal by itself: what it does, what it keeps, and what bad visitors cannot do to it. Every test runs on the
// sanitized build where there is one, so that a memory error is a failure.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { fixed, member, sanitized, scratch, start, visitor, vulnerable } from "./portal.mjs";

const program = existsSync(sanitized) ? sanitized : vulnerable;

async function site(t, options) {
  const dir = await scratch(t);
  return { dir, ...(await start(t, program, dir, options)) };
}

/** What a visitor sends in raw bytes, and everything that comes back until the portal closes. */
async function raw(port, bytes) {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (more) => (text += more));
  socket.on("error", () => {}); // a reset is an answer too
  socket.end(bytes, "latin1");
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

test("front page in two languages, notices and search", async (t) => {
  const { base } = await site(t, { args: ["--department", "计算机<学院>", "--department-en", "Computing & Co"] });
  const v = visitor(base);
  const zh = await v.get("/");
  assert.equal(zh.status, 200);
  assert.match(zh.text, /<title>计算机&lt;学院&gt; · 部门网站<\/title>/);
  assert.match(zh.headers.get("content-security-policy"), /default-src 'none'/);
  const en = await v.get("/?lang=en");
  assert.match(en.text, /<title>Computing &amp; Co · Department website<\/title>/);
  assert.match((await v.get("/notices/4")).text, /Beware of phishing mail/, "the language stays");
  assert.match((await v.get("/search?q=phishing")).text, /href="\/notices\/4"/);
  await v.get("/?lang=zh");
  const hits = (await v.get(`/search?q=${encodeURIComponent("自查")}`)).text;
  assert.match(hits, /href="\/notices\/1"/);
  assert.doesNotMatch(hits, /href="\/notices\/2"/);
  assert.match((await v.get("/search?q=zzqx")).text, /<p>没有找到/);
  assert.deepEqual(JSON.parse((await v.get("/health")).text), { status: "ok" });
  assert.equal((await v.get("/notices/99")).status, 404);
});

test("the fixed search takes quotes and patterns as plain words", async (t) => {
  const dir = await scratch(t);
  const { base } = await start(t, fixed, dir);
  const v = visitor(base);
  for (const words of ["O'Brien", "')--", "a\"b", "\\", "') UNION SELECT 1,2,3,4 --"]) {
    const answer = await v.get(`/search?q=${encodeURIComponent(words)}`);
    assert.equal(answer.status, 200, words);
    assert.match(answer.text, /<p>没有找到/, words);
  }
  assert.match((await v.get("/search?lang=en&q=PHISHING")).text, /href="\/notices\/4"/);
});

test("drafts belong to their author alone", async (t) => {
  const { base } = await site(t);
  const author = await member(base);
  const made = await author.post("/staff/drafts", { title: "<i>题目</i>", body: "正文 & <b>" });
  assert.equal(made.status, 303);
  const page = await author.get(made.location);
  assert.match(page.text, /&lt;i&gt;题目&lt;\/i&gt;/);
  assert.match(page.text, /正文 &amp; &lt;b&gt;/);
  assert.match((await author.get("/staff")).text, new RegExp(`href="${made.location}"`));

  const other = await member(base);
  assert.equal((await other.get(made.location)).status, 404);
  assert.equal((await other.post(`${made.location}/delete`, {})).status, 404);
  assert.doesNotMatch((await other.get("/staff")).text, /题目/);
  assert.doesNotMatch((await other.get(`/search?q=${encodeURIComponent("正文")}`)).text, /href="\/notices/);
  const nobody = visitor(base);
  for (const path of ["/staff", made.location]) assert.equal((await nobody.get(path)).location, "/login");

  assert.equal((await author.post(`${made.location}/delete`, {})).status, 303);
  assert.equal((await author.get(made.location)).status, 404);
});

test("signing in: wrong passwords, taken names, signing out, sessions end", async (t) => {
  const { base } = await site(t);
  const m = await member(base);
  const v = visitor(base);
  assert.equal((await v.post("/register", { user: m.user, name: "x", password: "another one" })).status, 409);
  assert.equal((await v.post("/login", { user: m.user, password: "correct horsf" })).status, 403);
  assert.equal((await v.post("/login", { user: "no-such-user", password: "correct horse" })).status, 403);
  const answer = await v.post("/login", { user: m.user, password: m.password });
  assert.equal(answer.location, "/staff");
  assert.match(answer.headers.get("set-cookie"), /HttpOnly; SameSite=Strict/);
  const token = v.cookies.get("portal_session");
  assert.equal((await v.post("/logout", {})).location, "/");
  v.cookies.set("portal_session", token);
  assert.equal((await v.get("/staff")).location, "/login", "the old cookie opens nothing");
  // the ninth session of an account ends its first
  const sessions = [];
  for (let i = 0; i < 8; i++) {
    const s = visitor(base);
    await s.post("/login", { user: m.user, password: m.password });
    sessions.push(s);
  }
  assert.equal((await m.get("/staff")).location, "/login");
  assert.equal((await sessions[7].get("/staff")).status, 200);
});

test("forms of other sites, forged and broken cookies are refused", async (t) => {
  const { base } = await site(t);
  const m = await member(base);
  const form = { title: "t", body: "b" };
  for (const origin of ["https://evil.example", "null", `${base}.evil.example`])
    assert.equal((await m.post("/staff/drafts", form, { origin })).status, 403, origin);
  assert.equal((await m.post("/staff/drafts", form, { origin: base })).status, 303);
  for (const cookie of ["", "x", "0".repeat(64), "F".repeat(64), "a".repeat(8000), "%00", "' OR 1=1 --"]) {
    const v = visitor(base);
    v.cookies.set("portal_session", cookie);
    assert.equal((await v.get("/staff")).location, "/login", cookie.slice(0, 20));
  }
  const v = visitor(base);
  v.cookies.set("portal_lang", "../../etc");
  assert.match((await v.get("/")).text, /部门网站/);
});

test("bad fields, encodings and sizes get an error of their own and change nothing", async (t) => {
  const { base } = await site(t);
  const m = await member(base);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const post = (body, headers = form) => m.raw("/staff/drafts", body, headers);
  assert.equal((await post("title=%ff%fe&body=b")).status, 400, "not UTF-8");
  assert.equal((await post("title=%00&body=b")).status, 400, "NUL");
  assert.equal((await post("title=%4&body=b")).status, 400, "half an escape");
  assert.equal((await post("title=%ed%a0%80&body=b")).status, 400, "a surrogate");
  assert.equal((await post("title&body=b")).status, 400, "no value");
  assert.equal((await post(new Uint8Array([97, 61, 0, 98]))).status, 400, "NUL as it is");
  assert.equal((await post("a=1&".repeat(9))).status, 400, "too many fields");
  assert.equal((await post("{}", { "content-type": "application/json" })).status, 415);
  assert.equal((await post("")).status, 400, "nothing at all");
  assert.equal((await post(`title=${"t".repeat(201)}&body=b`)).status, 400);
  assert.equal((await post(`title=t&body=${"b".repeat(16385)}`)).status, 400);
  assert.equal((await post(`title=t&body=${"b".repeat(100000)}`)).status, 413);
  assert.doesNotMatch((await m.get("/staff")).text, /staff\/drafts\/\d/);
  assert.equal((await post(`title=${"t".repeat(200)}&body=${"b".repeat(16384)}`)).status, 303, "at the limits");

  const v = visitor(base);
  for (const [user, name, password] of [["ab", "n", "12345678"], ["a b c", "n", "12345678"], ["张三四", "n", "12345678"],
    ["u".repeat(41), "n", "12345678"], ["user", "", "12345678"], ["user", "n".repeat(61), "12345678"], ["user", "n", "1234567"],
    ["user", "n", "x".repeat(129)]])
    assert.equal((await v.post("/register", { user, name, password })).status, 400, `${user} ${name}`);
  assert.equal((await v.get(`/search?q=${"q".repeat(257)}`)).status, 400);
  assert.equal((await v.get("/search?q=%ff")).status, 400);
  assert.equal((await v.get("/%ff")).status, 400);
  assert.equal((await v.get("/search?q=a%00b")).status, 400);
  assert.equal((await v.post("/", { a: "b" })).status, 405);
  for (const path of ["/staff/drafts/1x", "/staff/drafts/-1", "/staff/drafts/99999999999999999999", "/notices/", "/notices/1/"])
    assert.equal((await m.get(path)).status, 404, path);
});

test("no path leads out of the pages", async (t) => {
  const { base, port, dir } = await site(t);
  await writeFile(join(dir, "secret.txt"), "SECRET");
  for (const path of ["/../portal.db", "/static/../portal.db", "/static/..%2f..%2fsecret.txt", "/static/%2e%2e/secret.txt",
    "//etc/passwd", "/portal.db", "/site/style.css"]) {
    const answer = await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 40[04] /, path);
    assert.doesNotMatch(answer, /SECRET|SQLite format/, path);
  }
  // a link in place of a template is not followed
  await rm(join(dir, "site/zh/login.html"));
  await symlink(join(dir, "secret.txt"), join(dir, "site/zh/login.html"));
  const answer = await visitor(base).get("/login");
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.text, /SECRET/);
});

test("injected SQL can neither write, nor attach files, nor hold the site up", async (t) => {
  const { base, dir } = await site(t);
  const m = await member(base);
  await m.post("/staff/drafts", { title: "t", body: "kept" });
  const v = visitor(base);
  const inject = (sql) => v.get(`/search?q=${encodeURIComponent(sql)}`);
  await inject("'); DELETE FROM drafts; --");
  await inject(`'); ATTACH '${dir}/other.db' AS o; --`);
  await inject("') UNION SELECT 1,load_extension('libc.so.6'),3,4 --");
  await inject(`') UNION SELECT 1,writefile('${dir}/w','x'),3,4 --`);
  const before = performance.now();
  await inject("') UNION ALL SELECT * FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x),2,3,4 FROM c) --");
  await inject("') UNION SELECT 1,hex(randomblob(900000000)),3,4 --");
  assert.ok(performance.now() - before < 3000, "cut off in time");
  assert.match((await m.get("/staff")).text, /staff\/drafts\/\d/);
  assert.deepEqual((await readdir(dir)).sort(), ["portal.db", "portal.db-shm", "portal.db-wal", "site"]);
});

test("everything is there after a restart, a kill -9 and a swap for the fixed program", async (t) => {
  const dir = await scratch(t);
  let p = await start(t, program, dir);
  const m = await member(p.base);
  const { location } = await m.post("/staff/drafts", { title: "t", body: "it stays" });
  const { port } = p;
  for (const [signal, next] of [["SIGTERM", program], ["SIGKILL", program], ["SIGINT", fixed]]) {
    const end = await p.stop(signal);
    if (signal !== "SIGKILL") assert.deepEqual(end, { code: 0, signal: null, stderr: "" });
    p = await start(t, next, dir, { port });
    assert.match((await m.get(location)).text, /it stays/, `the session and the draft, after ${signal}`);
    const again = visitor(p.base);
    assert.equal((await again.post("/login", { user: m.user, password: m.password })).status, 303);
  }
});

test("a department's own page texts are kept, missing ones are written anew", async (t) => {
  const dir = await scratch(t);
  let p = await start(t, program, dir);
  const front = join(dir, "site/zh/front.html");
  await writeFile(front, "<h1>自己的</h1>{{notices}}{{nothing}}{{");
  assert.match((await visitor(p.base).get("/")).text, /<h1>自己的<\/h1><li>/);
  await rm(join(dir, "site/zh/login.html"));
  assert.equal((await visitor(p.base).get("/login")).status, 500);
  await p.stop();
  p = await start(t, program, dir);
  assert.equal((await visitor(p.base).get("/login")).status, 200);
  assert.match(await readFile(front, "utf8"), /自己的/);
  await writeFile(front, "x".repeat(65 * 1024));
  assert.equal((await visitor(p.base).get("/")).status, 500, "a page over the limit");
});

test("200 visitors at once, each served", async (t) => {
  const { base, port } = await site(t);
  const m = await member(base);
  await m.post("/staff/drafts", { title: "t", body: "b" });
  const sockets = [];
  t.after(() => sockets.forEach((s) => s.destroy()));
  for (let i = 0; i < 200; i++) sockets.push(connect(port, "127.0.0.1"));
  await Promise.all(sockets.map((s) => once(s, "connect")));
  const answers = await Promise.all(
    sockets.map(async (s, i) => {
      const path = i % 2 ? "/" : "/search?q=phishing";
      s.setEncoding("utf8").write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let text = "";
      s.on("data", (more) => (text += more));
      await once(s, "end");
      return text;
    }),
  );
  assert.equal(answers.filter((a) => a.startsWith("HTTP/1.1 200 ") && a.endsWith("</html>\n")).length, 200);
});

test("slow and silent visitors lock nobody out", async (t) => {
  const { base, port } = await site(t);
  const slow = [];
  t.after(() => slow.forEach((s) => s.destroy()));
  let closed = 0;
  for (let i = 0; i < 500; i++) {
    const s = connect(port, "127.0.0.1");
    s.on("error", () => {});
    s.on("close", () => closed++);
    s.write(i % 2 ? "" : "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nuser=");
    slow.push(s);
  }
  await Promise.all(slow.map((s) => (s.connecting ? once(s, "connect") : null)));
  const answer = await visitor(base).get("/health");
  assert.equal(answer.status, 200);
  // 500 and the visitor above against room for 448: the oldest had to go
  while (closed < 50) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(closed < 100, `${closed} closed`);
});

test("what is not HTTP, and endless bodies and headers, are cut off", async (t) => {
  const { base, port } = await site(t);
  await raw(port, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n");
  await raw(port, `GET /${"a".repeat(100000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await raw(port, `GET / HTTP/1.1\r\nHost: x\r\n${"X-A: b\r\n".repeat(10000)}\r\n`);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n");
  const chunk = `10000\r\n${"a".repeat(65536)}\r\n`;
  let sent = 0;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const pump = () => {
    while (!socket.destroyed && sent < 64 * 1024 * 1024) {
      sent += 65536;
      if (!socket.write(chunk)) return void socket.once("drain", pump);
    }
  };
  pump();
  socket.resume();
  await closed;
  assert.ok(sent < 32 * 1024 * 1024, `closed after ${sent} bytes`);
  assert.equal((await visitor(base).get("/health")).status, 200);
});

test("the command line says what is wrong", async (t) => {
  const dir = await scratch(t);
  const run = (...args) => spawnSync(program, args, { encoding: "utf8", timeout: 60000 });
  for (const [args, said] of [
    [[], /--port must be/], [["--port", "x", "--data", dir], /--port must be/], [["--port", "65536", "--data", dir], /--port must be/],
    [["--port", "0"], /--data must name/], [["--port", "0", "--data", dir, "more"], /unexpected argument/],
    [["--port", "0", "--data", dir, "--department", ""], /--department must be/], [["--port", "0", "--wrong"], /usage:/]]) {
    const r = run(...args);
    assert.equal(r.status, 2, args.join(" "));
    assert.match(r.stderr, said);
  }
  const p = await start(t, program, dir);
  const taken = run("--port", String(p.port), "--data", await scratch(t));
  assert.equal(taken.status, 1);
  assert.match(taken.stderr, /in use/);
  assert.match(run("--port", "0", "--data", dir, "--address", "nowhere").stderr, /not an IP address/);
  await mkdir(join(dir, "broken"));
  await writeFile(join(dir, "broken/portal.db"), "this is not a database, and long enough to show it".repeat(20));
  assert.match(run("--port", "0", "--data", join(dir, "broken")).stderr, /not a database/);
  assert.equal((await stat(join(dir, "portal.db"))).mode & 0o077, 0, "nobody else reads it");
});
