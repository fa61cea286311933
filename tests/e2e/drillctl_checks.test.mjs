// drillctl hold, void and history against a real drill: what a judge and a director type.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { BUILD, run, startDrill } from "./lib.mjs";

let drill;
before(async () => {
  drill = await startDrill({ departments: 2, tick: 4000, ticks: 600, timeoutMs: 4000 });
  drill.system("dept-2-notes").mode = "broken";
  await drill.start();
  await drill.untilTick(3);
  await drill.clock("pause", { reason: "for the judges" });
});
after(() => drill.close());

const ctl = (account, command, ...args) =>
  run(join(BUILD, "drillctl"), [command, "--url", drill.url, ...args], { env: { PATH: process.env.PATH, DRILL_TOKEN: drill.tokens[account] ?? "" } });
const good = async (...args) => {
  const { code, stdout, output } = await ctl(...args);
  assert.equal(code, 0, output);
  return stdout;
};

test("holds are made, listed, refused twice and released", async () => {
  assert.equal(await good("director", "hold"), "no checks were ever put on hold\n");
  assert.match(await good("director", "hold", "--system", "dept-1-notes", "--reason", "检测器坏了"), /^ {3}1 {2}on hold {3}system dept-1-notes\n {6}\S+ {2}director: 检测器坏了\n$/);
  assert.match(await good("director", "hold", "--challenge", "notes", "--reason", "r"), /challenge notes, 2 systems/);
  const twice = await ctl("director", "hold", "--challenge", "notes", "--reason", "r");
  assert.deepEqual([twice.code, twice.stderr], [1, "drillctl hold: these checks are on hold already, by hold 2\n"]);
  for (const n of ["1", "2"]) assert.equal(await good("admin", "hold", "--release", n, "--reason", "mended"), `hold ${n} is released\n`);
  const list = await good("judge", "hold");
  assert.match(list, /^ {3}1 {2}released {2}system dept-1-notes$/m);
  assert.match(list, /^ {6}\S+ {2}admin: mended$/m);
  const judge = await ctl("judge", "hold", "--system", "dept-1-notes", "--reason", "r");
  assert.deepEqual([judge.code, judge.stderr], [1, "drillctl hold: role judge may not do this\n"]);
});

test("a judge proposes and sees old against new; a director adopts and drops", async () => {
  const made = await good("judge", "void", "--systems", "dept-1-notes", "--ticks", "0-1", "--reason", "断网");
  assert.match(made, /^ {3}1 {2}proposed {2}ticks 0 to 1, system dept-1-notes$/m);
  assert.match(made, /^ {6}2 results; scores as of tick 2, without it -> with it$/m);
  assert.match(made, /^team +rank +total +attack +defense +sla$/m);
  assert.doesNotMatch(made, / $/m);
  assert.match(made, /^dept-1 +1 -> 1 +4\.24 -> 1\.41 /m);
  const before = await drill.board();
  const judge = await ctl("judge", "void", "--adopt", "1", "--reason", "r");
  assert.equal(judge.code, 1);
  assert.deepEqual((await drill.board()).ranking, before.ranking);
  assert.match(await good("director", "void", "--adopt", "1", "--reason", "agreed"), /^ {3}1 {2}adopted/);
  assert.equal((await drill.board()).ranking.find((r) => r.team === "dept-1").total.toFixed(2), "1.41");
  assert.match(await good("judge", "void", "--show", "1"), /^dept-1 +1 -> 1 +4\.24 -> 1\.41 /m);
  const twice = await ctl("director", "void", "--adopt", "1", "--reason", "r");
  assert.deepEqual([twice.code, twice.stderr], [1, "drillctl void: void 1 has been adopted before\n"]);
  assert.match(await good("director", "void", "--drop", "1", "--reason", "on appeal"), /^ {3}1 {2}dropped/);
  assert.deepEqual((await drill.board()).ranking, before.ranking);
  // proposed and adopted at once: the table stands before the adoption
  const once = await good("director", "void", "--services", "notes", "--ticks", "2", "--reason", "r", "--adopt");
  assert.ok(once.indexOf("proposed") < once.indexOf("team ") && once.indexOf("team ") < once.indexOf("adopted"), once);
  const list = await good("leader", "void");
  assert.match(list, /^ {3}1 {2}dropped {3}ticks 0 to 1, system dept-1-notes$/m);
  assert.match(list, /^ {3}2 {2}adopted {3}tick 2, 2 systems$/m);
  const open = await ctl("judge", "void", "--challenges", "notes", "--ticks", "0-3", "--reason", "r");
  assert.deepEqual([open.code, open.stderr], [1, "drillctl void: tick 3 has not closed; the last closed one is 2\n"]);
});

test("history tells a department of its own, and staff the trace", async () => {
  const own = await good("dept-2-blue", "history", "dept-2-notes", "--ticks", "0-2");
  assert.equal(own.match(/^ +\d {2}mumble /gm).length, 3, own);
  assert.match(own, /^ +2 {2}mumble +\d+ ms {2}VOIDED .+\n {8}void 2: r$/m);
  assert.doesNotMatch(own, /PUT \/notes/);
  assert.match(await good("judge", "history", "dept-2-notes", "--trace"), /^ {10}.*PUT \/notes/m);
  const other = await ctl("dept-1-blue", "history", "dept-2-notes");
  assert.deepEqual([other.code, other.stderr], [1, "drillctl history: no system \"dept-2-notes\"\n"]);
  assert.equal(await good("judge", "history", "dept-2-notes", "--ticks", "400-410"), "no tick of these has been checked\n");
});

test("a command line that cannot be right is refused before anything is sent", async () => {
  for (const [pattern, ...args] of [
    [/one of --system, --challenge and --release/, "hold", "--system", "a", "--challenge", "b", "--reason", "r"],
    [/--reason is missing/, "hold", "--system", "a"], [/a reason for what/, "hold", "--reason", "r"], [/--system wants a value/, "hold", "--system"],
    [/number of a hold/, "hold", "--release", "x", "--reason", "r"], [/number of a hold/, "hold", "--release", "0", "--reason", "r"], [/no option --force/, "hold", "--force"],
    [/whose checks\?/, "void", "--ticks", "1-2", "--reason", "r"], [/--ticks FIRST-LAST is missing/, "void", "--systems", "a", "--reason", "r"],
    [/--reason is missing/, "void", "--systems", "a", "--ticks", "1-2"], [/--ticks wants/, "void", "--systems", "a", "--ticks", "2-1", "--reason", "r"],
    [/--ticks wants/, "void", "--systems", "a", "--ticks", "x", "--reason", "r"], [/--adopt wants the number/, "void", "--adopt", "--reason", "r"],
    [/one at a time/, "void", "--adopt", "1", "--drop", "2", "--reason", "r"], [/one at a time/, "void", "--systems", "a", "--ticks", "1", "--drop", "2", "--reason", "r"],
    [/--reason is missing/, "void", "--drop", "1"], [/number of a void/, "void", "--show", "x"], [/a reason for what/, "void", "--show", "1", "--reason", "r"], [/no option --now/, "void", "--now"],
    [/name the system/, "history"], [/is not a system's id/, "history", "../accounts"], [/one system at a time/, "history", "a", "b"], [/--ticks wants/, "history", "a", "--ticks"],
  ]) {
    const { code, stderr } = await ctl("director", ...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, pattern);
    assert.match(stderr, /^usage: drillctl /m);
  }
});
