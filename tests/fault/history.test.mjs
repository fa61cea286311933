// The past of a system's checks while the disk is far behind: what is told is on disk by then, and none of it is missing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drillctl, startDrill } from "../e2e/lib.mjs";
import { slowDisk } from "./lib/slow_disk.mjs";

test("a page of history waits for results that are not on disk yet, and has them all", { timeout: 600000 }, async (t) => {
  // a commit takes longer than a tick: the last results of a system are under way together
  const drill = await startDrill({ departments: 1, tick: 1000, ticks: 600, env: await slowDisk(t, 500) });
  t.after(() => drill.close());
  await drill.start();
  let behind = 0;
  for (let i = 0; i < 5; i++) {
    const { status, json, text } = await drill.as("judge", "GET", "/api/v1/systems/dept-1-notes/checks", { timeoutMs: 240000 });
    assert.equal(status, 200, text);
    const open = json.checks.at(-1)?.tick ?? -1;
    assert.deepEqual(json.checks.map((c) => c.tick), Array.from({ length: json.checks.length }, (_, k) => open - json.checks.length + 1 + k));
    for (const c of json.checks) if (c.status === "ok") assert.match(c.trace, /front page/, `tick ${c.tick}`);
    behind += json.checks.length > 2;
    const onDisk = (await drill.events("--kind", "check.done")).map((e) => e.body.tick);
    for (const c of json.checks) if (c.ms > 0) assert.ok(onDisk.includes(c.tick), `tick ${c.tick} was told and is not on disk`);
  }
  assert.ok(behind > 2, "there was something to look up");
  await drill.kill9();
  const verified = await drillctl("verify", drill.data);
  assert.equal(verified.code, 0, verified.output);
});
