// Injects by mail: one to each address of a department that has any, kept over a crash, each sent once, shown without addresses to whom they are not for.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";
import { smtpServer } from "./servers/mail.mjs";

const PATH = "/api/v1/mails", INJECTS = "/api/v1/injects";
const SCENARIO = (port) => `mail: {url: "smtp://127.0.0.1:${port}", tls: none, from: drill@campus.example}
injects:
  - {id: by-mail, title: {zh: 钓鱼邮件, en: Phishing}, from: {zh: 值班室, en: Duty desk}, text: {zh: 有人点了链接。, en: Somebody clicked.}, manual: true, channel: [app, mail], allowed: 30m}
  - {id: mail-alone, title: M, from: F, text: X, manual: true, channel: [mail]}
  - {id: in-app, title: A, from: F, text: X, manual: true}
  - {id: refused, title: R, from: F, text: X, manual: true, channel: [mail], to: [dept-3]}
`;
const MAIL = { "dept-1": "[office@one.example, head@one.example]", "dept-3": "[nobody@three.example]" };

describe("injects by mail", () => {
  let drill, relay;
  before(async () => {
    relay = await smtpServer();
    relay.mode = "hang";
    drill = await startDrill({ departments: 3, departmentMail: MAIL, sections: SCENARIO(relay.port) });
    await drill.start();
  });
  after(async () => {
    await drill.close();
    relay.close();
  });

  const mails = async (as = "director", query = "") => (await drill.as(as, "GET", PATH + query)).json;
  const deliver = (id) => drill.as("director", "POST", `${INJECTS}/${id}/actions`, { body: { action: "deliver" } });
  const metric = async (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec((await drill.as("admin", "GET", "/metrics")).text)?.[1]);

  test("a mail waits for each address of the departments that have some, while the relay hangs", async () => {
    const live = await drill.live(undefined, { account: "leader" });
    const blue = await drill.live(undefined, { account: "dept-1-blue" });
    assert.equal((await deliver(1)).status, 200);
    await until(() => relay.lines.length > 0, "a first attempt");
    assert.deepEqual((await mails()).map((m) => [m.state, m.team, m.to, m.about, m.ref]), [
      ["queued", "dept-1", "office@one.example", "inject", 1], ["queued", "dept-1", "head@one.example", "inject", 1], ["queued", "dept-3", "nobody@three.example", "inject", 1]]);
    assert.match((await mails())[0].subject, /演练.*钓鱼邮件 \/ Phishing/);
    assert.equal(await metric("drilld_mail_queue"), 3);
    await live.delta((d) => d.kind === "mail.queued" && d.team === "dept-3");
    await blue.delta((d) => d.kind === "inject.delivered");
    assert.ok(!JSON.stringify([live.deltas, blue.deltas]).includes("@"));
    assert.ok(!blue.deltas.some((d) => d.kind.startsWith("mail.")));
    live.close();
    blue.close();
  });

  test("who may see what", async () => {
    for (const who of ["judge", "dept-1-blue", "red-1"]) assert.equal((await drill.as(who, "GET", PATH)).status, 403, who);
    assert.equal((await drill.call("GET", PATH)).status, 401);
    assert.ok(!JSON.stringify(await mails("leader")).includes("@"));
    for (const who of ["leader", "judge", "dept-1-blue", "red-1"]) assert.equal((await drill.as(who, "POST", `${PATH}/1/again`)).status, 403, who);
    assert.equal((await drill.as("director", "POST", `${PATH}/1/again`)).status, 409);
    assert.equal((await drill.as("director", "POST", `${PATH}/9/again`)).status, 404);
    assert.equal((await drill.as("director", "GET", `${PATH}?state=lost`)).status, 400);
    assert.deepEqual(await mails("director", "?after=2147483647"), []);
    assert.doesNotMatch(drill.output, /@/);
  });

  test("the queue survives a crash; by a relay that answers each mail is sent once, and what is refused is given up", async () => {
    await drill.kill9();
    relay.mode = "ok";
    await drill.restart();
    await until(async () => (await mails()).every((m) => m.state !== "queued"), () => `the relay: ${drill.output}`);
    assert.deepEqual((await mails()).map((m) => m.state), ["sent", "sent", "failed"]);
    assert.match((await mails("director", "?state=failed"))[0].error, /550/);
    assert.deepEqual(relay.mails.map((m) => m.to[0]).sort(), ["<head@one.example>", "<office@one.example>"]);
    const text = Buffer.from(relay.mails[0].data.split("\n\n").slice(1).join("\n\n"), "base64").toString();
    assert.match(text, /有人点了链接。[^]*Somebody clicked\.[^]*限时 30 分钟/, relay.mails[0].data);
    assert.equal(await metric("drilld_mail_sent_total"), 2);
    assert.equal(await metric("drilld_mail_given_up"), 1);
    assert.equal(await metric("drilld_mail_failed_total"), 1);
    assert.equal((await drill.as("director", "POST", `${PATH}/3/again`)).json.state, "queued");
    await until(async () => (await mails())[2].state === "failed", "refused again");
  });

  test("by mail alone the live line does not tell of it, the list does; in the app alone there is no mail", async () => {
    const blue = await drill.live(undefined, { account: "dept-1-blue" });
    await deliver(2);
    await deliver(3);
    await blue.delta((d) => d.kind === "inject.delivered" && d.id === 3);
    assert.ok(!blue.deltas.some((d) => d.id === 2));
    blue.close();
    assert.deepEqual((await drill.as("dept-1-blue", "GET", INJECTS)).json.map((i) => i.id), [1, 2, 3]);
    await until(async () => (await mails()).filter((m) => m.ref === 2 && m.state === "sent").length === 2, "mails of the second");
    assert.ok(!(await mails()).some((m) => m.ref === 3));
  });

  test("an announcement goes by mail where it is said to, to whom it is for", async () => {
    const before = (await mails()).length;
    const announce = (body) => drill.as("director", "POST", "/api/v1/announcements", { body: { title: "停电 / Power cut", text: "At ten.\r\nFor an hour.", ...body } });
    assert.equal((await announce({})).status, 201);
    assert.equal((await announce({ mail: true, to: ["dept-1", "dept-2", "red-1"], urgent: true })).json.mail, true);
    await until(async () => (await mails()).filter((m) => m.about === "announcement" && m.state === "sent").length === 2, "two mails");
    assert.deepEqual((await mails()).slice(before).map((m) => [m.to, m.ref, m.subject]), ["office", "head"].map((who) => [`${who}@one.example`, 2, "[演练 Drill][紧急 Urgent] 停电 / Power cut"]));
  });

  test("stopping waits for nothing that cannot end; the journal verifies and names no address in public", async () => {
    assert.equal(await drill.stop(), 0);
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
    const queued = (await drill.events()).filter((e) => e.kind.startsWith("mail."));
    assert.ok(queued.length > 8);
    assert.ok(!JSON.stringify(queued).includes("@"));
  });
});
