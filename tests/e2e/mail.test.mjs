// drillctl mail and what drilld asks of the section `mail` at its start: against relays of our own on loopback.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { BUILD, ROOT, makeCertificate, run } from "./lib.mjs";
import { smtpServer } from "./servers/mail.mjs";

const dir = mkdtempSync(join(tmpdir(), "drill-mail-"));
after(() => rmSync(dir, { recursive: true }));

const CHALLENGES = join(ROOT, "challenges");

// A certificate for 127.0.0.1 that is its own authority.
const { cert: ca, key } = await makeCertificate(dir);
const secure = { cert: readFileSync(ca), key: readFileSync(key) };

async function opened(t, options) {
  const server = await smtpServer(options);
  t.after(() => server.close());
  return server;
}

let files = 0;

/** A scenario whose section mail has these lines; its path. */
function scenario(mail, more = "") {
  const path = join(dir, `scenario-${files++}.yaml`);
  writeFileSync(path, `drill: {id: rehearsal, name: 演练, duration: 1h, tick: 60s, time_zone: Asia/Shanghai}
departments:
  - {id: it, name: 信息中心, mail: [office@it.example.edu]}
systems:
  - {id: it-web, name: 网站, department: it, challenge: portal, address: 127.0.0.1}
mail: {${Object.entries(mail).map(([k, v]) => `${k}: ${v}`).join(", ")}}
${more}`);
  return path;
}

const PASSWORD = { DRILL_MAIL: "secret" };

function mail(path, { to = "office@it.example.edu", env = PASSWORD } = {}) {
  return run(join(BUILD, "drillctl"), ["mail", path, "--to", to, "--challenges", CHALLENGES], { env: { ...process.env, ...env } });
}

const relay = (server, more = {}, scheme = "smtp") => ({ url: `"${scheme}://127.0.0.1:${server.port}"`, from: "drill@example.edu", timeout: "3s", ...more });
const signedIn = { user: "alice", password_env: "DRILL_MAIL", ca };

function expect(result, code, said) {
  assert.equal(result.code, code, result.output);
  assert.match(result.output, said);
}

test("a mail over STARTTLS, signed in, as a mail program reads it", async (t) => {
  const server = await opened(t, { secure });
  expect(await mail(scenario(relay(server, { ...signedIn, from_name: "{zh: 演练指挥部, en: Drill}" }))), 0, /^127\.0\.0\.1:\d+ took a mail for office@it\.example\.edu\n$/);
  assert.equal(server.mails.length, 1);
  const [{ from, to, data }] = server.mails;
  assert.match(from, /^<drill@example\.edu>/);
  assert.deepEqual(to, ["<office@it.example.edu>"]);
  assert.equal(server.helo, "example.edu");
  // Python's own reader of mails is the judge.
  const read = await run("python3", ["-c", `import email, email.policy, json, sys
m = email.message_from_string(sys.argv[1], policy=email.policy.default)
print(json.dumps({"subject": m["subject"], "from": str(m["from"]), "date": m["date"].datetime.isoformat(), "id": m["message-id"], "text": m.get_content(), "defects": [str(d) for d in m.defects]}))`, data]);
  const seen = JSON.parse(read.stdout);
  assert.equal(seen.subject, "测试邮件 Test mail");
  assert.equal(seen.from, "演练指挥部 <drill@example.edu>");
  assert.match(seen.date, /\+08:00$/);
  assert.ok(Math.abs(Date.parse(seen.date) - Date.now()) < 60000);
  assert.match(seen.id, /^<test\.[\w-]+@example\.edu>$/);
  assert.match(seen.text, /无需回复。\r\nA test mail/);
  assert.deepEqual(seen.defects, []);
});

test("TLS from the start, and none at all where that is wanted", async (t) => {
  const implicit = await opened(t, { secure, implicit: true });
  expect(await mail(scenario(relay(implicit, signedIn, "smtps"))), 0, /took a mail/);
  const plain = await opened(t);
  expect(await mail(scenario(relay(plain, { tls: "none" }))), 0, /took a mail/);
});

test("without STARTTLS nothing is sent, not even the password", async (t) => {
  const server = await opened(t);
  expect(await mail(scenario(relay(server, signedIn))), 1, /: not sent, drilld would try again: the relay does not begin TLS, without which nothing is sent\n/);
  assert.deepEqual(server.lines.filter((line) => !/^(EHLO|HELO|QUIT)/.test(line)), []);
});

test("a certificate of somebody else's is none", async (t) => {
  const server = await opened(t, { secure });
  expect(await mail(scenario(relay(server, { ...signedIn, ca: "/etc/ssl/certs/ca-certificates.crt" }))), 1, /the relay's certificate does not stand for it\n/);
  // The right authority, but another name than that of the certificate.
  expect(await mail(scenario({ ...relay(server, signedIn), url: `"smtp://127.0.0.2:${server.port}"` })), 1, /not sent/);
  expect(await mail(scenario({ ...relay(server, signedIn), url: `"smtp://localhost:${server.port}"` })), 1, /the relay's certificate does not stand for it\n/);
  assert.equal(server.mails.length, 0);
  assert.equal(server.lines.some((line) => line.startsWith("AUTH")), false);
});

test("answers: for good, for another time, not to be understood", async (t) => {
  const server = await opened(t, { secure });
  const path = scenario(relay(server, signedIn));
  expect(await mail(path, { to: "nobody@it.example.edu" }), 1, /not sent, and never will be: the relay says 550 no such user\n/);
  server.mode = "full";
  expect(await mail(path), 1, /drilld would try again: the relay says 452 no room for it\n/);
  server.mode = "refuse";
  expect(await mail(path), 1, /drilld would try again: the relay does not accept user and password: 535 not you\n/);
  for (const mode of ["silent", "hang", "close", "reset", "garbage", "endless"]) {
    server.mode = mode;
    expect(await mail(path), 1, /drilld would try again: /);
  }
});

test("a wrong password, a password that is not there", async (t) => {
  const server = await opened(t, { secure });
  const path = scenario(relay(server, signedIn));
  const wrong = await mail(path, { env: { DRILL_MAIL: "hunter2" } });
  expect(wrong, 1, /does not accept user and password/);
  assert.doesNotMatch(wrong.output, /hunter2/);
  expect(await mail(path, { env: { DRILL_MAIL: undefined } }), 2, /^drillctl mail: the mail's password is not there: set the environment variable DRILL_MAIL\n$/);
  const file = join(dir, "password");
  writeFileSync(file, "secret\n", { mode: 0o644 });
  const byFile = scenario(relay(server, { user: "alice", password_file: file, ca }));
  expect(await mail(byFile), 2, /password is open to others; chmod 600|holds a password and is open to others; chmod 600/);
  chmodSync(file, 0o600);
  expect(await mail(byFile), 0, /took a mail/);
});

test("an address that would be another command is refused", async (t) => {
  const server = await opened(t, { secure });
  const path = scenario(relay(server, signedIn));
  for (const to of ["a@b\r\nRCPT TO:<c@d>", "a@b> NOTIFY=NEVER", "a@b,c@d", "", "<a@b>"])
    expect(await mail(path, { to }), 2, /^drillctl mail: --to: the address /);
  assert.deepEqual(server.lines, []);
});

test("the command line", async () => {
  const path = scenario({ url: "smtp://127.0.0.1:1", from: "a@b" });
  expect(await run(join(BUILD, "drillctl"), ["mail", path]), 2, /--to which ADDRESS\?/);
  expect(await run(join(BUILD, "drillctl"), ["mail", "--to"]), 2, /--to needs a value/);
  expect(await run(join(BUILD, "drillctl"), ["mail", "/no/such/file", "--to", "a@b"]), 2, /\/no\/such\/file/);
  expect(await mail("examples/small.yaml"), 2, /./);
});

test("drilld does not start without the mail's password or the kill switch's program", async () => {
  const start = (path, env = PASSWORD) =>
    run(join(BUILD, "drilld"), ["--data", join(dir, `data-${files++}`), "--scenario", path, "--challenges", CHALLENGES, "--listen", "127.0.0.1:0"], { env: { ...process.env, ...env }, timeout: 10000 });
  const lacking = await start(scenario({ url: "smtp://127.0.0.1:1", from: "a@b", user: "u", password_env: "DRILL_MAIL" }), { DRILL_MAIL: undefined });
  expect(lacking, 1, /the mail's password is not there: set the environment variable DRILL_MAIL; `drillctl mail` tries the relay/);
  const hook = await start(scenario({ url: "smtp://127.0.0.1:1", from: "a@b" }, "kill: {hook: [/no/such/program]}\n"));
  expect(hook, 1, /scenario-\d+\.yaml:7:15: hook: \/no\/such\/program: No such file or directory/);
});
