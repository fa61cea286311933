// Rectification tickets end to end: the whole life by role, what each role sees by list and live line, letters, bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const PATH = "/api/v1/tickets";
const STAFF = ["judge", "director", "leader", "admin"];
const ALL = [...STAFF, "dept-1-blue", "dept-2-blue", "red-1"];
const NEW = { department: "dept-1", system: "dept-1-notes", title: "SQL 注入", class: "injection", severity: "critical" };
/** The date of such a day of the week, a good while ahead. */
const ahead = (weekday, weeks = 30) => {
  const at = new Date(Date.now() + weeks * 7 * 86400_000);
  at.setUTCDate(at.getUTCDate() + ((weekday - at.getUTCDay() + 7) % 7));
  return at.toISOString().slice(0, 10);
};
const LATER = ahead(3);
// Each step: who may, and a body that is right.
const STEPS = {
  notify: [["director", "admin"], {}],
  acknowledge: [["dept-1-blue", "director", "admin"], {}],
  start: [["dept-1-blue", "director", "admin"], {}],
  feedback: [["dept-1-blue", "director", "admin"], { text: "已修复", signer: "王主任" }],
  retest: [["judge", "director", "admin"], {}],
  result: [["judge", "director", "admin"], { method: "manual", result: "fixed", text: "tried again" }],
  extension: [["dept-1-blue", "admin"], { due: LATER, text: "the vendor is slow" }],
  extension_decision: [["director", "admin"], { granted: false, text: "no" }],
  accept_risk: [["leader"], { until: LATER, text: "it will be gone" }],
  duplicate: [["director", "admin"], { of: 1 }],
  false_positive: [["director", "admin"], { text: "it is none" }],
  reopen: [["director", "admin"], { text: "again" }],
};

const SECTIONS = `rules:
  version: "1"
  scope: [dept-1-notes]
  text: {zh: 只测试授权系统, en: Only what is in scope}
`;

describe("tickets", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, ticks: 3600, sections: SECTIONS });
  });
  after(() => drill.close());

  const register = (more = {}, as = "judge") => drill.as(as, "POST", PATH, { body: { ...NEW, ...more } });
  const get = (as, id) => drill.as(as, "GET", `${PATH}/${id}`);
  const step = (as, id, name, body = STEPS[name][1]) => drill.as(as, "POST", `${PATH}/${id}/${name}`, { body });
  const list = async (as, query = "") => (await drill.as(as, "GET", PATH + query)).json.map((t) => t.id);
  const fresh = async (more) => (await register(more)).json.id;
  const walk = async (id, ...names) => {
    let last;
    for (const name of names) {
      const who = name === "accept_risk" ? "leader" : name === "retest" || name === "result" ? "judge" : STEPS[name][0][0];
      last = await step(who, id, name);
      assert.equal(last.status, 200, `${name}: ${last.text}`);
    }
    return last.json;
  };

  test("every route by every role: who may not is refused, and nothing happens", async () => {
    const id = await fresh();
    await walk(id, "notify");
    const before = (await get("admin", id)).json;
    for (const who of ALL.filter((a) => !["judge", "director", "admin"].includes(a))) assert.equal((await register({}, who)).status, 403, who);
    for (const [name, [allowed]] of Object.entries(STEPS)) {
      for (const who of ALL.filter((a) => !allowed.includes(a))) {
        const { status } = await step(who, id, name);
        assert.equal(status, who === "dept-2-blue" && allowed.includes("dept-1-blue") ? 404 : 403, `${name} by ${who}`);
      }
      assert.equal((await drill.call("POST", `${PATH}/${id}/${name}`, { body: {} })).status, 401);
    }
    for (const path of ["", `/${id}`, "/summary", `/${id}/notice`]) {
      assert.equal((await drill.as("red-1", "GET", PATH + path)).status, 403, path);
      assert.equal((await drill.call("GET", PATH + path)).status, 401, path);
      for (const who of [...STAFF, "dept-1-blue"]) assert.equal((await drill.as(who, "GET", PATH + path)).status, 200, `${path} by ${who}`);
    }
    assert.equal((await get("dept-2-blue", id)).status, 404);
    assert.deepEqual((await get("admin", id)).json, before);
  });

  test("the whole life, with a failed retest, told to staff and, from the notice on, to its department alone", async () => {
    const lines = new Map();
    for (const who of [...ALL, undefined]) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    const made = await register({ evidence: "the-evidence", in_charge: "the-head", source: "inspection:4" });
    assert.equal(made.status, 201, made.text);
    const { id } = made.json;
    assert.equal(made.json.number, null);
    assert.equal((await get("dept-1-blue", id)).status, 404);
    const noticed = await walk(id, "notify");
    assert.match(noticed.number, /^dept-1-20\d\d-\d{3}$/);
    assert.match(noticed.due, /^20\d\d-\d\d-\d\d$/);
    await walk(id, "acknowledge", "start", "feedback", "retest");
    assert.equal((await step("judge", id, "result", { method: "scan", result: "vulnerable", text: "still there" })).json.state, "retest_failed");
    const end = await walk(id, "start", "feedback", "retest", "result");
    assert.equal(end.state, "closed");
    assert.deepEqual(end.steps.map((s) => s.kind), ["registered", "notified", "acknowledged", "started", "feedback", "retest_begun", "retested", "started", "feedback", "retest_begun", "retested"]);
    assert.equal(end.steps[4].signer, "王主任");
    assert.equal(end.steps.at(-1).by, "judge");
    assert.equal((await get("dept-1-blue", id)).json.evidence, "the-evidence");
    const last = (await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "last", text: "" } })).json.id;
    for (const [who, live] of lines) {
      await live.delta((d) => d.kind === "announcement.made" && d.id === last);
      const kinds = live.deltas.filter((d) => d.kind.startsWith("ticket.") && d.id === id).map((d) => d.kind);
      const expected = STAFF.includes(who) ? end.steps.length : who === "dept-1-blue" ? end.steps.length - 1 : 0;
      assert.equal(kinds.length, expected, `live line of ${who}`);
      live.close();
    }
    const events = (await drill.events()).filter((e) => e.kind.startsWith("ticket."));
    assert.ok(!JSON.stringify(events.map((e) => e.body)).includes("the-head"), "posts are secret");
  });

  test("whoever worked on it does not retest it; two at once: one of them", async () => {
    const id = await fresh();
    await walk(id, "notify", "acknowledge", "start");
    assert.equal((await step("admin", id, "feedback")).status, 200);
    const own = await step("admin", id, "retest");
    assert.equal(own.status, 403);
    assert.match(own.text, /another person/);
    const both = await Promise.all([step("judge", id, "retest"), step("director", id, "retest")]);
    assert.deepEqual(both.map((a) => a.status).sort(), [200, 409]);
    const results = await Promise.all([step("judge", id, "result"), step("judge", id, "result")]);
    assert.ok(results.some((a) => a.status === 200) || (await step("director", id, "result")).status === 200);
    assert.equal((await get("admin", id)).json.state, "closed");
  });

  test("out of order is named, with what would be right", async () => {
    const id = await fresh();
    for (const name of ["acknowledge", "start", "feedback", "result", "extension_decision", "reopen"]) {
      const answer = await step("admin", id, name);
      assert.equal(answer.status, 409, name);
      assert.match(answer.text, /is registered; .* it must be/);
    }
    assert.equal((await step("director", 99999, "notify")).status, 404);
    assert.equal((await step("director", "x", "notify")).status, 404);
  });

  test("extension, accepted risk, duplicate, false positive, reopened", async () => {
    const id = await fresh();
    const { due } = await walk(id, "notify", "extension");
    assert.equal((await get("dept-1-blue", id)).json.asked_due, LATER);
    assert.equal((await step("director", id, "extension_decision", { granted: true, text: "yes" })).json.due, LATER);
    assert.notEqual(due, LATER);
    assert.equal((await get("admin", id)).json.extensions, 1);
    const accepted = await walk(id, "accept_risk");
    assert.equal(accepted.state, "risk_accepted");
    assert.equal(accepted.until, LATER);
    const again = await walk(id, "reopen");
    assert.equal(again.reopened, 1);
    assert.equal(again.until, null);
    const doubled = await step("director", id, "duplicate", { of: 1 });
    assert.equal(doubled.json.duplicate_of, 1);
    assert.equal((await step("director", await fresh(), "duplicate", { of: id })).status, 409);
    assert.equal((await walk(await fresh(), "false_positive")).state, "false_positive");
  });

  test("lists are filtered and paged; a department's filters find its own alone", async () => {
    const low = await fresh({ department: "dept-2", system: "dept-2-notes", severity: "low", source: "self_inspection:12" });
    const asset = await fresh({ system: undefined, asset: "LED 屏", severity: "medium", source: "test_report" });
    await walk(asset, "notify");
    assert.deepEqual(await list("admin", "?severity=low"), [low]);
    assert.deepEqual(await list("judge", "?source=self_inspection"), [low]);
    assert.deepEqual(await list("judge", "?source=self_inspection:12"), [low]);
    assert.deepEqual(await list("judge", "?source=self_inspection:13"), []);
    assert.deepEqual(await list("leader", "?department=dept-2"), [low]);
    assert.deepEqual(await list("dept-1-blue", "?severity=medium"), [asset]);
    assert.deepEqual(await list("dept-1-blue", "?department=dept-2"), []);
    assert.deepEqual(await list("dept-2-blue"), []);
    assert.deepEqual(await list("admin", "?overdue=true"), []);
    assert.ok((await list("admin", "?state=open")).includes(asset));
    assert.ok(!(await list("admin", "?state=closed")).includes(asset));
    assert.ok((await list("admin", "?supervision=none&limit=2")).length === 2);
    const all = await list("admin"), pages = [];
    for (let page; (page = await list("admin", `?limit=3&after=${pages.at(-1) ?? 0}`)).length > 0;) pages.push(...page);
    assert.deepEqual(pages, all);
    for (const query of ["?state=gone", "?severity=x", "?overdue=maybe", "?source=x", "?department=nobody", "?supervision=9", "?limit=0", "?x=1"])
      assert.equal((await drill.as("admin", "GET", PATH + query)).status, 400, query);
  });

  test("the summary counts what the list has", async () => {
    const { json } = await drill.as("admin", "GET", `${PATH}/summary`);
    const lines = (await drill.as("admin", "GET", `${PATH}?limit=500`)).json;
    assert.equal(json.all, lines.length);
    const closed = lines.filter((t) => t.state === "closed").length;
    const none = lines.filter((t) => ["duplicate", "false_positive"].includes(t.state)).length;
    assert.equal(json.closure_rate, closed / (lines.length - none));
    assert.deepEqual(json.departments.map((d) => d.department), ["dept-1", "dept-2"]);
    assert.equal(json.departments[1].open_by_severity.low, 1);
    const own = (await drill.as("dept-1-blue", "GET", `${PATH}/summary`)).json;
    assert.equal(own.all, (await list("dept-1-blue", "?limit=500")).length);
    assert.deepEqual(own.departments.map((d) => d.department), ["dept-1"]);
  });

  test("letters in both languages, not before there is a number, about lateness only when it is late", async () => {
    const id = await fresh({ evidence: "证据一", requirement: "参数化查询", in_charge: "馆长" });
    const letter = (query) => drill.as("director", "GET", `${PATH}/${id}/notice${query}`);
    assert.equal((await letter("")).status, 409);
    const { number, due } = await walk(id, "notify");
    const zh = await letter("");
    assert.equal(zh.headers["content-type"], "text/plain; charset=utf-8");
    for (const part of ["网络安全整改通知书", number, due, "SQL 注入", "证据一", "参数化查询", "馆长", "注入", "严重"]) assert.ok(zh.text.includes(part), part);
    const en = await letter("?kind=reminder&lang=en");
    for (const part of ["Reminder", number, due, "Critical", "near"]) assert.ok(en.text.includes(part), `${part}: ${en.text}`);
    assert.equal((await letter("?kind=talk")).status, 409);
    assert.equal((await letter("?kind=poem")).status, 400);
    assert.equal((await letter("?lang=fr")).status, 400);
    assert.equal((await drill.as("dept-2-blue", "GET", `${PATH}/${id}/notice`)).status, 404);
  });

  test("a confirmed result and a filed report are sources; one click is enough, and no judge learns whose a report is", async () => {
    await drill.start();
    const rules = await drill.as("red-1", "GET", "/api/v1/rules");
    await drill.as("red-1", "POST", "/api/v1/rules/accept", { body: { rules: rules.json.hash } });
    const filed = await drill.as("red-1", "POST", "/api/v1/results", { body: {
      system: "dept-1-notes", attacked_at: new Date().toISOString(), kind: "server", technique: "T1190", path: [{ text: "injection", technique: "T1190" }], evidence: "whoami: root", weakness: "CVE-2021-44228",
    } });
    assert.equal(filed.status, 201, filed.text);
    const result = `result:${filed.json.id}`, click = { source: result, class: "unpatched", severity: "critical" };
    const early = await drill.as("judge", "POST", PATH, { body: { ...NEW, ...click } });
    assert.equal(early.status, 409);
    assert.match(early.text, /confirmed/);
    const earlier = await drill.as("judge", "POST", PATH, { body: click });
    assert.equal(earlier.status, 409, "what a result cannot say yet is not asked of whoever registers");
    assert.match(earlier.text, /submitted; a ticket comes from a confirmed one/);
    assert.equal((await drill.as("judge", "POST", `/api/v1/results/${filed.json.id}/review`)).status, 200);
    const confirmed = await drill.as("judge", "POST", `/api/v1/results/${filed.json.id}/confirm`, { body: { reason: "seen" } });
    assert.equal(confirmed.status, 200, confirmed.text);
    const made = await drill.as("judge", "POST", PATH, { body: click });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.json.department, made.json.system, made.json.title, made.json.evidence, made.json.source], ["dept-1", "dept-1-notes", "CVE-2021-44228", "whoami: root", result]);
    assert.equal((await register({ department: "dept-2", system: "dept-2-notes", source: result })).status, 400);
    assert.equal((await register({ source: "result:999" })).status, 404);

    const report = await drill.as("dept-2-blue", "POST", "/api/v1/reports", { body: { submit: true, document: {
      author: "a", phone: "+86 10-62551234", class: "0107", detected: new Date().toISOString(), detection: "edr", loss: "serious", summary: "s", systems: ["dept-2-notes"], assets: [{ asset: "p", state: "suspected" }],
    } } });
    assert.equal(report.status, 201, report.text);
    const source = `report:${report.json.id}`, own = { department: "dept-2", system: "dept-2-notes", source };
    for (const body of [own, { ...NEW, source }]) assert.equal((await register(body)).status, 403, "a judge's refusal is the same for each department");
    assert.equal((await register({ source }, "director")).status, 400);
    const ticket = await register(own, "director");
    assert.equal(ticket.json.source, source, ticket.text);
    assert.equal((await get("judge", ticket.json.id)).json.source, "report");
    assert.deepEqual(await list("judge", `?source=${source}`), []);
    assert.deepEqual(await list("director", `?source=${source}`), [ticket.json.id]);
    assert.doesNotMatch((await drill.as("judge", "GET", `${PATH}.csv?source=report`)).text, /事件报告 \d/);
  });

  test("bad input is named and changes nothing", async () => {
    const before = await list("admin", "?limit=500");
    const cases = [
      [{ title: "" }, 400, /title/], [{ title: 7 }, 400, /title/], [{ title: "x".repeat(301) }, 413, /title/], [{ class: "luck" }, 400, /weak_password/],
      [{ severity: "huge" }, 400, /critical/], [{ department: "nobody" }, 404, /department/], [{ department: "red-1", system: undefined, asset: "x" }, 404, /department/],
      [{ system: "dept-2-notes" }, 400, /not of department/], [{ system: "none" }, 404, /no system/], [{ system: undefined }, 400, /asset/],
      [{ source: "result" }, 400, /result:12/], [{ source: "manual:1" }, 400, /number/], [{ source: 3 }, 400, /source/], [{ titel: "x" }, 400, /titel/],
      [{ evidence: "x".repeat(8001) }, 413, /evidence/], [{ evidence: "x".repeat(70000) }, 413, /./], [{ asset: "\u0000" }, 400, /./], [{ title: "two\nlines" }, 400, /title/], [{ evidence: "\u202etxt" }, 400, /evidence/],
    ];
    for (const [more, status, says] of cases) {
      const answer = await register(more);
      assert.equal(answer.status, status, `${JSON.stringify(more).slice(0, 60)}: ${answer.text}`);
      assert.match(answer.text, says);
    }
    for (const body of ["", "[]", "{", "[".repeat(50000)]) assert.equal((await drill.as("judge", "POST", PATH, { body })).status, 400);
    const id = await fresh();
    const steps = [
      ["notify", { due: "tomorrow" }, 400, /2027-06-20/], ["notify", { due: "2001-01-01" }, 400, /after/], ["notify", { due: ahead(6) }, 400, /no working day; the next one is/], ["notify", { due: "2099-01-05" }, 400, /at most 730 days/],
      ["notify", { when: 1 }, 400, /when/], ["accept_risk", { text: "x" }, 400, /until/], ["duplicate", {}, 400, /of/], ["duplicate", { of: id }, 400, /itself/],
      ["duplicate", { of: 99999 }, 404, /99999/], ["false_positive", {}, 400, /text/], ["false_positive", { text: "x".repeat(8001) }, 413, /text/],
    ];
    for (const [name, body, status, says] of steps) {
      const answer = await step(STEPS[name][0][0], id, name, body);
      assert.equal(answer.status, status, `${name} ${JSON.stringify(body)}: ${answer.text}`);
      assert.match(answer.text, says);
    }
    await walk(id, "notify", "acknowledge", "start");
    assert.equal((await step("dept-1-blue", id, "feedback", { text: "x" })).status, 400);
    await walk(id, "feedback", "retest");
    for (const body of [{ method: "luck", result: "fixed", text: "x" }, { method: "scan", result: "good", text: "x" }, { method: "scan", result: "fixed" }])
      assert.equal((await step("judge", id, "result", body)).status, 400);
    assert.deepEqual(await list("admin", "?limit=500"), [...before, id]);
  });

  test("a ticket lives on when the drill is over, all of it is there after a restart, and the journal verifies", async () => {
    assert.equal((await drill.clock("end")).status, 200);
    const id = await fresh();
    await walk(id, "notify", "acknowledge");
    const shown = async () => (await Promise.all(["admin", "dept-1-blue"].map(async (who) => [(await drill.as(who, "GET", `${PATH}?limit=500`)).json, (await get(who, id)).json])));
    const before = await shown();
    await drill.kill9();
    await drill.restart();
    assert.deepEqual(await shown(), before);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});
