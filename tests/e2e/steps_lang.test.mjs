// The step language from challenge.yaml to a round's result: what `drillctl program` compiles, the real drill-checker runs
// against small systems. Each rule is seen to hold and to fail.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { builds, Checker, flagOf, getOf, putOf } from './checker_process.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'steps-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const ok = '[{http: {path: /}}]';

// The three sections as YAML in one line or several, and vars; what is left out does next to nothing.
function compile(dir, { put = ok, get = ok, check = ok, vars = '{}' }) {
  const folder = join(scratch, 'c');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'challenge.yaml'), `id: c\ntitle: C\ncontract: steps\nport: 80\ntimeout_ms: 5000\nvars: ${vars}\nsteps:\n  put: ${put}\n  get: ${get}\n  check: ${check}\n`);
  const { status, stdout, stderr } = spawnSync(`${dir}/drillctl`, ['program', folder], { encoding: 'utf8' });
  assert.equal(status, 0, stderr + stdout);
  return JSON.parse(stdout);
}

async function serve(handler, create = http.createServer) {
  const server = create(handler);
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}

for (const dir of builds) {
  const label = (name) => `${name} [${dir}]`;

  // One process for all rounds: what one leaves behind, the next would see.
  let checker, programs = 0;
  before(async () => {
    checker = new Checker(dir);
    await checker.ready;
  });
  after(async () => assert.deepEqual(await checker.end(), { code: 0, signal: null }, checker.log));

  // What the checker has cost so far; the rest of the machine's load is not in it.
  const cpuMs = () => {
    const stat = readFileSync(`/proc/${checker.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };

  async function round(sections, port, fields = {}) {
    const name = `c${++programs}`;
    checker.program(name, compile(dir, sections));
    return checker.job(name, port, fields);
  }

  // One page, and rules of a step on it with the result they come to.
  async function judged(answer, rules, headers = {}) {
    const server = await serve((req, res) => res.writeHead(200, headers).end(answer));
    const results = [];
    for (const rule of [rules].flat()) {
      const { status, message, trace } = await round({ check: `[{http: {path: /}, assert: [${rule}]}]` }, server.port);
      results.push({ status, message, trace });
    }
    await server.close();
    return results.length === 1 ? results[0] : results;
  }

  test(label('each: a group of steps for every element of a list, within the bound'), async () => {
    const seen = [];
    const server = await serve((req, res) => {
      seen.push(req.url);
      if (req.url === '/list') return res.end(JSON.stringify({ items: [{ id: 'a/1', tags: ['x', 'y'] }, { id: 'b 2', tags: [] }, {}, { id: 'c' }, { id: 'd' }] }));
      res.end(JSON.stringify({ tags: ['t?' + req.url.at(-1), 'u'], links: ['p/q?r=1&s=2'] }));
    });
    const result = await round({
      check: `
    - {name: list, http: {path: /list}, capture: {ids: {json: /items/*/id, all: true}}}
    - name: all items
      each: {var: id, in: ids, max: 3}
      steps:
        - {name: item, http: {path: "/item/{{id}}"}, capture: {tags: {json: /tags, all: true}, links: {json: /links, all: true}}}
        - {name: tag, each: {var: tag, in: tags, max: 1}, http: {path: "/tag/{{id|upper}}/{{tag}}"}}
        - {name: link, each: {var: link, in: links, max: 9}, http: {path: "/{{link|raw}}"}}
    - {name: last, http: {path: "/end"}}`,
    }, server.port);
    assert.equal(result.status, 'ok', JSON.stringify(result));
    assert.deepEqual(seen.slice(0), ['/list', '/item/a%2F1', '/tag/A%2F1/t%3F1', '/p/q?r=1&s=2', '/item/b%202', '/tag/B%202/t%3F2', '/p/q?r=1&s=2', '/item/c', '/tag/C/t%3Fc', '/p/q?r=1&s=2', '/end']);
    assert.match(result.trace, /check tag\[3\]\[1\]: GET/);
    await server.close();
  });

  test(label('each: an empty list is fine unless it must have elements'), async () => {
    const server = await serve((req, res) => res.end('nothing'));
    const sections = (min, fails = '') => ({
      check: `[{http: {path: /}, capture: {l: {regex: "<a ([a-z]*)", all: true}}}, {name: items, each: {var: x, in: l, max: 5, min: ${min}}, ${fails} http: {path: "/{{x}}"}}]`,
    });
    assert.equal((await round(sections(0), server.port)).status, 'ok');
    const short = await round(sections(1), server.port);
    assert.equal(short.status, 'mumble');
    assert.equal(short.message, 'items: the answer has fewer entries than expected');
    assert.equal((await round(sections(1, 'fails: down,'), server.port)).status, 'down');
    await server.close();
  });

  test(label('each: a failure within it ends the round, the deadline of the round holds'), async () => {
    let served = 0;
    const server = await serve((req, res) => {
      if (req.url === '/') return res.end('<a href="/1"><a href="/2"><a href="/3">');
      served++;
      if (req.url === '/2') return res.writeHead(500).end();
      setTimeout(() => res.end(), req.headers['x-slow'] ? 1500 : 0);
    });
    const sections = (slow, last = '/2') => ({
      check: `[{http: {path: /}, capture: {l: {regex: 'href="(/[^"]*)"', all: true}}}, {name: page, each: {var: x, in: l, max: 256}, http: {path: "/{{x|raw}}", headers: {X-Slow: "${slow}"}}, assert: [{status: 200, fails: corrupt}]}]`,
    });
    const broken = await round(sections(''), server.port);
    assert.deepEqual([broken.status, broken.message, served], ['ok', '', 3], 'a double slash is another page');
    const exact = { check: sections('').check.replace('"/{{x|raw}}"', '"{{x|raw}}"') };
    assert.throws(() => compile(dir, exact), /does not begin with/);
    const rooted = { check: sections('').check.replace("href=\"(/[^\"]*)\"", "href=\"/([^\"]*)\"") };
    const failed = await round(rooted, server.port);
    assert.deepEqual([failed.status, failed.message], ['corrupt', 'page: status 500, expected 200']);
    assert.equal(served, 5);
    const slow = await round(sections('yes'), server.port, { timeout_ms: 4000 });
    assert.equal(slow.status, 'down');
    assert.match(slow.message, /^page: timed out/);
    await server.close();
  });

  test(label('each: of a trace that grows too long the end is kept, where the failure is'), async () => {
    const server = await serve((req, res) => (req.url === '/' ? res.end(JSON.stringify(Array.from({ length: 256 }, (_, i) => `${i}`))) : res.writeHead(req.url.startsWith('/255') ? 500 : 200).end()));
    const result = await round({ check: `[{http: {path: /}, capture: {l: {json: "", all: true}}}, {name: ${'n'.repeat(190)}, each: {var: x, in: l, max: 256}, http: {path: "/{{x}}${'/long'.repeat(30)}"}, assert: [{status: 200}]}]` }, server.port, { verbose: true, timeout_ms: 30000 });
    assert.equal(result.status, 'mumble');
    const lines = result.trace.split('\n');
    assert.match(lines.at(-1), /n\[256\]: .*status 500/);
    assert.ok(result.trace.length > 16 * 1024 && result.trace.length <= 64 * 1024);
    assert.ok(lines.every((line) => line.startsWith('+')), 'whole lines');
    await server.close();
  });

  test(label('captures: lists from headers and cookies, defaults, fields of forms'), async () => {
    const seen = [];
    const server = await serve((req, res) => {
      seen.push(decodeURIComponent(req.url));
      res.setHeader('Set-Cookie', ['a=1', 'b=2; Path=/', 'a=3']);
      res.setHeader('X-Part', ['one', 'two']);
      res.end('<FORM><input type=hidden name="csrf" value="a&amp;b&#x2f;&lt;c"><textarea name=note>\nold &amp; new</textarea><input name=empty></FORM>');
    });
    const result = await round({
      check: `
    - http: {path: /}
      capture:
        cookies: {cookie: a, all: true}
        parts: {header: X-Part, all: true}
        cookie: {cookie: a}
        gone: {json: /x, default: nobody}
        none: {cookie: zz, default: ""}
        csrf: {form: csrf}
        note: {form: note}
        empty: {form: empty}
    - {each: {var: c, in: cookies, max: 9}, http: {path: "/c/{{c}}"}}
    - {each: {var: p, in: parts, max: 9}, http: {path: "/p/{{p}}"}}
    - {http: {path: "/{{cookie}}.{{gone}}.{{none}}.{{csrf}}.{{note}}.{{empty}}"}}`,
    }, server.port);
    assert.equal(result.status, 'ok', JSON.stringify(result));
    assert.deepEqual(seen, ['/', '/c/1', '/c/3', '/p/one', '/p/two', '/3.nobody..a&b/<c.old & new.']);
    const missing = await round({ get: '[{http: {path: /}, capture: {x: {form: nothing}}}]', check: ok }, server.port, { put: [putOf(7)] });
    assert.deepEqual([missing.status, missing.message], ['corrupt', 'http: the answer lacks an expected value']);
    await server.close();
  });

  test(label('filters and variables made of others: basic auth and signatures'), async () => {
    const seen = [];
    const server = await serve((req, res) => {
      seen.push([req.headers.authorization, req.headers['x-sig'], req.headers['x-md5'], req.url]);
      res.end('x');
    });
    const result = await round({
      vars: '{user: {random: name}, pw: {random: text}, login: {value: "{{user}}:{{pw}}"}}',
      check: '[{http: {path: "/{{login|hex}}/{{user|upper|lower}}?{{login|url}}", headers: {Authorization: "Basic {{login|base64}}", X-Sig: "{{login|sha256|upper}}", X-Md5: "{{login|md5}}"}}}]',
    }, server.port);
    assert.equal(result.status, 'ok', JSON.stringify(result));
    const [authorization, signature, md5, url] = seen[0];
    const login = Buffer.from(authorization.slice(6), 'base64').toString();
    assert.match(login, /^[a-z]+\d{4}:[0-9A-Za-z]{16}$/);
    assert.equal(signature, createHash('sha256').update(login).digest('hex').toUpperCase());
    assert.equal(md5, createHash('md5').update(login).digest('hex'));
    assert.equal(url, `/${Buffer.from(login).toString('hex')}/${login.split(':')[0]}?${encodeURIComponent(encodeURIComponent(login))}`);
    await server.close();
  });

  test(label('random variables: each kind, the same again for the same flag'), async () => {
    const seen = [];
    const server = await serve((req, res) => {
      if (req.url !== '/') seen.push(JSON.parse(decodeURIComponent(req.url.slice(1))));
      res.end('x');
    });
    const vars = '{n: {random: number, min: -5, max: 5}, c: {random: choice, of: [red, green, "blue"]}, u: {random: uuid}, p: {random: phrase}, e: {random: phrase, lang: en}, m: {random: email}, t: {random: phone}}';
    const step = `[{http: {path: '/%5B"{{n}}","{{c}}","{{u}}","{{p}}","{{e}}","{{m}}","{{t}}"%5D'}}]`;
    const result = await round({ vars, put: step, get: step }, server.port, { put: [putOf(7)] });
    assert.equal(result.status, 'ok', JSON.stringify(result));
    await server.close();
    assert.deepEqual(seen[0], seen[1]);
    const [n, c, u, p, e, m, t] = seen[0];
    assert.ok(Number(n) >= -5 && Number(n) <= 5);
    assert.ok(['red', 'green', 'blue'].includes(c));
    assert.match(u, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(p, /^\p{Script=Han}+，共\d+份。$/u);
    assert.match(e, /^[A-Z][a-z' ]+.* in all\.$/);
    assert.match(m, /^[a-z]+\d{4}@example\.(com|org|net)$/);
    assert.match(t, /^1\d{10}$/);
  });

  test(label('rules on JSON, counts and sizes hold and fail'), async () => {
    const page = JSON.stringify({ user: { name: 'F', id: 7, on: true, none: null, tags: ['a', 'b'] }, items: [{ id: 1 }, { id: 2 }, {}] });
    const holds = [
      '{json: {/user/id: 7, /user/name: F, /user/on: true, /user/none: null, /user/tags: [a, b], /items/1: {id: 2}}}',
      '{count: {json: /items, min: 3, max: 3}}', '{count: {json: /items/*/id, max: 2}}', `{count: {regex: '"id":', min: 3}}`,
      `{size_min: ${page.length}}`, '{body_regex_lacks: "pass(word)?"}',
    ];
    for (const [i, result] of (await judged(page, holds)).entries()) assert.equal(result.status, 'ok', `${holds[i]}: ${JSON.stringify(result)}`);
    const fails = [
      ['{json: {/user/id: "7"}}', 'the answer lacks an expected value', 'json /user/id is 7, "7" expected'],
      ['{json: {/user/gone: null}}', 'the answer lacks an expected value', 'json /user/gone is missing, null expected'],
      ['{json: {/user/tags: [b, a]}}', 'the answer lacks an expected value', 'is ["a","b"], ["b","a"] expected'],
      ['{json: {/user/name: "{{host}}"}}', 'the answer lacks an expected value', 'is "F", "{{host}}" expected'],
      ['{count: {json: /items, min: 4}}', 'the answer does not have as many entries as expected', 'count 3 of "/items", 4 to 10000 expected'],
      ['{count: {json: /user, min: 0}}', 'the answer does not have as many entries as expected', 'count: no list at "/user"'],
      ['{count: {regex: "id", max: 2}}', 'the answer does not have as many entries as expected', 'count 3 of "id", 0 to 2 expected'],
      [`{size_min: ${page.length + 1}}`, `${page.length} bytes, at least ${page.length + 1} expected`, ''],
      ['{body_regex_lacks: "na.e"}', 'the answer has a text that must not be there', 'body_regex_lacks "na.e"'],
    ];
    for (const [rule, message, detail] of fails) {
      const result = await judged(page, rule);
      assert.deepEqual([result.status, result.message], ['mumble', `http: ${message}`], rule);
      assert.ok(result.trace.includes(detail), `${rule}: ${result.trace}`);
    }
    assert.ok((await judged('<p>', '{json: {/a: 1}}')).trace.includes('json /a is in no JSON'));
  });

  test(label('pages: what leads elsewhere is found, with its tag and URL for organizers only'), async () => {
    const clean = '<!doctype html><html><head><title>T</title><link rel=stylesheet href=/s.css><base href="/"></head><body background=b.png><p>See http://evil.example/ <a href="/a">a</a> <a href=mailto:x@y.example>m</a><img src="//127.0.0.1/i.png" srcset="a.png 1x, b.png 2x"><form action="?q"></form><iframe src="/f" srcdoc="&lt;p&gt;x"></iframe><script src="j.js"></script></body></html>';
    assert.equal((await judged(clean, '{no_foreign: all}')).status, 'ok');
    const planted = [
      ['scripts', '<SCRIPT SRC=http://evil.example/x.js></SCRIPT>', '<script src> "http://evil.example/x.js"'],
      ['scripts', '<script src="\t//evil.example/x.js">', '<script src>'],
      ['frames', '<iframe\nsrc=\'https:evil.example\' width=0>', '<iframe src>'],
      ['frames', '<iframe src="data:text/html,<script>x</script>">', '<iframe src> "data:text/html'],
      ['links', '<a href="http&colon;&#47;&#x2f;evil.example">casino</a>', '<a href> "http://evil.example"'],
      ['links', '<a href="/\\evil.example/">', '<a href>'],
      ['links', '<a href="http://127.0.0.1@evil.example/">', '<a href>'],
      ['links', '<iframe srcdoc="&lt;a href=http://evil.example&gt;">', '<a href>'],
      ['links', '<!-- > <a href="/"> --!><a href=//evil.example>', '<a href>'],
      ['links', '<base href="http://evil.example/"><a href="a">', '<a href> "a"'],
      ['images', '<img srcset="a.png 1x, //evil.example/b.png 2x">', '<img srcset>'],
      ['styles', '<div style="background:URL( \'//evil.example/p.png\')">', '<div style>'],
      ['styles', '<style>@import "http://evil.example/x.css";</style>', '<style> "http://evil.example/x.css"'],
      ['forms', '<form><button formaction=http://evil.example/login>', '<button formaction>'],
      ['objects', '<embed src=http://evil.example/x.swf>', '<embed src>'],
      ['redirects', '<meta HTTP-EQUIV=Refresh content="0; URL=\'http://evil.example/\'">', '<meta content>'],
    ];
    for (const [part, html, detail] of planted) {
      const result = await judged(`<html>\0\xff${html}`, `{no_foreign: [${part}], fails: corrupt}`);
      assert.equal(result.status, 'corrupt', html);
      assert.equal(result.message, 'http: the page has content from elsewhere');
      assert.ok(result.trace.includes(`foreign: ${detail}`), `${html}\n${result.trace}`);
      assert.ok(!result.message.includes('evil'));
    }
    const hidden = ['<!-- <a href="//evil.example"> -->', '<textarea><a href="//evil.example"></textarea>', '<script>"<a href=\'//evil.example\'>"</script>', '<p title=\'<a href="//evil.example">\'>', '<a data-href="//evil.example">', '<a href="//evil.example"'];
    for (const html of hidden) assert.equal((await judged(html, '{no_foreign: all}')).status, 'ok', `no tag of the page: ${html}`);
    const two = '<a href="http://cdn.friend.example/"><a href="http://friend.example/">';
    assert.equal((await judged(two, '{no_foreign: [links], allow: ["*.friend.example", friend.example]}')).status, 'ok');
    assert.equal((await judged(two, '{no_foreign: [links], allow: ["*.friend.example"]}')).status, 'mumble');
    const server = await serve((req, res) => res.end('<a href="http://www.lib.example:8080/x">'));
    const host = (name) => round({ check: `[{http: {path: /, headers: {Host: "${name}"}}, assert: [{no_foreign: all}]}]` }, server.port);
    assert.equal((await host('WWW.lib.example:99')).status, 'ok');
    assert.equal((await host('lib.example')).status, 'mumble');
    await server.close();
  });

  test(label('pages: code in the page, and links that nobody is meant to see'), async () => {
    const page = '<div style="display:block"><a href=/a>a</a></div><div style="display: none">menu</div><script type="application/ld+json">{}</script><script src=/x.js> </script><p hidden>x<p><a href=/b>b</a>';
    for (const rule of ['{no_code: all}', '{no_hidden: all}']) assert.equal((await judged(page, rule)).status, 'ok', rule);
    const code = ['<script>alert(1)</script>', '<script type=module>x</script>', '<svg><script>x</script></svg>', '<img src=x onerror = "alert(1)">', '<a href="java&Tab;script:alert(1)">', '<iframe srcdoc="<body onload=x>">'];
    for (const html of code) {
      const result = await judged(html, '{no_code: all}');
      assert.deepEqual([result.status, result.message], ['mumble', 'http: the page has code in it that must not be there'], html);
    }
    assert.match((await judged(code[3], '{no_code: [handlers]}')).trace, /code: <img onerror> "alert\(1\)"/);
    const dark = ['<div style="DISPLAY : none"><ul><li><a href="http://evil.example/">casino</a></ul></div>', '<span style="position:absolute;left:-9999px"><a href=/x>', '<marquee height=1 width=4><a href=/x>', '<a style="font-size:0px" href=/x>', '<div hidden><p>x</p><a href=/x>', '<iframe width="0" src="/x">', '<div style="height:0;overflow:hidden"><b></div2></b><a href=/x>', '<div style="visibility:hid/**/den"></body><a href=/x>'];
    for (const html of dark) {
      const result = await judged(html, '{no_hidden: all}');
      assert.deepEqual([result.status, result.message], ['mumble', 'http: the page has something hidden in it'], html);
    }
  });

  test(label('pages: a trace tells no flag, even if the system puts it into a URL'), async () => {
    const server = await serve((req, res) => res.end(`<a href="http://evil.example/?${flagOf(7)}-${flagOf(6)}">`));
    const result = await round({ put: '[{http: {path: /}, assert: [{no_foreign: all}]}]' }, server.port, { put: [putOf(7)], get: [getOf(6)] });
    assert.equal(result.status, 'mumble');
    assert.match(result.trace, /evil\.example\/\?x+-x+"/);
    await server.close();
  });

  test(label('pages made to be costly are looked through in a bounded time'), async () => {
    const MiB = 1024 * 1024;
    const fill = (text) => text.repeat(Math.floor(MiB / Buffer.byteLength(text)));
    const pages = { 'less-than': fill('<'), links: fill('<a href=/x>'), nested: fill('<b>'), unclosed: fill('<a b="'), comments: fill('<!--'), ends: fill('<i></b>'), references: `<a href="${fill('&a;')}">`.slice(0, MiB), srcdoc: `<iframe srcdoc="${fill('<iframe srcdoc=')}">`.slice(0, MiB), zeros: fill('\0<\0a\0'), half: fill('\xe6\xbc<a href=\xe6>'), scripts: fill('<script>'), attributes: `<a ${fill('onx a=b ')}>`.slice(0, MiB), styles: fill('<b style=display:x>') };
    for (const [name, page] of Object.entries(pages)) {
      const rules = ['{no_foreign: all}', '{no_code: [urls]}', '{no_hidden: all}'];
      const before = cpuMs();
      const server = await serve((req, res) => res.end(Buffer.from(page, 'latin1')));
      const result = await round({ check: `[{http: {path: /}, capture: {x: {form: gone, default: ""}}, assert: [${rules}]}]` }, server.port);
      assert.ok(['ok', 'mumble'].includes(result.status), JSON.stringify(result));
      assert.ok(cpuMs() - before < 10000, `${name}: ${cpuMs() - before} ms`);
      await server.close();
    }
  });

  test(label('which result a failure means, and tries that are made again'), async () => {
    const closed = await serve(() => {});
    await closed.close();
    const at = (step) => round({ check: `[{http: {path: /}, ${step}}]` }, closed.port);
    assert.equal((await at('name: a')).status, 'down');
    assert.equal((await at('unreachable: mumble')).status, 'mumble');
    assert.equal((await at('unreachable: corrupt, fails: down')).status, 'corrupt');
    const server = await serve((req, res) => res.writeHead(404).end());
    const on = (step) => round({ check: `[{http: {path: /}, ${step}}]` }, server.port);
    assert.equal((await on('fails: corrupt, assert: [{status: 200}]')).status, 'corrupt');
    assert.equal((await on('fails: corrupt, assert: [{status: 200, fails: down}]')).status, 'down');
    assert.equal((await on('fails: down, capture: {x: {json: /x}}')).status, 'down');
    await server.close();
    let connections = 0;
    const flaky = await serve((socket) => (connections++, socket.once('data', () => socket.end())), net.createServer);
    const tries = async (step) => {
      connections = 0;
      return { ...(await round({ check: `[{http: {path: /}, ${step}}]` }, flaky.port)), connections };
    };
    const reset = await serve((socket) => (connections++, connections < 3 ? socket.resetAndDestroy() : socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))), net.createServer);
    connections = 0;
    const again = await round({ check: '[{http: {path: /}, retry: 2}]' }, reset.port);
    assert.deepEqual([again.status, connections], ['ok', 3], again.trace);
    assert.equal(again.trace.split('\n').filter((line) => line.endsWith('(once more)')).length, 2);
    connections = 0;
    assert.equal((await round({ check: '[{http: {path: /}, retry: 1}]' }, reset.port)).status, 'down');
    assert.equal(connections, 2);
    assert.equal((await tries('retry: 3')).connections, 1, 'a connection closed without an answer was reached');
    await flaky.close();
    await reset.close();
    connections = 0;
    const silent = await serve((socket) => (++connections < 2 ? 0 : socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))), net.createServer);
    const late = await round({ check: '[{http: {path: /}, retry: 1, timeout_ms: 4000}]' }, silent.port);
    assert.equal(late.status, 'ok', late.trace);
    assert.ok(late.ms >= 2000 && late.ms < 4000, `half of the step's time is each try's: ${late.ms}`);
    await silent.close();
  });
}
