// One child process: its lines, its end, and stopping it for certain.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Child {
  /** detached: a process group of its own, so that Ctrl-C in the terminal reaches it only through stop(). */
  constructor(name, program, args, { env = {}, detached = false, onLine = () => {} } = {}) {
    this.name = name;
    this.detached = detached;
    this.process = spawn(program, args, {
      env: { ...process.env, ...env },
      detached,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      createInterface({ input: stream }).on("line", (line) => onLine(line, this));
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => resolve({ code: null, signal: null, error }));
      this.process.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.ended.then(() => (this.done = true));
  }

  kill(signal) {
    if (this.done || this.process.pid === undefined) return;
    try {
      // the hard way out takes its children along
      if (this.detached && signal === "SIGKILL") process.kill(-this.process.pid, signal);
      else this.process.kill(signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }

  /** Asks it to end, insists after graceMs; resolves when it has ended. */
  async stop(graceMs = 8000) {
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}

/**
 * Starts a child with start(see), where see is to get its lines; resolves with the first match of the pattern.
 * Fails when the child ends before, or after timeoutMs.
 */
export function firstLine(start, pattern, timeoutMs = 15000) {
  return new Promise((resolve, reject) => {
    const last = [];
    const child = start((line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      const match = pattern.exec(line);
      if (match) settle(resolve, match);
    });
    const timer = setTimeout(() => settle(reject, new Error(`${child.name} does not say ${pattern}`)), timeoutMs);
    const settle = (how, value) => {
      clearTimeout(timer);
      how(value);
    };
    child.ended.then(({ code, signal, error }) =>
      settle(reject, new Error(`${child.name} ended early (${error?.message ?? signal ?? code})\n${last.join("\n")}`)),
    );
  });
}
