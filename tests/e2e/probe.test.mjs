// drillctl probe and preflight, as an organizer runs them the day before: against real portals on loopback.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { scratch, start, vulnerable } from "../../challenges/portal/test/portal.mjs";
import { BUILD, childrenOf, drillctl, run } from "./lib.mjs";

const dir = mkdtempSync(join(tmpdir(), "drill-probe-"));
after(() => rmSync(dir, { recursive: true }));

let scenarios = 0;

/** A scenario with a portal for each port; its path. */
function scenario(ports) {
  const path = join(dir, `scenario-${scenarios++}.yaml`);
  writeFileSync(path, `drill: {id: rehearsal, name: 演练, duration: 1h, tick: 60s}
departments:
${ports.map((_, i) => `  - {id: dep-${i}, name: 学院${i}}`).join("\n")}
systems:
${ports.map((port, i) => `  - {id: portal-${i}, name: 网站, department: dep-${i}, challenge: portal, address: "127.0.0.1:${port}"}`).join("\n")}
`);
  return path;
}

test("probe prints every step of every round; later rounds look for earlier flags", async (t) => {
  const portal = await start(t, vulnerable, await scratch(t));
  const probe = await drillctl("probe", scenario([portal.port]), "portal-0", "--times", "3");
  assert.equal(probe.code, 0, probe.output);
  assert.match(probe.stdout, new RegExp(`^portal-0 at 127.0.0.1:${portal.port}, challenge portal, contract steps\n`));
  for (const round of [1, 2, 3]) assert.match(probe.stdout, new RegExp(`^round ${round}: ok, \\d+ ms$`, "m"));
  assert.match(probe.stdout, /^ {2}\+\d+ ms put\[tick 0 slot 0\] register: POST \/register -> 303/m);
  const third = probe.stdout.slice(probe.stdout.indexOf("round 3"));
  assert.match(third, /get\[tick 2 slot 0\] read the draft/);
  assert.match(third, /get\[tick 1 slot 0\] read the draft/);
  assert.match(third, /get\[tick 0 slot 0\] read the draft/);
  assert.doesNotMatch(probe.stdout, /DRILL\{/, "no flag is printed");
  assert.equal(probe.stderr, "");
  assert.deepEqual(childrenOf(process.pid).filter((pid) => pid !== portal.pid), [], "its checker has ended");
});

test("preflight tells what would be wrong, one row a system", async (t) => {
  const portal = await start(t, vulnerable, await scratch(t));
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const closed = 1; // where nobody listens: the kernel gives out no port as low
  const flight = await drillctl("preflight", scenario([portal.port, closed, silent.address().port]));
  assert.equal(flight.code, 1, flight.output);
  assert.match(flight.stdout, /^SYSTEM +ADDRESS +CHALLENGE +STATUS +MS +WHAT WOULD BE WRONG$/m);
  assert.match(flight.stdout, new RegExp(`^portal-0 +127.0.0.1:${portal.port} +portal +ok +\\d+ *$`, "m"));
  assert.match(flight.stdout, new RegExp(`^portal-1 +127.0.0.1:${closed} +portal +down +\\d+ +register: connection refused$`, "m"));
  assert.match(flight.stdout, /^portal-2 .* down +\d+ +register: timed out after \d+ ms$/m);
  assert.match(flight.stdout, /^1 of 3 systems are ok$/m);
  assert.match(flight.stdout, /^2 down: does not answer/m);
});

test("preflight runs no more external checkers at once than the drill would", async (t) => {
  let now = 0, most = 0;
  const server = createServer((socket) => {
    most = Math.max(most, ++now);
    socket.on("error", () => {});
    setTimeout(() => {
      now--; // whoever comes in its place does so after this, even where this end hears of it before the other's
      socket.end();
    }, 300);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address(), limit = Math.max(16, 8 * cpus().length), folder = join(dir, "many", "held");
  mkdirSync(folder, { recursive: true });
  for (const path of [dir, join(dir, "many"), folder]) chmodSync(path, 0o755);
  writeFileSync(join(folder, "challenge.yaml"), "id: held\ntitle: 占\ncontract: ctf01d\nport: 80\ntimeout_ms: 20000\nflags: 1\nchecker: {run: check}\n");
  writeFileSync(join(folder, "check"), `#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/${port} || exit 104\ncat <&3 >/dev/null\nexit 101\n`, { mode: 0o755 });
  const path = scenario(Array(limit + 8).fill(80));
  const held = join(dir, "held.yaml");
  writeFileSync(held, readFileSync(path, "utf8").replaceAll("challenge: portal", "challenge: held"));
  const flight = await drillctl("preflight", held, "--challenges", join(dir, "many"));
  assert.equal(flight.code, 0, flight.output);
  assert.ok(most > 1 && most <= limit, `${most} at once, ${limit} are allowed`);
  assert.match(flight.stdout, new RegExp(`^ctf01d: ${limit + 8} rounds, ${limit} at once: about \\d+ ms of a tick of 60000 ms$`, "m"));
  assert.match(flight.stdout, /^external programs run in (bubblewrap|rlimits: .+)$/m);
  const bare = await drillctl("preflight", held, "--challenges", join(dir, "many"), "--sandbox", "rlimits");
  assert.match(bare.stdout, /^external programs run in rlimits$/m, bare.output);

  writeFileSync(held, `${readFileSync(held, "utf8").replace("tick: 60s", "tick: 2s")}checkers: {limits: {ctf01d: 1}}\n`);
  const file = join(folder, "challenge.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("timeout_ms: 20000", "timeout_ms: 2000"));
  const full = await drillctl("preflight", held, "--challenges", join(dir, "many"));
  assert.match(full.stdout, /^ctf01d: \d+ rounds, 1 at once: about \d+ ms of a tick of 2000 ms: too long, some would not be checked; /m);
  assert.equal(full.code, 1, full.output);
});

test("all well is exit code 0", async (t) => {
  const portal = await start(t, vulnerable, await scratch(t));
  const flight = await drillctl("preflight", scenario([portal.port]));
  assert.equal(flight.code, 0, flight.output);
  assert.match(flight.stdout, /^1 of 1 systems are ok$/m);
});

test("what cannot be run is said, with exit code 2", async () => {
  const file = scenario([1]);
  const cases = [
    [["probe", file], /which SYSTEM\?/],
    [["probe", file, "nobody"], /has no system "nobody"/],
    [["probe", file, "portal-0", "--times", "0"], /a number from 1 to 100 is expected/],
    [["probe", file, "portal-0", "more"], /what is "more" for\?/],
    [["probe", file, "portal-0", "--user", "x"], /no option "--user"/],
    [["preflight", file, "--sandbox", "none"], /auto, bubblewrap or rlimits is expected/],
    [["probe", file, "portal-0", "--times"], /--times needs a value/],
    [["preflight"], /which SCENARIO\?/],
    [["preflight", file, "--times", "2"], /no option "--times"/],
    [["preflight", file, "--checker", "/bin/false"], /\/bin\/false did not get ready/],
    [["preflight", file, "--checker", "/none"], /\/none: No such file or directory; give --checker FILE/],
    [["preflight", join(dir, "none.yaml")], /none\.yaml: cannot be read/],
  ];
  for (const [args, reason] of cases) {
    const failed = await drillctl(...args);
    assert.equal(failed.code, 2, `${args.join(" ")}: ${failed.output}`);
    assert.match(failed.stderr, reason);
  }
});

test("a scenario with mistakes is not run: exit code 1, each mistake named", async () => {
  const file = join(dir, "bad.yaml");
  writeFileSync(file, "drill: {id: x}\n");
  const failed = await run(join(BUILD, "drillctl"), ["preflight", file]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /bad\.yaml:1:\d+: /);
});

test("a checker that dies in the middle leaves faults, not hangs", async (t) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const accepted = once(silent, "connection");
  const pending = drillctl("preflight", scenario([silent.address().port]));
  await accepted;
  const [ctl] = childrenOf(process.pid);
  const [checker] = childrenOf(ctl);
  process.kill(checker, "SIGKILL");
  const flight = await pending;
  assert.equal(flight.code, 1, flight.output);
  assert.match(flight.stdout, /fault +0 +checker died/);
  assert.match(flight.stdout, /^1 fault: the check itself fails: yours to mend/m);
});
