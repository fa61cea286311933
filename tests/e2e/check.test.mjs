// drillctl check, as an organizer runs it: output, exit codes, options.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const DRILLCTL = process.env.DRILLCTL ?? 'build/drillctl';
const CHALLENGES = 'tests/unit/scenario/fixtures/challenges';
const scratch = mkdtempSync(join(tmpdir(), 'drill-check-'));
after(() => rmSync(scratch, { recursive: true }));

function check(...args) {
	const run = spawnSync(DRILLCTL, ['check', ...args], { encoding: 'utf8', timeout: 120000 });
	assert.equal(run.error, undefined);
	return run;
}

function file(text) {
	const path = join(scratch, 'scenario.yaml');
	writeFileSync(path, text);
	return path;
}

const small = readFileSync('examples/small.yaml', 'utf8');

test('a good scenario is summed up in one line', () => {
	const run = check('examples/small.yaml', '--challenges', CHALLENGES);
	assert.equal(run.stdout, 'examples/small.yaml: ok: 2 departments, 1 red team, 2 systems of 1 service, '
		+ '6 accounts; 480 ticks of 1m, scoring faust\n');
	assert.equal(run.stderr, '');
	assert.equal(run.status, 0);
});

test('the campus example is good', () => {
	const run = check('--challenges', CHALLENGES, 'examples/campus.yaml');
	assert.match(run.stdout, /: ok: 13 departments, 2 red teams, 13 systems of 1 service, 22 accounts; /);
	assert.equal(run.status, 0);
});

test('every mistake is on stdout with its place, in the order of the file', () => {
	const path = file(small.replace('duration: 8h', 'duration: 90s').replace('role: judge', 'role: juge')
		.replace('10.1.2.3:8080', '10.1.2.3:0'));
	const run = check(path, '--challenges', CHALLENGES);
	const lines = run.stdout.trimEnd().split('\n');
	assert.equal(lines.length, 3);
	const place = (text) => small.split('\n').findIndex((line) => line.includes(text)) + 1;
	assert.ok(lines[0].startsWith(`${path}:${place('duration')}:13: duration is not a whole number of ticks`));
	assert.ok(lines[1].startsWith(`${path}:${place('library-portal')}:`), lines[1]);
	assert.ok(lines[2].startsWith(`${path}:${place('judge-1')}:25: role: there is no role "juge"`), lines[2]);
	assert.match(lines[2], /did you mean "judge"\?/);
	assert.equal(run.stderr, '');
	assert.equal(run.status, 1);
});

test('too few judges are warned of', () => {
	const [one, two] = ['judge-2', 'judge-3'].map((id) => `  - {id: ${id}, role: judge}\n`);
	const warned = (text) => {
		const run = check('--challenges', CHALLENGES, file(text));
		assert.equal(run.status, 0);
		return run.stdout.trimEnd().split('\n').slice(1).map((line) => line.replace(/^.*?: warning: /, ''));
	};
	assert.deepEqual(warned(small.replace(two, '')), []);
	assert.deepEqual(warned(small.replace(one + two, '')), ['accounts: 1 judge; a report waits until 2 can be drawn for it']);
	const own = small.replace(two, '').replace('judge-2, role: judge', 'judge-2, role: judge, department: library');
	assert.deepEqual(warned(own), ['accounts: 1 judge is not of department "library"; a report of it waits until 2 can be drawn']);
});

test('a missing challenge is a mistake of the scenario', () => {
	const run = check(file(small), '--challenges', scratch);
	assert.equal(run.stdout.trimEnd().split('\n').length, 2);
	assert.match(run.stdout, /:14:\d+: challenge: there is no .*\/portal\/challenge\.yaml; no challenge is there: --challenges DIR says/);
	assert.equal(run.status, 1);
});

test('a pipe in a challenge that nobody writes to is not waited for', () => {
	const dir = join(scratch, 'pipes');
	mkdirSync(join(dir, 'portal'), { recursive: true });
	assert.equal(spawnSync('mkfifo', [join(dir, 'portal/challenge.yaml')]).status, 0);
	const run = check('--challenges', dir, 'examples/small.yaml');
	assert.match(run.stdout, /challenge\.yaml:1:1: /);
	assert.equal(run.status, 1);
});

test('a file that cannot be read is not a file with mistakes', () => {
	for (const path of [join(scratch, 'none.yaml'), scratch]) {
		const run = check(path);
		assert.equal(run.stdout, '');
		assert.ok(run.stderr.startsWith(`${path}: cannot be read: `), run.stderr);
		assert.equal(run.status, 2);
	}
});

test('a wrong command line says how it is right', () => {
	for (const [args, said] of [[[], /which FILE\?/], [['a', 'b'], /one FILE at a time/],
		[['--challenges'], /needs a folder/], [['--strict', 'a'], /no option "--strict"/]]) {
		const run = check(...args);
		assert.match(run.stderr, said);
		assert.match(run.stderr, /usage: drillctl check FILE \[--challenges DIR\]/);
		assert.equal(run.status, 2);
	}
});

test('--help tells the exit codes', () => {
	const run = check('--help');
	assert.match(run.stdout, /Exit: 0 drilld would start with it, 1 it has mistakes, 2 it cannot be read/);
	assert.equal(run.status, 0);
});

test('docs/scenario.md shows the example as it is', () => {
	const [, shown] = readFileSync('docs/scenario.md', 'utf8').match(/```yaml\n([^]*?)```/);
	assert.equal(shown, small);
	assert.equal(small.trimEnd().split('\n').length, 22);
});

// An unknown key makes the program list the known ones: each must be in the documentation.
test('docs/scenario.md has every key', () => {
	const doc = readFileSync('docs/scenario.md', 'utf8');
	const run = check(file('drill: {zz: 1}\ndepartments: [{zz: 1, posts: [{zz: 1}]}]\nred_teams: [{zz: 1}]\n'
		+ 'systems: [{zz: 1}]\naccounts: [{zz: 1}]\nzz: 1\n'), '--challenges', CHALLENGES);
	const keys = [...run.stdout.matchAll(/"zz" is no key of .*; there are: (.*)$/gm)].map((m) => m[1].split(', '));
	assert.equal(keys.length, 7);
	for (const key of keys.flat())
		assert.ok(doc.includes(`\`${key}\``), `${key} is not documented`);
});
