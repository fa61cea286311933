// The checkers of docs/checkers.md, taken out of the document and run: each is complete, and does what the text says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Checker, builds, getOf, putOf } from './checker_process.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

const PATIENCE_MS = 60000;
const doc = readFileSync('docs/checkers.md', 'utf8');
const blocks = [...doc.matchAll(/^```(?:python|sh)\n(#!.*\n# contract: (\w+)\n[^]*?)^```$/gm)].map(([, text, contract]) => ({ text, contract }));
const scratch = mkdtempSync(join(tmpdir(), 'drill-doc-'));
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true }));

// Keeps what is put under a name; broken says nothing but 500.
async function service() {
  const notes = new Map();
  const state = { notes, broken: false };
  const server = http.createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    if (state.broken) return res.writeHead(500).end('out of order');
    if (req.url === '/') return res.end('welcome');
    if (req.method === 'PUT') return res.end(String(notes.set(req.url, body).size));
    res.writeHead(notes.has(req.url) ? 200 : 404).end(notes.get(req.url));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = server.address().port;
  state.close = () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)));
  return state;
}

// As an organizer sets it up: a folder with challenge.yaml and the program, read by drillctl.
function program(contract, text, port) {
  const dir = join(scratch, contract);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'checker'), text.replaceAll(':8080', `:${port}`), { mode: 0o755 });
  writeFileSync(join(dir, 'challenge.yaml'), `id: ${contract}\ntitle: T\ncontract: ${contract}\nport: 8080\nchecker: {run: checker${contract === 'forcad' ? ', gets: 3' : ''}}\n`);
  return JSON.parse(execFileSync('build/drillctl', ['program', dir], { encoding: 'utf8' }));
}

test('there is one of each contract that starts a program', () => {
  assert.deepEqual(blocks.map(({ contract }) => contract), ['forcad', 'hackerdom', 'ctf01d', 'faust']);
});

test('the example of challenge.yaml is one', () => {
  const dir = join(scratch, 'notes');
  mkdirSync(dir);
  writeFileSync(join(dir, 'checker.py'), '', { mode: 0o755 });
  writeFileSync(join(dir, 'challenge.yaml'), /```yaml\n([^]*?)```/.exec(doc)[1]);
  const { argv, limits } = JSON.parse(execFileSync('build/drillctl', ['program', dir], { encoding: 'utf8' }));
  assert.deepEqual(argv, [join(dir, 'checker.py')]);
  assert.deepEqual(limits, { cpu_s: 10, file_mb: 16, memory_mb: 512, processes: 64 });
});

for (const dir of builds) {
  for (const { contract, text } of blocks) {
    test(`the checker of the document for ${contract}: ok, recovering, corrupt, mumble, down [${dir}]`, async () => {
      const notes = await service();
      const checker = new Checker(dir);
      await checker.ready;
      checker.program('c', program(contract, text, notes.port));
      let older = [], state = {};
      const round = async (tick, status) => {
        const result = await checker.job('c', 80, { tick, put: [putOf(tick)], get: older, timeout_ms: PATIENCE_MS, verbose: true, ...(Object.keys(state).length ? { state } : {}) });
        assert.equal(result.status, status, `${result.message}\n${result.trace}`);
        older = [getOf(tick, Object.fromEntries(Object.entries(result.saved).map(([k, v]) => [k.slice(3), v]))), ...older];
        state = { ...state, ...result.state };
        return result;
      };
      const first = await round(1, 'ok');
      if (contract === 'hackerdom' || contract === 'faust') assert.match(first.saved['s0.public'], /^\w/);
      await round(2, 'ok');
      notes.notes.clear();
      await round(3, 'recovering');
      const keep = notes.notes.set;
      notes.notes.set = function () { return this; }; // takes everything, keeps nothing
      await round(4, 'corrupt');
      notes.notes.set = keep;
      notes.broken = true;
      await round(5, contract === 'ctf01d' ? 'down' : 'mumble');
      await notes.close();
      await round(6, 'down');
      assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    });
  }
}
