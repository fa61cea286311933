// A disk that fills up under a running drill: the server stops and says why, and what it acknowledged is still there
// when there is room again. The disk is a small tmpfs in a mount namespace of the test's own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BUILD, run, startDrill, until } from "../e2e/lib.mjs";

const can = process.getuid() === 0 && (await run("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])).code === 0;

/** A small disk at dir that only the programs run through enter see. */
async function smallDisk(dir) {
  const holder = spawn("unshare", ["-m", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs "$0" && echo ready && exec sleep 600', dir], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  const enter = ["nsenter", "-t", String(holder.pid), "-m"];
  return {
    enter,
    in: (...command) => run(enter[0], [...enter.slice(1), ...command]),
    close: async () => {
      holder.kill();
      await once(holder, "close");
    },
  };
}

test("a full disk stops the server with a clear message; with room again nothing acknowledged is missing", { skip: !can && "needs root and mount namespaces", timeout: 600000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "drill-disk-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const mount = join(dir, "disk");
  mkdirSync(mount);
  const disk = await smallDisk(mount);
  t.after(() => disk.close());
  const data = join(mount, "data");
  const drill = await startDrill({ departments: 4, slots: 8, flagTicks: 50, data, wrapper: disk.enter });
  t.after(() => drill.close());
  await drill.start();
  await until(() => drill.flags().length >= 40, "flags");

  const answers = new Map();
  let filled, next = 0;
  while (!drill.ended) {
    if (next === 8) filled = await disk.in("dd", "if=/dev/zero", `of=${join(mount, "filler")}`, "bs=4096");
    const flag = await until(() => drill.ended || drill.flags()[next]?.flag, "one more flag");
    if (drill.ended) break;
    next++;
    const answer = await drill.submit("red-1", [flag]).catch(() => undefined);
    if (answer?.status === 200) answers.set(flag, answer.json[0].verdict);
    else if (answer) assert.equal(answer.status, 503, answer.text);
  }
  await drill.exited;
  assert.match(filled.output, /No space left/);
  assert.deepEqual(drill.ended, { code: 1, signal: null }, drill.output);
  assert.match(drill.output, /journal.*(full|space)/i);
  assert.match(drill.output, /start again: nothing acknowledged is lost/);
  const ok = [...answers].filter(([, verdict]) => verdict === "ok").map(([flag]) => flag);
  assert.ok(ok.length >= 8, `${ok.length} acknowledged`);

  await assert.rejects(drill.restart(), /drilld has ended.*"code":1/s, "a disk that is still full is no start");
  assert.match(drill.output, /full|space/i);
  await disk.in("rm", join(mount, "filler"));
  await drill.restart();
  assert.deepEqual((await drill.submit("red-1", ok)).json.map((v) => v.verdict), ok.map(() => "dup"));
  await drill.untilTick((await drill.board()).drill.tick + 1);
  assert.equal(await drill.stop(), 0, drill.output);
  const verified = await disk.in(join(BUILD, "drillctl"), "verify", data);
  assert.equal(verified.code, 0, verified.output);
});
