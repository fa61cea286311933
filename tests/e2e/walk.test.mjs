// A whole drill with everybody listening: each record event reaches exactly those whom the table of roles names, and no
// text is heard or read by anybody who may not have it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { api } from "./described.mjs";
import { ROOT } from "./lib.mjs";
import { setStage, tellStory, WORD } from "./walk_story.mjs";
import { ALL, BLUES, LINES, REDS, STAFF, TOLD, before as nothingYet, of, remember } from "./walk_table.mjs";

const sorted = (names) => [...new Set(names)].sort();
const ONE = of("dept-1"), TWO = of("dept-2"), RED = of("red-1"), KEEPERS = ["director", "admin"], NAMED = [...KEEPERS, "leader"];

/** Each word: [who hears it over the live line, who reads it with GET]; everybody else does neither. */
const MAY = {
  announcementAll: [ALL, ALL], announcementBlue: [[...STAFF, ...BLUES], [...STAFF, ...BLUES]], announcementRed: [[...STAFF, ...REDS], [...STAFF, ...REDS]],
  announcementDept: [[...STAFF, ...ONE, "red-2"], [...STAFF, ...ONE, "red-2"]], announcementStaff: [STAFF, STAFF], withdrawn: [[...STAFF, ...ONE, "red-2"], [...STAFF, ...ONE, "red-2"]],
  address: [[], KEEPERS], refused: [[], KEEPERS], rules: [[], [...STAFF, ...REDS]],
  evidence: [[], [...STAFF, ...RED]], resultReason: [[...STAFF, ...RED], [...STAFF, ...RED]], voidReason: [[...STAFF, ...RED], [...STAFF, ...RED]], weakness: [[], [...STAFF, ...RED]],
  phone: [[], [...NAMED, ...ONE]], author: [[], [...NAMED, ...ONE]], draft: [[], ONE], progressDraft: [[], ONE], summary: [[], [...STAFF, ...ONE]],
  commentOpen: [[...STAFF, ...ONE], [...STAFF, ...ONE]], commentInternal: [STAFF, STAFF], returnReason: [[], [...STAFF, ...ONE]], duplicateReason: [[], STAFF],
  guidance: [[], STAFF], objective: [[], STAFF], expected: [[], STAFF], injectText: [BLUES, [...STAFF, ...BLUES]], mailAlone: [STAFF, [...STAFF, ...ONE]],
  plan: [STAFF, STAFF], cancelReason: [STAFF, STAFF], answer: [[], [...STAFF, ...ONE]], evaluation: [[], STAFF], injectComment: [[], STAFF],
  ticketTitle: [[...STAFF, ...ONE], [...STAFF, ...ONE]], ticketEvidence: [[], [...STAFF, ...ONE]], inCharge: [[], [...STAFF, ...ONE]], feedback: [[], [...STAFF, ...ONE]],
  retest: [[], [...STAFF, ...ONE]], unnoticed: [STAFF, STAFF],
  file: [[], [...STAFF, ...ONE]], fileName: [[], [...NAMED, ...ONE]], unfiled: [[], ONE],
  rubric: [[], STAFF], pairReason: [[], STAFF], earlyReason: [[], STAFF], marksReason: [[], STAFF], namedReason: [[], NAMED], rejection: [[], [...STAFF, ...TWO]], appeal: [[], [...STAFF, ...ONE]],
  ownPlan: [[...NAMED, ...ONE], [...NAMED, ...ONE]], stepText: [[...STAFF, ...ONE], [...STAFF, ...ONE]], stepBy: [[...NAMED, ...ONE], [...NAMED, ...ONE]], skipReason: [[...STAFF, ...ONE], [...STAFF, ...ONE]],
  planWithdrawn: [[], [...NAMED, ...ONE]], holder: [[], [...NAMED, ...ONE]], postPhone: [[], [...NAMED, ...ONE]], postTitle: [[...NAMED, ...ONE], [...NAMED, ...ONE]],
  assetName: [[...NAMED, ...ONE], [...NAMED, ...ONE]], vendor: [[], [...NAMED, ...ONE]], retireReason: [[], [...NAMED, ...ONE]],
  kill: [ALL, ALL], hook: [STAFF, STAFF],
};
/** Words that the published part of the journal has: the drill's own rules, and the reasons for what the direction did. */
const PUBLISHED = ["withdrawn", "rules", "cancelReason", "evaluation", "rubric", "kill"];

/** What a judge never learns, by the kinds of events and the paths where it would stand. */
const HIDDEN_FROM_JUDGES = [
  [/red-\d/, /^result\./, /^\/api\/v1\/results/],
  [/dept-\d/, /^(report|inject|truth|judging|plan)\./, /^\/api\/v1\/(reports|injects|inject-answers|truth|judging|attachments|plans)/],
  [/judge-\d|"judge"/, /^judging\./, /^\/api\/v1\/judging/],
  [/WORDauthor|139-0000/, /./, /./],
];

/** The names of the kinds of record events, from the server's own list. */
function recordKinds() {
  const source = readFileSync(join(ROOT, "server/core/event_kind.c"), "utf8");
  const all = [...source.matchAll(/^\s+\[EV_\w+\] = "([a-z_.]+)",$/gm)].map(([, name]) => name);
  const last = all.indexOf("void.dropped");
  assert.ok(last > 0 && all.length > last + 1);
  return all.slice(last + 1);
}

/** Every described GET that is no live line, with each id that the drill has. */
function paths(ids) {
  const systems = ["dept-1-notes", "dept-2-notes"], numbers = Array.from({ length: ids }, (_, i) => i + 1);
  const fill = (path, name, values) => (path.includes(name) ? values.map((v) => path.replace(name, v)) : [path]);
  const queries = { "/api/v1/reports/{id}/difference": ["?from=1&to=2"], "/api/v1/tickets/{id}/notice": ["?lang=en", "?lang=zh", "?kind=reminder"], "/api/v1/plans/{threat}": ["?version=1", "?department=dept-1&version=1"] };
  return Object.keys(api.paths).filter((path) => api.paths[path].get && !api.paths[path].get.responses[101]).flatMap((path) =>
    fill(path, "{id}", path.startsWith("/api/v1/systems/") ? systems : numbers).flatMap((one) => fill(one, "{n}", [1, 2, 3])).flatMap((one) => fill(one, "{threat}", ["ransomware", "defacement"]))
      .flatMap((one) => ["", ...(queries[path] ?? [])].map((query) => one + query)));
}

const unzipped = (body) => execFileSync("python3", ["-c", "import io, sys, zipfile\nz = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\nfor n in z.namelist(): sys.stdout.buffer.write(z.read(n))"], { input: body, maxBuffer: 1 << 26 }).toString();

describe("a whole drill with everybody listening", () => {
  let stage, drill, opened, events, records; // opened: the number of the last event before the lines
  const lines = new Map(), read = new Map(); // read: who -> [path, status, text]

  async function readAll(who, ids) {
    const all = [];
    for (const path of paths(ids)) {
      const answer = await fetch(drill.url + path, { headers: drill.tokens[who] ? { authorization: `Bearer ${drill.tokens[who]}` } : {} });
      const body = Buffer.from(await answer.arrayBuffer());
      all.push([path, answer.status, body.subarray(0, 4).toString("latin1") === "PK\x03\x04" ? unzipped(body) : body.toString()]);
    }
    return all;
  }

  before(async () => {
    stage = await setStage();
    ({ drill } = stage);
    for (const who of ALL) lines.set(who, await drill.live(undefined, { account: who }));
    for (const line of lines.values()) await line.until((l) => l.snapshot);
    opened = Math.max(...[...lines.values()].map((line) => line.snapshot.seq));
    const last = await tellStory(stage);
    for (const line of lines.values()) await line.delta((d) => d.kind === "announcement.made" && d.id === last);
    events = await drill.events();
    for (const line of lines.values()) await line.until((l) => l.deltas.some((d) => d.seq > events.at(-1).seq), "all that had happened and more");
    records = events.filter((e) => recordKinds().includes(e.kind));
    const ids = Math.max(...records.map((e) => Math.max(e.body.id ?? 0, e.body.answer ?? 0)));
    for (const who of ALL) read.set(who, await readAll(who, ids + 1));
  });
  after(() => {
    lines.forEach((line) => line.close());
    return stage?.close();
  });

  test("every kind of record event has its row, and happens", () => {
    const happened = new Set(records.filter((e) => e.seq > opened).map((e) => e.kind));
    assert.deepEqual(Object.keys(TOLD).sort(), recordKinds().sort(), "the table of walk_table.mjs");
    assert.deepEqual(recordKinds().filter((kind) => !happened.has(kind)), [], "these do not happen in walk_story.mjs");
  });

  test("each event is told to exactly those whom the table names", () => {
    const state = nothingYet(), seqs = new Map(ALL.map((who) => [who, new Set(lines.get(who).deltas.map((d) => d.seq))]));
    for (const who of ALL) assert.equal(lines.get(who).frames.filter((f) => f.type === "snapshot").length, 1, `${who} has heard all of it`);
    const wrong = records.flatMap((event) => {
      const told = ALL.filter((who) => seqs.get(who).has(event.seq)).sort(), should = event.seq > opened ? sorted(TOLD[event.kind](event, state)) : [];
      remember(state, event);
      return told.join() === should.join() ? [] : [{ event: `${event.kind} by ${event.actor}: ${JSON.stringify(event.body)}`, told, should }];
    });
    assert.deepEqual(wrong, []);
    const known = new Set(events.map((e) => e.seq));
    for (const who of ALL)
      assert.deepEqual(lines.get(who).deltas.filter((d) => d.seq <= events.at(-1).seq && !known.has(d.seq)), [], "what is told has happened");
  });

  test("whoever comes back is told again what that line was told, and nothing else", async () => {
    const upto = events.at(-1).seq;
    for (const who of ALL) {
      const again = await drill.live(opened, { account: who });
      await again.until((l) => l.snapshot || l.deltas.some((d) => d.seq > upto));
      assert.equal(again.snapshot, undefined, "it is not so long ago");
      const [then, now] = [lines.get(who), again].map((line) => line.deltas.filter((d) => d.seq <= upto));
      assert.deepEqual(now, then, who);
      again.close();
    }
  });

  for (const [name, [hear, get]] of Object.entries(MAY))
    test(`who hears and who reads ${WORD[name]}`, () => {
      const heard = ALL.filter((who) => JSON.stringify(lines.get(who).frames).includes(WORD[name]));
      assert.deepEqual(heard.sort(), sorted(hear), "over the live line");
      const found = ALL.filter((who) => read.get(who).some(([, , text]) => text.includes(WORD[name])));
      const where = ALL.map((who) => [who, read.get(who).filter(([, , text]) => text.includes(WORD[name])).map(([path]) => path)]);
      assert.deepEqual(found.sort(), sorted(get), `with GET: ${JSON.stringify(where)}`);
    });

  test("every word has its row, every role reads something, and some routes refuse each of them", () => {
    assert.deepEqual(Object.keys(MAY).sort(), Object.keys(WORD).sort());
    const words = Object.values(WORD);
    assert.deepEqual(words.filter((word) => words.some((other) => other !== word && other.includes(word))), [], "no word is in another one");
    for (const who of ALL) {
      const codes = read.get(who).map(([, status]) => status);
      assert.ok(codes.includes(200), who);
      assert.ok(codes.every((status) => [200, 400, 401, 403, 404, 409].includes(status)), `${who}: ${sorted(codes)}`);
      assert.equal(codes.includes(401), who === "public", who);
    }
    assert.equal(Object.keys(LINES).length, read.size);
  });

  test("judges learn neither whose report, answer or attack it is, nor who wrote it", () => {
    for (const who of ["judge", "judge-2"])
      for (const [pattern, kinds, where] of HIDDEN_FROM_JUDGES) {
        for (const delta of lines.get(who).deltas.filter((d) => kinds.test(d.kind))) assert.doesNotMatch(JSON.stringify(delta), pattern, who);
        for (const [path, , text] of read.get(who).filter(([path]) => where.test(path))) assert.doesNotMatch(text, pattern, `${who}: ${path}`);
      }
  });

  test("no token, password or flag is told or read; no such text is in the public part of the journal or the log", () => {
    const secrets = [...Object.values(drill.tokens), drill.adminPassword, ...drill.flags().map((f) => f.flag)];
    assert.ok(secrets.every((s) => s.length > 10) && drill.flags().length > 0);
    const all = JSON.stringify([[...lines.values()].map((line) => line.frames), [...read.values()]]);
    assert.deepEqual(secrets.filter((secret) => all.includes(secret)), []);
    const found = (text) => Object.keys(WORD).filter((name) => text.includes(WORD[name]));
    assert.deepEqual(found(JSON.stringify(events)), PUBLISHED);
    assert.deepEqual(found(drill.output), ["kill", "hook"], "why it was stopped and what its program says are for whoever runs it");
  });
});
