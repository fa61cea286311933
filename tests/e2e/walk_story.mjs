// One story in which every kind of record event happens (walk.test.mjs holds who heard and read what against the rules).
// Every text that not everybody may have carries a word of its own, so that it is found wherever it turns up.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDrill, until } from "./lib.mjs";
import { wallClock } from "./later.mjs";
import { smtpServer } from "./servers/mail.mjs";

const DAY_MS = 86400_000;

/** The words. */
export const WORD = {
  announcementAll: "WORDannouncementall", announcementBlue: "WORDannouncementblue", announcementRed: "WORDannouncementred", announcementDept: "WORDannouncementdept",
  announcementStaff: "WORDannouncementstaff", withdrawn: "WORDwithdrawn", address: "WORDoffice@one.example", refused: "nobody@two.example",
  rules: "WORDrules", evidence: "WORDevidence", resultReason: "WORDresultreason", voidReason: "WORDvoidreason", weakness: "WORDweakness",
  phone: "139-0000-4711", author: "WORDauthor", draft: "WORDdraft", progressDraft: "WORDprogressdraft", summary: "WORDsummary", commentOpen: "WORDcommentopen",
  commentInternal: "WORDcommentinternal", returnReason: "WORDreturnreason", duplicateReason: "WORDduplicatereason",
  guidance: "WORDguidance", objective: "WORDobjective", expected: "WORDexpected", injectText: "WORDinjecttext", mailAlone: "WORDmailalone", plan: "WORDinjectplan", cancelReason: "WORDcancelreason",
  answer: "WORDanswer", evaluation: "WORDevaluation", injectComment: "WORDinjectcomment",
  ticketTitle: "WORDtickettitle", ticketEvidence: "WORDticketevidence", inCharge: "WORDincharge", feedback: "WORDfeedback", retest: "WORDretest", unnoticed: "WORDunnoticed",
  file: "WORDfilecontent", fileName: "WORDfilename", unfiled: "WORDunfiled", // of attachments
  rubric: "WORDrubric", pairReason: "WORDpairreason", earlyReason: "WORDearlyreason", marksReason: "WORDmarksreason", namedReason: "WORDnamedreason", rejection: "WORDrejection", appeal: "WORDappeal",
  ownPlan: "WORDownplan", stepText: "WORDsteptext", stepBy: "WORDstepby", skipReason: "WORDskipreason", planWithdrawn: "WORDplanwithdrawn",
  holder: "WORDholder", postPhone: "139-0000-4722", postTitle: "WORDposttitle", assetName: "WORDassetname", vendor: "WORDvendor", retireReason: "WORDretirereason",
  kill: "WORDkill", hook: "WORDhook",
};

const SECTIONS = (port, hook) => `mail: {url: "smtp://127.0.0.1:${port}", tls: none, from: drill@campus.example}
kill: {hook: [${hook}], timeout: 20s}
rules:
  version: "1"
  scope: [dept-1-notes, dept-2-notes]
  text: {zh: ${WORD.rules}, en: ${WORD.rules}}
results: {show_blue: after_confirmation}
rubrics:
  - {id: detection, title: Detection, marks: 20, dimension: detection, guidance: ${WORD.rubric}}
injects:
  - id: opening
    title: {zh: 开场, en: Opening}
    from: {zh: 值班室, en: Duty desk}
    text: ${WORD.injectText}
    objective: ${WORD.objective}
    expected: ${WORD.expected}
    manual: true
    channel: [app, mail]
    allowed: 30m
    evaluator: judge
    rubric: [{id: spot, marks: 10, title: Spotted, guidance: ${WORD.guidance}}]
  - {id: mail-alone, title: ${WORD.mailAlone}, from: Duty desk, text: By mail., manual: true, channel: [mail], to: [dept-1]}
  - {id: quick, title: Quick, from: Duty desk, text: At once., manual: true, allowed: 1s, to: [dept-2]}
`;

const ANNOUNCEMENTS = "/api/v1/announcements", RESULTS = "/api/v1/results", REPORTS = "/api/v1/reports", TICKETS = "/api/v1/tickets", INJECTS = "/api/v1/injects", ANSWERS = "/api/v1/inject-answers";

/** The stage: {drill, clock, relay, close}. A second judge is made by the administrator. */
export async function setStage() {
  const dir = mkdtempSync(join(tmpdir(), "drill-walk-")), hook = join(dir, "cut.sh");
  writeFileSync(hook, `#!/bin/sh\necho ${WORD.hook}\n`);
  chmodSync(hook, 0o755);
  const clock = wallClock(), relay = await smtpServer();
  const leave = () => {
    relay.close();
    clock.close();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const drill = await startDrill({
      departments: 2, reds: [["red-1"], ["red-2"]], ticks: 3600, env: clock.env, sections: SECTIONS(relay.port, hook),
      departmentMail: { "dept-1": `["${WORD.address}"]`, "dept-2": `["${WORD.refused}"]` },
    });
    assert.equal((await drill.as("admin", "POST", "/api/v1/accounts", { body: { id: "judge-2", role: "judge" } })).status, 201);
    drill.tokens["judge-2"] = (await drill.as("admin", "POST", "/api/v1/accounts/judge-2/token")).json.token;
    return { drill, clock, close: () => drill.close().then(leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Does this as that account, successfully; what was answered. */
const doer = (drill) => async (as, method, path, body) => {
  const answer = await drill.as(as, method, path, body === undefined ? {} : { body });
  assert.match(String(answer.status), /^20[0-4]$/, `${as} ${method} ${path}: ${answer.text}`);
  return answer.json;
};

async function announcements(act) {
  const make = async (title, more) => (await act("director", "POST", ANNOUNCEMENTS, { title, text: "At ten.", ...more })).id;
  const all = await make(WORD.announcementAll);
  await make(WORD.announcementBlue, { to: ["blue"], mail: true });
  const red = await make(WORD.announcementRed, { to: ["red"] });
  const one = await make(WORD.announcementDept, { to: ["dept-1", "red-2"] });
  const staff = await make(WORD.announcementStaff, { to: ["staff"] });
  for (const [who, id] of [["dept-1-blue", one], ["red-1", red], ["judge", staff], ["dept-2-blue", all]]) await act(who, "POST", `${ANNOUNCEMENTS}/${id}/seen`);
  await act("admin", "DELETE", `${ANNOUNCEMENTS}/${one}`, { reason: WORD.withdrawn });
}

async function attachments(act, drill) {
  const store = async (name, body) => {
    const stored = await drill.as("dept-1-blue", "POST", `/api/v1/attachments?name=${name}`, { body });
    assert.equal(stored.status, 201, stored.text);
    return stored.json.id;
  };
  await store("unfiled.log", WORD.unfiled);
  return store(`${WORD.fileName}.log`, WORD.file);
}

async function rules(act) {
  for (const red of ["red-1", "red-2"]) await act(red, "POST", "/api/v1/rules/accept", { rules: (await act(red, "GET", "/api/v1/rules")).hash });
}

async function results(act) {
  const claim = (system, more) => ({ system, attacked_at: new Date().toISOString(), kind: "server", technique: "T1190", path: [{ text: "a shell" }], evidence: WORD.evidence, weakness: WORD.weakness, ...more });
  const file = async (as, system, more) => (await act(as, "POST", RESULTS, claim(system, more))).id;
  const step = (as, id, name, body) => act(as, "POST", `${RESULTS}/${id}/${name}`, body);
  const first = await file("red-1", "dept-1-notes");
  await step("judge", first, "review");
  await step("judge", first, "return", { reason: WORD.resultReason });
  await act("red-1", "PUT", `${RESULTS}/${first}`, claim("dept-1-notes"));
  await step("judge-2", first, "review");
  await step("judge-2", first, "confirm", {});
  await step("judge-2", first, "reopen", { reason: "misread" });
  await step("judge-2", first, "void", { cause: "destruction", reason: WORD.voidReason });
  const second = await file("red-2", "dept-2-notes", { evidence: "whoami: root", weakness: "weak password" });
  await step("judge", second, "review");
  await step("judge", second, "reject", { reason: "no proof" });
  const third = await file("red-1", "dept-2-notes");
  await step("judge", third, "review");
  await step("judge", third, "confirm", {});
}

const filing = (more) => ({
  submit: true, document: {
    author: WORD.author, phone: `+86 ${WORD.phone}`, class: "0107", detected: new Date().toISOString(), detection: "edr", loss: "serious",
    summary: WORD.summary, systems: ["dept-1-notes"], assets: [{ asset: "portal", state: "suspected" }], ...more,
  },
});

async function reports(act, drill) {
  const attached = await attachments(act, drill);
  const file = async (more) => (await act("dept-1-blue", "POST", REPORTS, filing(more))).id;
  const typed = (await act("dept-1-blue", "POST", REPORTS, { document: { summary: WORD.draft } })).id;
  const dropped = (await act("dept-1-blue", "POST", REPORTS, { document: { summary: "nothing" } })).id;
  await act("dept-1-blue", "DELETE", `${REPORTS}/${dropped}/draft`);
  await act("dept-1-blue", "PATCH", `${REPORTS}/${typed}/draft`, { document: { effect: WORD.draft } });
  const id = await file({ attachments: [attached] }), again = await file();
  await act("judge", "POST", `${REPORTS}/${id}/comments`, { text: WORD.commentOpen });
  await act("judge", "POST", `${REPORTS}/${id}/comments`, { text: WORD.commentInternal, internal: true });
  await act("director", "POST", `${REPORTS}/${id}/return`, { reason: WORD.returnReason });
  await act("dept-1-blue", "POST", `${REPORTS}/${id}/submit`, { document: { effect: "contained" } });
  await act("dept-1-blue", "PATCH", `${REPORTS}/${id}/draft`, { stage: "progress", document: { effect: WORD.progressDraft } });
  await act("director", "POST", `${REPORTS}/${again}/duplicate`, { of: id, reason: WORD.duplicateReason });
}

async function plans(act) {
  const blue = (method, path, body) => act("dept-1-blue", method, path, body), PLAN = "/api/v1/plans/ransomware";
  const step = (id, phase, actions) => ({ id, phase, who: "administrator", within_minutes: 10, actions, text: { en: WORD.stepText } });
  await blue("PUT", PLAN, { id: "ransomware", name: { zh: "预案", en: WORD.ownPlan }, summary: { en: "Ours." }, classes: ["0107"], steps: [step("isolate", "containment", ["isolate"]), step("restore", "recovery", ["restore"])] });
  const { id } = await blue("POST", REPORTS, filing({ summary: "Encrypted." })), draft = await blue("POST", REPORTS, { document: { class: "0107" } });
  for (const report of [id, draft.id]) {
    const path = `${REPORTS}/${report}/plans`;
    await blue("POST", path, { threat: "ransomware" });
    await blue("POST", `${path}/ransomware/tick`, { step: "isolate", who: WORD.stepBy });
    await blue("POST", `${path}/ransomware/skip`, { step: "restore", reason: WORD.skipReason });
  }
  await blue("DELETE", PLAN, { reason: WORD.planWithdrawn });
}

async function inventory(act) {
  const POSTS = "/api/v1/posts", ASSETS = "/api/v1/assets", phone = `+86 ${WORD.postPhone}`;
  const post = (await act("dept-1-blue", "POST", POSTS, { title: WORD.postTitle, holder: WORD.holder, phone })).id;
  const other = (await act("director", "POST", POSTS, { department: "dept-2", title: "Head of labs" })).id;
  await act("dept-1-blue", "PUT", `${POSTS}/${post}`, { title: WORD.postTitle, phone });
  await act("dept-1-blue", "POST", `${POSTS}/${post}/handover`, { holder: "Zhao Liu", phone });
  await act("dept-2-blue", "POST", `${POSTS}/${other}/retire`, { reason: "merged" });
  const document = { name: WORD.assetName, kind: "website", exposure: "internet", level: 3, in_charge: post };
  const asset = (await act("dept-1-blue", "POST", ASSETS, { document })).id;
  await act("admin", "PUT", `${ASSETS}/${asset}`, { version: 1, document: { ...document, vendor: WORD.vendor } });
  await act("dept-1-blue", "POST", `${ASSETS}/${asset}/verify`, {});
  await act("dept-1-blue", "POST", `${ASSETS}/${asset}/retire`, { reason: WORD.retireReason });
}

/** More judges are made only when they are to be drawn, so that it is certain who is. */
async function makeJudge(act, id) {
  await act("admin", "POST", "/api/v1/accounts", { id, role: "judge" });
  return (await act("admin", "POST", `/api/v1/accounts/${id}/token`)).token;
}

async function judging(act, drill) {
  const path = (id, what = "") => `/api/v1/judging/${id}${what}`;
  const mark = (judge, id, more) => act(judge, "POST", path(id, "/marks"), { marks: { detection: 15 }, ...more });
  const drawn = (id, round) => until(async () => {
    const now = await act("director", "GET", path(id));
    return now.round === round && now.judges === 2;
  }, `the judges of report ${id}`);
  const id = (await act("dept-1-blue", "POST", REPORTS, filing({ summary: "The portal is slow." }))).id;
  const other = (await act("dept-2-blue", "POST", REPORTS, filing({ author: "Li Wei", phone: "123456", summary: "Nothing.", systems: ["dept-2-notes"] }))).id;
  for (const report of [id, other]) {
    await act("director", "POST", path(report, "/triage"), { without_final: true, reason: WORD.earlyReason });
    await drawn(report, 1);
  }
  await act("director", "POST", path(other, "/reject"), { reason: WORD.rejection });
  await act("director", "POST", "/api/v1/judging/release", { report: other });
  await mark("judge", id);
  await mark("judge", id, { version: 2, reason: WORD.marksReason });
  await mark("judge-2", id);
  await act("director", "POST", "/api/v1/judging/release", { report: id });
  for (const judge of ["judge-3", "judge-4"]) drill.tokens[judge] = await makeJudge(act, judge);
  await act("dept-1-blue", "POST", `${REPORTS}/${id}/appeal`, { reason: WORD.appeal });
  await drawn(id, 2);
  drill.tokens["judge-5"] = await makeJudge(act, "judge-5");
  await act("director", "POST", path(id, "/judges"), { judge: "judge-5", instead: "judge-3", reason: WORD.namedReason });
  await mark("judge-4", id);
  await mark("judge-5", id);
  await act("director", "POST", "/api/v1/judging/release", { report: id });

  const { flag } = await drill.flag("dept-1-notes", (await drill.board()).drill.tick);
  assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
  const later = (await act("dept-1-blue", "POST", REPORTS, filing({ summary: "Again." }))).id;
  const { fact } = (await act("director", "GET", "/api/v1/truth")).facts.find((f) => f.kind === "flags");
  await act("judge", "POST", "/api/v1/truth/pairs", { fact, report: null, reason: WORD.pairReason });
  await act("judge", "POST", "/api/v1/truth/pairs", { fact, report: later, reason: "after all" });
  await act("director", "POST", "/api/v1/truth/concealed", { fact, concealed: true, reason: "its logs" });
  await act("director", "POST", path(id, "/final"));
  await act("director", "POST", path(id, "/archive"));
}

async function injects(act, drill) {
  const step = (id, action, more) => act("director", "POST", `${INJECTS}/${id}/actions`, { action, ...more });
  const acknowledge = (id, who) => act(who, "POST", `${INJECTS}/${id}/acknowledgement`);
  const mark = (number, more) => act("judge", "POST", `${ANSWERS}/${number}/evaluations`, { marks: { spot: 7 }, of: 1, ...more });
  await step(1, "deliver");
  for (const who of ["dept-1-blue", "dept-2-blue"]) {
    await acknowledge(1, who);
    await act(who, "POST", `${INJECTS}/1/answers`, { text: who === "dept-1-blue" ? WORD.answer : "Nothing here." });
  }
  await mark(1);
  await mark(1, { marks: { spot: 8 }, version: 2, reason: WORD.evaluation });
  await act("judge-2", "POST", `${ANSWERS}/1/comments`, { text: WORD.injectComment });
  await mark(2);
  await step(1, "close");
  await step(2, "deliver");
  await step(3, "deliver");
  await until(async () => (await act("dept-2-blue", "GET", `${INJECTS}/3`)).state === "expired", "the end of the time allowed");

  const plan = (number, more) => ({ number, title: WORD.plan, from: "Duty desk", text: "What now?", manual: true, to: ["dept-1"], ...more });
  const one = (await act("director", "POST", INJECTS, plan("one"))).id, two = (await act("admin", "POST", INJECTS, plan("two", { title: "Two" }))).id;
  await step(one, "approve");
  await step(one, "schedule");
  await step(one, "hold", { reason: "not now" });
  await step(one, "skip", { reason: "no time" });
  await step(two, "approve");
  await step(two, "deliver");
  await step(two, "cancel", { reason: WORD.cancelReason });
  assert.equal((await drill.as("dept-2-blue", "GET", `${INJECTS}/${two}`)).status, 404);
}

async function tickets(act) {
  const date = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const register = async (more) => (await act("judge", "POST", TICKETS, { department: "dept-1", system: "dept-1-notes", title: WORD.ticketTitle, class: "injection", severity: "critical", evidence: WORD.ticketEvidence, in_charge: WORD.inCharge, ...more })).id;
  const step = (as, id, name, body = {}) => act(as, "POST", `${TICKETS}/${id}/${name}`, body);
  const id = await register();
  const { due } = await step("director", id, "notify");
  const later = new Date(Date.parse(due) + 7 * DAY_MS).toISOString().slice(0, 10); // a working day as well
  await step("dept-1-blue", id, "extension", { due: later, text: "the vendor is slow" });
  await step("director", id, "extension_decision", { granted: true, text: "yes" });
  await step("dept-1-blue", id, "acknowledge");
  await step("dept-1-blue", id, "start");
  await step("dept-1-blue", id, "feedback", { text: WORD.feedback, signer: "Head One" });
  await step("judge-2", id, "retest");
  await step("judge-2", id, "result", { method: "manual", result: "fixed", text: WORD.retest });
  await step("director", id, "reopen", { text: "again" });
  await register({ department: "dept-2", system: "dept-2-notes", title: WORD.unnoticed, evidence: "x", in_charge: "" });
  await step("director", await register(), "duplicate", { of: id });
  const wrong = await register();
  await step("director", wrong, "notify");
  await step("director", wrong, "false_positive", { text: "it is none" });
  const risk = await register({ department: "dept-2", system: "dept-2-notes", title: "Old", evidence: "x", in_charge: "" });
  await step("director", risk, "notify");
  await step("leader", risk, "accept_risk", { until: date(3), text: "it will be gone" });
}

async function mails(act) {
  const settled = () => until(async () => {
    const all = await act("director", "GET", "/api/v1/mails");
    return all.every((m) => m.state !== "queued") && all;
  }, "the relay");
  const failed = (await settled()).find((m) => m.state === "failed");
  await act("director", "POST", `/api/v1/mails/${failed.id}/again`);
  await settled();
}

async function kill(act) {
  await act("director", "POST", "/api/v1/kill", { reason: WORD.kill });
  await until(async () => (await act("judge", "GET", "/api/v1/kill")).rounds.at(-1).hook.outcome === "done", "the program's end");
  await act("director", "DELETE", "/api/v1/kill", { reason: "put out" });
  await act("director", "POST", "/api/v1/clock", { action: "resume" });
}

/** Tells it, from the drill's start to an announcement that everybody hears; its number. */
export async function tellStory({ drill, clock }) {
  const act = doer(drill);
  await drill.start();
  await rules(act);
  await announcements(act);
  await results(act);
  await reports(act, drill);
  await judging(act, drill);
  await plans(act);
  await inventory(act);
  await injects(act, drill);
  await tickets(act);
  await mails(act);
  await kill(act);
  clock.set(60 * DAY_MS);
  await until(async () => {
    const kinds = new Set((await drill.events()).map((e) => e.kind));
    return kinds.has("ticket.supervised") && kinds.has("ticket.risk_expired");
  }, "what sixty days bring about");
  return (await act("director", "POST", ANNOUNCEMENTS, { title: "The end", text: "" })).id;
}
