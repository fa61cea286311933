// What was acknowledged is never lost, files too: drilld is killed again and again while attachments come in.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { drillctl, startDrill } from "../e2e/lib.mjs";
import { slowDisk } from "./lib/slow_disk.mjs";

const SENDERS = ["dept-1-blue", "dept-2-blue", "red-1", "director"];
const PATH = "/api/v1/attachments";
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** Text of another content each time, from a few bytes to 2 MiB. */
function someText() {
  const head = randomBytes(16).toString("hex");
  return Buffer.from(head + ".".repeat(Math.floor(2 ** (Math.random() * 21))));
}

/** Sends files until the server is gone; notes each that was acknowledged. */
async function send(drill, who, acknowledged) {
  for (;;) {
    const data = someText();
    let answer;
    try {
      answer = await drill.as(who, "POST", `${PATH}?name=a.log`, { body: data });
    } catch {
      return;
    }
    assert.equal(answer.status, 201, answer.text);
    acknowledged.push({ id: answer.json.id, who, data });
  }
}

async function killAgainAndAgain(t, { kills, burstMs, env = {} }) {
  const drill = await startDrill({ departments: 2, ticks: 1000, env });
  t.after(() => drill.close());
  const acknowledged = [];
  let removed = 0, drafts = 0;

  for (let kill = 0; kill < kills; kill++) {
    const begun = acknowledged.length;
    const sending = SENDERS.flatMap((who) => [send(drill, who, acknowledged), send(drill, who, acknowledged)]);
    await sleep(burstMs / 2 + Math.random() * burstMs);
    await drill.kill9();
    await Promise.all(sending);
    drafts += readdirSync(join(drill.data, "blobs/drafts")).length;
    await drill.restart();
    removed += Number(/(\d+) files that no event names/.exec(drill.output)?.[1] ?? 0);
    for (const { id, who, data } of acknowledged.slice(begun)) {
      const back = await drill.as(who, "GET", `${PATH}/${id}`);
      assert.equal(back.status, 200, `kill ${kill}, attachment ${id}: ${back.text.slice(0, 200)}`);
      assert.ok(back.bytes.equals(data), `kill ${kill}, attachment ${id} is another one`);
    }
  }

  const named = new Set((await drill.events("--kind", "attachment.stored")).map((e) => e.body.sha256));
  for (const { data } of acknowledged) assert.ok(named.has(sha256(data)));
  const blobs = join(drill.data, "blobs");
  for (const shelf of readdirSync(blobs)) for (const name of readdirSync(join(blobs, shelf))) assert.ok(named.has(name), `${name} is nobody's`);
  assert.equal(await drill.stop(), 0, drill.output);
  const verified = await drillctl("verify", drill.data, "--json");
  assert.equal(verified.code, 0, verified.output);
  const { files } = JSON.parse(verified.stdout);
  assert.deepEqual([files.named, files.whole], [named.size, named.size]);
  assert.ok(acknowledged.length > 2 * kills && drafts + removed > 0, `${acknowledged.length} files, ${drafts} cut off, ${removed} swept: too quiet to prove anything`);
  t.diagnostic(`${acknowledged.length} files acknowledged, ${named.size} named, ${drafts} drafts cut off, ${removed} whole ones that no event named`);
}

const RULE = "every acknowledged attachment is there and whole, nothing else is";
test(`15 times kill -9 while files come in: ${RULE}`, { timeout: 120000 }, (t) => killAgainAndAgain(t, { kills: 15, burstMs: 200 }));
test(`6 times kill -9 with a slow disk: ${RULE}`, { timeout: 120000 }, async (t) =>
  killAgainAndAgain(t, { kills: 6, burstMs: 600, env: await slowDisk(t, 3) }));
