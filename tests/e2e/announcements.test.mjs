// Announcements: who makes them, whom they reach by list and by live line, having seen them, withdrawing, bad input.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const PATH = "/api/v1/announcements";
const STAFF = ["judge", "director", "leader", "admin"];
const ALL = [...STAFF, "dept-1-blue", "dept-2-blue", "red-1"];

describe("announcements", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2 });
  });
  after(() => drill.close());

  const make = (body, as = "director") => drill.as(as, "POST", PATH, { body: { title: "Notice", text: "At ten.", ...body } });
  const list = async (as, query = "") => (as ? drill.as(as, "GET", PATH + query) : drill.call("GET", PATH + query));
  const numbers = async (as) => (await list(as)).json.map((a) => a.id);

  test("only the direction makes and withdraws them; all who have signed in may say that they have seen one", async () => {
    for (const who of ALL.filter((a) => a !== "director" && a !== "admin")) {
      assert.equal((await make({}, who)).status, 403, who);
      assert.equal((await drill.as(who, "DELETE", `${PATH}/1`, { body: { reason: "r" } })).status, 403, who);
    }
    for (const who of ALL) assert.equal((await drill.as(who, "POST", `${PATH}/1/seen`)).status, 404, who);
    for (const [method, path] of [["POST", PATH], ["DELETE", `${PATH}/1`], ["POST", `${PATH}/1/seen`]])
      assert.equal((await drill.call(method, path, { body: {} })).status, 401);
    assert.deepEqual((await drill.events()).filter((e) => e.kind.startsWith("announcement.")), []);
  });

  test("each reaches those it is for, by list and by live line, and nobody else", async () => {
    const who = [...ALL, undefined];
    const lines = new Map();
    for (const account of who) lines.set(account, await drill.live(undefined, account ? { account } : {}));
    const cases = [
      [undefined, who], [["blue"], [...STAFF, "dept-1-blue", "dept-2-blue"]], [["red"], [...STAFF, "red-1"]],
      [["staff"], STAFF], [["dept-1"], [...STAFF, "dept-1-blue"]], [["dept-2", "red-1"], [...STAFF, "dept-2-blue", "red-1"]],
    ];
    const ids = [];
    for (const [to] of cases) {
      const made = await make({ to, urgent: true });
      assert.equal(made.status, 201, made.text);
      ids.push(made.json.id);
    }
    const last = await make({ title: "The last" });
    for (const account of who) {
      const mine = ids.filter((_, i) => cases[i][1].includes(account));
      assert.deepEqual(await numbers(account), [...mine, last.json.id], `list of ${account}`);
      const live = lines.get(account);
      await live.delta((d) => d.kind === "announcement.made" && d.id === last.json.id);
      assert.deepEqual(live.deltas.filter((d) => d.kind === "announcement.made").map((d) => d.id), [...mine, last.json.id], `live line of ${account}`);
      live.close();
    }
  });

  test("having seen one is noted once, for staff to see; what is not for one cannot be seen", async () => {
    const { json: { id } } = await make({ to: ["dept-1"] });
    const staff = await drill.live(undefined, { account: "leader" }), blue = await drill.live(undefined, { account: "dept-1-blue" });
    for (let i = 0; i < 2; i++) assert.equal((await drill.as("dept-1-blue", "POST", `${PATH}/${id}/seen`)).status, 204);
    assert.equal((await drill.as("dept-2-blue", "POST", `${PATH}/${id}/seen`)).status, 404);
    assert.deepEqual((await list("judge")).json.at(-1).seen.map((s) => s.account), ["dept-1-blue"]);
    assert.equal((await list("dept-1-blue")).json.at(-1).seen, true);
    assert.ok(!("to" in (await list("dept-1-blue")).json.at(-1)));
    await staff.delta((d) => d.kind === "announcement.seen" && d.id === id && d.account === "dept-1-blue");
    await make({});
    await blue.delta((d) => d.kind === "announcement.made" && d.id === id + 1);
    assert.deepEqual(blue.deltas.filter((d) => d.kind === "announcement.seen"), []);
    staff.close();
    blue.close();
    const events = (await drill.events()).filter((e) => e.kind === "announcement.seen");
    assert.equal(events.length, 1);
  });

  test("a withdrawn one stays in the list with its reason, and its time ends by itself", async () => {
    const { json: { id } } = await make({});
    const path = `${PATH}/${id}`;
    assert.equal((await drill.as("admin", "DELETE", path, { body: {} })).status, 400);
    assert.equal((await drill.as("admin", "DELETE", path, { body: { reason: "wrong room" } })).status, 204);
    assert.equal((await drill.as("admin", "DELETE", path, { body: { reason: "again" } })).status, 409);
    const shown = (await list("red-1")).json.at(-1);
    assert.equal(shown.in_force, false);
    assert.equal(shown.withdrawn.reason, "wrong room");
    for (const who of [...ALL, undefined])
      assert.equal((await list(who)).json.find((a) => a.id === id).withdrawn.by, STAFF.includes(who) ? "admin" : undefined, String(who));
    const until = new Date(Date.now() + 3600_000).toISOString();
    const timed = await make({ until });
    assert.equal(new Date(timed.json.until).getTime(), new Date(until).getTime());
    assert.equal(timed.json.in_force, true);
  });

  test("bad input is named and changes nothing", async () => {
    const before = (await numbers("admin")).length;
    const cases = [
      [{ title: "" }, 400, /title/], [{ text: 7 }, 400, /text/], [{ to: [] }, 400, /to/], [{ to: "blue" }, 400, /to/],
      [{ to: ["blue", 3] }, 400, /element 1/], [{ to: ["blue,red"] }, 400, /element 0/], [{ to: ["all", "red"] }, 400, /alone/],
      [{ to: ["nobody"] }, 404, /not a team/], [{ urgent: "yes" }, 400, /urgent/], [{ until: "tomorrow" }, 400, /2027/],
      [{ until: "2001-01-01T00:00:00Z" }, 400, /past/], [{ mail: "yes" }, 400, /mail/], [{ mail: true, text: "a\u0007" }, 400, /text/],
      [{ text: "\u001b[2J" }, 400, /text.*U\+001B/], [{ title: "a\u202eb" }, 400, /title.*U\+202E/], [{ title: "a\nb" }, 400, /title.*line break/], [{ titel: "x" }, 400, /titel/], [{ title: "x".repeat(301) }, 413, /title/],
      [{ text: "x".repeat(130000) }, 413, /./],
    ];
    for (const [body, status, says] of cases) {
      const answer = await make(body);
      assert.equal(answer.status, status, `${JSON.stringify(body).slice(0, 60)}: ${answer.text}`);
      assert.match(answer.text, says);
    }
    for (const query of ["?limit=0", "?limit=501", "?after=-1", "?after=x", "?limit", "?to=%zz", "?x=1", "?after=1&after=1", "?limit=5&limit=5"])
      assert.equal((await list("admin", query)).status, 400, query);
    assert.equal((await numbers("admin")).length, before);
  });

  test("a list is read page by page", async () => {
    const all = await numbers("admin");
    const pages = [];
    for (let after = 0; ; after = pages.at(-1)) {
      const page = (await list("admin", `?after=${after}&limit=3`)).json;
      if (page.length === 0) break;
      assert.ok(page.length <= 3);
      pages.push(...page.map((a) => a.id));
    }
    assert.deepEqual(pages, all);
  });

  test("all of it is there after a restart, and the journal verifies", async () => {
    const before = await Promise.all(["admin", "dept-1-blue", "red-1"].map((who) => list(who)));
    await drill.kill9();
    await drill.restart();
    const after = await Promise.all(["admin", "dept-1-blue", "red-1"].map((who) => list(who)));
    assert.deepEqual(after.map((a) => a.json), before.map((a) => a.json));
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});
