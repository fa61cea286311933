// Messages and traces are plain text whatever a challenge's author wrote: drilld ends a checker that sends anything else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { builds, Checker } from './checker_process.mjs';

const server = http.createServer((req, res) => res.end('hello'));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

const isPlain = (text) => !/[\x00-\x09\x0b-\x1f\x7f\ufffd]/.test(text) && Buffer.byteLength(text) <= 1024;

for (const dir of builds) {
  const values = {
    'control characters': 'a\tb\r\nc\x01',
    'a character cut in two': 'x' + '演练'.repeat(60), // the trace shows 200 bytes of it
  };
  for (const [what, value] of Object.entries(values)) {
    test(`a rule with ${what} leaves a plain trace [${dir}]`, async () => {
      const checker = new Checker(dir);
      await checker.ready;
      checker.program('c', { check: [{ name: 'front', http: { path: '/' }, assert: [{ rule: 'body_contains', value }] }] });
      const result = await checker.job('c', server.address().port);
      assert.equal(result.status, 'mumble');
      assert.ok(isPlain(result.trace), JSON.stringify(result.trace));
      assert.match(result.trace, what.startsWith('control') ? /"a b {2}c "/ : /"x(演练)+\?"/u);
      assert.equal((await checker.end()).code, 0);
    });
  }
  test(`a header's name with a control character leaves a plain message [${dir}]`, async () => {
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('c', { check: [{ name: 'front', http: { path: '/' }, assert: [{ rule: 'header', name: 'X-A\tB', value: '.' }] }] });
    const result = await checker.job('c', server.address().port);
    assert.equal(result.message, 'front: header X-A B is missing');
    assert.ok(isPlain(result.trace), JSON.stringify(result.trace));
    assert.equal((await checker.end()).code, 0);
  });
}
