// Checkers that misbehave (tests/e2e/checkers/hostile*.py) under the real drill-checker: none of them stays, floods,
// hangs the round, tells a flag or is taken for the system's failure. Release and sanitized build.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Checker, builds, flagOf, getOf, putOf, until } from './checker_process.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

const DIR = resolve('tests/e2e/checkers');
const HOSTILE = join(DIR, 'hostile'); // how the paths of these programs begin, and of no other clone's
const PATIENCE_MS = 60000;
const SHORT_MS = 4000; // time enough for Python to come up

const program = (contract, file, env, more = {}) => ({
  argv: [join(DIR, file)], contract, cwd_scratch: false, dir: DIR, env: Object.entries(env).map(([k, v]) => `${k}=${v}`),
  limits: { cpu_s: 10, file_mb: 16, memory_mb: 512, processes: 64 }, warm: false,
  ...(contract === 'forcad' ? { gets: 1, puts: 1, tag: 'nfr' } : {}), ...more,
});

// Processes whose command line has this word.
const processes = (word) => readdirSync('/proc').filter((name) => {
  try {
    return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word);
  } catch {
    return false; // it has ended meanwhile
  }
});

for (const dir of builds) {
  let checker;
  let challenges = 0;
  const label = (what) => `${what} [${dir}]`;

  before(async () => {
    checker = new Checker(dir);
    await checker.ready;
  });

  after(async () => {
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    await until(() => processes(HOSTILE).length === 0, () => `a checker has stayed behind: ${processes(HOSTILE)}`);
  });

  async function round(compiled, fields = {}) {
    const name = `h${challenges++}`;
    checker.program(name, compiled);
    const result = await checker.job(name, 80, { put: [putOf(7)], timeout_ms: PATIENCE_MS, verbose: true, ...fields });
    for (const text of [result.message, result.trace, result.saved['s0.public'] ?? '']) {
      assert.ok(!text.includes(flagOf(7)) && !text.includes(flagOf(6)), `a flag is told: ${text}`);
    }
    assert.ok(Buffer.byteLength(result.message) <= 1024);
    assert.ok(Buffer.byteLength(result.trace) <= 65536);
    return result;
  }

  const said = ({ status, message, trace }) => `${status}: ${message}\n${trace}`;
  const expect = async (status, message, compiled, fields) => {
    const result = await round(compiled, fields);
    assert.equal(result.status, status, said(result));
    assert.match(result.message, message, said(result));
    return result;
  };

  for (const contract of ['forcad', 'hackerdom', 'ctf01d']) {
    const hostile = (how, env = {}, more) => program(contract, 'hostile.py', { HOW: how, SPARE: 'info', ...env }, more);

    test(label(`${contract}: output that is too much, not text, or tells the flag`), async () => {
      const put = contract === 'ctf01d' ? 'put' : 'check';
      const loud = await expect('mumble', /^look: /, hostile('prints the flag', { CODE: 103 }));
      assert.match(loud.trace, new RegExp(`${put}.* stderr: look: `));
      if (contract === 'ctf01d') assert.match(loud.message, /\[flag\]$/);
      const much = await expect('corrupt', /^x{1024}$/, hostile('prints 1 MB', { CODE: 102 }));
      assert.match(much.trace, /stderr: y{1024}\n/);
      await expect('down', /^!"#\$%&'[^]*~ \?+$/, hostile('writes binary', { CODE: 104 }));
      await expect('fault', /^no newline at the end$/, hostile('prints no newline', { CODE: 110 }));
    });

    test(label(`${contract}: a checker that fails is never the system's failure`), async () => {
      const { trace } = await expect('fault', /exit code 77, which means nothing$/, hostile('prints no newline', { CODE: 77 }));
      assert.match(trace, /: exit 77, \d+ ms, fault: /);
      assert.match(trace, /stdout: no newline at the end/);
      await expect('fault', /ended by signal 11/, hostile('kills itself'));
      await expect('fault', /exit code 1, which means nothing/, hostile('eats memory'));
    });

    test(label(`${contract}: a checker that never ends is ended, a daemon is found`), async () => {
      const begun = Date.now();
      await expect('down', /^timed out after \d+ ms$/, hostile('never ends'), { timeout_ms: SHORT_MS });
      assert.ok(Date.now() - begun >= SHORT_MS, 'not before its time');
      const daemon = await expect('ok', /^/, hostile('forks a daemon'));
      assert.ok(daemon.ms < PATIENCE_MS / 2, 'it is not waited for');
    });
  }

  test(label('the limit of an action is its own, the round ends the last one'), async () => {
    const slow = program('forcad', 'hostile.py', { HOW: 'never ends' }, { action_timeout_ms: 1000 });
    const { message } = await expect('down', /^timed out after 1000 ms$/, slow);
    assert.ok(message);
  });

  test(label('hackerdom: a program that does not say what it is, is a fault: the system was not asked'), async () => {
    const slow = program('hackerdom', 'hostile.py', { HOW: 'never ends' }, { action_timeout_ms: 1000 });
    await expect('fault', /^info: timed out after 1000 ms$/, slow);
  });

  test(label('hackerdom: info is asked once, whoever comes while it is asked waits'), async () => {
    const name = `h${challenges++}`;
    checker.program(name, program('hackerdom', 'hostile.py', { HOW: 'prints no newline', SPARE: 'info' }));
    const jobs = await Promise.all(Array.from({ length: 5 }, () => checker.job(name, 80, { put: [putOf(7)], timeout_ms: PATIENCE_MS })));
    for (const result of jobs) assert.equal(result.status, 'ok', said(result));
    jobs.push(await checker.job(name, 80, { put: [putOf(7)], timeout_ms: PATIENCE_MS }));
    assert.equal(jobs.filter(({ trace }) => /info: exit 101/.test(trace)).length, 1);
  });

  test(label('CPU time that is used up is a fault'), async () => {
    const busy = program('ctf01d', 'hostile.py', { HOW: 'eats processor' }, { limits: { cpu_s: 1, file_mb: 16, memory_mb: 512, processes: 64 } });
    await expect('fault', /has used up its CPU time|ended by signal/, busy);
  });

  const own = process.getuid() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0;
  test(label('a checker in another network namespace leaves the programs of this one alone'), { skip: !own && 'needs root and network namespaces' }, async () => {
    const slow = program('ctf01d', 'hostile.py', { HOW: 'never ends' });
    const running = round(slow, { timeout_ms: SHORT_MS });
    await until(() => processes(HOSTILE).length > 0, 'it runs');
    const other = new Checker(dir, [], ['unshare', '-n']);
    await other.ready;
    assert.match((await running).message, /^timed out/);
    assert.deepEqual(await other.end(), { code: 0, signal: null }, other.log);
  });

  // ---- faust ----

  const script = (how, env = {}, more) => program('faust', 'hostile_faust.py', { HOW: how, ...env }, more);
  const older = [6, 5, 4, 3, 2].map((tick) => getOf(tick));

  test(label('faust: arguments, and the flags of this tick and the last five'), async () => {
    const { trace } = await expect('ok', /^$/, script('asks for flags', { RESULT: 0 }), { get: older, team: { id: 'it', name: 'IT', number: 42 } });
    assert.match(trace, /INFO argv \['127\.0\.0\.1', '42', '7'\], flags of \[2, 3, 4, 5, 6, 7\], None \(\/c\/hostile\.py:7\)/);
    assert.match(trace, /FLAG: no flag of tick 1; those of this tick and the last 5 are there/);
  });

  test(label('faust: each RESULT, whatever the exit code'), async () => {
    for (const [result, status] of ['ok', 'down', 'mumble', 'corrupt', 'recovering'].entries()) {
      await expect(status, result === 0 ? /^$/ : /^[a-z]/, script('counts', { RESULT: result }));
    }
    await expect('mumble', /^answers wrongly$/, script('gives two results'));
  });

  test(label('faust: what is no message is traced, and the script goes on'), async () => {
    const { trace } = await expect('ok', /^$/, script('talks nonsense', { RESULT: 0 }));
    assert.equal(trace.match(/a line that is no message/g).length, 6, trace);
    assert.match(trace, /there is no action "DANCE"/);
    assert.match(trace, /level 35 still here/);
    assert.match(trace, /RESULT that means nothing/);
  });

  test(label('faust: a flag is masked in the log, in the output and in the flag id'), async () => {
    const { trace, saved } = await expect('ok', /^$/, script('leaks', { RESULT: 0 }));
    assert.deepEqual(saved, { 's0.placed': '1', 's0.public': 'in [flag]' });
    for (const line of [/INFO the flag is \[flag\]/, /stdout: \[flag\]/, /stderr: \[flag\]/]) assert.match(trace, line);
  });

  test(label('faust: what is stored comes back with the next job'), async () => {
    const name = `h${challenges++}`;
    checker.program(name, script('counts', { RESULT: 0 }));
    const fields = { put: [putOf(7)], timeout_ms: PATIENCE_MS };
    const first = await checker.job(name, 80, fields);
    assert.deepEqual(first.state, { count: '1' });
    const second = await checker.job(name, 80, { ...fields, state: { count: '1', other: 'x' } });
    assert.deepEqual(second.state, { count: '2' });
    assert.match(second.trace, /INFO count was 1/);
  });

  test(label('faust: over the limit of what is kept is a fault that says so; what fitted is kept'), async () => {
    const { state } = await expect('fault', /^what is kept for the system would be 80\d+ bytes long, at most 65536 are kept$/, script('fills its state', { RESULT: 0 }));
    assert.deepEqual(Object.keys(state), ['half']);
  });

  test(label('faust: a script that breaks the contract is ended, as a fault'), async () => {
    const begun = Date.now();
    for (const [how, message] of [
      ['has a long flag id', /^FLAGID: 201 characters, at most 200 are taken$/],
      ['stores no text', /^STORE: its param has no strings/],
      ['stores under no key', /^a key of what is kept has 1 to 256 bytes/],
      ['logs a million lines', /^the checkerscript sent more than 10000 messages$/],
      ['does not read', /^the checkerscript does not read its answers$/],
      ['writes a long line', /^the checkerscript sent a line longer than 131072 bytes$/],
    ]) await expect('fault', message, script(how, { RESULT: 0 }));
    assert.ok(Date.now() - begun < PATIENCE_MS, 'none was waited for');
  });

  test(label('faust: no RESULT is not checked; a hanging script is down, unless it has said its RESULT'), async () => {
    await expect('fault', /without a RESULT \(exit code 0\): not checked$/, script('says nothing'));
    await expect('fault', /without a RESULT \(exit code 77\)/, script('ends within a line'));
    await expect('fault', /ended by signal 11/, script('dies'));
    await expect('down', /^timed out after 1000 ms$/, script('hangs', {}, { action_timeout_ms: 1000 }));
    await expect('ok', /^$/, script('hangs after its result', {}, { action_timeout_ms: 8000 }));
  });
}
