// A disk that is slow, for one drilld: the library of slow_disk.c, built and preloaded.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "../../e2e/lib.mjs";

/** The program's environment for a disk that takes ms milliseconds for every page. */
export async function slowDisk(t, ms) {
  const dir = mkdtempSync(join(tmpdir(), "drill-disk-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const library = join(dir, "slow_disk.so");
  const built = await run("cc", ["-O2", "-shared", "-fPIC", "-o", library, join(ROOT, "tests/fault/lib/slow_disk.c")]);
  assert.equal(built.code, 0, built.output);
  // the last one lets a server built with AddressSanitizer take it, too
  return { LD_PRELOAD: library, SLOW_DISK_MS: String(ms), ASAN_OPTIONS: "verify_asan_link_order=0" };
}
