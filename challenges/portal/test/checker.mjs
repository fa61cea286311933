// Drives the real drill-checker the way drilld does: JSON lines over its descriptor 3 (checker/protocol.h).
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./portal.mjs";

const build = process.env.BUILD ?? join(root, "build");

export class Checker {
  #job = 0;
  #waiting = new Map();

  /** Started, ready, and given the portal's program. */
  static async start(t) {
    const c = new Checker();
    c.process = spawn(join(build, "drill-checker"), [], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
    c.exit = once(c.process, "exit");
    c.pipe = c.process.stdio[3];
    const ready = new Promise((resolve, reject) => {
      createInterface({ input: c.pipe }).on("line", (text) => {
        const line = JSON.parse(text);
        if (line.type === "ready") resolve();
        else c.#waiting.get(line.job)?.(line);
      });
      c.exit.then(([code]) => reject(new Error(`drill-checker ended with ${code}`)));
    });
    t.after(async () => {
      c.process.kill("SIGKILL");
      await c.exit;
    });
    await ready;
    const program = execFileSync(join(build, "drillctl"), ["program", join(root, "challenges/portal")], { encoding: "utf8" });
    c.#send({ type: "program", challenge: "portal", program: JSON.parse(program) });
    return c;
  }

  #send(line) {
    this.pipe.write(`${JSON.stringify(line)}\n`);
  }

  /** Puts this tick's flag, checks, and gets the older ones; the result line. */
  round(port, flag, older = []) {
    const job = ++this.#job;
    const { tick, text, seed } = flag;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(job, resolve);
      this.exit.then(() => reject(new Error("drill-checker has ended")));
    });
    this.#send({
      type: "job", job, challenge: "portal", host: "127.0.0.1", port, tick, tick_ms: 60000, timeout_ms: 60000,
      team: { id: "library", name: "图书馆", number: 1 },
      put: [{ flag: text, seed, slot: 0 }],
      get: older.map((f) => ({ flag: f.text, saved: f.saved, seed: f.seed, slot: 0, tick: f.tick })),
    });
    return answer;
  }

  /** A round that must end with ok; keeps what it saved in the flag, for later rounds. */
  async place(port, flag, older = []) {
    const result = await this.round(port, flag, older);
    if (result.status !== "ok") throw new Error(`${result.status}: ${result.message}\n${result.trace}`);
    flag.saved = Object.fromEntries(Object.entries(result.saved).map(([key, value]) => [key.replace(/^s0\./, ""), value]));
    return result;
  }
}

/** A flag as drilld makes it, of no drill in particular. */
export const newFlag = (tick) => ({
  tick,
  text: `DRILL{${randomBytes(18).toString("base64url")}}`,
  seed: randomBytes(8).toString("hex"),
  saved: {},
});
