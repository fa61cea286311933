// The brake on what departments and red teams write: small changes of a large draft are paid for by what they store.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startDrill } from "./lib.mjs";

const PATH = "/api/v1/reports", BLUE = "dept-1-blue", OTHER = "dept-2-blue";
const large = "x".repeat(12000);

describe("an account that writes without end", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, ticks: 3600 });
    await drill.start();
  });
  after(() => drill.close());

  const braked = async () => Number(/^drilld_writes_braked_total (\d+)$/m.exec((await drill.as("director", "GET", "/metrics")).text)[1]);
  const change = (i) => drill.as(BLUE, "PATCH", `${PATH}/1/draft`, { body: { document: { summary: `change ${i}` } } });

  test("has to wait, and is told how long; nobody else is held", async () => {
    const made = await drill.as(BLUE, "POST", PATH, { body: { document: { course: large, measures: large, effect: large } } });
    assert.equal(made.status, 201, made.text);
    const began = Date.now();
    let answer, stored = 0;
    for (let i = 0; (answer = await change(i)).status === 200; i++) {
      stored += 3 * large.length;
      assert.ok(stored < 64 * 1024 * 1024, "it is never held");
    }
    assert.equal(answer.status, 429, answer.text);
    assert.match(answer.json.detail, /at most 100 times and 512 KiB a second/);
    const seconds = Number(answer.headers["retry-after"]);
    assert.ok(seconds >= 1 && seconds < 60, answer.headers["retry-after"]);
    // What has gone through is the burst and what drained meanwhile, with room for what an event has besides its texts.
    assert.ok(stored <= 4 * 1024 * 1024 + (Date.now() - began) * 525 + 40000, `${stored}`);
    assert.equal((await drill.as(BLUE, "GET", `${PATH}/1`)).status, 200);
    assert.equal((await drill.as(OTHER, "POST", PATH, { body: { document: {} } })).status, 201);
    assert.equal(await braked(), 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    assert.equal((await change("last")).status, 200);
  });

  test("its body is not read: a malformed one is refused the same way", async () => {
    const before = await braked();
    const answers = await Promise.all(Array.from({ length: 250 }, () => drill.as(OTHER, "POST", PATH, { body: "{" })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))].sort(), [400, 429]);
    assert.equal(answers.filter((a) => a.status === 429).length, (await braked()) - before);
  });

  test("flags and staff are not held", async () => {
    const flags = await Promise.all(Array.from({ length: 300 }, () => drill.as("red-1", "POST", "/api/v1/flags", { body: [] })));
    assert.deepEqual([...new Set(flags.map((a) => a.status))].filter((s) => s === 429), []);
    const staff = await Promise.all(Array.from({ length: 300 }, () => drill.as("director", "POST", "/api/v1/clock", { body: {} })));
    assert.deepEqual([...new Set(staff.map((a) => a.status))], [400]);
  });
});
