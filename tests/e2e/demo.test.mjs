// The demo as a visitor runs it: it ends by itself with a verified journal, or at Ctrl-C at once, and leaves nothing
// behind. Real programs on loopback, five seconds a tick.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PATCH_TICK = 2;

/** pid -> {parent, started}: a pid and its start name a process for good. */
function processes() {
  const all = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] !== "Z") all.set(Number(name), { parent: Number(fields[1]), started: fields[19] });
    } catch {
      // it has ended meanwhile
    }
  }
  return all;
}

class Demo {
  output = "";
  seen = new Map(); // every process it has ever had: pid -> started

  constructor(t, env) {
    this.dir = mkdtempSync(join(tmpdir(), "demo-"));
    this.child = spawn("sh", [join(root, "scripts/demo.sh")], {
      env: { ...process.env, DEMO_DIR: join(this.dir, "demo"), DEMO_PATCH_TICK: String(PATCH_TICK), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    this.exit = once(this.child, "close");
    this.watcher = setInterval(() => this.look(), 100);
    t.after(async () => {
      clearInterval(this.watcher);
      this.child.kill("SIGTERM");
      await this.exit;
      for (const pid of this.left()) process.kill(pid, "SIGKILL");
      rmSync(this.dir, { recursive: true, force: true });
    });
  }

  /** Notes all descendants of the demo. */
  look() {
    const all = processes();
    const mine = new Set([this.child.pid, ...this.seen.keys()]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const [pid, { parent, started }] of all) {
        if (mine.has(pid) || !mine.has(parent)) continue;
        mine.add(pid);
        this.seen.set(pid, started);
        grew = true;
      }
    }
  }

  /** Those of them that still run. */
  left() {
    const all = processes();
    return [...this.seen].filter(([pid, started]) => all.get(pid)?.started === started).map(([pid]) => pid);
  }

  async until(pattern, timeoutMs = 120000) {
    for (const end = Date.now() + timeoutMs; !pattern.test(this.output); await sleep(50)) {
      assert.equal(this.child.exitCode, null, `the demo has ended\n${this.output}`);
      assert.ok(Date.now() < end, `never said ${pattern}\n${this.output}`);
    }
    return pattern.exec(this.output);
  }

  events(kind) {
    const args = ["events", join(this.dir, "demo/data"), "--kind", kind, "--json"];
    const text = execFileSync(join(root, "build/drillctl"), args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }
}

/** Holds the ports that the demo wishes for; those that are taken already are as good. */
async function occupy(t, ports) {
  for (const port of ports) {
    const server = createServer((socket) => socket.destroy());
    await new Promise((resolve) => server.once("error", resolve).listen(port, "127.0.0.1", resolve));
    t.after(() => server.close());
  }
}

test("ends by itself: flags captured, journal verified, the patched portal safe, nothing left", { timeout: 400000 }, async (t) => {
  await occupy(t, [8000, 18082]);
  const demo = new Demo(t, { DEMO_SECONDS: "32" });
  const [code] = await demo.exit;
  assert.equal(code, 0, demo.output);
  assert.match(demo.output, /Final ranking/);
  assert.match(demo.output, /[1-9]\d* flags captured; journal verified/);
  for (const account of ["admin", "director", "judge", "judge-2", "judge-3", "leader", "computing", "law", "library", "red"])
    assert.match(demo.output, new RegExp(`^  ${account} +\\S{8,}$`, "m"), "one login per role");

  const [, patched, gone] = /patched in tick (\d+): (\d+) ms/.exec(demo.output);
  assert.ok(Number(gone) < 10000, "back soon, and before the next tick but one");
  const captures = demo.events("flag.captured").map(({ body }) => body);
  const late = (system) => captures.filter((c) => c.system === system && c.tick > Number(patched)).length;
  assert.ok(captures.some((c) => c.system === "law-portal"), "it lost flags before");
  assert.equal(late("law-portal"), 0, "and none that came after the patch");
  assert.ok(late("computing-portal") > 0 && late("library-portal") > 0, "while the others go on losing theirs");
  const checks = demo.events("check.done").map(({ body }) => body);
  const last = Math.max(...checks.map((c) => c.tick));
  const bad = checks.filter(
    (c) =>
      c.status !== "ok" &&
      !(c.system === "law-portal" && c.tick === Number(patched)) && // checked in the moment of the swap
      !(c.status === "none" && c.tick === last), // the drill was ended in the middle of this tick
  );
  assert.deepEqual(bad, [], "everything works, before and after the patch");
  assert.ok(checks.length >= 15, `${checks.length} checks`);

  assert.ok(demo.seen.size >= 6, `${demo.seen.size} processes seen`);
  assert.deepEqual(demo.left(), []);
});

for (const [signal, when] of [["SIGINT", /Ctrl-C ends it/], ["SIGTERM", /\[red\] tick 0: sent [1-9]/], ["SIGINT", /\[drilld\]/]]) {
  test(`${signal} after ${when} ends everything cleanly`, { timeout: 240000 }, async (t) => {
    const demo = new Demo(t, {});
    await demo.until(when);
    demo.look();
    demo.child.kill(signal);
    const [code] = await demo.exit;
    assert.equal(code, 0, demo.output);
    assert.match(demo.output, new RegExp(`ending \\(${signal}\\)`));
    assert.doesNotMatch(demo.output, /ended with/, "each by itself, none by force");
    assert.ok(demo.seen.size > 0);
    assert.deepEqual(demo.left(), []);
  });
}

test("a part that dies ends the demo with an error and nothing left", { timeout: 240000 }, async (t) => {
  const demo = new Demo(t, {});
  await demo.until(/Ctrl-C ends it/);
  demo.look();
  const portal = [...demo.seen.keys()].find((pid) => {
    const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return line.includes("challenges/portal/portal") && line.includes("计算机学院");
  });
  process.kill(portal, "SIGKILL");
  const [code] = await demo.exit;
  assert.equal(code, 1);
  assert.match(demo.output, /demo: .*has ended \(SIGKILL\)/);
  assert.deepEqual(demo.left(), []);
});
