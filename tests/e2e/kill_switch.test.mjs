// The kill switch: who, what it stops, whom it tells, its program, double and late hands, a crash, load, drillctl.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BUILD, drillctl, run, startDrill, until } from "./lib.mjs";

const PATH = "/api/v1/kill";
const STAFF = ["judge", "director", "leader", "admin"];
const ALL = [...STAFF, "dept-1-blue", "red-1"];

/** A folder with a program that notes each run, and the scenario's section for it. */
function makeProgram(body = "") {
  const dir = mkdtempSync(join(tmpdir(), "drill-kill-")), file = join(dir, "cut.sh"), log = join(dir, "runs");
  writeFileSync(file, `#!/bin/sh\necho "$DRILL_EVENT $DRILL_ID $DRILL_ACTOR $DRILL_REASON $1" >> ${log}\n${body}\n`);
  chmodSync(file, 0o755);
  return {
    sections: `kill: {hook: [${file}, red-net], timeout: 20s}\n`,
    runs: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : []),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

const kill = (drill, reason = "fire", as = "director") => drill.as(as, "POST", PATH, { body: { reason } });
const undo = (drill, reason = "put out", as = "director") => drill.as(as, "DELETE", PATH, { body: { reason } });
const look = async (drill, as = "judge") => (await drill.as(as, "GET", PATH)).json;
const untilHook = (drill) => until(async () => {
  const [last] = (await look(drill)).rounds;
  return last?.hook.outcome !== "pending" && last.hook;
}, "the program's end");
const kinds = async (drill) => (await drill.events()).map((e) => e.kind);

describe("the kill switch", () => {
  let drill, program;
  before(async () => {
    program = makeProgram("echo the red network is cut");
    drill = await startDrill({ ticks: 600, sections: program.sections });
    await drill.start();
  });
  after(async () => {
    await drill.close();
    program.close();
  });

  test("is the director's and the administrators', undone by the director alone, seen by staff", async () => {
    for (const who of ALL) {
      if (who !== "director" && who !== "admin") assert.equal((await kill(drill, "r", who)).status, 403, who);
      if (who !== "director") assert.equal((await undo(drill, "r", who)).status, 403, who);
      assert.equal((await drill.as(who, "GET", PATH)).status, STAFF.includes(who) ? 200 : 403, who);
    }
    for (const method of ["GET", "POST", "DELETE"]) assert.equal((await drill.call(method, PATH, method === "GET" ? {} : { body: { reason: "r" } })).status, 401);
    for (const body of [{}, { reason: "" }, { reason: 7 }, { reason: "x".repeat(501) }, { reason: "\u001b[2J" }, { reason: "a\u202eb" }, { reason: "r", more: 1 }, []])
      assert.ok([400, 413].includes((await drill.as("director", "POST", PATH, { body })).status), JSON.stringify(body));
    assert.equal((await undo(drill)).status, 409);
    assert.deepEqual(await look(drill), { killed: false, state: "running", rounds: [] });
    assert.ok(!(await kinds(drill)).some((k) => k.startsWith("kill.")));
  });

  test("stops the clock, refuses everything, tells everybody in both languages, runs its program once", async () => {
    const { flag } = await drill.flag("dept-1-notes");
    const lines = new Map();
    for (const who of [...ALL, undefined]) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    const both = await Promise.all([kill(drill, "the library is on fire"), kill(drill, "second", "admin")]);
    assert.deepEqual(both.map((a) => a.status).sort(), [200, 409]);
    const reason = both[0].status === 200 ? "the library is on fire" : "second";
    const { drill: shown } = await drill.board();
    assert.equal(shown.state, "paused");
    assert.equal(shown.killed, true);
    assert.equal(shown.reason, `紧急停止 / kill switch: ${reason}`);
    assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "err");
    assert.match((await drill.call("PUT", "/flags/", { headers: { "x-team-token": drill.tokens["red-1"] }, body: [flag] })).json[0].msg, /not running/);
    const result = await drill.as("red-1", "POST", "/api/v1/results", { body: {} });
    assert.equal(result.status, 409);
    assert.match(result.json.detail, /kill switch/);
    for (const action of ["resume", "start"]) assert.equal((await drill.clock(action)).status, 409, action);
    assert.match((await drill.clock("resume")).json.detail, /kill switch/);
    const hook = await untilHook(drill);
    assert.equal(hook.outcome, "done");
    assert.match(hook.tail, /the red network is cut/);
    assert.equal(program.runs().length, 1);
    assert.match(program.runs()[0], /^kill e2e (director|admin) .* red-net$/);
    const list = (await drill.call("GET", "/api/v1/announcements")).json.at(-1);
    assert.equal(list.urgent && list.in_force, true);
    assert.match(list.text, /演练已紧急停止.*\n.*[\s\S]*The drill has been stopped/);
    for (const [who, line] of lines) {
      const told = await line.delta((d) => d.kind === "kill.switched");
      assert.equal(told.reason, shown.reason, String(who));
      assert.equal("by" in told, STAFF.includes(who), String(who));
      await line.delta((d) => d.kind === "drill.paused");
      await line.delta((d) => d.kind === "announcement.made" && d.urgent);
      if (STAFF.includes(who)) assert.equal((await line.delta((d) => d.kind === "kill.hook")).outcome, "done");
      else assert.ok(!line.deltas.some((d) => d.kind === "kill.hook"), String(who));
      line.close();
    }
    const [first, ...rest] = (await drill.events()).filter((e) => /^(kill|drill\.paused|announcement)/.test(e.kind));
    assert.deepEqual([first.kind, ...rest.map((e) => e.kind)], ["kill.switched", "drill.paused", "announcement.made", "kill.hook"]);
    assert.deepEqual(rest.slice(0, 2).map((e) => e.seq - first.seq), [1, 2]);
  });

  test("outlives kill -9: still on, its program not run again", async () => {
    await drill.kill9();
    await drill.restart();
    assert.equal((await look(drill)).killed, true);
    assert.equal((await drill.board()).drill.state, "paused");
    assert.equal((await drill.clock("resume")).status, 409);
    await sleep(300);
    assert.equal(program.runs().length, 1);
    const metrics = await drill.as("admin", "GET", "/metrics");
    assert.match(metrics.text, /^drilld_killed 1$/m);
  });

  test("undone with a reason: the announcement is withdrawn, the clock is resumed by hand, all is taken again", async () => {
    const line = await drill.live();
    assert.equal((await drill.as("director", "DELETE", PATH, { body: {} })).status, 400);
    const answers = await Promise.all([undo(drill), undo(drill)]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409]);
    const { killed, state, rounds } = await look(drill, "leader");
    assert.deepEqual([killed, state, rounds.length, rounds[0].undone.reason], [false, "paused", 1, "put out"]);
    assert.equal((await drill.call("GET", "/api/v1/announcements")).json.at(-1).in_force, false);
    assert.equal((await line.delta((d) => d.kind === "kill.undone")).killed, false);
    line.close();
    assert.equal((await drill.clock("resume")).status, 200);
    assert.equal((await drill.board()).drill.killed, false);
    const { flag } = await drill.flag("dept-1-notes", (await drill.board()).drill.tick + 1);
    assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
    assert.match((await drill.as("admin", "GET", "/metrics")).text, /^drilld_killed 0$/m);
  });

  test("under load nothing is taken after it", async () => {
    let sent = 0, stop = false;
    const hammer = async () => {
      for (; !stop; sent++) {
        const flags = drill.flags().slice(-20).map((f) => f.flag);
        await Promise.all([drill.submit("red-1", flags), drill.call("PUT", "/flags", { headers: { "x-team-token": drill.tokens["red-1"] }, body: flags })]);
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, hammer));
    await until(() => sent > 100, "some load");
    assert.equal((await kill(drill, "under load", "admin")).status, 200);
    const before = sent;
    await until(() => sent > before + 50, "some more load");
    stop = true;
    await load;
    const events = await drill.events();
    const at = events.findLastIndex((e) => e.kind === "kill.switched");
    assert.deepEqual(events.slice(at + 1).filter((e) => /^(flag|tick|check)\./.test(e.kind)), []);
    await untilHook(drill);
    assert.equal((await undo(drill)).status, 200);
  });

  test("drillctl switches and undoes it", async () => {
    const ctl = (token, ...args) => run(join(BUILD, "drillctl"), ["kill", ...args, "--url", drill.url], { env: { ...process.env, DRILL_TOKEN: drill.tokens[token] } });
    assert.equal((await ctl("admin")).code, 2);
    assert.equal((await ctl("admin", "--reason", "r", "--now")).code, 2);
    const on = await ctl("admin", "--reason", "by hand");
    assert.equal(on.code, 0, on.output);
    assert.match(on.stdout, /the kill switch is ON; the drill is paused/);
    assert.equal((await ctl("admin", "--reason", "again")).code, 1);
    await untilHook(drill);
    assert.match((await ctl("admin", "--undo", "--reason", "r")).output, /may not|director/);
    const off = await ctl("director", "--undo", "--reason", "over");
    assert.equal(off.code, 0, off.output);
    assert.match(off.stdout, /undone.*\n.*clock resume/);
  });

  test("a drill that has ended has nothing left to stop; the journal verifies", async () => {
    await kill(drill, "last");
    await untilHook(drill);
    assert.equal((await drill.clock("end")).status, 200);
    assert.equal((await look(drill)).killed, true);
    assert.equal((await undo(drill)).status, 200);
    const late = await kill(drill);
    assert.equal(late.status, 409);
    assert.match(late.json.detail, /ended/);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});

describe("the kill switch's program", () => {
  const withDrill = async (body, run_) => {
    const program = makeProgram(body);
    const drill = await startDrill({ ticks: 600, sections: program.sections });
    try {
      await drill.start();
      await run_(drill, program);
    } finally {
      await drill.close();
      program.close();
    }
  };

  test("that fails is told to staff; the switch stands", () => withDrill("echo no such interface; exit 3", async (drill) => {
    await kill(drill);
    const hook = await untilHook(drill);
    assert.deepEqual([hook.outcome, hook.status], ["failed", 3]);
    assert.match(hook.tail, /no such interface/);
    assert.equal((await look(drill)).killed, true);
  }));

  test("that runs yet holds up the undoing; a crash interrupts it for good", () => withDrill("sleep 15", async (drill, program) => {
    await kill(drill);
    await until(() => program.runs().length === 1, "its start");
    const refused = await undo(drill);
    assert.equal(refused.status, 409);
    assert.match(refused.json.detail, /running yet/);
    await drill.kill9();
    await drill.restart();
    const { killed, rounds } = await look(drill);
    assert.deepEqual([killed, rounds[0].hook.outcome], [true, "interrupted"]);
    assert.match(drill.output, /not run again/);
    await sleep(300);
    assert.equal(program.runs().length, 1);
    assert.equal((await undo(drill)).status, 200);
  }));

  test("is ended with the server, which says so", () => withDrill("sleep 15", async (drill, program) => {
    await kill(drill);
    await until(() => program.runs().length === 1, "its start");
    assert.equal(await drill.stop(), 0);
    const hook = (await drill.events()).filter((e) => e.kind === "kill.hook");
    assert.deepEqual(hook.map((e) => e.body.outcome), ["interrupted"]);
  }));
});

test("before the start: neither the plan nor a hand starts a killed drill", async () => {
  const drill = await startDrill({ startInMs: 8000 });
  try {
    assert.equal((await kill(drill)).status, 200);
    assert.equal((await look(drill)).rounds[0].hook.outcome, "none");
    const { start } = (await drill.board()).drill;
    await sleep(Date.parse(start) + 300 - Date.now());
    const { drill: shown } = await drill.board();
    assert.deepEqual([shown.state, shown.killed], ["planned", true]);
    assert.doesNotMatch(drill.output, /drill\.started/); // it is not even tried
    assert.equal((await drill.clock("start")).status, 409);
    assert.equal((await undo(drill)).status, 200);
    await drill.untilBoard((b) => b.drill.state === "running", "the planned start");
    assert.deepEqual((await kinds(drill)).filter((k) => /^(drill\.paused|kill)/.test(k)), ["kill.switched", "kill.undone"]);
  } finally {
    await drill.close();
  }
});

test("a crash in the middle leaves all of it or nothing", async () => {
  const drill = await startDrill({ ticks: 600 });
  try {
    await drill.start();
    const crashes = [
      async (ask) => { process.kill(drill.pid, "SIGSTOP"); ask(); }, // before the server reads it
      async (ask) => { await ask(); }, // after its answer
      ...Array.from({ length: 8 }, (_, ms) => async (ask) => { ask(); await sleep(ms); }), // wherever that finds it
    ];
    const outcomes = [];
    for (const crash of crashes) {
      let asked;
      await crash(() => (asked = kill(drill).catch(() => undefined)));
      await drill.kill9();
      await asked;
      await drill.restart();
      const { drill: shown } = await drill.board();
      const last = (await drill.call("GET", "/api/v1/announcements")).json.at(-1);
      assert.equal(shown.state, shown.killed ? "paused" : "running");
      assert.equal(last?.in_force ?? false, shown.killed);
      outcomes.push(shown.killed);
      if (shown.killed) {
        assert.equal((await undo(drill)).status, 200);
        assert.equal((await drill.clock("resume")).status, 200);
      }
    }
    assert.deepEqual(outcomes.slice(0, 2), [false, true]);
  } finally {
    await drill.close();
  }
});
