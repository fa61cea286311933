// What was acknowledged is never lost: drilld is killed again and again in the middle of submissions, ticks and checks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drillctl, isAlive, startDrill, until } from "../e2e/lib.mjs";

const KILLS = 20, SENDERS = 4, DEPARTMENTS = 12;
const REDS = Array.from({ length: SENDERS }, (_, i) => [`red-${i + 1}`]);

/** A red team that sends every flag it learns, one or a few per request, until its server is gone. */
class Sender {
  acknowledged = new Map(); // flag -> verdicts in the order told
  #sent = new Set();

  constructor(drill, red) {
    this.drill = drill;
    this.red = red;
  }

  /** Sends until a request fails. */
  async run() {
    for (;;) {
      const flags = this.drill.flags().map((f) => f.flag).filter((f) => !this.#sent.has(f)).slice(0, 1 + Math.floor(Math.random() * 3));
      if (flags.length === 0) {
        await sleep(2);
        if (this.drill.ended) return;
        continue;
      }
      flags.forEach((f) => this.#sent.add(f));
      let answer;
      try {
        answer = await this.drill.submit(this.red, flags);
      } catch {
        this.lost = flags; // not acknowledged: may or may not count
        return;
      }
      assert.equal(answer.status, 200, answer.text);
      for (const { flag, verdict } of answer.json) this.acknowledged.set(flag, verdict);
    }
  }

  ok = () => [...this.acknowledged].filter(([, v]) => v === "ok").map(([flag]) => flag);
}

test(`${KILLS} times kill -9 under load: every acknowledged flag and every delta seen is in the journal, which verifies`, { timeout: 120000 }, async (t) => {
  const drill = await startDrill({ departments: DEPARTMENTS, reds: REDS, ticks: 1000, flagTicks: 500, extraArgs: ["--checkers", "2"] });
  t.after(() => drill.close());
  await drill.start();
  const senders = REDS.map(([red]) => new Sender(drill, red));
  const seen = new Map(); // seq -> kind, of all that any client was told
  const places = new Map(); // flag -> {system, tick}
  let midRequest = 0;

  for (let kill = 0; kill < KILLS; kill++) {
    const watchers = [await drill.live(), await drill.live(undefined, { account: "admin" })];
    const sending = senders.map((s) => s.run());
    await sleep(Math.random() * 900);
    await drill.kill9();
    await Promise.all([...sending, ...watchers.map((w) => w.closed)]);
    midRequest += senders.filter((s) => s.lost).length;
    for (const { seq, kind } of watchers.flatMap((w) => w.deltas)) seen.set(seq, kind);
    for (const { flag, system, tick } of drill.flags()) places.set(flag, { system, tick });

    const taken = new Set((await drill.events("--kind", "flag.captured")).map(({ body: b }) => `${b.team} ${b.system} ${b.tick}`));
    for (const sender of senders)
      for (const flag of sender.ok()) {
        const { system, tick } = places.get(flag);
        assert.ok(taken.has(`${sender.red} ${system} ${tick}`), `kill ${kill}: ${sender.red} was told ok for ${system} of tick ${tick}`);
      }
    await drill.restart();
    for (const sender of senders) {
      const sure = sender.ok().slice(-1000);
      for (const { verdict } of (await drill.submit(sender.red, sure)).json) assert.equal(verdict, "dup", `kill ${kill}: counted before`);
      // what was cut off counts once, whichever side of the crash it fell on
      for (const { flag, verdict } of sender.lost ? (await drill.submit(sender.red, sender.lost)).json : []) {
        assert.match(verdict, /^(ok|dup)$/);
        sender.acknowledged.set(flag, "ok");
      }
      sender.lost = undefined;
    }
  }

  assert.equal(await drill.stop(), 0, drill.output);
  const verified = await drillctl("verify", drill.data, "--json");
  assert.equal(verified.code, 0, verified.output);
  const events = await drill.events();
  const kinds = new Map(events.map((e) => [e.seq, e.kind]));
  for (const [seq, kind] of seen) assert.equal(kinds.get(seq), kind, `event ${seq} was shown as ${kind}`);
  const captures = events.filter((e) => e.kind === "flag.captured").map(({ body: b }) => `${b.team} ${b.system} ${b.tick} ${b.slot}`);
  assert.equal(new Set(captures).size, captures.length, "no flag counts twice");
  assert.equal(captures.length, senders.reduce((n, s) => n + s.ok().length, 0), "and none that nobody was told of");
  const ticks = events.filter((e) => e.kind === "tick.closed").map((e) => e.body.tick);
  assert.deepEqual(ticks, ticks.map((_, i) => i), "every tick closes once");
  assert.ok(captures.length > 100 && midRequest > 0 && seen.size > 100, `${captures.length} captures, ${midRequest} requests cut off, ${seen.size} deltas seen: too quiet to prove anything`);
  t.diagnostic(`${captures.length} captures, ${midRequest} requests cut off, ${seen.size} deltas seen, ${events.length} events`);
});

test("after kill -9 no checker stays behind", { timeout: 30000 }, async (t) => {
  const drill = await startDrill({ departments: 2, extraArgs: ["--checkers", "3"] });
  t.after(() => drill.close());
  await drill.start();
  await drill.flag("dept-1-notes");
  const checkers = drill.children();
  assert.equal(checkers.length, 3);
  await drill.kill9();
  await until(() => !checkers.some(isAlive), "they end with the server");
});
