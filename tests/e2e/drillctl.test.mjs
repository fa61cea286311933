// drillctl's online commands against the real server: what an organizer types before and during a drill.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const BUILD = process.env.DRILL_BUILD ?? 'build';
const DRILLCTL = join(BUILD, 'drillctl');
const scratch = mkdtempSync(join(tmpdir(), 'drill-ctl-'));
chmodSync(scratch, 0o755);
const servers = [];

const scenario = `
drill: {id: ctl, name: {zh: 命令行, en: Command line}, duration: 100h, tick: 1h, time_zone: Asia/Shanghai}
departments:
  - {id: library, name: {zh: 图书馆, en: Library}}
red_teams:
  - {id: red-1, name: {zh: 红队一, en: Red One}}
systems:
  - {id: library-portal, name: Library website, department: library, challenge: portal, address: "127.0.0.1:9"}
accounts:
  - {id: chief, role: director}
  - {id: judge-1, role: judge}
  - {id: lib-blue, role: blue, department: library}
  - {id: red-one, role: red, red_team: red-1}
`;

/** Starts drilld on a free port; resolves with {url, password, stop}. */
function startServer(name, ...args) {
	writeFileSync(join(scratch, `${name}.yaml`), scenario);
	const child = spawn(join(BUILD, 'drilld'), ['--scenario', join(scratch, `${name}.yaml`), '--data', join(scratch, name),
		'--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	const exited = new Promise((resolve) => child.once('exit', resolve));
	const stop = async () => {
		child.kill('SIGTERM');
		const hard = setTimeout(() => child.kill('SIGKILL'), 60000);
		const code = await exited;
		clearTimeout(hard);
		return code;
	};
	servers.push(stop);
	return new Promise((resolve, reject) => {
		const lines = [];
		let password;
		const see = (line) => {
			lines.push(line);
			password = /^admin password: (\S+)$/.exec(line)?.[1] ?? password;
			const url = /^listening on (\S+)$/.exec(line)?.[1];
			if (url) resolve({ url, password, stop });
		};
		for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', see);
		exited.then((code) => reject(new Error(`drilld ended (${code})\n${lines.join('\n')}`)));
	});
}

/** Runs drillctl with these environment variables and no others of its own. */
function ctl(env, ...args) {
	const { DRILL_TOKEN, DRILL_PASSWORD, ...rest } = process.env;
	const run = spawnSync(DRILLCTL, args, { encoding: 'utf8', timeout: 120000, env: { ...rest, ...env } });
	assert.equal(run.error, undefined);
	return run;
}

function good(run) {
	assert.equal(run.status, 0, run.stderr);
	return run.stdout;
}

let server;
let admin;
before(async () => {
	server = await startServer('plain');
	admin = { DRILL_PASSWORD: server.password };
});
after(async () => {
	for (const stop of servers) await stop();
	rmSync(scratch, { recursive: true });
});
const as = (account) => ['--login', account, '--url', server.url];

test('accounts are listed with role, team and what they can sign in with', () => {
	const rows = good(ctl(admin, 'accounts', ...as('admin'))).trimEnd().split('\n').map((line) => line.trim().split(/\s+/).join(' '));
	assert.equal(rows[0], 'account role team password token');
	assert.ok(rows.includes('admin admin - yes no'), rows.join('\n'));
	assert.ok(rows.includes('lib-blue blue library no no'), rows.join('\n'));
	assert.equal(rows.length, 6);
});

function slips(text) {
	return text.trimEnd().split('\n\n').map((slip) => Object.fromEntries(slip.split('\n').map((line) => line.split(/\s+/))));
}

test('passwords go to those without one, once, and open the door', () => {
	const issued = slips(good(ctl(admin, 'passwords', ...as('admin'))));
	assert.deepEqual(issued.map(({ account }) => account).sort(), ['chief', 'judge-1', 'lib-blue', 'red-one']);
	const blue = issued.find(({ account }) => account === 'lib-blue');
	assert.equal(blue.role, 'blue');
	assert.equal(blue.team, 'library');
	good(ctl({ DRILL_PASSWORD: blue.password }, 'status', ...as('lib-blue')));
	const again = ctl(admin, 'passwords', ...as('admin'));
	assert.equal(good(again), '');
	assert.match(again.stderr, /every account has one/);
});

test('a named account gets another password and the old one is void', () => {
	const [first] = slips(good(ctl(admin, 'passwords', 'judge-1', ...as('admin'))));
	const [second] = slips(good(ctl(admin, 'passwords', 'judge-1', ...as('admin'))));
	assert.notEqual(first.password, second.password);
	const old = ctl({ DRILL_PASSWORD: first.password }, 'status', ...as('judge-1'));
	assert.equal(old.status, 1);
	assert.match(old.stderr, /^drillctl status: account or password is wrong/);
	good(ctl({ DRILL_PASSWORD: second.password }, 'status', ...as('judge-1')));
});

test('a wrong name changes nobody, and the admin may change its own', () => {
	const wrong = ctl(admin, 'passwords', 'judge-1', 'nobody-here', ...as('admin'));
	assert.equal(wrong.status, 1);
	assert.equal(wrong.stdout, '');
	assert.match(wrong.stderr, /no account "nobody-here"; no password has been changed/);
	const issued = slips(good(ctl(admin, 'passwords', 'admin', 'chief', ...as('admin'))));
	assert.deepEqual(issued.map(({ account }) => account), ['chief', 'admin']);
	admin = { DRILL_PASSWORD: issued[1].password };
	good(ctl(admin, 'accounts', ...as('admin')));
});

test('a token works from the environment and from a file, until the next one', () => {
	const token = good(ctl(admin, 'token', 'chief', ...as('admin'))).trimEnd();
	const file = join(scratch, 'token');
	writeFileSync(file, `${token}\n`);
	good(ctl({ DRILL_TOKEN: token }, 'status', '--url', server.url));
	good(ctl({}, 'status', '--token-file', file, '--url', server.url));
	assert.notEqual(good(ctl(admin, 'token', 'chief', ...as('admin'))).trimEnd(), token);
	const old = ctl({ DRILL_TOKEN: token }, 'status', '--url', server.url);
	assert.equal(old.status, 1);
	assert.match(old.stderr, /^drillctl status: sign in, .*--login ACCOUNT, --token-file FILE or DRILL_TOKEN/);
});

test('the director moves the clock, and status shows where it stands', () => {
	const token = { DRILL_TOKEN: good(ctl(admin, 'token', 'chief', ...as('admin'))).trimEnd() };
	const clock = (...args) => ctl(token, 'clock', ...args, '--url', server.url);
	assert.match(good(ctl(token, 'status', '--url', server.url)), /^state {4}planned\ntick {5}none yet; 1h each, the last is 99$/m);
	const early = clock('resume');
	assert.equal(early.status, 1);
	assert.equal(early.stderr, 'drillctl clock: the drill is planned; resume needs it paused\n');
	assert.equal(good(clock('start')), 'running, tick 0, the last is 99\n');
	assert.equal(good(clock('stop_after', '--tick', '7')), 'running, tick 0, the last is 7\n');
	assert.equal(good(clock('pause', '--reason', '午休 "lunch"')), 'paused, tick 0, the last is 7\n');
	const status = good(ctl(token, 'status', '--url', server.url));
	assert.match(status, /^drill {4}ctl, 命令行 \/ Command line$/m);
	assert.match(status, /^state {4}paused \(午休 "lunch"\)$/m);
	assert.match(status, /^tick {5}0 open; 1h each, the last is 7$/m);
	assert.match(status, /^systems {2}1: 1 none$/m);
	assert.equal(good(clock('resume')), 'running, tick 0, the last is 7\n');
	const ended = good(clock('end', '--reason', 'over'));
	assert.match(ended, /^ended, tick 0,/);
	assert.match(good(ctl(token, 'status', '--url', server.url)), /^state {4}ended \(over\)$/m);
});

test('a role that may not is told so', () => {
	const token = { DRILL_TOKEN: good(ctl(admin, 'token', 'red-one', ...as('admin'))).trimEnd() };
	for (const args of [['accounts'], ['clock', 'pause'], ['passwords'], ['token', 'chief']]) {
		const run = ctl(token, ...args, '--url', server.url);
		assert.equal(run.status, 1);
		assert.equal(run.stderr, `drillctl ${args[0]}: role red may not do this\n`);
	}
});

test('a command line that cannot be right is refused before anything is sent', () => {
	const refused = (pattern, env, ...args) => {
		const run = ctl(env, ...args);
		assert.equal(run.status, 2, args.join(' '));
		assert.match(run.stderr, pattern);
		assert.match(run.stderr, /^usage: drillctl /m);
	};
	refused(/--url is missing/, {}, 'status');
	refused(/--url wants a value/, {}, 'status', '--url');
	refused(/begins with https/, {}, 'status', '--url', 'ftp://127.0.0.1/');
	refused(/no account or password in --url/, {}, 'status', '--url', server.url.replace('://', '://admin:secret@'));
	refused(/names the server alone/, {}, 'status', '--url', `${server.url}/api/v1`);
	refused(/would send secrets in the clear/, { DRILL_TOKEN: 'x' }, 'status', '--url', 'http://192.0.2.1');
	refused(/not both/, {}, 'status', ...as('admin'), '--token-file', '/dev/null');
	refused(/DRILL_TOKEN does not hold one token/, { DRILL_TOKEN: 'a\r\nX-Other: b' }, 'status', '--url', server.url);
	refused(/holds no token/, {}, 'status', '--token-file', '/dev/null', '--url', server.url);
	refused(/no option --password/, {}, 'accounts', '--password', 'secret', '--url', server.url);
	refused(/is not an account/, {}, 'token', '../clock', '--url', server.url);
	refused(/stop_after wants --tick N/, {}, 'clock', 'stop_after', '--url', server.url);
	refused(/--tick wants a number/, {}, 'clock', 'stop_after', '--tick', '-3', '--url', server.url);
	refused(/name the action/, {}, 'clock', '--url', server.url);
});

test('no server, and a server that is no drilld, are told apart', async () => {
	const strange = createServer((request, response) => response.writeHead(request.url === '/api/v1/board' ? 200 : 418).end('<html>'));
	await new Promise((resolve) => strange.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${strange.address().port}`;
	// spawnSync would stop the strange server, which lives in this process
	const run = (...args) => new Promise((resolve) => {
		const child = spawn(DRILLCTL, [...args, '--url', url], { stdio: ['ignore', 'ignore', 'pipe'] });
		let stderr = '';
		child.stderr.on('data', (data) => (stderr += data));
		child.once('close', (status) => resolve({ status, stderr }));
	});
	const board = await run('status');
	assert.equal(board.status, 2);
	assert.match(board.stderr, /the answer is not JSON; is http:\S+ drilld\?/);
	const accounts = await run('accounts');
	assert.equal(accounts.status, 1);
	assert.match(accounts.stderr, /answered 418 without saying why/);
	await new Promise((resolve) => strange.close(resolve));
	const nobody = await run('status');
	assert.equal(nobody.status, 2);
	assert.match(nobody.stderr, /^drillctl status: http:\S+: .*onnect/);
});

test('over TLS the certificate is checked, and --cacert names the one to trust', async () => {
	const cert = join(scratch, 'cert.pem');
	const key = join(scratch, 'key.pem');
	const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]);
	assert.equal(made.status, 0, String(made.stderr));
	const tls = await startServer('tls', '--tls-cert', cert, '--tls-key', key);
	assert.match(tls.url, /^https:/);
	const env = { DRILL_PASSWORD: tls.password };
	const blind = ctl(env, 'status', '--login', 'admin', '--url', tls.url);
	assert.equal(blind.status, 2);
	assert.match(blind.stderr, /certificate/i);
	assert.match(good(ctl(env, 'status', '--login', 'admin', '--url', tls.url, '--cacert', cert)), /^state {4}planned$/m);
});
