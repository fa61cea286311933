// What a checkerscript of the contract faust keeps for its system is there in the next tick, and after the server was
// killed and started again: it is in the journal.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDrill, until } from './lib.mjs';

/** The script is in its challenge's folder: a sandbox shows no other below /tmp. */
function challenge(systems, folder) {
  copyFileSync('tests/e2e/checkers/hostile_faust.py', join(folder, 'counts.py'));
  return `id: notes
title: Notes
contract: faust
port: 80
timeout_ms: 4000
checker:
  run: counts.py
  env: {HOW: counts, RESULT: "0"}
  cwd: scratch
`;
}

// What each check found kept, in the order of the journal.
async function counts(drill) {
  const events = await drill.events('--kind', 'check.done', '--secrets');
  return events.filter(({ body }) => body.status === 'ok').map(({ secret }) => Number(/count was (\d+)/.exec(secret.trace)[1]));
}

test('stored values live as long as the drill, kill -9 or not', async () => {
  const drill = await startDrill({ departments: 1, tick: 4000, ticks: 60, timeoutMs: 4000, challenge });
  chmodSync(drill.dir, 0o755); // whom checkers run as must see the challenge's folder
  try {
    await drill.start();
    await until(async () => (await counts(drill)).length >= 2, 'two checks', 60000);
    await drill.kill9();
    const before = await counts(drill);
    await drill.restart();
    await until(async () => (await counts(drill)).length >= before.length + 2, 'two more checks', 60000);
    const all = await counts(drill);
    assert.deepEqual(all, all.map((_, i) => i));
    const open = await drill.events('--kind', 'check.done');
    assert.ok(open.every((event) => !JSON.stringify(event).includes('count')), 'only for who may see secrets');
    assert.equal(await drill.stop(), 0);
  } finally {
    await drill.close();
  }
});
