// Ground truth and judging, as a whole story: an attack, a report, what was paired, two judges, a third, release, an
// appeal, rescored, final; who sees what by route and live line, every role, bad input, a restart.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";

const BLUE = "dept-1-blue", OTHER = "dept-2-blue";
const JUDGES = ["judge", "judge-2", "judge-3", "judge-4", "judge-5"];
const now = (offsetMs = 0) => new Date(Date.now() + offsetMs).toISOString();
const report = (systems = ["dept-1-notes"]) => ({
  author: "Zhang San", phone: "+86 139-0000-4711", class: "0107", detected: now(), detection: "edr", loss: "serious", summary: "Files are encrypted.", systems,
});
const marks = (detection, more = {}) => ({ detection, analysis: 10, containment: 15, coordination: 5, traceback: 5, ...more });

describe("ground truth and judging", () => {
  let drill;
  before(async () => {
    drill = await startDrill({
      departments: 2, ticks: 3600,
      sections: `${JUDGES.slice(1).map((j) => `  - {id: ${j}, role: judge}\n`).join("")}  - {id: judge-own, role: judge, department: dept-1}\n`,
    });
  });
  after(() => drill.close());

  const get = async (as, path) => {
    const answer = await drill.as(as, "GET", `/api/v1${path}`);
    assert.equal(answer.status, 200, `${as} ${path}: ${answer.text}`);
    return answer.json;
  };
  const post = (as, path, body) => drill.as(as, "POST", `/api/v1${path}`, { body });
  const must = async (as, path, body, status = 200) => {
    const answer = await post(as, path, body);
    assert.equal(answer.status, status, `${as} ${path}: ${answer.text}`);
    return answer.json;
  };
  const refused = async (as, path, body, status, says) => {
    const answer = await post(as, path, body);
    assert.equal(answer.status, status, `${as} ${path}: ${answer.text}`);
    assert.match(answer.text, says);
  };
  const file = async (as = BLUE, document = report()) => (await must(as, "/reports", { document, submit: true }, 201)).id;
  const judgesOf = async (id, round = 1, count = 2) => {
    const judging = await until(async () => {
      const j = await get("director", `/judging/${id}`);
      return j.round === round && j.judges >= count && j;
    }, `${count} judges of report ${id} in round ${round}`);
    return judging.rounds.find((r) => r.round === round).sheets.filter((s) => !s.replaced).map((s) => s.judge);
  };
  const review = async (id) => {
    await must("director", `/judging/${id}/triage`, early);
    return judgesOf(id);
  };
  const early = { without_final: true, reason: "it says enough" };
  const give = (judge, id, detection, more) => post(judge, `/judging/${id}/marks`, { marks: marks(detection), ...more });

  /** Everything that was told so far has reached these lines. */
  let mark = 0;
  const settled = async (lines) => {
    const title = `Mark ${++mark}`;
    await must("director", "/announcements", { title, text: "." }, 201);
    for (const line of lines) await line.delta((d) => d.kind === "announcement.made" && d.title === title);
  };

  test("before the start nothing is judged", async () => {
    await refused("director", "/judging/1/triage", undefined, 409, /has not begun/);
    await refused("judge", "/judging/1/marks", { marks: marks(1) }, 409, /has not begun/);
    await drill.start();
    await drill.untilTick(0);
  });

  test("a report is accepted with its final filing, or by a word of the direction", async () => {
    const id = await file(OTHER, report(["dept-2-notes"])), path = `/judging/${id}/triage`;
    await refused("director", path, undefined, 409, /the final filing of report \d+ is not in.*without_final/);
    await refused("director", path, {}, 409, /is not in/);
    await refused("director", path, { without_final: true }, 400, /reason/);
    await refused("director", path, { reason: "r" }, 400, /without_final/);
    await refused("director", path, { without_final: 1, reason: "r" }, 400, /true or false/);
    const judging = await must("director", path, early);
    assert.equal(judging.without_final, early.reason);
    assert.equal(judging.waits_for, null);
    await refused(OTHER, `/reports/${id}/submit`, { stage: "progress", document: {} }, 409, /judges mark what was filed before/);
  });

  test("each route is for its roles alone", async () => {
    const roles = { [BLUE]: "blue", "red-1": "red", judge: "judge", director: "director", leader: "leader", admin: "admin" };
    const staff = ["judge", "director", "leader", "admin"], direction = ["director", "admin"];
    const cases = [
      ["GET", "/truth", staff], ["GET", "/reports/99/truth", ["blue", ...staff]], ["POST", "/truth/pairs", ["judge", ...direction]],
      ["POST", "/truth/concealed", ["judge", ...direction]], ["GET", "/rubric", staff], ["GET", "/judging", ["blue", ...staff]], ["GET", "/judging/99", ["blue", ...staff]],
      ["GET", "/judging/drift", direction], ["POST", "/judging/release", direction], ["POST", "/judging/99/triage", direction], ["POST", "/judging/99/final", direction],
      ["POST", "/judging/99/archive", direction], ["POST", "/judging/99/reject", direction], ["POST", "/judging/99/judges", direction], ["POST", "/judging/99/marks", ["judge"]],
    ];
    for (const [method, path, may] of cases) {
      const body = method === "GET" ? undefined : {};
      for (const [account, role] of Object.entries(roles)) {
        const { status } = await drill.as(account, method, `/api/v1${path}`, { body });
        if (may.includes(role)) assert.notEqual(status, 403, `${role} ${method} ${path}`);
        else assert.equal(status, 403, `${role} ${method} ${path}`);
      }
      assert.equal((await drill.call(method, `/api/v1${path}`, { body })).status, 401);
    }
  });

  let first, attacked;
  test("an attack and the report that tells of it are paired; judges see no names", async () => {
    attacked = await drill.flag("dept-1-notes");
    assert.equal((await drill.submit("red-1", [attacked.flag])).json[0].verdict, "ok");
    first = await file();
    const { facts, departments, window_ms } = await get("director", "/truth");
    assert.equal(facts.length, 1);
    assert.equal(facts[0].kind, "flags");
    assert.equal(facts[0].department, "dept-1");
    assert.equal(facts[0].system, "dept-1-notes");
    assert.equal(facts[0].report, first);
    assert.equal(facts[0].status, "detected");
    assert.ok(facts[0].times.detected.measured_ms >= 0 && facts[0].times.detected.measured_ms < 15000);
    assert.ok(facts[0].times.detected.claimed_ms >= 0);
    assert.ok(window_ms >= 60000);
    assert.equal(departments.find((d) => d.department === "dept-1").detected, 1);
    const text = (await drill.as("judge", "GET", "/api/v1/truth")).text + (await drill.as("judge", "GET", `/api/v1/reports/${first}/truth`)).text;
    assert.doesNotMatch(text, /dept-\d|"of":(\d+|null),"s/);
    const own = await get("judge", `/reports/${first}/truth`);
    assert.equal(own.false_alarm, false);
    assert.deepEqual(own.measured, [{ item: "timeliness", marks: 15, of: 15 }]);
    assert.equal(own.facts[0].service, "notes");
    assert.equal((await drill.as("judge", "GET", "/api/v1/truth?department=dept-1")).status, 400);
    assert.deepEqual((await get("leader", "/truth?status=missed")).facts, []);
  });

  test("its department learns nothing of it before the end", async () => {
    await assert.doesNotReject(get(BLUE, "/judging"));
    const early = await drill.as(BLUE, "GET", `/api/v1/reports/${first}/truth`);
    assert.equal(early.status, 409);
    assert.equal((await drill.as(OTHER, "GET", `/api/v1/reports/${first}/truth`)).status, 404);
  });

  test("a pairing is corrected by hand with a reason; both stay visible; a judge's own department is not touched", async () => {
    const other = await file(BLUE, report([]));
    assert.equal((await get("judge", `/reports/${other}/truth`)).false_alarm, true);
    await refused("judge", "/truth/pairs", { fact: 1, report: other }, 400, /reason/);
    await refused("judge", "/truth/pairs", { fact: 1, report: other, reason: " " }, 400, /reason/);
    await refused("judge", "/truth/pairs", { fact: 9, report: other, reason: "r" }, 404, /no red fact 9/);
    await refused("judge", "/truth/pairs", { fact: 1, report: 99, reason: "r" }, 404, /no report 99/);
    await refused("judge", "/truth/pairs", { fact: 1, report: "x", reason: "r" }, 400, /report/);
    await refused("judge-own", "/truth/pairs", { fact: 1, report: other, reason: "r" }, 403, /own department/);
    const live = await drill.live(undefined, { account: "leader" }), lines = new Map();
    for (const who of ["judge", BLUE, OTHER, "red-1", undefined]) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    const paired = await must("judge", "/truth/pairs", { fact: 1, report: other, reason: "same host" });
    assert.equal(paired.report, other);
    assert.equal(paired.report_by_clock, first);
    assert.equal(paired.by_hand, true);
    assert.equal(paired.corrections[0].reason, "same host");
    await live.delta((d) => d.kind === "truth.paired" && d.fact === 1 && d.report === other && d.department === "dept-1");
    const heard = await lines.get("judge").delta((d) => d.kind === "truth.paired");
    assert.doesNotMatch(JSON.stringify(heard), /dept-/);
    const none = await must("director", "/truth/pairs", { fact: 1, report: null, reason: "not at all" });
    assert.equal(none.status, "missed");
    assert.equal((await must("judge", "/truth/concealed", { fact: 1, concealed: true, reason: "its logs" })).status, "concealed");
    await settled(lines.values());
    for (const [who, line] of lines) {
      if (who !== "judge") assert.deepEqual(line.deltas.filter((d) => d.kind.startsWith("truth.")), [], String(who));
      line.close();
    }
    live.close();
    await refused("judge", "/truth/concealed", { fact: 1, concealed: 1, reason: "r" }, 400, /true or false/);
    await must("judge", "/truth/concealed", { fact: 1, concealed: false, reason: "a mistake" });
    const back = await must("judge", "/truth/pairs", { fact: 1, report: first, reason: "after all" });
    assert.deepEqual(back.corrections.map((c) => c.what), ["paired", "unpaired", "concealed", "concealed", "paired"]);
  });

  test("two judges by lot, none of the department; nobody sees the other's marks before both are in", async () => {
    const lines = new Map();
    for (const who of ["judge", "director", BLUE, OTHER, "red-1", undefined]) lines.set(who, await drill.live(undefined, who ? { account: who } : {}));
    const [one, two] = await review(first);
    assert.ok(![one, two].includes("judge-own"));
    assert.notEqual(one, two);
    const bystander = JUDGES.find((j) => j !== one && j !== two);
    assert.equal((await drill.as(bystander, "GET", `/api/v1/judging/${first}`)).status, 404);
    assert.deepEqual((await get(one, "/judging?open=true")).map((j) => j.report), [first]);
    assert.doesNotMatch((await drill.as(one, "GET", `/api/v1/judging/${first}`)).text, /dept-1|judge-|"judge"/);

    await refused(bystander, `/judging/${first}/marks`, { marks: marks(20) }, 403, /not drawn/);
    await refused("judge-own", `/judging/${first}/marks`, { marks: marks(20) }, 403, /own department/);
    await refused(one, `/judging/${first}/marks`, { marks: marks(25.5) }, 400, /0 to 25 marks, in steps of 0.5/);
    await refused(one, `/judging/${first}/marks`, { marks: marks(20.25) }, 400, /steps of 0.5/);
    await refused(one, `/judging/${first}/marks`, { marks: marks("20") }, 400, /steps of 0.5/);
    await refused(one, `/judging/${first}/marks`, { marks: marks(20, { timeliness: 15 }) }, 400, /the server marks it/);
    await refused(one, `/judging/${first}/marks`, { marks: marks(20, { luck: 1 }) }, 400, /no \\?"luck/);
    await refused(one, `/judging/${first}/marks`, { marks: { detection: 20 } }, 400, /\\?"analysis\\?" is missing/);
    await refused(one, `/judging/${first}/marks`, { marks: [] }, 400, /object/);

    assert.equal((await give(one, first, 20)).status, 200);
    await refused(one, `/judging/${first}/marks`, { marks: marks(21) }, 409, /marked report \d+ before/);
    await refused(one, `/judging/${first}/marks`, { marks: marks(21), version: 2 }, 400, /reason/);
    const revised = await give(one, first, 21.5, { version: 2, reason: "read again" });
    assert.equal(revised.json.rounds[0].sheets.find((s) => s.own).versions.length, 2);
    for (const who of [two, "director", "leader", "admin"]) {
      const seen = (await get(who, `/judging/${first}`)).rounds[0];
      assert.ok(seen.sheets.every((s) => !s.versions || s.versions.length === 0), who);
      assert.equal(seen.result, null);
    }
    assert.equal((await give(two, first, 5)).status, 200); // 16.5 of 85 apart: two are enough
    const done = await get("director", `/judging/${first}`);
    assert.equal(done.state, "scored");
    assert.deepEqual(done.rounds[0].result.items.find((i) => i.item === "detection"), { item: "detection", marks: 13.25, of: 25, measured: false });
    assert.equal(done.rounds[0].result.total, 13.25 + 35 + 15);
    assert.equal(done.quality, 63.25);
    await refused(two, `/judging/${first}/marks`, { marks: marks(6), version: 2, reason: "r" }, 409, /scored/);
    assert.equal((await drill.as(BLUE, "GET", `/api/v1/judging/${first}`)).status, 404);
    assert.deepEqual(await get(BLUE, "/judging"), []);

    await must("director", "/judging/release", { report: first }, 204);
    await lines.get(BLUE).delta((d) => d.kind === "judging.released" && d.reports[0] === first);
    await settled(lines.values());
    const heard = (who) => lines.get(who).deltas.filter((d) => d.kind.startsWith("judging."));
    assert.deepEqual(heard(BLUE).map((d) => d.kind), ["judging.released"]);
    for (const who of [OTHER, "red-1", undefined]) assert.deepEqual(heard(who), [], String(who));
    assert.ok(heard("judge").length >= 5);
    assert.doesNotMatch(JSON.stringify(heard("judge")), /dept-\d|judge-|"judge"|marks|quality/);
    assert.ok(heard("director").some((d) => d.judge === one && d.department === "dept-1"));
    for (const line of lines.values()) line.close();

    const shown = await get(BLUE, `/judging/${first}`);
    assert.equal(shown.quality, 63.25);
    assert.equal(shown.rounds[0].result.total, 63.25);
    assert.ok(!JSON.stringify(shown).match(/judge-|"judge"|sheets/));
    assert.equal((await drill.as(OTHER, "GET", `/api/v1/judging/${first}`)).status, 404);
  });

  test("more than a fifth apart a third is drawn, and the two closest count", async () => {
    const id = await file();
    const [one, two] = await review(id);
    await give(one, id, 0);
    await give(two, id, 25);
    const [, , three] = await judgesOf(id, 1, 3);
    assert.ok(![one, two, "judge-own"].includes(three));
    assert.equal((await get("director", `/judging/${id}`)).state, "under_review");
    assert.ok((await get(three, `/judging/${id}`)).rounds[0].sheets.every((s) => !s.versions || s.own));
    assert.ok((await get("director", `/judging/${id}`)).rounds[0].sheets.some((s) => s.versions?.length === 1));
    assert.equal((await give(three, id, 20)).status, 200);
    const done = await get("leader", `/judging/${id}`);
    assert.equal(done.rounds[0].result.items[0].marks, 22.5);
    assert.deepEqual(done.rounds[0].sheets.map((s) => s.counts), [false, true, true]);
    const drift = await get("director", "/judging/drift");
    assert.ok(drift.find((d) => d.judge === one).drift < 0);
    assert.ok(drift.every((d) => d.judge !== "judge-own" || d.drawn === 0));
  });

  test("an appeal is rescored by two others; both results stay; then final, archived", async () => {
    const former = await judgesOf(first);
    await must(BLUE, `/reports/${first}/appeal`, { reason: "We were faster." });
    const again = await judgesOf(first, 2);
    assert.ok(again.every((j) => !former.includes(j)));
    for (const judge of again) assert.equal((await give(judge, first, 25)).status, 200);
    assert.equal((await get("director", `/judging/${first}`)).state, "rescored");
    assert.deepEqual((await get(BLUE, `/judging/${first}`)).rounds.map((r) => r.round), [1]);
    await refused("director", `/judging/${first}/final`, undefined, 409, /not released/);
    await must("admin", "/judging/release", { report: "all" }, 204);
    await refused("admin", "/judging/release", { report: "all" }, 409, /no result that is not released/);
    await refused("admin", "/judging/release", { report: first }, 409, /released before/);
    await refused("admin", "/judging/release", { report: "none" }, 400, /all/);
    assert.deepEqual((await get(BLUE, `/judging/${first}`)).rounds.map((r) => r.result.total), [63.25, 75]);
    assert.equal((await must("director", `/judging/${first}/final`)).state, "final");
    await refused(again[0], `/judging/${first}/marks`, { marks: marks(1), version: 2, reason: "r" }, 409, /is over/);
    await refused("judge", "/truth/pairs", { fact: 1, report: null, reason: "r" }, 409, /is final/);
    await refused("director", `/judging/${first}/reject`, { reason: "r" }, 409, /cannot become rejected/);
    const live = await drill.live(undefined, { account: BLUE }), other = await drill.live(undefined, { account: OTHER });
    assert.equal((await must("director", `/judging/${first}/archive`)).state, "archived");
    await settled([live, other]);
    assert.deepEqual(live.deltas.filter((d) => d.kind.startsWith("judging.")).map((d) => [d.kind, d.report]), [["judging.archived", first]]);
    assert.deepEqual(other.deltas.filter((d) => d.kind.startsWith("judging.")), []);
    live.close();
    other.close();
  });

  test("the direction names a judge instead of one who does not mark, and rejects what is no incident", async () => {
    const id = await file(OTHER, report(["dept-2-notes"]));
    const [one, two] = await review(id);
    const free = JUDGES.find((j) => j !== one && j !== two);
    await refused("director", `/judging/${id}/judges`, { judge: free, reason: "r" }, 409, /name whom/);
    await refused("director", `/judging/${id}/judges`, { judge: "leader", instead: one, reason: "r" }, 404, /no judge/);
    await must("director", `/judging/${id}/judges`, { judge: free, instead: one, reason: "ill" });
    assert.equal((await give(one, id, 20)).status, 403);
    assert.equal((await give(free, id, 20)).status, 200);
    await must("director", `/judging/${id}/reject`, { reason: "an exercise of their own" });
    assert.equal((await get("director", `/judging/${id}`)).quality, 0);
    assert.equal((await drill.as(OTHER, "GET", `/api/v1/judging/${id}`)).status, 404);
    const states = async (as) => [(await get(as, `/reports/${id}`)).state, (await get(as, "/reports?state=rejected")).some((r) => r.id === id)];
    assert.deepEqual(await states(OTHER), ["under_review", false]);
    assert.deepEqual(await states("judge"), ["rejected", true]);
    await must("director", "/judging/release", { report: id }, 204);
    assert.deepEqual(await states(OTHER), ["rejected", true]);
    assert.equal((await get(OTHER, `/judging/${id}`)).rejected.reason, "an exercise of their own");
  });

  test("a judge's department is said when the account is made, and only for judges", async () => {
    const made = await must("admin", "/accounts", { id: "judge-6", role: "judge", department: "dept-2" }, 201);
    assert.equal(made.department, "dept-2");
    await refused("admin", "/accounts", { id: "x", role: "leader", department: "dept-2" }, 400, /for judges/);
    await refused("admin", "/accounts", { id: "x", role: "judge", department: "red-1" }, 400, /no department/);
    const accounts = await get("admin", "/accounts");
    assert.equal(accounts.find((a) => a.id === "judge-own").department, "dept-1");
    assert.equal(accounts.find((a) => a.id === "judge").department, undefined);
  });

  test("all of it is there after a restart, and the journal verifies", async () => {
    const look = async () => [
      await get("director", "/judging"), await get("director", `/judging/${first}`), (await get("leader", "/truth")).facts.map((f) => [f.fact, f.report, f.corrections]),
      await get("director", "/judging/drift"), await get("judge", "/rubric"),
    ];
    const before = await look();
    await drill.kill9();
    await drill.restart();
    assert.deepEqual(await look(), before);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });

  test("after the drill's end a department learns what its final report told of", async () => {
    await drill.clock("end", { reason: "over" });
    const told = await get(BLUE, `/reports/${first}/truth`);
    assert.equal(told.facts[0].system, "dept-1-notes");
    assert.equal(told.facts[0].status, "detected");
    assert.ok(!("candidates" in told) && !("corrections" in told.facts[0]));
    const attackedAt = (await get(BLUE, `/reports/${first}`)).times.attacked;
    assert.equal(attackedAt.source, "measured");
  });
});

test("judges read the matrix in the order of the units, not of the departments", async () => {
  const drill = await startDrill({ departments: 8 });
  try {
    const rows = async (as) => (await drill.as(as, "GET", "/api/v1/truth")).json.departments;
    assert.deepEqual((await rows("judge")).map((d) => d.unit.en), Array.from({ length: 8 }, (_, i) => `Unit ${i + 1}`));
    assert.deepEqual((await rows("director")).map((d) => d.department), Array.from({ length: 8 }, (_, i) => `dept-${i + 1}`));
  } finally {
    await drill.close();
  }
});
