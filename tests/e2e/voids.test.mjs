// The organizers' hand on checks: holds, voids with their difference, what a department sees of its checks' past.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";

const STAFF = ["judge", "director", "leader", "admin"];
const ALL = [...STAFF, "dept-1-blue", "dept-2-blue", "red-1"];
const HOLDS = "/api/v1/checks/holds", VOIDS = "/api/v1/checks/voids";

const withDrill = (options, body) => async () => {
  const drill = await startDrill({ tick: 3000, timeoutMs: 3000, ...options });
  try {
    await body(drill);
  } finally {
    await drill.close();
  }
};
const verified = async (drill) => {
  const { code, output } = await drillctl("verify", drill.data);
  assert.equal(code, 0, output);
};
const total = (board, team) => board.ranking.find((r) => r.team === team).total;
/** The ranking without what is the moment's. */
const scores = ({ ranking, rows, history }) => ({ ranking, rows, history });

describe("who may", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, tick: 3000, ticks: 600, timeoutMs: 3000 });
    await drill.start();
    await drill.untilTick(2);
    await drill.clock("pause");
  });
  after(() => drill.close());

  /** Everybody but these is refused with 403, and nobody at all with 401; then each of these gets `status`. */
  async function only(roles, method, path, { body, status }) {
    assert.equal((await drill.call(method, path, { body })).status, 401, `${method} ${path} without signing in`);
    for (const who of ALL.filter((a) => !roles.includes(a))) {
      const answer = await drill.as(who, method, path, { body });
      assert.equal(answer.status, 403, `${method} ${path} as ${who}: ${answer.text}`);
    }
    for (const who of roles) {
      const answer = await drill.as(who, method, typeof path === "function" ? path() : path, { body });
      assert.equal(answer.status, status, `${method} ${path} as ${who}: ${answer.text}`);
    }
  }

  test("holds and voids are seen by staff, voids proposed by judges, all else done by director and admin", async () => {
    await only(STAFF, "GET", HOLDS, { status: 200 });
    await only(STAFF, "GET", VOIDS, { status: 200 });
    await only(STAFF, "GET", `${VOIDS}/1`, { status: 404 });
    await only(["director", "admin"], "POST", HOLDS, { body: {}, status: 400 });
    await only(["director", "admin"], "DELETE", `${HOLDS}/1`, { body: { reason: "r" }, status: 404 });
    await only(["judge", "director", "admin"], "POST", VOIDS, { body: {}, status: 400 });
    await only(["director", "admin"], "POST", `${VOIDS}/1`, { body: { action: "adopt", reason: "r" }, status: 404 });
    assert.deepEqual((await drill.events()).filter((e) => /^(checks|void)\./.test(e.kind)), [], "what is refused leaves no event");
  });

  test("a department sees its own systems' past, staff all; another's is as if it were not there", async () => {
    const path = (system) => `/api/v1/systems/${system}/checks`;
    assert.equal((await drill.call("GET", path("dept-1-notes"))).status, 401);
    assert.equal((await drill.as("red-1", "GET", path("dept-1-notes"))).status, 403);
    const other = await drill.as("dept-2-blue", "GET", path("dept-1-notes")), none = await drill.as("dept-2-blue", "GET", path("dept-9-notes"));
    assert.deepEqual([other.status, none.status], [404, 404]);
    assert.equal(other.json.detail.replace("dept-1", "dept-9"), none.json.detail);
    const own = await drill.as("dept-1-blue", "GET", path("dept-1-notes"));
    assert.equal(own.status, 200);
    assert.ok(own.json.checks.every((c) => c.trace === undefined));
    for (const who of STAFF) {
      const { status, json } = await drill.as(who, "GET", path("dept-1-notes"));
      assert.equal(status, 200);
      assert.match(json.checks[0].trace, /GET \/notes/);
    }
  });

  test("a body that is no hold and no void is a 400 that says what would be right", async () => {
    const refused = async (method, path, body, says, status = 400) => {
      const answer = await drill.as("admin", method, path, { body });
      assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
      assert.match(answer.json.detail, says);
    };
    const ticks = { from: 0, to: 1 }, reason = "r";
    for (const [body, says] of [
      ["", /JSON/], ["[]", /is expected/], [{ system: "dept-1-notes" }, /"reason" is missing/], [{ reason }, /either "challenge".*or "system"/],
      [{ system: "dept-1-notes", challenge: "notes", reason }, /either/], [{ system: "dept-9-notes", reason }, /no system "dept-9-notes"/],
      [{ challenge: "portal", reason }, /no challenge "portal"/], [{ system: "dept-1-notes", reason: "" }, /reason/],
      [{ system: "dept-1-notes", reason: "r".repeat(501) }, /reason/, 413], [{ system: "dept-1-notes", reason, until: 3 }, /until/],
    ]) await refused("POST", HOLDS, body, says, body.reason?.length > 500 ? 413 : 400);
    for (const [body, says] of [
      [{ systems: ["dept-1-notes"], reason }, /"ticks" must be/], [{ ticks, reason }, /at least one of/], [{ systems: [], ticks, reason }, /at least one of/],
      [{ systems: "dept-1-notes", ticks, reason }, /must be a list/], [{ systems: [7], ticks, reason }, /element 0 is not a string/],
      [{ systems: ["dept-9-notes"], ticks, reason }, /no system "dept-9-notes"/], [{ services: ["mail"], ticks, reason }, /no service "mail"/],
      [{ challenges: ["mail"], ticks, reason }, /no challenge "mail"/], [{ systems: ["dept-1-notes"], ticks }, /"reason" is missing/],
      [{ systems: ["dept-1-notes"], ticks: { from: 1, to: 0 }, reason }, /not after the last/], [{ systems: ["dept-1-notes"], ticks: { from: -1, to: 0 }, reason }, /from 0/],
      [{ systems: ["a", "b", "c"], ticks, reason }, /there are 2 systems/], [{ systems: ["dept-1-notes"], ticks: [0, 1], reason }, /"ticks" must be/],
    ]) await refused("POST", VOIDS, body, says);
    const open = (await drill.board()).drill.tick;
    await refused("POST", VOIDS, { systems: ["dept-1-notes"], ticks: { from: 0, to: open }, reason }, new RegExp(`tick ${open} has not closed`), 409);
    for (const path of [`${VOIDS}/0`, `${VOIDS}/x`, `${VOIDS}/99999999999`, `${HOLDS}/1`]) {
      const answer = await drill.as("admin", path.startsWith(HOLDS) ? "DELETE" : "POST", path, { body: path.startsWith(HOLDS) ? { reason } : { action: "adopt", reason } });
      assert.equal(answer.status, 404, path);
    }
    for (const [query, says] of [["?from=5&to=1", /first is after the last/], ["?from=0&to=100", /at most 100/], ["?from=x", /must be a number/], ["?tick=1", /not a parameter/], ["?to=-1", /must be a number/]]) {
      const answer = await drill.as("admin", "GET", `/api/v1/systems/dept-1-notes/checks${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(answer.json.detail, says);
    }
    assert.deepEqual((await drill.as("admin", "GET", "/api/v1/systems/dept-1-notes/checks?from=90000")).json.checks, []);
  });
});

describe("in a drill", { concurrency: 3 }, () => {
  test("a hold stops the checks of every system of a challenge, and its release brings them back", withDrill({}, async (drill) => {
    await drill.start();
    await drill.flag("dept-1-notes");
    const made = await drill.as("director", "POST", HOLDS, { body: { challenge: "notes", reason: "the checker is broken" } });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.json.id, made.json.challenge, made.json.by, made.json.released], [1, "notes", "director", null]);
    assert.deepEqual(made.json.systems, ["dept-1-notes", "dept-2-notes"]);
    const twice = await drill.as("admin", "POST", HOLDS, { body: { challenge: "notes", reason: "r" } });
    assert.equal(twice.status, 409);
    assert.match(twice.json.detail, /on hold already, by hold 1/);
    const { drill: { tick } } = await drill.board();
    await drill.untilTick(tick + 2);
    const before = drill.flags().length, board = await drill.untilTick(tick + 4);
    assert.equal(drill.flags().length, before, "no check has put a flag");
    assert.ok(board.systems.every((s) => s.held && s.status === "none" && /organizers/.test(s.message)));
    assert.ok(!board.feed.some((d) => d.kind === "check.done" && d.status === "none"), "the hold is told once, not each tick");
    const history = (await drill.as("dept-1-blue", "GET", `/api/v1/systems/dept-1-notes/checks?from=${tick + 1}&to=${tick + 3}`)).json.checks;
    assert.deepEqual(history.map((c) => [c.status, c.counts, c.message]), Array(3).fill(["none", false, "not checked: the organizers have put checks of this system on hold"]));
    assert.equal((await drill.as("director", "DELETE", `${HOLDS}/1`, { body: { reason: "mended" } })).status, 204);
    const again = await drill.as("director", "DELETE", `${HOLDS}/1`, { body: { reason: "mended" } });
    assert.equal(again.status, 409);
    await drill.untilBoard((b) => b.systems.every((s) => !s.held && s.status === "ok"), "checked again");
    assert.equal((await drill.as("leader", "GET", HOLDS)).json[0].released.reason, "mended");
    await verified(drill);
  }));

  test("a void shows its difference, is adopted, dropped again, and the scores go there and back", withDrill({}, async (drill) => {
    drill.system("dept-2-notes").mode = "broken";
    await drill.start();
    const { flag } = await drill.flag("dept-1-notes");
    await drill.submit("red-1", [flag]);
    await drill.untilTick(4);
    await drill.clock("pause");
    const start = await drill.board();
    const proposal = { systems: ["dept-1-notes"], ticks: { from: 1, to: 2 }, reason: "the network was down" };
    const made = await drill.as("judge", "POST", VOIDS, { body: proposal });
    assert.equal(made.status, 201, made.text);
    const { difference, ...rest } = made.json;
    assert.deepEqual([rest.id, rest.state, rest.from, rest.to, rest.systems, rest.by, rest.decided], [1, "proposed", 1, 2, ["dept-1-notes"], "judge", null]);
    assert.deepEqual([difference.checks, difference.tick, difference.teams[0].team], [2, 3, "dept-1"]);
    assert.equal(difference.teams.length, 3);
    assert.equal(difference.teams[0].old.total, total(start, "dept-1"));
    assert.deepEqual(scores(await drill.board()), scores(start), "a proposal changes nothing");

    const act = (action, reason = "so decided") => drill.as("director", "POST", `${VOIDS}/1`, { body: { action, reason } });
    const adopted = await act("adopt");
    assert.equal(adopted.status, 200, adopted.text);
    assert.deepEqual([adopted.json.state, adopted.json.decided.by], ["adopted", "director"]);
    const now = await drill.board();
    for (const { team, new: place } of difference.teams) assert.deepEqual(now.ranking.find((r) => r.team === team), { team, ...place }, team);
    assert.equal(now.systems[0].checked_ticks, start.systems[0].checked_ticks - 2);
    assert.deepEqual(now.history.totals["dept-1"].at(-1), total(now, "dept-1"));
    assert.deepEqual((await drill.as("judge", "GET", `${VOIDS}/1`)).json.difference.teams, difference.teams, "of an adopted one the same, seen from the other side");
    const past = (await drill.as("dept-1-blue", "GET", "/api/v1/systems/dept-1-notes/checks?from=0&to=3")).json.checks;
    assert.deepEqual(past.map((c) => [c.tick, c.status, c.voided, c.counts, c.void_reason]), [
      [0, "ok", false, true, undefined], [1, "ok", true, false, "the network was down"], [2, "ok", true, false, "the network was down"], [3, "ok", false, true, undefined]]);
    assert.ok(past.every((c) => c.ms >= 0));
    const twice = await act("adopt");
    assert.equal(twice.status, 409);
    assert.match(twice.json.detail, /adopted before/);

    assert.equal((await act("drop", "on appeal")).json.state, "dropped");
    assert.deepEqual(scores(await drill.board()), scores(start));
    for (const action of ["adopt", "drop"]) assert.match((await act(action)).json.detail, /was dropped; propose it anew/);
    assert.equal((await drill.as("judge", "GET", `${VOIDS}/1`)).json.difference, null);
    await drill.clock("end");
    await drill.as("judge", "POST", VOIDS, { body: { services: ["notes"], ticks: { from: 0, to: 3 }, reason: "after the end" } });
    assert.equal((await drill.as("admin", "POST", `${VOIDS}/2`, { body: { action: "adopt", reason: "r" } })).status, 200);
    assert.ok((await drill.board()).rows.filter((r) => r.team !== "red-1").every((r) => r.sla <= 1.5));
    assert.deepEqual((await drill.as("leader", "GET", VOIDS)).json.map((v) => [v.id, v.state]), [[1, "dropped"], [2, "adopted"]]);
    await until(async () => (await drill.board()).head_seq >= (await drill.events("--kind", "void.adopted")).at(-1).seq, "the adoption is signed");
    await verified(drill);
  }));

  test("live clients get the new ranking; the reason goes to staff and the department concerned", withDrill({}, async (drill) => {
    await drill.start();
    await drill.untilTick(3);
    const { seq } = await drill.health(), live = {};
    for (const [name, account] of Object.entries({ public: undefined, judge: "judge", own: "dept-1-blue", other: "dept-2-blue", red: "red-1" }))
      live[name] = await drill.live(seq, { account });
    await drill.as("judge", "POST", VOIDS, { body: { systems: ["dept-1-notes"], ticks: { from: 0, to: 1 }, reason: "secret grounds" } });
    await drill.as("director", "POST", `${VOIDS}/1`, { body: { action: "adopt", reason: "secret decision" } });
    const adopted = {};
    for (const [name, socket] of Object.entries(live)) {
      const delta = (adopted[name] = await socket.delta((d) => d.kind === "void.adopted"));
      assert.equal(delta.reason, ["judge", "own"].includes(name) ? "secret decision" : undefined, name);
      assert.deepEqual([delta.from, delta.to, delta.system, delta.ranking.length], [0, 1, "dept-1-notes", 3]);
      assert.equal(socket.deltas.some((d) => d.kind === "void.proposed"), name === "judge", name);
      assert.ok(!JSON.stringify(delta).includes("director"), "nobody's name");
    }
    assert.deepEqual(adopted.public.history.totals["dept-1"].slice(0, 2), [0, 0]);
    for (const socket of Object.values(live)) socket.close();
  }));

  test("what was adopted outlives kill -9, and the page of the past reads on", withDrill({}, async (drill) => {
    await drill.start();
    await drill.untilTick(3);
    await drill.as("director", "POST", HOLDS, { body: { system: "dept-2-notes", reason: "r" } });
    await drill.as("judge", "POST", VOIDS, { body: { systems: ["dept-1-notes"], ticks: { from: 0, to: 1 }, reason: "r" } });
    const adopted = await drill.as("director", "POST", `${VOIDS}/1`, { body: { action: "adopt", reason: "r" } });
    assert.equal(adopted.status, 200);
    await drill.kill9();
    await drill.restart();
    const board = await drill.board();
    assert.equal(board.systems[1].held, true);
    assert.deepEqual((await drill.as("judge", "GET", VOIDS)).json.map((v) => v.state), ["adopted"]);
    const past = (await drill.as("dept-1-blue", "GET", "/api/v1/systems/dept-1-notes/checks?from=0&to=1")).json.checks;
    assert.deepEqual(past.map((c) => [c.status, c.voided]), [["ok", true], ["ok", true]]);
    await drill.untilTick(board.drill.tick + 1);
    await verified(drill);
  }));

  test("a hundred ticks at once, twenty by default, the newest among them at once", withDrill({ departments: 1, tick: 1000, ticks: 600, timeoutMs: 1000 }, async (drill) => {
    await drill.start();
    const board = await drill.untilBoard((b) => b.drill.tick >= 22, "tick 22", 60000);
    const { json } = await drill.as("judge", "GET", "/api/v1/systems/dept-1-notes/checks");
    assert.ok(json.to >= board.drill.tick && json.to - json.from === 19, `${json.from} to ${json.to}`);
    const all = (await drill.as("judge", "GET", "/api/v1/systems/dept-1-notes/checks?from=0")).json;
    assert.equal(all.from, 0);
    assert.deepEqual(all.checks.slice(0, 22).map((c) => c.tick), Array.from({ length: 22 }, (_, i) => i));
    const ok = all.checks.slice(0, 22).filter((c) => c.status === "ok");
    assert.ok(ok.length > 0 && ok.every((c) => /front page/.test(c.trace)));
    const done = (await drill.events("--kind", "check.done", "--secrets")).filter((e) => e.body.tick < 22);
    for (const e of done) assert.deepEqual([all.checks[e.body.tick].status, all.checks[e.body.tick].ms, all.checks[e.body.tick].trace], [e.body.status, e.body.ms, e.secret.trace]);
    const one = (await drill.as("judge", "GET", "/api/v1/systems/dept-1-notes/checks?from=7&to=7")).json;
    assert.deepEqual(one.checks.map((c) => c.tick), [7]);
  }));
});
