// A disk that is slow, or hangs: what may be told only after a commit waits for it, and the metrics, which must tell of
// just that, do not.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseExposition, valueOf } from "../e2e/exposition.mjs";
import { ROOT, run, startDrill } from "../e2e/lib.mjs";

test("the metrics wait for no commit and tell of the one that is under way", { timeout: 240000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "drill-slow-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const library = join(dir, "slow_disk.so");
  const built = await run("cc", ["-O2", "-shared", "-fPIC", "-o", library, join(ROOT, "tests/fault/lib/slow_disk.c")]);
  assert.equal(built.code, 0, built.output);
  const drill = await startDrill({ departments: 1, env: { LD_PRELOAD: library, SLOW_DISK_MS: "150" } });
  t.after(() => drill.close());
  // Again and again until enough of them have come while a commit was under way: how many do is the machine's affair.
  let seen = 0;
  for (let round = 0; seen < 2 && round < 20; round++) {
    let answered = false;
    if (round > 0) await drill.clock("pause");
    const running = drill.clock(round === 0 ? "start" : "resume").finally(() => (answered = true));
    while (!answered) {
      const { status, text } = await drill.as("director", "GET", "/metrics");
      assert.equal(status, 200);
      const families = parseExposition(text);
      if (valueOf(families, "drilld_drill_state", { state: "running" }) === 0) continue;
      if (valueOf(families, "drilld_journal_events_appended_total") === valueOf(families, "drilld_journal_committed_seq")) break;
      assert.ok(valueOf(families, "drilld_journal_waiting_bytes") > 0);
      seen += !answered;
    }
    assert.equal((await running).status, 200);
  }
  assert.ok(seen >= 2, `${seen} scrapes while the start was on its way to the disk`);
  const families = parseExposition((await drill.as("director", "GET", "/metrics")).text);
  assert.ok(valueOf(families, "drilld_journal_commit_duration_seconds_sum") > 0.3);
});
