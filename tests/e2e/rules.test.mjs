// Rules of engagement: read by whom, accepted before the first submission by every protocol, scope; a drill without them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const SECTIONS = `rules:
  version: "2027-1"
  scope: [dept-1-notes]
  forbidden:
    - {zh: 拒绝服务攻击, en: Denial of service}
    - No destruction of data
  text:
    zh: |
      第一条
      第二条
    en: Only what is in scope
`;

describe("rules of engagement", () => {
  let drill, hash;
  const accept = (who, rules = hash) => drill.as(who, "POST", "/api/v1/rules/accept", { body: { rules } });
  const forcad = (who, flags) => drill.call("PUT", "/flags/", { headers: { "x-team-token": drill.tokens[who] }, body: flags });

  before(async () => {
    drill = await startDrill({ departments: 2, reds: [["red-1"], ["red-2"]], ticks: 600, sections: SECTIONS });
    await drill.start();
  });
  after(() => drill.close());

  test("red teams and staff read them, only red accounts accept them", async () => {
    const rules = await drill.as("red-1", "GET", "/api/v1/rules");
    ({ hash } = rules.json);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.deepEqual({ ...rules.json, hash: "" }, {
      version: "2027-1", hash: "", scope: ["dept-1-notes"],
      forbidden: [{ zh: "拒绝服务攻击", en: "Denial of service" }, { zh: "No destruction of data", en: "No destruction of data" }],
      text: { zh: "第一条\n第二条\n", en: "Only what is in scope" }, accepted_at: null,
    });
    for (const who of ["judge", "director", "leader", "admin"]) {
      assert.deepEqual((await drill.as(who, "GET", "/api/v1/rules")).json.accepted, [], who);
      assert.equal((await accept(who)).status, 403, who);
    }
    assert.equal((await drill.as("dept-1-blue", "GET", "/api/v1/rules")).status, 403);
    assert.equal((await accept("dept-1-blue")).status, 403);
    assert.equal((await drill.call("GET", "/api/v1/rules")).status, 401);
  });

  test("before that nothing is taken, by any protocol, and the refusal says how to accept", async () => {
    const { flag } = await drill.flag("dept-1-notes");
    const own = await drill.submit("red-1", [flag]);
    assert.equal(own.status, 403);
    assert.match(own.json.detail, /GET \/api\/v1\/rules.*POST \/api\/v1\/rules\/accept/);
    const other = await forcad("red-1", [flag]);
    assert.equal(other.status, 403);
    assert.match(other.json.error, /\/api\/v1\/rules\/accept/);
    assert.deepEqual(await forcad("director", [flag]).then((a) => [a.status, a.json]), [403, { error: "Invalid team token" }]);
    assert.deepEqual((await drill.events()).filter((e) => e.kind === "flag.captured"), []);
  });

  test("accepted once by each account, of these very rules; told to staff and the team", async () => {
    const lines = new Map();
    const all = ["judge", "director", "leader", "admin", "red-1", "red-2", "dept-1-blue", undefined];
    for (const who of all) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    assert.equal((await accept("red-1", "0".repeat(64))).status, 409);
    assert.equal((await accept("red-1", "x")).status, 409);
    assert.equal((await drill.as("red-1", "POST", "/api/v1/rules/accept", { body: {} })).status, 400);
    for (let i = 0; i < 2; i++) assert.equal((await accept("red-1")).status, 204);
    const last = await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "t", text: "t" } });
    for (const [who, line] of lines) {
      await line.delta((d) => d.kind === "announcement.made" && d.id === last.json.id);
      const told = line.deltas.filter((d) => d.kind === "roe.accepted").map((d) => [d.account, d.team]);
      assert.deepEqual(told, ["red-2", "dept-1-blue", undefined].includes(who) ? [] : [["red-1", "red-1"]], String(who));
      line.close();
    }
    const events = (await drill.events()).filter((e) => e.kind === "roe.accepted");
    assert.deepEqual(events.map((e) => [e.actor, e.body.rules]), [["red-1", hash]]);
    const { flag } = await drill.flag("dept-1-notes");
    assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
    assert.equal((await drill.submit("red-2", [flag])).status, 403);
    assert.deepEqual((await drill.as("judge", "GET", "/api/v1/rules")).json.accepted.map((a) => a.account), ["red-1"]);
  });

  test("flags of a system out of scope are refused with a word about it", async () => {
    const { flag } = await drill.flag("dept-2-notes");
    const [own] = (await drill.submit("red-1", [flag])).json;
    assert.equal(own.verdict, "inv");
    assert.match(own.message, /out of scope/);
    assert.match((await forcad("red-1", [flag])).json[0].msg, /Denied: invalid flag, out of scope/);
    assert.ok(!("message" in (await drill.submit("red-1", ["nonsense"])).json[0]));
  });

  test("acceptance outlives a restart, and the journal verifies", async () => {
    await drill.kill9();
    await drill.restart();
    assert.notEqual((await drill.as("red-1", "GET", "/api/v1/rules")).json.accepted_at, null);
    const { flag } = await drill.flag("dept-1-notes", (await drill.board()).drill.tick);
    assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
    assert.equal((await drill.submit("red-2", [flag])).status, 403);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });

  test("mistakes in the scenario are named with their places", async () => {
    const file = join(drill.dir, "bad.yaml");
    const bad = `rules:\n  version: ""\n  scope: [dept-1-notse]\n  text: {zh: 文, english: t}\n  forbidden: none\nresults: {show_blue: sometimes}\n`;
    writeFileSync(file, readFileSync(drill.scenario, "utf8").replace(SECTIONS, bad));
    const { code, output } = await drillctl("check", file, "--challenges", drill.challenges);
    assert.equal(code, 1, output);
    for (const says of [/version/, /dept-1-notse.*did you mean "dept-1-notes"/, /english/, /forbidden/, /sometimes.*after_end, after_confirmation, never/])
      assert.match(output, says);
  });
});

describe("a drill without rules", () => {
  test("has none to accept, and takes flags at once", async () => {
    const drill = await startDrill();
    try {
      await drill.start();
      assert.equal((await drill.as("red-1", "GET", "/api/v1/rules")).status, 404);
      assert.equal((await drill.as("red-1", "POST", "/api/v1/rules/accept", { body: { rules: "0".repeat(64) } })).status, 404);
      const { flag } = await drill.flag("dept-1-notes");
      assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
    } finally {
      await drill.close();
    }
  });
});
