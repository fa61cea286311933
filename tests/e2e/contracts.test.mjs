// The contracts of other games: their checkers (tests/e2e/checkers), started by the real drill-checker, against the
// real portal: every result that a round can end with, and checkers that misbehave. Release and sanitized build.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Checker, builds, flagOf, getOf, putOf } from './checker_process.mjs';
import { Portal, between, thief } from './portals.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

const DIR = resolve('tests/e2e/checkers');
const FAUST_TICKS = 5;
const PATIENCE_MS = 100000; // a busy machine is no fault of a portal's

// What drillctl makes of a challenge.yaml with this checker, but for the variables.
const compiled = (contract, run, env, more = {}) => ({
  argv: [run].flat().map((word, i) => (i === 0 && !word.includes('/') && /\./.test(word) ? join(DIR, word) : word)),
  contract, cwd_scratch: false, dir: DIR, env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
  limits: { cpu_s: 10, file_mb: 16, memory_mb: 512, processes: 64 }, warm: false,
  ...(contract === 'forcad' ? { gets: 16, puts: 1, tag: 'default' } : {}), ...more,
});

const GAMES = {
  'forcad default': (env) => compiled('forcad', 'forcad.py', { TAG: 'default', ...env }),
  'forcad pfr': (env) => compiled('forcad', 'forcad.py', { TAG: 'pfr', ...env }, { tag: 'pfr' }),
  'forcad nfr': (env) => compiled('forcad', 'forcad.py', { TAG: 'nfr', ...env }, { tag: 'nfr' }),
  hackerdom: (env) => compiled('hackerdom', 'hackerdom.py', env),
  ctf01d: (env) => compiled('ctf01d', 'ctf01d.sh', env),
  faust: (env) => compiled('faust', 'faust.py', env),
};

// A system as drilld sees it from tick to tick: its older flags, with what was kept of them, and its state.
class System {
  #older = [];
  #state = {};
  tick = 0;

  constructor(checker, challenge, faust) {
    Object.assign(this, { checker, challenge, faust });
  }

  async round(fields = {}) {
    const tick = this.tick++;
    const state = Object.keys(this.#state).length > 0 ? { state: this.#state } : {};
    const get = this.#older.filter((flag) => this.faust ? flag.tick >= tick - FAUST_TICKS : flag.saved.placed);
    this.last = { tick, put: [putOf(tick)], get, timeout_ms: PATIENCE_MS, verbose: true, ...state, ...fields };
    const result = await this.repeat();
    const saved = Object.fromEntries(Object.entries(result.saved).map(([key, value]) => [key.slice(3), value]));
    this.#older.unshift(getOf(tick, saved));
    this.#state = { ...this.#state, ...result.state };
    return result;
  }

  repeat = () => this.checker.job(this.challenge, 80, this.last);

  async expect(status, fields) {
    const result = await this.round(fields);
    assert.equal(result.status, status, `${result.message}\n${result.trace}`);
    for (let tick = 0; tick < this.tick; tick++) {
      for (const text of [result.message, result.trace]) assert.ok(!text.includes(flagOf(tick)), 'a flag is told to nobody');
    }
    return result;
  }
}

for (const dir of builds) {
  let checker, portal;
  let challenges = 0;

  before(async () => {
    checker = new Checker(dir);
    await checker.ready;
    portal = await Portal.start();
  });

  after(async () => {
    const end = await checker.end();
    await portal.close();
    assert.deepEqual(end, { code: 0, signal: null }, checker.log);
  });

  const challenge = (program) => {
    const name = `c${challenges++}`;
    checker.program(name, program);
    return name;
  };
  const system = (program) => new System(checker, challenge(program), program.contract === 'faust');

  for (const [game, program] of Object.entries(GAMES)) {
    const label = (what) => `${game}: ${what} [${dir}]`;
    const at = (port, more) => system(program({ PORTAL_PORT: port, ...more }));

    test(label('ok; the same again when the job is repeated; a lost older flag is recovering'), async () => {
      const actions = ({ trace }) => trace.split('\n').map((line) => /ms ((?:check|put|get)[^:]*):/.exec(line)?.[1]);
      const s = at(portal.port);
      await s.expect('ok');
      const first = await s.expect('ok');
      const again = await s.repeat();
      assert.equal(again.status, 'ok', again.trace);
      assert.deepEqual(actions(again), actions(first));
      assert.deepEqual(Object.keys(again.saved), Object.keys(first.saved));
      if (game === 'hackerdom') await s.expect('ok'); // rounds go to places 1, 2, 2, 1: an older flag of place 1 is there
      await portal.forget();
      const { message } = await s.expect('recovering');
      assert.match(message, game === 'faust' ? /an older flag is missing/ : /^flag of tick \d: /);
    });
    if (/pfr|nfr/.test(game)) continue;

    test(label('the newest flag lost, or a page changed, is corrupt'), async () => {
      const robbed = await thief(portal.port);
      await at(robbed.port).expect('corrupt');
      robbed.close();
      const restore = portal.deface();
      await at(portal.port).expect('corrupt');
      restore();
    });

    test(label('wrong answers are mumble, with words for the department'), async () => {
      const broken = await between(portal.port, (req, said) => req.url === '/login' && (said.status = 500));
      const { message } = await at(broken.port).expect('mumble');
      assert.notEqual(message, '');
      broken.close();
    });

    test(label('a stopped portal is down'), async () => {
      await portal.stop();
      const { message } = await at(portal.port).expect('down');
      assert.notEqual(message, '');
      await portal.start();
    });

    test(label('a checker that fails is a fault, and a program that is not there'), async () => {
      const { message, trace } = await at('none').expect('fault');
      assert.match(message, game === 'faust' ? /without a RESULT \(exit code 1\)/ : /exit code 1, which means nothing/);
      if (game !== 'ctf01d') assert.match(trace, /ValueError: invalid literal for int/);
      const missing = { ...program({ PORTAL_PORT: portal.port }), argv: [join(DIR, 'nothing')] };
      assert.match((await system(missing).expect('fault')).message, /could not be started: /);
    });
  }
}
