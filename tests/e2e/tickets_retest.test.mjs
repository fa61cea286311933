// drillctl retest: the exploit of a challenge, as a program or as steps, decides a ticket's retest; its log is the evidence.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BUILD, run, startDrill } from "./lib.mjs";

const CHECKS = `id: notes
title: {zh: 便签, en: Notes}
contract: steps
port: 80
timeout_ms: 1000
vars: {note: {random: hex, length: 16}}
steps:
  put: [{http: {method: PUT, path: "/notes/{{note}}", body: "{{tick}} {{flag}}"}, assert: [{status: 200}]}]
  get: [{http: {path: "/notes/{{note}}"}, assert: [{body_contains: "{{flag}}"}]}]
  check: [{http: {path: /}, assert: [{status: 200}]}]
`;
// The "weakness" is that the front page says welcome.
const STEPS = `exploit:
  timeout_ms: 2000
  steps:
    - name: take the welcome
      http: {path: /}
      assert: [{body_contains: welcome}]
`;
const PROGRAM = `exploit:
  timeout_ms: 2000
  program: {run: [python3, exploit/exploit.py]}
`;
const SCRIPT = `import sys, urllib.error, urllib.request
host, port = sys.argv[1:]
try:
    page = urllib.request.urlopen("http://%s:%s/" % (host, port), timeout=1).read().decode()
except urllib.error.HTTPError as answer:
    print("answered", answer.code)
    sys.exit(103)
except OSError as problem:
    print("no answer", file=sys.stderr)
    sys.exit(104)
print("loot: \u202e\x1b[31m" + page)
sys.exit(101 if "welcome" in page else 103)
`;

for (const [kind, exploit, evidence] of [["steps", STEPS, /take the welcome/], ["program", PROGRAM, /loot: \? \[31mwelcome/]])
  describe(`drillctl retest, exploit as ${kind}`, () => {
    let drill;
    before(async () => {
      drill = await startDrill({
        departments: 1,
        challenge: (systems, dir) => {
          chmodSync(join(dir, "../.."), 0o755); // its program runs as somebody else
          mkdirSync(join(dir, "exploit"), { recursive: true });
          writeFileSync(join(dir, "exploit/exploit.py"), SCRIPT);
          return CHECKS + exploit;
        },
      });
    });
    after(() => drill.close());

    const post = (as, id, name, body = {}) => drill.as(as, "POST", `/api/v1/tickets/${id}/${name}`, { body });
    const answered = async (more = {}) => {
      const made = await drill.as("judge", "POST", "/api/v1/tickets", { body: { department: "dept-1", system: "dept-1-notes", title: "t", class: "exposure", severity: "high", ...more } });
      const { id } = made.json;
      for (const [who, name, body] of [["director", "notify"], ["dept-1-blue", "acknowledge"], ["dept-1-blue", "start"], ["dept-1-blue", "feedback", { text: "done", signer: "s" }]])
        assert.equal((await post(who, id, name, body)).status, 200);
      return id;
    };
    const retest = (id, { as = "judge", args = [] } = {}) =>
      run(join(BUILD, "drillctl"), ["retest", drill.scenario, String(id), "--challenges", drill.challenges, "--url", drill.url, ...args], { env: { ...process.env, DRILL_TOKEN: drill.tokens[as] } });
    const state = async (id) => (await drill.as("admin", "GET", `/api/v1/tickets/${id}`)).json;

    test("still vulnerable, then fixed, then closed; the log is the evidence", async () => {
      const id = await answered();
      const first = await retest(id);
      assert.equal(first.code, 1, first.output);
      let ticket = await state(id);
      assert.equal(ticket.state, "retest_failed", first.output);
      const step = ticket.steps.at(-1);
      assert.deepEqual([step.by, step.method, step.result], ["judge", "exploit", "vulnerable"]);
      assert.match(step.text, evidence);
      for (const [name, body] of [["start"], ["feedback", { text: "again", signer: "s" }]]) assert.equal((await post("dept-1-blue", id, name, body)).status, 200);
      drill.systems[0].mode = "broken"; // it does not say welcome any more
      const second = await retest(id);
      drill.systems[0].mode = "ok";
      assert.equal(second.code, 0, second.output);
      ticket = await state(id);
      assert.equal(ticket.state, "closed");
      assert.equal(ticket.steps.at(-1).result, "fixed");
    });

    test("what does not answer is neither fixed nor not", async () => {
      const id = await answered();
      drill.systems[0].mode = "hang";
      const { code, output } = await retest(id);
      drill.systems[0].mode = "ok";
      assert.equal(code, 1, output);
      const ticket = await state(id);
      assert.equal(ticket.state, "retesting");
      assert.equal(ticket.steps.at(-1).result, "unclear");
    });

    test("a dry run tells the server nothing; who may not retest attacks nothing", async () => {
      const id = await answered();
      const dry = await retest(id, { args: ["--dry-run"] });
      assert.equal(dry.code, 1, dry.output);
      assert.match(dry.stdout, /vulnerable/);
      assert.equal((await state(id)).state, "feedback_submitted");
      drill.systems[0].asked = false;
      for (const as of ["dept-1-blue", "leader"]) {
        const refused = await retest(id, { as });
        assert.equal(refused.code, 1, refused.output);
        assert.doesNotMatch(refused.stdout, /exploit of challenge/);
      }
      assert.equal(drill.systems[0].asked, false);
      assert.equal((await post("judge", id, "retest")).status, 200);
      for (const as of ["dept-1-blue", "leader"]) assert.match((await retest(id, { as })).output, /"judge" is retesting the ticket/);
      assert.equal(drill.systems[0].asked, false, "a retest that is under way is another's");
      const early = (await drill.as("judge", "POST", "/api/v1/tickets", { body: { department: "dept-1", asset: "x", title: "t", class: "exposure", severity: "high" } })).json.id;
      const nothing = await retest(early);
      assert.equal(nothing.code, 1);
      assert.match(nothing.output, /about no system/);
      assert.match((await retest(99999)).output, /no ticket 99999/);
      for (const args of [[], ["x"], [drill.scenario, "0"]]) assert.equal((await run(join(BUILD, "drillctl"), ["retest", ...args])).code, 2);
    });
  });
