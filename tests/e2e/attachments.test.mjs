// Attachments: stored with a length and chunked, at their limits, with lies; named by reports and results; read by every role.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";

const PATH = "/api/v1/attachments", MIB = 1024 * 1024, MAX = 20 * MIB;
const BLUE = "dept-1-blue", COLLEAGUE = "dept-1-second", OTHER = "dept-2-blue";
const ALL = [BLUE, COLLEAGUE, OTHER, "red-1", "red-2", "judge", "director", "leader", "admin"];
const SECTIONS = `results: {show_blue: after_confirmation}
injects:
  - {id: ask, title: T, from: F, text: X, at: 1s, rubric: [{id: a, marks: 10, title: A}]}
`;
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const line = "2027-06-20 10:12:00 GET /index.php 200\n";
const log = (bytes, first = "") => Buffer.from((first + line.repeat(Math.ceil(bytes / line.length))).slice(0, bytes));
const PNG = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(64)]);

describe("attachments", () => {
  let drill;
  const store = (as, name, body, options = {}) => drill.as(as, "POST", `${PATH}?name=${encodeURIComponent(name)}`, { body, ...options });
  const stored = async (as = BLUE, name = "access.log", body = log(200, `${Math.random()} `)) => {
    const made = await store(as, name, body);
    assert.equal(made.status, 201, made.text);
    return made.json;
  };
  const get = (as, id, options) => drill.as(as, "GET", `${PATH}/${id}`, options);
  const meta = (as, id) => drill.as(as, "GET", `${PATH}/${id}/meta`);
  const document = (attachments) => ({
    author: "A", phone: "123456", class: "0107", detected: new Date().toISOString(), detection: "edr", loss: "minor", summary: "s", attachments,
  });
  const file = (attachments, as = BLUE) => drill.as(as, "POST", "/api/v1/reports", { body: { submit: true, document: document(attachments) } });
  const submit = (id, body, as = BLUE) => drill.as(as, "POST", `/api/v1/reports/${id}/submit`, { body });
  const count = async () => (await drill.events("--kind", "attachment.stored")).length;
  const blobs = () => readdirSync(join(drill.data, "blobs")).flatMap((shelf) => readdirSync(join(drill.data, "blobs", shelf)));
  /** Which of them may have it: the file and what is said of it, alike. */
  const readers = async (id) => {
    const may = [];
    for (const who of ALL) {
      const [whole, told] = [await get(who, id), await meta(who, id)];
      assert.equal(whole.status, told.status, who);
      if (whole.status !== 200) assert.match(whole.json.detail, new RegExp(`there is no attachment ${id} for you`), who);
      if (whole.status === 200) may.push(who);
    }
    return may;
  };

  before(async () => {
    drill = await startDrill({ departments: 2, reds: [["red-1"], ["red-2"]], ticks: 3600, sections: SECTIONS });
    assert.equal((await drill.as("admin", "POST", "/api/v1/accounts", { body: { id: COLLEAGUE, role: "blue", team: "dept-1" } })).status, 201);
    drill.tokens[COLLEAGUE] = (await drill.as("admin", "POST", `/api/v1/accounts/${COLLEAGUE}/token`)).json.token;
    await drill.start();
  });
  after(() => drill.close());

  test("what was stored is told and comes back, with a length and chunked, to one byte less than too much", async () => {
    const cases = [["初报 1.txt", log(1), "text/plain"], ["shot.PNG", PNG, "image/png"], ["all.log", log(MAX, "whole "), "text/plain"]];
    for (const [name, data, type] of cases)
      for (const chunked of [false, true]) {
        const made = await store(BLUE, name, data, { chunked, timeoutMs: 60000 });
        assert.equal(made.status, 201, made.text);
        const { id, at, by, ...rest } = made.json;
        assert.deepEqual(rest, { name, media_type: type, bytes: data.length, sha256: sha256(data), attached_to: null });
        assert.deepEqual((await meta(BLUE, id)).json, made.json);
        assert.ok(at && by === BLUE);
        const back = await get(BLUE, id, { timeoutMs: 60000 });
        assert.equal(back.status, 200);
        assert.ok(back.bytes.equals(data), name);
        assert.equal(back.headers["content-type"], type);
        assert.match(back.headers["content-disposition"], /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''/);
        assert.ok(back.headers["content-disposition"].includes(encodeURIComponent(name)));
        assert.equal(back.headers["x-content-type-options"], "nosniff");
        assert.match(back.headers["content-security-policy"], /sandbox/);
      }
    const [event] = await drill.events("--kind", "attachment.stored");
    assert.deepEqual(Object.keys(event.body), ["bytes", "id", "media_type", "sha256"]);
    assert.equal(blobs().length, 3, "the same content is one file");
  });

  test("HEAD tells the head alone; a Range is ignored and the head says so", async () => {
    const { id } = await stored(BLUE, "a.log", log(500));
    const head = await drill.as(BLUE, "HEAD", `${PATH}/${id}`);
    assert.deepEqual([head.status, head.headers["content-length"], head.bytes.length], [200, "500", 0]);
    assert.match(head.headers["content-disposition"], /^attachment/);
    const part = await get(BLUE, id, { headers: { range: "bytes=0-9" } });
    assert.deepEqual([part.status, part.bytes.length, part.headers["accept-ranges"]], [200, 500, "none"]);
  });

  test("each route is for its roles", async () => {
    for (const who of ALL) assert.equal((await store(who, "a.log", log(9))).status, who === "leader" ? 403 : 201, who);
    assert.equal((await drill.call("POST", `${PATH}?name=a.log`, { body: "x" })).status, 401);
    assert.equal((await drill.call("GET", `${PATH}/1`)).status, 401);
    for (const id of ["0", "99999", "x", "1x", "-1", "99999999999"]) assert.equal((await get("admin", id)).status, 404, id);
    for (const method of ["PUT", "DELETE"]) assert.equal((await drill.as("admin", method, `${PATH}/1`)).status, 405);
  });

  test("lies about size, type and name are named, and leave nothing", async () => {
    const before = [await count(), blobs().length];
    const zipBomb = Buffer.from("504b0304140000000800", "hex");
    const cases = [
      ["a.log", Buffer.alloc(MAX + 1, "a"), 413, {}, /./], ["a.log", Buffer.alloc(MAX + 1, "a"), 413, { chunked: true, timeoutMs: 60000 }, /./],
      ["a.log", "", 400, {}, /empty/], ["a.png", log(50), 400, {}, /PNG/i], ["a.log", PNG, 400, {}, /PNG/i], ["a.txt", zipBomb, 400, {}, /ZIP/i],
      ["a.log", "x", 400, { headers: { "content-type": "text/html" } }, /text\/html/], ["a.html", "<html>", 400, {}, /html/], ["a.svg", "<svg/>", 400, {}, /svg/],
      ["a.exe", "MZ", 400, {}, /exe/], ["a", "x", 400, {}, /./], ["../../etc/passwd", "x", 400, {}, /./], ["..\\a.log", "x", 400, {}, /./], ["a\n.log", "x", 400, {}, /./],
      ["a\u202Egol.log", "x", 400, {}, /./], ["con.log", "x", 400, {}, /./], ["a.log.", "x", 400, {}, /./], [`${"a".repeat(300)}.log`, "x", 400, {}, /200/], ["", "x", 400, {}, /./],
    ];
    for (const [name, body, status, options, says] of cases) {
      const answer = await store(BLUE, name, body, options);
      assert.equal(answer.status, status, `${name.slice(0, 20)}: ${answer.text}`);
      assert.match(answer.json.detail, says, name);
    }
    for (const query of ["", "?name=a%00.log", "?name=a%zz.log", "?name=a.log&x=1", "?x=a.log"])
      assert.equal((await drill.as(BLUE, "POST", PATH + query, { body: "x" })).status, 400, query);
    assert.deepEqual([await count(), blobs().length], before);
  });

  test("a client that leaves in the middle leaves nothing", async () => {
    const before = [await count(), blobs().length], url = new URL(drill.url);
    const socket = net.connect(url.port, url.hostname);
    socket.write(`POST ${PATH}?name=a.log HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${drill.tokens[BLUE]}\r\nContent-Length: ${MAX}\r\n\r\n`);
    socket.write(log(3 * MIB, "half "));
    await until(() => readdirSync(join(drill.data, "blobs/drafts")).length > 0, "it is on its way");
    socket.destroy();
    await until(() => readdirSync(join(drill.data, "blobs/drafts")).length === 0, "the draft is gone");
    assert.deepEqual([await count(), blobs().length], before);
  });

  test("its sender's alone; from the filing on its department's and the staff's, who judge without a name", async () => {
    const { id } = await stored(BLUE, "dept-1 portal.log");
    assert.deepEqual(await readers(id), [BLUE]);
    const draft = await drill.as(BLUE, "POST", "/api/v1/reports", { body: { document: document([id]) } });
    assert.equal(draft.status, 201, draft.text);
    assert.deepEqual(await readers(id), [BLUE], "a draft changes nothing");
    const report = await submit(draft.json.id, {});
    assert.equal(report.status, 200, report.text);
    assert.deepEqual(await readers(id), [BLUE, COLLEAGUE, "judge", "director", "leader", "admin"]);
    assert.deepEqual(report.json.attachments, [(await meta(BLUE, id)).json]);
    assert.deepEqual(report.json.attachments[0].attached_to, { id: report.json.id, kind: "report" });
    const judged = await get("judge", id);
    assert.match(judged.headers["content-disposition"], new RegExp(`filename="attachment-${id}\\.log"`));
    for (const answer of [await meta("judge", id), await drill.as("judge", "GET", `/api/v1/reports/${report.json.id}`), await drill.as("judge", "GET", `/api/v1/reports/${report.json.id}/filings/1`)]) {
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.text, /dept-1/);
      assert.match(answer.text, new RegExp(`"attachment-${id}.log"`));
    }
    assert.match((await get("director", id)).headers["content-disposition"], /filename="dept-1 portal\.log"/);
    const [{ body }] = (await drill.events("--kind", "report.submitted")).slice(-1);
    assert.deepEqual(body.attachments, [id]);
  });

  test("one report names at most twenty, its department's own, and none of another report", async () => {
    const ids = [];
    for (let i = 0; i < 21; i++) ids.push((await stored(i % 2 ? COLLEAGUE : BLUE)).id);
    const foreign = (await stored(OTHER)).id, staffs = (await stored("director")).id;
    const before = (await drill.events("--kind", "report.submitted")).length;
    const cases = [[ids, 413, /too many items/], [[foreign], 400, /your team has stored no attachment/], [[staffs], 400, /has stored no attachment/], [[99999], 400, /has stored no attachment 99999/],
      [[ids[0], ids[0]], 400, /comes twice/], [[0], 400, /from 1 to/], [["1"], 400, /integer/], [7, 400, /list/], [[1.5], 400, /integer/]];
    for (const [list, status, says] of cases) {
      const refused = await file(list);
      assert.equal(refused.status, status, refused.text);
      assert.match(refused.json.detail, says);
    }
    assert.equal((await drill.events("--kind", "report.submitted")).length, before);
    const report = await file(ids.slice(0, 20));
    assert.equal(report.status, 201, report.text);
    assert.equal(report.json.attachments.length, 20);
    const taken = await file([ids[0]]);
    assert.equal(taken.status, 409);
    assert.match(taken.json.detail, /belongs to another record/);
    const more = await submit(report.json.id, { stage: "progress", document: { attachments: [ids[20], ids[3]] } });
    assert.equal(more.status, 200, more.text);
    assert.deepEqual(more.json.attachments.map((a) => a.id), [ids[20], ids[3]]);
    const difference = (await drill.as(BLUE, "GET", `/api/v1/reports/${report.json.id}/difference`)).json.changes;
    assert.ok(difference.every((c) => c.path.startsWith("attachments[")) && difference.length >= 19);
    assert.ok((await readers(ids[0])).includes(COLLEAGUE), "an earlier filing's stay");
    const end = { stage: "final", document: { course: "c", measures: "m", signer: "s", contained: new Date().toISOString() } };
    assert.equal((await submit(report.json.id, end)).status, 200);
    const late = await submit(report.json.id, { stage: "progress", document: { attachments: [ids[0]] } });
    assert.equal(late.status, 409);
    assert.match(late.json.detail, /nothing follows it/);
  });

  test("a red team's evidence is its own and the staff's, never the department's, even when it is confirmed", async () => {
    const { id } = await stored("red-1", "red-1 shell.png", PNG);
    assert.deepEqual(await readers(id), ["red-1"]);
    const claim = (attachments) => ({ system: "dept-1-notes", attacked_at: new Date().toISOString(), kind: "server", technique: "T1190", path: [{ text: "p" }], evidence: "e", weakness: "w", attachments });
    const blues = (await stored(BLUE)).id;
    for (const [list, status] of [[[blues], 400], [[id, id], 400], [Array(21).fill(id), 413], ["x", 400], [[null], 400]])
      assert.equal((await drill.as("red-1", "POST", "/api/v1/results", { body: claim(list) })).status, status, JSON.stringify(list));
    const result = await drill.as("red-1", "POST", "/api/v1/results", { body: claim([id]) });
    assert.equal(result.status, 201, result.text);
    assert.equal(result.json.attachments[0].name, "red-1 shell.png");
    assert.equal((await drill.as("red-2", "POST", "/api/v1/results", { body: claim([id]) })).status, 400);
    const mine = ["red-1", "judge", "director", "leader", "admin"];
    assert.deepEqual(await readers(id), mine);
    assert.equal((await meta("judge", id)).json.name, `attachment-${id}.png`);
    const act = (what, body) => drill.as("judge", "POST", `/api/v1/results/${result.json.id}/${what}`, { body });
    assert.equal((await act("review")).status, 200);
    const confirmed = await act("confirm", {});
    assert.equal(confirmed.status, 200, confirmed.text);
    assert.equal((await drill.as(BLUE, "GET", `/api/v1/results/${result.json.id}`)).status, 200);
    assert.deepEqual(await readers(id), mine);
  });

  test("an answer to an inject has its files: its department's and the staff's, each version its own", async () => {
    const own = () => drill.as(BLUE, "GET", "/api/v1/injects/1");
    await until(async () => (await own()).status === 200, "it is delivered");
    assert.equal((await drill.as(BLUE, "POST", "/api/v1/injects/1/acknowledgement")).status, 200);
    const answer = (attachments) => drill.as(BLUE, "POST", "/api/v1/injects/1/answers", { body: { text: "done", attachments } });
    const [one, two] = [await stored(BLUE, "dept-1 one.log"), await stored(COLLEAGUE)];
    for (const [list, status] of [[[(await stored(OTHER)).id], 400], [[one.id, one.id], 400], [Array(21).fill(one.id), 413], [{}, 400]])
      assert.equal((await answer(list)).status, status, JSON.stringify(list));
    assert.equal((await answer([one.id])).status, 201);
    const second = await answer([two.id, one.id]);
    assert.deepEqual(second.json.versions.map((v) => v.attachments.map((a) => a.id)), [[one.id], [two.id, one.id]]);
    for (const { id } of [one, two]) assert.deepEqual(await readers(id), [BLUE, COLLEAGUE, "judge", "director", "leader", "admin"]);
    const [{ id }] = (await drill.as("judge", "GET", "/api/v1/inject-answers")).json;
    const judged = await drill.as("judge", "GET", `/api/v1/inject-answers/${id}`);
    assert.doesNotMatch(judged.text, /dept-1/);
    assert.deepEqual(judged.json.versions[0].attachments[0].attached_to, { id, kind: "inject_answer" });
    assert.equal((await file([one.id])).status, 409);
  });

  test("a ticket's feedback and a retest's result have files: its department's, once notified, and the staff's", async () => {
    const ticket = { department: "dept-1", system: "dept-1-notes", title: "t", class: "injection", severity: "high" };
    const made = await drill.as("judge", "POST", "/api/v1/tickets", { body: ticket });
    assert.equal(made.status, 201, made.text);
    const step = (who, name, body = {}) => drill.as(who, "POST", `/api/v1/tickets/${made.json.id}/${name}`, { body });
    for (const [who, name] of [["director", "notify"], [BLUE, "acknowledge"], [BLUE, "start"]]) assert.equal((await step(who, name)).status, 200, name);
    const fixed = await stored(BLUE, "fixed.png", PNG), log1 = await stored("judge", "scan.log");
    const feedback = (attachments) => step(BLUE, "feedback", { text: "done", signer: "s", attachments });
    for (const [list, status] of [[[log1.id], 400], [Array(21).fill(fixed.id), 413], [["x"], 400]]) assert.equal((await feedback(list)).status, status);
    assert.equal((await step(BLUE, "extension", { due: "2099-01-01", text: "t", attachments: [] })).status, 400, "only those two steps have files");
    const told = await feedback([fixed.id]);
    assert.equal(told.status, 200, told.text);
    assert.equal((await step("judge", "retest")).status, 200);
    const verdict = { method: "scan", result: "fixed", text: "clean" };
    assert.equal((await step("judge", "result", { ...verdict, attachments: [fixed.id] })).status, 400, "the department's is not the judge's to name");
    assert.equal((await step("judge", "result", { ...verdict, attachments: [log1.id] })).status, 200);
    for (const { id } of [fixed, log1]) assert.deepEqual(await readers(id), [BLUE, COLLEAGUE, "judge", "director", "leader", "admin"]);
    const { steps } = (await drill.as(BLUE, "GET", `/api/v1/tickets/${made.json.id}`)).json;
    assert.deepEqual(steps.filter((s) => s.attachments).map((s) => [s.kind, s.attachments[0].name]), [["feedback", "fixed.png"], ["retested", "scan.log"]]);
    assert.equal((await meta("judge", fixed.id)).json.name, `attachment-${fixed.id}.png`);
    assert.equal((await meta("judge", log1.id)).json.name, "scan.log");
  });

  test("nobody hears of a file over the live line", async () => {
    const lines = await Promise.all([...ALL.map((account) => drill.live(undefined, { account })), drill.live()]);
    await stored();
    await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "The end", text: "x" } });
    for (const l of lines) {
      await l.delta((d) => d.title === "The end");
      assert.ok(!l.deltas.some((d) => d.kind.startsWith("attachment.")));
    }
  });

  test("after a restart all is as it was; what no event names is gone; verify reads every file", async () => {
    const { id, sha256: hash } = await stored();
    const shelf = (h) => join(drill.data, "blobs", h.slice(0, 2));
    const orphan = "ab".repeat(32);
    assert.equal(await drill.stop(), 0);
    mkdirSync(shelf(orphan), { recursive: true });
    writeFileSync(join(shelf(orphan), orphan), "nobody's");
    await drill.restart();
    assert.ok(!existsSync(join(shelf(orphan), orphan)));
    assert.match(drill.output, /1 files that no event names were removed/);
    assert.equal((await meta(BLUE, id)).json.sha256, hash);
    const events = await drill.events("--kind", "attachment.stored");
    const names = new Set(events.map((e) => e.body.sha256));
    const { files, ok } = JSON.parse((await drillctl("verify", drill.data, "--json")).stdout);
    assert.deepEqual([ok, files.there, files.named, files.whole], [true, true, names.size, names.size]);
  });

  test("verify names the event whose file is missing or altered, and says when it has not looked", async () => {
    const one = await stored(), two = await stored();
    const seqOf = async (a) => (await drill.events("--kind", "attachment.stored")).find((e) => e.body.id === a.id).seq;
    const path = (a) => join("blobs", a.sha256.slice(0, 2), a.sha256);
    const copy = join(drill.dir, "copy");
    assert.equal(await drill.stop(), 0);
    cpSync(drill.data, copy, { recursive: true });
    const verify = async () => {
      const { code, stdout } = await drillctl("verify", copy, "--json"), plain = await drillctl("verify", copy);
      assert.equal(plain.code, code);
      return { code, text: plain.stdout, ...JSON.parse(stdout) };
    };
    assert.deepEqual([(await verify()).code, (await verify()).ok], [0, true]);
    writeFileSync(join(copy, path(two)), log(two.bytes, "altered"));
    let seen = await verify();
    assert.deepEqual([seen.code, seen.ok, seen.files.bad_seq, seen.bad_seq], [1, false, await seqOf(two), undefined]);
    assert.match(seen.text, /DAMAGED +seq \d+: the file [0-9a-f]{64} that it names was altered/);
    writeFileSync(join(copy, path(two)), "short");
    assert.match((await verify()).files.problem, /another length/);
    renameSync(join(copy, path(one)), join(copy, "elsewhere"));
    seen = await verify();
    assert.equal(seen.files.bad_seq, await seqOf(one));
    assert.match(seen.files.problem, /is missing/);
    rmSync(join(copy, "blobs"), { recursive: true });
    seen = await verify();
    assert.deepEqual([seen.code, seen.ok, seen.files.there, seen.files.whole], [0, true, false, 0]);
    assert.match(seen.text, /named, not looked at/);
  });
});
