// drillctl score, as an organizer runs it: the golden games, exit codes, and where mistakes are reported.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const DRILLCTL = process.env.DRILLCTL ?? 'build/drillctl';
const GOLDEN = 'tests/golden';
const scratch = mkdtempSync(join(tmpdir(), 'drill-score-'));
after(() => rmSync(scratch, { recursive: true }));

function score(...args) {
	const run = spawnSync(DRILLCTL, ['score', ...args], { encoding: 'utf8', timeout: 120000 });
	assert.equal(run.error, undefined);
	return run;
}

function file(text) {
	const path = join(scratch, 'facts.json');
	writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
	return path;
}

function near(want, got, place) {
	assert.ok(Math.abs(want - got) <= 1e-9 * Math.max(1, Math.abs(want)), `${place}: ${got} is not ${want}`);
}

const games = readdirSync(GOLDEN)
	.filter((name) => name.endsWith('.expected.json'))
	.map((name) => name.replace('.expected.json', ''));

for (const game of games) {
	test(`${game} scores as derived`, () => {
		const run = score('--policy', game.split('_')[0], join(GOLDEN, `${game}.json`));
		assert.equal(run.stderr, '');
		assert.equal(run.status, 0);
		const want = JSON.parse(readFileSync(join(GOLDEN, `${game}.expected.json`), 'utf8'));
		const got = JSON.parse(run.stdout);
		const ids = (list) => list.map(({ team, service, rank }) => ({ team, service, rank }));
		assert.deepEqual(ids(got.rows), ids(want.rows));
		assert.deepEqual(ids(got.ranking), ids(want.ranking));
		want.rows.forEach((row, i) => {
			for (const key of ['attack', 'defense', 'sla', 'total'])
				near(row[key], got.rows[i][key], `rows[${i}].${key}`);
		});
		want.ranking.forEach((place, i) => near(place.total, got.ranking[i].total, `ranking[${i}]`));
	});
}

test('numbers read back exactly: a total is the sum of its parts to the last bit', () => {
	const run = score('--policy', 'faust', join(GOLDEN, 'faust_k_grows.json'));
	for (const row of JSON.parse(run.stdout).rows)
		assert.equal(row.attack + row.defense + row.sla, row.total);
});

test('the order of captures within a tick does not change a byte', () => {
	const facts = JSON.parse(readFileSync(join(GOLDEN, 'faust_k_grows.json'), 'utf8'));
	const first = score('--policy', 'faust', file(facts));
	facts.captures.reverse();
	facts.checks.reverse();
	const second = score('--policy', 'faust', file(facts));
	assert.equal(first.status, 0);
	assert.equal(second.stdout, first.stdout);
});

test('a mistake in the file is named by its place: exit 1, nothing on stdout', () => {
	const facts = JSON.parse(readFileSync(join(GOLDEN, 'faust_nop.json'), 'utf8'));
	facts.captures[3].flag = 'x';
	const run = score('--policy', 'faust', file(facts));
	assert.equal(run.status, 1);
	assert.equal(run.stdout, '');
	assert.match(run.stderr, /facts\.json: captures\[3\]\.flag: no flag "x"\n$/);
});

test('hostile text is refused with a sentence: empty, not UTF-8, nested deep, cut off', () => {
	for (const [text, why] of [
		['', /empty/],
		[Buffer.from('{"teams":[{"id":"\xff"}]}', 'latin1'), /unable to decode byte 0xff/],
		['['.repeat(100000), /nested/],
		['{"teams":[', /not JSON/],
		['null', /must be one JSON object/],
	]) {
		writeFileSync(join(scratch, 'hostile.json'), text);
		const run = score('--policy', 'faust', join(scratch, 'hostile.json'));
		assert.equal(run.status, 1);
		assert.match(run.stderr, why);
		assert.equal(run.stdout, '');
	}
});

test('a wrong command line is exit 2 with what would be right', () => {
	const game = join(GOLDEN, 'faust_nop.json');
	for (const [args, why] of [
		[[game], /--policy is missing; there are: faust/],
		[['--policy', 'fuast', game], /no policy "fuast"; there are: faust/],
		[['--policy', 'faust'], /the facts file is missing/],
		[['--policy'], /--policy takes one of: faust/],
		[['--policy', 'faust', game, game], /one facts file/],
		[['--policy', 'faust', '--param', 'h', game], /--param takes KEY=VALUE/],
		[['--policy', 'faust', '--param'], /--param takes KEY=VALUE/],
		[['--policy', 'faust', '--param', 'h=10', game], /faust takes no parameters.*"h"/],
		[['--policy', 'faust', '--verbose', game], /no option "--verbose"/],
		[['--policy', 'faust', join(scratch, 'missing.json')], /missing\.json: No such file/],
		[['--policy', 'faust', scratch], /Is a directory/],
	]) {
		const run = score(...args);
		assert.match(run.stderr, why);
		assert.equal(run.status, 2, run.stderr);
		assert.equal(run.stdout, '');
	}
});
