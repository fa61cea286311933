// The drill's clock: the organizer's hand on it, and what a stop of the server does to it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drillctl, startDrill, until } from "./lib.mjs";

/** Runs with a drill of its own. */
const withDrill = (options, body) => async () => {
  const drill = await startDrill({ departments: 1, ...options });
  try {
    await body(drill);
  } finally {
    await drill.close();
  }
};
const kinds = async (drill, kind) => (await drill.events()).filter((e) => e.kind === kind);
/** What of a board is the drill's, not of the moment it was asked for. */
const lasting = ({ drill: { now, drill_ms, reason, ...drill }, seq, head, head_seq, feed, ...rest }) => ({ ...rest, drill });

describe("the director's hand", { concurrency: 3 }, () => {
  test("an action in the wrong state is a 409 that says why", withDrill({}, async (drill) => {
    const refused = async (action, more) => {
      const answer = await drill.clock(action, more);
      assert.equal(answer.status, 409, `${action}: ${answer.text}`);
      assert.match(answer.json.detail, /\w+ \w+/);
    };
    for (const action of ["pause", "resume", "end"]) await refused(action);
    await drill.start();
    for (const action of ["start", "resume"]) await refused(action);
    assert.equal((await drill.clock("pause")).status, 200);
    for (const action of ["start", "pause"]) await refused(action);
    assert.equal((await drill.clock("resume")).status, 200);
    assert.equal((await drill.clock("end")).json.state, "ended");
    for (const action of ["start", "pause", "resume", "end"]) await refused(action);
    await refused("stop_after", { tick: 5 });
  }));

  test("a body that is no action is a 400", withDrill({}, async (drill) => {
    for (const body of ["", "[]", {}, { action: "explode" }, { action: 1 }, { action: "start", extra: 1 }, { action: "start", tick: "1" }, { action: "stop_after", tick: -1 }, { action: "start", reason: 7 }, { action: "start", reason: "a\u2028b" }])
      assert.equal((await drill.as("director", "POST", "/api/v1/clock", { body })).status, 400, JSON.stringify(body));
    assert.equal((await drill.health()).state, "planned");
  }));

  test("a pause stops drill time, tells its reason, refuses flags; afterwards the tick goes on where it was", withDrill({}, async (drill) => {
    await drill.start();
    const { flag } = await drill.flag("dept-1-notes");
    assert.equal((await drill.clock("pause", { reason: "午休" })).json.state, "paused");
    const one = await drill.board();
    assert.equal(one.drill.reason, "午休");
    await sleep(1300); // longer than a tick
    const two = await drill.board();
    assert.equal(two.drill.drill_ms, one.drill.drill_ms);
    assert.equal(two.drill.tick, one.drill.tick);
    assert.deepEqual((await drill.submit("red-1", [flag])).json.map((v) => v.verdict), ["err"]);
    await drill.clock("resume");
    assert.deepEqual((await drill.submit("red-1", [flag])).json.map((v) => v.verdict), ["ok"]);
    // A busy machine begins some ticks late, but not all; a pause that counted would be in each of them.
    const ticks = async () => (await kinds(drill, "tick.began")).filter((e) => e.body.tick > one.drill.tick);
    await until(async () => (await ticks()).some((e) => Math.abs(e.drill_ms - e.body.tick * 1000) < 500), "a tick begins in its time");
  }));

  test("end closes the open tick, scores it, and is final", withDrill({}, async (drill) => {
    await drill.start();
    const { flag } = await drill.flag("dept-1-notes");
    await drill.submit("red-1", [flag]);
    const { json } = await drill.clock("end", { reason: "达到目标" });
    assert.equal(json.state, "ended");
    const board = await drill.board();
    assert.equal(board.drill.tick_open, false);
    assert.ok(board.ranking.find((r) => r.team === "red-1").total > 0, "what was captured in it counts");
    const last = (await drill.events()).map((e) => e.kind).filter((k) => /^(tick|drill)/.test(k)).slice(-2);
    assert.deepEqual(last, ["tick.closed", "drill.ended"]);
    assert.deepEqual((await drill.submit("red-1", [flag])).json.map((v) => v.verdict), ["err"]);
    const signed = await until(async () => (await drill.events("--kind", "checkpoint")).at(-1), "a checkpoint");
    const ended = (await kinds(drill, "drill.ended"))[0];
    assert.ok(signed.body.upto <= ended.seq);
  }));

  test("stop_after ends the drill by itself after that tick, not before and not later", withDrill({}, async (drill) => {
    await drill.start();
    const answer = await drill.clock("stop_after", { tick: 1 });
    assert.equal(answer.json.last_tick, 1, answer.text);
    await drill.untilBoard((b) => b.drill.state === "ended", "the end");
    assert.deepEqual((await kinds(drill, "tick.closed")).map((e) => e.body.tick), [0, 1]);
  }));

  test("the last tick of the plan ends the drill", withDrill({ ticks: 2, flagTicks: 1 }, async (drill) => {
    await drill.start();
    const board = await drill.untilBoard((b) => b.drill.state === "ended", "the end");
    assert.equal(board.drill.tick, 1);
    const verified = await drillctl("verify", drill.data);
    assert.equal(verified.code, 0, verified.output);
  }));
});

describe("a plan and a restart", { concurrency: 3 }, () => {
  test("a drill with a start time starts by itself at that time", withDrill({ startInMs: 8000, tokens: false }, async (drill) => {
    const { drill: { start, state } } = await drill.board();
    assert.equal(state, "planned");
    await drill.untilBoard((b) => b.drill.state === "running", "the start");
    const [began] = await kinds(drill, "drill.started");
    assert.ok(began.at_ms >= Date.parse(start) && began.at_ms < Date.parse(start) + 5000, `${began.at_ms - Date.parse(start)} ms late`);
    assert.equal(began.actor, "clock");
  }));

  for (const [how, end] of [["stop", "stop"], ["kill -9", "kill9"]])
    test(`after ${how} in the middle of a tick the drill goes on there; the outage was a pause; nothing is lost`, withDrill({ departments: 2, tick: 12000, timeoutMs: 6000 }, async (drill) => {
      await drill.start();
      const { flag } = await drill.flag("dept-1-notes");
      assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
      await drill.untilBoard((b) => b.systems.some((s) => s.status === "ok"), "a check's result");
      const asked = Date.now();
      const before = await drill.board();
      assert.equal(before.drill.tick_open, true);
      await drill[end]();
      const workers = [...drill.workers];
      await until(() => workers.every((pid) => !drill.children().includes(pid)), "the checker ends with the server");
      await sleep(1000);
      await drill.restart();
      const after = await drill.board();
      assert.equal(after.drill.state, "running");
      assert.equal(after.drill.tick, before.drill.tick);
      const [passed, real] = [after.drill.drill_ms - before.drill.drill_ms, Date.now() - asked];
      assert.ok(passed < real - 900, `${passed} ms of drill time passed in ${real} ms, of which it was down for a second`);
      for (const system of before.systems.filter((s) => s.tick === 0))
        assert.deepEqual(after.systems.find((s) => s.id === system.id), system);
      const [{ systems: _, ...was }, { systems: __, ...is }] = [lasting(before), lasting(after)];
      assert.deepEqual(is, was);
      assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "dup");
      const paused = (await kinds(drill, "drill.paused"))[0];
      assert.ok(paused.body.down_ms >= 900 && paused.body.down_ms < Date.now() - asked, `${paused.body.down_ms}`);
      await drill.untilTick(1);
      const done = (await kinds(drill, "check.done")).filter((e) => e.body.tick === 0);
      assert.deepEqual(done.map((e) => [e.body.system, e.body.status]).sort(), [["dept-1-notes", "ok"], ["dept-2-notes", "ok"]], "each system is checked once in that tick");
      const verified = await drillctl("verify", drill.data);
      assert.equal(verified.code, 0, verified.output);
    }));

  test("a drill that was paused is still paused after a restart", withDrill({}, async (drill) => {
    await drill.start();
    await drill.clock("pause", { reason: "break" });
    const before = await drill.board();
    await drill.kill9();
    await drill.restart();
    const after = await drill.board();
    assert.equal(after.drill.state, "paused");
    assert.deepEqual(lasting(after), lasting(before));
    assert.equal(after.drill.drill_ms, before.drill.drill_ms);
    assert.equal((await drill.clock("resume")).json.state, "running");
  }));

  test("the feed, the history and every session-less secret survive; browsers sign in again", withDrill({}, async (drill) => {
    const { cookie } = await drill.signIn("admin", drill.adminPassword);
    await drill.start();
    const { flag } = await drill.flag("dept-1-notes");
    await drill.submit("red-1", [flag]);
    await drill.untilTick(2);
    await drill.clock("pause");
    const before = await drill.board();
    assert.ok(before.feed.some((d) => d.kind === "flag.captured"));
    assert.equal(await drill.stop(), 0);
    await drill.restart();
    const after = await drill.board();
    assert.deepEqual(after.feed, before.feed);
    assert.deepEqual(after.history, before.history);
    assert.equal(after.head, before.head);
    assert.equal((await drill.call("GET", "/api/v1/session", { headers: { cookie } })).status, 401);
    assert.equal((await drill.signIn("admin", drill.adminPassword)).role, "admin");
  }));
});
