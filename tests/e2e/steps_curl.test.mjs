// The step actions over libcurl but for http: a real drill-checker against small true servers, each action to ok,
// mumble and down. Each test runs against the release build and, where it is there, the one under ASan + UBSan.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import net from 'node:net';
import { Checker, builds, flagOf, getOf, putOf } from './checker_process.mjs';
import { ftpServer } from './servers/ftp.mjs';
import { ldapServer } from './servers/ldap.mjs';
import { imapServer, pop3Server, smtpServer } from './servers/mail.mjs';
import { mqttServer } from './servers/mqtt.mjs';
import { telnetServer } from './servers/telnet.mjs';

assert.ok(builds.length > 0, 'build/drill-checker is missing: run make first');

const open = new Set();
const opened = async (server) => {
  const it = await server;
  open.add(it);
  return it;
};
afterEach(async () => {
  for (const server of open) await server.close();
  open.clear();
});

async function closedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const login = { user: 'alice', password: 'secret' };
const checkOnly = (...steps) => ({ vars: [], put: [], get: [], check: steps });
const contains = (value) => [{ rule: 'body_contains', value }];
const status = (...value) => [{ rule: 'status', value }];

for (const dir of builds) {
  const label = (name) => `${name} [${dir}]`;

  async function round(program, port, fields = {}) {
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('c', program);
    const result = await checker.job('c', port, fields);
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
    return result;
  }

  async function expectRound(program, port, expected, message, fields) {
    const result = await round(program, port, fields);
    assert.equal(result.status, expected, JSON.stringify(result));
    assert.match(result.message, message);
    return result;
  }

  // One step of one action, and what becomes of it.
  const expectStep = (action, plan, port, expected, message, { assert: rules = [], ...fields } = {}) => expectRound(checkOnly({ name: 's', [action]: plan, assert: rules }), port, expected, message, fields);

  // The ways of being bad that a protocol of lines has, for a step that would be ok.
  async function expectBad(server, action, plan) {
    await expectStep(action, plan, await closedPort(), 'down', /^s: connection refused$/);
    const cases = {
      silent: ['down', /^s: timed out after \d+ ms$/], hang: ['down', /^s: timed out after \d+ ms$/],
      reset: ['down', /^s: connection reset$/], close: ['mumble', /^s: the answer breaks off$/],
      garbage: ['mumble', /^s: (the answer (is not|breaks off)|closed without an answer)/], endless: ['mumble', /longer than 1 MiB|headers are longer|breaks off/],
      refuse: ['mumble', /^s: it refuses the login/],
    };
    for (const [mode, [expected, message]] of Object.entries(cases)) {
      server.mode = mode;
      try {
        await expectStep(action, plan, server.port, expected, message, { timeout_ms: 700 });
      } catch (error) {
        error.message = `${mode}: ${error.message}`;
        throw error;
      }
    }
    server.mode = 'ok';
  }

  test(label('ftp: login, upload, download, list, delete'), async () => {
    const server = await opened(ftpServer());
    const flag = (tick) => checkOnly({ name: 'up', ftp: { login, upload: { path: 'notes {{tick}}.txt', content: 'x {{tick}}\n' } }, assert: [...status(226), ...contains('226 kept')] }, { name: 'down', ftp: { login, download: `notes ${tick}.txt` }, assert: [...contains(`x ${tick}`), ...status(226)] }, { name: 'list', ftp: { login, list: '' }, assert: contains('notes 7.txt') }, { name: 'delete', ftp: { login, delete: 'notes 7.txt' }, assert: status(250) }, { name: 'login', ftp: { login } });
    await expectRound(flag(7), server.port, 'ok', /^$/);
    assert.deepEqual(server.files.size, 0);
    await expectStep('ftp', { login, upload: { path: '/etc/b.bin', hex: '00ff0d0a' } }, server.port, 'ok', /^$/);
    assert.deepEqual([...server.files.get('/etc/b.bin')], [0, 255, 13, 10]);
    await expectStep('ftp', { login, download: 'nothing' }, server.port, 'mumble', /^s: it says no, status 550$/);
    await expectStep('ftp', { login, download: 'nothing', fails: 'down' }, server.port, 'down', /^s: it says no, status 550$/);
    await expectStep('ftp', { login, download: 'nothing' }, server.port, 'ok', /^$/, { assert: status(550) });
    await expectStep('ftp', { login: { user: 'eve', password: 'x' } }, server.port, 'ok', /^$/, { assert: status(530) });
    server.files.set('evil', Buffer.from('{"name": "notes 7.txt\\r\\nDELE /etc/b.bin"}'));
    await expectRound(checkOnly({ name: 'a', ftp: { login, download: 'evil' }, capture: [{ var: 'name', from: 'json', arg: '/name' }] }, { name: 'b', ftp: { login, delete: '{{name}}' } }), server.port, 'mumble', /^b: it says no, status 550$/);
    assert.ok(server.lines.includes('DELE notes 7.txtDELE /etc/b.bin'), 'a value gives no second command');
    await expectBad(server, 'ftp', { login, download: '/etc/b.bin' });
    server.mode = 'flood';
    await expectStep('ftp', { login, download: '/etc/b.bin' }, server.port, 'mumble', /longer than 1 MiB/);
    server.mode = 'close-data';
    await expectStep('ftp', { login, download: '/etc/b.bin' }, server.port, 'mumble', /^s: the answer (ends early|breaks off)$/);
  });

  test(label('a peer that keeps silent at the end of a transfer holds up no other check'), async () => {
    const [late, good] = [await opened(ftpServer()), await opened(ftpServer())];
    late.files.set('a', Buffer.from('x'));
    good.files.set('a', Buffer.from('x'));
    late.mode = 'late';
    const checker = new Checker(dir);
    await checker.ready;
    checker.program('c', checkOnly({ name: 's', ftp: { login, download: 'a' } }));
    const slow = Array.from({ length: 20 }, () => checker.job('c', late.port, { timeout_ms: 1500 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = Date.now();
    for (let i = 0; i < 5; i++) assert.equal((await checker.job('c', good.port)).status, 'ok');
    assert.ok(Date.now() - start < 1000, `${Date.now() - start} ms`);
    for (const job of slow) assert.match((await job).message, /^s: timed out/);
    assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log);
  });

  test(label('smtp: a mail with headers and an attachment'), async () => {
    const server = await opened(smtpServer());
    const mail = { login, from: 'a@example.org', to: ['b@example.org', 'c@example.org'], headers: [['Subject', 'Tick {{tick}}']], body: 'One\n.two\n{{tick}}\n' };
    await expectStep('smtp', mail, server.port, 'ok', /^$/, { assert: [...status(250), ...contains('220 mail.example')] });
    assert.equal(server.helo, 'localhost');
    assert.deepEqual(server.mails[0].to, ['<b@example.org>', '<c@example.org>']);
    assert.match(server.mails[0].data, /^From: a@example.org\nTo: b@example.org\nTo: c@example.org\nSubject: Tick 7\nMIME-Version: 1.0\nContent-Type: text\/plain; charset=utf-8\n\nOne\n.two\n7/);
    await expectStep('smtp', { ...mail, helo: 'pc.example', attach: [{ filename: 'a.bin', hex: '00ff' }] }, server.port, 'ok', /^$/);
    assert.equal(server.helo, 'pc.example');
    assert.match(server.mails[1].data, /Subject: Tick 7\n[^]*multipart\/mixed[^]*One\n.two\n7\n[^]*filename="a.bin"[^]*AP8=/);
    await expectStep('smtp', { from: 'a@b', to: ['c@d'], message: 'Subject: raw\n\nhello' }, server.port, 'ok', /^$/);
    assert.equal(server.mails[2].data.trim(), 'Subject: raw\n\nhello');
    await expectStep('smtp', { ...mail, to: ['nobody@example.org'] }, server.port, 'mumble', /^s: it says no, status 550$/);
    await expectStep('smtp', { ...mail, to: ['nobody@example.org'] }, server.port, 'ok', /^$/, { assert: status(550) });
    server.mode = 'full';
    await expectStep('smtp', mail, server.port, 'mumble', /^s: it says no, status 452$/);
    server.mode = 'late';
    await expectStep('smtp', mail, server.port, 'down', /timed out/, { timeout_ms: 700 });
    await expectBad(server, 'smtp', mail);
  });

  test(label('pop3: list, retrieve, delete'), async () => {
    const server = await opened(pop3Server({ mails: ['Subject: one\r\n\r\nhello', 'Subject: two\r\n\r\nbye'] }));
    await expectStep('pop3', { login }, server.port, 'ok', /^$/, { assert: contains('2 ') });
    await expectStep('pop3', { login, retr: '2' }, server.port, 'ok', /^$/, { assert: contains('Subject: two') });
    await expectStep('pop3', { login, delete: '1' }, server.port, 'ok', /^$/);
    assert.equal(server.mails.length, 1);
    await expectStep('pop3', { login, retr: '9' }, server.port, 'mumble', /^s: it says no$/);
    await expectBad(server, 'pop3', { login, retr: '1' });
    server.mode = 'flood';
    await expectStep('pop3', { login, retr: '1' }, server.port, 'mumble', /longer than 1 MiB/);
  });

  test(label('imap: folders, append, search, fetch, a command'), async () => {
    const server = await opened(imapServer({ folders: { INBOX: ['Subject: one\r\n\r\nhello\r\n'], Sent: [] } }));
    await expectStep('imap', { login }, server.port, 'ok', /^$/, { assert: contains('Sent') });
    await expectStep('imap', { login, fetch: '1' }, server.port, 'ok', /^$/, { assert: contains('hello') });
    await expectStep('imap', { login, folder: 'Sent', append: 'Subject: {{tick}}\n\nbye\n' }, server.port, 'ok', /^$/);
    assert.equal(server.folders.Sent[0], 'Subject: 7\r\n\r\nbye\r\n');
    await expectStep('imap', { login, folder: 'Sent', search: 'SUBJECT 7' }, server.port, 'ok', /^$/, { assert: [{ rule: 'body_regex', value: 'SEARCH 1' }] });
    await expectStep('imap', { login, command: 'STATUS INBOX (MESSAGES)' }, server.port, 'ok', /^$/, { assert: contains('MESSAGES 1') });
    await expectStep('imap', { login, folder: 'None', fetch: '1' }, server.port, 'mumble', /^s: it says no$/);
    await expectBad(server, 'imap', { login, fetch: '1' });
    server.mode = 'flood';
    await expectStep('imap', { login, fetch: '1' }, server.port, 'mumble', /longer than 1 MiB/);
    server.mode = 'half';
    await expectStep('imap', { login, fetch: '1' }, server.port, 'mumble', /^s: the answer (breaks off|ends early)$/);
    server.mode = 'late';
    await expectStep('imap', { login, fetch: '1' }, server.port, 'down', /timed out/, { timeout_ms: 700 });
  });

  test(label('ldap: bind and search'), async () => {
    const dn = 'cn=admin,dc=example';
    const entries = { 'dc=example': { o: ['Example'] }, 'uid=li,dc=example': { uid: ['li'], mail: ['li@example.org'] } };
    const server = await opened(ldapServer({ binds: { [dn]: 'secret' }, entries }));
    const search = { login: { user: dn, password: 'secret' }, base: 'dc=example', scope: 'sub', filter: '(uid={{user}})', attributes: ['uid', 'mail'] };
    const program = { vars: [], put: [{ name: 'put', ldap: { base: 'dc=example' }, capture: [{ var: 'user', from: 'regex', arg: 'o: (Exam.*)' }] }, { name: 'search', ldap: search, assert: contains('mail: li@example.org') }], get: [], check: [] };
    await expectRound(program, server.port, 'ok', /^$/, { put: [putOf(7)] });
    assert.deepEqual(server.searches.at(-1), { base: 'dc=example', scope: 2, filter: '(uid=Example)', attributes: ['uid', 'mail'] });
    entries['dc=example'].o = ['Exam*)(cn=*'];
    await expectRound(program, server.port, 'ok', /^$/, { put: [putOf(7)] });
    assert.equal(server.searches.at(-1).filter, '(uid=Exam*)(cn=*)', 'escaped: one value');
    const plan = { ...search, filter: '(uid=li)' };
    await expectStep('ldap', { ...plan, base: 'dc=nowhere', scope: 'base' }, server.port, 'mumble', /^s: it says no$/);
    await expectStep('ldap', plan, await closedPort(), 'down', /refused/);
    for (const [mode, expected, message] of [['refuse', 'mumble', /refuses the login/], ['silent', 'down', /timed out/], ['hang', 'down', /timed out/], ['reset', 'down', /reset/], ['close', 'mumble', /closed without|breaks off/], ['garbage', 'mumble', /./], ['announce', /down|mumble/, /./], ['flood', 'mumble', /longer than/]]) {
      server.mode = mode;
      const result = await round(checkOnly({ name: 's', ldap: plan }), server.port, { timeout_ms: 700 });
      assert.match(result.status, new RegExp(expected), `${mode}: ${JSON.stringify(result)}`);
      assert.match(result.message, message, mode);
    }
  });

  test(label('mqtt: publish, and wait for a message'), async () => {
    const server = await opened(mqttServer(login));
    await expectStep('mqtt', { login, publish: { topic: 'lab/door 1', content: 'open {{tick}}' } }, server.port, 'ok', /^$/);
    await expectStep('mqtt', { login, publish: { topic: 'lab/door 1', content: 'closed' } }, server.port, 'ok', /^$/);
    assert.deepEqual(server.messages, { 'lab/door 1': ['open 7', 'closed'] });
    await expectStep('mqtt', { login, subscribe: { topic: 'lab/door 1' } }, server.port, 'ok', /^$/, { assert: [{ rule: 'body_regex', value: '^open 7$' }] });
    await expectStep('mqtt', { login, subscribe: { topic: 'lab/door 1', until: 'clos' } }, server.port, 'ok', /^$/, { assert: [{ rule: 'body_regex', value: '^closed$' }] });
    await expectStep('mqtt', { login, subscribe: { topic: 'lab/none' } }, server.port, 'down', /timed out/, { timeout_ms: 500 });
    const plan = { login, subscribe: { topic: 'lab/door 1' } };
    await expectStep('mqtt', plan, await closedPort(), 'down', /refused/);
    for (const [mode, expected, message] of [['refuse', 'mumble', /refuses the login|not MQTT/], ['silent', 'down', /timed out/], ['hang', 'down', /timed out/], ['reset', 'down', /reset/], ['close', 'mumble', /./], ['garbage', 'mumble', /./], ['flood', 'mumble', /longer than 1 MiB/]]) {
      server.mode = mode;
      const result = await round(checkOnly({ name: 's', mqtt: plan }), server.port, { timeout_ms: 700 });
      assert.equal(result.status, expected, `${mode}: ${JSON.stringify(result)}`);
      assert.match(result.message, message, mode);
    }
  });

  test(label('telnet: negotiation, a login, a command'), async () => {
    const server = await opened(telnetServer());
    const plan = { terminal: 'vt100', talk: [['expect', 'login: '], ['send', 'alice\r\n'], ['expect', 'password: '], ['send', 'secret\r\n'], ['expect', '$ '], ['send', 'uptime\r\n'], ['expect', '$ ']] };
    await expectStep('telnet', plan, server.port, 'ok', /^$/, { assert: contains('up 7 days') });
    assert.equal(server.terminal, 'vt100');
    await expectStep('telnet', plan, await closedPort(), 'down', /refused/);
    for (const [mode, expected, message] of [['refuse', 'mumble', /closed before/], ['silent', 'down', /timed out/], ['reset', 'down', /reset/], ['close', 'mumble', /closed/], ['endless', 'mumble', /longer than 1 MiB/]]) {
      server.mode = mode;
      const result = await round(checkOnly({ name: 's', telnet: plan }), server.port, { timeout_ms: 1500 });
      assert.equal(result.status, expected, `${mode}: ${JSON.stringify(result)}`);
      assert.match(result.message, message, mode);
    }
  });
}
