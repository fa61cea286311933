// What was acknowledged is never lost: drilld is killed again and again in the middle of submissions, ticks and checks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drillctl, isAlive, startDrill, until } from "../e2e/lib.mjs";
import { slowDisk } from "./lib/slow_disk.mjs";

const SENDERS = 4, DEPARTMENTS = 12, SLOTS = 8;
const BACKLOG = 40; // what each of them has to send then, at least
const REDS = Array.from({ length: SENDERS }, (_, i) => [`red-${i + 1}`]);

/** A red team that sends every flag it learns, a few per request, until its server is gone. */
class Sender {
  acknowledged = new Map(); // flag -> verdict
  lost = []; // of the request that was cut off: it may or may not count
  #sent = 0;

  constructor(drill, red) {
    this.drill = drill;
    this.red = red;
  }

  unsent = () => this.drill.flags().length - this.#sent;

  /** Sends in the order in which the flags were put, until a request fails. */
  async run() {
    for (const flags = inOrder(this.drill); ; ) {
      const some = flags.slice(this.#sent, this.#sent + 1 + Math.floor(Math.random() * 3));
      if (some.length === 0) return;
      this.#sent += some.length;
      let answer;
      try {
        answer = await this.drill.submit(this.red, some);
      } catch {
        this.lost = some;
        return;
      }
      assert.equal(answer.status, 200, answer.text);
      for (const { flag, verdict } of answer.json) this.acknowledged.set(flag, verdict);
    }
  }

  ok = () => [...this.acknowledged].filter(([, v]) => v === "ok").map(([flag]) => flag);
}

/** Every flag that drill's checks have put so far, each at the place where it stays. */
function inOrder(drill) {
  const known = (drill.inOrder ??= new Set());
  for (const { flag } of drill.flags()) known.add(flag);
  return [...known];
}

/** How often each thing is there. */
const tally = (things) => things.reduce((counts, thing) => counts.set(thing, (counts.get(thing) ?? 0) + 1), new Map());

/** burstMs: how long the senders have before the kill, at most. */
async function killAgainAndAgain(t, { kills, burstMs, env = {} }) {
  const drill = await startDrill({ departments: DEPARTMENTS, reds: REDS, ticks: 1000, flagTicks: 500, slots: SLOTS, extraArgs: ["--checkers", "2"], env });
  t.after(() => drill.close());
  await drill.start();
  const senders = REDS.map(([red]) => new Sender(drill, red));
  const seen = new Map(); // seq -> kind, of all that any client was told
  const places = new Map(); // flag -> "system tick"
  let cutOff = 0;

  // On a busy machine less happens before each of them: then it takes more.
  const enough = () => senders.reduce((n, s) => n + s.ok().length, 0) > 100 && cutOff >= kills / 2 && seen.size > 40;
  for (let kill = 0; kill < kills || (!enough() && kill < 5 * kills); kill++) {
    await until(() => (inOrder(drill), senders.every((s) => s.unsent() >= BACKLOG)), "flags to send");
    const watchers = [await drill.live(), await drill.live(undefined, { account: "admin" })];
    const sending = senders.map((s) => s.run());
    await sleep(Math.random() * burstMs);
    await drill.kill9();
    await Promise.all([...sending, ...watchers.map((w) => w.closed)]);
    cutOff += senders.filter((s) => s.lost.length > 0).length;
    for (const { seq, kind } of watchers.flatMap((w) => w.deltas)) seen.set(seq, kind);
    for (const { flag, system, tick } of drill.flags()) places.set(flag, `${system} ${tick}`);

    const taken = tally((await drill.events("--kind", "flag.captured")).map(({ body: b }) => `${b.team} ${b.system} ${b.tick}`));
    for (const [place, count] of tally(senders.flatMap((s) => s.ok().map((flag) => `${s.red} ${places.get(flag)}`))))
      assert.ok(taken.get(place) >= count, `kill ${kill}: ${count} times ok was told for ${place}, the journal has ${taken.get(place)}`);
    await drill.restart();
    for (const sender of senders) {
      for (const { verdict } of (await drill.submit(sender.red, sender.ok().slice(-1000))).json) assert.equal(verdict, "dup", `kill ${kill}: counted before`);
      // what was cut off counts once, on whichever side of the crash
      for (const { flag, verdict } of (await drill.submit(sender.red, sender.lost)).json) {
        assert.match(verdict, /^(ok|dup)$/);
        sender.acknowledged.set(flag, "ok");
      }
      sender.lost = [];
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
  assert.ok(enough(), `${captures.length} captures, ${cutOff} requests cut off, ${seen.size} deltas seen: too quiet to prove anything`);
  t.diagnostic(`${captures.length} captures, ${cutOff} requests cut off, ${seen.size} deltas seen, ${events.length} events`);
}

const RULE = "every acknowledged flag and every delta seen is in the journal, which verifies";
test(`20 times kill -9 under load: ${RULE}`, { timeout: 600000 }, (t) => killAgainAndAgain(t, { kills: 20, burstMs: 40 }));
test(`10 times kill -9 with a slow disk: ${RULE}`, { timeout: 600000 }, async (t) =>
  killAgainAndAgain(t, { kills: 10, burstMs: 300, env: await slowDisk(t, 3) }));

test("after kill -9 no checker stays behind", { timeout: 240000 }, async (t) => {
  const drill = await startDrill({ departments: 2, extraArgs: ["--checkers", "3"] });
  t.after(() => drill.close());
  await drill.start();
  await drill.flag("dept-1-notes");
  const checkers = drill.children();
  assert.equal(checkers.length, 3);
  await drill.kill9();
  await until(() => !checkers.some(isAlive), "they end with the server");
});
