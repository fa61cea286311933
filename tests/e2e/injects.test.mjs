// Injects: from the scenario and by the direction, by clock, hand and condition; answers, marks, expiry; who sees what; bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";

const PATH = "/api/v1/injects", ANSWERS = "/api/v1/inject-answers";
const STAFF = ["judge", "director", "leader", "admin"];
const BLUE = ["dept-1-blue", "dept-2-blue"];
const ALL = [...STAFF, ...BLUE, "red-1"];
const SECRETS = /the-objective|the-expected|the-guidance|the-item/;

const MORE = `injects:
  - id: opening
    title: {zh: 开场, en: Opening}
    from: {zh: 值班室, en: Duty desk}
    text: the-text
    objective: the-objective
    expected: the-expected
    common: true
    at: 2s
    allowed: 10m
    phase: detection
    controller: director
    evaluator: judge
    rubric:
      - {id: spot, marks: 10, title: the-item, guidance: the-guidance}
      - {id: act, marks: 20, title: the-item}
  - {id: well-done, title: W, from: F, text: X, after: {inject: opening, on: success}}
  - {id: quick, title: Q, from: F, text: X, manual: true, allowed: 2s, rubric: [{id: a, marks: 10, title: A}]}
  - {id: too-late, title: L, from: F, text: X, after: {inject: quick, on: expiry}}
  - {id: never, title: N, from: F, text: X, at: 599s}
`;
const PLAN = { number: "by-hand", title: { zh: "手动", en: "By hand" }, from: "Duty desk", text: "What now?", manual: true, to: ["dept-1"] };

describe("injects", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, ticks: 600, sections: MORE });
  });
  after(() => drill.close());

  const get = (as, path) => drill.as(as, "GET", path);
  const post = (as, path, body) => drill.as(as, "POST", path, body === undefined ? {} : { body });
  const act = (id, action, more = {}, as = "director") => post(as, `${PATH}/${id}/actions`, { action, ...more });
  const acknowledge = (id, as) => post(as, `${PATH}/${id}/acknowledgement`);
  const answer = (id, as, text = "done", more = {}) => post(as, `${PATH}/${id}/answers`, { text, ...more });
  const mark = (number, body, as = "judge") => post(as, `${ANSWERS}/${number}/evaluations`, body);
  const ids = async (as, query = "") => (await get(as, PATH + query)).json.map((i) => i.id);
  const state = async (id, as = "director") => (await get(as, `${PATH}/${id}`)).json.state;

  test("the scenario's are scheduled, and nobody but staff knows of them", async () => {
    for (const who of STAFF) {
      const list = (await get(who, PATH)).json;
      assert.deepEqual(list.map((i) => [i.number, i.state]), ["opening", "well-done", "quick", "too-late", "never"].map((n) => [n, "scheduled"]), who);
    }
    for (const who of BLUE) {
      assert.deepEqual(await ids(who), [], who);
      assert.equal((await get(who, `${PATH}/1`)).status, 404, who);
      assert.equal((await acknowledge(1, who)).status, 404, who);
      assert.equal((await answer(1, who)).status, 404, who);
    }
    assert.equal((await get("red-1", PATH)).status, 403);
    assert.equal((await drill.call("GET", PATH)).status, 401);
  });

  test("each route is for its roles alone", async () => {
    const routes = [
      ["GET", PATH, [...STAFF, ...BLUE]], ["POST", PATH, ["director", "admin"]], ["GET", `${PATH}/plan`, STAFF], ["GET", `${PATH}/1`, [...STAFF, ...BLUE]],
      ["PUT", `${PATH}/1`, ["director", "admin"]], ["POST", `${PATH}/1/actions`, ["director", "admin"]], ["POST", `${PATH}/1/acknowledgement`, BLUE],
      ["POST", `${PATH}/1/answers`, BLUE], ["GET", ANSWERS, STAFF], ["GET", `${ANSWERS}/1`, STAFF],
      ["POST", `${ANSWERS}/1/evaluations`, ["judge", "director", "admin"]], ["POST", `${ANSWERS}/1/comments`, ["judge", "director", "admin"]],
    ];
    for (const [method, path, roles] of routes) {
      assert.equal((await drill.call(method, path, method === "GET" ? {} : { body: {} })).status, 401, `${method} ${path}`);
      for (const who of ALL) {
        const { status } = await drill.as(who, method, path, method === "GET" ? {} : { body: {} });
        assert.equal(status === 403, !roles.includes(who), `${method} ${path} as ${who}: ${status}`);
      }
    }
  });

  test("by the clock each department is given it, over the list and the live line; answers, marks, closing", async () => {
    const lines = new Map();
    for (const account of [...ALL, undefined]) lines.set(account, await drill.live(undefined, account ? { account } : {}));
    await drill.start();
    for (const who of [...BLUE, ...STAFF]) await lines.get(who).delta((d) => d.kind === "inject.delivered" && d.id === 1);
    const told = lines.get("dept-1-blue").deltas.find((d) => d.kind === "inject.delivered");
    assert.equal(told.text.en, "the-text");
    const own = (await get("dept-1-blue", `${PATH}/1`)).json;
    assert.equal(own.state, "delivered");
    assert.ok(own.common && own.due_drill_ms === own.delivered.drill_ms + 600_000);
    assert.ok(own.delivered.drill_ms >= 2000 && own.delivered.drill_ms < 60000);

    assert.match((await answer(1, "dept-1-blue")).text, /acknowledge inject 1/);
    assert.equal((await acknowledge(1, "dept-1-blue")).json.state, "acknowledged");
    assert.equal((await acknowledge(1, "dept-1-blue")).status, 409);
    assert.equal((await answer(1, "dept-1-blue", "the-answer-of-one")).status, 201);
    const second = await answer(1, "dept-1-blue", "the-answer-of-one, better", { version: 2 });
    assert.deepEqual(second.json.versions.map((v) => v.version), [1, 2]);
    assert.equal((await answer(1, "dept-1-blue", "again", { version: 2 })).status, 409);
    assert.equal((await get("dept-2-blue", `${PATH}/1`)).json.versions.length, 0);
    await acknowledge(1, "dept-2-blue");
    assert.equal((await answer(1, "dept-2-blue", "the-answer-of-two")).status, 201);

    const queue = (await get("judge", `${ANSWERS}?state=responded&evaluator=judge&inject=opening`)).json;
    assert.deepEqual(queue.map((a) => [a.id, a.version]), [[1, 2], [2, 1]]);
    assert.equal((await mark(1, { marks: { spot: 10, act: 15 }, of: 1 })).status, 409);
    const marked = await mark(1, { marks: { spot: 10, act: 15 }, of: 2 });
    assert.equal(marked.status, 201, marked.text);
    assert.equal(marked.json.total, 25);
    assert.equal((await answer(1, "dept-1-blue", "late thought")).status, 409);
    assert.match((await mark(1, { marks: { spot: 10, act: 15 }, of: 2 })).text, /reason/);
    assert.equal((await mark(1, { marks: { spot: 10, act: 16 }, of: 2, version: 1, reason: "r" })).status, 409);
    const again = await mark(1, { marks: { spot: 10, act: 20 }, of: 2, version: 2, reason: "misread" }, "admin");
    assert.deepEqual(again.json.evaluations.map((e) => [e.version, e.total, e.reason]), [[1, 25, null], [2, 30, "misread"]]);
    const commented = await post("judge", `${ANSWERS}/1/comments`, { text: "the-comment" });
    assert.equal(commented.status, 201);
    assert.equal(commented.json.total, 30);
    assert.match((await act(1, "close")).text, /1 departments/);
    assert.equal((await mark(2, { marks: { spot: 0, act: 5 }, of: 1 }, "director")).status, 201);
    assert.equal((await get("dept-1-blue", `${PATH}/1`)).json.total, null, "marks are not released yet");
    assert.equal((await act(1, "close")).json.state, "closed");
    const released = (await get("dept-1-blue", `${PATH}/1`)).json;
    assert.deepEqual([released.total, released.full_marks, released.worth], [30, 30, 1000]);
    assert.equal((await get("dept-2-blue", `${PATH}/1`)).json.total, 5);

    /* The second one went to the department that succeeded, and to no other. */
    assert.deepEqual(await ids("dept-1-blue"), [1, 2]);
    assert.deepEqual(await ids("dept-2-blue"), [1]);
    const closing = (d) => d.kind === "inject.closed" && d.id === 1;
    for (const who of [...BLUE, ...STAFF]) await lines.get(who).delta(closing);
    const heard = (who) => lines.get(who).deltas.filter((d) => d.kind.startsWith("inject."));
    const kinds = (who) => heard(who).map((d) => `${d.kind.slice(7)} ${d.id}`);
    assert.deepEqual(kinds("dept-1-blue"), ["delivered 1", "acknowledged 1", "responded 1", "responded 1", "delivered 2", "closed 1"]);
    assert.deepEqual(kinds("dept-2-blue"), ["delivered 1", "acknowledged 1", "responded 1", "closed 1"]);
    assert.deepEqual(kinds("judge"), ["delivered 1", "responded 1", "responded 1", "responded 1", "evaluated 1", "delivered 2", "evaluated 1", "commented 1", "evaluated 1", "closed 1"]);
    assert.equal(heard("leader").length, 12);
    assert.deepEqual(heard("leader"), heard("director"));
    for (const who of ["red-1", undefined]) assert.deepEqual(heard(who), [], String(who));
    for (const line of lines.values()) line.close();
  });

  test("a department never sees the rubric, what is expected, or another's answer; a judge no department", async () => {
    for (const who of BLUE) {
      const text = (await get(who, PATH)).text + (await get(who, `${PATH}/1`)).text;
      assert.doesNotMatch(text, SECRETS, who);
      assert.doesNotMatch(text, /the-comment|misread/, who);
      assert.doesNotMatch(text, who === "dept-1-blue" ? /of-two/ : /of-one/, who);
    }
    const read = async (who) => (await Promise.all([PATH, `${PATH}/1`, `${PATH}/plan`, ANSWERS, `${ANSWERS}/1`].map((p) => get(who, p)))).map((a) => a.text).join("\n");
    const judge = await read("judge");
    assert.match(judge, SECRETS);
    assert.match(judge, /the-answer-of-one/);
    assert.doesNotMatch(judge, /dept-/);
    for (const who of ["director", "leader", "admin"]) assert.match(await read(who), /dept-1/, who);
  });

  test("by hand, in a pause as well; expiry on the drill clock alone; a late answer and what it is worth", async () => {
    await drill.clock("pause");
    assert.equal((await act(3, "deliver")).json.state, "delivered");
    await acknowledge(3, "dept-1-blue");
    await new Promise((done) => setTimeout(done, 2500));
    assert.equal(await state(3, "dept-1-blue"), "acknowledged");
    await drill.clock("resume");
    await until(async () => (await state(3, "dept-1-blue")) === "expired", "expiry");
    const late = (await answer(3, "dept-1-blue", "sorry")).json;
    assert.ok(late.late_ms > 0 && late.late_ms < 2000, JSON.stringify(late));
    assert.equal(late.worth, 1000 - Math.floor(late.late_ms / 2));
    await until(async () => (await answer(3, "dept-2-blue", "much too late")).text.includes("acknowledge"), "refusal");
    await acknowledge(3, "dept-2-blue");
    await until(async () => /twice the time/.test((await answer(3, "dept-2-blue", "much too late", { version: 9 })).text) || (await new Promise((done) => setTimeout(done, 200))), "the end of late answers");
    await until(async () => (await ids("dept-2-blue")).includes(4), "what follows on expiry");
    assert.ok((await ids("dept-1-blue")).includes(4));
  });

  test("the direction plans: draft, approved, scheduled, held, skipped, cancelled; each step only where it fits", async () => {
    const made = await post("director", PATH, PLAN);
    assert.equal(made.status, 201, made.text);
    const { id } = made.json;
    assert.equal(made.json.state, "draft");
    assert.equal((await post("director", PATH, PLAN)).status, 409);
    for (const action of ["schedule", "hold", "skip", "deliver", "close"])
      assert.equal((await act(id, action, ["hold", "skip"].includes(action) ? { reason: "r" } : {})).status, 409, action);
    assert.equal((await act(id, "approve")).json.state, "approved");
    assert.equal((await act(id, "schedule")).json.state, "scheduled");
    assert.equal((await act(id, "schedule", { offset_ms: 5 })).status, 400);
    assert.equal((await act(id, "hold")).status, 400);
    const held = (await act(id, "hold", { reason: "not now" })).json;
    assert.deepEqual([held.state, held.last.by, held.last.reason], ["held", "director", "not now"]);
    const put = await drill.as("admin", "PUT", `${PATH}/${id}`, { body: { ...PLAN, text: "And now?" } });
    assert.equal(put.json.state, "draft");
    assert.equal(put.json.text.zh, "And now?");
    assert.equal((await drill.as("admin", "PUT", `${PATH}/${id}`, { body: { ...PLAN, number: "other" } })).status, 409);
    await act(id, "approve");
    assert.equal((await act(id, "deliver")).json.state, "delivered");
    assert.ok((await ids("dept-1-blue")).includes(id));
    assert.ok(!(await ids("dept-2-blue")).includes(id));
    assert.equal((await act(id, "cancel", { reason: "a mistake" })).json.state, "cancelled");
    assert.equal(await state(id, "dept-1-blue"), "cancelled");
    assert.equal((await acknowledge(id, "dept-1-blue")).status, 409);
    const other = (await post("admin", PATH, { ...PLAN, number: "other", offset_ms: 598000, manual: undefined })).json;
    await act(other.id, "approve");
    assert.equal((await act(other.id, "skip", { reason: "no time" })).json.state, "skipped");
    assert.deepEqual((await get("director", `${PATH}?state=skipped`)).json.map((i) => i.id), [other.id]);
  });

  test("bad plans, bad answers and bad marks are named and change nothing", async () => {
    const count = (await ids("admin")).length;
    const cases = [
      [{ number: "A" }, 400, /no id/], [{ title: "" }, 400, /title/], [{ title: { fr: "x" } }, 400, /fr/], [{ title: {} }, 400, /title/], [{ text: 7 }, 400, /text/],
      [{ text: "a\u0007b" }, 400, /control/], [{ title: "a\nb" }, 400, /title/], [{ text: "x".repeat(8001) }, 413, /text/], [{ to: [] }, 400, /to/], [{ to: "dept-1" }, 400, /to/],
      [{ to: ["red-1"] }, 400, /no department/], [{ to: ["nobody"] }, 404, /nobody/], [{ to: ["dept-1", "dept-1"] }, 400, /twice/], [{ common: true }, 400, /alike/],
      [{ common: "yes" }, 400, /common/], [{ offset_ms: 5 }, 400, /offset_ms/], [{ manual: false }, 400, /offset_ms/], [{ manual: undefined, offset_ms: 600000 }, 400, /end/],
      [{ manual: undefined, after: { inject: "nothing", on: "success" } }, 404, /nothing/], [{ manual: undefined, after: { inject: "opening" } }, 400, /on/],
      [{ manual: undefined, after: { inject: "opening", on: "luck" } }, 400, /luck/], [{ channels: ["letter"] }, 400, /channels/], [{ channels: [] }, 400, /channels/],
      [{ allowed_ms: 1 }, 400, /allowed_ms/], [{ pass: 101 }, 400, /pass/], [{ phase: "panic" }, 400, /panic/], [{ controller: "nobody" }, 404, /controller/],
      [{ evaluator: "dept-1-blue" }, 404, /staff/], [{ rubric: [{ id: "a", marks: 0, title: "t" }] }, 400, /marks/], [{ rubric: [7] }, 400, /rubric/],
      [{ rubric: Array.from({ length: 21 }, (_, i) => ({ id: `i${i}`, marks: 1, title: "t" })) }, 413, /20/], [{ titel: "x" }, 400, /titel/],
    ];
    for (const [change, status, says] of cases) {
      const made = await post("director", PATH, { ...PLAN, number: "bad", ...change });
      assert.equal(made.status, status, `${JSON.stringify(change).slice(0, 80)}: ${made.text}`);
      assert.match(made.text, says);
    }
    assert.equal((await ids("admin")).length, count);
    for (const query of ["?state=odd", "?phase=odd", "?common=odd", "?limit=0", "?x=1"]) assert.equal((await get("admin", PATH + query)).status, 400, query);
    assert.equal((await get("dept-1-blue", `${PATH}?evaluator=judge`)).status, 400);
    for (const body of [{}, { text: "" }, { text: 7 }, { text: "x".repeat(20001) }, { text: "a", version: 0 }, { text: "a", more: 1 }])
      assert.ok([400, 413].includes((await post("dept-1-blue", `${PATH}/2/answers`, body)).status), JSON.stringify(body).slice(0, 40));
    for (const body of [{}, { marks: {}, of: 1 }, { marks: { spot: 1 }, of: 1 }, { marks: { spot: 11, act: 1 }, of: 1 }, { marks: { spot: 1, act: 1, more: 1 }, of: 1 }, { marks: { spot: 1, act: 1 } }, { marks: [1, 2], of: 1 }])
      assert.equal((await mark(2, body)).status, 400, JSON.stringify(body));
    for (const number of ["0", "99", "x"]) assert.equal((await mark(number, { marks: {}, of: 1 })).status, 404, number);
    assert.equal((await act(1, "dance")).status, 400);
    assert.equal((await act(99, "approve")).status, 404);
    assert.equal((await drill.as("director", "POST", PATH, { body: "[".repeat(100_000) })).status, 400);
  });

  test("the plan against what happened; filters for controllers and evaluators; pages", async () => {
    const plan = (await get("director", `${PATH}/plan`)).json;
    assert.deepEqual(plan.slice(0, 2).map((p) => p.number), ["opening", "well-done"]);
    assert.ok(plan[0].shift_ms >= 0 && plan[0].shift_ms < 58000);
    assert.equal(plan[0].offset_ms, 2000);
    assert.deepEqual(plan[0].departments.map((d) => [d.team, d.total]), [["dept-1", 30], ["dept-2", 5]]);
    assert.equal(plan[4].delivered, null);
    assert.deepEqual((await get("judge", `${PATH}/plan`)).json[0].counts, { closed: 2 });
    assert.deepEqual(await ids("leader", "?evaluator=judge"), [1]);
    assert.deepEqual(await ids("judge", "?controller=director&phase=detection&common=true"), [1]);
    assert.deepEqual(await ids("judge", "?controller=judge"), []);
    assert.deepEqual(await ids("admin", "?after=1&limit=2"), [2, 3]);
  });

  test("at the drill's end what is open is expired, nothing is delivered, answers can still be marked", async () => {
    await drill.clock("end");
    await until(async () => (await state(5)) === "expired", "the end");
    assert.equal((await act(5, "deliver")).status, 409);
    assert.equal((await post("director", PATH, { ...PLAN, number: "after-the-end" })).status, 409);
    assert.equal((await acknowledge(4, "dept-2-blue")).status, 409);
    const { json: [open] } = await get("judge", `${ANSWERS}?state=responded`);
    assert.equal((await mark(open.id, { marks: { a: 3 }, of: open.version })).status, 201);
    assert.equal((await act(3, "close")).json.state, "closed");
  });

  test("all of it is there after a restart, and the journal verifies", async () => {
    const pages = [["director", PATH], ["dept-1-blue", `${PATH}/1`], ["leader", `${PATH}/plan`], ["judge", `${ANSWERS}/1`]];
    const before = await Promise.all(pages.map(([who, path]) => get(who, path)));
    await drill.kill9();
    await drill.restart();
    const after = await Promise.all(pages.map(([who, path]) => get(who, path)));
    assert.deepEqual(after.map((a) => a.json), before.map((a) => a.json));
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});
