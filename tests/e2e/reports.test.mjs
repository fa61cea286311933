// Incident reports: drafts, filings in their order, returning, differences, who sees what by route and live line, bad input.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const PATH = "/api/v1/reports";
const STAFF = ["judge", "director", "leader", "admin"];
const BLUE = "dept-1-blue", OTHER = "dept-2-blue";
const PHONE = "+86 139-0000-4711", AUTHOR = "Zhang San of Dept One";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const now = (offsetMs = 0) => new Date(Date.now() + offsetMs).toISOString();

const whole = (more = {}) => ({
  author: AUTHOR, phone: PHONE, class: "0107", detected: now(), detection: "edr", loss: "serious", summary: "Files are encrypted.",
  systems: ["dept-1-notes"], assets: [{ asset: "portal", state: "suspected" }], ...more,
});

describe("incident reports", () => {
  let drill;
  before(async () => {
    drill = await startDrill({ departments: 2, ticks: 3600, extraArgs: ["--verbose"] });
  });
  after(() => drill.close());

  const create = (document, more = {}, as = BLUE) => drill.as(as, "POST", PATH, { body: { document, ...more } });
  const file = async (document = whole(), as = BLUE) => {
    const made = await create(document, { submit: true }, as);
    assert.equal(made.status, 201, made.text);
    return made.json;
  };
  const act = (as, method, id, what, body) => drill.as(as, method, `${PATH}/${id}${what}`, { body });
  const get = async (as, path) => (await drill.as(as, "GET", PATH + path)).json;
  const ids = async (as, query = "") => (await get(as, query)).map((r) => r.id);
  const filings = async () => (await drill.events()).filter((e) => e.kind.startsWith("report."));

  test("the words that one may write are told, with their names", async () => {
    const answer = await drill.as(BLUE, "GET", "/api/v1/words"), words = answer.json;
    assert.equal(answer.status, 200, answer.text);
    assert.equal(words.classes.length, 76);
    assert.equal(words.classes.find((c) => c.word === "0107").group, "malware");
    assert.deepEqual(words.levels.map((l) => l.word), ["I", "II", "III", "IV"]);
    assert.ok(words.detections.some((d) => d.word === "edr") && words.losses.every((l) => l.name.zh && l.name.en));
    const etag = answer.headers.get?.("etag") ?? answer.headers.etag;
    const again = await drill.as("red-1", "GET", "/api/v1/words", { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, again.text], [304, ""]);
    const wrong = await drill.as(BLUE, "POST", PATH, { body: { document: whole({ class: "9999" }), submit: true } });
    assert.match(wrong.text, /GET \/api\/v1\/words has them/);
  });

  test("before the drill's start nothing is taken", async () => {
    const early = await create(whole(), { submit: true });
    assert.equal(early.status, 409);
    assert.match(early.text, /has not begun/);
    await drill.start();
    await wait(100);
  });

  test("each route is for its roles alone", async () => {
    const { id } = await file();
    const roles = {
      [BLUE]: "blue", "red-1": "red", judge: "judge", director: "director", leader: "leader", admin: "admin",
    };
    const cases = [
      ["GET", PATH, ["blue", "judge", "director", "leader", "admin"]], ["POST", PATH, ["blue"]], ["GET", `${PATH}/${id}`, ["blue", "judge", "director", "leader", "admin"]],
      ["PATCH", `${PATH}/${id}/draft`, ["blue"]], ["DELETE", `${PATH}/${id}/draft`, ["blue"]], ["POST", `${PATH}/${id}/submit`, ["blue"]],
      ["GET", `${PATH}/${id}/filings/1`, ["blue", "judge", "director", "leader", "admin"]], ["GET", `${PATH}/${id}/difference`, ["blue", "judge", "director", "leader", "admin"]],
      ["POST", `${PATH}/${id}/return`, ["director", "admin"]], ["POST", `${PATH}/${id}/appeal`, ["blue"]],
      ["POST", `${PATH}/${id}/comments`, ["blue", "judge", "director", "admin"]], ["POST", `${PATH}/${id}/duplicate`, ["director", "admin"]],
    ];
    for (const [method, path, may] of cases) {
      for (const [account, role] of Object.entries(roles)) {
        const { status } = await drill.as(account, method, path, { body: method === "GET" ? undefined : { nothing: 1 } });
        if (may.includes(role)) assert.notEqual(status, 403, `${role} ${method} ${path}`);
        else assert.equal(status, 403, `${role} ${method} ${path}`);
      }
      assert.equal((await drill.call(method, path, { body: method === "GET" ? undefined : {} })).status, 401);
    }
  });

  test("a draft grows as one types; nobody else knows of it; it can be withdrawn", async () => {
    const made = await create({ summary: "Something" });
    assert.equal(made.status, 201, made.text);
    const { id } = made.json;
    assert.equal(made.json.state, "draft");
    assert.equal(made.json.number, null);
    for (const who of [OTHER, ...STAFF]) {
      assert.equal((await drill.as(who, "GET", `${PATH}/${id}`)).status, 404, who);
      assert.ok(!(await ids(who)).includes(id), who);
    }
    assert.ok((await ids(BLUE, "?state=draft")).includes(id));
    const typed = await act(BLUE, "PATCH", id, "/draft", { document: { class: "01", impact: { people: 3, social: "none" }, tools: ["a", "b"] } });
    assert.equal(typed.status, 200, typed.text);
    const again = await act(BLUE, "PATCH", id, "/draft", { document: { impact: { social: null }, tools: ["c"], detected: "2027-06-20T10:00:00+08:00" } });
    assert.deepEqual(again.json.draft.document, {
      class: "01", detected: "2027-06-20T10:00:00.000+08:00", impact: { people: 3 }, summary: "Something", tools: ["c"],
    });
    assert.equal(again.json.draft.stage, "initial");
    const drafts = async () => (await filings()).filter((e) => e.kind === "report.drafted" && e.body.id === id).length;
    const before = await drafts();
    assert.deepEqual((await act(BLUE, "PATCH", id, "/draft", { document: { tools: ["c"] } })).json, again.json);
    assert.equal(await drafts(), before, "what changes nothing is no event");
    assert.equal((await act(OTHER, "PATCH", id, "/draft", { document: {} })).status, 404);
    const early = await act(BLUE, "POST", id, "/submit", {});
    assert.equal(early.status, 400);
    assert.match(early.text, /\\"author\\" is missing/);
    assert.equal((await act(BLUE, "DELETE", id, "/draft")).status, 204);
    assert.equal((await act(BLUE, "DELETE", id, "/draft")).status, 409);
    assert.equal((await get(BLUE, `/${id}`)).state, "withdrawn");
    assert.equal((await act(BLUE, "PATCH", id, "/draft", { document: {} })).status, 409);
    assert.ok(!(await ids("director")).includes(id));
  });

  test("initial, progress, final in their order; a later report begins from the one before", async () => {
    const first = await file();
    const { id } = first;
    assert.match(first.number, /^dept-1-\d{4}-\d{3}$/);
    assert.deepEqual([first.state, first.stage, first.level, first.proposed_level, first.late], ["submitted", "initial", "IV", "IV", false]);
    assert.equal(first.times.detected.source, "claimed");
    assert.equal(first.times.reported.source, "measured");
    assert.equal((await act(BLUE, "POST", id, "/submit", {})).status, 400); // progress or final?
    const twice = await act(BLUE, "POST", id, "/submit", { stage: "initial", document: {} });
    assert.equal(twice.status, 409);
    assert.match(twice.text, /progress or final may follow/);
    const more = await act(BLUE, "POST", id, "/submit", { stage: "progress", document: { effect: "The process is gone.", assets: [{ asset: "portal", state: "clean" }] } });
    assert.equal(more.status, 200, more.text);
    assert.deepEqual(more.json.history.map((h) => [h.filing, h.stage, h.report, h.version]), [[1, "initial", 1, 1], [2, "progress", 2, 1]]);
    assert.equal(more.json.document.summary, "Files are encrypted.");
    const bare = await act(BLUE, "POST", id, "/submit", { stage: "final", document: {} });
    assert.equal(bare.status, 400);
    assert.match(bare.text, /\\"course\\" is missing; a final report has it/);
    const end = { course: "From ten on.", measures: "Restored.", signer: "Head One", contained: now() };
    assert.equal((await act(BLUE, "PATCH", id, "/draft", { stage: "final", document: end })).status, 200);
    const last = await act(BLUE, "POST", id, "/submit", {});
    assert.equal(last.status, 200, last.text);
    assert.equal(last.json.stage, "final");
    const beyond = await act(BLUE, "POST", id, "/submit", { stage: "progress", document: {} });
    assert.equal(beyond.status, 409);
    assert.match(beyond.text, /nothing follows it/);
    assert.equal(last.json.first_submitted, first.first_submitted);
    const changes = (await get(BLUE, `/${id}/difference?from=1&to=2`)).changes;
    assert.deepEqual(changes, [
      { path: "assets[0].state", before: "suspected", after: "clean" }, { path: "effect", before: null, after: "The process is gone." },
    ]);
    assert.deepEqual((await get(BLUE, `/${id}/difference`)).changes.map((c) => c.path), ["contained", "course", "measures", "signer"]);
    assert.equal((await get(BLUE, `/${id}/filings/1`)).document.assets[0].state, "suspected");
    for (const path of [`/${id}/difference?from=4`, `/${id}/filings/0`, `/${id}/filings/4`, `/${id}/filings/x`])
      assert.equal((await drill.as(BLUE, "GET", PATH + path)).status, 404, path);
  });

  test("a returned report is completed without losing its first submission time", async () => {
    const first = await file();
    const { id } = first;
    assert.equal((await act("director", "POST", id, "/return", { reason: " " })).status, 400);
    const back = await act("director", "POST", id, "/return", { reason: "Which malware?" });
    assert.equal(back.status, 200, back.text);
    assert.equal((await act("director", "POST", id, "/return", { reason: "again" })).status, 409);
    const seen = await get(BLUE, `/${id}`);
    assert.equal(seen.state, "returned");
    assert.equal(seen.history[0].returned.reason, "Which malware?");
    assert.equal((await act(BLUE, "POST", id, "/submit", { stage: "progress", document: {} })).status, 409);
    await wait(20);
    const done = await act(BLUE, "POST", id, "/submit", { document: { root_cause: { type: "phishing", cve: "CVE-2024-12345" } } });
    assert.equal(done.status, 200, done.text);
    assert.deepEqual(done.json.history.map((h) => [h.stage, h.report, h.version]), [["initial", 1, 1], ["initial", 1, 2]]);
    assert.equal(done.json.state, "resubmitted");
    assert.equal(done.json.first_submitted, first.first_submitted);
    assert.equal(done.json.number, first.number);
    assert.ok(done.json.history[1].at > first.first_submitted);
  });

  test("of two who do the same at once one is told that it was done", async () => {
    const { id } = await file();
    const end = { course: "c", measures: "m", signer: "s", contained: now() };
    const codes = async (...all) => (await Promise.all(all)).map((answer) => answer.status).sort();
    const final = () => act(BLUE, "POST", id, "/submit", { stage: "final", document: end });
    assert.deepEqual(await codes(final(), final(), final()), [200, 409, 409]);
    const back = (who) => act(who, "POST", id, "/return", { reason: "r" });
    assert.deepEqual(await codes(back("director"), back("admin")), [200, 409]);
    assert.equal((await get(BLUE, `/${id}`)).history.length, 2);
  });

  test("another level than the matrix proposes wants a reason", async () => {
    const bare = await create(whole({ level: "I" }), { submit: true });
    assert.equal(bare.status, 400);
    assert.match(bare.text, /importance and loss give IV; another level wants a/);
    const made = await file(whole({ level: "I", level_reason: "The exam is tomorrow." }));
    assert.deepEqual([made.level, made.proposed_level], ["I", "IV"]);
    assert.equal((await file(whole({ importance: "especially_important" }))).level, "II");
  });

  test("judges see neither department nor people; leaders and direction see all; another department nothing", async () => {
    const { id } = await file(whole({ signer: "Head One", actions: [{ at: now(), phase: "containment", kind: "isolate", target: "the portal", who: AUTHOR, approved_by: "Head One" }] }));
    assert.equal((await act(BLUE, "POST", id, "/comments", { text: "Logs follow." })).status, 201);
    await act("director", "POST", id, "/return", { reason: "r" });
    await act(BLUE, "POST", id, "/submit", { document: { phone: "123456", effect: "x" } });
    const secrets = [/dept-1/, /Zhang San/, /0000-4711/, /123456/, /Head One/];
    for (const path of ["", `/${id}`, `/${id}/filings/1`, `/${id}/difference?from=1&to=2`]) {
      const { status, text } = await drill.as("judge", "GET", PATH + path);
      assert.equal(status, 200, path);
      for (const secret of secrets) assert.doesNotMatch(text, secret, path);
    }
    assert.equal((await drill.as("judge", "GET", `${PATH}?department=dept-1`)).status, 400);
    const judged = await get("judge", `/${id}`);
    assert.deepEqual(judged.services, ["notes"]);
    assert.match(judged.unit.en, /^Unit [12]$/);
    assert.match(judged.unit.zh, /^单位 [12]$/);
    for (const who of ["director", "leader", "admin", BLUE]) {
      const seen = await get(who, `/${id}`);
      assert.equal(seen.department, "dept-1", who);
      assert.equal(seen.document.author, AUTHOR, who);
      assert.deepEqual(seen.systems, ["dept-1-notes"], who);
    }
    assert.equal((await drill.as(OTHER, "GET", `${PATH}/${id}`)).status, 404);
    assert.ok(!(await ids(OTHER)).includes(id));
    assert.deepEqual((await get("director", `/${id}`)).unit, judged.unit);
  });

  test("comments change nothing; staff's own stay with staff", async () => {
    const { id } = await file();
    const before = await get(BLUE, `/${id}`);
    const said = [[BLUE, { text: "ours" }, 201], ["judge", { text: "open" }, 201], ["judge", { text: "hidden", internal: true }, 201],
      [BLUE, { text: "no", internal: true }, 403], ["leader", { text: "no" }, 403], [OTHER, { text: "no" }, 404], ["judge", { text: "" }, 400], ["judge", { text: " " }, 400]];
    for (const text of ["\u001b[31mred", "\u202eturned", "a\u2028b"]) {
      const refused = await act(BLUE, "POST", id, "/comments", { text });
      assert.equal(refused.status, 400, text);
      assert.match(refused.text, /has the control character U\+/);
    }
    for (const [who, body, status] of said) assert.equal((await act(who, "POST", id, "/comments", body)).status, status, `${who} ${JSON.stringify(body)}`);
    const after = await get(BLUE, `/${id}`);
    assert.deepEqual(after.comments.map((c) => [c.role, c.text]), [["blue", "ours"], ["judge", "open"]]);
    assert.ok(!("by" in after.comments[1]));
    assert.deepEqual({ ...after, comments: [] }, { ...before, comments: [] });
    assert.deepEqual((await get("judge", `/${id}`)).comments.map((c) => c.text), ["ours", "open", "hidden"]);
  });

  test("a duplicate is marked and unmarked by the direction; an appeal waits for its judgement", async () => {
    const one = (await file()).id, two = (await file()).id;
    const other = (await file(whole({ systems: ["dept-2-notes"] }), OTHER)).id;
    const mark = (id, of) => act("director", "POST", id, "/duplicate", { of, reason: "The same." });
    assert.equal((await mark(two, other)).status, 400);
    assert.equal((await mark(two, two)).status, 400);
    assert.equal((await mark(two, 9999)).status, 404);
    assert.equal((await mark(two, null)).status, 409);
    assert.equal((await mark(two, one)).json.duplicate_of, one);
    assert.equal((await mark(one, two)).status, 409);
    assert.equal((await mark(two, null)).json.duplicate_of, null);
    const early = await act(BLUE, "POST", one, "/appeal", { reason: "Unfair." });
    assert.equal(early.status, 409);
    assert.match(early.text, /cannot become appealed; what may follow: triaged, returned/);
  });

  test("lists are filtered and read page by page", async () => {
    const all = await get("admin", "");
    const filters = { state: "resubmitted", stage: "final", level: "II", class: "0107", department: "dept-2" };
    for (const [name, value] of Object.entries(filters)) {
      const some = await ids("admin", `?${name}=${value}`);
      assert.deepEqual(some, all.filter((r) => r[name] === value).map((r) => r.id), name);
      assert.ok(some.length > 0, name);
    }
    assert.deepEqual(await ids("admin", "?class=0101"), []);
    const pages = [];
    for (let at = 0; ; at = pages.at(-1)) {
      const page = await ids("admin", `?after=${at}&limit=2`);
      if (page.length === 0) break;
      pages.push(...page);
    }
    assert.deepEqual(pages, all.map((r) => r.id));
    for (const query of ["?state=lost", "?level=V", "?class=9999", "?department=nobody", "?department=red-1", "?limit=0", "?x=1"])
      assert.equal((await drill.as("admin", "GET", PATH + query)).status, 400, query);
  });

  test("bad input is named and changes nothing", async () => {
    const before = (await filings()).length;
    const cases = [
      [whole({ detected: "2001-01-01T00:00:00Z" }), 400, /before the drill began/], [whole({ detected: now(3600_000) }), 400, /in the future/],
      [whole({ contained: "2001-01-01T00:00:00Z" }), 400, /before the drill began/], [whole({ recovered: now(-60) }), 400, /before \\"detected\\"/],
      [whole({ detected: "yesterday" }), 400, /detected.*2027/], [whole({ detected: undefined }), 400, /\\"detected\\" is missing/],
      [whole({ class: "9999" }), 400, /GB\/T 20986/], [whole({ systems: ["dept-2-notes"] }), 400, /not your department's/],
      [whole({ systems: ["nothing"] }), 400, /no system \\"nothing\\"/], [whole({ systems: ["dept-1-notes", "dept-1-notes"] }), 400, /comes twice/],
      [whole({ phone: "call me" }), 400, /phone number/], [whole({ summary: " " }), 400, /\\"summary\\" is empty/], [whole({ summary: "a\u0000b" }), 400, /./],
      [whole({ summary: "x".repeat(20001) }), 413, /\\"summary\\" is too long/], [whole({ titel: 1 }), 400, /unknown member \\"titel\\"/],
      [whole({ assets: [{ asset: "a", state: "fine" }] }), 400, /assets\[0\]\.state.*unknown, suspected/], [whole({ assets: Array(101).fill({ asset: "a", state: "clean" }) }), 413, /too many/],
      [whole({ indicators: [{ kind: "md5", value: "12" }] }), 400, /indicators\[0\].*32 hex/], [whole({ indicators: [{ kind: "ip", value: "host" }] }), 400, /no IP address/],
      [whole({ root_cause: { cve: "2024-1" } }), 400, /CVE-2024/], [whole({ traceback: 5 }), 400, /0 to 4/], [7, 400, /object/],
      [whole({ course: "x".repeat(20000), effect: "x".repeat(20000), help: "x".repeat(20000), measures: "x".repeat(20000) }), 413, /65536 bytes in all/],
    ];
    for (const [document, status, says] of cases) {
      const answer = await create(document, { submit: true });
      assert.equal(answer.status, status, `${JSON.stringify(document).slice(0, 300)}: ${answer.text}`);
      assert.match(answer.text, says);
    }
    const raw = [[{ submit: "yes" }, 400], [[], 400], ["{", 400], ["[".repeat(200_000), 400], ["[".repeat(1_000_000), 413], ["x".repeat(10 * 1024 * 1024), 413], [Buffer.from([0x7b, 0x22, 0xb0, 0xa1, 0x22, 0x3a, 0x31, 0x7d]), 400]];
    for (const [body, status] of raw) assert.equal((await drill.as(BLUE, "POST", PATH, { body })).status, status, String(body).slice(0, 20));
    assert.equal((await filings()).length, before);
  });

  test("each hears over the live line what it may see, and nobody else", async () => {
    const who = [...STAFF, BLUE, OTHER, "red-1", undefined];
    const lines = new Map();
    for (const account of who) lines.set(account, await drill.live(undefined, account ? { account } : {}));
    const { id } = (await create(whole())).json;
    await act(BLUE, "POST", id, "/submit", {});
    await act("judge", "POST", id, "/comments", { text: "the-hidden", internal: true });
    await act("judge", "POST", id, "/comments", { text: "the-open" });
    await act("director", "POST", id, "/return", { reason: "r" });
    await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "The end", text: "x" } });
    const kinds = (account) => lines.get(account).deltas.filter((d) => d.kind.startsWith("report.")).map((d) => d.kind.slice(7));
    for (const account of who) {
      await lines.get(account).delta((d) => d.title === "The end");
      if (STAFF.includes(account)) assert.deepEqual(kinds(account), ["submitted", "commented", "commented", "returned"], account);
      else assert.deepEqual(kinds(account), account === BLUE ? ["drafted", "submitted", "commented", "returned"] : [], String(account));
    }
    const heard = (account) => JSON.stringify(lines.get(account).deltas.filter((d) => d.kind.startsWith("report.")));
    assert.doesNotMatch(heard("judge"), /dept-1/);
    assert.match(heard("leader"), /"department":"dept-1"/);
    assert.match(heard("judge"), /the-hidden/);
    assert.doesNotMatch(heard(BLUE), /the-hidden/);
    for (const account of who) assert.doesNotMatch(heard(account), /0000-4711|Zhang San/, String(account));
    lines.forEach((line) => line.close());
  });

  test("phone numbers and names are in no board, no public part of the journal, no log", async () => {
    await file();
    const seen = [(await drill.call("GET", "/api/v1/board")).text, drill.output, JSON.stringify(await drill.events())];
    for (const text of seen) assert.doesNotMatch(text, /0000-4711|Zhang San|Files are encrypted/);
    assert.match(seen[2], /report\.submitted/);
  });

  test("all of it is there after a restart, and the journal verifies", async () => {
    const look = () => Promise.all([BLUE, OTHER, ...STAFF].map(async (who) => Promise.all((await ids(who)).map((id) => get(who, `/${id}`)))));
    const before = await look();
    await drill.kill9();
    await drill.restart();
    assert.deepEqual(await look(), before);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });

  test("in a closed drill only what was returned is completed", async () => {
    const back = (await file()).id, other = (await file()).id;
    await act("director", "POST", back, "/return", { reason: "r" });
    assert.equal((await drill.clock("end", { reason: "over" })).status, 200);
    await drill.untilBoard((b) => b.drill.state === "ended", "the end");
    const late = await create(whole(), { submit: true });
    assert.equal(late.status, 409);
    assert.match(late.text, /the drill has ended/);
    assert.equal((await act(BLUE, "POST", other, "/submit", { stage: "progress", document: {} })).status, 409);
    assert.equal((await act(BLUE, "POST", back, "/submit", { document: { effect: "x" } })).status, 200);
  });
});

test("what comes after its limit is taken and marked as late", async () => {
  const drill = await startDrill({ departments: 1, ticks: 3600, sections: "reports:\n  progress: 100ms\n  initial: {I: 50ms, II: 50ms, III: 50ms, IV: 50ms}\n" });
  try {
    await drill.start();
    await wait(300);
    const made = await drill.as(BLUE, "POST", PATH, { body: { document: whole({ detected: now(-200) }), submit: true } });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.json.history[0].late, true);
    await wait(150);
    const more = await drill.as(BLUE, "POST", `${PATH}/1/submit`, { body: { stage: "progress", document: {} } });
    assert.equal(more.json.history[1].late, true);
    const soon = await drill.as(BLUE, "POST", `${PATH}/1/submit`, { body: { stage: "progress", document: {} } });
    assert.deepEqual(soon.json.history.map((h) => h.late), [true, true, false]);
    assert.ok(readFileSync(join(drill.dir, "scenario.yaml"), "utf8").includes("reports:"));
  } finally {
    await drill.close();
  }
});
