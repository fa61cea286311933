// For each operation that takes a body: who sends its example, and the scene in which that is right. The drill is the
// one that the examples speak of: the morning of 20 June 2027, a library with its portal, a physics department, red-1.
import assert from "node:assert/strict";
import { startDrill, until } from "./lib.mjs";
import { wallClock } from "./later.mjs";

const BEGIN = Date.parse("2027-06-20T10:00:00+08:00"), NOW = Date.parse("2027-06-20T10:30:00+08:00");
const SECTIONS = `  - {id: judge-2, role: judge}
  - {id: judge-3, role: judge}
rules:
  version: "1"
  scope: [library-portal, physics-portal]
  text: {zh: 只测试授权系统。, en: Only what is in scope.}
`;

/** {drill, clock, close}: a drill at ten o'clock that morning, waiting for its start. */
export async function openScene() {
  const clock = wallClock(BEGIN - Date.now());
  try {
    const drill = await startDrill({ departments: ["library", "physics"], system: "portal", reds: [["red-1"], ["red-2"]], ticks: 4 * 3600, env: clock.env, sections: SECTIONS });
    return { drill, clock, close: () => drill.close().then(clock.close) };
  } catch (error) {
    clock.close();
    throw error;
  }
}

/** Starts it, lets the red team accept the rules, and half an hour pass. */
export async function begin({ drill, clock }) {
  await drill.start();
  const { hash } = (await drill.as("red-1", "GET", "/api/v1/rules")).json;
  assert.equal((await drill.as("red-1", "POST", "/api/v1/rules/accept", { body: { rules: hash } })).status, 204);
  clock.set(NOW - Date.now());
  await drill.untilBoard((board) => Date.parse(board.drill.now) >= NOW, "half past ten");
}

/** What scenes are made of; api is the description, whose examples they begin with. */
export function scenesOf(drill, api) {
  const exampleOf = (path, method) => Object.values(api.paths[path][method].requestBody.content)[0].example;
  const act = async (as, method, path, body) => {
    const answer = await drill.as(as, method, path, body === undefined ? {} : { body });
    assert.match(String(answer.status), /^20[0-4]$/, `${as} ${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  const made = (as, path, more) => async () => (await act(as, "POST", path, { ...exampleOf(path, "post"), ...more })).id;
  /** What `first` makes, after these steps: [who, what, body?]. */
  const after = (first, path, ...steps) => async () => {
    const id = await first();
    for (const [as, what, body] of steps) await act(as, "POST", `${path}/${id}/${what}`, body);
    return id;
  };

  const announcement = made("director", "/api/v1/announcements");
  const hold = async () => (await act("director", "POST", "/api/v1/checks/holds", { system: "physics-portal", reason: "r" })).id;
  const checkVoid = async () => {
    await drill.untilTick(4);
    return (await act("judge", "POST", "/api/v1/checks/voids", exampleOf("/api/v1/checks/voids", "post"))).id;
  };

  const RESULTS = "/api/v1/results", result = made("red-1", RESULTS);
  const taken = after(result, RESULTS, ["judge", "review"]), confirmed = after(taken, RESULTS, ["judge", "confirm", {}]);

  const REPORTS = "/api/v1/reports", draft = made("library-blue", REPORTS);
  const filed = made("library-blue", REPORTS, { submit: true });

  const JUDGING = "/api/v1/judging", JUDGES = ["judge", "judge-2", "judge-3"];
  /** A report whose judges are drawn. */
  const drawn = async () => {
    const id = await filed();
    await act("director", "POST", `${JUDGING}/${id}/triage`, exampleOf("/api/v1/judging/{id}/triage", "post"));
    await until(async () => (await act("director", "GET", `${JUDGING}/${id}`)).judges >= 2, "two judges");
    return id;
  };
  const sheetsOf = async (id) => (await act("director", "GET", `${JUDGING}/${id}`)).rounds.at(-1).sheets.map((sheet) => sheet.judge);
  const judged = async () => {
    const id = await drawn();
    for (const judge of await sheetsOf(id)) await act(judge, "POST", `${JUDGING}/${id}/marks`, exampleOf("/api/v1/judging/{id}/marks", "post"));
    return id;
  };
  const released = async () => {
    const id = await judged();
    await act("director", "POST", `${JUDGING}/release`, { report: id });
    return id;
  };
  let one, free; // of the judging at hand: a judge, and one who was not drawn
  const withJudge = async () => {
    const id = await drawn(), sheets = await sheetsOf(id);
    [one] = sheets;
    free = JUDGES.find((judge) => !sheets.includes(judge));
    return id;
  };
  const fact = async () => {
    await confirmed();
    return (await act("director", "GET", "/api/v1/truth")).facts.at(-1).fact;
  };

  const PLAN = "/api/v1/plans/ransomware", adopted = () => act("library-blue", "PUT", PLAN, exampleOf("/api/v1/plans/{threat}", "put"));
  const activated = after(filed, REPORTS, ["library-blue", "plans", { threat: "ransomware" }]);
  const ASSETS = "/api/v1/assets", POSTS = "/api/v1/posts";
  let things = 0; // a name is a department's once
  const asset = async () => (await act("director", "POST", ASSETS, { department: "library", document: { ...exampleOf(ASSETS, "post").document, name: `第 ${++things} 个网站` } })).id;
  const post = async () => (await act("director", "POST", POSTS, { ...exampleOf(POSTS, "post"), title: `第 ${++things} 个岗位` })).id;

  const INJECTS = "/api/v1/injects";
  let plans = 0;
  const plan = async () => made("director", INJECTS, { number: `defacement-${++plans}`, to: ["library"], common: undefined })();
  const doing = (...actions) => actions.map((action) => ["director", "actions", { action }]);
  const planned = (...actions) => after(plan, INJECTS, ...doing(...actions)), delivered = planned("approve", "deliver");
  const acknowledged = after(delivered, INJECTS, ["library-blue", "acknowledgement"]);
  const answered = after(acknowledged, INJECTS, ["library-blue", "answers", exampleOf("/api/v1/injects/{id}/answers", "post")]);
  const answer = async () => {
    await answered();
    return (await act("judge", "GET", "/api/v1/inject-answers")).at(-1).id;
  };
  const marked = async () => {
    const number = await answer();
    await act("judge", "POST", `/api/v1/inject-answers/${number}/evaluations`, exampleOf("/api/v1/inject-answers/{id}/evaluations", "post"));
    return (await act("director", "GET", `/api/v1/inject-answers/${number}`)).inject;
  };
  const forAction = { approve: plan, schedule: planned("approve"), hold: planned("approve", "schedule"), skip: planned("approve", "schedule"), deliver: planned("approve"), cancel: delivered, close: marked };

  const TICKETS = "/api/v1/tickets", ticket = made("judge", TICKETS);
  const noticed = after(ticket, TICKETS, ["director", "notify"]), received = after(noticed, TICKETS, ["library-blue", "acknowledge"]);
  const started = after(received, TICKETS, ["library-blue", "start"]), done = after(started, TICKETS, ["library-blue", "feedback", { text: "t", signer: "s" }]);
  const retesting = after(done, TICKETS, ["judge", "retest"]), closed = after(retesting, TICKETS, ["judge", "result", { method: "manual", result: "fixed", text: "t" }]);
  const asked = after(noticed, TICKETS, ["library-blue", "extension", exampleOf("/api/v1/tickets/{id}/extension", "post")]);

  const tokenOf = async ({ id }) => (drill.tokens[id] = (await act("admin", "POST", `/api/v1/accounts/${id}/token`)).token);
  const killed = () => act("admin", "POST", "/api/v1/kill", { reason: "r" });

  /**
   * METHOD path -> {as, id?, fill?, query?, headers?, then?}. id(name of the example) makes what the path names and returns its
   * number; fill(): members that an example cannot know; then(what was answered) cleans up.
   */
  return {
    "POST /api/v1/session": { as: "public", fill: async () => ({ password: await drill.newPassword("library-blue") }) },
    "POST /api/v1/accounts": { as: "admin", then: tokenOf }, // who is a judge now may be drawn
    "POST /api/v1/announcements": { as: "director" },
    "DELETE /api/v1/announcements/{id}": { as: "director", id: announcement },
    "POST /api/v1/checks/holds": { as: "director", fill: (name) => (name === "challenge" ? { challenge: "notes" } : {}) },
    "DELETE /api/v1/checks/holds/{id}": { as: "director", id: hold },
    "POST /api/v1/checks/voids": { as: "judge", id: () => drill.untilTick(4) },
    "POST /api/v1/checks/voids/{id}": { as: "director", id: checkVoid },
    "POST /api/v1/flags": { as: "red-1" },
    "PUT /flags": { as: "public", headers: { "x-team-token": drill.tokens["red-1"] } },
    "PUT /flags/": { as: "public", headers: { "x-team-token": drill.tokens["red-1"] } },
    "POST /api/v1/rules/accept": { as: "red-2", fill: async () => ({ rules: (await act("red-2", "GET", "/api/v1/rules")).hash }) },

    "POST /api/v1/results": { as: "red-1" },
    "PUT /api/v1/results/{id}": { as: "red-1", id: after(taken, RESULTS, ["judge", "return", { reason: "r" }]) },
    "POST /api/v1/results/{id}/review": { as: "judge", id: result },
    "POST /api/v1/results/{id}/return": { as: "judge", id: taken },
    "POST /api/v1/results/{id}/reject": { as: "judge", id: taken },
    "POST /api/v1/results/{id}/confirm": { as: "judge", id: taken },
    "POST /api/v1/results/{id}/void": { as: "judge", id: taken },
    "POST /api/v1/results/{id}/reopen": { as: "judge", id: confirmed },

    "POST /api/v1/reports": { as: "library-blue" },
    "PATCH /api/v1/reports/{id}/draft": { as: "library-blue", id: draft },
    "POST /api/v1/reports/{id}/submit": { as: "library-blue", id: filed },
    "POST /api/v1/reports/{id}/return": { as: "director", id: filed },
    "POST /api/v1/reports/{id}/comments": { as: "judge", id: filed },
    "POST /api/v1/reports/{id}/duplicate": { as: "director", id: filed, fill: async () => ({ of: await filed() }) },

    "POST /api/v1/reports/{id}/appeal": { as: "library-blue", id: released },
    "POST /api/v1/truth/pairs": { as: "judge", fill: async () => ({ fact: await fact(), report: await filed() }) },
    "POST /api/v1/truth/concealed": { as: "judge", fill: async () => ({ fact: await fact() }) },
    "POST /api/v1/judging/release": { as: "director", id: judged },
    "POST /api/v1/judging/{id}/triage": { as: "director", id: filed },
    "POST /api/v1/judging/{id}/reject": { as: "director", id: drawn },
    "POST /api/v1/judging/{id}/judges": { as: "director", id: withJudge, fill: () => ({ judge: free, instead: one }) },
    "POST /api/v1/judging/{id}/marks": { as: () => one, id: withJudge },
    "PUT /api/v1/plans/{threat}": { as: "library-blue" },
    "DELETE /api/v1/plans/{threat}": { as: "library-blue", id: adopted },
    "POST /api/v1/reports/{id}/plans": { as: "library-blue", id: filed },
    "POST /api/v1/reports/{id}/plans/{threat}/tick": { as: "library-blue", id: activated },
    "POST /api/v1/reports/{id}/plans/{threat}/skip": { as: "library-blue", id: activated },
    "POST /api/v1/assets": { as: "director" },
    "PUT /api/v1/assets/{id}": { as: "library-blue", id: asset },
    "POST /api/v1/assets/{id}/retire": { as: "library-blue", id: asset },
    "POST /api/v1/assets/import": { as: "director" },
    "POST /api/v1/posts": { as: "director" },
    "PUT /api/v1/posts/{id}": { as: "library-blue", id: post },
    "POST /api/v1/posts/{id}/handover": { as: "library-blue", id: post },
    "POST /api/v1/posts/{id}/retire": { as: "library-blue", id: post },
    "POST /api/v1/accounts/import": { as: "admin" },
    "POST /api/v1/attachments": { as: "library-blue", query: "?name=access.log" },

    "POST /api/v1/injects": { as: "director" },
    "PUT /api/v1/injects/{id}": { as: "director", id: plan, fill: () => ({ number: `defacement-${plans}` }) },
    "POST /api/v1/injects/{id}/actions": { as: "director", id: (name) => forAction[name]() },
    "POST /api/v1/injects/{id}/answers": { as: "library-blue", id: acknowledged },
    "POST /api/v1/inject-answers/{id}/evaluations": { as: "judge", id: answer },
    "POST /api/v1/inject-answers/{id}/comments": { as: "judge", id: answer },

    "POST /api/v1/tickets": { as: "judge" },
    "POST /api/v1/tickets/import": { as: "judge" },
    "POST /api/v1/tickets/{id}/notify": { as: "director", id: ticket },
    "POST /api/v1/tickets/{id}/acknowledge": { as: "library-blue", id: noticed },
    "POST /api/v1/tickets/{id}/start": { as: "library-blue", id: received },
    "POST /api/v1/tickets/{id}/feedback": { as: "library-blue", id: started },
    "POST /api/v1/tickets/{id}/retest": { as: "judge", id: done },
    "POST /api/v1/tickets/{id}/result": { as: "judge", id: retesting },
    "POST /api/v1/tickets/{id}/extension": { as: "library-blue", id: noticed },
    "POST /api/v1/tickets/{id}/extension_decision": { as: "director", id: asked },
    "POST /api/v1/tickets/{id}/accept_risk": { as: "leader", id: noticed },
    "POST /api/v1/tickets/{id}/duplicate": { as: "director", id: noticed, fill: async () => ({ of: await ticket() }) },
    "POST /api/v1/tickets/{id}/false_positive": { as: "director", id: noticed },
    "POST /api/v1/tickets/{id}/reopen": { as: "director", id: closed },

    "POST /api/v1/kill": { as: "director", then: () => drill.as("director", "DELETE", "/api/v1/kill", { body: { reason: "r" } }) },
    "DELETE /api/v1/kill": { as: "director", id: killed, then: () => drill.clock("resume") },
  };
}
