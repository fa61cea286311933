// A real drill-checker on a socketpair, for tests: lines out, results in, by job number.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

import { PATIENCE_MS } from './lib.mjs';

export { PATIENCE_MS, until } from './lib.mjs';

// Both builds where both are there: release, and ASan + UBSan.
export const builds = ['build', 'build/debug'].filter((dir) => existsSync(`${dir}/drill-checker`));

// Nobody listens there, and nobody comes: the kernel gives out no port as low as this one.
export const CLOSED_PORT = 1;

export class Checker {
  // within: a command that runs the checker, such as ['unshare', '-n'].
  constructor(dir, args = [], within = []) {
    const [program, ...words] = [...within, `${dir}/drill-checker`, ...args];
    this.child = spawn(program, words, { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log += text));
    this.waiting = new Map();
    this.next = 1;
    this.ready = new Promise((resolve) => (this.onReady = resolve));
    this.exit = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        for (const { reject } of this.waiting.values()) reject(new Error(`the checker ended: ${code} ${signal}\n${this.log}`));
        resolve({ code, signal });
      });
    });
    this.socket = this.child.stdio[3];
    this.socket.on('error', () => {}); // the checker may end first: exit says how
    let rest = '';
    this.socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.onLine(JSON.parse(line));
    });
  }

  onLine(line) {
    if (line.type === 'ready') return this.onReady();
    const { resolve } = this.waiting.get(line.job);
    this.waiting.delete(line.job);
    resolve(line);
  }

  send(object) {
    this.sendText(JSON.stringify(object));
  }

  sendText(text) {
    this.socket.write(text + '\n');
  }

  program(challenge, program) {
    this.send({ type: 'program', challenge, program });
  }

  // One round; fields override the job's.
  job(challenge, port, fields = {}) {
    const job = this.next++;
    const result = new Promise((resolve, reject) => this.waiting.set(job, { resolve, reject }));
    this.send({ type: 'job', job, challenge, host: '127.0.0.1', port, tick: 7, tick_ms: 60000, timeout_ms: PATIENCE_MS, team: { id: 'library', name: '图书馆', number: 1 }, put: [], get: [], ...fields });
    return result;
  }

  // Closes the line and expects a clean end: exit code 0 and nothing to complain about.
  async end() {
    this.socket.end();
    return this.exit;
  }
}

export function flagOf(tick, slot = 0) {
  return `DRILL{${String(tick).padStart(20, 'x')}slot${slot}}`.replace(/[^A-Za-z0-9{}_-]/g, '');
}

export function putOf(tick, slot = 0) {
  return { flag: flagOf(tick, slot), seed: (tick * 16 + slot).toString(16).padStart(16, '0'), slot };
}

export function getOf(tick, saved = {}, slot = 0) {
  return { ...putOf(tick, slot), saved, tick };
}
