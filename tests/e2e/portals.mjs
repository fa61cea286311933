// Department portals (challenges/portal) for tests of contracts: started on a free port, stopped, robbed of their
// data, and a proxy in front that changes what one says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = 'build/challenges/portal/portal';

export class Portal {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'drill-portal-'));
    this.port = 0;
  }

  static async start() {
    const portal = new Portal();
    await portal.start();
    return portal;
  }

  // On the port that it had, if it had one; the kernel may have lent it to somebody meanwhile.
  async start() {
    for (let tries = 1; ; tries++) {
      this.child = spawn(PROGRAM, ['--port', String(this.port), '--data', this.dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(this.child, 'exit').then(() => []);
      const [line] = await Promise.race([once(this.child.stdout.setEncoding('utf8'), 'data'), ended]);
      if (line !== undefined) {
        this.port = Number(/:(\d+)\n/.exec(line)[1]);
        return;
      }
      if (tries === 20) throw new Error(`${PROGRAM} does not start on port ${this.port}`);
      await sleep(500);
    }
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  // Every account and draft is gone; pages stay.
  async forget() {
    await this.stop();
    for (const name of ['portal.db', 'portal.db-wal', 'portal.db-shm']) rmSync(join(this.dir, name), { force: true });
    await this.start();
  }

  // Replaces what the front page says until restore().
  deface() {
    const page = join(this.dir, 'site/zh/front.html');
    const before = readFileSync(page);
    writeFileSync(page, '<h1>Hacked by nobody</h1>');
    return () => writeFileSync(page, before);
  }

  async close() {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// A portal in front of the portal: forwards, and hands each answer to change() before it goes out.
export async function between(port, change) {
  const server = createServer(async (req, res) => {
    const body = await textOf(req);
    const up = request({ port, host: '127.0.0.1', path: req.url, method: req.method, headers: req.headers });
    up.end(body);
    const [answer] = await once(up, 'response');
    const said = { status: answer.statusCode, text: await textOf(answer) };
    await change(req, said);
    res.writeHead(said.status, { ...answer.headers, 'content-length': Buffer.byteLength(said.text) }).end(said.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: server.address().port, close };
}

// The draft that was just filed is deleted at once.
export const thief = (port) =>
  between(port, async (req, said) => {
    const id = /\/staff\/drafts\/(\d+)/.exec(said.text)?.[1];
    if (req.method !== 'POST' || req.url !== '/staff/drafts' || !id) return;
    await fetch(`http://127.0.0.1:${port}/staff/drafts/${id}/delete`, { method: 'POST', redirect: 'manual', headers: { cookie: req.headers.cookie } });
  });
