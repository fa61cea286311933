// Emergency plans: a department's own versions, a plan at work for an incident, who sees what, bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const PATH = "/api/v1/plans", REPORTS = "/api/v1/reports";
const BLUE = "dept-1-blue", OTHER = "dept-2-blue", WHO = "Li Si of Dept One";
const now = (offsetMs = 0) => new Date(Date.now() + offsetMs).toISOString();
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const plan = (more = {}) => ({
  id: "ransomware", name: { zh: "一系勒索病毒预案", en: "Ransomware at Dept One" }, summary: { en: "Ours." }, classes: ["0107"],
  steps: [
    { id: "isolate", phase: "containment", who: "administrator", within_minutes: 1, actions: ["isolate"], text: { en: "Pull the plug." } },
    { id: "restore", phase: "recovery", who: "administrator", within_minutes: 600, actions: ["restore"], text: { en: "Restore." } },
    { id: "review", phase: "follow_up", who: "security_officer", within_minutes: 6000, actions: [], text: { en: "Review." } },
  ], ...more,
});
const document = (more = {}) => ({
  author: "A", phone: "+86 139-0000-4711", class: "0107", detected: now(), detection: "edr", loss: "serious", summary: "Files are encrypted.", ...more,
});

describe("emergency plans", () => {
  let drill, id;
  before(async () => {
    drill = await startDrill({ departments: 2, ticks: 3600 });
  });
  after(() => drill.close());

  const call = (as, method, path, body) => drill.as(as, method, path, { body });
  const atWork = async (as) => (await call(as, "GET", `${REPORTS}/${id}/plans`)).json;
  const step = (run, name) => run.steps.find((s) => s.id === name);

  test("each route is for its roles alone", async () => {
    const roles = { [BLUE]: "blue", "red-1": "red", judge: "judge", director: "director", leader: "leader", admin: "admin" };
    const all = ["blue", "judge", "director", "leader", "admin"];
    for (const [method, path, may] of [
      ["GET", PATH, all], ["GET", `${PATH}/ransomware`, all], ["PUT", `${PATH}/ransomware`, ["blue"]], ["DELETE", `${PATH}/ransomware`, ["blue"]],
      ["GET", `${REPORTS}/1/plans`, all], ["POST", `${REPORTS}/1/plans`, ["blue"]], ["POST", `${REPORTS}/1/plans/ransomware/tick`, ["blue"]],
      ["POST", `${REPORTS}/1/plans/ransomware/skip`, ["blue"]],
    ]) {
      for (const [account, role] of Object.entries(roles)) {
        const { status } = await call(account, method, path, method === "GET" ? undefined : { nothing: 1 });
        assert.equal(status === 403, !may.includes(role), `${role} ${method} ${path}: ${status}`);
      }
      assert.equal((await drill.call(method, path, { body: method === "GET" ? undefined : {} })).status, 401);
    }
  });

  test("the campus's defaults are there in both languages; a department's own version takes their place", async () => {
    const defaults = (await call(BLUE, "GET", PATH)).json;
    assert.ok(defaults.length >= 8);
    assert.ok(defaults.every((p) => p.department === null && p.version === 0 && p.in_force && p.name.zh && p.name.en));
    const made = await call(BLUE, "PUT", `${PATH}/ransomware`, plan());
    assert.equal(made.status, 200, made.text);
    assert.deepEqual([made.json.department, made.json.version, made.json.in_force, made.json.steps], ["dept-1", 1, true, 3]);
    assert.equal(made.json.plan.summary.zh, "Ours.");
    const stale = await call(BLUE, "PUT", `${PATH}/ransomware?version=0`, plan());
    assert.equal(stale.status, 409);
    assert.match(stale.text, /changed meanwhile/);
    assert.equal((await call(BLUE, "PUT", `${PATH}/ransomware?version=1`, plan())).json.version, 2);
    assert.deepEqual((await call(BLUE, "GET", `${PATH}/ransomware`)).json.history.map((h) => h.version), [1, 2]);
    assert.equal((await call(BLUE, "GET", `${PATH}/ransomware?version=0`)).json.in_force, false);
    assert.equal((await call(BLUE, "GET", `${PATH}/ransomware?version=3`)).status, 404);
    assert.equal((await call(OTHER, "GET", `${PATH}/ransomware`)).json.version, 0);
    assert.equal((await call(OTHER, "GET", `${PATH}/ransomware?department=dept-1`)).status, 400);
    for (const who of ["director", "leader", "admin"]) {
      assert.equal((await call(who, "GET", `${PATH}/ransomware?department=dept-1`)).json.version, 2);
      assert.ok((await call(who, "GET", PATH)).json.some((p) => p.department === "dept-1"));
    }
    for (const who of ["judge", OTHER]) assert.ok(!(await call(who, "GET", PATH)).text.includes("Dept One"), who);
    assert.equal((await call("judge", "GET", `${PATH}/ransomware?department=dept-1`)).status, 400);
  });

  test("a plan that breaks a rule is refused with the rule", async () => {
    for (const [path, body, status, says] of [
      ["nothing", plan(), 404, /no plan/], ["defacement", plan(), 400, /is for/], ["ransomware", plan({ steps: [] }), 400, /steps/],
      ["ransomware", plan({ steps: [...plan().steps, plan().steps[2]] }), 400, /twice/], ["ransomware", plan({ name: {} }), 400, /name/], ["ransomware", plan({ more: 1 }), 400, /more/],
      ["ransomware", plan({ steps: plan().steps.toReversed?.() ?? [...plan().steps].reverse() }), 400, /comes before/], ["ransomware", [], 400, /expected/],
      ["ransomware", "[".repeat(100000), 400, /./], ["ransomware", "x".repeat(300 * 1024), 413, /./],
    ]) {
      const bad = await call(BLUE, "PUT", `${PATH}/${path}`, body);
      assert.equal(bad.status, status, bad.text);
      assert.match(bad.text, says);
    }
    assert.equal((await call(BLUE, "GET", `${PATH}/ransomware`)).json.version, 2);
  });

  test("activated by a report; actions tick steps off, hands do, late ones show; judges read no names", async () => {
    await drill.start();
    await wait(100);
    const made = await call(BLUE, "POST", REPORTS, { document: document({ actions: [{ at: now(), kind: "isolate", phase: "containment", who: WHO }] }) });
    assert.equal(made.status, 201, made.text);
    id = made.json.id;
    const begun = await call(BLUE, "POST", `${REPORTS}/${id}/plans`, { threat: "ransomware" });
    assert.equal(begun.status, 201, begun.text);
    assert.equal(begun.json.version, 2);
    assert.deepEqual(begun.json.steps.map((s) => s.state), ["open", "open", "open"]);
    assert.equal((await call(BLUE, "POST", `${REPORTS}/${id}/plans`, { threat: "ransomware" })).status, 409);
    assert.equal((await call(OTHER, "POST", `${REPORTS}/${id}/plans`, { threat: "ransomware" })).status, 404);
    assert.equal((await call("judge", "GET", `${REPORTS}/${id}/plans`)).status, 404, "nothing has been filed");
    const filed = await call(BLUE, "POST", `${REPORTS}/${id}/submit`, {});
    assert.equal(filed.status, 200, filed.text);
    let [run] = await atWork(BLUE);
    assert.deepEqual([step(run, "isolate").state, step(run, "isolate").ticked_by, step(run, "restore").state], ["done", "action", "open"]);
    const tick = await call(BLUE, "POST", `${REPORTS}/${id}/plans/ransomware/tick`, { step: "restore", who: WHO });
    assert.equal(tick.status, 200, tick.text);
    const skip = await call(BLUE, "POST", `${REPORTS}/${id}/plans/ransomware/skip`, { step: "review", reason: "Is done by the centre." });
    assert.deepEqual(skip.json.counts, { done: 2, late: 0, missing: 0, skipped: 1, open: 0 });
    [run] = await atWork(BLUE);
    assert.equal(step(run, "restore").who, WHO);
    for (const who of ["judge", "director", "leader", "admin"]) assert.equal((await atWork(who))[0].counts.done, 2, who);
    const judged = await call("judge", "GET", `${REPORTS}/${id}/plans`);
    for (const text of [WHO, "Dept One", "dept-1"]) assert.ok(!judged.text.includes(text), text);
    assert.match(judged.text, /Is done by the centre/);
    assert.equal((await call(OTHER, "GET", `${REPORTS}/${id}/plans`)).status, 404);
  });

  test("out of order, twice, by others: refused by its rule; names are in no event's body", async () => {
    const base = `${REPORTS}/${id}/plans/ransomware`;
    for (const [who, path, body, status, says] of [
      [BLUE, `${base}/tick`, { step: "restore" }, 409, /ticked off before/], [BLUE, `${base}/skip`, { step: "review", reason: "x" }, 409, /skipped before/],
      [BLUE, `${base}/tick`, { step: "dance" }, 404, /no step \\"dance\\"; there are: \w+/], [BLUE, `${base}/tick`, { step: "review", at: now(60000) }, 400, /future/],
      [BLUE, `${base}/tick`, { step: "review", at: "2020-01-01T00:00:00Z" }, 400, /before the drill/], [BLUE, `${base}/tick`, { step: "review", at: "noon" }, 400, /must be a time/],
      [BLUE, `${base}/skip`, { step: "isolate" }, 400, /reason/], [BLUE, `${REPORTS}/${id}/plans/defacement/tick`, { step: "activate" }, 404, /not activated/],
      [OTHER, `${base}/tick`, { step: "review" }, 404, /no report/], [BLUE, `${REPORTS}/${id}/plans`, { threat: "dance" }, 400, /no plan/],
    ]) {
      const bad = await call(who, "POST", path, body);
      assert.equal(bad.status, status, bad.text);
      assert.match(bad.text, says);
    }
    const campus = await call(BLUE, "POST", `${REPORTS}/${id}/plans`, { threat: "data-leak" });
    assert.ok([201, 400].includes(campus.status), campus.text);
    assert.equal((await call(BLUE, "DELETE", `${PATH}/ransomware`, { reason: "The campus's is better." })).status, 204);
    assert.equal((await call(BLUE, "DELETE", `${PATH}/ransomware`, { reason: "again" })).status, 404);
    assert.equal((await call(BLUE, "GET", `${PATH}/ransomware`)).json.version, 0);
    assert.equal((await atWork(BLUE))[0].version, 2, "what is at work stays as it was");
    const bodies = (await drill.events()).filter((e) => e.kind.startsWith("plan.")).map((e) => JSON.stringify(e.body)).join();
    for (const text of [WHO, "Dept One", "Pull the plug", "better"]) assert.ok(!bodies.includes(text), text);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });

  test("when the final report is filed nothing is ticked off any more, and what was left open is missing", async () => {
    const made = await call(BLUE, "POST", REPORTS, { document: document(), submit: true });
    id = made.json.id;
    const begun = await call(BLUE, "POST", `${REPORTS}/${id}/plans`, {});
    assert.equal(begun.status, 201, begun.text);
    assert.deepEqual([begun.json.version, begun.json.threat], [0, "ransomware"], "by the report's class");
    const end = await call(BLUE, "POST", `${REPORTS}/${id}/submit`, { stage: "final", document: { course: "c", measures: "m", signer: "s", contained: now() } });
    assert.equal(end.status, 200, end.text);
    const [run] = await atWork("judge");
    assert.equal(run.over, true);
    const before = run.steps.filter((s) => s.phase !== "follow_up");
    assert.ok(before.length > 0 && before.every((s) => s.state === "missing"));
    assert.equal(run.counts.missing, before.length);
    const late = await call(BLUE, "POST", `${REPORTS}/${id}/plans/ransomware/tick`, { step: run.steps[0].id });
    assert.equal(late.status, 409);
    assert.match(late.text, /incident is over/);
  });

  test("each hears over the live line what it may see, and nobody else", async () => {
    const who = ["judge", "director", "leader", "admin", BLUE, OTHER, "red-1", undefined], lines = new Map();
    for (const account of who) lines.set(account, await drill.live(undefined, account ? { account } : {}));
    await call(BLUE, "PUT", `${PATH}/ransomware`, plan());
    const report = (await call(BLUE, "POST", REPORTS, { document: document() })).json.id;
    await call(BLUE, "POST", `${REPORTS}/${report}/plans`, { threat: "ransomware" });
    await call(BLUE, "POST", `${REPORTS}/${report}/submit`, {});
    await call(BLUE, "POST", `${REPORTS}/${report}/plans/ransomware/tick`, { step: "isolate", who: WHO });
    await call(BLUE, "DELETE", `${PATH}/ransomware`, { reason: "r" });
    await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "The end", text: "x" } });
    for (const account of who) {
      const line = lines.get(account);
      await line.delta((d) => d.title === "The end");
      const heard = line.deltas.filter((d) => d.kind.startsWith("plan."));
      const expected = account === BLUE ? ["adopted", "activated", "step_ticked", "withdrawn"]
        : ["director", "leader", "admin"].includes(account) ? ["adopted", "step_ticked", "withdrawn"] : account === "judge" ? ["step_ticked"] : [];
      assert.deepEqual(heard.map((d) => d.kind.slice(5)), expected, String(account));
      if (account === "judge") for (const text of [WHO, "Dept One", "dept-1"]) assert.ok(!JSON.stringify(heard).includes(text), text);
      line.close();
    }
  });

  test("all of it is there after a restart", async () => {
    const state = async () => {
      const list = (await call("admin", "GET", PATH)).json, runs = await atWork("admin");
      for (const s of runs[0].steps) delete s.late_ms; // the drill goes on
      return JSON.stringify([list, runs]);
    };
    const before = await state();
    await drill.kill9();
    await drill.restart();
    assert.equal(await state(), before);
  });
});
