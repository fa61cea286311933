// Steps that speak by themselves, in the real drill-checker: tls, dns, icmp and the greetings, against peers that
// work, answer wrongly, are silent and attack. Each test runs against the release build and the sanitized one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { after, afterEach, test } from 'node:test';
import { CLOSED_PORT, Checker, builds } from './checker_process.mjs';
import { makeCertificates } from './servers/certificates.mjs';
import { answerTo, dnsServer, encodeName, question, record } from './servers/dns.mjs';
import * as says from './servers/greetings.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

const certificates = makeCertificates();
after(() => certificates.remove());

// ---- peers ----

const open = new Set();
afterEach(async () => {
  for (const close of open) await close();
  open.clear();
});

async function listen(server) {
  const sockets = new Set();
  const seen = (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  server.on('connection', seen);
  server.on('secureConnection', seen);
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.add(() => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  }));
  return server.address().port;
}

const tcp = (handler) => listen(net.createServer(handler));
const secure = (options, handler = () => {}) => listen(tls.createServer(options, handler));

async function dns(handler, options) {
  const server = await dnsServer(handler, options);
  open.add(server.close);
  return server;
}

// Says the pieces one after the other, each when something has come, the first `ahead` of them unasked.
const speaks = (ahead, ...pieces) => tcp((socket) => {
  let n = 0;
  while (n < ahead) socket.write(pieces[n++]);
  socket.on('data', () => { if (n < pieces.length) socket.write(pieces[n++]); });
});

const silent = () => tcp(() => {});
const pours = (piece) => tcp((socket) => {
  const more = () => { while (!socket.destroyed && socket.write(piece)); };
  socket.on('drain', more);
  more();
});
const drips = (bytes) => tcp((socket) => {
  let n = 0;
  const timer = setInterval(() => (n < bytes.length ? socket.write(bytes.subarray(n, ++n)) : clearInterval(timer)), 5);
  socket.on('close', () => clearInterval(timer));
});

const check = (...steps) => ({ vars: [], put: [], get: [], check: steps });
const has = (value) => ({ rule: 'body_contains', value });
const is = (value) => ({ rule: 'equals', value });

for (const dir of builds) {
  const label = (name) => `${name} [${dir}]`;

  async function round(program, port, fields = {}, args) {
    const checker = new Checker(dir, args);
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

  // ---- tls ----

  const tlsStep = (fields, ...talk) => check({ name: 't', tls: { talk, ...fields } });
  const pem = (name) => certificates.text(`${name}.pem`);

  test(label('tls: a talk under TLS, with the name sent and the certificate as wished'), async () => {
    let asked;
    const port = await secure({ ...certificates.pair('good'), SNICallback: (name, done) => { asked = name; done(null); } }, (socket) => {
      socket.write('220 hi\r\n');
      socket.on('data', (d) => socket.write(d.toString() === 'QUIT\r\n' ? '221 bye\r\n' : `got ${d}`));
    });
    const wishes = { ca: pem('ca'), verify: true, names: ['www.example.org'], days_left: 19 };
    await expectRound(check({ name: 't', tls: { ...wishes, talk: [['expect', '220 '], ['send', 'QUIT\r\n'], ['expect_regex', '^221 ']] }, assert: [has('221 bye')] }), port, 'ok', /^$/);
    assert.equal(asked, 'www.example.org');
    await expectRound(tlsStep({}), port, 'ok', /^$/);
    const big = 'x'.repeat(200_000);
    const echo = await secure(certificates.pair('good'), (socket) => socket.pipe(socket));
    await expectRound(tlsStep({}, ['send', `${big}!`], ['expect', `x!`], ['send', ''], ['send_hex', '00ff'], ['expect_regex', '.']), echo, 'ok', /^$/);
  });

  test(label('tls: a wrong, ended or untrusted certificate is mumble, and says which'), async () => {
    const good = await secure(certificates.pair('good'));
    const expired = await secure(certificates.pair('expired'));
    const self = await secure(certificates.pair('self'));
    await expectRound(tlsStep({ names: ['mail.example.org'] }), good, 'mumble', /^t: its certificate is for www\.example\.org, not for mail\.example\.org$/);
    await expectRound(tlsStep({ names: ['127.0.0.1'] }), good, 'mumble', /^t: its certificate is for www\.example\.org, not for 127\.0\.0\.1$/);
    await expectRound(tlsStep({ days_left: 30 }), good, 'mumble', /^t: its certificate ends in 20 days, at least 30 expected$/);
    await expectRound(tlsStep({ days_left: 1 }), expired, 'mumble', /^t: its certificate ended 3 days ago$/);
    await expectRound(tlsStep({ verify: true, ca: pem('ca') }), expired, 'mumble', /^t: its certificate is not trusted: certificate has expired$/);
    await expectRound(tlsStep({ verify: true, ca: pem('ca') }), self, 'mumble', /^t: its certificate is not trusted: self-signed certificate$/);
    await expectRound(tlsStep({ verify: true }), good, 'mumble', /^t: its certificate is not trusted: unable to get local issuer certificate$/);
    await expectRound(tlsStep({ verify: true, ca: pem('other') }), good, 'mumble', /not trusted/);
    await expectRound(tlsStep({ verify: true, ca: pem('self') }), self, 'ok', /^$/);
    await expectRound(tlsStep({ verify: false, names: ['self.example.org'] }), self, 'ok', /^$/);
  });

  test(label('tls: a client certificate is shown where one is given'), async () => {
    const port = await secure({ ...certificates.pair('good'), ca: pem('ca'), requestCert: true, rejectUnauthorized: true }, (socket) => socket.end(`hello ${socket.getPeerCertificate().subject.CN}\n`));
    await expectRound(tlsStep({ cert: pem('client'), key: certificates.text('client.key') }, ['expect', 'hello checker']), port, 'ok', /^$/);
    await expectRound(tlsStep({}, ['expect', 'hello']), port, 'mumble', /^t: the TLS connection broke: /);
  });

  test(label('tls: starttls in the middle of a talk; what came in the clear is no answer under TLS'), async () => {
    const server = (inject) => tcp((socket) => {
      socket.write('220 mail\r\n');
      socket.on('data', (d) => {
        if (d.toString() !== 'STARTTLS\r\n') return;
        socket.write(`220 go${inject}\r\n`);
        socket.removeAllListeners('data');
        const under = new tls.TLSSocket(socket, { isServer: true, ...certificates.pair('good') });
        under.on('error', () => {});
        under.on('data', (e) => under.write(e.toString().startsWith('EHLO') ? '250 hello\r\n' : '221 bye\r\n'));
      });
    });
    const talk = [['expect', '220 '], ['expect', '\r\n'], ['send', 'STARTTLS\r\n'], ['expect_regex', '^220 '], ['expect', '\r\n'], ['starttls', ''], ['send', 'EHLO x\r\n'], ['expect', '250 ']];
    await expectRound(tlsStep({ verify: true, ca: pem('ca'), names: ['www.example.org'] }, ...talk), await server(''), 'ok', /^$/);
    await expectRound(tlsStep({ names: ['x.org'] }, ...talk), await server(''), 'mumble', /its certificate is for/);
    const injected = [...talk.slice(0, 6), ['expect', 'injected']];
    await expectRound(tlsStep({}, ...injected), await server('\r\ninjected'), 'down', /^t: timed out/, { timeout_ms: 500 });
  });

  test(label('tls: peers that speak no TLS, break off, are silent, pour and drip'), async () => {
    await expectRound(tlsStep({}), CLOSED_PORT, 'down', /^t: connection refused$/);
    await expectRound(tlsStep({}), await tcp((s) => s.write('220 plain text\r\n')), 'mumble', /^t: the TLS handshake failed: wrong version number$/);
    await expectRound(tlsStep({}), await tcp((s) => s.end()), 'mumble', /^t: closed during the TLS handshake$/);
    await expectRound(tlsStep({}), await tcp((s) => s.once('data', () => s.resetAndDestroy())), 'down', /^t: connection reset$/);
    await expectRound(tlsStep({}), await silent(), 'down', /^t: timed out after \d+ ms$/, { timeout_ms: 300 });
    await expectRound(tlsStep({}), await pours(Buffer.alloc(65536, 0x16)), 'mumble', /^t: the TLS handshake failed: /);
    const body = await secure(certificates.pair('good'), (s) => {
      const more = () => { while (!s.destroyed && s.write('y'.repeat(65536))); };
      s.on('drain', more);
      more();
    });
    await expectRound(tlsStep({}, ['expect', 'never']), body, 'mumble', /^t: the answer is longer than 768 KiB$/);
    const closes = await secure(certificates.pair('good'), (s) => s.end('bye'));
    await expectRound(tlsStep({}, ['expect', 'never']), closes, 'mumble', /^t: closed before the expected answer$/);
    await expectRound(tlsStep({}, ['expect', 'never']), await secure(certificates.pair('good')), 'down', /timed out/, { timeout_ms: 300 });
    const deaf = await secure(certificates.pair('good'), (s) => s.pause());
    await expectRound(tlsStep({}, ...Array(30).fill(['send', 'z'.repeat(500_000 / 16)]), ['expect', 'x']), deaf, 'down', /timed out/, { timeout_ms: 800 });
    // A real handshake, cut after each number of bytes.
    const sizes = [1, 5, 60, 200, 500];
    for (const size of sizes) {
      const behind = await secure(certificates.pair('good'));
      const cut = await tcp((s) => {
        const to = net.connect(behind, '127.0.0.1');
        let left = size;
        to.on('error', () => {});
        s.on('data', (d) => to.write(d));
        s.on('close', () => to.destroy());
        to.on('data', (d) => { if (d.length < left) { s.write(d); left -= d.length; } else { s.end(d.subarray(0, left)); to.destroy(); } });
      });
      await expectRound(tlsStep({}, ['expect', 'x']), cut, 'mumble', /^t: closed during the TLS handshake$/);
    }
  });

  // ---- dns ----

  const ask = (type, rules, fields = {}) => (port) => check({ name: 'd', dns: { name: 'www.example.org', type, port, ...fields }, assert: rules });
  const capture = (type, name = 'www.example.org', fields = {}) => (port) => check(
    { name: 'd', dns: { name, type, port, ...fields }, capture: [{ var: 'all', from: 'regex', arg: '(.*)' }], assert: [{ rule: 'status', value: [0] }] });

  test(label('dns: each type as text, sorted; lines for rules, captures and sha256'), async () => {
    const name = 'www.example.org';
    const answers = {
      A: [record(name, 'CNAME', 'Web.example.org'), record('web.example.org', 'A', '192.0.2.9'), record('web.example.org', 'A', '192.0.2.10'), record('other.org', 'A', '203.0.113.1')],
      AAAA: [record(name, 'AAAA', '20010db8000000000000000000000001')],
      CNAME: [record(name, 'CNAME', 'web.example.org')],
      MX: [record(name, 'MX', 20, 'b.example.org'), record(name, 'MX', 10, 'a.example.org'), record(name, 'MX', 0, '.')],
      NS: [record(name, 'NS', 'ns.example.org')],
      PTR: [record(name, 'PTR', 'host.example.org')],
      SOA: [record(name, 'SOA', 'ns.example.org', 'root.example.org', 2026, 3600, 600, 86400, 60)],
      SRV: [record(name, 'SRV', 1, 2, 389, 'ldap.example.org')],
      TXT: [record(name, 'TXT', 'v=spf1 ', '-all'), record(name, 'TXT', 'a\nb\\c')],
    };
    const texts = {
      A: '192.0.2.10\n192.0.2.9\n', AAAA: '2001:db8::1\n', CNAME: 'web.example.org\n', MX: '0 .\n10 a.example.org\n20 b.example.org\n',
      NS: 'ns.example.org\n', PTR: 'host.example.org\n', SOA: 'ns.example.org root.example.org 2026 3600 600 86400 60\n',
      SRV: '1 2 389 ldap.example.org\n', TXT: 'a\\010b\\\\c\nv=spf1 -all\n',
    };
    const { createHash } = await import('node:crypto');
    const server = await dns((query) => answerTo(query, { records: answers[question(query).type] }));
    for (const [type, text] of Object.entries(texts))
      await expectRound(ask(type, [{ rule: 'sha256', value: createHash('sha256').update(text).digest('hex') }, { rule: 'status', value: [0] }])(server.port), 1, 'ok', /^$/);
    const captured = { ...capture('CNAME')(server.port) };
    captured.check[0].capture = [{ var: 'alias', from: 'regex', arg: '^(.*)$' }];
    captured.check.push({ name: 'e', dns: { name: '{{alias}}', type: 'A', port: server.port }, assert: [is(['{{alias}}', 'web.example.org'])] });
    await expectRound(captured, 1, 'ok', /^$/);
    await expectRound(ask('A', [has('192.0.2.77')])(server.port), 1, 'mumble', /^d: the answer lacks an expected text$/);
    assert.equal(server.counts.tcp, 0);
  });

  test(label('dns: RCODE is the status, truncation goes to TCP, an address is asked for in reverse'), async () => {
    const rcodes = { 'servfail.org': 2, 'nx.org': 3, 'refused.org': 5 };
    const seen = [];
    const server = await dns((query, { tcp: overTcp }) => {
      const { name } = question(query);
      seen.push(name);
      if (name === 'big.org') return overTcp ? answerTo(query, { records: Array.from({ length: 200 }, (_, i) => record(name, 'A', `10.0.0.${i}`)) }) : answerTo(query, { truncated: true });
      return answerTo(query, { rcode: rcodes[name] ?? 0 });
    });
    const at = { port: server.port };
    const status = (name, value, type = 'A', more = []) => check({ name: 'd', dns: { name, type, ...at }, assert: [{ rule: 'status', value: [value] }, ...more] });
    await expectRound(status('nx.org', 3), 1, 'ok', /^$/);
    await expectRound(status('servfail.org', 2), 1, 'ok', /^$/);
    await expectRound(status('refused.org', 0), 1, 'mumble', /^d: status 5, expected 0$/);
    await expectRound(status('big.org', 0, 'A', [has('10.0.0.199\n')]), 1, 'ok', /^$/);
    assert.equal(server.counts.tcp, 1);
    await expectRound(status('192.0.2.5', 0, 'PTR'), 1, 'ok', /^$/);
    await expectRound(status('2001:db8::1', 0, 'PTR'), 1, 'ok', /^$/);
    assert.ok(seen.includes('5.2.0.192.in-addr.arpa') && seen.some((n) => /^1\.0\.0\..*\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/.test(n)), seen.join(' '));
    // A name without dots is asked for as it is: no search domain of this machine.
    await expectRound(status('localhost', 0), 1, 'ok', /^$/);
    await expectRound(status('intranet', 0), 1, 'ok', /^$/);
    assert.ok(seen.includes('localhost') && seen.includes('intranet'));
  });

  test(label('dns: the server that the step names is asked, and once more when it was silent'), async () => {
    const server = await dns((query, { n }) => (n === 1 ? null : answerTo(query, { records: [record('www.example.org', 'A', '192.0.2.1')] })));
    await expectRound(ask('A', [has('192.0.2.1')], { server: '127.0.0.1' })(server.port), 1, 'ok', /^$/, { host: '127.0.0.9' });
    assert.equal(server.counts.udp, 2);
  });

  test(label('dns: no server, silence, lies and wrong ids are down; a malformed answer is mumble'), async () => {
    const nobody = CLOSED_PORT;
    await expectRound(ask('A')(nobody), 1, 'down', /^d: connection refused$/);
    const quiet = await dns(() => null);
    await expectRound(ask('A')(quiet.port), 1, 'down', /^d: timed out after \d+ ms$/, { timeout_ms: 300 });
    const wrongId = await dns((query) => answerTo(query, { id: query.readUInt16BE(0) ^ 1, records: [record('www.example.org', 'A', '192.0.2.1')] }));
    await expectRound(ask('A')(wrongId.port), 1, 'down', /timed out/, { timeout_ms: 300 });
    const other = await dns((query) => answerTo(query, { asked: Buffer.concat([encodeName('other.org'), Buffer.from([0, 1, 0, 1])]), records: [record('other.org', 'A', '192.0.2.1')] }));
    await expectRound(ask('A')(other.port), 1, 'down', /timed out/, { timeout_ms: 300 });
    const garbage = await dns(() => [Buffer.from('x'), Buffer.alloc(0), Buffer.alloc(600, 0xff)]);
    await expectRound(ask('A')(garbage.port), 1, 'down', /timed out/, { timeout_ms: 300 });
    const flood = await dns((query) => Array(3000).fill(answerTo(query, { id: query.readUInt16BE(0) ^ 1 })));
    await expectRound(ask('A')(flood.port), 1, 'down', /timed out/, { timeout_ms: 400 });
    const loops = [
      Buffer.from([0xc0, 12 + 21]), // to itself
      Buffer.from([0xc0, 200]), // past the end
      Buffer.from([0x3f, 0x41]), // a label that is cut
      Buffer.from([0x80, 0x41]), // a reserved kind
    ];
    for (const owner of loops) {
      const bad = await dns((query) => answerTo(query, { records: [Buffer.concat([owner, Buffer.from([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4])])] }));
      await expectRound(ask('A')(bad.port), 1, 'mumble', /^d: the answer is malformed$/);
    }
    await expectRound(check({ name: 'd', dns: { name: 'a..org', type: 'A' } }), 1, 'fault', /^d: the name to ask for is none of DNS$/);
    await expectRound(check({ name: 'd', dns: { name: '{{nothing}}', type: 'A' } }), 1, 'fault', /^d: the variable nothing has no value$/);
    const short = await dns((query) => answerTo(query, { records: [record('www.example.org', 'A', Buffer.from([1, 2, 3]))] }));
    await expectRound(ask('A')(short.port), 1, 'mumble', /^d: the answer is malformed$/);
    const chain = await dns((query) => answerTo(query, { records: [record('www.example.org', 'CNAME', 'a.org'), record('a.org', 'CNAME', 'www.example.org')] }));
    await expectRound(ask('A', [{ rule: 'size_max', value: 0 }])(chain.port), 1, 'ok', /^$/);
    // Says "truncated" and has no TCP, or TCP that is silent, closes or pours.
    const cut = await dns((query) => answerTo(query, { truncated: true }), { tcpToo: false });
    await expectRound(ask('A')(cut.port), 1, 'down', /^d: /, { timeout_ms: 800 });
    const slow = await dns((query, { tcp: overTcp }) => (overTcp ? null : answerTo(query, { truncated: true })));
    await expectRound(ask('A')(slow.port), 1, 'down', /timed out/, { timeout_ms: 400 });
  });

  // ---- greetings ----

  const greet = (kind, fields, ...rules) => check({ name: 'g', [kind]: fields, assert: rules });
  const line = (text) => ({ rule: 'body_regex', value: `^${text}$` });
  const good = {
    mysql: [() => speaks(1, says.mysqlHandshake()), ['protocol=10', 'version=8\\.0\\.36', 'tls=yes', 'auth=caching_sha2_password']],
    postgresql: [() => speaks(0, 'N', says.pgSasl('SCRAM-SHA-256')), ['tls=no', 'auth=sasl', 'mechanisms=SCRAM-SHA-256']],
    rdp: [() => speaks(0, says.rdpSelected(2)), ['protocol=nla', 'nla=yes']],
    vnc: [() => speaks(1, 'RFB 003.008\n', says.vncTypes(1, 2, 99)), ['version=3\\.8', 'security=none,vnc,99']],
    ssh: [() => speaks(1, Buffer.concat([Buffer.from('welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), says.sshKexinit()])),
      ['version=2\\.0', 'software=OpenSSH_9\\.2p1', 'comment=Debian-2', 'kex=curve25519-sha256', 'host_key=ssh-ed25519,rsa-sha2-512', 'cipher=aes256-ctr', 'mac=hmac-sha2-256', 'compression=none']],
  };

  for (const [kind, [peer, lines]] of Object.entries(good)) {
    test(label(`${kind}: its facts are lines; nobody, silence and nonsense are told apart`), async () => {
      await expectRound(greet(kind, {}, ...lines.map(line)), await peer(), 'ok', /^$/);
      await expectRound(greet(kind, { port: await peer() }, line(lines[0]), has('=no such thing')), 1, 'mumble', /^g: the answer lacks an expected text$/);
      await expectRound(greet(kind, {}), CLOSED_PORT, 'down', /^g: connection refused$/);
      await expectRound(greet(kind, {}), await silent(), 'down', /^g: timed out after \d+ ms$/, { timeout_ms: 200 });
      await expectRound(greet(kind, {}), await tcp((s) => s.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(500))), 'mumble', /^g: not the (greeting|answer) of an? (MySQL|PostgreSQL|RDP|VNC|SSH) server$/);
      await expectRound(greet(kind, {}), await tcp((s) => s.end()), 'mumble', /^g: closed without a greeting$/);
      await expectRound(greet(kind, {}), await tcp((s) => s.once('data', () => s.resetAndDestroy()).write('')), 'down', ...(kind === 'mysql' || kind === 'vnc' ? [/timed out/, { timeout_ms: 300 }] : [/^g: connection reset$/]));
      await expectRound(greet(kind, {}), await pours(Buffer.alloc(65536)), 'mumble', /^g: not the |^g: the /);
    });
  }

  test(label('greetings: byte by byte they are understood, cut at each byte they are mumble'), async () => {
    const bytes = { mysql: says.mysqlHandshake(), rdp: says.rdpSelected(1), vnc: Buffer.concat([Buffer.from('RFB 003.003\n'), Buffer.from([0, 0, 0, 2])]), postgresql: Buffer.concat([Buffer.from('N'), says.pgAuth(5, Buffer.alloc(4))]), ssh: Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), says.sshKexinit()]) };
    for (const [kind, whole] of Object.entries(bytes)) {
      await expectRound(greet(kind, {}), await drips(whole), 'ok', /^$/);
      const checker = new Checker(dir);
      await checker.ready;
      checker.program('c', greet(kind, {}));
      const step = Math.ceil(whole.length / 24);
      const cuts = [];
      for (let n = 1; n < whole.length; n += step) cuts.push(tcp((s) => s.end(whole.subarray(0, n))).then((port) => checker.job('c', port)));
      for (const r of await Promise.all(cuts)) assert.match(`${r.status} ${r.message}`, /^mumble g: closed (without a|in the middle of the) greeting$/);
      assert.equal((await checker.end()).code, 0);
    }
  });

  test(label('greetings: what servers say instead of a welcome are facts, too'), async () => {
    await expectRound(greet('mysql', {}, line('error=1130'), line("message=Host 'x' is not allowed")), await speaks(1, says.mysqlEarlyError(1130, "Host 'x' is not allowed")), 'ok', /^$/);
    await expectRound(greet('mysql', {}, line('error=1040'), line('message=Too many')), await speaks(1, says.mysqlError(1040, 'Too many')), 'ok', /^$/);
    await expectRound(greet('mysql', {}, line('tls=no'), line('version=5.5.5-10.11.6 MariaDB\\?')), await speaks(1, says.mysqlHandshake({ tls: false, version: '5.5.5-10.11.6\nMariaDB\xff' })), 'ok', /^$/);
    await expectRound(greet('postgresql', { user: 'root', database: 'flags' }, line('error=28000'), line('message=no pg_hba.conf entry')), await speaks(0, 'N', says.pgError('28000', 'no pg_hba.conf entry')), 'ok', /^$/);
    await expectRound(greet('postgresql', {}, line('error=53300')), await speaks(0, says.pgError('53300', 'too many clients')), 'ok', /^$/);
    await expectRound(greet('postgresql', {}, line('auth=none')), await speaks(0, 'N', says.pgAuth(0)), 'ok', /^$/);
    await expectRound(greet('rdp', {}, line('protocol=rdp'), line('nla=no')), await speaks(0, says.rdpConfirm()), 'ok', /^$/);
    await expectRound(greet('rdp', {}, line('error=5'), line('message=nla required')), await speaks(0, says.rdpFailure(5)), 'ok', /^$/);
    await expectRound(greet('vnc', {}, line('message=too many tries')), await speaks(1, 'RFB 003.008\n', Buffer.concat([Buffer.from([0]), says.vncReason('too many tries')])), 'ok', /^$/);
    await expectRound(greet('vnc', {}, line('message=no')), await speaks(1, 'RFB 003.003\n', Buffer.concat([Buffer.alloc(4), says.vncReason('no')])), 'ok', /^$/);
  });

  test(label('postgresql: takes TLS where it is offered, and nothing that was said in the clear after it'), async () => {
    const offers = (more) => tcp((socket) => socket.once('data', () => {
      socket.write(`S${more}`);
      const under = new tls.TLSSocket(socket, { isServer: true, ...certificates.pair('self') });
      under.on('error', () => {});
      under.once('data', (d) => {
        assert.equal(d.subarray(8).toString(), 'user\0drill\0database\0drill\0\0');
        under.write(says.pgSasl('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'));
      });
    }));
    await expectRound(greet('postgresql', {}, line('tls=yes'), line('mechanisms=SCRAM-SHA-256-PLUS,SCRAM-SHA-256')), await offers(''), 'ok', /^$/);
    await expectRound(greet('postgresql', {}), await offers('R\0\0\0\x08\0\0\0\0'), 'mumble', /^g: it goes on in the clear after a yes to TLS$/);
  });

  // ---- icmp ----

  // A checker in a network namespace of its own, set up by a shell script first.
  class Apart extends Checker {
    constructor(script) {
      super(dir, [], ['unshare', '-n', 'sh', '-c', `${script}; exec "$0" "$@"`]);
    }
  }
  const mayUnshare = process.getuid() === 0 && spawnSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range']).status === 0;
  const skip = mayUnshare ? false : 'needs root and network namespaces';
  const allowed = 'ip link set lo up; echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range';

  async function echoes(script, icmp, host, rules = [], fields = {}) {
    const checker = new Apart(script);
    await checker.ready;
    checker.program('c', check({ name: 'p', icmp, assert: rules }));
    const result = await checker.job('c', 1, { host, ...fields });
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    return result;
  }

  test(label('icmp: echoes by IPv4 and IPv6, their facts and latency'), { skip }, async () => {
    const rules = [line('sent=3'), line('received=3'), line('loss_percent=0'), line('ms_mean=[0-9]+\\.[0-9]{3}'), { rule: 'latency_ms_max', value: 5000 }];
    for (const host of ['127.0.0.1', '::1']) {
      const r = await echoes(allowed, { interval_ms: 100 }, host, rules);
      assert.equal(r.status, 'ok', JSON.stringify(r));
    }
    const big = await echoes(allowed, { count: 1, size: 8192 }, '127.0.0.1', [has('no such')]);
    assert.equal(`${big.status} ${big.message}`, 'mumble p: the answer lacks an expected text');
  });

  test(label('icmp: no way there and no echo are down, no permission is a fault that names the setting'), { skip }, async () => {
    const net0 = `${allowed}; echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all; ip route add unreachable 10.9.8.0/24`;
    const lost = await echoes(net0, { count: 2, interval_ms: 20, wait_ms: 100 }, '127.0.0.1');
    assert.equal(`${lost.status} ${lost.message}`, 'down p: no echo came back');
    const none = await echoes(net0, { count: 2 }, '10.9.8.1');
    assert.equal(`${none.status} ${none.message}`, 'down p: host unreachable');
    const nowhere = await echoes(allowed, { count: 2 }, '10.1.1.1');
    assert.equal(`${nowhere.status} ${nowhere.message}`, 'down p: network unreachable');
    const late = await echoes(net0, { count: 2 }, '127.0.0.1', [], { timeout_ms: 150 });
    assert.match(`${late.status} ${late.message}`, /^down p: timed out after \d+ ms$/);
    const refused = await echoes('ip link set lo up; echo "1 0" > /proc/sys/net/ipv4/ping_group_range', {}, '127.0.0.1');
    assert.match(`${refused.status} ${refused.message}`, /^fault p: .*net\.ipv4\.ping_group_range/);
  });

  // The kernel of the namespace stops answering when it has answered once.
  test(label('icmp: too much loss is mumble, as much as allowed is not'), { skip }, async () => {
    const mute = `${allowed}; (until grep -q OutType0 /proc/net/snmp; do :; done; echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all) </dev/null >/dev/null 2>&1 3>&- &`;
    const step = { count: 20, interval_ms: 50, wait_ms: 50 };
    // A busy machine may tell it too late, when all have been answered: then it is asked again.
    const muted = async (icmp, rules, status) => {
      let result;
      for (let i = 0; i < 10 && result?.status !== status; i++) result = await echoes(`${mute} :`, icmp, '127.0.0.1', rules);
      return result;
    };
    const lossy = await muted(step, [], 'mumble');
    assert.match(`${lossy.status} ${lossy.message}`, /^mumble p: 1?\d of 20 echoes were lost, at most 0 % expected$/);
    const borne = await muted({ ...step, loss_percent: 99 }, [line('sent=20'), line('received=[1-9][0-9]?'), line('lost=[1-9][0-9]?')], 'ok');
    assert.equal(borne.status, 'ok', JSON.stringify(borne));
  });

  // ---- all of them ----

  test(label('the other end closes in the middle of each kind: dropped, nothing leaks'), async () => {
    const port = await silent();
    const quiet = await dns(() => null);
    const checker = new Checker(dir);
    await checker.ready;
    const kinds = { tls: { talk: [] }, dns: { name: 'a.org', type: 'A', port: quiet.port }, mysql: {}, postgresql: {}, rdp: {}, ssh: {}, vnc: {} };
    const ends = [];
    for (const [kind, fields] of Object.entries(kinds)) {
      checker.program(kind, check({ name: 's', [kind]: fields }));
      ends.push(checker.job(kind, port, { timeout_ms: 60000 }));
    }
    const settled = Promise.allSettled(ends);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    await settled;
  });

  test(label('peers that pour and never end cost no memory that stays'), { skip: dir !== 'build' && 'of the release build' }, async () => {
    const port = await pours(Buffer.alloc(1 << 20, 0x41));
    const checker = new Checker(dir);
    await checker.ready;
    const resident = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${checker.child.pid}/status`, 'utf8'))[1]);
    const kinds = ['tls', 'mysql', 'postgresql', 'rdp', 'ssh', 'vnc'];
    for (const kind of kinds) checker.program(kind, check({ name: 's', [kind]: {} }));
    for (const kind of kinds) await checker.job(kind, port);
    const before = resident();
    for (let n = 0; n < 20; n++) for (const kind of kinds) assert.equal((await checker.job(kind, port)).status, 'mumble');
    assert.ok(resident() - before < 1024, `grew by ${resident() - before} KiB`);
    assert.equal((await checker.end()).code, 0);
  });
}
