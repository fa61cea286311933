// Every route by every role: who is let in, who is refused, and that no route is missing here.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ROOT, startDrill } from "./lib.mjs";

let drill;
before(async () => (drill = await startDrill({ departments: 2 })));
after(() => drill?.close());

describe("every route by every role", () => {
  const ROLES = { public: undefined, blue: "dept-1-blue", red: "red-1", judge: "judge", director: "director", leader: "leader", admin: "admin" };
  const all = Object.keys(ROLES), staff = ["judge", "director", "leader", "admin"];
  // who may, with a request that is refused for another reason when it is let in and would change something
  const TABLE = [
    ["GET", "/api/v1/board", all],
    ["GET", "/api/v1/health", all],
    ["GET", "/api/v1/systems", ["blue", ...staff]],
    ["GET", "/metrics", ["judge", "director", "admin"]],
    ["GET", "/api/v1/session", all.slice(1)],
    ["POST", "/api/v1/session", all, 400],
    ["DELETE", "/api/v1/session", all.slice(1), 409],
    ["GET", "/api/v1/accounts", ["admin"]],
    ["POST", "/api/v1/accounts", ["admin"], 400],
    ["POST", "/api/v1/accounts/{id}/password", ["admin"], 404],
    ["POST", "/api/v1/accounts/{id}/token", ["admin"], 404],
    ["POST", "/api/v1/clock", ["director", "admin"], 400],
    ["GET", "/api/v1/systems/{id}/checks", ["blue", ...staff], 404],
    ["GET", "/api/v1/checks/holds", staff],
    ["POST", "/api/v1/checks/holds", ["director", "admin"], 400],
    ["DELETE", "/api/v1/checks/holds/{id}", ["director", "admin"], 404],
    ["GET", "/api/v1/checks/voids", staff],
    ["POST", "/api/v1/checks/voids", ["judge", "director", "admin"], 400],
    ["GET", "/api/v1/checks/voids/{id}", staff, 404],
    ["POST", "/api/v1/checks/voids/{id}", ["director", "admin"], 404],
    ["GET", "/api/v1/reports", ["blue", ...staff]],
    ["POST", "/api/v1/reports", ["blue"], 400],
    ["GET", "/api/v1/reports/{id}", ["blue", ...staff], 404],
    ["PATCH", "/api/v1/reports/{id}/draft", ["blue"], 404],
    ["DELETE", "/api/v1/reports/{id}/draft", ["blue"], 404],
    ["POST", "/api/v1/reports/{id}/submit", ["blue"], 404],
    ["GET", "/api/v1/reports/{id}/filings/{n}", ["blue", ...staff], 404],
    ["GET", "/api/v1/reports/{id}/difference", ["blue", ...staff], 404],
    ["POST", "/api/v1/reports/{id}/return", ["director", "admin"], 404],
    ["POST", "/api/v1/reports/{id}/appeal", ["blue"], 404],
    ["POST", "/api/v1/reports/{id}/comments", ["blue", "judge", "director", "admin"], 404],
    ["POST", "/api/v1/reports/{id}/duplicate", ["director", "admin"], 404],
    ["POST", "/api/v1/flags", ["red"], 400],
    ["PUT", "/flags", ["red"], 400],
    ["PUT", "/flags/", ["red"], 400],
    ["GET", "/api/v1/announcements", all],
    ["POST", "/api/v1/announcements", ["director", "admin"], 400],
    ["POST", "/api/v1/announcements/{id}/seen", all.slice(1), 404],
    ["DELETE", "/api/v1/announcements/{id}", ["director", "admin"], 404],
    ["GET", "/api/v1/plans", ["blue", ...staff]],
    ["GET", "/api/v1/plans/{threat}", ["blue", ...staff], 404],
    ["PUT", "/api/v1/plans/{threat}", ["blue"], 404],
    ["DELETE", "/api/v1/plans/{threat}", ["blue"], 404],
    ["GET", "/api/v1/reports/{id}/plans", ["blue", ...staff], 404],
    ["POST", "/api/v1/reports/{id}/plans", ["blue"], 404],
    ["POST", "/api/v1/reports/{id}/plans/{threat}/tick", ["blue"], 404],
    ["POST", "/api/v1/reports/{id}/plans/{threat}/skip", ["blue"], 404],
    ["GET", "/api/v1/posts", ["blue", "director", "leader", "admin"]],
    ["POST", "/api/v1/posts", ["blue", "director", "admin"], 400],
    ["GET", "/api/v1/posts/{id}", ["blue", "director", "leader", "admin"], 404],
    ["PUT", "/api/v1/posts/{id}", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/posts/{id}/handover", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/posts/{id}/retire", ["blue", "director", "admin"], 404],
    ["GET", "/api/v1/assets", ["blue", "director", "leader", "admin"]],
    ["POST", "/api/v1/assets", ["blue", "director", "admin"], 400],
    ["GET", "/api/v1/assets/{id}", ["blue", "director", "leader", "admin"], 404],
    ["PUT", "/api/v1/assets/{id}", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/assets/{id}/verify", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/assets/{id}/retire", ["blue", "director", "admin"], 404],
    ["GET", "/api/v1/assets.csv", ["blue", "director", "leader", "admin"]],
    ["GET", "/api/v1/assets.xlsx", ["blue", "director", "leader", "admin"]],
    ["POST", "/api/v1/assets/import", ["blue", "director", "admin"], 400],
    ["GET", "/api/v1/accounts.csv", ["admin"]],
    ["GET", "/api/v1/accounts.xlsx", ["admin"]],
    ["POST", "/api/v1/accounts/import", ["admin"], 400],
    ["GET", "/api/v1/rules", ["red", ...staff], 404],
    ["POST", "/api/v1/rules/accept", ["red"], 404],
    ["GET", "/api/v1/results/kinds", ["red", ...staff]],
    ["GET", "/api/v1/results", all.slice(1)],
    ["POST", "/api/v1/results", ["red"], 400],
    ["GET", "/api/v1/results/{id}", all.slice(1), 404],
    ["PUT", "/api/v1/results/{id}", ["red"], 404],
    ["GET", "/api/v1/tickets", ["blue", ...staff]],
    ["GET", "/api/v1/tickets/summary", ["blue", ...staff]],
    ["GET", "/api/v1/tickets.csv", ["blue", ...staff]],
    ["GET", "/api/v1/tickets.xlsx", ["blue", ...staff]],
    ["POST", "/api/v1/tickets", ["judge", "director", "admin"], 400],
    ["POST", "/api/v1/tickets/import", ["judge", "director", "admin"], 400],
    ["GET", "/api/v1/tickets/{id}", ["blue", ...staff], 404],
    ["GET", "/api/v1/tickets/{id}/notice", ["blue", ...staff], 404],
    ["POST", "/api/v1/tickets/{id}/notify", ["director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/acknowledge", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/start", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/feedback", ["blue", "director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/retest", ["judge", "director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/result", ["judge", "director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/extension", ["blue", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/extension_decision", ["director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/accept_risk", ["leader"], 404],
    ["POST", "/api/v1/tickets/{id}/duplicate", ["director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/false_positive", ["director", "admin"], 404],
    ["POST", "/api/v1/tickets/{id}/reopen", ["director", "admin"], 404],
    ["POST", "/api/v1/results/{id}/review", ["judge"], 404],
    ["POST", "/api/v1/results/{id}/return", ["judge"], 404],
    ["POST", "/api/v1/results/{id}/reject", ["judge"], 404],
    ["POST", "/api/v1/results/{id}/confirm", ["judge"], 404],
    ["POST", "/api/v1/results/{id}/void", ["judge"], 404],
    ["POST", "/api/v1/results/{id}/reopen", ["judge"], 404],
    ["GET", "/api/v1/kill", staff],
    ["POST", "/api/v1/kill", ["director", "admin"], 400],
    ["DELETE", "/api/v1/kill", ["director"], 400],
    ["GET", "/api/v1/injects", ["blue", ...staff]],
    ["GET", "/api/v1/injects/plan", staff],
    ["POST", "/api/v1/injects", ["director", "admin"], 400],
    ["GET", "/api/v1/injects/{id}", ["blue", ...staff], 404],
    ["PUT", "/api/v1/injects/{id}", ["director", "admin"], 404],
    ["POST", "/api/v1/injects/{id}/actions", ["director", "admin"], 404],
    ["POST", "/api/v1/injects/{id}/acknowledgement", ["blue"], 404],
    ["POST", "/api/v1/injects/{id}/answers", ["blue"], 404],
    ["GET", "/api/v1/inject-answers", staff],
    ["GET", "/api/v1/inject-answers/{id}", staff, 404],
    ["POST", "/api/v1/inject-answers/{id}/evaluations", ["judge", "director", "admin"], 404],
    ["POST", "/api/v1/inject-answers/{id}/comments", ["judge", "director", "admin"], 404],
    ["POST", "/api/v1/attachments", ["blue", "red", "judge", "director", "admin"], 400],
    ["GET", "/api/v1/attachments/{id}", all.slice(1), 404],
    ["GET", "/api/v1/attachments/{id}/meta", all.slice(1), 404],
    ["GET", "/api/v1/mails", ["director", "leader", "admin"]],
    ["POST", "/api/v1/mails/{id}/again", ["director", "admin"], 404],
    ["GET", "/api/v1/truth", staff],
    ["GET", "/api/v1/reports/{id}/truth", ["blue", ...staff], 404],
    ["POST", "/api/v1/truth/pairs", ["judge", "director", "admin"], 400],
    ["POST", "/api/v1/truth/concealed", ["judge", "director", "admin"], 400],
    ["GET", "/api/v1/rubric", staff],
    ["GET", "/api/v1/words", all.slice(1)],
    ["GET", "/api/v1/judging", ["blue", ...staff]],
    ["GET", "/api/v1/judging/{id}", ["blue", ...staff], 404],
    ["GET", "/api/v1/judging/drift", ["director", "admin"]],
    ["POST", "/api/v1/judging/release", ["director", "admin"], 400],
    ["POST", "/api/v1/judging/{id}/triage", ["director", "admin"], 404],
    ["POST", "/api/v1/judging/{id}/judges", ["director", "admin"], 404],
    ["POST", "/api/v1/judging/{id}/marks", ["judge"], 404],
    ["POST", "/api/v1/judging/{id}/reject", ["director", "admin"], 404],
    ["POST", "/api/v1/judging/{id}/final", ["director", "admin"], 404],
    ["POST", "/api/v1/judging/{id}/archive", ["director", "admin"], 404],
  ];

  for (const [method, path, may, status = 200] of TABLE)
    test(`${method} ${path} is for ${may.length === all.length ? "everybody" : may.join(", ")}`, async () => {
      for (const role of all) {
        const options = { body: method === "GET" || method === "DELETE" ? undefined : "" };
        const answer = await drill.as(ROLES[role], method, path.replace("{id}", "no-such-account"), options);
        const refused = role === "public" && !path.startsWith("/flags") ? 401 : 403;
        assert.equal(answer.status, may.includes(role) ? status : refused, `${role}: ${answer.text}`);
      }
    });

  test("the table is the whole of what the server has", () => {
    const folder = join(ROOT, "server/api");
    const source = readdirSync(folder).filter((f) => f.endsWith(".c")).map((f) => readFileSync(join(folder, f), "utf8")).join("");
    const routes = [...source.matchAll(/\.method = "(\w+)",\s*\.path = "([^"]+)"/g)].map(([, method, path]) => `${method} ${path}`);
    assert.deepEqual(routes.sort(), TABLE.map(([method, path]) => `${method} ${path}`).sort());
  });
});
