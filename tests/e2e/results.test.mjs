// Attack results: who files, who marks, who is told; sizes, repeats, scope and penalties; two judges at once; bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const PATH = "/api/v1/results";
const STAFF = ["judge", "director", "leader", "admin"];
const ALL = [...STAFF, "dept-1-blue", "dept-2-blue", "red-1", "red-2"];
const SECTIONS = `rules:
  version: "1"
  scope: [dept-1-notes]
  text: {zh: 只测试授权系统, en: Only what is in scope}
results: {show_blue: after_confirmation}
`;

const claim = (more = {}) => ({
  system: "dept-1-notes", attacked_at: new Date().toISOString(), kind: "server", technique: "T1190",
  path: [{ text: "SQL injection", technique: "T1190" }, { text: "shell" }], evidence: "whoami: root", weakness: "CVE-2021-44228", ...more,
});

describe("attack results", () => {
  let drill;
  const file = (as, more) => drill.as(as, "POST", PATH, { body: claim(more) });
  const act = (as, id, action, body = {}) => drill.as(as, "POST", `${PATH}/${id}/${action}`, { body });
  const take = (id, as = "judge") => drill.as(as, "POST", `${PATH}/${id}/review`);
  const list = (as, query = "") => drill.as(as, "GET", PATH + query);
  const get = (as, id) => drill.as(as, "GET", `${PATH}/${id}`);
  const filed = async (more, as = "red-1") => {
    const made = await file(as, more);
    assert.equal(made.status, 201, made.text);
    return made.json.id;
  };
  const reviewed = async (more) => {
    const id = await filed(more);
    assert.equal((await take(id)).status, 200);
    return id;
  };

  before(async () => {
    drill = await startDrill({ departments: 2, reds: [["red-1"], ["red-2"]], ticks: 600, sections: SECTIONS });
    for (const id of ["judge-2"]) {
      assert.equal((await drill.as("admin", "POST", "/api/v1/accounts", { body: { id, role: "judge" } })).status, 201);
      drill.tokens[id] = (await drill.as("admin", "POST", `/api/v1/accounts/${id}/token`)).json.token;
    }
  });
  after(() => drill.close());

  test("nothing is filed before the rules are accepted, nor before the start; the refusal says how", async () => {
    const refused = await file("red-1");
    assert.equal(refused.status, 403);
    assert.match(refused.json.detail, /\/api\/v1\/rules\/accept/);
    for (const red of ["red-1", "red-2"]) {
      const rules = await drill.as(red, "GET", "/api/v1/rules");
      assert.equal((await drill.as(red, "POST", "/api/v1/rules/accept", { body: { rules: rules.json.hash } })).status, 204);
    }
    const early = await file("red-1");
    assert.equal(early.status, 409);
    assert.match(early.json.detail, /planned/);
    await drill.start();
  });

  test("each action has its roles", async () => {
    const id = await filed();
    for (const who of ALL) {
      if (!who.startsWith("red")) assert.equal((await file(who)).status, 403, who);
      if (!who.startsWith("red")) assert.equal((await drill.as(who, "PUT", `${PATH}/${id}`, { body: claim() })).status, 403, who);
      for (const action of ["review", "return", "reject", "confirm", "void", "reopen"])
        if (who !== "judge") assert.equal((await act(who, id, action, { reason: "r" })).status, 403, `${who} ${action}`);
      assert.equal((await drill.as(who, "GET", `${PATH}/kinds`)).status, who.endsWith("blue") ? 403 : 200, who);
    }
    for (const [method, path] of [["GET", PATH], ["POST", PATH], ["GET", `${PATH}/${id}`], ["PUT", `${PATH}/${id}`], ["POST", `${PATH}/${id}/confirm`]])
      assert.equal((await drill.call(method, path, method === "GET" ? {} : { body: {} })).status, 401);
    const kinds = (await drill.as("red-1", "GET", `${PATH}/kinds`)).json;
    assert.deepEqual(kinds.kinds.find((k) => k.id === "sso"), { id: "sso", name: { zh: "统一身份认证", en: "Single sign-on" }, base: 300, each: 50, counts: "systems", cap: 500 });
  });

  test("a team sees its own, judges all without the team, the direction all of it, a department nothing", async () => {
    const id = await filed();
    assert.equal((await get("red-1", id)).json.team, "red-1");
    assert.equal((await get("red-2", id)).status, 404);
    assert.equal((await drill.as("red-2", "PUT", `${PATH}/${id}`, { body: claim() })).status, 404);
    assert.deepEqual((await list("red-2")).json, []);
    assert.deepEqual((await list("dept-1-blue")).json, []);
    assert.equal((await get("dept-1-blue", id)).status, 404);
    const marked = (await get("judge", id)).json;
    assert.equal(marked.system, "dept-1-notes");
    assert.equal(marked.evidence, "whoami: root");
    assert.deepEqual(marked.path, [{ technique: "T1190", text: "SQL injection" }, { text: "shell" }]);
    assert.doesNotMatch(JSON.stringify(marked), /red-1/);
    assert.doesNotMatch((await list("judge")).text, /red-1/);
    for (const who of ["director", "leader", "admin"]) assert.equal((await get(who, id)).json.team, "red-1", who);
    assert.equal((await list("judge", "?team=red-1")).status, 400);
    assert.deepEqual((await list("director", "?team=red-2")).json, []);
  });

  test("its life: returned, completed, confirmed with L and the offer of a ticket; over the live line to whom it concerns", async () => {
    const lines = new Map();
    for (const who of [...ALL, undefined]) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    const id = await filed({ weakness: "weak password" });
    const { at } = (await get("red-1", id)).json;
    assert.equal((await take(id)).json.reviewer, "judge");
    assert.equal((await act("judge", id, "return", { reason: "which shell?" })).json.state, "returned");
    assert.equal((await get("red-1", id)).json.history.at(-1).by, null);
    const again = await drill.as("red-1", "PUT", `${PATH}/${id}`, { body: claim({ weakness: "weak password", evidence: "a web shell" }) });
    assert.equal(again.json.state, "resubmitted");
    assert.equal(again.json.version, 2);
    assert.equal(again.json.at, at);
    assert.equal((await take(id)).status, 200);
    const confirmed = await act("judge", id, "confirm", { quality: 80 });
    assert.equal(confirmed.status, 200, confirmed.text);
    assert.deepEqual(confirmed.json.ruling, { kind: "server", count: 0, mlps: 0, unlisted: false, size: 100, overridden: false, quality: 80, flaw: 1, position: 1, percent: 100, counted: 100 });
    assert.equal(confirmed.json.ticket_source, `result:${id}`);
    assert.deepEqual((await get("dept-1-blue", id)).json, { id, state: "confirmed", system: "dept-1-notes", department: "dept-1" });
    assert.deepEqual((await list("dept-2-blue")).json, []);
    const last = await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "t", text: "t" } });
    const life = ["submitted", "taken", "returned", "resubmitted", "taken", "confirmed"].map((k) => `result.${k}`);
    const told = new Map([...STAFF.map((who) => [who, life]), ["red-1", life], ["dept-1-blue", ["result.confirmed"]]]);
    for (const [who, line] of lines) {
      await line.delta((d) => d.kind === "announcement.made" && d.id === last.json.id);
      const deltas = line.deltas.filter((d) => d.kind.startsWith("result."));
      assert.deepEqual(deltas.map((d) => d.kind), told.get(who) ?? [], String(who));
      for (const d of deltas) {
        assert.equal(d.id, id);
        assert.equal(d.team, who === "judge" || who === "dept-1-blue" ? undefined : "red-1", String(who));
        if (who === "red-1") assert.ok(!("reviewer" in d));
      }
      if (who === "judge") assert.doesNotMatch(JSON.stringify(deltas), /red-1/);
      line.close();
    }
  });

  test("two judges at once: one reviews, the other is refused, and takes over only with a reason", async () => {
    const id = await filed();
    const answers = await Promise.all([take(id, "judge"), take(id, "judge-2")]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409]);
    const [one, other] = answers[0].status === 200 ? ["judge", "judge-2"] : ["judge-2", "judge"];
    assert.equal((await act(other, id, "confirm")).status, 409);
    assert.equal((await act(other, id, "review", { reason: "the other is ill" })).status, 200);
    const both = await Promise.all([act(other, id, "confirm"), act(other, id, "reject", { reason: "no" }), act(one, id, "reject", { reason: "no" })]);
    assert.deepEqual(both.map((a) => a.status).sort(), [200, 409, 409]);
    assert.equal((await take(id)).status, 409);
  });

  test("repeats of a flaw count 100, 70, 40, 0 per cent; sizes are the table's unless a reason says otherwise", async () => {
    const weakness = "默认口令";
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push(await reviewed({ weakness }));
    for (const id of [...ids].reverse()) assert.equal((await act("judge", id, "confirm")).status, 200);
    const rows = (await list("leader", "?state=confirmed&system=dept-1-notes")).json.filter((r) => ids.includes(r.id));
    assert.deepEqual(rows.map((r) => r.ruling.percent), [100, 70, 40, 0]);
    const other = await reviewed({ kind: "sso", count: 2, weakness: "" });
    assert.match((await act("judge", other, "confirm")).json.detail, /weakness/);
    assert.match((await act("judge", other, "confirm", { weakness: "w", size: 10 })).json.detail, /400 by the table/);
    const by = await act("judge", other, "confirm", { same_as: ids[0], size: 10, reason: "a test account" });
    assert.equal(by.json.ruling.overridden, true);
    assert.equal(by.json.ruling.position, 5);
    const asset = await reviewed({ system: undefined, asset: "图书馆大屏", department: "dept-1", kind: "tampering" });
    assert.equal((await act("judge", asset, "confirm", { unlisted: true })).json.ruling.size, 280);
    const reopened = await act("judge-2", ids[0], "reopen", { reason: "wrong" });
    assert.equal(reopened.json.state, "under_review");
    assert.equal(reopened.json.ruling, null);
    assert.equal((await get("director", ids[1])).json.ruling.percent, 100);
    assert.equal((await get("dept-1-blue", ids[0])).status, 404);
  });

  test("out of scope is recorded, never confirmed, and costs; so does destruction", async () => {
    const id = await reviewed({ system: "dept-2-notes" });
    assert.equal((await get("red-1", id)).json.out_of_scope, true);
    assert.match((await act("judge", id, "confirm")).json.detail, /out of scope/);
    assert.equal((await act("judge", id, "void", { cause: "boredom", reason: "r" })).status, 400);
    const voided = await act("judge", id, "void", { cause: "out_of_scope", reason: "not in the rules" });
    assert.deepEqual(voided.json.void, { cause: "out_of_scope", penalty: 200 });
    const destroyed = await reviewed();
    assert.equal((await act("judge", destroyed, "void", { cause: "destruction", reason: "dropped a table" })).json.state, "void");
    assert.equal((await get("dept-1-blue", destroyed)).status, 404);
  });

  test("bad input is named and changes nothing", async () => {
    const before = (await list("admin", "?limit=500")).json.length;
    const cases = [
      [{ technique: "T119" }, 400, /ATT&CK/], [{ technique: 7 }, 400, /technique/], [{ path: [] }, 400, /path/], [{ path: "x" }, 400, /path/],
      [{ path: [{ text: "a", technique: "1190" }] }, 400, /element 0/], [{ path: [{ text: "" }] }, 400, /text/], [{ evidence: "" }, 400, /evidence/],
      [{ evidence: "x".repeat(20001) }, 413, /evidence/], [{ attacked_at: "yesterday" }, 400, /2027/], [{ attacked_at: "2001-01-01T00:00:00Z" }, 400, /before the drill/],
      [{ attacked_at: "2099-01-01T00:00:00Z" }, 400, /future/], [{ kind: "moon" }, 400, /kind/], [{ count: 3 }, 400, /count/], [{ kind: "sso", count: 1001 }, 400, /count/],
      [{ system: "nothing" }, 404, /system/], [{ asset: "a" }, 400, /either/], [{ system: undefined, asset: "a" }, 400, /either/],
      [{ system: undefined, asset: "a", department: "red-1" }, 404, /department/], [{ cleaned: "yes" }, 400, /cleaned/], [{ surprise: 1 }, 400, /surprise/],
      [{ weakness: "x".repeat(201) }, 413, /weakness/], [{ effect: "a\u0000b" }, 400, /./],
      [{ weakness: "a\nb" }, 400, /weakness.*line break/], [{ weakness: "\u202egpj" }, 400, /weakness/], [{ evidence: "\u001b[31mred" }, 400, /evidence.*control character/],
      [{ path: [{ text: "a\u0007" }] }, 400, /text.*control character/], [{ system: undefined, asset: "a\tb\r", department: "dept-1" }, 400, /asset/],
      [{ path: Array.from({ length: 51 }, () => ({ text: "x" })) }, 400, /50 steps/], [{ evidence: "x".repeat(300000) }, 413, /./],
    ];
    for (const [more, status, says] of cases) {
      const answer = await file("red-1", more);
      assert.equal(answer.status, status, `${JSON.stringify(more).slice(0, 60)}: ${answer.text}`);
      assert.match(answer.text, says);
    }
    assert.equal((await drill.as("red-1", "POST", PATH, { body: "[".repeat(200000) })).status, 400);
    for (const query of ["?state=lost", "?x=1", "?limit=0"]) assert.equal((await list("admin", query)).status, 400, query);
    assert.equal((await list("admin", "?system=nothing")).status, 404);
    for (const id of ["0", "x", "99999"]) assert.equal((await get("admin", id)).status, 404);
    assert.equal((await list("admin", "?limit=500")).json.length, before);
  });

  test("all of it is there after a restart; after the end judges still mark, nobody files or completes", async () => {
    const id = await reviewed(), other = await reviewed();
    const before = await Promise.all(ALL.map((who) => list(who, "?limit=500")));
    await drill.kill9();
    await drill.restart();
    const now = await Promise.all(ALL.map((who) => list(who, "?limit=500")));
    assert.deepEqual(now.map((a) => a.json), before.map((a) => a.json));
    await drill.clock("end");
    assert.equal((await file("red-1")).status, 409);
    assert.match((await act("judge", id, "return", { reason: "r" })).json.detail, /ended/);
    assert.equal((await act("judge", id, "confirm")).status, 200);
    assert.equal((await act("judge", other, "reject", { reason: "no proof" })).json.state, "rejected");
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});
