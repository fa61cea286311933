// The real drill-checker against systems that work, fail, lie and attack. Each test runs against the release
// build and, where it is there, against the one under ASan + UBSan.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { CLOSED_PORT, Checker, PATIENCE_MS, builds, flagOf, getOf, putOf, until } from './checker_process.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

// ---- systems ----

// A server on a free port; the handler is http's or net's. close() ends its connections, too.
const open = new Set();
async function listen(server, host = '127.0.0.1') {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  const close = () => new Promise((resolve) => {
    open.delete(close);
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  });
  open.add(close);
  return { port: server.address().port, close };
}

// A test that fails leaves its systems running.
afterEach(async () => {
  for (const close of open) await close();
});

const web = (handler) => listen(http.createServer(handler));
const tcp = (handler) => listen(net.createServer(handler));

const front = { name: 'front page', http: { path: '/' }, assert: [{ rule: 'status', value: [200], fails: 'mumble' }] };
const checkOnly = (...steps) => ({ vars: [], put: [], get: [], check: steps });
const talk = (...lines) => checkOnly({ name: 'talk', tcp: { talk: lines } });

// A notes service: POST /register, POST /notes, GET /notes/ID with the owner's session.
function notes() {
  const service = { notes: new Map(), sessions: new Map(), broken: false };
  service.handler = (req, res) => {
    let body = '';
    req.on('data', (d) => (body += d));
    req.on('end', () => {
      if (service.broken) return res.writeHead(500).end('oops');
      if (req.url === '/') return res.end('<title>notes</title>');
      if (req.url === '/register') {
        const form = new URLSearchParams(body);
        const sid = `sid-${form.get('user')}`;
        service.sessions.set(sid, form.get('user'));
        service.password = form.get('password');
        return res.writeHead(201, { 'Set-Cookie': `sid=${sid}; Path=/` }).end('{}');
      }
      const sid = /sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
      if (req.url === '/notes') {
        if (!service.sessions.has(sid)) return res.writeHead(403).end();
        const id = `n/${service.notes.size + 1}`; // a slash: it must be encoded in a path
        service.notes.set(id, { user: service.sessions.get(sid), text: JSON.parse(body).text });
        return res.end(JSON.stringify({ id }));
      }
      const note = service.notes.get(decodeURIComponent(req.url.slice('/notes/'.length)));
      if (!note || note.user !== req.headers['x-user']) return res.writeHead(404).end();
      res.end(`<p>${note.text}</p>`);
    });
  };
  return service;
}

const notesProgram = {
  vars: [{ name: 'user', random: 'name' }, { name: 'password', random: 'text', length: 12 }],
  put: [
    { name: 'register', http: { method: 'POST', path: '/register', form: [['user', '{{user}}'], ['password', '{{password}}']] }, assert: [{ rule: 'status', value: [201], fails: 'mumble' }] },
    { name: 'write', http: { method: 'POST', path: '/notes', json: '{"text":"{{flag}} \\"quoted\\""}' }, assert: [{ rule: 'status', value: [200], fails: 'mumble' }], capture: [{ var: 'id', from: 'json', arg: '/id' }], save: [['note', '{{id}}']] },
  ],
  get: [
    { name: 'read back', http: { path: '/notes/{{note}}', headers: [['X-User', '{{user}}']] }, assert: [{ rule: 'status', value: [200], fails: 'corrupt' }, { rule: 'body_contains', value: '{{flag}}', fails: 'corrupt' }] },
  ],
  check: [{ ...front, assert: [...front.assert, { rule: 'body_contains', value: '<title>notes', fails: 'mumble' }] }],
};

for (const dir of builds) {
  const label = (name) => `${name} [${dir}]`;

  // One round of one program against one port, in a process of its own that must end cleanly.
  async function round(program, port, fields = {}) {
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('c', program);
    const result = await checker.job('c', port, fields);
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    return result;
  }

  async function expectRound(program, port, status, message, fields) {
    const result = await round(program, port, fields);
    assert.equal(result.status, status, JSON.stringify(result));
    assert.match(result.message, message);
    return result;
  }

  test(label('a working system is ok, and what put saved is found again'), async () => {
    const service = notes();
    const server = await web(service.handler);
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('notes', notesProgram);
    const first = await checker.job('notes', server.port, { tick: 7, put: [putOf(7)] });
    assert.equal(first.status, 'ok', JSON.stringify(first));
    assert.equal(first.message, '');
    assert.deepEqual(first.saved, { 's0.note': 'n/1', 's0.placed': '1' });
    assert.equal(service.password.length, 12);
    assert.ok([...service.notes.values()][0].text.includes(flagOf(7)));
    const second = await checker.job('notes', server.port, { tick: 8, put: [putOf(8)], get: [getOf(7, { note: 'n/1' })] });
    assert.equal(second.status, 'ok', JSON.stringify(second));
    assert.equal(second.trace.split('\n').length, 5, 'one line a step');
    for (const tick of [7, 8]) assert.ok(!second.trace.includes(flagOf(tick)), 'a trace tells no flag');
    assert.equal((await checker.end()).code, 0);
    await server.close();
  });

  test(label('an older flag missing is recovering, this tick\'s is corrupt'), async () => {
    const service = notes();
    const server = await web(service.handler);
    const lost = await expectRound(notesProgram, server.port, 'recovering', /^flag of tick 6: read back: status 404, expected 200$/, { put: [putOf(7)], get: [getOf(6, { note: 'n/99' }), getOf(5, { note: 'n/98' })] });
    assert.equal(lost.saved['s0.note'], 'n/1');
    await expectRound(notesProgram, server.port, 'recovering', /^flag of tick 6: read back: the variable note has no value$/, { put: [putOf(7)], get: [getOf(6)] });
    service.notes.set = () => {}; // says that it stored the note, and did not
    await expectRound(notesProgram, server.port, 'corrupt', /^read back: status 404, expected 200$/, { put: [putOf(7)] });
    await server.close();
  });

  test(label('a system that answers wrongly is mumble, with a message that tells no secret'), async () => {
    const service = notes();
    service.broken = true;
    const server = await web(service.handler);
    const result = await expectRound(notesProgram, server.port, 'mumble', /^register: status 500, expected 201$/, { put: [putOf(7)] });
    assert.match(result.trace, /put\[tick 7 slot 0\] register: POST \/register -> 500/);
    await expectRound(checkOnly({ ...front, assert: [{ rule: 'body_contains', value: 'secret path', fails: 'mumble' }] }), server.port, 'mumble', /^front page: the answer lacks an expected text$/);
    await expectRound(checkOnly({ ...front, assert: [{ rule: 'status', value: [200], fails: 'down' }] }), server.port, 'down', /^front page: status 500/);
    await server.close();
  });

  test(label('a run keeps its cookies, the next one does not get them'), async () => {
    const seen = [];
    const server = await web((req, res) => {
      seen.push(req.headers.cookie ?? '');
      res.setHeader('Set-Cookie', 'sid=1');
      res.end();
    });
    const step = { name: 's', http: { path: '/' } };
    await expectRound({ vars: [], put: [step, step], get: [step, step], check: [] }, server.port, 'ok', /^$/, { put: [putOf(7)] });
    assert.deepEqual(seen, ['', 'sid=1', '', 'sid=1']);
    await server.close();
  });

  test(label('every exchange has a connection of its own'), async () => {
    let connections = 0;
    const server = http.createServer((req, res) => res.end());
    server.on('connection', () => connections++);
    const at = await listen(server);
    await expectRound(checkOnly(front, front, front), at.port, 'ok', /^$/);
    assert.equal(connections, 3);
    await at.close();
  });

  test(label('methods, headers and bodies arrive as written'), async () => {
    const seen = [];
    const server = await web((req, res) => {
      let body = '';
      req.on('data', (d) => (body += d));
      req.on('end', () => {
        seen.push([req.method, req.url, req.headers['content-type'], req.headers['x-a'], req.headers.expect, body]);
        res.end();
      });
    });
    await expectRound(checkOnly(
      { name: 'a', http: { method: 'PUT', path: '/../x?t={{tick}}', body: 'é{{tick}}', headers: [['X-A', '{{host}}:{{port}}']] } },
      { name: 'b', http: { method: 'DELETE', path: '/' } },
      { name: 'c', http: { method: 'POST', path: '/' } },
      { name: 'd', http: { method: 'PATCH', path: '/', json: '{"a":"{{tick}}"}', headers: [['Content-Type', 'x/y'], ['X-A', '']] } },
      { name: 'e', http: { method: 'HEAD', path: '/' } },
      { name: 'f', http: { method: 'POST', path: '/', form: [['a b', '&{{tick}}']] } },
    ), server.port, 'ok', /^$/);
    assert.deepEqual(seen, [
      ['PUT', '/../x?t=7', 'text/plain; charset=utf-8', `127.0.0.1:${server.port}`, undefined, 'é7'],
      ['DELETE', '/', undefined, undefined, undefined, ''],
      ['POST', '/', 'application/x-www-form-urlencoded', undefined, undefined, ''],
      ['PATCH', '/', 'x/y', '', undefined, '{"a":"7"}'],
      ['HEAD', '/', undefined, undefined, undefined, ''],
      ['POST', '/', 'application/x-www-form-urlencoded', undefined, undefined, 'a%20b=%267'],
    ]);
    await server.close();
  });

  test(label('redirects: followed as often as asked, never to another system'), async () => {
    const other = await web((req, res) => res.end('other'));
    let gets = 0;
    const server = await web((req, res) => {
      const to = { '/': '/two', '/two': '/three', '/out': `http://127.0.0.1:${other.port}/`, '/loop': '/loop', '/file': 'file:///etc/passwd' }[req.url];
      if (req.url === '/loop') gets++;
      if (to) return res.writeHead(302, { Location: to }).end();
      res.end(`${req.method} end`);
    });
    const step = (path, follow, more = {}) => checkOnly({ name: 'r', http: { path, follow, ...more }, assert: [{ rule: 'status', value: [200] }, { rule: 'body_contains', value: 'GET end' }] });
    await expectRound(step('/', 2, { method: 'POST', body: 'x' }), server.port, 'ok', /^$/);
    await expectRound(step('/', 1), server.port, 'mumble', /^r: status 302, expected 200$/);
    await expectRound(step('/loop', 10), server.port, 'mumble', /^r: status 302/);
    assert.equal(gets, 11);
    await expectRound(step('/out', 3), server.port, 'mumble', /^r: redirects to another system$/);
    await expectRound(step('/file', 3), server.port, 'mumble', /^r: redirects to another system$/);
    await server.close();
    await other.close();
  });

  test(label('a system that does not answer is down'), async () => {
    await expectRound(checkOnly(front), CLOSED_PORT, 'down', /^front page: connection refused$/);
    await expectRound(talk(['expect', 'x']), CLOSED_PORT, 'down', /^talk: connection refused$/);
    const silent = await tcp(() => {});
    const slow = { ...front, timeout_ms: 200 };
    assert.ok((await round(checkOnly(slow), silent.port)).ms < PATIENCE_MS / 2, 'the step has less time than the round');
    await expectRound(checkOnly(slow), silent.port, 'down', /^front page: timed out after \d{3,4} ms$/);
    await expectRound(checkOnly(front), silent.port, 'down', /^front page: timed out after \d{3,4} ms$/, { timeout_ms: 300 });
    await expectRound(talk(['expect', 'x']), silent.port, 'down', /^talk: timed out after \d{3,4} ms$/, { timeout_ms: 300 });
    await silent.close();
    const reset = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await expectRound(checkOnly(front), reset.port, 'down', /^front page: connection reset$/);
    await expectRound(talk(['send', 'hello'], ['expect', 'x']), reset.port, 'down', /^talk: connection reset$/);
    await reset.close();
    const drip = await tcp((socket) => {
      const answer = `HTTP/1.1 200 OK\r\nX-Slow: ${'z'.repeat(1000)}`;
      let n = 0;
      const timer = setInterval(() => socket.write(answer[n++]), 20);
      socket.on('close', () => clearInterval(timer));
    });
    await expectRound(checkOnly(front), drip.port, 'down', /timed out/, { timeout_ms: 400 });
    await drip.close();
  });

  test(label('an answer that breaks the protocol is mumble'), async () => {
    const answers = [
      ['\x00\xff\x01garbage\r\n\r\n', /the answer is not HTTP/],
      ['HTTP/1.1 999999 What\r\n\r\n', /the answer is not HTTP/],
      ['', /closed without an answer/],
      ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', /the answer ends early/],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /the answer breaks off/],
    ];
    for (const [bytes, message] of answers) {
      const server = await tcp((socket) => socket.once('data', () => socket.end(Buffer.from(bytes, 'latin1'))));
      await expectRound(checkOnly(front), server.port, 'mumble', message);
      await server.close();
    }
    const closes = await tcp((socket) => socket.end('220 hi\r\n'));
    await expectRound(talk(['expect', '220 '], ['expect', 'more']), closes.port, 'mumble', /^talk: closed before the expected answer$/);
    await closes.close();
  });

  test(label('a trace that shows long Chinese paths in part stays UTF-8 and within its limit'), async () => {
    const system = await web((req, res) => res.end('x'));
    for (let pad = 8; pad < 14; pad++) {
      const step = { ...front, name: `步${'a'.repeat(pad)}`, http: { path: `/${'漢'.repeat(80)}` } };
      const { trace } = await expectRound(checkOnly(...Array(6).fill(step)), system.port, 'ok', /^$/);
      assert.ok(Buffer.byteLength(trace) <= 1024, `${Buffer.byteLength(trace)} bytes`);
      assert.ok(trace.includes('漢') && !trace.includes('\ufffd'));
    }
    await system.close();
  });

  test(label('endless headers, endless bodies and endless text are cut off'), async () => {
    const pour = (head, piece) => tcp((socket) => {
      socket.write(head);
      const more = () => { while (!socket.destroyed && socket.write(piece)); };
      socket.on('drain', more);
      more();
    });
    const headers = await pour('HTTP/1.1 200 OK\r\n', 'X-More: yes\r\n'.repeat(100));
    await expectRound(checkOnly(front), headers.port, 'mumble', /headers are longer than 64 KiB/);
    await headers.close();
    // One line without an end: a system must not turn its own doing into a fault of the checker.
    const line = await pour('HTTP/1.1 200 OK\r\nX-More: ', 'yes'.repeat(1000));
    await expectRound(checkOnly(front), line.port, 'mumble', /headers are longer than 64 KiB/);
    await line.close();
    const interim = await pour('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100));
    await expectRound(checkOnly(front), interim.port, 'mumble', /headers are longer than 64 KiB/);
    await interim.close();
    const body = await pour('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65536));
    await expectRound(checkOnly(front), body.port, 'mumble', /longer than 768 KiB/);
    await body.close();
    const text = await pour('', 'x'.repeat(65536));
    await expectRound(talk(['expect', 'y']), text.port, 'mumble', /longer than 768 KiB/);
    await expectRound(talk(['expect_regex', 'x.*y']), text.port, 'mumble', /too costly|longer than 768 KiB/);
    await text.close();
  });

  test(label('a body of just the limit is taken whole'), async () => {
    const server = await web((req, res) => res.end(Buffer.concat([Buffer.alloc(768 * 1024 - 3, 'x'), Buffer.from('end')])));
    await expectRound(checkOnly({ ...front, assert: [{ rule: 'size_max', value: 768 * 1024 }, { rule: 'body_contains', value: 'end' }] }), server.port, 'ok', /^$/);
    await server.close();
  });

  test(label('a tcp talk goes line by line, however the bytes are cut'), async () => {
    const got = [];
    const server = await tcp((socket) => {
      for (const byte of '220 hi\r\nready\r\n') socket.write(byte);
      socket.on('data', (d) => {
        got.push(d.toString('latin1'));
        if (got.join('').endsWith('QUIT 7\r\n\xff')) setTimeout(() => socket.write('2'), 20), setTimeout(() => socket.end('21 bye\r\n'), 40);
      });
    });
    const program = checkOnly({
      name: 'talk',
      tcp: { talk: [['expect', '220 '], ['expect_regex', '^ready$'], ['send', 'QUIT {{tick}}\r\n'], ['send_hex', 'ff'], ['expect_regex', '^221 [a-z]+']] },
      capture: [{ var: 'word', from: 'regex', arg: '221 ([a-z]+)' }],
      assert: [{ rule: 'body_contains', value: '221 bye' }],
    }, { name: 'second', tcp: { talk: [] }, assert: [{ rule: 'equals', value: ['{{word}}', 'bye'] }] });
    await expectRound(program, server.port, 'ok', /^$/);
    assert.equal(got.join(''), 'QUIT 7\r\n\xff');
    await server.close();
  });

  test(label('a name is resolved; one that does not exist is down'), async () => {
    const server = await web((req, res) => res.end(req.headers.host));
    const program = checkOnly({ ...front, assert: [{ rule: 'body_contains', value: 'localhost:{{port}}' }] });
    const result = await round(program, server.port, { host: 'localhost' });
    // "localhost" may be ::1 first, where this server does not listen
    assert.ok(result.status === 'ok' || /refused/.test(result.message), JSON.stringify(result));
    const unknown = await round(checkOnly(front), 80, { host: 'no-such-host.invalid', timeout_ms: 20000 });
    assert.match(unknown.message, /name cannot be resolved/);
    assert.ok(['down', 'fault'].includes(unknown.status));
    await server.close();
  });

  test(label('the environment\'s proxy is not asked'), async () => {
    const server = await web((req, res) => res.end());
    process.env.http_proxy = 'http://127.0.0.1:1';
    try {
      await expectRound(checkOnly(front), server.port, 'ok', /^$/);
    } finally {
      delete process.env.http_proxy;
    }
    await server.close();
  });

  test(label('TLS: any certificate will do, no TLS will not'), async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'drill-tls-'));
    const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=elsewhere', '-keyout', key, '-out', cert]);
    assert.equal(made.status, 0, String(made.stderr));
    const server = await listen(https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => res.end('secure')));
    rmSync(scratch, { recursive: true });
    const secure = checkOnly({ name: 's', http: { path: '/', tls: true }, assert: [{ rule: 'body_contains', value: 'secure' }] });
    await expectRound(secure, server.port, 'ok', /^$/);
    const plain = await tcp((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecure'));
    await expectRound(secure, plain.port, 'mumble', /^s: the TLS handshake failed$/);
  });

  test(label('IPv6'), async (t) => {
    const server = await listen(http.createServer((req, res) => res.end(req.headers.host)), '::1').catch(() => null);
    if (server === null) return t.skip('no IPv6 on loopback');
    await expectRound(checkOnly({ ...front, assert: [{ rule: 'body_contains', value: '[{{host}}]:{{port}}' }] }, { name: 't', tcp: { talk: [['send', 'GET / HTTP/1.0\r\n\r\n'], ['expect', '200 OK']] } }), server.port, 'ok', /^$/, { host: '::1' });
  });

  test(label('it gives up what it does not need'), async () => {
    const checker = new Checker(dir);
    await checker.ready;
    const proc = `/proc/${checker.child.pid}`;
    const status = readFileSync(`${proc}/status`, 'utf8');
    const limits = readFileSync(`${proc}/limits`, 'utf8');
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(limits, /^Max core file size\s+0\s+0/m);
    assert.match(limits, /^Max file size\s+16384\s+16384/m);
    if (process.getuid() === 0) {
      const nobody = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout.trim();
      assert.match(status, new RegExp(`^Uid:\\s+${nobody}\\s+${nobody}\\s+${nobody}\\s+${nobody}$`, 'm'));
      assert.match(status, /^Groups:\s*$/m);
      assert.match(status, /^CapEff:\s+0+$/m);
    }
    assert.equal((await checker.end()).code, 0);
  });

  test(label('its launcher keeps little of root, and ends with it, however it ends'), async () => {
    const checker = new Checker(dir, ['--sandbox', 'rlimits']);
    await checker.ready;
    const { pid } = checker.child;
    const launcher = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const status = readFileSync(`/proc/${launcher}/status`, 'utf8');
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    if (process.getuid() === 0) assert.match(status, /^CapEff:\s+00000000000000e1$/m); // chown, kill, setuid, setgid
    const open = readdirSync(`/proc/${launcher}/fd`).filter((fd) => fd !== '2').map((fd) => readlinkSync(`/proc/${launcher}/fd/${fd}`));
    assert.equal(open.filter((to) => to.startsWith('socket:')).length, process.getuid() === 0 ? 2 : 1, 'the line to the checker, and the lock; drilld has no end in it');
    process.kill(pid, 'SIGKILL');
    await checker.exit;
    await until(() => !existsSync(`/proc/${launcher}`), 'its launcher has ended');
  });

  test(label('without its launcher it ends, with a reason'), async () => {
    const checker = new Checker(dir, ['--sandbox', 'rlimits']);
    await checker.ready;
    const { pid } = checker.child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), 'SIGKILL');
    assert.equal((await checker.exit).code, 1);
    assert.match(checker.log, /launcher of external programs is lost/);
  });

  test(label('descriptors it inherits by mistake are closed'), async () => {
    const child = spawn(`${dir}/drill-checker`, [], { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
    const closed = new Promise((resolve) => child.stdio[4].on('end', resolve).resume());
    await new Promise((resolve) => child.stdio[3].once('data', resolve));
    await closed; // while the process lives
    assert.equal(child.exitCode, null);
    child.stdio[3].end();
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
  });

  test(label('what it cannot start with it says in one line'), () => {
    const start = (args, stdio) => spawnSync(`${dir}/drill-checker`, args, { stdio, encoding: 'utf8', timeout: PATIENCE_MS });
    const none = start([], ['ignore', 'pipe', 'pipe']);
    assert.equal(none.status, 1);
    assert.match(none.stderr, /descriptor 3 is no socket; drill-checker is started by drilld\n$/);
    const words = start(['--in-flight', '0'], ['ignore', 'pipe', 'pipe']);
    assert.equal(words.status, 1);
    assert.match(words.stderr, /--in-flight 0: a number from 1 to 100000 is expected\n$/);
    assert.equal(start(['--help'], ['ignore', 'pipe', 'pipe']).status, 0);
    assert.equal(start(['now'], ['ignore', 'pipe', 'pipe']).status, 1);
    if (process.getuid() !== 0) return;
    assert.match(start(['--user', 'no-such-user'], ['ignore', 'pipe', 'pipe']).stderr, /there is no user "no-such-user"/);
    assert.match(start(['--exec-user', 'no-such-user'], ['ignore', 'pipe', 'pipe']).stderr, /--exec-user no-such-user: there is no such user/);
    assert.match(start(['--exec-user', 'root'], ['ignore', 'pipe', 'pipe']).stderr, /root; an unprivileged user is expected/);
    assert.match(start(['--sandbox', 'none'], ['ignore', 'pipe', 'pipe']).stderr, /auto, bubblewrap or rlimits is expected/);
    assert.match(start(['--user', 'root'], ['ignore', 'pipe', 'pipe']).stderr, /"root" is root/);
  });

  test(label('500 rounds in flight end together'), async () => {
    const held = [];
    const server = await web((req, res) => {
      held.push(res);
      if (held.length === 500) for (const r of held) r.end();
    });
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('c', checkOnly(front));
    const results = await Promise.all(Array.from({ length: 500 }, () => checker.job('c', server.port, { timeout_ms: 60000 })));
    assert.equal(results.filter((r) => r.status === 'ok').length, 500);
    assert.equal((await checker.end()).code, 0);
    await server.close();
  });

  test(label('more jobs than --in-flight wait their turn'), async () => {
    // As many as may be are kept waiting for one more; the last two of 20 cannot be three.
    const held = [];
    let come = 0;
    let most = 0;
    const server = await web((req, res) => {
      held.push(res);
      most = Math.max(most, held.length);
      if (++come % 3 === 0 || come === 20) setTimeout(() => held.splice(0).forEach((r) => r.end()), 30);
    });
    const checker = new Checker(dir, ['--in-flight', '3']);
    await checker.ready;
    checker.program('c', checkOnly(front));
    const results = await Promise.all(Array.from({ length: 20 }, () => checker.job('c', server.port)));
    assert.ok(results.every((r) => r.status === 'ok'));
    assert.equal(most, 3);
    assert.equal((await checker.end()).code, 0);
    await server.close();
  });

  test(label('a job of an unknown challenge is a fault, and the checker goes on'), async () => {
    const server = await web((req, res) => res.end());
    const checker = new Checker(dir);
    await checker.ready;
    const result = await checker.job('nobody', 1);
    assert.equal(result.status, 'fault');
    checker.program('c', checkOnly(front));
    assert.equal((await checker.job('c', server.port)).status, 'ok');
    assert.equal((await checker.end()).code, 0);
    await server.close();
  });

  test(label('a malformed line ends the checker with code 2 and a reason, never with a crash'), async () => {
    const lines = [
      '', 'null', '[]', '{', '{"type":"job"}', '{"type":"result"}', '\u0000', '['.repeat(100000),
      '{"type":"program","challenge":"c","program":{"check":[{"name":"n"}]}}',
      '{"type":"program","challenge":"c","program":{}}\n{"type":"program","challenge":"c","program":{}}',
      'x'.repeat(3 * 1024 * 1024),
    ];
    for (const line of lines) {
      const checker = new Checker(dir);
      await checker.ready;
      checker.sendText(line);
      const { code, signal } = await checker.exit;
      assert.equal(signal, null, `${line.slice(0, 60)}: ${checker.log}`);
      assert.ok(code === 2 || (code === 1 && line.length > 1024 * 1024), `${line.slice(0, 60)}: exit ${code} ${checker.log}`);
      assert.match(checker.log, /error checker: /);
    }
  });

  test(label('the other end closes: rounds under way are dropped, the exit is clean and prompt'), async () => {
    const silent = await tcp(() => {});
    const checker = new Checker(dir, ['--in-flight', '2']);
    await checker.ready;
    checker.program('c', checkOnly(front));
    checker.program('t', talk(['expect', 'x']));
    const dropped = [checker.job('c', silent.port, { timeout_ms: 60000 }), checker.job('t', silent.port, { timeout_ms: 60000 }), checker.job('c', silent.port, { timeout_ms: 60000 })];
    const ends = Promise.allSettled(dropped);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = Date.now();
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    assert.ok(Date.now() - start < PATIENCE_MS / 2, 'it waits for none of them');
    await ends;
    await silent.close();
  });

  test(label('SIGTERM is a clean end, too'), async () => {
    const checker = new Checker(dir);
    await checker.ready;
    checker.child.kill('SIGTERM');
    assert.deepEqual(await checker.exit, { code: 0, signal: null }, checker.log);
  });
}
