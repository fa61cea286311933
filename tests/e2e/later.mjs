// A wall clock that a test moves while drilld runs (libfaketime): what days bring about comes in seconds. The clock of
// pauses and timeouts, which is monotonic, stays as it is.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LIBRARY = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"].map((dir) => join(dir, "faketime/libfaketimeMT.so.1")).find(existsSync);

/**
 * {env, set, now, close}: env is drilld's; set(aheadMs) moves its wall clock to so far ahead of the machine's, within a
 * second of being called; now() is the time by that clock.
 */
export function wallClock(aheadMs = 0) {
  if (!LIBRARY) throw new Error("libfaketime is not there: install Debian's package faketime (scripts/deps.sh does)");
  const dir = mkdtempSync(join(tmpdir(), "drill-clock-")), file = join(dir, "ahead");
  let ahead;
  const set = (ms) => {
    ahead = Math.round(ms / 1000) * 1000;
    writeFileSync(file, `${ahead < 0 ? "-" : "+"}${Math.abs(ahead) / 1000}\n`);
  };
  set(aheadMs);
  return {
    // The sanitizer wants to be the first library, though either order serves here.
    env: {
      LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1",
      ASAN_OPTIONS: [process.env.ASAN_OPTIONS, "verify_asan_link_order=0"].filter(Boolean).join(":"),
    },
    set,
    now: () => Date.now() + ahead,
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
